//! A request for figures: who asks what, what for, of which months, until when; decided by somebody else; made; gone.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Figure, VARIABLES_MAX, Variable, variable};
use crate::access::Role;
use crate::calendar::{day_number, long_date};
use crate::codes::codes;
use crate::decision::Decided;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};

codes! {
    /// Where a request for figures stands.
    ResearchState {
        Asked = "asked", "Waits for a decision";
        Approved = "approved", "Being counted";
        Refused = "refused", "Refused";
        Ready = "ready", "Ready";
        Ended = "ended", "Gone";
    }
}

codes! {
    /// What the figures are for.
    ForWhat {
        Planning = "planning", "Planning the service";
        Research = "research", "Research";
    }
}

codes! {
    /// What is made.
    Shape {
        Table = "table", "Counts in a table";
        Lines = "lines", "A line for each child, under a pseudonym";
    }
}

codes! {
    /// What is counted.
    Unit {
        Children = "children", "Children who had a session in the diary";
        Sessions = "sessions", "Sessions in the diary, once for each child";
    }
}

/// The longest for which what was made is kept, in days: a year.
const KEPT_MAX_DAYS: i64 = 366;
/// The longest period, in months: five years.
const MONTHS_MAX: i32 = 60;

/// Whole months: a period that could be moved by a day would show who came or went on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthlyPeriod {
    /// The first day of the first month.
    pub from: Date,
    /// The last day of the last.
    pub until: Date,
}

impl MonthlyPeriod {
    /// For reading: "1 July 2026 to 30 September 2026".
    pub fn words(&self) -> String {
        format!("{} to {}", long_date(self.from), long_date(self.until))
    }
}

/// What somebody asks. It names nobody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestFacts {
    /// What it is called.
    pub title: String,
    /// What for.
    pub for_what: ForWhat,
    /// What is to be found out, and why it cannot be without.
    pub question: String,
    /// Who will work with it, and where it is kept.
    pub with: String,
    /// What is made.
    pub shape: Shape,
    /// What is counted.
    pub unit: Unit,
    /// By what: keys of variables, of a table the rows first and then the columns; of lines what is wanted most first.
    pub by: Vec<String>,
    /// Of which months.
    pub period: MonthlyPeriod,
    /// The last day on which it can be had.
    pub expires_on: Date,
}

impl RequestFacts {
    /// Reads `title`, `for_what`, `question`, `with`, `shape`, `unit`, `rows` and `columns` of a table, `first` to `sixth` of lines,
    /// `from`, `until`, `expires_on`. `counted` says whether the authority's register lets an item be read for planning.
    pub fn read(
        fields: &Fields,
        today: Date,
        counted: impl Fn(Variable) -> bool,
    ) -> Result<RequestFacts, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let title = r.required("title", "A name for it", SHORT_TEXT_CHARS);
        let for_what = r.required_choice("for_what", "What it is for", ForWhat::from_code);
        let question = r.required("question", "What is to be found out", LONG_TEXT_CHARS);
        let with = r.required("with", "Who will work with it, and where it is kept", LONG_TEXT_CHARS);
        let shape = r.required_choice("shape", "What is to be made", Shape::from_code);
        let unit = match shape {
            Some(Shape::Table) => r.required_choice("unit", "What is counted", Unit::from_code),
            _ => Some(Unit::Children),
        };
        let by = match shape {
            Some(shape) => variables_of(&mut r, shape, unit, counted),
            None => Vec::new(),
        };
        let period = period(&mut r, today);
        let expires_on = r.required_date("expires_on", "Last day on which it is needed");
        if let Some(day) = expires_on {
            let days = day_number(day) - day_number(today);
            if days < 0 {
                r.problem("expires_on-day", "Last day on which it is needed must be today or later");
            } else if days > KEPT_MAX_DAYS {
                let latest = today.saturating_add(KEPT_MAX_DAYS.days());
                r.problem(
                    "expires_on-day",
                    format!(
                        "Last day on which it is needed must be within a year: {} at the latest",
                        long_date(latest)
                    ),
                );
            }
        }
        let read = (|| {
            Some(RequestFacts {
                title,
                for_what: for_what?,
                question,
                with,
                shape: shape?,
                unit: unit?,
                by,
                period: period?,
                expires_on: expires_on?,
            })
        })();
        let problems = r.into_problems();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// What it is counted by. What the catalogue does not know any more is left out.
    pub fn variables(&self) -> Vec<Variable> {
        self.by.iter().filter_map(|key| variable(key)).collect()
    }
}

