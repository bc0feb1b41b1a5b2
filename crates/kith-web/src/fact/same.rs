//! One human being in several files: recognising, and taking it back.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::calendar;
use kith_domain::catalogue::{Item, by_key, of_value, value_words};
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId};
use kith_domain::same::LinkDecision;
use kith_domain::same::{DecideSame, PartSame};
use kith_service::ServiceError;
use kith_service::fact::{Likely, SaidSince};
use kith_store::Relative;

use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Options, Page, pairs, render_with, see_other};

#[derive(Template)]
#[template(path = "fact/same.html")]
struct SamePage {
    page: Page,
    child: ChildId,
    person: PersonId,
    caption: String,
    name: String,
    form: FormView,
    refused: String,
    linked: Vec<Line>,
    likely: Vec<Line>,
    further: Vec<Line>,
    /// Whether one of those further down is to be looked at again.
    open: bool,
    children: Vec<Child>,
}

/// A child who may be this person.
struct Child {
    name: String,
    to: String,
    why: String,
}

/// What is said of somebody on both sides, item by item.
#[derive(Template)]
#[template(path = "ui/sides.html")]
struct Sides<'a> {
    whom: &'a str,
    one: &'a str,
    other: &'a str,
    rows: Vec<Side>,
}

struct Side {
    label: &'static str,
    one: String,
    other: String,
    different: bool,
}

/// What people are compared by, in the order in which it is read.
const OF_CHILD: [&str; 9] = [
    "child.given_name",
    "child.family_name",
    "child.known_as",
    "child.former_names",
    "child.birth",
    "child.sex",
    "child.care_first",
    "child.nhs_number",
    "child.upn",
];
const OF_MEMBER: [&str; 7] = [
    "person.given_name",
    "person.family_name",
    "person.former_names",
    "person.birth_date",
    "person.phone",
    "person.email",
    "person.address",
];

/// Two side by side, under what each side is called; what neither says is left out.
pub(crate) fn sides(of_child: bool, whom: &str, titles: (&str, &str), values: (&Fields, &Fields)) -> Html {
    let items = if of_child { &OF_CHILD[..] } else { &OF_MEMBER[..] };
    let words = |item: &Item, values: &Fields| value_words(item, values, &|_| String::new()).unwrap_or_default();
    let row = |item: &'static Item| {
        let (one, other) = (words(item, values.0), words(item, values.1));
        let alike = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let different = !one.is_empty() && !other.is_empty() && alike(&one) != alike(&other);
        let nothing = |text: String| if text.is_empty() { "Not said".to_owned() } else { text };
        let said = !one.is_empty() || !other.is_empty();
        said.then(|| Side { label: item.label, one: nothing(one), other: nothing(other), different })
    };
    let rows = items.iter().filter_map(|key| by_key(key)).filter_map(row).collect();
    Html::of(&Sides { whom, one: titles.0, other: titles.1, rows })
}

/// Somebody in another file.
struct Line {
    other: PersonId,
    to: String,
    name: String,
    words: String,
    why: String,
    decided: String,
    sides: Html,
    fields: Html,
}

fn line(of: Likely, own: &Relative, form: &FormView) -> Line {
    let relation = &of.relative.relation;
    let barred = if relation.is_barred() { ", must not attend there" } else { "" };
    let born = of.relative.person.body.known.values.date("birth_date");
    let born = born.map(|day| format!(", born {}", calendar::long_date(day))).unwrap_or_default();
    let other = of.relative.person.id;
    let decided = of.decided.map_or_else(String::new, |(decision, by, at_ms, why)| {
        format!("{}: {by}, {}. {why}", decision.label(), calendar::long_instant(at_ms))
    });
    // What was typed belongs to the one it was typed for.
    let mine = if form.value("other") == other.to_string() { form.clone() } else { FormView::default() };
    let sure = mine.error("sure").is_some();
    let mut fields = vec![
        mine.radios("decision", "Is it the same person?", "", pairs(LinkDecision::CHOICES)),
        mine.textarea("why", "How do you know?", "It is kept with the decision", 2),
    ];
    if sure {
        let yes = vec![(
            "yes".to_owned(),
            "I know that they must not attend by one file and are expected by another".to_owned(),
        )];
        fields.insert(0, mine.checkboxes("sure", "Are you sure?", "", yes));
    }
    Line {
        other,
        to: format!("/children/{}", of.child),
        name: of.relative.name(),
        words: format!("{} of {}{born}{barred}", relation.relationship.label(), of.child_name),
        why: of.why.join("; "),
        decided,
        sides: sides(
            false,
            &of.relative.name(),
            ("In this file", "In the other file"),
            (&own.person.body.known.values, &of.relative.person.body.known.values),
        ),
        fields: Html::joined(fields),
    }
}

async fn page(signed: &Signed, child: ChildId, person: PersonId, form: FormView, refused: String) -> Answer {
    let view = signed.delivery().same_person(child, person).await?;
    let status = form.status(&refused);
    let own = view.relative;
    let lines = |all: Vec<Likely>| all.into_iter().map(|of| line(of, &own, &form)).collect();
    let child_line = |(name, id, why): (String, ChildId, Vec<String>)| Child {
        name,
        to: format!("/children/{id}"),
        why: why.join("; "),
    };
    let further: Vec<Line> = lines(view.further);
    let template = SamePage {
        page: Page::new(signed, "The same person in other files", "/children")
            .back(format!("/children/{child}"))
            .with_error(status != StatusCode::OK),
        child,
        person,
        caption: format!("{}, {}", view.child, own.name()),
        name: own.name(),
        linked: lines(view.linked),
        likely: lines(view.likely),
        open: further.iter().any(|line| form.value("other") == line.other.to_string()),
        further,
        children: view.children.into_iter().map(child_line).collect(),
        form,
        refused,
    };
    render_with(status, &template)
}

