//! What can be counted. Each variable puts a child or a session into one of a fixed list of groups: dates become ages in the bands of the
//! statutory return, months or days of the week, texts become whether anything is noted. There is no variable that gives out a text.

use jiff::civil::Date;

use crate::calendar::month_and_year;
use crate::catalogue::{About, ITEMS, Item, Kind};
use crate::form::Fields;
use crate::person::Birth;
use crate::session::{SessionState, Slot};

/// The most variables of lines about single children.
pub const VARIABLES_MAX: usize = 6;

/// Where nothing is said.
const NOT_SAID: &str = "Not said";

/// What is known of a child for counting.
pub struct OfChild<'a> {
    /// The values of the file's items that may be read for planning, by code.
    pub values: &'a Fields,
    /// The label of the area.
    pub area: &'a str,
    /// The last day of the period, on which ages are counted.
    pub until: Date,
    /// How many sessions of the child stand in the diary of the period.
    pub sessions: u64,
    /// How many of them took place.
    pub took_place: u64,
}

/// What is known of a session for counting; nothing of it is opened.
#[derive(Clone, Copy)]
pub struct OfSession {
    /// When it is or was.
    pub slot: Slot,
    /// Where it stands.
    pub state: SessionState,
}

/// What can be counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Item(&'static Item),
    Area,
    Sessions,
    TookPlace,
    Month,
    Weekday,
    PartOfDay,
    Outcome,
}

/// Something by which children or sessions are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable(By);

/// The age bands of the statutory return on looked-after children, and who is not born.
const AGES: [(&str, i16); 5] =
    [("Under 1", 0), ("1 to 4", 4), ("5 to 9", 9), ("10 to 15", 15), ("16 and over", i16::MAX)];
const NOT_BORN: &str = "Not born yet";
/// How many sessions: a name, and the most.
const SESSIONS: [(&str, u64); 6] =
    [("None", 0), ("1 to 4", 4), ("5 to 9", 9), ("10 to 19", 19), ("20 to 39", 39), ("40 or more", u64::MAX)];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/// A part of the day, and the minute of the day before which a session of it begins.
const PARTS: [(&str, i64); 4] =
    [("Before 12:00", 12 * 60), ("12:00 to 14:59", 15 * 60), ("15:00 to 16:59", 17 * 60), ("17:00 or later", i64::MAX)];
const TOOK_PLACE: &str = "Took place";
const NOT_WRITTEN_UP: &str = "Nothing is written down yet";

/// Everything that can be counted by: of the child first, then of the session.
pub fn variables() -> impl Iterator<Item = Variable> {
    let of_child = |item: &&Item| matches!(item.about, About::Child | About::Placement | About::Order);
    let items =
        ITEMS.iter().filter(of_child).filter(|item| item.purposes.contains(&crate::access::Purpose::ServicePlanning));
    let items = items.filter(|item| groups_of(item).is_some()).map(By::Item);
    let others = [By::Area, By::Sessions, By::TookPlace, By::Month, By::Weekday, By::PartOfDay, By::Outcome];
    items.chain(others).map(Variable)
}

/// The variable of a key.
pub fn variable(key: &str) -> Option<Variable> {
    variables().find(|of| of.key() == key)
}

impl Variable {
    /// What a form sends.
    pub fn key(self) -> String {
        match self.0 {
            By::Item(item) => item.key(),
            By::Area => "area".to_owned(),
            By::Sessions => "sessions".to_owned(),
            By::TookPlace => "took_place".to_owned(),
            By::Month => "month".to_owned(),
            By::Weekday => "weekday".to_owned(),
            By::PartOfDay => "part_of_day".to_owned(),
            By::Outcome => "outcome".to_owned(),
        }
    }

    /// What a person reads.
    pub fn label(self) -> String {
        match self.0 {
            By::Item(item) if item.kind == Kind::Birth => "Age on the last day".to_owned(),
            By::Item(item) => item.label.to_owned(),
            By::Area => "Area".to_owned(),
            By::Sessions => "Sessions in the diary".to_owned(),
            By::TookPlace => "Sessions that took place".to_owned(),
            By::Month => "Month".to_owned(),
            By::Weekday => "Day of the week".to_owned(),
            By::PartOfDay => "Time of day".to_owned(),
            By::Outcome => "What came of it".to_owned(),
        }
    }

    /// Whether it is said of a session and not of a child.
    pub const fn is_of_session(self) -> bool {
        matches!(self.0, By::Month | By::Weekday | By::PartOfDay | By::Outcome)
    }

