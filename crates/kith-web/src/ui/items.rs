//! Items of the catalogue as form fields: one renderer for every form that asks them.

use askama::Template;
use kith_domain::catalogue::{Choices, Item, Kind, Need};

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
    source = r#"<div class="govuk-inset-text" id="{{ name }}">Add the family first: then choose here who the child is to see.</div>"#,
    ext = "html"
)]
struct NobodyYet<'a> {
    name: &'a str,
}

/// The fields of these items, in order; the optional parts behind their "Add more about …". `family` is who can be chosen
/// where an item asks for people.
pub(crate) fn item_fields(items: &[&'static Item], form: &FormView, family: &Options) -> Html {
    let in_sight: Vec<&Item> = items.iter().copied().filter(|item| item.more.is_empty()).collect();
    let mut parts = vec![fields_in_order(&in_sight, form, family)];
    let mut titles: Vec<&str> = Vec::new();
    for item in items.iter().filter(|item| !item.more.is_empty()) {
        if !titles.contains(&item.more) {
            titles.push(item.more);
        }
    }
    for title in titles {
        let inside: Vec<&Item> = items.iter().copied().filter(|item| item.more == title).collect();
        let open = inside.iter().any(|item| form.concerns(item));
        parts.push(Html::of(&More { title, open, content: fields_in_order(&inside, form, family) }));
    }
    Html::joined(parts)
}

fn fields_in_order(items: &[&Item], form: &FormView, family: &Options) -> Html {
    let mut parts = Vec::new();
    let mut shown: Vec<&str> = Vec::new();
    for item in items {
        if shown.contains(&item.code) {
            continue;
        }
        let revealed = revealed_by(item, items);
        shown.extend(revealed.iter().map(|inside| inside.code));
        parts.push(match (revealed.first().map(|inside| inside.need), item.kind) {
            (Some(Need::AskedWhen(when)), Kind::YesNo(_) | Kind::OneOf(_)) => {
                let more = Html::joined(revealed.iter().map(|inside| field(inside, form, family)).collect());
                let value = when.any_of.first().copied().unwrap_or_default();
                form.radios_reveal(item.code, item.asked_as(), item.hint, options(item), value, more)
            }
            _ => field(item, form, family),
        });
    }
    Html::joined(parts)
}

/// The items that stand below one answer of an item: those asked only when it was given.
fn revealed_by<'a>(item: &Item, items: &[&'a Item]) -> Vec<&'a Item> {
    let below = |other: &&'a Item| match other.need {
        Need::AskedWhen(when) => when.item == item.code && when.any_of.len() == 1,
        _ => false,
    };
    items.iter().copied().filter(below).collect()
}

fn of_choices(choices: Choices) -> Options {
    pairs(choices)
}

fn options(item: &Item) -> Options {
    match item.kind {
        Kind::YesNo(_) => yes_no(),
        Kind::OneOf(choices) | Kind::SeveralOf(choices) => of_choices(choices),
        _ => Options::new(),
    }
}

/// One item.
fn field(item: &Item, form: &FormView, family: &Options) -> Html {
    let (code, label, hint) = (item.code, item.asked_as(), item.hint);
    match item.kind {
        Kind::Short => form.input(code, label, hint),
        Kind::Long | Kind::Allergies | Kind::Address => form.textarea(code, label, hint, 3),
        Kind::Lines => form.textarea(code, label, hint, 2),
        Kind::Date(_) => form.date(code, label, hint),
        Kind::Birth => Html::joined(vec![
            form.radios(
                "birth_kind",
                "The date of birth is",
                "",
                pairs(&[
                    ("on", "Known"),
                    ("expected", "Expected: the child is not born yet"),
                    ("between", "Not known, but between two dates"),
                ]),
            ),
            form.date(
                "dob",
                label,
                "Or the day the birth is expected, or the earliest it can have been. For example 27 3 2019",
            ),
            form.date("dob_to", "Latest date of birth", "Only when the date is not known"),
        ]),
        Kind::YesNo(_) => form.radios(code, label, hint, yes_no()),
        Kind::OneOf(choices) if choices.len() <= IN_SIGHT => form.radios(code, label, hint, of_choices(choices)),
        Kind::OneOf(choices) => form.select(code, label, hint, of_choices(choices)),
        Kind::SeveralOf(choices) => form.checkboxes(code, label, hint, of_choices(choices)),
        Kind::People if family.is_empty() => Html::of(&NobodyYet { name: code }),
        Kind::People => form.checkboxes(code, label, hint, family.clone()),
        Kind::Frequency => Html::joined(vec![
            form.radios("bound", "How strictly is the number meant?", "", bounds()),
            form.short("count", "How many times?", ""),
            form.select("per", "In each", "", pers()),
        ]),
        Kind::Number(..) | Kind::Identifier(_) => form.short(code, label, hint),
        Kind::Phone => form.phone(code, label, hint),
        Kind::Email => form.email(code, label, hint),
    }
}
