//! The past of a file: everything that was said, and the file as it was on a day.

use askama::Template;
use axum::extract::{Path, Query};
use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::catalogue::{Group, Reading, SaidOf, Shown, value_words};
use kith_domain::fact::{FactStanding, Known};
use kith_domain::form::{Fields, Reader};
use kith_domain::ids::ChildId;
use kith_service::ServiceError;
use kith_service::fact::{FileOn, PastLine};
use serde::Deserialize;

use kith_store::Names;

use crate::error::Answer;
use crate::person::Signed;
use crate::ui::facts;
use crate::ui::{FormView, Options, Page, Pages, pairs, render, render_with};

/// Which part of the past is asked for.
#[derive(Deserialize, Default)]
pub(crate) struct Asked {
    #[serde(default)]
    group: String,
    #[serde(default)]
    page: String,
}

#[derive(Template)]
#[template(path = "fact/past.html")]
struct PastPage {
    page: Page,
    child: ChildId,
    name: String,
    form: FormView,
    groups: Options,
    lines: Vec<Line>,
    pages: Pages,
    narrowed: bool,
}

/// Something that was said, for reading.
struct Line {
    when: String,
    about: String,
    /// What it does to what stands, when it is more than saying it.
    standing: Option<&'static str>,
    rows: Vec<(String, String)>,
    source: String,
    beside: Vec<String>,
}

fn line(of: PastLine, names: &Names) -> Line {
    let value = |(item, values): (&'static kith_domain::catalogue::Item, Option<Fields>)| {
        let words = match values {
            Some(values) => value_words(item, &values, &|id| names.name(id)).unwrap_or_else(|| "Nothing".to_owned()),
            None if matches!(of.standing, FactStanding::Disputed) => "Disputed".to_owned(),
            None => "Its use is restricted".to_owned(),
        };
        (item.label.to_owned(), words)
    };
    let mut beside = Vec::new();
    beside.extend(of.since.map(|since| format!("So since {}", calendar::long_date(since))));
    beside.extend(of.note);
    beside.extend(of.taken_back.then(|| "Taken back: it counts no more".to_owned()));
    Line {
        when: calendar::long_instant(of.at_ms),
        about: of.about,
        standing: match (of.takes_back, of.standing) {
            (true, _) => Some("Takes back what was said"),
            (false, FactStanding::Said) => None,
            (false, standing) => Some(standing.label()),
        },
        rows: of.items.into_iter().map(value).collect(),
        source: of.source,
        beside,
    }
}

/// GET /children/{child}/past?group=&page=
pub(crate) async fn past(signed: Signed, Path(child): Path<ChildId>, Query(asked): Query<Asked>) -> Answer {
    let group = Group::from_code(&asked.group);
    let number = asked.page.parse().unwrap_or(1).max(1);
    let view = signed.delivery().file_past(child, group, number).await?;
    let address = format!("/children/{child}/past");
    let pages = match group {
        Some(group) => Pages::of(&view.lines, &address).with_query(format!("group={}", group.code())),
        None => Pages::of(&view.lines, &address),
    };
    let page = Page::new(&signed, "Everything that was said", "/children").back(format!("/children/{child}"));
    render(&PastPage {
        page,
        child,
        name: view.child,
        form: FormView::new([("group", asked.group.as_str())].into_iter().collect()),
        groups: pairs(Group::CHOICES),
        lines: view.lines.rows.into_iter().map(|of| line(of, &view.names)).collect(),
        pages,
        narrowed: group.is_some(),
    })
}

#[derive(Template)]
#[template(path = "fact/on.html")]
struct OnPage {
    page: Page,
    child: ChildId,
    form: FormView,
    on: Option<On>,
}

/// The file on that day.
struct On {
    name: String,
    day: String,
    rows: Vec<(String, String)>,
    family: Vec<(String, Vec<(String, String)>)>,
}

fn rows(of: SaidOf, known: &Known, names: &Names) -> Vec<(String, String)> {
    facts::read(Reading::File, of, known, names).into_iter().map(Shown::row).collect()
}

fn on(view: FileOn) -> On {
    let mut about = vec![("Social worker".to_owned(), view.worker.unwrap_or_else(|| "Nobody".to_owned()))];
    about.extend(rows(SaidOf::Child, &view.known, &view.names));
    let family = view.family.iter().map(|(name, known)| (name.clone(), rows(SaidOf::Family, known, &view.names)));
    On { name: view.child, day: calendar::long_date(view.day), rows: about, family: family.collect() }
}

fn read_day(fields: &Fields) -> Result<Date, ServiceError> {
    let mut r = Reader::new(fields);
    let day = r.required_date("day", "The day");
    let problems = r.into_problems();
    day.filter(|_| problems.is_empty()).ok_or(ServiceError::Invalid(problems))
}

/// GET /children/{child}/on?day-day=&day-month=&day-year=
///
/// A day is no personal data, so it may stand in the address.
pub(crate) async fn on_a_day(
    signed: Signed,
    Path(child): Path<ChildId>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let fields: Fields = pairs.into_iter().collect();
    let found = match read_day(&fields) {
        Ok(day) => signed.delivery().file_on(child, day).await,
        Err(error) => Err(error),
    };
    let page = Page::new(&signed, "The file as it was", "/children").back(format!("/children/{child}"));
    match found {
        Ok(view) => render(&OnPage { page, child, form: FormView::new(fields), on: Some(on(view)) }),
        Err(ServiceError::Invalid(problems)) => {
            // Whether there is such a file is said to those alone who may read it.
            signed.delivery().allocations(child).await?;
            let form = if fields.is_blank() { FormView::default() } else { FormView::with(fields, problems) };
            let page = page.with_error(form.has_problems());
            render_with(form.status(""), &OnPage { page, child, form, on: None })
        }
        Err(error) => Err(error.into()),
    }
}
