//! Numbers that an authority gave, with what can be checked of them.

use super::Scheme;

/// The number in its usual writing, or what is wrong with it, to be read after its label.
pub(super) fn usual(scheme: Scheme, text: &str) -> Result<String, &'static str> {
    match scheme {
        Scheme::CareFirst => care_first(text),
        Scheme::Upn => upn(text),
        Scheme::Nhs => nhs(text),
    }
}

fn care_first(text: &str) -> Result<String, &'static str> {
    if text.chars().count() > 20 {
        return Err("must be 20 characters or fewer");
    }
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err("must contain only letters, digits and hyphens");
    }
    Ok(text.to_ascii_uppercase())
}

/// 13 characters: a check letter, the authority, the year, the serial number; the last may be a letter in a temporary
/// one (Department for Education, *Unique pupil numbers*: weights 2 to 13, modulo 23).
fn upn(text: &str) -> Result<String, &'static str> {
    const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";
    const WRONG: &str = "must be a letter and 12 digits, like A123456789012. Check each character";
    let usual: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
    let bytes = usual.as_bytes();
    let [check, rest @ ..] = bytes else { return Err(WRONG) };
    if rest.len() != 12 {
        return Err(WRONG);
    }
    let mut sum = 0;
    for (index, byte) in rest.iter().enumerate() {
        let worth = match byte {
            b'0'..=b'9' => usize::from(byte - b'0'),
            _ if index == 11 => LETTERS.iter().position(|letter| letter == byte).ok_or(WRONG)?,
            _ => return Err(WRONG),
        };
        sum += worth * (index + 2);
    }
    if LETTERS[sum % 23] == *check { Ok(usual) } else { Err(WRONG) }
}

/// Ten digits, the last of which is a check digit (NHS Data Dictionary: weights 10 to 2, modulo 11).
fn nhs(text: &str) -> Result<String, &'static str> {
    const WRONG: &str = "must be 10 digits, like 943 476 5919. Check each digit";
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let usual_marks = text.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-');
    let [body @ .., last] = digits.as_slice() else { return Err(WRONG) };
    if !usual_marks || body.len() != 9 {
        return Err(WRONG);
    }
    let sum: u32 = body.iter().zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    if (11 - sum % 11) % 11 != *last {
        return Err(WRONG);
    }
    let text: String = digits.iter().filter_map(|digit| char::from_digit(*digit, 10)).collect();
    Ok(format!("{} {} {}", &text[..3], &text[3..6], &text[6..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_a_check_character_are_checked() {
        // Department for Education, Unique pupil numbers; NHS Data Dictionary, NHS NUMBER.
        for (scheme, text, usual_writing) in [
            (Scheme::Upn, "a123456789012", Some("A123456789012")),
            (Scheme::Upn, "A123456789013", None),
            (Scheme::Upn, "A12345678901", None),
            (Scheme::Nhs, "9434765919", Some("943 476 5919")),
            (Scheme::Nhs, "943-476-5919", Some("943 476 5919")),
            (Scheme::Nhs, "9434765918", None),
            (Scheme::Nhs, "943476591", None),
            (Scheme::CareFirst, "cf-204417", Some("CF-204417")),
            (Scheme::CareFirst, "CF 204417", None),
        ] {
            assert_eq!(usual(scheme, text).ok().as_deref(), usual_writing, "{text}");
        }
    }
}
