//! One referral as a task list, and its answers for reading and printing.

use askama::Template;
use axum::extract::{Path, Query};
use jiff::civil::Date;
use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::ids::ReferralId;
use kith_domain::referral::{self as domain, ReferralDraft, ReferralState, Section, SectionState, SiblingDraft};
use kith_domain::retention::RecordCategory;
use kith_service::referral::ReferralView;
use kith_service::{Fact, ReferralPart};
use serde::Deserialize;

use super::answers::{Part, name_of, whole};
use super::tag;
use crate::error::Answer;
use crate::person::Signed;
use crate::report::pdf;
use crate::ui::{FormView, Page, Step, Tag, render, see_other, stages};

#[derive(Template)]
#[template(path = "referral/show.html")]
struct ShowPage {
    page: Page,
    id: ReferralId,
    child: String,
    /// The files of its children, once it is accepted.
    files: Vec<(String, String)>,
    tag: Tag,
    steps: Vec<Step>,
    reason: Option<String>,
    /// How many documents go with it.
    documents: u64,
    tasks: Vec<Task>,
    family: Vec<(String, String, bool)>,
    siblings: Vec<SiblingTasks>,
    /// Where the first child is taken off, if there are others.
    first_off: Option<String>,
    /// Where each child is taken off a referral that was sent, and may still be.
    off: Vec<(String, String)>,
    ready: bool,
    may_edit: bool,
    may_withdraw: bool,
    overdue: bool,
    verify_by: Option<String>,
    /// For how long it is kept, as long as it is not accepted.
    kept: Vec<String>,
}

/// What to fill in for a brother or sister.
struct SiblingTasks {
    name: String,
    tasks: Vec<Task>,
    off: String,
}

struct Task {
    name: &'static str,
    to: String,
    words: &'static str,
    done: bool,
}

/// What has just been done, as the query says it.
#[derive(Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: String,
}