/// GET /children/{child}/family/{person}/same
pub(crate) async fn show(signed: Signed, Path((child, person)): Path<(ChildId, PersonId)>) -> Answer {
    page(&signed, child, person, FormView::default(), String::new()).await
}

/// POST /children/{child}/family/{person}/same
pub(crate) async fn decide(Path((child, person)): Path<(ChildId, PersonId)>, posted: Posted) -> Answer {
    let done = match DecideSame::read(&posted.fields) {
        Ok(said) => posted.signed.delivery().decide_same(child, person, &said).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match done {
        Ok(()) => see_other(&format!("/children/{child}?done=changed")),
        Err(ServiceError::Invalid(problems)) => {
            page(&posted.signed, child, person, FormView::with(posted.fields, problems), String::new()).await
        }
        Err(ServiceError::Refused(refusal)) => {
            page(&posted.signed, child, person, FormView::new(posted.fields), refusal.to_string()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What belonged to one is to belong to two again.
#[derive(Template)]
#[template(path = "fact/part.html")]
pub(crate) struct PartPage {
    pub(crate) page: Page,
    pub(crate) action: String,
    pub(crate) caption: String,
    pub(crate) text: &'static str,
    pub(crate) question: &'static str,
    pub(crate) button: &'static str,
    pub(crate) form: FormView,
    pub(crate) refused: String,
    pub(crate) said: Vec<Since>,
}

/// Something that was said while two were one.
pub(crate) struct Since {
    source: String,
    rows: Vec<(String, String)>,
    field: Html,
}

/// Something that was said, with the question whose it is.
pub(crate) fn of_said(said: SaidSince, form: &FormView, question: &str, options: &Options) -> Since {
    let of = said.values.names().filter_map(|name| of_value(false, name).or_else(|| of_value(true, name)));
    let mut items: Vec<&Item> = Vec::new();
    for item in of {
        if !items.contains(&item) {
            items.push(item);
        }
    }
    let rows = items.into_iter().map(|item| {
        let words = value_words(item, &said.values, &|_| String::new());
        (item.label.to_owned(), words.unwrap_or_else(|| "Nothing".to_owned()))
    });
    Since {
        rows: rows.collect(),
        field: form.radios(&format!("of-{}", said.id), question, "", options.clone()),
        source: said.source,
    }
}

impl PartPage {
    /// The page as an answer, with the status that fits what is wrong.
    pub(crate) fn answer(self) -> Answer {
        let status = self.form.status(&self.refused);
        let page = self.page.with_error(status != StatusCode::OK);
        render_with(status, &Self { page, ..self })
    }
}

async fn part_page(
    signed: &Signed,
    (child, person, other): (ChildId, PersonId, PersonId),
    form: FormView,
    refused: String,
) -> Answer {
    let desk = signed.delivery();
    let view = desk.same_person(child, person).await?;
    let Some(with) = view.linked.iter().find(|of| of.relative.person.id == other) else {
        return see_other(&format!("/children/{child}/family/{person}/same"));
    };
    let whom = |name: String, child: &str| format!("{name}, in the file of {child}");
    let options = vec![
        ("one".to_owned(), whom(view.relative.name(), &view.child)),
        ("other".to_owned(), whom(with.relative.name(), &with.child_name)),
        ("both".to_owned(), "Both".to_owned()),
    ];
    let said = desk.said_since(child, person, other).await?;
    let said = said.into_iter().map(|said| of_said(said, &form, "Whom is this about?", &options)).collect();
    PartPage {
        page: Page::new(signed, "They are two people after all", "/children")
            .back(format!("/children/{child}/family/{person}/same")),
        action: format!("/children/{child}/family/{person}/same/{other}/part"),
        caption: format!(
            "{} and {}",
            whom(view.relative.name(), &view.child),
            whom(with.relative.name(), &with.child_name)
        ),
        text: "Each file is as it was before.",
        question: "How do you know that they are two people?",
        button: "Tell them apart again",
        form,
        refused,
        said,
    }
    .answer()
}

/// GET /children/{child}/family/{person}/same/{other}/part
pub(crate) async fn ask_part(signed: Signed, Path(of): Path<(ChildId, PersonId, PersonId)>) -> Answer {
    part_page(&signed, of, FormView::default(), String::new()).await
}

/// POST /children/{child}/family/{person}/same/{other}/part
pub(crate) async fn part(Path(of): Path<(ChildId, PersonId, PersonId)>, posted: Posted) -> Answer {
    let (child, person, other) = of;
    let done = match PartSame::read(&posted.fields) {
        Ok(command) => posted.signed.delivery().part(child, person, other, &command).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(()) => see_other(&format!("/children/{child}?done=changed")),
        Err(ServiceError::Invalid(problems)) => {
            part_page(&posted.signed, of, FormView::with(posted.fields, problems), String::new()).await
        }
        Err(ServiceError::Refused(refusal)) => {
            part_page(&posted.signed, of, FormView::new(posted.fields), refusal.to_string()).await
        }
        Err(error) => Err(error.into()),
    }
}
