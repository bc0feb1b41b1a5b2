//! The contact that is wanted: for each member of the family who may attend, how often, how long, how, and with whom
//! together (handbook section 3 "contact wanted").

use super::ReferralDraft;
use crate::catalogue::{SEES_ALONE, SEES_TOGETHER};
use crate::form::{Fields, Problem};
use crate::ids::PersonId;

/// The list in the section "contact wanted".
const LIST: &str = "wanted";
const WHO: &str = "who";
const TOGETHER_WITH: &str = "together_with";

/// Contact with one member of the family, and with those who come to the same sessions. No Debug: it is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Who.
    pub who: PersonId,
    /// Who comes to the same sessions.
    pub together: Vec<PersonId>,
    /// How often, how long, how: as typed.
    pub fields: Fields,
}

/// The rows of the list, each with whom it is about.
fn rows(contact: &Fields) -> Vec<(PersonId, Fields)> {
    let rows = contact.rows(LIST, WHO).into_iter();
    rows.filter_map(|row| Some((row.get(WHO).parse().ok()?, row))).collect()
}

fn together_with(row: &Fields) -> Option<PersonId> {
    row.get(TOGETHER_WITH).parse().ok().filter(|_| row.has("sees", SEES_TOGETHER))
}

/// The contact that a section asks for, in the order of its rows: who is seen in somebody else's sessions stands with them.
pub fn wanted_contact(contact: &Fields) -> Vec<Wanted> {
    let rows = rows(contact);
    let alone = rows.iter().filter(|(_, row)| row.has("sees", SEES_ALONE));
    let with = |who: PersonId| rows.iter().filter(move |(_, row)| together_with(row) == Some(who)).map(|(who, _)| *who);
    alone.map(|(who, row)| Wanted { who: *who, together: with(*who).collect(), fields: row.clone() }).collect()
}

/// Writes down contact with these people, each with what is typed of it: the other way round than [`wanted_contact`].
pub fn set_wanted(contact: &mut Fields, wanted: &[(PersonId, &[(&str, &str)])]) {
    let row = |(who, typed): &(PersonId, &[(&str, &str)])| {
        let usual = [(WHO, who.to_string()), ("sees", SEES_ALONE.to_owned()), ("mode", "in_person".to_owned())];
        let mut row: Fields = usual.into_iter().collect();
        for (name, value) in *typed {
            row.set(*name, *value);
        }
        row
    };
    contact.set_rows(LIST, wanted.iter().map(row));
}

impl ReferralDraft {
    /// Whom the children are to see.
    pub fn is_to_see(&self) -> Vec<PersonId> {
        wanted_contact(&self.contact).into_iter().flat_map(|of| std::iter::once(of.who).chain(of.together)).collect()
    }

    /// Takes people out of the contact that is wanted. Who was to come to their sessions keeps these as their own.
    pub(crate) fn take_out_of_wanted(&mut self, gone: &[PersonId]) {
        let mut rows = rows(&self.contact);
        for person in gone {
            let Some(place) = rows.iter().position(|(who, _)| who == person) else { continue };
            let (_, row) = rows.remove(place);
            let mut heir = None;
            for (who, other) in rows.iter_mut().filter(|(_, other)| together_with(other) == Some(*person)) {
                match heir {
                    None => {
                        heir = Some(*who);
                        *other = row.clone();
                        other.set(WHO, who.to_string());
                    }
                    Some(heir) => other.set(TOGETHER_WITH, heir.to_string()),
                }
            }
        }
        if !gone.is_empty() {
            self.contact.set_rows(LIST, rows.into_iter().map(|(_, row)| row));
        }
    }

    /// The section with the rows of those who may attend. A row of somebody who must not, or is on the form no more, stays
    /// as it was typed and counts for nothing.
    pub(super) fn wanted_of_those_who_may(&self) -> Fields {
        let may: Vec<PersonId> = self.attending().map(|member| member.id).collect();
        let mut contact = self.contact.clone();
        contact
            .set_rows(LIST, rows(&self.contact).into_iter().filter(|(who, _)| may.contains(who)).map(|(_, row)| row));
        contact
    }

