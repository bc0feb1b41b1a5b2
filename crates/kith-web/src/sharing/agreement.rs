//! Agreements, and what went to each kind of recipient: for the data protection officer, read by managers too.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::access::Purpose;
use kith_domain::calendar::{day_of, long_date, long_instant};
use kith_domain::catalogue::by_key;
use kith_domain::form::{Fields, Words};
use kith_domain::ids::SharingAgreementId;
use kith_domain::retention::HoldClock;
use kith_domain::sharing::{AgreementFacts, AgreementStanding, RecipientKind, Side, package};
use kith_service::ServiceError;
use kith_service::sharing::{AgreementLine, AgreementView};
use kith_store::Disclosure;
use serde::Deserialize;
use uuid::Uuid;

use super::{HERE, items_of, kinds, kinds_of_papers, officer, recalled, sent_words};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::{FormView, Html, Options, Page, Pages, ReasonPage, Row, Tag, pairs, render, render_with, see_other};

#[derive(Template)]
#[template(path = "sharing/overview.html")]
struct OverviewPage {
    page: Page,
    ended: bool,
    agreements: Vec<Row>,
    sent: Vec<Row>,
    total: usize,
    may_keep: bool,
}

fn agreement_row(signed: &Signed, line: &AgreementLine) -> Row {
    let of = &line.agreement;
    let facts = &of.body.facts;
    let clock = HoldClock::of(of.review_day, signed.app.service.today());
    let counts = matches!(line.standing, AgreementStanding::InForce | AgreementStanding::NotYet);
    let tag = match (line.standing, clock) {
        (AgreementStanding::InForce, HoldClock::Past(_)) => Tag { kind: "overdue", words: clock.words() },
        (AgreementStanding::InForce, _) if clock.presses() => Tag { kind: "due", words: clock.words() },
        (AgreementStanding::Expired, _) => Tag { kind: "overdue", words: line.standing.label().to_owned() },
        (AgreementStanding::Draft, _) => Tag { kind: "draft", words: line.standing.label().to_owned() },
        (standing, _) if counts => Tag { kind: "active", words: standing.label().to_owned() },
        (standing, _) => Tag { kind: "ended", words: standing.label().to_owned() },
    };
    Row {
        to: format!("/sharing/agreements/{}", of.id),
        words: facts.party.clone(),
        below: format!(
            "{}. From {} until {}. To be looked at again by {}",
            of.kind.label(),
            long_date(facts.from),
            long_date(facts.until),
            long_date(day_of(of.review_day))
        ),
        tag,
    }
}

/// What went, without a name: the file's reference, the recipient, the items, the digest.
fn sent_row(of: &Disclosure) -> Row {
    let digest = of.body.digest.get(..12).unwrap_or_default();
    Row {
        to: String::new(),
        words: format!("{}, file {}", of.body.recipient, of.child.reference()),
        below: format!("{}. Digest {digest}…", sent_words(of)),
        tag: recalled(of),
    }
}

/// GET /sharing
pub(crate) async fn overview(signed: Signed, Query(done): Query<Done>) -> Answer {
    let view = officer(&signed).sharing().await?;
    render(&OverviewPage {
        page: Page::new(&signed, "Sharing", HERE).with_done(done.words()),
        ended: false,
        agreements: view.agreements.iter().map(|line| agreement_row(&signed, line)).collect(),
        sent: view.sent.iter().map(sent_row).collect(),
        total: view.total,
        may_keep: view.may_keep,
    })
}

/// GET /sharing/ended: agreements that were ended or replaced.
pub(crate) async fn ended(signed: Signed) -> Answer {
    let all = officer(&signed).ended_agreements().await?;
    render(&OverviewPage {
        page: Page::new(&signed, "Agreements that were ended or replaced", HERE).back(HERE),
        ended: true,
        agreements: all.iter().map(|line| agreement_row(&signed, line)).collect(),
        sent: Vec::new(),
        total: 0,
        may_keep: false,
    })
}

