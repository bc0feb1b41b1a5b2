//! How a body is written inside its envelope: the version of its shape on the first line, its JSON after it, and spaces up to
//! one of few lengths: the length of an envelope, which anybody can see who has the database, tells little of what is in it.
//!
//! A shape changes in the course of 75 years; what was sealed stays as it was sealed. Who reads an older shape brings
//! it [`forward`], step by step, and writes the newest when the row is next saved. What a newer Kith wrote is not
//! guessed at.

use kith_vault::Zeroizing;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a stored body cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// A newer Kith wrote it.
    Newer,
    /// It is none of ours.
    Corrupt,
}

/// The version of the shape in which bodies of a table are written now.
fn written(table: &str) -> u32 {
    match table {
        "referral" => 2,
        _ => 1,
    }
}

/// A body of the version before `version + 1` in the shape after it; `None` when it is none of that version.
///
/// One arm for each table and version that was ever written: `("contact_plan", 1) => …`.
fn forward(table: &str, version: u32, body: &Value) -> Option<Value> {
    match (table, version) {
        ("referral", 1) => Some(contact_by_person(body)),
        _ => None,
    }
}

/// The contact that was wanted was one frequency for everybody, who were seen together: the first of them in sessions of
/// their own, the others in these, and who was not among them not for now.
fn contact_by_person(body: &Value) -> Value {
    let mut body = body.clone();
    let family = body.pointer("/form/family").and_then(Value::as_array).cloned().unwrap_or_default();
    let contact = body.get_mut("form").and_then(|form| form.get_mut("contact")).and_then(Value::as_object_mut);
    let Some(contact) = contact else { return body };
    let mut first = serde_json::Map::new();
    for name in ["bound", "count", "per", "minutes", "court_ordered", "supervision", "wishes"] {
        if let Some(value) = contact.remove(name) {
            first.insert(name.to_owned(), value);
        }
    }
    let mut with = match contact.remove("with") {
        Some(Value::Array(with)) => with,
        _ => Vec::new(),
    };
    if with.is_empty() && first.is_empty() {
        return body;
    }
    if with.is_empty() {
        // How often was typed, and with whom was not yet: it stands with the first of the family, to be looked at.
        with.extend(family.iter().find_map(|member| member.get("id")).cloned());
    }
    if with.is_empty() {
        // Nobody is there to whom it could belong: the words stay, the figures are asked again.
        let text = |value: Option<&Value>| value?.get(0)?.as_str().map(str::to_owned);
        let words = [text(contact.get("constraints")), text(first.get("wishes"))];
        let words: Vec<String> = words.into_iter().flatten().filter(|words| !words.is_empty()).collect();
        contact.insert("constraints".to_owned(), serde_json::json!([words.join("\n")]));
        return body;
    }
    let row = |place: usize, who: &Value| {
        let one = |value: &Value| Value::Array(vec![value.clone()]);
        let mut row = if place == 0 { first.clone() } else { serde_json::Map::new() };
        row.insert("who".to_owned(), one(who));
        if place == 0 {
            row.insert("sees".to_owned(), one(&"own".into()));
            row.insert("mode".to_owned(), one(&"in_person".into()));
        } else {
            row.insert("sees".to_owned(), one(&"together".into()));
            row.insert("together_with".to_owned(), one(&with[0]));
        }
        Value::String(Value::Object(row).to_string())
    };
    let others = family.iter().filter_map(|member| {
        let who = member.get("id").filter(|who| !with.contains(who))?;
        let none = serde_json::json!({ "who": [who], "sees": ["none"] });
        Some(Value::String(none.to_string()))
    });
    let rows = with.iter().enumerate().map(|(place, who)| row(place, who)).chain(others).collect();
    contact.insert("wanted".to_owned(), Value::Array(rows));
    body
}

/// The shortest length that is sealed, bytes: most rows are not longer.
const SHORTEST: usize = 1024;
/// Lengths between one power of two and the next.
const STEPS: usize = 4;

/// The length up to which a body is filled: a kibibyte, then four lengths for each power of two, at most a quarter more than
/// it needs (after Padmé: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019).
fn filled(length: usize) -> usize {
    let step = (length.next_power_of_two() / 2 / STEPS).max(1);
    if length <= SHORTEST { SHORTEST } else { length.next_multiple_of(step) }
}

/// The bytes to seal: `1`, a line feed, the JSON, spaces. `None` if the body cannot be written as JSON.
pub(crate) fn write<T: Serialize>(table: &str, body: &T) -> Option<Zeroizing<Vec<u8>>> {
    let mut plain = Zeroizing::new(format!("{}\n", written(table)).into_bytes());
    serde_json::to_writer(&mut *plain, body).ok()?;
    let length = filled(plain.len());
    plain.resize(length, b' ');
    Some(plain)
}