impl Done {
    /// The sentence for it; nothing for a word that is none of ours.
    pub(crate) fn words(&self) -> Option<&'static str> {
        Some(match self.done.as_str() {
            "saved" => "Saved",
            "submitted" => "Your referral has been sent. The coordinator will phone you to verify it",
            "returned" => "The referral has been returned to the social worker",
            "declined" => "The referral has been declined",
            "withdrawn" => "The referral has been withdrawn",
            "accepted" => "The referral has been accepted and the child’s file is open",
            "accepted-all" => "The referral has been accepted and each child’s file is open",
            "child-off" => "The child has been taken off the referral. What was typed about them is kept",
            "call" => "The call has been kept",
            "call-taken" => "The call is yours now. What was answered stays",
            "answered" => "The answer has been kept",
            "corrected" => "Corrected. What stood before is kept beside it",
            "overridden" | "demand-decided" => "Your decision has been kept",
            "handed-over" => "The files have been given. Who takes them is told",
            "covered" => "The colleague covers these files on the days you gave, and is told",
            "refused" => "You do not see that child any more. The coordinators and managers are told",
            "doubted" => "Kept beside the fact. Nothing that was said is lost",
            "taken" => "It is yours now. Read it before you go on",
            "created" => "Created",
            "asked" => "Asked for. It takes effect when a second person agrees: they find it on their home page",
            "agreement-refused" => "You have refused. Whoever asked is told, with your reason",
            "account-moved" => "You have agreed. The person has the new role and area now",
            "password" => "Your password has been changed, and you are signed out everywhere else",
            "authenticator" => "Your authenticator has been changed, and you are signed out everywhere else",
            "device-ended" => "That browser is signed out",
            "booked" => "Booked",
            "confirmed" => "Confirmed",
            "moved" => "Moved",
            "cancelled" => "Cancelled",
            "stood-in" => "The stand-in has the session now",
            "approved" => "Approved",
            "sent" => "Sent for approval",
            "given_back" => "The assessment has been returned to its author",
            "void" => "The assessment is void",
            "ordered" => {
                "The order is on the file. Every risk assessment of the child is void: assess each person again"
            }
            "contact-refused" => "Contact is refused. Give the notices now: the seven days are running",
            "contact-refused-flagged" => {
                "Contact is refused, and booked sessions are marked. Give the notices now: the seven days are running"
            }
            "request-entered" => "Written down. The data protection officer has it, and the clock runs",
            "breach-entered" => "Written down. The data protection officer is told now, and the 72 hours run",
            "affected" => "Kept. The papers for the Commissioner and for the people say so many",
            "notice-given" | "request-step" => "Written down",
            "decided" => "Decided, and done. The letter of the answer says it",
            "used-again" => "It is used again from now on",
            "pack-taken-back" => "Taken back. The addresses and codes there were open nothing any more",
            "hold-set" => "The hold stands from now on",
            "hold-file" => "The file is kept from now on",
            "hold-reviewed" => "Kept. The hold goes on",
            "hold-lifted" => "The hold is lifted. Nothing has been destroyed by it",
            "list-proposed" => "Proposed. Two other people approve: they are told",
            "list-empty" => "No file has come to its end that is not held or on a list already",
            "list-approved-once" => "You have approved. One more person has to",
            "list-approved" => {
                "Approved by two people. The files are being destroyed: load this page again in a moment"
            }
            "list-withdrawn" => "The list is withdrawn. Nothing on it is destroyed",
            "to-archive" => "It goes to the archive first. Whoever had approved the list is asked again",
            "not-to-archive" => "It does not go to an archive. Whoever had approved the list is asked again",
            "archive-received" => "Written down. The file is destroyed now, unless something stands against it",
            "archive-again" => "The bag is made again. You are told when it is ready",
            "archive-stopped" => "Stopped. The file is kept",
            "item-off" => "The file is taken off and kept",
            "consent" | "given" | "pack-decided" => "Kept",
            "consent-withdrawn" => "Withdrawn. Nothing goes from now on that rests on it",
            "consent-withdrawn-duty" => {
                "Withdrawn. What such a recipient gets rests on a duty and goes on: tell them so now"
            }
            "disclosed" => "Kept as what went. Now give it to them",
            "recalled" => "Kept. Tell them at once, and write down what they answer",
            "recall-answered" => "Their answer has been kept",
            "told-wrong" => "Kept. They have been told",
            "demand-entered" => "Sent to the managers of the area. Nothing goes before one of them has decided",
            "register-begun" => "The draft is begun. It says what is in force until you change it",
            "register-out" => "Taken out of the draft",
            "register-proposed" => "Sent to the managers. Nothing changes before one of them has approved it",
            "register-withdrawn" => "Withdrawn. What is in force stays in force",
            "figures-asked" => "Asked for. Whoever decides is told",
            "figures-ended" => "Ended. What was counted is gone",
            "agreement-written" => "Kept. It is in force when both sides have signed",
            "agreement-signed" => "The signature has been kept",
            "agreement-reviewed" => "Kept. The agreement goes on",
            "agreement-ended" => "Ended. Nothing goes under it from now on",
            "refusal-ended" => "Written down. Look at the sessions that are marked",
            "changed" => "Changed. What stood before is kept beside it",
            "changed-flagged" => {
                "Changed. What stood before is kept beside it. Booked sessions are marked to be looked at again"
            }
            "changed-void" => {
                "Changed. What stood before is kept beside it. The risk assessments that it bears on are void: assess again"
            }
            "agreed" => "The plan is agreed",
            "started" => "The plan is active",
            "suspended" => "The plan is suspended",
            "ended" => "Ended",
            "session-ended" => "The session has ended. Finish the record, then sign it",
            "signed" => "Signed and locked",
            "struck-out" => "Struck out. It stays readable, with your reason",
            "concern-raised" => "Your concern has been raised. Who must know has been told",
            "released" => "The record has been released without a signature",
            "leave-given" => "Leave has been given",
            "added" => "Your addendum has been added",
            "document" => "The document has been added",
            "document-kept-from" => "Kept: the document goes to none of them, and to nobody related to them",
            "document-off" => "The document has been taken off",
            "reviewed" => "Your review has been kept",
            "closed" => "Closed",
            _ => return None,
        })
    }
}