    /// The item of the catalogue that it is made from.
    pub const fn item(self) -> Option<&'static Item> {
        match self.0 {
            By::Item(item) => Some(item),
            _ => None,
        }
    }

    /// Its groups, in order: the same whoever is counted, so that a group that is there says nothing. `areas` are the labels of the
    /// authority's areas; the period is for the months.
    pub fn groups(self, areas: &[String], from: Date, until: Date) -> Vec<String> {
        let owned = |of: &[&str]| of.iter().map(|name| (*name).to_owned()).collect();
        match self.0 {
            By::Item(item) => groups_of(item).unwrap_or_default(),
            By::Area => areas.to_vec(),
            By::Sessions => SESSIONS.iter().skip(1).map(|(name, _)| (*name).to_owned()).collect(),
            By::TookPlace => SESSIONS.iter().map(|(name, _)| (*name).to_owned()).collect(),
            By::Month => months(from, until).map(month_and_year).collect(),
            By::Weekday => owned(&WEEKDAYS),
            By::PartOfDay => PARTS.iter().map(|(name, _)| (*name).to_owned()).collect(),
            By::Outcome => {
                use SessionState as S;
                [S::Completed, S::EndedEarly, S::DidNotAttend, S::Cancelled, S::Planned]
                    .map(outcome)
                    .map(str::to_owned)
                    .into()
            }
        }
    }

    /// The group of a child, or of one of the child's sessions; `None` of a session's variable without a session.
    pub fn group(self, child: &OfChild, session: Option<OfSession>) -> Option<String> {
        Some(match self.0 {
            By::Item(item) => group_of(item, child),
            By::Area => child.area.to_owned(),
            By::Sessions => how_many(child.sessions).to_owned(),
            By::TookPlace => how_many(child.took_place).to_owned(),
            By::Month => month_and_year(session?.slot.day),
            By::Weekday => session?.slot.day.strftime("%A").to_string(),
            By::PartOfDay => {
                let minute = session?.slot.start_minute;
                PARTS.iter().find(|(_, before)| minute < *before).map_or("", |(name, _)| name).to_owned()
            }
            By::Outcome => outcome(session?.state).to_owned(),
        })
    }
}

const fn outcome(state: SessionState) -> &'static str {
    match state {
        SessionState::Completed => TOOK_PLACE,
        SessionState::EndedEarly | SessionState::DidNotAttend | SessionState::Cancelled => state.label(),
        SessionState::Planned | SessionState::Confirmed | SessionState::InProgress | SessionState::Void => {
            NOT_WRITTEN_UP
        }
    }
}

fn how_many(number: u64) -> &'static str {
    SESSIONS.iter().find(|(_, most)| number <= *most).map_or("", |(name, _)| name)
}

/// The first days of the months of a period.
fn months(from: Date, until: Date) -> impl Iterator<Item = Date> {
    let next = |day: &Date| day.checked_add(jiff::Span::new().months(1)).ok();
    std::iter::successors(Some(from.first_of_month()), next).take_while(move |day| *day <= until)
}

/// The groups of an item; `None` of a kind that cannot be counted.
fn groups_of(item: &Item) -> Option<Vec<String>> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut groups = match item.kind {
        Kind::Birth => {
            let mut ages = owned(&[NOT_BORN]);
            ages.extend(AGES.iter().map(|(name, _)| (*name).to_owned()));
            ages
        }
        Kind::OneOf(_) if !item.grouped.is_empty() => {
            item.grouped.iter().map(|(title, _)| (*title).to_owned()).collect()
        }
        Kind::OneOf(choices) => choices.iter().map(|(_, label)| (*label).to_owned()).collect(),
        Kind::YesNo(no) => owned(&["Yes", no]),
        Kind::Language => owned(&["English", "Welsh", "Another language"]),
        // A text is never given out: that there is one is counted.
        Kind::Short | Kind::Long | Kind::Lines => return Some(owned(&["Something is noted", "Nothing is noted"])),
        _ => return None,
    };
    if !groups.iter().any(|group| group == NOT_SAID) {
        groups.push(NOT_SAID.to_owned());
    }
    Some(groups)
}

fn group_of(item: &Item, child: &OfChild) -> String {
    let said = child.values.get(item.code).trim();
    let group = match item.kind {
        Kind::Birth => Birth::of(child.values).map(|birth| age_band(birth, child.until).to_owned()),
        Kind::OneOf(choices) => choices.iter().position(|(code, _)| *code == said).map(|place| {
            let mut upto = 0;
            let group = item.grouped.iter().find(|(_, many)| {
                upto += many;
                place < upto
            });
            group.map_or(choices[place].1, |(title, _)| title).to_owned()
        }),
        Kind::YesNo(no) => match said {
            "yes" => Some("Yes".to_owned()),
            "no" => Some(no.to_owned()),
            _ => None,
        },
        Kind::Language => match said {
            "" => None,
            "English" | "Welsh" => Some(said.to_owned()),
            _ => Some("Another language".to_owned()),
        },
        _ if said.is_empty() => Some("Nothing is noted".to_owned()),
        _ => Some("Something is noted".to_owned()),
    };
    group.unwrap_or_else(|| NOT_SAID.to_owned())
}

fn age_band(birth: Birth, on: Date) -> &'static str {
    if matches!(birth, Birth::Expected { .. }) || birth.earliest() > on {
        return NOT_BORN;
    }
    let age = birth.age_on(on);
    AGES.iter().find(|(_, most)| age <= *most).map_or("", |(name, _)| name)
}
