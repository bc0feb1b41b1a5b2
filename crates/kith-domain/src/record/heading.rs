//! What a record is written under: headings with their guidance, by the child's age and the record's purpose.

use crate::codes::codes;

codes! {
    /// The child's age band, which decides the guidance.
    AgeBand {
        Baby = "under_1", "Under 1";
        Toddler = "1_4", "1 to 4";
        Child = "5_10", "5 to 10";
        YoungPerson = "11_17", "11 to 17";
    }
}

impl AgeBand {
    /// The band of an age in whole years.
    pub const fn of_age(years: i16) -> AgeBand {
        match years {
            ..=0 => AgeBand::Baby,
            1..=4 => AgeBand::Toddler,
            5..=10 => AgeBand::Child,
            _ => AgeBand::YoungPerson,
        }
    }
}

codes! {
    /// What the record is for.
    RecordPurpose {
        Proceedings = "proceedings", "In proceedings or assessment";
        Relationship = "relationship", "Maintaining the relationship";
    }
}

codes! {
    /// Headings of a record, in its order.
    Heading {
        Before = "before", "Before the session";
        Arrival = "arrival", "Arrival and greeting";
        Interaction = "interaction", "Interaction";
        Play = "play", "Play";
        Communication = "communication", "Communication";
        Care = "care", "Care and meals";
        Boundaries = "boundaries", "Boundaries and safety";
        ChildSaid = "child_said", "What the child said";
        Supervisor = "supervisor", "What the supervisor did and why";
        Ending = "ending", "Ending and goodbye";
        AfterCarer = "after_carer", "After, with the carer";
        Practical = "practical", "Practical matters";
        ForWorker = "for_worker", "For the social worker";
    }
}

impl Heading {
    /// What to look for, of several children: each answer once, with the names of those whom it is for, the youngest first.
    pub fn guidance_of(self, children: &[(String, AgeBand)], purpose: RecordPurpose) -> Vec<(Vec<&str>, &'static str)> {
        let mut by_age: Vec<&(String, AgeBand)> = children.iter().collect();
        by_age.sort_by_key(|(_, band)| *band);
        let mut guidance: Vec<(Vec<&str>, &'static str)> = Vec::new();
        for (name, band) in by_age {
            let words = self.guidance(*band, purpose);
            match guidance.iter_mut().find(|(_, known)| *known == words) {
                Some((names, _)) => names.push(name),
                None => guidance.push((vec![name], words)),
            }
        }
        guidance
    }

    /// What to look for under this heading at this age and for this purpose, at hand while writing.
    pub const fn guidance(self, band: AgeBand, purpose: RecordPurpose) -> &'static str {
        match (self, band) {
            (Heading::Before, _) => {
                "How was the child on the way and while waiting? Who said so? What did the carer pass on?"
            }
            (Heading::Arrival, AgeBand::Baby) => {
                "Who took the baby, and how? Did the baby look, turn, settle, stiffen or cry? For how long?"
            }
            (Heading::Arrival, AgeBand::Toddler) => {
                "Who moved to whom first? What did each say and do? Did the child hold back, run, cling?"
            }
            (Heading::Arrival, _) => match purpose {
                RecordPurpose::Proceedings => {
                    "Exact time each arrived, and the reason given for lateness in their words. Who greeted whom, and how?"
                }
                RecordPurpose::Relationship => "Who greeted whom, and how did each of them seem?",
            },
            (Heading::Interaction, AgeBand::Baby) => {
                "Holding, eye contact, talking to the baby. How are cues noticed and answered? How is crying soothed, and how long does it take?"
            }
            (Heading::Interaction, AgeBand::Toddler) => {
                "Who starts touch, and how is it received? Who comforts? How does the adult follow the child’s lead?"
            }
            (Heading::Interaction, AgeBand::Child) => {
                "Affection and who starts it, tone of voice, body language. How does the adult share attention between children?"
            }
            (Heading::Interaction, AgeBand::YoungPerson) => {
                "Tone, listening, respect for the young person’s views. What do they choose to do together?"
            }
            (Heading::Play, AgeBand::Baby) => {
                "Faces, songs, toys within reach, time on the floor. Does the adult stop when the baby turns away?"
            }
            (Heading::Play, AgeBand::YoungPerson) => "What did they do, who chose it, and was it right for this age?",
            (Heading::Play, _) => {
                "What did they play, who chose, who led? How did the adult join in, and for how long?"
            }
            (Heading::Communication, AgeBand::Baby) => {
                "Talking, singing, naming. How does the adult answer sounds and looks?"
            }
            (Heading::Communication, _) => {
                "What was talked about? Any promise, question about the placement, or talk of the case: word for word."
            }
            (Heading::Care, AgeBand::Baby) => {
                "Feeds (time, amount, winding), nappies, sleep, warmth. What did the adult do unasked, what when prompted?"
            }
            (Heading::Care, _) => {
                "Food and drink brought and eaten, toilet, clothing, medication. Allergies kept in mind?"
            }
            (Heading::Boundaries, _) => {
                "What was the rule or risk, what happened, what did the adult do, what did you do? Times."
            }
            (Heading::ChildSaid, AgeBand::Baby) => "Sounds, looks and gestures, and what came just before them.",
            (Heading::ChildSaid, _) => {
                "The child’s own words, marked as a quotation. What was said just before, and by whom?"
            }
            (Heading::Supervisor, _) => "Where you stepped in: what you saw, what you did, why, and what changed.",
            (Heading::Ending, _) => {
                "How was the ending prepared? Who said goodbye to whom, how, and how did the child leave?"
            }
            (Heading::AfterCarer, _) => {
                "How was the child on the way back? What did you tell the carer, and what did they say?"
            }
            (Heading::Practical, _) => "Gifts, photographs, belongings, money, transport, the room.",
            (Heading::ForWorker, _) => "What the social worker needs to know today. Facts; who said it; no assessment.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_of_the_handbook() {
        for (age, band) in [
            (0, AgeBand::Baby),
            (1, AgeBand::Toddler),
            (4, AgeBand::Toddler),
            (5, AgeBand::Child),
            (10, AgeBand::Child),
            (11, AgeBand::YoungPerson),
        ] {
            assert_eq!(AgeBand::of_age(age), band);
        }
    }

    #[test]
    fn guidance_is_there_for_every_heading_and_age() {
        for heading in Heading::ALL {
            for band in AgeBand::ALL {
                assert!(heading.guidance(*band, RecordPurpose::Proceedings).len() > 30);
            }
        }
    }

    #[test]
    fn children_of_two_ages_are_each_looked_at_as_fits_their_age() {
        // Handbook section 9: "Headings follow the child's age band".
        let children = [("Jay".to_owned(), AgeBand::YoungPerson), ("Ada".to_owned(), AgeBand::Baby)];
        let play = Heading::Play.guidance_of(&children, RecordPurpose::Relationship);
        assert_eq!(play.iter().map(|(names, _)| names.as_slice()).collect::<Vec<_>>(), [["Ada"], ["Jay"]]);
        let same = Heading::Practical.guidance_of(&children, RecordPurpose::Relationship);
        assert_eq!((same.len(), same[0].0.as_slice()), (1, &["Ada", "Jay"][..]));
    }
}
