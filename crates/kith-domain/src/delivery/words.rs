//! What was counted, for reading.

use super::{Total, Whose};

/// Minutes as hours: `45 min`, `1 h 30 min`, `9 h`.
pub fn hours(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

impl Whose {
    /// Each part that there is: `1 not offered; 2 cancelled or not attended by the family`.
    pub fn words(&self) -> String {
        let parts = [
            (self.not_offered, "not offered"),
            (self.court, "cancelled by the court"),
            (self.unrecorded, "booked and not recorded"),
            (self.child, "cancelled or not attended by the child"),
            (self.family, "cancelled or not attended by the family"),
        ];
        let parts = parts.into_iter().filter(|(number, _)| *number > 0);
        parts.map(|(number, words)| format!("{number} {words}")).collect::<Vec<_>>().join("; ")
    }
}

impl Total {
    /// Time together against time owed: `4 h 30 min of 9 h, 4 h 30 min short`; empty where no length is given or nothing
    /// is owed yet.
    pub fn hours_words(&self) -> String {
        match (self.due_minutes, self.shortfall_minutes) {
            (Some(due), Some(short)) if due > 0 => {
                let short = if short > 0 { format!(", {} short", hours(short)) } else { String::new() };
                format!("{} of {}{short}", hours(self.held_minutes), hours(due))
            }
            _ => String::new(),
        }
    }

    /// What is still running: `2 of 3 so far`; empty when nothing is.
    pub fn running_words(&self) -> String {
        self.running_of.map(|of| format!("{} of {of} so far", self.running_held)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_words() {
        assert_eq!([45, 90, 540].map(hours), ["45 min", "1 h 30 min", "9 h"]);
        let whose = Whose { not_offered: 1, family: 2, ..Whose::default() };
        assert_eq!(whose.words(), "1 not offered; 2 cancelled or not attended by the family");
        let total = Total {
            due_minutes: Some(540),
            held_minutes: 270,
            shortfall_minutes: Some(270),
            running_held: 2,
            running_of: Some(3),
            ..Total::default()
        };
        assert_eq!(total.hours_words(), "4 h 30 min of 9 h, 4 h 30 min short");
        assert_eq!(total.running_words(), "2 of 3 so far");
        assert_eq!(Total::default().running_words(), "");
    }
}
