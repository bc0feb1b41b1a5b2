//! What changed between two plans of a child: an arrangement keeps its identity through the plans that follow each other.

use super::{Arrangement, ContactPlan};
use crate::ids::PersonId;

/// What is said of an arrangement beside its sentence, and how that is called.
type Beside = (&'static str, fn(&Arrangement) -> Option<&String>);

const BESIDE: [Beside; 4] = [
    ("the interpreter", |line| line.interpreter.as_ref()),
    ("how the child gets there and back", |line| line.transport.as_ref()),
    ("the rules", |line| line.rules.as_ref()),
    ("what happens if it cannot take place", |line| line.contingency.as_ref()),
];

impl ContactPlan {
    /// What is other than in an earlier plan, a line for each arrangement that came, went or changed; `names` gives the names
    /// of people. Empty when the two arrange the same.
    pub fn changed_since(&self, before: &ContactPlan, names: impl Fn(&[PersonId]) -> String) -> Vec<String> {
        let sentence = |line: &Arrangement| line.sentence(&names(&line.with));
        let mut changes = Vec::new();
        for line in &self.arrangements {
            let Some(then) = before.arrangement(line.id) else {
                changes.push(format!("New. {}", sentence(line)));
                continue;
            };
            let (now, was) = (sentence(line), sentence(then));
            if now != was {
                changes.push(format!("Changed. {now} Before: {was}"));
            }
            let mut beside: Vec<&str> =
                BESIDE.iter().filter(|(_, of)| of(line) != of(then)).map(|(what, _)| *what).collect();
            if line.venue != then.venue {
                beside.insert(0, "the venue");
            }
            if !beside.is_empty() {
                changes.push(format!("With {}, changed: {}", names(&line.with), beside.join(", ")));
            }
        }
        let gone = before.arrangements.iter().filter(|then| self.arrangement(then.id).is_none());
        changes.extend(gone.map(|then| format!("No longer. {}", sentence(then))));
        changes
    }
}
