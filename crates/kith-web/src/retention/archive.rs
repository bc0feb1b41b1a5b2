//! A file that goes to an archive before it is destroyed: marked, fetched as a bag, received there.

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;
use kith_domain::calendar::{long_date, long_instant};
use kith_domain::form::Words;
use kith_domain::ids::{ArchiveTransferId, DestructionItemId};
use kith_domain::pack::PartKind;
use kith_domain::retention::{ArchiveBasis, ToArchive, TransferState};
use kith_service::ServiceError;
use kith_service::retention::TransferView;
use kith_store::ArchiveTransfer;

use super::{HERE, desk};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::{Confirmed, Posted};
use crate::referral::list::Done;
use crate::ui::{FormView, Html, Page, ReasonPage, Row, Tag, pairs, render_with, see_other};

#[derive(Template)]
#[template(path = "retention/archive_new.html")]
struct NewPage {
    page: Page,
    id: DestructionItemId,
    reference: String,
    form: FormView,
}

impl NewPage {
    fn basis(&self) -> Html {
        let agreement = self.form.input("agreement", "Which agreement, of which day?", "");
        let law = self.form.input("law", "Which act and section?", "");
        self.form.radios_reveal(
            "basis",
            "On what does it rest?",
            "",
            pairs(ArchiveBasis::CHOICES),
            vec![("agreement", agreement), ("law", law)],
        )
    }

    fn left_out(&self) -> Html {
        let hint = "Leave it empty if everything goes. What stays out is destroyed with the file";
        self.form.checkboxes("left_out", "Does something stay out?", hint, pairs(PartKind::CHOICES))
    }
}

/// The transfer among others.
pub(super) fn row(of: &ArchiveTransfer) -> Row {
    let kind = if of.state == TransferState::Made && of.body.fetched.is_empty() { "due" } else { "active" };
    Row {
        to: format!("/retention/archive/{}", of.id),
        words: format!("File {}", of.child.reference()),
        below: format!("To {}, asked for {}", of.body.asked.archive, long_instant(of.created_ms)),
        tag: Tag { kind, words: of.body.stands(of.state).to_owned() },
    }
}

