//! Changing what a file says: who told it, how, since when it is so, and what it endangers (handbook sections 3 and 6).

use jiff::civil::Date;

use super::{Channel, settled, since_problem};
use crate::catalogue::{Group, check_items, of_section};
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::person::Birth;
use crate::referral::{Section, rules_of_group};
use crate::risk::VoidReason;

/// Fields of the form that say where a change comes from; no item has a code that begins like these.
pub const OF_SOURCE: &[&str] = &["told_by", "told_how", "told_since", "told_note"];

/// Where a change comes from. No Debug: it is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Told {
    /// Who said it, in words.
    pub by: String,
    /// How.
    pub how: Channel,
    /// Since when it is so.
    pub since: Date,
    /// Anything to remember.
    pub note: Option<String>,
}

/// What a file is to say instead of what it says. No Debug: it is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct ChangeFacts {
    /// Which items.
    pub group: Group,
    /// Their values, settled; an item that is not among them has none.
    pub values: Fields,
    /// Where it comes from.
    pub told: Told,
}

impl ChangeFacts {
    /// Reads the form of a group. `born` is when the person whom it is about was born, as far as it is known: for how
    /// somebody stands to the child, the child.
    pub fn read(group: Group, fields: &Fields, born: Option<Birth>, today: Date) -> Result<ChangeFacts, Vec<Problem>> {
        let mut reader = Reader::new(fields);
        check_items(&mut reader, group.items(), today);
        rules_of_group(&mut reader, group, today);
        if group == Group::Death {
            not_before_birth(&mut reader, born);
        }
        let told = read_told(&mut reader, born, today);
        let counted = fields.only(|name| group.items().any(|item| item.is_of(name) && item.counts(fields)));
        match (reader.into_problems(), told) {
            (problems, Some(told)) if problems.is_empty() => Ok(ChangeFacts { group, values: settled(&counted), told }),
            (problems, _) => Err(problems),
        }
    }
}

/// Nobody dies before they are born (handbook section 11).
fn not_before_birth(reader: &mut Reader, born: Option<Birth>) {
    let Some(died) = reader.fields().date("died") else { return };
    match born {
        Some(Birth::Expected { .. }) => {
            let words = "A child who died is born. Enter the date of birth first, under “Who the child is”";
            reader.problem("died-day", words);
        }
        Some(birth) if died < birth.earliest() => {
            let words = format!("Date of death must be on or after the birth: {}. Check both", birth.label());
            reader.problem("died-day", words);
        }
        _ => {}
    }
}

/// Somebody who comes into a child's family or contact. No Debug: it is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct AddMember {
    /// Everything about them, settled.
    pub values: Fields,
    /// Where it comes from.
    pub told: Told,
}

impl AddMember {
    /// Reads the form of a family member. `born` is when the child was born, as far as it is known.
    pub fn read(fields: &Fields, born: Option<Birth>, today: Date) -> Result<AddMember, Vec<Problem>> {
        let mut reader = Reader::new(fields);
        check_items(&mut reader, of_section(Section::Family), today);
        let told = read_told(&mut reader, born, today);
        let of = |name: &str| of_section(Section::Family).any(|item| item.is_of(name) && item.counts(fields));
        match (reader.into_problems(), told) {
            (problems, Some(told)) if problems.is_empty() => Ok(AddMember { values: settled(&fields.only(of)), told }),
            (problems, _) => Err(problems),
        }
    }
}

/// Somebody belongs to a child's family or contact no longer. No Debug: it is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct EndMember {
    /// Where it comes from, and since when it is so.
    pub told: Told,
}

impl EndMember {
    /// Reads who told it, how, since when. `born` is when the child was born, as far as it is known.
    pub fn read(fields: &Fields, born: Option<Birth>, today: Date) -> Result<EndMember, Vec<Problem>> {
        let mut reader = Reader::new(fields);
        let told = read_told(&mut reader, born, today);
        match (reader.into_problems(), told) {
            (problems, Some(told)) if problems.is_empty() => Ok(EndMember { told }),
            (problems, _) => Err(problems),
        }
    }
}

/// Reads who told it, how, since when and what else; `None` when one of them is missing, which is said to the reader.
fn read_told(reader: &mut Reader, born: Option<Birth>, today: Date) -> Option<Told> {
    let by = reader.required("told_by", "Who told you", SHORT_TEXT_CHARS);
    let how = reader.required_choice("told_how", "How you were told", Channel::from_code);
    let since = reader.required_date("told_since", "The date since when it is so");
    if let Some(problem) = since.and_then(|since| since_problem("told_since", since, born, today)) {
        reader.problem(problem.field, problem.message);
    }
    let note = reader.text("told_note", "Note", LONG_TEXT_CHARS);
    Some(Told { by, how: how?, since: since?, note })
}

/// On whose assessments a change bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BearsOn {
    /// Those of everybody whom the child sees.
    Everybody,
    /// Those of the person whom it is about.
    ThePerson,
}

/// What a change of these items would void, and on whose assessments it bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endangers {
    /// Changing any of these does.
    pub items: &'static [&'static str],
    /// If only this value does, whatever stood before.
    pub only: Option<&'static str>,
    /// Why the assessments are void.
    pub reason: VoidReason,
    /// Whose.
    pub bears_on: BearsOn,
}

