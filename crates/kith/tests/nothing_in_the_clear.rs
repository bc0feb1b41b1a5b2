//! What was typed about a family is nowhere in the clear: not in the database or its WAL, the key store, the ledger, a
//! backup, or the logs (DESIGN decision 3; the notice: "We hold data securely").

#![allow(clippy::similar_names, missing_docs, reason = "a test")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::Running;
use kith::tour::{self, people};
use memchr::memmem;

/// Every text of the tour that identifies or describes somebody. Codes and numbers of one or two figures are left out:
/// they occur everywhere and say nothing.
fn typed() -> Vec<String> {
    let forms = [
        people::CHILD,
        people::PLACEMENT,
        people::LEGAL,
        people::MOTHER,
        people::FATHER,
        people::CONTACT,
        people::RISK,
        people::ASSESSMENT,
        people::ADDENDUM,
    ];
    let coded = |value: &str| value.len() < 5 || value.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let mut texts: Vec<String> =
        forms.concat().iter().map(|(_, value)| (*value).to_owned()).filter(|value| !coded(value)).collect();
    texts.extend(people::ENTRIES.iter().map(|(_, _, _, text)| (*text).to_owned()));
    texts.extend(people::STATEMENT.split("\n\n").map(str::to_owned));
    // A sentence cut by a page boundary would be missed as a whole: its longer words are looked for too.
    let words: Vec<String> = [
        "Tallowfield",
        "Rhosyn",
        "Eluned",
        "Quennell",
        "Oakhanger",
        "Tannery Steps",
        "Gasworks",
        "CF-778120",
        "2020-08-14",
        "14 August 2020",
        "harbour of bricks",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.extend(words);
    texts
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    let utf16: Vec<u8> = needle.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [needle.as_bytes(), &utf16].into_iter().any(|needle| memmem::find(haystack, needle).is_some())
}

#[test]
fn nothing_that_was_typed_is_found_in_any_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let (data, out, log) = (dir.path().join("data"), dir.path().join("out"), dir.path().join("kith.log"));
    let running = Running::start(&data, &log);
    tour::walk(&running.base, &running.logins, &out, true).unwrap_or_else(|failure| panic!("{}", failure.0));
    // A backup made by the engine's own means while it serves.
    let backup = dir.path().join("backup.sqlite");
    let copied = Command::new("sqlite3")
        .arg(data.join("kith.sqlite"))
        .arg(format!("VACUUM INTO '{}'", backup.display()))
        .status();
    match copied {
        Ok(status) => assert!(status.success(), "the backup failed"),
        Err(_) => {
            for part in ["kith.sqlite", "kith.sqlite-wal"] {
                fs::copy(data.join(part), dir.path().join(format!("backup-{part}"))).expect("a copy");
            }
        }
    }
    let mut found = Vec::new();
    files(dir.path(), &mut found);
    let searched: Vec<PathBuf> = found.into_iter().filter(|path| !path.starts_with(&out)).collect();
    let names: Vec<String> =
        searched.iter().map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect();
    for needed in ["kith.sqlite", "kith.sqlite-wal", "keys.sqlite", "kith.log", "checkpoint"] {
        assert!(names.iter().any(|name| name == needed), "{needed} was not there to be searched: {names:?}");
    }
    let texts = typed();
    assert!(texts.len() > 50, "the tour types more than this");
    for path in &searched {
        // The service goes on meanwhile: a part of a tile gives way to the next.
        let Ok(bytes) = fs::read(path) else { continue };
        for text in &texts {
            assert!(!contains(&bytes, text), "{} holds a text of the tour", path.display());
        }
    }
    // The search itself finds what is there: the papers name the child's file, the log names a route.
    let log = fs::read(&log).expect("the log");
    assert!(contains(&log, "/referrals/{id}/sections/{section}"), "the log was not written");
    running.stop();
}
