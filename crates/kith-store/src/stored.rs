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
const fn written(_table: &str) -> u32 {
    1
}

/// A body of the version before `version + 1` in the shape after it; `None` when it is none of that version.
///
/// One arm for each table and version that was ever written: `("contact_plan", 1) => …`.
fn forward(_table: &str, _version: u32, _body: &Value) -> Option<Value> {
    None
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
