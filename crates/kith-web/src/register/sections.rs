//! A draft of the register in forms: the parts, the rows of a part, a row changed, put in and taken out.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::access::Purpose;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::RegisterVersionId;
use kith_domain::register::{RegisterField, RegisterKind, RegisterRow, RegisterSection};
use kith_service::ServiceError;
use kith_service::privacy_notice::KEPT_BY;
use kith_service::register::{Change, Contradiction, DraftRow, DraftText, RegisterVersionView, RowAt, seen};

use super::versions::{HERE, LIST, desk};
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::{FormView, Html, Options, Page, Row, Tag, compare, render, render_with, see_other};

/// What speaks against a draft, with the way to where it is put right.
pub(crate) struct Against {
    pub(crate) to: String,
    pub(crate) entry: String,
    pub(crate) why: String,
}

impl Against {
    /// `linked` where this person can put it right.
    pub(crate) fn of(id: RegisterVersionId, of: &Contradiction, linked: bool) -> Self {
        let section = of.section.filter(|_| linked).map(|section| at(id, section));
        let to = section.map(|section| match &of.row {
            Some(row) => format!("{section}/rows/{row}"),
            None => section,
        });
        Self { to: to.unwrap_or_default(), entry: of.entry.clone(), why: of.why.clone() }
    }
}

fn at(id: RegisterVersionId, section: RegisterSection) -> String {
    format!("{LIST}/{id}/sections/{}", section.code())
}

