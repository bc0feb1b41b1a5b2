//! What is known of somebody as `kith-linkage` compares it.

use jiff::ToSpan;
use kith_domain::form::Fields;
use kith_domain::person::{Birth, Name};
use kith_linkage::{Person, Sex};

/// Days before and after the day a birth is expected on which it may be.
const EXPECTED_DAYS: i64 = 28;
/// The numbers by which systems know a child.
const NUMBERS: [&str; 3] = ["care_first", "upn", "nhs_number"];

fn day(date: jiff::civil::Date) -> (u16, u8, u8) {
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    (u16::try_from(date.year()).unwrap_or_default(), part(date.month()), part(date.day()))
}

fn on(date: jiff::civil::Date) -> kith_linkage::Birth {
    let (year, month, day) = day(date);
    kith_linkage::Birth::on(year, month, day)
}

fn born(birth: Birth) -> kith_linkage::Birth {
    let (from, to) = match birth {
        Birth::On { day } => return on(day),
        Birth::Expected { day } => (day.saturating_sub(EXPECTED_DAYS.days()), day.saturating_add(EXPECTED_DAYS.days())),
        Birth::Between { from, to } => (from, to),
    };
    kith_linkage::Birth::between(day(from), day(to))
}

fn named(values: &Fields) -> Person {
    let Some(name) = Name::of(values) else { return Person::default() };
    Person { given_name: name.given, family_name: name.family, former_names: name.former, ..Person::default() }
}

/// A value that is there.
pub(super) fn there<'a>(values: &'a Fields, item: &str) -> Option<&'a str> {
    Some(values.get(item).trim()).filter(|text| !text.is_empty())
}

/// A child, from what is held of them or typed on a form. Where they live is not compared: it changes with every placement.
pub fn child_compared(values: &Fields) -> Person {
    let mut child = named(values);
    child.former_names.extend(there(values, "known_as").map(str::to_owned));
    child.birth = Birth::of(values).map(born);
    child.sex = Sex::parse(values.get("sex"));
    child.identifiers = NUMBERS.iter().filter_map(|item| there(values, item)).map(str::to_owned).collect();
    child
}

/// A member of a family, from what is held of them or typed on a form.
pub fn member_compared(values: &Fields) -> Person {
    let mut member = named(values);
    member.birth = values.date("birth_date").map(on);
    member.phones = there(values, "phone").map(str::to_owned).into_iter().collect();
    // An address is lines: the last with a postcode, those before it street and town.
    let mut lines: Vec<&str> = values.get("address").split(['\n', ',']).map(str::trim).collect();
    lines.retain(|line| !line.is_empty());
    if let Some(at) = lines.iter().rposition(|line| is_postcode(line)) {
        lines.remove(at).clone_into(&mut member.postcode);
    }
    if lines.len() > 1 {
        lines.pop().unwrap_or_default().clone_into(&mut member.locality);
    }
    member.streets = lines.into_iter().map(str::to_owned).collect();
    member
}

/// Whether a line is a postcode of the United Kingdom and nothing else: two parts, the second a digit and two letters.
fn is_postcode(line: &str) -> bool {
    let letters: Vec<u8> = line.bytes().filter(|letter| *letter != b' ').collect();
    (5..=7).contains(&letters.len())
        && letters[0].is_ascii_alphabetic()
        && matches!(letters[letters.len() - 3..], [digit, one, two]
            if digit.is_ascii_digit() && one.is_ascii_alphabetic() && two.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kith_linkage::Question;

    fn likely(one: &Person, other: &Person) -> (f64, String) {
        Question::new(one, 30_000).likely(other).map(|of| (of.probability, of.reasons)).expect("compared")
    }

    #[test]
    fn an_address_is_compared_in_its_parts() {
        let values = |address: &str| -> Fields {
            [("given_name", "Ada"), ("family_name", "Moss"), ("address", address)].into_iter().collect()
        };
        let (one, other) = (
            member_compared(&values("12 Mill Lane\nNorthbridge\nZZ1 1AA")),
            member_compared(&values("12 Mill Lane, Northbridge, zz11aa")),
        );
        assert_eq!((one.postcode.as_str(), one.locality.as_str()), ("ZZ1 1AA", "Northbridge"));
        assert!(likely(&one, &other).1.contains("same address"));
    }

    #[test]
    fn twins_either_side_of_midnight_and_twins_of_one_name_are_two_and_a_baby_who_was_expected_is_one() {
        let child = |given: &str, sex: &str, kind: &str, dob: &str| {
            let values: Fields =
                [("given_name", given), ("family_name", "Moss"), ("birth_kind", kind), ("dob", dob), ("sex", sex)]
                    .into_iter()
                    .collect();
            child_compared(&values)
        };
        let jo = child("Jo", "female", "on", "2026-10-24");
        let (probability, _) = likely(&jo, &child("Robin", "male", "on", "2026-10-25"));
        assert!(probability < 0.05, "either side of midnight: {probability}");
        // Two of one name are shown, with what differs: it is for a person to say.
        let (probability, reasons) = likely(&jo, &child("Jo", "male", "on", "2026-10-24"));
        assert!(probability > 0.05 && reasons.contains("different sex"), "{probability} {reasons}");
        let (probability, reasons) = likely(&jo, &child("Jo", "female", "expected", "2026-10-30"));
        assert!(probability > 0.3 && reasons.contains("within what is known"), "{probability} {reasons}");
    }
}
