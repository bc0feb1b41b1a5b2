//! Items of the catalogue as form fields: one renderer for every form that asks them.

use askama::Template;
use kith_domain::catalogue::{Item, Kind, Need, Rows};
use kith_domain::form::{Fields, lower_first};

use super::form::{FormView, Html};
use super::options::{Options, bounds, pairs, pers, yes_no};

/// Lists longer than this are a select box, shorter ones are all in sight.
const IN_SIGHT: usize = 5;

#[derive(Template)]
#[template(path = "ui/more.html")]
struct More<'a> {
    title: &'a str,
    open: bool,
    content: Html,
}

#[derive(Template)]
#[template(
    source = r#"<div class="govuk-inset-text" id="{{ name }}">Add the family first: then they stand here.</div>"#,
    ext = "html"
)]
struct NobodyYet<'a> {
    name: &'a str,
}

#[derive(Template)]
#[template(path = "ui/rows.html")]
struct List<'a> {
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    error: Option<&'a str>,
    one: &'a str,
    one_small: String,
    rows: Vec<Row>,
    /// Rows more, for who has no script that adds one.
    more: Vec<Row>,
    /// Rows that are not shown and stay.
    kept: Vec<String>,
}

struct Row {
    title: String,
    hidden: Option<(String, String)>,
    fields: Html,
}

/// Rows that a list offers beside those that are filled in, for who has no script that adds one.
const ROWS_MORE: usize = 2;

/// Who can be chosen where an item asks for people.
#[derive(Clone, Default)]
pub(crate) struct People {
    /// Everybody of the family.
    pub(crate) all: Options,
    /// Those who may attend.
    pub(crate) attending: Options,
}

/// The fields of these items, in order; the optional parts behind their "Add more about …".
pub(crate) fn item_fields(items: &[&'static Item], form: &FormView, family: &People) -> Html {
    let in_sight: Vec<&Item> = items.iter().copied().filter(|item| item.more.is_empty()).collect();
    let mut parts = vec![fields_in_order(&in_sight, "", form, family)];
    let mut titles: Vec<&str> = Vec::new();
    for item in items.iter().filter(|item| !item.more.is_empty()) {
        if !titles.contains(&item.more) {
            titles.push(item.more);
        }
    }
    for title in titles {
        let inside: Vec<&Item> = items.iter().copied().filter(|item| item.more == title).collect();
        let open = inside.iter().any(|item| form.concerns(item));
        parts.push(Html::of(&More { title, open, content: fields_in_order(&inside, "", form, family) }));
    }
    Html::joined(parts)
}

/// `prefix` stands before the name of each field: that of the row in which it is.
fn fields_in_order(items: &[&Item], prefix: &str, form: &FormView, family: &People) -> Html {
    let mut parts = Vec::new();
    let mut shown: Vec<&str> = Vec::new();
    for item in items {
        if shown.contains(&item.code) {
            continue;
        }
        let revealed = revealed_by(item, items);
        shown.extend(revealed.iter().map(|(_, inside)| inside.code));
        parts.push(match item.kind {
            Kind::YesNo(_) | Kind::OneOf(_) if !revealed.is_empty() => {
                let mut answers: Vec<&str> = Vec::new();
                for (answer, _) in &revealed {
                    if !answers.contains(answer) {
                        answers.push(answer);
                    }
                }
                let below = |answer: &str| {
                    let of = revealed.iter().filter(|(when, _)| *when == answer);
                    Html::joined(of.map(|(_, inside)| field(inside, prefix, form, family)).collect())
                };
                let reveal = answers.into_iter().map(|answer| (answer, below(answer))).collect();
                let name = format!("{prefix}{}", item.code);
                let form = form.with_preset(&name, item.preset);
                form.radios_reveal(&name, item.asked_as(), item.hint, options(item), reveal)
            }
            _ => field(item, prefix, form, family),
        });
    }
    Html::joined(parts)
}

/// The items that stand below one answer of an item, each with it: those asked only when it was given.
fn revealed_by<'a>(item: &Item, items: &[&'a Item]) -> Vec<(&'static str, &'a Item)> {
    let below = |other: &&'a Item| match other.need {
        Need::AskedWhen(when) | Need::OfferedWhen(when) if when.item == item.code => match when.any_of {
            [answer] => Some((*answer, *other)),
            _ => None,
        },
        _ => None,
    };
    items.iter().filter_map(below).collect()
}

fn options(item: &Item) -> Options {
    match item.kind {
        Kind::YesNo(_) => yes_no(),
        Kind::OneOf(choices) | Kind::SeveralOf(choices) => pairs(choices),
        _ => Options::new(),
    }
}