const fn everybody(items: &'static [&'static str], reason: VoidReason) -> Endangers {
    Endangers { items, only: None, reason, bears_on: BearsOn::Everybody }
}

/// What a change in a group can endanger (handbook section 6: "void at once after a serious incident, a new order, a change
/// of placement or a new adult"); and what is newly known of the risk from a person bears on the assessments of them.
pub const fn endangers(group: Group) -> Option<Endangers> {
    match group {
        Group::Placement => Some(everybody(&["placement_type", "address"], VoidReason::PlacementMove)),
        Group::Carer => Some(everybody(&["carer"], VoidReason::PlacementMove)),
        Group::Legal => Some(everybody(&["legal_status", "court", "case_number", "order_date"], VoidReason::NewOrder)),
        Group::Safety => Some(everybody(&["incidents"], VoidReason::Incident)),
        Group::Attendance => Some(Endangers { only: Some("yes"), ..everybody(&["may_attend"], VoidReason::NewAdult) }),
        Group::Risk => Some(Endangers {
            bears_on: BearsOn::ThePerson,
            ..everybody(&["risk_marker", "risk_detail", "bail_conditions", "non_molestation"], VoidReason::NewRisk)
        }),
        _ => None,
    }
}

impl Endangers {
    /// Whether a change from one to the other does it.
    pub fn by(&self, before: &Fields, after: &Fields) -> bool {
        let said = |item: &&&str| self.only.is_none_or(|value| after.get(item) == value);
        self.items.iter().filter(said).any(|item| !before.same(after, item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 26);
    const BORN: Birth = Birth::On { day: date(2019, 3, 14) };

    fn school(since: &str) -> Fields {
        let said = [("school", "Lake School"), ("told_by", "Will"), ("told_how", "phone"), ("told_since", since)];
        said.into_iter().collect()
    }

    fn wrong(fields: &Fields) -> Vec<String> {
        let problems = ChangeFacts::read(Group::School, fields, Some(BORN), TODAY).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn every_item_of_a_file_is_in_one_group_that_a_page_can_change() {
        use crate::catalogue::{About, ITEMS};
        for item in ITEMS {
            let group = item.group();
            assert_eq!(group.is_none(), item.about == About::Contact, "{}", item.key());
            assert!(group.is_none_or(|group| group.is_of_family() == item.about.is_of_family()), "{}", item.key());
            assert!(OF_SOURCE.iter().all(|name| !item.is_of(name)), "{}", item.key());
        }
        assert!(Group::ALL.iter().all(|group| group.items().next().is_some()));
    }

    #[test]
    fn a_fact_of_the_future_or_from_before_the_birth_is_refused() {
        for (since, field) in
            [("2026-11-26", None), ("2019-03-14", None), ("2026-11-27", Some(())), ("2019-03-13", Some(()))]
        {
            let expected: &[&str] = if field.is_some() { &["told_since-day"] } else { &[] };
            assert_eq!(wrong(&school(since)), expected, "{since}");
        }
    }

    #[test]
    fn who_said_it_how_and_since_when_is_asked_for() {
        // Handbook section 3 "sources": who gave each fact and when.
        let nothing: Fields = [("school", "Lake School")].into_iter().collect();
        assert_eq!(wrong(&nothing), ["told_by", "told_how", "told_since-day"]);
    }

    #[test]
    fn what_is_asked_only_on_an_answer_is_gone_with_it() {
        let said = [
            ("has_allergies", "no"),
            ("allergies", "Bee stings"),
            ("medication", "None"),
            ("told_by", "Will"),
            ("told_how", "phone"),
            ("told_since", "2026-11-20"),
        ];
        let read = ChangeFacts::read(Group::Health, &said.into_iter().collect(), Some(BORN), TODAY);
        let values = read.map(|change| change.values).unwrap_or_default();
        assert_eq!((values.get("has_allergies"), values.get("allergies")), ("no", ""));
        assert_eq!(values.get("told_by"), "", "where it comes from is no fact about the child");
    }

    #[test]
    fn what_a_change_endangers() {
        // Handbook section 6.
        let of = |pairs: &[(&str, &str)]| -> Fields { pairs.iter().copied().collect() };
        for (group, before, after, does) in [
            (Group::Placement, &[("address", "1 Quiet Lane")][..], &[("address", "2 Long Road")][..], true),
            (Group::Placement, &[("confidential", "no")], &[("confidential", "yes")], false),
            (Group::Carer, &[("carer_phone", "1")], &[("carer_phone", "2")], false),
            (Group::Carer, &[("carer", "Carol")], &[("carer", "Dora")], true),
            (Group::Legal, &[("legal_status", "C1")], &[("legal_status", "C2")], true),
            (Group::Attendance, &[("may_attend", "no")], &[("may_attend", "yes")], true),
            (Group::Attendance, &[("may_attend", "yes")], &[("may_attend", "no")], false),
            (Group::Attendance, &[("entitlement", "a")], &[("entitlement", "b")], false),
            (Group::Risk, &[("risk_marker", "none")], &[("risk_marker", "known")], true),
            (Group::Safety, &[], &[("incidents", "A fight at the door")], true),
            (Group::Safety, &[("emergency_phone", "1")], &[("emergency_phone", "2")], false),
        ] {
            let endangers = endangers(group).is_some_and(|of_group| of_group.by(&of(before), &of(after)));
            assert_eq!(endangers, does, "{group:?} {before:?} {after:?}");
        }
    }
}