#[derive(Template)]
#[template(path = "sharing/log.html")]
struct LogPage {
    page: Page,
    kinds: Vec<(&'static str, &'static str, bool)>,
    sent: Vec<Row>,
    pages: Pages,
}

/// Which of the log, as the query says it.
#[derive(Deserialize, Default)]
pub(crate) struct OfLog {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    page: String,
}

/// GET /sharing/log
pub(crate) async fn log(signed: Signed, Query(of): Query<OfLog>) -> Answer {
    let kind = RecipientKind::from_code(&of.kind);
    let sent = officer(&signed).sharing_log(kind, of.page.parse().unwrap_or(1).max(1)).await?;
    let mut pages = Pages::of(&sent, "/sharing/log");
    if let Some(kind) = kind {
        pages = pages.with_query(format!("kind={}", kind.code()));
    }
    let options = RecipientKind::ALL.iter().map(|of| (of.code(), of.label(), Some(*of) == kind));
    render(&LogPage {
        page: Page::new(&signed, "What went to whom", HERE).back(HERE),
        kinds: options.collect(),
        sent: sent.rows.iter().map(sent_row).collect(),
        pages,
    })
}

#[derive(Template)]
#[template(path = "sharing/agreement_new.html")]
struct NewPage {
    page: Page,
    id: Uuid,
    of: String,
    form: FormView,
}

impl NewPage {
    fn fields(&self) -> Html {
        let form = &self.form;
        let outside: Vec<RecipientKind> =
            RecipientKind::ALL.iter().copied().filter(|of| !package(*of).inside).collect();
        let mut purposes = Options::new();
        for purpose in [Purpose::ServiceDelivery, Purpose::Assessment, Purpose::OfficialReporting] {
            purposes.push((purpose.code().to_owned(), purpose.label().to_owned()));
        }
        Html::joined(vec![
            form.input("party", "Who is the other party?", "As it is called in the agreement"),
            form.radios("kind", "What are they to the service?", "", kinds()),
            form.checkboxes("purposes", "What may they use it for?", "", purposes),
            form.checkboxes(
                "items",
                "What does it cover?",
                "What is not in the package of such a party is left out when it is kept",
                items_of(&outside),
            ),
            form.checkboxes(
                "papers",
                "Which whole papers does it cover?",
                "Leave empty if they get facts alone. Each paper goes only if what is in it is covered too",
                kinds_of_papers(),
            ),
            form.date("from", "First day", ""),
            form.date("until", "Last day", "At most five years later"),
            form.date("review_on", "By which day is it looked at again?", ""),
            form.input("key", "Their key for encrypted files, if they have one", "It begins with age1"),
            form.input("document", "Where is the signed paper?", "Its reference"),
            form.textarea("terms", "What else was agreed?", "How it is kept there, for how long, who may see it", 4),
        ])
    }
}

fn new_page(signed: &Signed, id: Uuid, of: String, form: FormView) -> Answer {
    let title = if of.is_empty() { "New agreement" } else { "New version of the agreement" };
    let back = if of.is_empty() { HERE.to_owned() } else { format!("/sharing/agreements/{of}") };
    let template =
        NewPage { page: Page::new(signed, title, HERE).back(back).with_error(form.has_problems()), id, of, form };
    render_with(template.form.status(""), &template)
}

/// Of which agreement a version is made, as the query says it.
#[derive(Deserialize, Default)]
pub(crate) struct Of {
    #[serde(default)]
    of: String,
}

/// GET /sharing/agreements/new
pub(crate) async fn new(signed: Signed, Query(from): Query<Of>) -> Answer {
    let desk = officer(&signed);
    desk.may_keep_agreements().await?;
    let Ok(of) = from.of.parse::<SharingAgreementId>() else {
        return new_page(&signed, Uuid::now_v7(), String::new(), FormView::default());
    };
    let fields = desk.sharing_agreement(of).await?.line.agreement.body.facts.fields();
    new_page(&signed, Uuid::now_v7(), of.to_string(), FormView::new(fields))
}