/// GET /referrals/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<ReferralId>, Query(done): Query<Done>) -> Answer {
    let view = signed.delivery().referral(id).await?;
    if view.may_decide && matches!(view.referral.state, ReferralState::Submitted | ReferralState::BeingVerified) {
        return see_other(&format!("/referrals/{id}/verification"));
    }
    let today = signed.app.service.today();
    let form = &view.referral.body;
    let state = view.referral.state;
    let tasks: Vec<Task> = Section::ALL
        .iter()
        .map(|section| {
            let (words, done) = state_words(form.section_state(*section, today));
            let to = if *section == Section::Family {
                format!("/referrals/{id}/family/new")
            } else {
                format!("/referrals/{id}/sections/{}", section.code())
            };
            Task { name: section.label(), to, words, done }
        })
        .collect();
    let siblings = form.siblings.iter().map(|sibling| sibling_tasks(id, sibling, form, today));
    let family = form.family.iter().map(|member| {
        let fine = form.problems_of_member(member, today).is_empty();
        (format!("/referrals/{id}/family/{}", member.id), name_of(member), fine)
    });
    let child = form.children_names();
    let files = view.referral.children().into_iter().filter(|_| state == ReferralState::Accepted);
    let files = files.filter_map(|child| {
        Some((form.own_of(child, view.referral.child)?.shown_name(), format!("/children/{child}")))
    });
    let off = view.referral.children().into_iter().filter(|_| view.may_take_off && !view.may_edit);
    let off = off.filter_map(|child| {
        let name = form.own_of(child, view.referral.child)?.shown_name();
        Some((name, format!("/referrals/{id}/children/{child}/remove")))
    });
    let reached = match state {
        ReferralState::Draft | ReferralState::Returned | ReferralState::Withdrawn | ReferralState::Declined => 0,
        ReferralState::Submitted | ReferralState::BeingVerified => 1,
        ReferralState::Accepted => 2,
    };
    let open = !matches!(state, ReferralState::Accepted | ReferralState::Declined | ReferralState::Withdrawn);
    let page = Page::new(&signed, "Referral", "/referrals").back("/referrals").with_done(done.words());
    render(&ShowPage {
        id,
        child: if child.is_empty() { "A child without a name yet".to_owned() } else { child },
        files: files.collect(),
        first_off: (!form.siblings.is_empty())
            .then(|| format!("/referrals/{id}/children/{}/remove", view.referral.child)),
        siblings: siblings.collect(),
        off: off.collect(),
        tag: tag(state),
        steps: stages(reached),
        reason: form.decision_reason.clone(),
        ready: form.check(today).is_ok(),
        documents: view.documents,
        tasks,
        family: family.collect(),
        may_edit: view.may_edit,
        may_withdraw: open && signed.role() == Role::SocialWorker,
        overdue: view.overdue,
        kept: kept_words(state, &view),
        verify_by: view.verify_by_ms.map(|by| calendar::long_date(calendar::in_london(by).date())),
        page,
    })
}

/// How far a part of the form is, and whether it is complete.
fn state_words(state: SectionState) -> (&'static str, bool) {
    match state {
        SectionState::NotStarted => ("Not started", false),
        SectionState::Incomplete => ("Something is missing", false),
        SectionState::Complete => ("Complete", true),
    }
}