/// "1 change", "3 changes".
fn many(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// The parts of a draft, each with how much of it says something else than what is in force.
pub(crate) fn parts(view: &RegisterVersionView) -> Vec<Row> {
    let row = |section: &RegisterSection| {
        let changed = view.changes.iter().filter(|change| change.section == Some(*section)).count();
        let wrong = view.against.iter().filter(|of| of.section == Some(*section)).count();
        let tag = match (changed, wrong) {
            (0, 0) => Tag { kind: "ended", words: "As in force".to_owned() },
            (changed, 0) => Tag { kind: "active", words: many(changed, "change") },
            (_, wrong) => Tag { kind: "due", words: format!("{} against it", many(wrong, "thing")) },
        };
        Row { to: at(view.version.id, *section), words: section.label().to_owned(), below: String::new(), tag }
    };
    RegisterSection::ALL.iter().map(row).collect()
}

/// A part of a draft that this person may write at.
struct Ground {
    id: RegisterVersionId,
    section: RegisterSection,
    view: RegisterVersionView,
    draft: DraftText,
}

async fn ground(signed: &Signed, id: RegisterVersionId, section: &str) -> Result<Ground, WebError> {
    let desk = desk(signed);
    desk.may_edit_register().await?;
    let section = RegisterSection::from_code(section).ok_or(ServiceError::NotFound)?;
    let view = desk.register_version(id).await?;
    // What is no draft any more is read, and what cannot be read part by part is changed as a whole.
    match view.draft().filter(|_| view.may_edit) {
        Some(draft) => Ok(Ground { id, section, view, draft }),
        None => Err(WebError::Answer(Box::new(see_other(&format!("{LIST}/{id}"))?))),
    }
}

impl Ground {
    fn here(&self) -> String {
        at(self.id, self.section)
    }

    fn row(&self, key: &str) -> Option<DraftRow> {
        self.draft.rows(self.section).into_iter().find(|row| row.key == key)
    }

    fn against(&self) -> Vec<Against> {
        let here = self.view.against.iter().filter(|of| of.section == Some(self.section));
        here.map(|of| Against::of(self.id, of, true)).collect()
    }

    fn changes(&self) -> Vec<&Change> {
        self.view.changes.iter().filter(|change| change.section == Some(self.section)).collect()
    }

    fn tag(&self, key: &str) -> Tag {
        let changes = self.view.changes.iter().filter(|of| of.section == Some(self.section));
        let of_row: Vec<&Change> = changes.filter(|change| change.row.as_deref() == Some(key)).collect();
        let (kind, words) = if of_row.is_empty() {
            ("ended", "As in force")
        } else if of_row.iter().all(|change| change.before.is_none()) {
            ("active", "New")
        } else {
            ("active", "Changed")
        };
        Tag { kind, words: words.to_owned() }
    }
}

#[derive(Template)]
#[template(path = "register/section.html")]
struct SectionPage<'a> {
    page: Page,
    section: RegisterSection,
    against: Vec<Against>,
    /// One of its rows, such as "an area"; empty where none is put in.
    one: &'static str,
    none: &'static str,
    here: String,
    groups: Vec<(&'static str, Vec<Row>)>,
    before: i64,
    changes: Vec<&'a Change>,
}

/// GET /register/versions/{id}/sections/{section}
pub(crate) async fn show(
    signed: Signed,
    Path((id, section)): Path<(RegisterVersionId, String)>,
    Query(done): Query<Done>,
) -> Answer {
    let ground = ground(&signed, id, &section).await?;
    let list = ground.section.list();
    // Kith knows a few purposes: of those that are there already none is put in.
    let none_left = ground.section == RegisterSection::Purposes && ground.draft.purposes().len() == Purpose::ALL.len();
    if list.is_none() && ground.section != RegisterSection::Items {
        return form(&signed, &ground, None, &Typed::default());
    }
    let mut groups: Vec<(&'static str, Vec<Row>)> = Vec::new();
    for row in ground.draft.rows(ground.section) {
        let line = Row {
            to: format!("{}/rows/{}", ground.here(), row.key),
            tag: ground.tag(&row.key),
            words: row.title,
            below: row.words,
        };
        match groups.iter_mut().find(|(title, _)| *title == row.group) {
            Some((_, rows)) => rows.push(line),
            None => groups.push((row.group, vec![line])),
        }
    }
    render(&SectionPage {
        page: Page::new(&signed, "A part of the register", HERE).back(format!("{LIST}/{id}")).with_done(done.words()),
        section: ground.section,
        against: ground.against(),
        one: list.as_ref().filter(|_| !none_left).map_or("", |list| list.one),
        none: list.as_ref().map_or("", |list| list.none),
        here: ground.here(),
        groups,
        before: ground.view.before.unwrap_or_default(),
        changes: ground.changes(),
    })
}

#[derive(Template)]
#[template(path = "register/row.html")]
struct RowPage {
    page: Page,
    title: String,
    /// The part that the row is of; empty of a part that is one form.
    part: &'static str,
    against: Vec<Against>,
    conflict: Html,
    action: String,
    seen: String,
    fields: Html,
    /// Where it is taken out; empty where it is not.
    take_out: String,
    form: FormView,
}

/// What came back from a form that could not be kept.
#[derive(Default)]
struct Typed {
    fields: Option<Fields>,
    problems: Vec<Problem>,
    theirs: Option<Fields>,
}

/// The form of a part, of a row, or of one that is put in (`row` is empty then).
fn form(signed: &Signed, ground: &Ground, row: Option<&str>, typed: &Typed) -> Answer {
    let list = ground.section.list();
    let key = row.filter(|row| !row.is_empty());
    let there = key.and_then(|key| ground.row(key));
    let shown = ground.draft.shown(ground.section, key);
    if key.is_some() && there.is_none() && typed.fields.is_none() {
        return Err(ServiceError::NotFound.into());
    }
    // What was seen goes with the form again, unless what stands there now is shown beside: then that was seen.
    let stands = shown.unwrap_or_default();
    let sent = typed.fields.as_ref().filter(|_| typed.theirs.is_none()).map(|fields| fields.get("seen").to_owned());
    let mark = sent.unwrap_or_else(|| seen(typed.theirs.as_ref().unwrap_or(&stands)));
    let view = FormView::with(typed.fields.clone().unwrap_or(stands), typed.problems.clone());
    let keeps = list.as_ref().filter(|list| there.is_some() && list.keeps_name).map(|list| list.named_by);
    let asked = ground.section.fields().iter().filter(|field| Some(field.name) != keeps);
    let title = match (&there, &list) {
        (Some(there), _) => there.title.clone(),
        (None, Some(list)) if row.is_some() => format!("Put in {}", list.one),
        _ => ground.section.label().to_owned(),
    };
    let action = match row {
        None => ground.here(),
        Some("") => format!("{}/new", ground.here()),
        Some(key) => format!("{}/rows/{key}", ground.here()),
    };
    let conflict = typed.theirs.as_ref().map(|theirs| {
        let mine = typed.fields.clone().unwrap_or_default();
        compare(&mine, theirs, |fields| readable(ground.section, fields))
    });
    let back = if row.is_some() { ground.here() } else { format!("{LIST}/{}", ground.id) };
    let template = RowPage {
        page: Page::new(signed, "A part of the register", HERE).back(back).with_error(view.has_problems()),
        title,
        part: if row.is_some() { ground.section.label() } else { "" },
        against: ground.against(),
        seen: mark,
        fields: Html::joined(asked.map(|field| asks(ground, key, field, &view)).collect()),
        take_out: match (&there, &list, key) {
            (Some(_), Some(_), Some(key)) => format!("{}/rows/{key}/remove", ground.here()),
            _ => String::new(),
        },
        action,
        conflict: conflict.unwrap_or_default(),
        form: view,
    };
    let status = if typed.theirs.is_some() { StatusCode::CONFLICT } else { template.form.status("") };
    render_with(status, &template)
}

/// A field as a form asks it.
fn asks(ground: &Ground, key: Option<&str>, field: &RegisterField, form: &FormView) -> Html {
    let (name, label, hint) = (field.in_form(), field.label, field.hint);
    match field.kind {
        RegisterKind::Line => form.input(name, label, hint),
        RegisterKind::Text => form.textarea(name, label, hint, 3),
        RegisterKind::Lines => form.textarea(name, label, hint, 6),
        RegisterKind::Email => form.email(name, label, hint),
        RegisterKind::Code | RegisterKind::Figure { .. } => form.short(name, label, hint),
        RegisterKind::Hours => form.short(name, label, "Such as 09:00-19:00, or shut"),
        RegisterKind::Day => form.date(name, label, hint),
        RegisterKind::Purpose => {
            let there = ground.draft.purposes();
            let missing = Purpose::ALL.iter().filter(|purpose| there.iter().all(|(known, _)| known != *purpose));
            let options = missing.map(|purpose| (purpose.code().to_owned(), purpose.label().to_owned()));
            form.radios(name, label, hint, options.collect())
        }
        RegisterKind::Purposes => {
            let item = key.and_then(kith_domain::catalogue::by_key);
            let can = |purpose: &Purpose| item.is_some_and(|item| item.purposes.contains(purpose));
            let options = ground.draft.purposes().into_iter().filter(|(purpose, _)| can(purpose));
            let options = options.map(|(purpose, words)| (purpose.code().to_owned(), words));
            form.checkboxes(name, label, hint, options.collect())
        }
        RegisterKind::KeptBy => form.select(name, label, hint, keepers()),
    }
}

/// What can keep a security measure.
fn keepers() -> Options {
    let people = ("people".to_owned(), "People of the authority".to_owned());
    let promises = KEPT_BY.iter().map(|line| (line.code.to_owned(), line.how.trim_end_matches('.').to_owned()));
    std::iter::once(people).chain(promises).collect()
}

/// A form for reading, beside what somebody else saved.
fn readable(section: RegisterSection, fields: &Fields) -> Vec<(String, String)> {
    let words = |field: &RegisterField| match field.kind {
        RegisterKind::Day => fields.date(field.in_form()).map(kith_domain::calendar::long_date).unwrap_or_default(),
        RegisterKind::Purposes => {
            let named = fields.all(field.in_form()).iter().filter_map(|code| Purpose::from_code(code));
            named.map(Purpose::label).collect::<Vec<_>>().join("\n")
        }
        _ => fields.get(field.in_form()).trim().replace("\r\n", "\n"),
    };
    section.fields().iter().map(|field| (field.label.to_owned(), words(field))).collect()
}

/// GET /register/versions/{id}/sections/{section}/new
pub(crate) async fn new(signed: Signed, Path((id, section)): Path<(RegisterVersionId, String)>) -> Answer {
    let ground = ground(&signed, id, &section).await?;
    ground.section.list().ok_or(ServiceError::NotFound)?;
    form(&signed, &ground, Some(""), &Typed::default())
}

/// GET /register/versions/{id}/sections/{section}/rows/{row}
pub(crate) async fn row(signed: Signed, Path((id, section, row)): Path<(RegisterVersionId, String, String)>) -> Answer {
    let ground = ground(&signed, id, &section).await?;
    form(&signed, &ground, Some(&row), &Typed::default())
}

/// POST /register/versions/{id}/sections/{section}
pub(crate) async fn save(Path((id, section)): Path<(RegisterVersionId, String)>, posted: Posted) -> Answer {
    written(id, &section, None, posted).await
}

/// POST /register/versions/{id}/sections/{section}/new
pub(crate) async fn put_in(Path((id, section)): Path<(RegisterVersionId, String)>, posted: Posted) -> Answer {
    written(id, &section, Some(""), posted).await
}

/// POST /register/versions/{id}/sections/{section}/rows/{row}
pub(crate) async fn change(
    Path((id, section, row)): Path<(RegisterVersionId, String, String)>,
    posted: Posted,
) -> Answer {
    written(id, &section, Some(&row), posted).await
}

async fn written(id: RegisterVersionId, section: &str, row: Option<&str>, posted: Posted) -> Answer {
    let Posted { signed, fields } = posted;
    let before = ground(&signed, id, section).await?;
    let key = row.filter(|row| !row.is_empty());
    let is_list = before.section.list().is_some() || before.section == RegisterSection::Items;
    if is_list != row.is_some() || (row == Some("") && before.section.list().is_none()) {
        return Err(ServiceError::NotFound.into());
    }
    let is_there = key.is_some_and(|key| before.row(key).is_some());
    let did = match RegisterRow::read(before.section, is_there, &fields) {
        Ok(read) => {
            let at = RowAt { section: before.section, row: key, seen: fields.get("seen") };
            desk(&signed).write_register_row(id, at, &read).await
        }
        Err(problems) => Err(problems.into()),
    };
    let to = if row.is_some() { before.here() } else { format!("{LIST}/{id}") };
    let typed = match did {
        Ok(()) => return see_other(&format!("{to}?done=saved")),
        Err(ServiceError::Invalid(problems)) => Typed { fields: Some(fields), problems, theirs: None },
        Err(ServiceError::Conflict { theirs, .. }) => {
            Typed { fields: Some(fields), problems: Vec::new(), theirs: Some(*theirs) }
        }
        Err(error) => return Err(error.into()),
    };
    let now = ground(&signed, id, section).await?;
    form(&signed, &now, row, &typed)
}

#[derive(Template)]
#[template(path = "register/remove.html")]
struct RemovePage {
    page: Page,
    row: DraftRow,
    part: &'static str,
    /// What goes with it.
    with_it: String,
    changed: bool,
    action: String,
    seen: String,
    form: FormView,
}

fn remove_page(signed: &Signed, ground: &Ground, key: &str, problems: Vec<Problem>, changed: bool) -> Answer {
    let row = ground.section.list().and_then(|_| ground.row(key)).ok_or(ServiceError::NotFound)?;
    let stands = ground.draft.shown(ground.section, Some(key)).unwrap_or_default();
    let form = FormView::with(Fields::default(), problems);
    let template = RemovePage {
        page: Page::new(signed, "Take a row out of the register", HERE)
            .back(format!("{}/rows/{key}", ground.here()))
            .with_error(form.has_problems()),
        with_it: with_it(ground, key),
        row,
        part: ground.section.label(),
        changed,
        action: format!("{}/rows/{key}/remove", ground.here()),
        seen: seen(&stands),
        form,
    };
    let status = if changed { StatusCode::CONFLICT } else { template.form.status("") };
    render_with(status, &template)
}

/// What a purpose takes with it: it goes from the items too that may be read for it.
fn with_it(ground: &Ground, key: &str) -> String {
    if ground.section != RegisterSection::Purposes {
        return String::new();
    }
    let items = ground.draft.rows(RegisterSection::Items);
    let read = |row: &&DraftRow| {
        let shown = ground.draft.shown(RegisterSection::Items, Some(&row.key));
        shown.is_some_and(|shown| shown.has("purposes", key))
    };
    match items.iter().filter(read).count() {
        0 => String::new(),
        1 => "One item may be read for this purpose: it no longer may be.".to_owned(),
        many => format!("{many} items may be read for this purpose: they no longer may be."),
    }
}

/// GET /register/versions/{id}/sections/{section}/rows/{row}/remove
pub(crate) async fn ask(signed: Signed, Path((id, section, row)): Path<(RegisterVersionId, String, String)>) -> Answer {
    let ground = ground(&signed, id, &section).await?;
    remove_page(&signed, &ground, &row, Vec::new(), false)
}

/// POST /register/versions/{id}/sections/{section}/rows/{row}/remove
pub(crate) async fn take_out(
    Path((id, section, row)): Path<(RegisterVersionId, String, String)>,
    posted: Posted,
) -> Answer {
    let Posted { signed, fields } = posted;
    let before = ground(&signed, id, &section).await?;
    let at = RowAt { section: before.section, row: Some(&row), seen: fields.get("seen") };
    match desk(&signed).take_out_register_row(id, at).await {
        Ok(()) => see_other(&format!("{}?done=register-out", before.here())),
        Err(ServiceError::Invalid(problems)) => remove_page(&signed, &before, &row, problems, false),
        Err(ServiceError::Conflict { .. }) => {
            let now = ground(&signed, id, &section).await?;
            remove_page(&signed, &now, &row, Vec::new(), true)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
