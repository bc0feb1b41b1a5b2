//! The form of an arrangement: its fields, and what was typed in words.

use askama::Template;
use kith_domain::calendar;
use kith_domain::codes::{Supervision, WEEKDAYS, weekday_name};
use kith_domain::form::{Fields, upper_first};
use kith_domain::plan::{Arrangement, Bound, Mode, Nth, Per, When};

use crate::ui::{self, FormView, Html, Options};

#[derive(Template)]
#[template(path = "plan/fields.html")]
struct ArrangementFields<'a> {
    form: &'a FormView,
    family: Options,
    terms: Options,
    venues: Options,
    /// How contact takes place; `None` until that is chosen, and then it is the only question.
    mode: Option<Mode>,
}

/// What a page of an arrangement offers.
pub(super) struct Offered {
    /// Who may attend.
    pub(super) family: Options,
    /// Terms of the orders that stand.
    pub(super) terms: Options,
    /// Venues of the child's area.
    pub(super) venues: Options,
}

/// The fields that contact of the chosen kind needs; until a kind is chosen, the question which.
pub(super) fn fields(form: &FormView, offered: Offered) -> Html {
    let mode = Mode::from_code(form.value("mode"));
    let Offered { family, terms, venues } = offered;
    Html::of(&ArrangementFields { form, family, terms, venues, mode })
}

impl ArrangementFields<'_> {
    /// Whether something was said of term time, or of where years begin.
    fn is_unusual(&self) -> bool {
        let said =
            |name: &str, usual: &str| !["", usual].contains(&self.form.value(name)) || self.form.error(name).is_some();
        said("when", When::Always.code()) || said("anchor", kith_domain::plan::Anchor::Calendar.code())
    }

    fn is_letters(&self) -> bool {
        self.mode == Some(Mode::Letterbox)
    }

    fn is_in_person(&self) -> bool {
        self.mode == Some(Mode::InPerson)
    }

    fn with_hint(&self) -> &'static str {
        if self.is_letters() {
            "Who writes and is written to. People who must not attend are not listed"
        } else {
            "Together in one session. People who must not attend are not listed"
        }
    }

    fn start_hint(&self) -> &'static str {
        if self.mode == Some(Mode::Video) {
            "On the quarter hour, like 10:00 or 15:45. Leave it empty if no time is fixed"
        } else {
            "On the quarter hour, like 10:00 or 15:45"
        }
    }

    fn rules_label(&self) -> &'static str {
        if self.is_letters() { "Rules for letters" } else { "Rules of the session" }
    }

    fn rules_hint(&self) -> &'static str {
        if self.is_letters() {
            "Photographs, gifts, names and places that are not written. The family reads this"
        } else {
            "Phones, photographs, gifts, food, topics, language to be spoken. The family reads this"
        }
    }

    /// What was typed for another way of contact and is not asked now: it goes along, and comes back when the way does.
    fn kept(&self) -> Vec<(&'static str, &str)> {
        let unasked: &[&str] = match self.mode {
            Some(Mode::Letterbox) => &["start", "minutes", "supervision", "interpreter", "venue", "transport"],
            Some(Mode::Video) => &["venue", "transport"],
            _ => &[],
        };
        let of = |name: &&'static str| Some((*name, self.form.value(name))).filter(|(_, value)| !value.is_empty());
        unasked.iter().filter_map(of).collect()
    }

    /// Whether it is not simply every week.
    fn is_not_weekly(&self) -> bool {
        let wrong = ["every_weeks", "of_month"].iter().any(|name| self.form.error(name).is_some());
        wrong || !["", "1"].contains(&self.form.value("every_weeks")) || !self.form.value("of_month").is_empty()
    }
}

/// Weekdays the service works on.
fn weekdays() -> Options {
    WEEKDAYS.iter().map(|(number, name)| (number.to_string(), (*name).to_owned())).collect()
}

/// How often, with a capital: `At least twice a week`.
pub(super) fn how_often(line: &Arrangement) -> String {
    upper_first(&line.term(line.from, None).words())
}

/// When: `Tuesday and Thursday, 10:00 to 11:30, every week`.
pub(super) fn when(line: &Arrangement) -> String {
    line.pattern.words(line.minutes)
}

/// From when to when.
pub(super) fn dates(line: &Arrangement) -> String {
    match line.to {
        Some(to) => format!("{} to {}", calendar::long_date(line.from), calendar::long_date(to)),
        None => format!("From {}, without an end", calendar::long_date(line.from)),
    }
}

/// What was typed in words, without what was left empty: for two versions side by side. `family` gives names for ids.
pub(super) fn readable(fields: &Fields, family: &Options, venues: &Options) -> Vec<(String, String)> {
    let venue = venues.iter().find(|(id, _)| id == fields.get("venue")).map(|(_, name)| name.clone());
    let name = |id: &String| family.iter().find(|(known, _)| known == id).map(|(_, name)| name.clone());
    let day = |number: &String| number.parse().map(weekday_name).ok();
    let nth = |code: &String| Nth::from_code(code).map(Nth::label);
    let typed_date = |name: &str| {
        let part = |suffix: &str| fields.get(&format!("{name}-{suffix}")).trim().to_owned();
        [part("day"), part("month"), part("year")].join(" ").trim().to_owned()
    };
    let coded = |label: Option<&'static str>, name: &str| label.unwrap_or(fields.get(name)).to_owned();
    let rows = [
        ("With", fields.all("with").iter().filter_map(name).collect::<Vec<_>>().join(", ")),
        ("How strictly", coded(Bound::from_code(fields.get("bound")).map(Bound::label), "bound")),
        ("How many times", fields.get("count").to_owned()),
        ("In each", coded(Per::from_code(fields.get("per")).map(Per::label), "per")),
        ("When in the year", coded(When::from_code(fields.get("when")).map(When::label), "when")),
        ("Which of the month", fields.all("of_month").iter().filter_map(nth).collect::<Vec<_>>().join(", ")),
        ("Days", fields.all("weekday").iter().filter_map(day).collect::<Vec<_>>().join(", ")),
        ("Start", fields.get("start").to_owned()),
        ("Every how many weeks", fields.get("every_weeks").to_owned()),
        ("Minutes", fields.get("minutes").to_owned()),
        ("First day", typed_date("from")),
        ("Last day", typed_date("to")),
        ("Ordered by a court", fields.get("court_ordered").to_owned()),
        (
            "Supervision",
            coded(Supervision::from_code(fields.get("supervision")).map(Supervision::label), "supervision"),
        ),
        ("How contact takes place", coded(Mode::from_code(fields.get("mode")).map(Mode::label), "mode")),
        ("Venue", venue.unwrap_or_default()),
        ("Interpreter", fields.get("interpreter").to_owned()),
        ("How the child gets there and back", fields.get("transport").to_owned()),
        ("Rules of the session", fields.get("rules").to_owned()),
        ("If it cannot take place", fields.get("contingency").to_owned()),
    ];
    rows.into_iter().filter(|(_, words)| !words.trim().is_empty()).map(|(l, w)| (l.to_owned(), w)).collect()
}
