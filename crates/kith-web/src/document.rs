//! Pages of documents: those of a child's file, an order or a referral; one of them; what is in it.

#[cfg(test)]
mod tests;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use kith_domain::calendar;
use kith_domain::document::{DocumentFacts, DocumentKind, DocumentState};
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{ChildId, DocumentId, OrderId, PersonId, ReferralId};
use kith_service::ServiceError;
use kith_service::document::{DocumentsView, NewDocument, Of};
use kith_store::{Document, Media, StoreError};
use serde::Deserialize;
use uuid::Uuid;

use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::{FormView, Options, Page, ReasonPage, render, render_with, see_other};
use crate::upload::{FILE, Incoming, Uploaded};

/// What is said under the box for a file.
pub(crate) const HINT: &str = "PDF, Word document (.docx), JPEG or PNG, up to 20 MB";
/// Said when no file came with the form.
pub(crate) const CHOOSE: &str = "Choose the file";
/// Said beside the box when something else in the form is wrong.
pub(crate) const CHOOSE_AGAIN: &str = "Choose the file again: browsers do not keep it";

/// A document in a list.
pub(crate) struct DocumentLine {
    pub(crate) to: String,
    pub(crate) words: String,
    pub(crate) said: String,
}

#[derive(Template)]
#[template(path = "document/list.html")]
struct ListPage {
    page: Page,
    names: String,
    documents: Vec<DocumentLine>,
    may_add: bool,
    action: String,
    id: Uuid,
    form: FormView,
    kinds: Options,
    /// Orders and conditions whose paper it may be.
    papers: Options,
    /// Those of which no document here is said to be the paper.
    without_paper: Vec<String>,
}