/// What to fill in for a brother or sister.
fn sibling_tasks(id: ReferralId, sibling: &SiblingDraft, form: &ReferralDraft, today: Date) -> SiblingTasks {
    let tasks = [
        (Section::Child, "The child"),
        (Section::Placement, "Where the child lives"),
        (Section::Family, "How the family stands to the child"),
    ];
    let tasks = tasks.map(|(section, name)| {
        let part = domain::Part { section, sibling: Some(sibling.id) };
        let (words, done) = state_words(form.part_state(part, today));
        Task { name, to: format!("/referrals/{id}/children/{}", part.code()), words, done }
    });
    SiblingTasks {
        name: sibling.shown_name(),
        tasks: tasks.into_iter().collect(),
        off: format!("/referrals/{id}/children/{}/remove", sibling.id),
    }
}

/// For how long a referral is kept that is not accepted, and by which rule; of several children, each.
fn kept_words(state: ReferralState, view: &ReferralView) -> Vec<String> {
    let several = view.kept.len() > 1;
    let words = |(name, category, until): &(String, RecordCategory, Date)| {
        let (day, whose) =
            (calendar::long_date(*until), if several { format!(" about {name}") } else { String::new() });
        match state {
            ReferralState::Declined | ReferralState::Withdrawn if several => {
                format!("What this referral says{whose} is kept until {day}. {}.", category.label())
            }
            ReferralState::Declined | ReferralState::Withdrawn => {
                format!("This referral is kept until {day}. {}.", category.label())
            }
            ReferralState::Accepted => {
                format!(
                    "{name} was taken off it: what it says about the child is kept until {day}. {}.",
                    category.label()
                )
            }
            _ if several => {
                format!("If nothing comes of this referral{whose}, it is kept until {day}. {}.", category.label())
            }
            _ => format!("If nothing comes of this referral it is kept until {day}. {}.", category.label()),
        }
    };
    view.kept.iter().map(words).collect()
}

#[derive(Template)]
#[template(path = "referral/answers.html")]
struct AnswersPage {
    page: Page,
    id: ReferralId,
    parts: Vec<Part>,
    may_edit: bool,
    tag: Tag,
    referrer: String,
    problems: Vec<(String, String)>,
    /// The number that the social worker gives for themselves.
    number: FormView,
}

/// GET /referrals/{id}/answers: check your answers; also the print-out.
pub(crate) async fn answers(signed: Signed, Path(id): Path<ReferralId>) -> Answer {
    let view = signed.delivery().referral(id).await?;
    let given = view.referral.body.own_number.clone().map(|number| ("own_number", number));
    let number = FormView::new(given.into_iter().collect());
    render(&answers_page(&signed, &view, Vec::new(), number))
}

fn answers_page(
    signed: &Signed,
    view: &ReferralView,
    problems: Vec<(String, String)>,
    number: FormView,
) -> AnswersPage {
    let id = view.referral.id;
    let title = if view.may_edit { "Check the answers" } else { "What the referral says" };
    AnswersPage {
        page: Page::new(signed, title, "/referrals").back(format!("/referrals/{id}")).with_error(!problems.is_empty()),
        id,
        parts: whole(&view.referral.body),
        may_edit: view.may_edit,
        tag: tag(view.referral.state),
        referrer: view.referrer.clone(),
        problems,
        number,
    }
}

/// The answers with what stands against sending them.
pub(crate) fn answers_with(
    signed: &Signed,
    view: &ReferralView,
    problems: Vec<(String, String)>,
    number: FormView,
) -> Answer {
    let page = answers_page(signed, view, problems, number);
    crate::ui::render_with(axum::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// GET /referrals/{id}/referral.pdf
pub(crate) async fn paper(signed: Signed, Path(id): Path<ReferralId>) -> Answer {
    let fact = |(label, value)| Fact { label, value };
    let part = |part: Part| ReferralPart { heading: part.heading, facts: part.rows.into_iter().map(fact).collect() };
    let parts = |view: &ReferralView| whole(&view.referral.body).into_iter().map(part).collect();
    let bytes = signed.delivery().referral_paper(id, parts).await?;
    Ok(pdf(bytes, &format!("referral-{}", id.reference())))
}
