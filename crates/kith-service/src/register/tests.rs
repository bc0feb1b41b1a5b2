//! What the file of a register may say.

use super::*;

/// The register that is shipped.
pub(super) const GOOD: &str = crate::testing::REGISTER;

/// The register that a text says.
pub(super) fn register(text: &str) -> Register {
    Register::parse(Path::new("kith.toml"), text).unwrap_or_else(|error| panic!("{error}"))
}

/// What is wrong with the register that is shipped once something in it is said otherwise; empty if nothing is.
pub(super) fn wrong(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    let text = GOOD.replacen(from, to, 1);
    Register::parse(Path::new("kith.toml"), &text).err().map_or_else(String::new, |error| error.to_string())
}

#[test]
fn the_register_that_is_shipped_is_good() {
    let register = register(GOOD);
    assert_eq!(register.code(), "nenedale");
    assert_eq!(register.write_up_minutes(), 30);
    assert_eq!(
        register.figures().iter().map(|figure| figure.value).collect::<Vec<_>>(),
        [1, 5, 2, 3, 12, 3, 30, 15, 24, 120, 60, 15, 12, 3, 3, 180, 4, 90, 30]
    );
    assert_eq!(register.opening()[5].map(|hours| hours.end_minute), Some(17 * 60));
    assert!(Purpose::ALL.iter().all(|purpose| register.has_purpose(*purpose)));
    assert!(register.calendar().in_school_term(jiff::civil::date(2026, 11, 24)));
}

#[test]
fn a_bank_holiday_proclaimed_for_one_year_is_a_line_of_the_register() {
    // Handbook section 8: bank holidays and closures shut.
    let more = "[[closed_days]]\nday = \"2027-06-07\"\nname = \"Day of celebration\"\n\n[settings]";
    let text = GOOD.replacen("[settings]", more, 1);
    let register = register(&text);
    assert_eq!(register.calendar().shut(jiff::civil::date(2027, 6, 7)), Some("Day of celebration"));
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    for (from, to, line, words) in [
        ("sign_within_hours = 24", "sign_within_hours = 0", "sign_within_hours =", "must be between 1 and 336"),
        ("sign_within_hours = 24", "sign_within_hours = \"a day\"", "sign_within_hours =", "invalid type"),
        ("sign_within_hours = 24", "sign_in_hour = 24", "sign_in_hour =", "unknown field"),
        ("code = \"assessment\"", "code = \"marketing\"", "code = \"marketing\"", "is not known"),
        ("code = \"south\"", "code = \"north\"", "\"South Nenedale\"", "there twice"),
        ("saturday = \"09:00-17:00\"", "saturday = \"17:00-09:00\"", "saturday =", "must look like"),
        ("[settings]", "[settings", "[settings", "unclosed table"),
        ("to = \"2026-12-18\"", "to = \"2026-08-18\"", "to = \"2026-08-18\"", "must end on or after"),
        ("from = \"2027-01-04\"", "from = \"2026-12-18\"", "from = \"2026-12-18\"", "must begin after the one before"),
        ("from = \"2027-01-04\"", "from = \"4 January\"", "from = \"4 January\"", "must be a day like"),
        (
            "[settings]",
            "[[closed_days]]\nday = \"2027-06-31\"\nname = \"x\"\n[settings]",
            "2027-06-31",
            "must be a day like",
        ),
    ] {
        let message = wrong(from, to);
        let text = GOOD.replacen(from, to, 1);
        let expected = text.lines().position(|l| l.contains(line)).map_or(0, |index| index + 1);
        let near = [expected, expected.saturating_sub(1)];
        assert!(
            near.iter().any(|line| message.starts_with(&format!("kith.toml, line {line}: ")))
                && message.contains(words),
            "{to}: {message}, expected line {expected}"
        );
    }
}

#[test]
fn a_register_that_is_not_there_says_so() {
    let error = Register::read(Path::new("no-such-kith.toml")).err().map_or_else(String::new, |e| e.to_string());
    assert!(error.starts_with("cannot read the register no-such-kith.toml"), "{error}");
}