async fn new_page(signed: &Signed, id: DestructionItemId, form: FormView) -> Answer {
    let (list, reference, _) = desk(signed).item_for_archive(id).await?;
    let template = NewPage {
        page: Page::new(signed, "To the archive first", HERE)
            .back(format!("/retention/lists/{list}"))
            .with_error(form.has_problems()),
        id,
        reference,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /retention/items/{id}/archive
pub(crate) async fn ask_archive(signed: Signed, Path(id): Path<DestructionItemId>) -> Answer {
    new_page(&signed, id, FormView::default()).await
}

/// POST /retention/items/{id}/archive
pub(crate) async fn mark(Path(id): Path<DestructionItemId>, posted: Posted) -> Answer {
    match ToArchive::read(&posted.fields) {
        Ok(asked) => {
            let list = desk(&posted.signed).mark_for_archive(id, &asked).await?;
            see_other(&format!("/retention/lists/{list}?done=to-archive"))
        }
        Err(problems) => new_page(&posted.signed, id, FormView::with(posted.fields, problems)).await,
    }
}

async fn unmark_page(signed: &Signed, id: DestructionItemId, form: FormView) -> Answer {
    let (list, ..) = desk(signed).item_for_archive(id).await?;
    ReasonPage {
        page: Page::new(signed, "Not to the archive", HERE).back(format!("/retention/lists/{list}")),
        form,
        action: format!("/retention/items/{id}/no-archive"),
        text: "The file stays on the list, to be destroyed without going to an archive.",
        name: "why",
        label: "Why does it not go to the archive?",
        hint: "",
        button: "It does not go to the archive",
    }
    .answer()
}

/// GET /retention/items/{id}/no-archive
pub(crate) async fn ask_unmark(signed: Signed, Path(id): Path<DestructionItemId>) -> Answer {
    unmark_page(&signed, id, FormView::default()).await
}

/// POST /retention/items/{id}/no-archive
pub(crate) async fn unmark(Path(id): Path<DestructionItemId>, posted: Posted) -> Answer {
    match Words::read(&posted.fields, "why", "Why it does not go to the archive") {
        Ok(why) => {
            let list = desk(&posted.signed).unmark_for_archive(id, &why).await?;
            see_other(&format!("/retention/lists/{list}?done=not-to-archive"))
        }
        Err(problems) => unmark_page(&posted.signed, id, FormView::with(posted.fields, problems)).await,
    }
}

#[derive(Template)]
#[template(path = "retention/archive.html")]
struct ShowPage {
    page: Page,
    id: ArchiveTransferId,
    reference: String,
    tag: Tag,
    facts: Vec<(&'static str, String)>,
    form: FormView,
    may_fetch: bool,
    may_keep: bool,
    to_answer: bool,
    there: bool,
    making: bool,
    days: i64,
    encrypted: bool,
}

fn facts(signed: &Signed, view: &TransferView) -> Vec<(&'static str, String)> {
    let (of, who) = (&view.transfer, |id| signed.app.service.name_of(id));
    let asked = &of.body.asked;
    let mut facts = vec![
        ("To", asked.archive.clone()),
        ("Asked for by", asked.asked_by.clone()),
        ("On what basis", format!("{}: {}", asked.basis.label(), asked.under)),
        ("Why", asked.why.clone()),
    ];
    if let Some(why) = &asked.left_out_why {
        let kinds: Vec<&str> = asked.left_out.iter().map(|kind| kind.label()).collect();
        facts.push(("What stays out", format!("{}. {why}", kinds.join("; "))));
    }
    facts.extend(asked.key.clone().map(|key| ("Encrypted for their key", key)));
    facts.push(("Written down by", format!("{}, {}", view.author, long_instant(of.created_ms))));
    for made in &of.body.made {
        let until = long_instant(made.until_ms());
        let words =
            format!("{}: {} files, {} bytes. There until {until}", long_instant(made.at_ms), made.files, made.length);
        facts.push(("Bag made", words));
    }
    // Of what went, whoever writes down the receipt has the digest from the archive.
    for went in &of.body.fetched {
        facts.push(("Fetched by", format!("{}, {}", who(went.by), long_instant(went.at_ms))));
    }
    if let Some(receipt) = &of.body.receipt {
        facts.push(("The archive has it", format!("{}, {}", long_date(receipt.on), receipt.said_by)));
        facts.push(("Their reference", receipt.reference.clone()));
        facts.push(("Digest as they read it (SHA-256)", receipt.digest.clone()));
        facts.push(("Written down by", format!("{}, {}", who(receipt.by), long_instant(receipt.at_ms))));
    }
    if let Some(stopped) = &of.body.stopped {
        let by = stopped.by.map_or_else(|| "Kith".to_owned(), who);
        let why = stopped.why.trim_end_matches('.');
        facts.push(("Stopped", format!("{why}. {by}, {}", long_instant(stopped.at_ms))));
    }
    facts
}

fn show_page(signed: &Signed, view: &TransferView, form: FormView, done: Option<&'static str>) -> Answer {
    let of = &view.transfer;
    let kind = if of.state.is_under_way() { "active" } else { "ended" };
    let template = ShowPage {
        page: Page::new(signed, "A file for the archive", HERE)
            .back(format!("/retention/lists/{}", of.list))
            .with_error(form.has_problems())
            .with_done(done),
        id: of.id,
        reference: of.child.reference(),
        tag: Tag { kind, words: of.body.stands(of.state).to_owned() },
        facts: facts(signed, view),
        form,
        may_fetch: view.may_fetch,
        may_keep: view.may_keep,
        to_answer: view.may_keep && of.state == TransferState::Made && !of.body.fetched.is_empty(),
        there: view.is_there,
        making: of.state == TransferState::Making,
        days: of.body.made.last().map_or(0, |made| made.days),
        encrypted: of.body.asked.key.is_some(),
    };
    render_with(template.form.status(""), &template)
}

/// GET /retention/archive/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<ArchiveTransferId>, Query(done): Query<Done>) -> Answer {
    let view = desk(&signed).archive_transfer(id).await?;
    show_page(&signed, &view, FormView::default(), done.words())
}

/// POST /retention/archive/{id}/bag.tar: the bag, piece by piece; the password is asked for again.
pub(crate) async fn bag(Path(id): Path<ArchiveTransferId>, Confirmed(posted): Confirmed) -> Answer {
    let (file, content) = desk(&posted.signed).fetch_bag(id).await?;
    let media = if file.length.is_some() { "application/x-tar" } else { "application/octet-stream" };
    let headers = [
        (header::CONTENT_TYPE, media.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
    ];
    // Of what is encrypted on its way the length is not known before it is at its end.
    let length = file.length.map(|length| [(header::CONTENT_LENGTH, length.to_string())]);
    let pieces = futures_util::StreamExt::map(content, |piece| {
        piece.inspect_err(|error| tracing::error!(%error, "a bag could not be given out to its end"))
    });
    let mut answer = (headers, Body::from_stream(pieces)).into_response();
    for (name, value) in length.into_iter().flatten() {
        answer.headers_mut().extend(HeaderValue::from_str(&value).ok().map(|value| (name, value)));
    }
    Ok(answer)
}

/// POST /retention/archive/{id}/receipt: what the archive answers.
pub(crate) async fn receipt(Path(id): Path<ArchiveTransferId>, posted: Posted) -> Answer {
    let Posted { signed, fields } = posted;
    let desk = desk(&signed);
    let view = desk.archive_transfer(id).await?;
    match desk.archive_has_it(id, &fields).await {
        Ok(()) => see_other(&format!("/retention/archive/{id}?done=archive-received")),
        Err(ServiceError::Invalid(problems)) => show_page(&signed, &view, FormView::with(fields, problems), None),
        Err(error) => Err(error.into()),
    }
}

/// POST /retention/archive/{id}/again
pub(crate) async fn again(Path(id): Path<ArchiveTransferId>, posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    desk.archive_transfer(id).await?;
    desk.make_bag_again(id).await?;
    see_other(&format!("/retention/archive/{id}?done=archive-again"))
}

fn stop_page(signed: &Signed, id: ArchiveTransferId, form: FormView) -> ReasonPage {
    ReasonPage {
        page: Page::new(signed, "Stop it and keep the file", HERE).back(format!("/retention/archive/{id}")),
        form,
        action: format!("/retention/archive/{id}/stop"),
        text: "The file is taken off its list and kept. As long as its date is past it is proposed again with the next list. What the archive has already, ask back from them.",
        name: "why",
        label: "Why is it stopped?",
        hint: "",
        button: "Stop it",
    }
}

/// GET /retention/archive/{id}/stop
pub(crate) async fn ask_stop(signed: Signed, Path(id): Path<ArchiveTransferId>) -> Answer {
    desk(&signed).archive_transfer(id).await?;
    stop_page(&signed, id, FormView::default()).answer()
}

/// POST /retention/archive/{id}/stop
pub(crate) async fn stop(Path(id): Path<ArchiveTransferId>, posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    desk.archive_transfer(id).await?;
    match Words::read(&posted.fields, "why", "Why it is stopped") {
        Ok(why) => {
            desk.stop_archive(id, &why).await?;
            see_other(&format!("/retention/archive/{id}?done=archive-stopped"))
        }
        Err(problems) => stop_page(&posted.signed, id, FormView::with(posted.fields, problems)).answer(),
    }
}
