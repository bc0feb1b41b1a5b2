//! Versions of the register: the list, one with what it says otherwise than the one before, writing one, and the decision.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::access::Purpose;
use kith_domain::calendar::{day_of, long_date, long_instant};
use kith_domain::decision::Decision;
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, RegisterVersionId};
use kith_domain::register::{RegisterProposal, RegisterState, RegisterText};
use kith_domain::words::in_words;
use kith_service::register::{Change, RegisterVersionView};
use kith_service::{Desk, ServiceError};
use kith_store::RegisterVersion;
use uuid::Uuid;

use super::sections::{Against, parts};
use crate::decision;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::{Confirmed, Posted};
use crate::referral::list::Done;
use crate::ui::{FormView, Html, Numbered, Page, Pages, Row, Tag, render, render_with, see_other};

pub(super) const HERE: &str = "/register";
pub(super) const LIST: &str = "/register/versions";

pub(super) fn desk(signed: &Signed) -> Desk {
    signed.desk(Purpose::Accountability)
}

fn tag(state: RegisterState) -> Tag {
    let kind = match state {
        RegisterState::Draft => "draft",
        RegisterState::Proposed | RegisterState::Stopped => "due",
        RegisterState::Approved | RegisterState::InForce => "active",
        RegisterState::Refused | RegisterState::Ended | RegisterState::Withdrawn => "ended",
    };
    Tag { kind, words: state.label().to_owned() }
}

/// Who wrote it; the file wrote the first.
fn written_by(signed: &Signed, of: &RegisterVersion) -> String {
    let names: Vec<String> = of.body.drafted_by.iter().map(|id: &AccountId| signed.app.service.name_of(*id)).collect();
    if names.is_empty() { "The register’s file, at the first start".to_owned() } else { in_words(&names) }
}

/// From when until when it was, or is to be, in force.
fn in_force(of: &RegisterVersion) -> Option<String> {
    let from = of.from_day.map(|day| long_date(day_of(day))).or_else(|| of.body.in_force_ms.map(long_instant))?;
    let until = of.body.ended_ms.filter(|_| of.state == RegisterState::Ended).map(long_instant);
    Some(until.map_or_else(|| format!("From {from}"), |until| format!("From {from} to {until}")))
}

#[derive(Template)]
#[template(path = "register/versions.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
    pages: Pages,
    may_begin: bool,
    new_id: Uuid,
}

/// GET /register/versions
pub(crate) async fn list(signed: Signed, Query(page): Query<Numbered>, Query(done): Query<Done>) -> Answer {
    let desk = desk(&signed);
    let all = desk.register_versions(page.number()).await?;
    let row = |of: &RegisterVersion| Row {
        to: format!("{LIST}/{}", of.id),
        words: format!("Version {}", of.number),
        below: [Some(written_by(&signed, of)), in_force(of)].into_iter().flatten().collect::<Vec<_>>().join(". "),
        tag: tag(of.state),
    };
    render(&ListPage {
        page: Page::new(&signed, "Versions of the register", HERE).back(HERE).with_done(done.words()),
        rows: all.rows.iter().map(row).collect(),
        pages: Pages::of(&all, LIST),
        may_begin: desk.edits_register() && !all.rows.iter().any(|of| of.state.is_open()),
        new_id: Uuid::now_v7(),
    })
}

/// POST /register/versions: begins one with the text of the version `from`, else of the one in force.
pub(crate) async fn begin(posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    desk.may_edit_register().await?;
    let id = RegisterVersionId(posted.fields.get("id").parse().unwrap_or_else(|_| Uuid::now_v7()));
    let text = match posted.fields.get("from").parse::<Uuid>() {
        Ok(from) => desk.register_version(RegisterVersionId(from)).await?.version.body.text,
        Err(_) => posted.signed.app.service.register().text().to_owned(),
    };
    desk.begin_register_version(id, &RegisterText::new(&text)).await?;
    see_other(&format!("{LIST}/{id}?done=register-begun"))
}