    /// Contact is said of everybody who may attend, of nobody else, and somebody is seen. `contact`: the section with the rows of
    /// those who may.
    pub(super) fn add_problems_of_wanted(&self, contact: &Fields, problems: &mut Vec<Problem>) {
        let rows = rows(contact);
        if rows.is_empty() {
            return;
        }
        let is_said = |person: PersonId| rows.iter().any(|(who, _)| *who == person);
        if self.family.iter().any(|member| !member.is_barred() && !is_said(member.id)) {
            problems.push(Problem::new(LIST, "Say of everybody who may attend whether contact is wanted"));
        }
        for (place, (_, row)) in rows.iter().enumerate() {
            let field = |name: &str| format!("{LIST}.{place}.{name}");
            if let Some(other) = together_with(row)
                && !rows.iter().any(|(who, of)| *who == other && of.has("sees", SEES_ALONE))
            {
                let words = "Together with must be somebody who has sessions of their own";
                problems.push(Problem::new(field(TOGETHER_WITH), words));
            }
            let letters = row.has("mode", "letterbox");
            if row.has("sees", SEES_ALONE) && !letters && row.get("minutes").trim().is_empty() {
                problems.push(Problem::new(field("minutes"), "Enter how long each session lasts, in minutes"));
            }
        }
        if rows.iter().all(|(_, row)| !row.has("sees", SEES_ALONE)) {
            problems.push(Problem::new(LIST, "Select at least one person whom the child is to see"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::referral::FamilyDraft;
    use uuid::Uuid;

    fn person(number: u128) -> PersonId {
        PersonId(Uuid::from_u128(number))
    }

    fn form() -> ReferralDraft {
        let member = |number| FamilyDraft {
            id: person(number),
            fields: [("given_name", "Len"), ("may_attend", "yes")].into_iter().collect(),
        };
        let mut form = ReferralDraft { family: vec![member(1), member(2), member(3)], ..ReferralDraft::default() };
        let first = person(1).to_string();
        set_wanted(
            &mut form.contact,
            &[
                (person(1), &[("count", "2"), ("per", "week"), ("minutes", "90")]),
                (person(2), &[("sees", "together"), ("together_with", &first)]),
                (person(3), &[("count", "1"), ("per", "month"), ("minutes", "60")]),
            ],
        );
        form
    }

    fn fields_wrong(form: &ReferralDraft) -> Vec<String> {
        let mut problems = Vec::new();
        form.add_problems_of_wanted(&form.wanted_of_those_who_may(), &mut problems);
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn each_person_has_a_frequency_of_their_own_or_comes_with_another() {
        let wanted = wanted_contact(&form().contact);
        let seen: Vec<_> = wanted.iter().map(|of| (of.who, of.together.len(), of.fields.get("per"))).collect();
        assert_eq!(seen, [(person(1), 1, "week"), (person(3), 0, "month")]);
    }

    #[test]
    fn who_may_not_come_any_more_leaves_their_sessions_to_the_one_who_came_along() {
        let mut form = form();
        form.take_out_of_wanted(&[person(1)]);
        let wanted = wanted_contact(&form.contact);
        let seen: Vec<_> = wanted.iter().map(|of| (of.who, of.fields.get("count"))).collect();
        assert_eq!(seen, [(person(2), "2"), (person(3), "1")]);
    }

    #[test]
    fn contact_is_said_of_everybody_who_may_attend_and_of_somebody_at_least() {
        let mut form = form();
        assert!(fields_wrong(&form).is_empty());
        form.family.push(FamilyDraft { id: person(4), fields: Fields::default() });
        assert_eq!(fields_wrong(&form), ["wanted"], "of the fourth nothing is said");
        form.family.truncate(2);
        form.family[0].fields.set("may_attend", "no");
        assert_eq!(fields_wrong(&form), ["wanted.0.together_with", "wanted"], "the second has nobody to come with");
    }
}
