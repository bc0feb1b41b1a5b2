//! Figures that were given, and whether another one beside them would give somebody away.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kith_suppress::FEWEST;
use serde::{Deserialize, Serialize};

use super::Unit;

/// A count that was given to somebody. It speaks of five people at least, so it is no personal data and is kept when what was made for
/// the request is gone: what comes later is held against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What was counted.
    pub unit: Unit,
    /// First day of the period.
    pub from: Date,
    /// Last day of the period.
    pub until: Date,
    /// Of whom: the group of each variable that they share, by its key; nothing said of a variable is everybody.
    pub of: BTreeMap<String, String>,
    /// How many.
    pub count: u64,
}

impl Figure {
    /// Whether everybody who is counted here would be counted there, if both were of the same days.
    fn is_within(&self, other: &Figure) -> bool {
        other.of.iter().all(|(variable, group)| self.of.get(variable) == Some(group))
    }
}

/// Whether two figures beside each other show a few people: both are of the same group, or one is of a part of the other's, their
/// periods overlap, and between them there are one to four. Nobody but these is what the one counts and the other does not.
pub fn tells_apart(one: &Figure, other: &Figure) -> bool {
    let overlap = one.from <= other.until && other.from <= one.until;
    let differ = one.count.abs_diff(other.count);
    one.unit == other.unit && overlap && (one.is_within(other) || other.is_within(one)) && (1..FEWEST).contains(&differ)
}
