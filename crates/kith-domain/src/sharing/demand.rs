//! What the law makes the council give: the power is named, and a manager who did not enter it approves (handbook section 13).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{EnclosureKind, RecipientKind};
use crate::catalogue::by_key;
use crate::codes::codes;
use crate::decision::Decided;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};

codes! {
    /// Where a demand stands.
    DemandState {
        Asked = "asked", "Waits for a manager";
        Approved = "approved", "Approved";
        Refused = "refused", "Refused";
        Answered = "answered", "Answered";
    }
}

/// What is sealed of a demand. No Debug: it may speak of people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatutoryDemand {
    /// What the authority that asks is to the service.
    pub kind: RecipientKind,
    /// Its name, and who asks there.
    pub who: String,
    /// The power: act and section, or the order.
    pub power: String,
    /// What they ask, in their words.
    pub asks: String,
    /// The items that answer it, by key.
    pub items: Vec<String>,
    /// The kinds of whole papers that answer it.
    #[serde(default)]
    pub papers: Vec<EnclosureKind>,
    /// On which day it came.
    pub received: Date,
    /// What was decided.
    #[serde(default)]
    pub decided: Option<Decided>,
}

impl StatutoryDemand {
    /// Reads `kind`, `who`, `power`, `asks`, `items`, `papers`, `received`.
    pub fn read(fields: &Fields, today: Date) -> Result<StatutoryDemand, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let lawful = |code: &str| RecipientKind::from_code(code).filter(|kind| RecipientKind::BY_LAW.contains(kind));
        let kind = r.required_choice("kind", "What kind of authority asks", lawful);
        let who = r.required("who", "Who asks", SHORT_TEXT_CHARS);
        let power = r.required("power", "The power: act and section, or the order", SHORT_TEXT_CHARS);
        let asks = r.required("asks", "What they ask", LONG_TEXT_CHARS);
        let known = |key: &&String| by_key(key).is_some();
        let items: Vec<String> = fields.all("items").iter().filter(known).cloned().collect();
        let papers: Vec<EnclosureKind> =
            fields.all("papers").iter().filter_map(|code| EnclosureKind::from_code(code)).collect();
        if items.is_empty() && papers.is_empty() {
            r.problem("items", "Select what answers it. Nothing else goes");
        }
        let received = r.required_date("received", "Day on which it came");
        if received.is_some_and(|day| day > today) {
            r.problem("received-day", "Day on which it came must be today or in the past");
        }
        let problems = r.into_problems();
        match (kind, received) {
            (Some(kind), Some(received)) if problems.is_empty() => {
                Ok(StatutoryDemand { kind, who, power, asks, items, papers, received, decided: None })
            }
            _ => Err(problems),
        }
    }
}
