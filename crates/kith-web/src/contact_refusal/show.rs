//! One refusal of contact: its clock, who has been told, the notices as papers, what came of it.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::calendar::{self, long_date, weekday_date};
use kith_domain::contact_refusal::{NoticeGiven, Recipient, RefusalState};
use kith_domain::ids::ContactRefusalId;
use kith_service::ServiceError;
use kith_service::contact_refusal::RefusalView;

use super::tag;
use crate::error::Answer;
use crate::file::session_lines;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::report::pdf;
use crate::ui::{FormView, Options, Page, Tag, render_with, see_other};

#[derive(Template)]
#[template(path = "contact_refusal/show.html")]
struct ShowPage {
    page: Page,
    id: ContactRefusalId,
    name: String,
    tag: Tag,
    facts: Vec<(&'static str, String)>,
    /// Whom the law says to tell, not told yet.
    to_be_told: Vec<&'static str>,
    papers: Vec<(String, &'static str)>,
    notices: Vec<(String, String)>,
    sessions: Vec<(String, String, Tag)>,
    running: bool,
    may_change: bool,
    recipients: Options,
    ways: Options,
    form: FormView,
}

fn facts(view: &RefusalView, signed: &Signed) -> Vec<(&'static str, String)> {
    let of = &view.refusal;
    let refused = &of.body.refused;
    let mut rows = vec![
        ("Who is refused contact", view.relative.name()),
        ("First day", weekday_date(refused.began)),
        ("Last day at the latest", weekday_date(refused.last_day())),
        ("Decided by", refused.decided_by.clone()),
        ("Why", refused.reasons.clone()),
        ("Why it could not wait", refused.urgency.clone()),
    ];
    rows.extend(refused.for_the_child.clone().map(|words| ("In words for the child", words)));
    rows.extend(refused.child_not_told.clone().map(|why| ("Why the child is not told in writing", why)));
    rows.push(("Written down by", format!("{}, {}", view.author, calendar::long_instant(of.created_ms))));
    if let Some(end) = &of.body.ended {
        let by = signed.app.service.name_of(end.by);
        let order = end.order.and_then(|id| view.orders.iter().find(|(known, _)| *known == id));
        let what = match (of.state, order) {
            (RefusalState::Resumed, _) => format!("Contact goes on from {}", weekday_date(end.on)),
            (RefusalState::Ordered, Some((_, order))) => format!("An order under section 34(4): {order}"),
            (state, _) => state.label().to_owned(),
        };
        rows.push(("What came of it", format!("{what}. Written down by {by}, {}", calendar::long_instant(end.at_ms))));
        rows.extend(end.note.clone().map(|note| ("Beside it", note)));
    }
    rows
}

fn given(view: &RefusalView, signed: &Signed, given: &NoticeGiven) -> (String, String) {
    let who = match (&given.name, given.to) {
        (Some(name), to) => format!("{name} ({})", kith_domain::form::lower_first(to.label())),
        (None, Recipient::Person) => view.relative.name(),
        (None, _) => view.child.clone(),
    };
    let how = given.how.label().to_lowercase();
    let by = signed.app.service.name_of(given.by);
    let said = format!("{}, {how}. Written down by {by}, {}", long_date(given.on), calendar::long_instant(given.at_ms));
    (who, said)
}

fn page(signed: &Signed, view: &RefusalView, form: FormView, done: Option<&'static str>) -> Answer {
    let of = &view.refusal;
    let id = of.id;
    let paper = |to: Recipient| {
        let words = if to == Recipient::Child { "The notice to the child" } else { "The notice to the person" };
        (format!("/refusals/{id}/notices/{}", to.code()), words)
    };
    let recipients =
        Recipient::ALL.iter().filter(|to| of.body.refused.for_the_child.is_some() || **to != Recipient::Child);
    let options = |codes: Vec<(&'static str, &'static str)>| {
        codes.into_iter().map(|(code, words)| (code.to_owned(), words.to_owned())).collect()
    };
    let mistaken = of.state == RefusalState::Mistaken;
    let template = ShowPage {
        page: Page::new(signed, "Contact refused", "/children")
            .back(format!("/children/{}", of.child))
            .with_error(form.has_problems())
            .with_done(done),
        id,
        name: view.child.clone(),
        tag: tag(of, view.today),
        facts: facts(view, signed),
        to_be_told: if mistaken {
            Vec::new()
        } else {
            of.body.to_be_told().into_iter().map(Recipient::label).collect()
        },
        papers: if mistaken { Vec::new() } else { view.papers().into_iter().map(paper).collect() },
        notices: of.body.notices.iter().map(|notice| given(view, signed, notice)).collect(),
        sessions: session_lines(&view.sessions),
        running: view.is_running(),
        may_change: view.may_change,
        recipients: options(recipients.map(|to| (to.code(), to.label())).collect()),
        ways: crate::ui::ways_given(),
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /refusals/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<ContactRefusalId>, Query(done): Query<Done>) -> Answer {
    let view = signed.delivery().contact_refusal(id).await?;
    page(&signed, &view, FormView::default(), done.words())
}

/// POST /refusals/{id}/notices: a notice that was given.
pub(crate) async fn note_given(Path(id): Path<ContactRefusalId>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    match desk.note_given(id, &posted.fields).await {
        Ok(()) => see_other(&format!("/refusals/{id}?done=notice-given")),
        Err(ServiceError::Invalid(problems)) => {
            let view = desk.contact_refusal(id).await?;
            page(&posted.signed, &view, FormView::with(posted.fields, problems), None)
        }
        Err(error) => Err(error.into()),
    }
}

/// GET /refusals/{id}/notices/{to}: the notice as a PDF file.
pub(crate) async fn notice(signed: Signed, Path((id, to)): Path<(ContactRefusalId, String)>) -> Answer {
    let to = Recipient::from_code(&to).ok_or(ServiceError::NotFound)?;
    let bytes = signed.delivery().refusal_notice(id, to).await?;
    Ok(pdf(bytes, &format!("notice-{}-{}", to.code(), id.reference())))
}