/// POST /sharing/agreements
pub(crate) async fn write(posted: Posted) -> Answer {
    let desk = officer(&posted.signed);
    desk.may_keep_agreements().await?;
    let id: Uuid = posted.fields.get("id").parse().unwrap_or_else(|_| Uuid::now_v7());
    let of = posted.fields.get("of").to_owned();
    let written = match AgreementFacts::read(&posted.fields) {
        Ok(facts) => desk.write_agreement(SharingAgreementId(id), of.parse().ok(), &facts).await,
        Err(problems) => Err(problems.into()),
    };
    match written {
        Ok(()) => see_other(&format!("/sharing/agreements/{id}?done=agreement-written")),
        Err(ServiceError::Invalid(problems)) => {
            new_page(&posted.signed, id, of, FormView::with(posted.fields, problems))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "sharing/agreement.html")]
struct ShowPage {
    page: Page,
    id: SharingAgreementId,
    party: String,
    tag: Tag,
    facts: Vec<(&'static str, String)>,
    versions: Vec<Row>,
    signed: bool,
    may_keep: bool,
    form: FormView,
}

impl ShowPage {
    fn signature(&self) -> Html {
        Html::joined(vec![
            self.form.radios("side", "For whom did they sign?", "", pairs(Side::CHOICES)),
            self.form.input("name", "Who signed?", ""),
            self.form.input("role", "As what?", ""),
            self.form.date("on", "On which day?", ""),
        ])
    }
}

fn show_page(signed: &Signed, view: &AgreementView, form: FormView, done: Option<&'static str>) -> Answer {
    let of = &view.line.agreement;
    let facts = &of.body.facts;
    let who = |id| signed.app.service.name_of(id);
    let labels = facts.items.iter().filter_map(|key| by_key(key));
    let items: Vec<String> =
        labels.map(|item| format!("{}: {}", item.about.label(), kith_domain::form::lower_first(item.label))).collect();
    let papers: Vec<&str> = facts.papers.iter().map(|of| of.label()).collect();
    let papers = if papers.is_empty() { "None".to_owned() } else { papers.join(", ") };
    let purposes: Vec<&str> = facts.purposes.iter().map(|of| of.label()).collect();
    let mut rows = vec![
        ("Where it stands", view.line.standing.label().to_owned()),
        ("What they are to the service", of.kind.label().to_owned()),
        ("What for", purposes.join(", ")),
        ("What it covers", items.join("\n")),
        ("Whole papers it covers", papers),
        ("In force", format!("From {} until {}", long_date(facts.from), long_date(facts.until))),
        ("To be looked at again by", long_date(day_of(of.review_day))),
    ];
    for signature in &of.body.signatures {
        let words = format!(
            "{}, {}, {}. Written down by {}",
            signature.name,
            signature.role,
            long_date(signature.on),
            who(signature.by)
        );
        rows.push((signature.side.label(), words));
    }
    for (label, text) in
        [("Their key", &facts.key), ("The signed paper", &facts.document), ("What else was agreed", &facts.terms)]
    {
        rows.extend(text.clone().map(|text| (label, text)));
    }
    for review in &of.body.reviews {
        rows.push((
            "Looked at again",
            format!("{}. {}, {}", review.why.trim_end_matches('.'), who(review.by), long_instant(review.at_ms)),
        ));
    }
    rows.extend(of.body.ended.as_ref().map(|ended| {
        ("Ended", format!("{}. {}, {}", ended.why.trim_end_matches('.'), who(ended.by), long_instant(ended.at_ms)))
    }));
    rows.push(("Written down by", format!("{}, {}", view.author, long_instant(of.created_ms))));
    rows.push((
        "Whether it is in use",
        if view.used { "Something went under it".to_owned() } else { "Nothing went under it yet".to_owned() },
    ));
    let template = ShowPage {
        page: Page::new(signed, "Information sharing agreement", HERE)
            .back(HERE)
            .with_error(form.has_problems())
            .with_done(done),
        id: of.id,
        party: facts.party.clone(),
        tag: agreement_row(signed, &view.line).tag,
        facts: rows,
        versions: view
            .versions
            .iter()
            .filter(|line| line.agreement.id != of.id)
            .map(|line| agreement_row(signed, line))
            .collect(),
        signed: of.body.is_signed(),
        may_keep: view.may_keep,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /sharing/agreements/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<SharingAgreementId>, Query(done): Query<Done>) -> Answer {
    let view = officer(&signed).sharing_agreement(id).await?;
    show_page(&signed, &view, FormView::default(), done.words())
}

/// POST /sharing/agreements/{id}: a signature.
pub(crate) async fn sign(Path(id): Path<SharingAgreementId>, posted: Posted) -> Answer {
    let desk = officer(&posted.signed);
    let view = desk.sharing_agreement(id).await?;
    match desk.sign_agreement_of_sharing(id, &posted.fields).await {
        Ok(()) => see_other(&format!("/sharing/agreements/{id}?done=agreement-signed")),
        Err(ServiceError::Invalid(problems)) => {
            show_page(&posted.signed, &view, FormView::with(posted.fields, problems), None)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "sharing/agreement_review.html")]
struct ReviewPage {
    page: Page,
    id: SharingAgreementId,
    party: String,
    form: FormView,
}

async fn review_page(signed: &Signed, id: SharingAgreementId, form: FormView) -> Answer {
    let view = officer(signed).sharing_agreement(id).await?;
    let template = ReviewPage {
        page: Page::new(signed, "Is this agreement still right?", HERE)
            .back(format!("/sharing/agreements/{id}"))
            .with_error(form.has_problems()),
        id,
        party: view.line.agreement.body.facts.party.clone(),
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /sharing/agreements/{id}/review
pub(crate) async fn ask_review(signed: Signed, Path(id): Path<SharingAgreementId>) -> Answer {
    review_page(&signed, id, FormView::default()).await
}

/// POST /sharing/agreements/{id}/review
pub(crate) async fn review(Path(id): Path<SharingAgreementId>, posted: Posted) -> Answer {
    officer(&posted.signed).sharing_agreement(id).await?;
    match officer(&posted.signed).review_agreement(id, &posted.fields).await {
        Ok(()) => see_other(&format!("/sharing/agreements/{id}?done=agreement-reviewed")),
        Err(ServiceError::Invalid(problems)) => {
            review_page(&posted.signed, id, FormView::with(posted.fields, problems)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn end_page(signed: &Signed, id: SharingAgreementId, form: FormView) -> ReasonPage {
    ReasonPage {
        page: Page::new(signed, "End this agreement", HERE).back(format!("/sharing/agreements/{id}")),
        form,
        action: format!("/sharing/agreements/{id}/end"),
        text: "From this moment on nothing goes under it. It stays readable, with what went under it.",
        name: "why",
        label: "Why does it end?",
        hint: "",
        button: "End the agreement",
    }
}

/// GET /sharing/agreements/{id}/end
pub(crate) async fn ask_end(signed: Signed, Path(id): Path<SharingAgreementId>) -> Answer {
    officer(&signed).sharing_agreement(id).await?;
    end_page(&signed, id, FormView::new(Fields::default())).answer()
}

/// POST /sharing/agreements/{id}/end
pub(crate) async fn end(Path(id): Path<SharingAgreementId>, posted: Posted) -> Answer {
    officer(&posted.signed).sharing_agreement(id).await?;
    match Words::read(&posted.fields, "why", "Why it ends") {
        Ok(why) => {
            officer(&posted.signed).end_agreement(id, &why).await?;
            see_other(&format!("/sharing/agreements/{id}?done=agreement-ended"))
        }
        Err(problems) => end_page(&posted.signed, id, FormView::with(posted.fields, problems)).answer(),
    }
}