/// The body in the bytes of an envelope, brought forward from the shape that it was written in.
pub(crate) fn read<T: DeserializeOwned>(table: &str, plain: &[u8]) -> Result<T, Unreadable> {
    read_as(table, plain, written(table), forward)
}

fn read_as<T: DeserializeOwned>(
    table: &str,
    plain: &[u8],
    now: u32,
    forward: impl Fn(&str, u32, &Value) -> Option<Value>,
) -> Result<T, Unreadable> {
    let line = plain.iter().position(|byte| *byte == b'\n').ok_or(Unreadable::Corrupt)?;
    let version = std::str::from_utf8(&plain[..line]).ok().and_then(|text| text.parse::<u32>().ok());
    let version = version.ok_or(Unreadable::Corrupt)?;
    let json = &plain[line + 1..];
    if version > now {
        return Err(Unreadable::Newer);
    }
    if version == now {
        return serde_json::from_slice(json).map_err(|_| Unreadable::Corrupt);
    }
    let mut body: Value = serde_json::from_slice(json).map_err(|_| Unreadable::Corrupt)?;
    for step in version..now {
        body = forward(table, step, &body).ok_or(Unreadable::Corrupt)?;
    }
    serde_json::from_value(body).map_err(|_| Unreadable::Corrupt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Named {
        names: Vec<String>,
    }

    /// Version 1 held one name, version 2 a list of them.
    fn listed(table: &str, version: u32, body: &Value) -> Option<Value> {
        match (table, version) {
            ("person", 1) => Some(serde_json::json!({ "names": [body.get("name")?] })),
            _ => None,
        }
    }

    #[test]
    fn what_is_said_more_is_not_longer() {
        let length = |names: usize| write("person", &Named { names: vec!["Ruth".to_owned(); names] }).unwrap().len();
        assert_eq!(length(1), length(100));
        let lengths: std::collections::BTreeSet<usize> = (0..2_000).map(length).collect();
        assert_eq!(lengths.iter().copied().take(6).collect::<Vec<_>>(), [1024, 1280, 1536, 1792, 2048, 2560]);
        assert!((1..100_000).all(|need| (need..=(need * 5 / 4).max(SHORTEST)).contains(&filled(need))));
        let plain = write("person", &Named { names: vec!["Ruth".to_owned()] }).unwrap();
        assert_eq!(read::<Named>("person", &plain), Ok(Named { names: vec!["Ruth".to_owned()] }));
    }

    #[test]
    fn an_older_shape_is_read_forward() {
        let read = |plain: &[u8]| read_as::<Named>("person", plain, 2, listed);
        let ruth = Named { names: vec!["Ruth".to_owned()] };
        assert_eq!(read(b"1\n{\"name\":\"Ruth\"}"), Ok(Named { names: vec!["Ruth".to_owned()] }));
        assert_eq!(read(b"2\n{\"names\":[\"Ruth\"]}"), Ok(ruth));
    }

    #[test]
    fn contact_that_was_wanted_with_everybody_alike_is_wanted_with_each() {
        let before = serde_json::json!({ "form": { "family": [
            { "id": "018f0000-0000-7000-8000-000000000001" }, { "id": "018f0000-0000-7000-8000-000000000003" }
        ], "contact": {
            "with": ["018f0000-0000-7000-8000-000000000001", "018f0000-0000-7000-8000-000000000002"],
            "bound": ["at_least"], "count": ["2"], "per": ["week"], "minutes": ["90"], "constraints": ["No photographs."]
        } } });
        let now = forward("referral", 1, &before).unwrap();
        let contact: kith_domain::form::Fields = serde_json::from_value(now["form"]["contact"].clone()).unwrap();
        let wanted = kith_domain::referral::wanted_contact(&contact);
        assert_eq!((wanted.len(), wanted[0].together.len(), wanted[0].fields.get("count")), (1, 1, "2"));
        assert_eq!((contact.get("count"), contact.get("constraints")), ("", "No photographs."));
        assert_eq!(contact.all("wanted").len(), 3, "with the third not for now");
        let begun = serde_json::json!({ "form": { "contact": { "constraints": ["No photographs."] } } });
        assert_eq!(forward("referral", 1, &begun), Some(begun));
    }

    #[test]
    fn what_a_newer_kith_wrote_is_not_guessed_at() {
        assert_eq!(read_as::<Named>("person", b"3\n{\"names\":[]}", 2, listed), Err(Unreadable::Newer));
    }

    #[test]
    fn what_says_no_version_is_none_of_ours() {
        for plain in [&b"{\"names\":[]}"[..], b"", b"\n{}", b"one\n{}", b"1\nnot json", b"1\n{\"nobody\":1}"] {
            assert_eq!(read_as::<Named>("person", plain, 2, listed), Err(Unreadable::Corrupt));
        }
    }
}