#[derive(Template)]
#[template(path = "register/text.html")]
struct TextPage {
    page: Page,
    /// Where it is sent.
    action: String,
    /// The version of the row that was read.
    version: i64,
    form: FormView,
}

impl TextPage {
    fn text(&self) -> Html {
        let hint = "Take it to an editor and put it back, or change it here. Lines that begin with # are remarks";
        self.form.textarea("register", "The register", hint, 30)
    }
}

fn text_page(signed: &Signed, id: RegisterVersionId, version: i64, form: FormView) -> Answer {
    let page = Page::new(signed, "Change the draft", HERE).back(format!("{LIST}/{id}")).with_error(form.has_problems());
    let template = TextPage { page, action: format!("{LIST}/{id}/text"), version, form };
    render_with(template.form.status(""), &template)
}

/// GET /register/versions/{id}/text
pub(crate) async fn text(signed: Signed, Path(id): Path<RegisterVersionId>) -> Answer {
    let desk = desk(&signed);
    desk.may_edit_register().await?;
    let view = desk.register_version(id).await?;
    if !view.may_edit {
        return see_other(&format!("{LIST}/{id}"));
    }
    let form = FormView::new([("register", view.version.body.text)].into_iter().collect());
    text_page(&signed, id, view.version.version, form)
}