#[derive(Template)]
#[template(path = "document/show.html")]
struct ShowPage {
    page: Page,
    heading: String,
    content: String,
    facts: Vec<(&'static str, String)>,
    media: Media,
    kept: bool,
    take_off: Option<String>,
    /// The family to choose from, for who may say from whom it is to be kept; empty otherwise.
    family: Options,
    keep_from: String,
    form: FormView,
}

/// Documents as lines of a list.
pub(crate) fn lines(signed: &Signed, documents: &[Document]) -> Vec<DocumentLine> {
    let line = |document: &Document| DocumentLine {
        to: format!("/documents/{}", document.id),
        words: heading(document),
        said: format!(
            "{}, {}. Added by {} on {}",
            document.media().label(),
            size(document.body.length),
            signed.app.service.name_of(document.author),
            calendar::long_instant(document.created_ms)
        ),
    };
    documents.iter().map(line).collect()
}

fn heading(document: &Document) -> String {
    let off = if document.state == DocumentState::TakenOff { " (taken off)" } else { "" };
    format!("{}{off}", document.body.facts.words())
}

/// A length in words.
fn size(bytes: u64) -> String {
    const KIB: u64 = 1024;
    if bytes < KIB * KIB {
        format!("{} KB", bytes.div_ceil(KIB))
    } else {
        format!("{}.{} MB", bytes / (KIB * KIB), bytes % (KIB * KIB) * 10 / (KIB * KIB))
    }
}

/// Where the documents of something are, where it is itself, and the part of the service.
fn places(of: Of) -> (String, String, &'static str) {
    let (own, part) = match of {
        Of::Child(id) => (format!("/children/{id}"), "/children"),
        Of::Order(id) => (format!("/orders/{id}"), "/children"),
        Of::Referral(id) => (format!("/referrals/{id}"), "/referrals"),
    };
    (format!("{own}/documents"), own, part)
}

fn list_page(signed: &Signed, of: Of, view: &DocumentsView, form: FormView, done: Option<&'static str>) -> Answer {
    let (action, back, part) = places(of);
    let status = if form.has_problems() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let id = form.value("document").parse().unwrap_or_else(|_| Uuid::now_v7());
    let kept = view.documents.iter().filter(|document| document.state == DocumentState::Kept);
    let there: Vec<&str> = kept.filter_map(|document| document.body.facts.about.as_deref()).collect();
    let template = ListPage {
        page: Page::new(signed, "Documents", part).back(back).with_error(form.has_problems()).with_done(done),
        names: view.names.clone(),
        documents: lines(signed, &view.documents),
        may_add: view.may_add,
        action,
        id,
        kinds: DocumentKind::CHOICES.iter().map(|(code, label)| ((*code).to_owned(), (*label).to_owned())).collect(),
        papers: view.papers.iter().map(|words| (words.clone(), words.clone())).collect(),
        without_paper: view.papers.iter().filter(|words| !there.contains(&words.as_str())).cloned().collect(),
        form,
    };
    render_with(status, &template)
}

async fn list(signed: Signed, of: Of, done: Done) -> Answer {
    let view = signed.delivery().documents(of).await?;
    let kind = if matches!(of, Of::Order(_)) { DocumentKind::SealedOrder.code() } else { "" };
    let form = FormView::new([("kind", kind)].into_iter().collect());
    list_page(&signed, of, &view, form, done.words())
}

/// GET /children/{child}/documents
pub(crate) async fn of_child(signed: Signed, Path(id): Path<ChildId>, Query(done): Query<Done>) -> Answer {
    list(signed, Of::Child(id), done).await
}

/// GET /orders/{id}/documents
pub(crate) async fn of_order(signed: Signed, Path(id): Path<OrderId>, Query(done): Query<Done>) -> Answer {
    list(signed, Of::Order(id), done).await
}

/// GET /referrals/{id}/documents
pub(crate) async fn of_referral(signed: Signed, Path(id): Path<ReferralId>, Query(done): Query<Done>) -> Answer {
    list(signed, Of::Referral(id), done).await
}

/// POST /children/{child}/documents
pub(crate) async fn add_to_child(Path(id): Path<ChildId>, uploaded: Uploaded) -> Answer {
    add(Of::Child(id), uploaded).await
}

/// POST /orders/{id}/documents
pub(crate) async fn add_to_order(Path(id): Path<OrderId>, uploaded: Uploaded) -> Answer {
    add(Of::Order(id), uploaded).await
}

/// POST /referrals/{id}/documents
pub(crate) async fn add_to_referral(Path(id): Path<ReferralId>, uploaded: Uploaded) -> Answer {
    add(Of::Referral(id), uploaded).await
}

async fn add(of: Of, Uploaded { signed, fields, file }: Uploaded) -> Answer {
    let name = file.as_ref().map(|file| file.name.clone()).unwrap_or_default();
    let read = DocumentFacts::read(&fields, &name);
    let added = match taken_in(&signed, of, &fields, file, read).await {
        Ok(Some(new)) => signed.delivery().add_document(of, &new).await,
        Ok(None) => Err(ServiceError::field(FILE, CHOOSE)),
        Err(error) => Err(error),
    };
    match added {
        Ok(()) => see_other(&format!("{}?done=document", places(of).0)),
        Err(ServiceError::Invalid(problems)) => {
            let view = signed.delivery().documents(of).await?;
            list_page(&signed, of, &view, FormView::with(fields, problems), None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes in the file of a form whose other fields are read, `facts` among them; `None` when none was chosen. When it is not
/// taken the rest of it is read all the same, so that its sender sees why.
pub(crate) async fn taken_in(
    signed: &Signed,
    of: Of,
    fields: &Fields,
    file: Option<Incoming>,
    facts: Result<DocumentFacts, Vec<Problem>>,
) -> Result<Option<NewDocument>, ServiceError> {
    let id = fields.get("document").parse().map_or_else(|_| DocumentId(Uuid::now_v7()), DocumentId);
    match (facts, file) {
        (Ok(_), None) => Ok(None),
        (Err(problems), None) => Err(ServiceError::Invalid(problems)),
        (Err(mut problems), Some(file)) => {
            file.throw_away().await;
            problems.push(Problem::new(FILE, CHOOSE_AGAIN));
            Err(ServiceError::Invalid(problems))
        }
        (Ok(facts), Some(mut file)) => match signed.delivery().take_in(of, file.pieces()).await {
            Ok(taken) => Ok(Some(NewDocument { id, facts, taken })),
            Err(error) => {
                file.throw_away().await;
                Err(error)
            }
        },
    }
}

/// GET /documents/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<DocumentId>, Query(done): Query<Done>) -> Answer {
    let (document, may_take_off) = signed.delivery().document(id).await?;
    let (of, said) = match (document.order, document.referral, document.body.children.first()) {
        (Some(order), ..) => (Of::Order(order), "An order"),
        (None, Some(referral), _) => (Of::Referral(referral), "A referral"),
        (None, None, Some(child)) => (Of::Child(*child), "The child’s file"),
        (None, None, None) => return Err(ServiceError::NotFound.into()),
    };
    let (back, _, part) = places(of);
    let facts = &document.body.facts;
    let mut rows = vec![("What it is", facts.kind.label().to_owned())];
    rows.extend(facts.description.clone().map(|words| ("Description", words)));
    rows.extend(facts.about.clone().map(|words| ("Paper of", words)));
    rows.push(("File", format!("{}, {}", document.media().label(), size(document.body.length))));
    rows.push(("Called", facts.name_with(document.media().code())));
    rows.push(("Belongs to", said.to_owned()));
    let by = signed.app.service.name_of(document.author);
    rows.push(("Added", format!("{} by {by}", calendar::long_instant(document.created_ms))));
    if let Some(off) = &document.body.taken_off {
        let by = signed.app.service.name_of(off.by);
        rows.push(("Taken off", format!("{} by {by}: {}", calendar::long_instant(off.at_ms), off.why)));
    }
    let family = if may_take_off { signed.delivery().document_family(id).await? } else { Vec::new() };
    let kept_from = &document.body.confidential_from;
    if !kept_from.is_empty() {
        let name = |person| family.iter().find(|(of, _)| of == person).map_or("somebody", |(_, name)| name.as_str());
        rows.push(("Confidential from", kept_from.iter().map(name).collect::<Vec<_>>().join(", ")));
    }
    let mut said = Fields::default();
    said.set_all("confidential_from", kept_from.iter().map(ToString::to_string).collect());
    render(&ShowPage {
        family: family.into_iter().map(|(person, name)| (person.to_string(), name)).collect(),
        keep_from: format!("/documents/{id}/kept-from"),
        form: FormView::new(said),
        take_off: may_take_off.then(|| format!("/documents/{id}/take-off")),
        kept: document.state == DocumentState::Kept,
        page: Page::new(&signed, "Document", part).back(back).with_done(done.words()),
        heading: heading(&document),
        content: format!("/documents/{id}/content"),
        facts: rows,
        media: document.media(),
    })
}

/// POST /documents/{id}/kept-from: from whom of the family it is to be kept.
pub(crate) async fn keep_from(Path(id): Path<DocumentId>, posted: Posted) -> Answer {
    let whom: Vec<PersonId> =
        posted.fields.all("confidential_from").iter().filter_map(|person| person.parse().ok()).collect();
    posted.signed.delivery().keep_document_from(id, &whom).await?;
    see_other(&format!("/documents/{id}?done=document-kept-from"))
}

fn take_off_page(signed: &Signed, id: DocumentId, form: FormView) -> ReasonPage {
    ReasonPage {
        page: Page::new(signed, "Take off a document", "/children").back(format!("/documents/{id}")),
        form,
        action: format!("/documents/{id}/take-off"),
        text: "For a document that was added in error. What is in it is gone for good; that it was here, and why it is not, stays.",
        name: "reason",
        label: "Why is it taken off?",
        hint: "",
        button: "Take it off",
    }
}

/// GET /documents/{id}/take-off
pub(crate) async fn ask_take_off(signed: Signed, Path(id): Path<DocumentId>) -> Answer {
    let (_, true) = signed.delivery().document(id).await? else { return Err(ServiceError::NotFound.into()) };
    take_off_page(&signed, id, FormView::default()).answer()
}

/// POST /documents/{id}/take-off
pub(crate) async fn take_off(Path(id): Path<DocumentId>, posted: Posted) -> Answer {
    match posted.signed.delivery().take_off_document(id, posted.fields.get("reason")).await {
        Ok(()) => see_other(&format!("/documents/{id}?done=document-off")),
        Err(ServiceError::Invalid(problems)) => {
            take_off_page(&posted.signed, id, FormView::with(posted.fields, problems)).answer()
        }
        Err(error) => Err(error.into()),
    }
}

/// How what is in a document is asked for.
#[derive(Deserialize)]
pub(crate) struct How {
    #[serde(default)]
    save: String,
}

/// What people bring is shown as if it came from nowhere: it runs nothing, loads nothing and is in no frame.
const POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// GET /documents/{id}/content
pub(crate) async fn content(signed: Signed, Path(id): Path<DocumentId>, Query(how): Query<How>) -> Answer {
    let (document, content) = signed.delivery().document_content(id).await?;
    let media = document.media();
    let name = document.body.facts.name_with(media.code());
    Ok(given_out(media, how.save.is_empty(), document.body.length, &name, content))
}

/// The answer that is a document, piece by piece: shown, if it is asked for and can be, or to be saved under a name.
pub(crate) fn given_out(
    media: Media,
    shown: bool,
    length: u64,
    name: &str,
    content: impl Stream<Item = Result<Bytes, StoreError>> + Send + 'static,
) -> Response {
    let headers: [(HeaderName, String); 4] = [
        (header::CONTENT_TYPE, media.mime().to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, disposition(media.is_shown() && shown, name)),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
    ];
    let pieces = futures_util::StreamExt::map(content, |piece| {
        piece.inspect_err(|error| tracing::error!(%error, "a document could not be given out to its end"))
    });
    (headers, Body::from_stream(pieces)).into_response()
}

/// Whether it is shown, and how it is called (RFC 6266; RFC 8187 for names in any script).
fn disposition(shown: bool, name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_. ()".contains(c) { c } else { '_' }).collect();
    let how = if shown { "inline" } else { "attachment" };
    let mut coded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            coded.push(char::from(byte));
        } else {
            coded.push('%');
            coded.push_str(&hex::encode_upper([byte]));
        }
    }
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{coded}")
}
