//! What changed between two assessments of the same person for the same child.

use super::{Assessment, Scored};
use crate::form::lower_first;

impl Assessment {
    /// What is other than in an earlier one, a line for each: level, supervision, staff, what is asked, and each hazard that
    /// came, went or is scored otherwise. Empty when the two say the same, whatever their reasoning.
    pub fn changed_since(&self, before: &Assessment) -> Vec<String> {
        let mut changes = Vec::new();
        let mut turned = |what: &str, from: &str, to: &str| {
            if from != to {
                changes.push(format!("{what}: {to}, before {}", lower_first(from)));
            }
        };
        turned("Overall level", before.level.label(), self.level.label());
        turned("Supervision", before.supervision.label(), self.supervision.label());
        turned("Staff", &before.staff.to_string(), &self.staff.to_string());
        let yes_no = |yes: bool| if yes { "Yes" } else { "No" };
        turned("Bag check", yes_no(before.bag_check), yes_no(self.bag_check));
        turned("Meeting before the session", yes_no(before.meeting_before), yes_no(self.meeting_before));
        for feature in self.venue.iter().filter(|feature| !before.venue.contains(feature)) {
            changes.push(format!("The venue must have: {}", lower_first(feature.label())));
        }
        for feature in before.venue.iter().filter(|feature| !self.venue.contains(feature)) {
            changes.push(format!("The venue need not have any more: {}", lower_first(feature.label())));
        }
        let same = |one: &Scored, other: &Scored| (one.hazard, &one.what) == (other.hazard, &other.what);
        for now in &self.hazards {
            match before.hazards.iter().find(|then| same(now, then)) {
                None => changes.push(format!("New hazard: {}, {}", now.label(), scores(now))),
                Some(then) if scores(now) != scores(then) => {
                    changes.push(format!("{}: {}, before {}", now.label(), scores(now), scores(then)));
                }
                Some(then) if now.controls != then.controls => {
                    changes.push(format!("{}: other controls", now.label()));
                }
                Some(_) => {}
            }
        }
        for then in before.hazards.iter().filter(|then| !self.hazards.iter().any(|now| same(now, then))) {
            changes.push(format!("No longer a hazard: {}", then.label()));
        }
        changes
    }
}

/// `12 of 25 without controls and 6 with them`.
fn scores(of: &Scored) -> String {
    format!("{} of 25 without controls and {} with them", of.score(), of.residual())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::Supervision;
    use crate::risk::{Hazard, Level, VenueFeature};

    fn scored(hazard: Hazard, likelihood: i64) -> Scored {
        Scored {
            hazard,
            what: None,
            likelihood,
            impact: 3,
            controls: "Staff near".into(),
            residual_likelihood: 1,
            residual_impact: 3,
        }
    }

    fn assessment(hazards: Vec<Scored>) -> Assessment {
        Assessment {
            hazards,
            none_applies: false,
            level: Level::Low,
            supervision: Supervision::Supported,
            staff: 1,
            bag_check: false,
            meeting_before: false,
            venue: vec![VenueFeature::Alarm],
            summary: "Calm.".into(),
        }
    }

    /// Handbook section 6: what an assessment decides is the level, supervision, staff, venue features, bag check, a meeting.
    #[test]
    fn each_thing_that_it_decides_is_compared() {
        let before = assessment(vec![scored(Hazard::Weapons, 2), scored(Hazard::Online, 2), scored(Hazard::Hate, 2)]);
        assert!(before.changed_since(&before).is_empty());
        let mut now =
            assessment(vec![scored(Hazard::Weapons, 4), scored(Hazard::Abduction, 5), scored(Hazard::Hate, 2)]);
        (now.level, now.supervision, now.staff) = (Level::High, Supervision::Supervised, 2);
        (now.bag_check, now.meeting_before, now.venue) = (true, true, vec![VenueFeature::LockedDoor]);
        now.hazards[2].controls = "Two staff".into();
        now.summary = "Not calm.".into();
        assert_eq!(
            now.changed_since(&before),
            [
                "Overall level: High, before low",
                "Supervision: Supervised: within sight and hearing throughout, before supported: staff near",
                "Staff: 2, before 1",
                "Bag check: Yes, before no",
                "Meeting before the session: Yes, before no",
                "The venue must have: an outer door that is kept locked",
                "The venue need not have any more: an alarm within reach",
                "Weapons: 12 of 25 without controls and 3 with them, before 6 of 25 without controls and 3 with them",
                "New hazard: Abduction, 15 of 25 without controls and 3 with them",
                "Hate: other controls",
                "No longer a hazard: Online contact",
            ]
        );
    }
}