/// POST /register/versions/{id}/text
pub(crate) async fn save(Path(id): Path<RegisterVersionId>, posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    desk.may_edit_register().await?;
    let version = posted.fields.get("version").parse().unwrap_or_default();
    let saved = match RegisterText::read(&posted.fields) {
        Ok(text) => desk.save_register_version(id, version, &text).await,
        Err(problems) => Err(problems.into()),
    };
    match saved {
        Ok(()) => see_other(&format!("{LIST}/{id}?done=saved")),
        Err(ServiceError::Invalid(problems)) => {
            // The version that was read goes with it again: what a colleague saved meanwhile is not written over by sending it twice.
            text_page(&posted.signed, id, version, FormView::with(posted.fields, problems))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "register/version.html")]
struct VersionPage {
    page: Page,
    id: RegisterVersionId,
    title: String,
    tag: Tag,
    facts: Vec<(&'static str, String)>,
    before: Option<i64>,
    changes: Vec<Change>,
    against: Vec<Against>,
    stopped: Vec<String>,
    /// What can be changed part by part; nothing of one that this person does not write at.
    parts: Vec<Row>,
    text: String,
    may_edit: bool,
    may_propose: bool,
    may_withdraw: bool,
    may_decide: bool,
    may_begin_from: bool,
    new_id: Uuid,
    form: FormView,
}

impl VersionPage {
    fn proposal(&self) -> Html {
        Html::joined(vec![
            self.form.date("from", "From which day is it to be in force?", "Today at the earliest"),
            self.form.textarea("why", "Why is it needed?", "A manager weighs this. Name nobody", 3),
        ])
    }

    fn decision(&self) -> Html {
        decision::questions(&self.form, "What was weighed. It stays with the version")
    }
}

fn page(signed: &Signed, view: RegisterVersionView, form: FormView, done: Option<&'static str>) -> Answer {
    let of = &view.version;
    let mut facts = vec![("Written by", format!("{}, {}", written_by(signed, of), long_instant(of.created_ms)))];
    if let Some(proposed) = &of.body.proposed {
        let by = signed.app.service.name_of(proposed.by);
        let why = proposed.why.trim_end_matches('.');
        facts.push(("Proposed", format!("{why}. {by}, {}", long_instant(proposed.at_ms))));
    }
    facts.extend(decision::line(signed, of.body.decided.as_ref()));
    facts.extend(in_force(of).map(|words| ("In force", words)));
    let ended = of.body.ended_ms.filter(|_| of.state == RegisterState::Withdrawn);
    facts.extend(ended.map(|at_ms| ("Withdrawn", long_instant(at_ms))));
    let edits = desk(signed).edits_register();
    let template = VersionPage {
        page: Page::new(signed, "Version of the register", HERE)
            .back(LIST)
            .with_error(form.has_problems())
            .with_done(done),
        id: of.id,
        title: format!("Version {}", of.number),
        tag: tag(of.state),
        facts,
        before: view.before,
        may_propose: view.may_edit && view.against.is_empty() && !view.changes.is_empty(),
        against: view.against.iter().map(|against| Against::of(of.id, against, view.may_edit)).collect(),
        parts: if view.may_edit && view.draft().is_some() { parts(&view) } else { Vec::new() },
        stopped: of.body.stopped.clone(),
        text: of.body.text.clone(),
        may_edit: view.may_edit,
        may_withdraw: view.may_withdraw,
        may_decide: view.may_decide,
        may_begin_from: edits && !of.state.is_open() && of.state != RegisterState::InForce,
        new_id: Uuid::now_v7(),
        changes: view.changes,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /register/versions/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<RegisterVersionId>, Query(done): Query<Done>) -> Answer {
    let view = desk(&signed).register_version(id).await?;
    page(&signed, view, FormView::default(), done.words())
}

/// What was done, or the page of the version with what is wrong.
async fn answered(
    signed: &Signed,
    id: RegisterVersionId,
    fields: Fields,
    did: Result<(), ServiceError>,
    done: &str,
) -> Answer {
    match did {
        Ok(()) => see_other(&format!("{LIST}/{id}?done={done}")),
        Err(ServiceError::Invalid(problems)) => {
            let view = desk(signed).register_version(id).await?;
            page(signed, view, FormView::with(fields, problems), None)
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /register/versions/{id}/propose
pub(crate) async fn propose(Path(id): Path<RegisterVersionId>, posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    desk.may_edit_register().await?;
    desk.register_version(id).await?;
    let did = match RegisterProposal::read(&posted.fields, posted.signed.app.service.today()) {
        Ok(proposal) => desk.propose_register_version(id, &proposal).await,
        Err(problems) => Err(problems.into()),
    };
    answered(&posted.signed, id, posted.fields, did, "register-proposed").await
}

/// POST /register/versions/{id}: a decision; the password is asked for again.
pub(crate) async fn decide(Path(id): Path<RegisterVersionId>, Confirmed(posted): Confirmed) -> Answer {
    let desk = desk(&posted.signed);
    desk.register_version(id).await?;
    let did = match Decision::read(&posted.fields) {
        Ok(decision) => desk.decide_register_version(id, decision.approve, &decision.why).await,
        Err(problems) => Err(problems.into()),
    };
    answered(&posted.signed, id, posted.fields, did, "demand-decided").await
}

/// POST /register/versions/{id}/withdraw
pub(crate) async fn withdraw(Path(id): Path<RegisterVersionId>, posted: Posted) -> Answer {
    desk(&posted.signed).withdraw_register_version(id).await?;
    see_other(&format!("{LIST}/{id}?done=register-withdrawn"))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use kith_domain::access::Role;
    use kith_service::testing::PASSWORD;

    use crate::testing::{House, Visitor};

    /// Where a version is that somebody begins.
    async fn begun(officer: &mut Visitor) -> String {
        let list = officer.get("/register/versions").await;
        let begun = officer.submit(&list, "/register/versions", &[]).await;
        begun.leads_to().split('?').next().unwrap_or_default().to_owned()
    }

    /// The line that is changed.
    const FROM: &str = "sign_within_hours = 24";

    #[tokio::test(flavor = "multi_thread")]
    async fn one_writes_another_approves_and_the_notice_says_it() {
        // UK GDPR Art 5(2) and 24: who decided what is promised, and why, can be shown.
        let house = House::open().await;
        let mut officer = house.visitor(Role::DataProtection, "", "officer").await;
        let mut manager = house.visitor(Role::Manager, "north", "manager").await;
        let at = begun(&mut officer).await;
        let written = officer.get(&format!("{at}/text")).await;
        assert_eq!(written.status, StatusCode::OK);
        let (service, send) = (&house.test.service, format!("{at}/text"));
        let standing = service.register().text().to_owned();
        let wrong = standing.replacen(FROM, "sign_within_hours = 0", 1);
        let refused = officer.submit(&written, &send, &[("register", &wrong)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains("sign_within_hours must be between 1 and 336"), "{}", refused.text());
        let text = standing.replacen(FROM, "sign_within_hours = 48", 1);
        let text = text.replacen("\"NHS\", ", "\"NHS\", \"Fostering agencies\", ", 1);
        officer.submit(&refused, &send, &[("register", &text)]).await;
        let draft = officer.get(&at).await;
        for words in ["Version 2", "Draft", "A record is signed within 24 hours 48 hours", "Fostering agencies"] {
            assert!(draft.text().contains(words), "{words}: {}", draft.text());
        }
        assert_eq!(manager.get(&format!("{at}/text")).await.status, StatusCode::FORBIDDEN);
        let today = [("from-day", "24"), ("from-month", "11"), ("from-year", "2026")];
        let unsaid = officer.submit(&draft, &format!("{at}/propose"), &today).await;
        assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
        let proposal = [&today[..], &[("why", "The agencies asked for it")]].concat();
        officer.submit(&unsaid, &format!("{at}/propose"), &proposal).await;
        let page = officer.get(&at).await;
        assert!(
            page.text().contains("Waits for approval") && !page.text().contains("Your decision"),
            "{}",
            page.text()
        );

        let page = manager.get(&at).await;
        let decision = [("decision", "approve"), ("why", "It was agreed with them")];
        let asked = manager.submit(&page, &at, &decision).await;
        assert!(asked.text().contains("password"), "{}", asked.text());
        let decided = manager.submit(&asked, &at, &[("confirm_password", PASSWORD)]).await;
        assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.text());
        assert_eq!(service.register().sign_within_hours(), 48);
        let list = manager.get("/register/versions").await;
        for words in ["Version 2", "In force", "Version 1", "No longer in force", "The register’s file"] {
            assert!(list.text().contains(words), "{words}: {}", list.text());
        }
        let notice = manager.get("/privacy").await;
        assert!(notice.text().contains("Fostering agencies") && notice.text().contains("24 November 2026"));
        let record = manager.get("/register/papers/record-of-processing").await;
        assert!(record.text().contains("Five Arches Hosting"), "{}", record.text());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_colleague_saved_meanwhile_is_not_written_over_by_sending_it_twice() {
        let house = House::open().await;
        let mut one = house.visitor(Role::DataProtection, "", "one").await;
        let mut other = house.visitor(Role::DataProtection, "", "other").await;
        let text = |hours: &str| house.test.service.register().text().replacen(FROM, hours, 1);
        let at = begun(&mut one).await;
        let (mine, theirs) = (one.get(&format!("{at}/text")).await, other.get(&format!("{at}/text")).await);
        let (saved, late) = (text("sign_within_hours = 26"), text("sign_within_hours = 27"));
        let send = format!("{at}/text");
        assert_eq!(other.submit(&theirs, &send, &[("register", &saved)]).await.status, StatusCode::SEE_OTHER);
        let refused = one.submit(&mine, &send, &[("register", &late)]).await;
        assert!(refused.text().contains("A colleague saved this draft while you wrote"), "{}", refused.text());
        let again = one.submit(&refused, &send, &[("register", &late)]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(one.get(&at).await.text().contains("A record is signed within 24 hours 26 hours"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_speaks_against_a_draft_stands_on_its_page_with_the_entry() {
        let house = House::open().await;
        house.test.accepted_child("north").await.expect("a child");
        let mut officer = house.visitor(Role::DataProtection, "", "officer").await;
        let at = begun(&mut officer).await;
        let written = officer.get(&format!("{at}/text")).await;
        let text = house.test.service.register().text().replacen("\"child.constraints\", ", "", 1);
        officer.submit(&written, &format!("{at}/text"), &[("register", &text)]).await;
        let draft = officer.get(&at).await;
        assert!(draft.text().contains("items, child.constraints"), "{}", draft.text());
        assert!(!draft.text().contains("From which day is it to be in force?"));
        let home = officer.get(&at).await;
        officer.submit(&home, &format!("{at}/withdraw"), &[]).await;
        assert!(officer.get(&at).await.text().contains("Withdrawn"));
    }
}