/// One item.
fn field(item: &Item, prefix: &str, form: &FormView, family: &People) -> Html {
    let name = format!("{prefix}{}", item.code);
    let (name, label, hint) = (name.as_str(), item.asked_as(), item.hint);
    let form = &form.with_preset(name, item.preset);
    match item.kind {
        Kind::Short => form.input(name, label, hint),
        Kind::Long | Kind::Address => form.textarea(name, label, hint, 3),
        Kind::Lines => form.textarea(name, label, hint, 2),
        Kind::Date(_) => form.date(name, label, hint),
        Kind::Birth => birth(label, form),
        Kind::YesNo(_) => form.radios(name, label, hint, yes_no()),
        Kind::OneOf(choices) if choices.len() <= IN_SIGHT => form.radios(name, label, hint, options(item)),
        Kind::OneOf(_) if !item.grouped.is_empty() => {
            form.select_of_groups(name, label, hint, options(item), item.grouped)
        }
        Kind::OneOf(_) => form.select(name, label, hint, options(item)),
        Kind::SeveralOf(_) => form.checkboxes(name, label, hint, options(item)),
        Kind::People if family.all.is_empty() => Html::of(&NobodyYet { name }),
        Kind::People => form.checkboxes(name, label, hint, family.all.clone()),
        Kind::Person => form.select(name, label, hint, family.all.clone()),
        Kind::Language => form.language(name, label, hint),
        Kind::Rows(of) if of.of_family && family.attending.is_empty() => Html::of(&NobodyYet { name }),
        Kind::Rows(of) if of.of_family => rows_of_family(item, of, form, family),
        Kind::Rows(of) => rows(item, of, form, family),
        Kind::Frequency => Html::joined(vec![
            form.with_preset(&format!("{prefix}bound"), "exactly").radios(
                &format!("{prefix}bound"),
                "How strictly is the number meant?",
                "",
                bounds(),
            ),
            form.short(&format!("{prefix}count"), "How many times?", ""),
            form.select(&format!("{prefix}per"), "In each", "", pers()),
        ]),
        Kind::Number(..) | Kind::Identifier(_) => form.short(name, label, hint),
        Kind::Phone => form.phone(name, label, hint),
        Kind::Email => form.email(name, label, hint),
    }
}

fn birth(label: &str, form: &FormView) -> Html {
    let latest = form.date("dob_to", "Latest date of birth", "");
    let kinds = pairs(&[
        ("on", "Known"),
        ("expected", "Expected: the child is not born yet"),
        ("between", "Not known, but between two dates"),
    ]);
    let form = &form.with_preset("birth_kind", "on");
    Html::joined(vec![
        form.date(
            "dob",
            label,
            "Or the day the birth is expected, or the earliest it can have been. For example 27 3 2019",
        ),
        form.radios_reveal("birth_kind", "This date is", "", kinds, vec![("between", latest)]),
    ])
}

/// The rows of a list, and one more to fill in.
fn rows(item: &Item, of: &'static Rows, form: &FormView, family: &People) -> Html {
    let list = item.code;
    let columns: Vec<&Item> = of.columns.iter().collect();
    let mut typed = form.rows(list, of.first());
    let filled = typed.len();
    typed.resize(filled + 1 + ROWS_MORE, Fields::default());
    let mut all: Vec<Row> = Vec::new();
    for (place, row) in typed.iter().enumerate() {
        let title = if place == 0 && filled == 0 { of.one.to_owned() } else { format!("{} {}", of.one, place + 1) };
        let fields = fields_in_order(&columns, &format!("{list}.{place}."), &form.of_row(list, place, row), family);
        all.push(Row { title, hidden: None, fields });
    }
    let more = all.split_off(filled + 1);
    let one_small = lower_first(of.one);
    let (label, error) = (item.asked_as(), form.error(list));
    Html::of(&List {
        name: list,
        label,
        hint: item.hint,
        error,
        one: of.one,
        one_small,
        rows: all,
        more,
        kept: Vec::new(),
    })
}

/// A row for each member of the family who may attend: first those of whom something is said, in its order.
fn rows_of_family(item: &Item, of: &'static Rows, form: &FormView, family: &People) -> Html {
    let (list, first) = (item.code, of.first());
    let columns: Vec<&Item> = of.columns.iter().filter(|column| column.code != first).collect();
    let name_of = |id: &str| family.attending.iter().find(|(known, _)| known == id).map(|(_, name)| name.clone());
    let (shown, kept): (Vec<Fields>, Vec<Fields>) =
        form.rows(list, first).into_iter().partition(|row| name_of(row.get(first)).is_some());
    let said = |id: &str| shown.iter().any(|row| row.get(first) == id);
    let unsaid = family.attending.iter().filter(|(id, _)| !said(id));
    let unsaid: Vec<Fields> = unsaid.map(|(id, _)| [(first, id.as_str())].into_iter().collect()).collect();
    let row = |(place, row): (usize, &Fields)| {
        let who = row.get(first);
        let others: Options = family.attending.iter().filter(|(id, _)| id != who).cloned().collect();
        // Who is alone comes with nobody.
        let columns: Vec<&Item> =
            columns.iter().copied().filter(|column| column.kind != Kind::Person || !others.is_empty()).collect();
        let people = People { all: others, attending: Options::new() };
        let prefix = format!("{list}.{place}.");
        Row {
            title: name_of(who).unwrap_or_default(),
            hidden: Some((format!("{prefix}{first}"), who.to_owned())),
            fields: fields_in_order(&columns, &prefix, &form.of_row(list, place, row), &people),
        }
    };
    let mut kept_rows = Fields::default();
    kept_rows.set_rows(list, kept);
    Html::of(&List {
        name: list,
        label: item.asked_as(),
        hint: item.hint,
        error: form.error(list),
        one: of.one,
        one_small: String::new(),
        rows: shown.iter().chain(&unsaid).enumerate().map(row).collect(),
        more: Vec::new(),
        kept: kept_rows.all(list).to_vec(),
    })
}