/// The names of the fields that say what lines are made of, in order.
const LINE_FIELDS: [&str; VARIABLES_MAX] = ["first", "second", "third", "fourth", "fifth", "sixth"];

fn variables_of(r: &mut Reader, shape: Shape, unit: Option<Unit>, counted: impl Fn(Variable) -> bool) -> Vec<String> {
    let (required, others): (&str, &[&str]) = match shape {
        Shape::Table => ("rows", &["columns"]),
        Shape::Lines => ("first", &LINE_FIELDS[1..]),
    };
    let label = if shape == Shape::Table { "What stands in the rows" } else { "What is wanted most" };
    let mut by: Vec<String> = r.required_choice(required, label, variable).iter().map(|of| of.key()).collect();
    let mut named = vec![required];
    for field in others {
        if let Some(of) = r.choice(field, "What else is counted by", variable) {
            by.push(of.key());
            named.push(field);
        }
    }
    let pairs: Vec<(&str, Variable)> =
        named.into_iter().zip(&by).filter_map(|(field, key)| Some((field, variable(key)?))).collect();
    for (place, (field, of)) in pairs.iter().enumerate() {
        if pairs[..place].iter().any(|(_, earlier)| earlier == of) {
            r.problem(*field, format!("“{}” is chosen already. Choose another, or leave this one empty", of.label()));
        }
        if of.is_of_session() && unit != Some(Unit::Sessions) {
            r.problem(*field, format!("“{}” is said of sessions, and children are counted here", of.label()));
        }
        if !counted(*of) {
            let words = format!("The register does not let “{}” be used for planning and research", of.label());
            r.problem(*field, words);
        }
    }
    by
}

fn period(r: &mut Reader, today: Date) -> Option<MonthlyPeriod> {
    let from = r.required_date("from", "First day");
    let until = r.required_date("until", "Last day");
    let before = r.count();
    if let Some(from) = from
        && from.day() != 1
    {
        r.problem(
            "from-day",
            format!(
                "First day must be the first of a month, such as {}: whole months are counted",
                long_date(from.first_of_month())
            ),
        );
    }
    if let Some(until) = until {
        if until.day() != until.last_of_month().day() {
            let words = format!(
                "Last day must be the last of a month, such as {}: whole months are counted",
                long_date(until.last_of_month())
            );
            r.problem("until-day", words);
        } else if until >= today {
            r.problem("until-day", "Last day must be in the past: a month is counted when it is over");
        }
    }
    let (from, until) = (from?, until?);
    if until < from {
        r.problem("until-day", "Last day must be after the first day");
    } else if from.saturating_add(MONTHS_MAX.months()) <= until {
        r.problem("until-day", "Last day must be within five years of the first day");
    }
    (r.count() == before).then_some(MonthlyPeriod { from, until })
}

/// That something was made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeExtract {
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// The counts that are in it: each of five people at least.
    pub figures: Vec<Figure>,
    /// Whether figures were withheld because of others that were given before.
    pub beside_earlier: bool,
}

/// What is sealed of a request for figures.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResearchRequest {
    /// What is asked.
    pub facts: RequestFacts,
    /// In which role somebody asked.
    pub role: Role,
    /// What was decided.
    #[serde(default)]
    pub decided: Option<Decided>,
    /// That it was made.
    #[serde(default)]
    pub made: Option<MadeExtract>,
    /// When what was made went, UTC milliseconds.
    #[serde(default)]
    pub ended_ms: Option<i64>,
}

/// What was made: a table, as it is read and as a spreadsheet takes it. Sealed for itself alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extract {
    /// The heading of each column.
    pub columns: Vec<String>,
    /// The lines, each as long as the headings.
    pub lines: Vec<Vec<String>>,
}

impl ResearchRequest {
    /// Whether somebody in a role can decide it, who is not who asked: a manager's request is decided by the data protection officer, and
    /// the officer's by a manager.
    pub fn decided_by(&self, role: Role) -> bool {
        match self.role {
            Role::DataProtection => role == Role::Manager,
            _ => role == Role::DataProtection,
        }
    }
}
