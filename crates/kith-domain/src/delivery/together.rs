//! How long two people were in the room together.

use serde::{Deserialize, Serialize};

/// From when to when somebody was there, clock minutes of the session's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    /// When they came.
    pub from_minute: i64,
    /// When they left.
    pub to_minute: i64,
}

/// Whether somebody was there at all.
pub(super) fn any(stays: &[Stay]) -> bool {
    !stays.is_empty()
}

/// Minutes in which both were there. Stays of one person that overlap are counted once.
pub(super) fn minutes(one: &[Stay], other: &[Stay]) -> i64 {
    let (one, other) = (apart(one), apart(other));
    let both = |a: &Stay, b: &Stay| (a.to_minute.min(b.to_minute) - a.from_minute.max(b.from_minute)).max(0);
    one.iter().flat_map(|a| other.iter().map(move |b| both(a, b))).sum()
}

/// The same minutes as stays that do not overlap.
fn apart(stays: &[Stay]) -> Vec<Stay> {
    let mut sorted: Vec<Stay> = stays.iter().filter(|stay| stay.from_minute < stay.to_minute).copied().collect();
    sorted.sort_by_key(|stay| stay.from_minute);
    let mut apart: Vec<Stay> = Vec::new();
    for stay in sorted {
        match apart.last_mut() {
            Some(last) if stay.from_minute <= last.to_minute => last.to_minute = last.to_minute.max(stay.to_minute),
            _ => apart.push(stay),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stays() -> impl Strategy<Value = Vec<Stay>> {
        prop::collection::vec((540_i64..700, 540_i64..700).prop_map(|(from, to)| stay(from, to)), 0..5)
    }

    /// In which minutes somebody was there, told one by one.
    fn there(stays: &[Stay]) -> std::collections::BTreeSet<i64> {
        stays.iter().flat_map(|stay| stay.from_minute..stay.to_minute).collect()
    }

    proptest! {
        /// Handbook section 19: "how long is the time they were there together", however it was written down.
        #[test]
        fn the_minutes_together_are_those_in_which_both_were_there(one in stays(), other in stays()) {
            let both = i64::try_from(there(&one).intersection(&there(&other)).count()).unwrap();
            prop_assert_eq!(minutes(&one, &other), both);
            prop_assert_eq!(minutes(&other, &one), both);
        }
    }

    fn stay(from_minute: i64, to_minute: i64) -> Stay {
        Stay { from_minute, to_minute }
    }

    #[test]
    fn only_minutes_that_both_were_there_count() {
        // Handbook section 19: "how long is the time they were there together".
        for (one, other, expected) in [
            (vec![stay(600, 690)], vec![stay(615, 700)], 75),
            (vec![stay(600, 610)], vec![stay(610, 690)], 0),
            (vec![stay(600, 600)], vec![stay(590, 690)], 0),
            (vec![stay(600, 620), stay(640, 690)], vec![stay(610, 650)], 20),
            (vec![stay(600, 650), stay(610, 620)], vec![stay(600, 690)], 50),
            (vec![], vec![stay(600, 690)], 0),
        ] {
            assert_eq!(minutes(&one, &other), expected);
        }
    }
}
