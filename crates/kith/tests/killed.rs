//! `kill -9` in the middle of autosaves: what was acknowledged as saved is there afterwards, once, and the access log is
//! whole (handbook section 18: what was typed is never lost).

#![allow(clippy::similar_names, missing_docs, reason = "a test")]

mod common;

use std::process::Command;

use common::{Running, is_whole};
use kith::tour::Tour;
use kith::walker::Walker;
use kith_domain::access::Role;
use uuid::Uuid;

/// Autosaves to be acknowledged in all.
const AUTOSAVES: usize = 2_000;
/// Entries they are spread over: each is saved again and again, as a tablet does while somebody types.
const ENTRIES: usize = 100;
/// How many acknowledged autosaves pass between two kills.
const BETWEEN_KILLS: usize = 230;

/// An entry as the tablet knows it.
struct Typed {
    id: Uuid,
    version: i64,
    /// The last words that were acknowledged.
    acknowledged: String,
    /// Words that were sent and not acknowledged: they may be there or not.
    sent: Option<String>,
}

#[test]
fn no_acknowledged_autosave_is_lost() {
    let dir = tempfile::tempdir().expect("a directory");
    let (data, log) = (dir.path().join("data"), dir.path().join("kith.log"));
    let mut running = Running::start(&data, &log);
    let mut tour = Tour::new(&running.base, &running.logins, true);
    let fine = |result: Result<String, kith::output::Failure>| result.unwrap_or_else(|failure| panic!("{}", failure.0));
    let referral = fine(tour.refer());
    let file = fine(tour.verify(&referral));
    tour.assess(&file).unwrap_or_else(|failure| panic!("{}", failure.0));
    let plan = fine(tour.plan(&file));
    let session = fine(tour.book(&plan));
    tour.put_clock_forward_to(&session).unwrap_or_else(|failure| panic!("{}", failure.0));
    let record = format!("{session}/record");
    let cookie = tour.person(Role::Supervisor).unwrap_or_else(|failure| panic!("{}", failure.0)).cookie();

    let mut typed: Vec<Typed> = (0..ENTRIES)
        .map(|_| Typed { id: Uuid::now_v7(), version: 0, acknowledged: String::new(), sent: None })
        .collect();
    let (mut acknowledged, mut kills) = (0, 0);
    let mut walker = Walker::signed_in(&running.base, &cookie);
    let mut form = None;
    while acknowledged < AUTOSAVES {
        let entry = &mut typed[acknowledged % ENTRIES];
        let words = format!("{} and then, at {acknowledged}, she laughed", entry.acknowledged);
        if form.is_none() {
            let page = walker.get(&record).unwrap_or_else(|failure| panic!("{}", failure.0));
            form = page.page().form("/record");
        }
        let Some(fields) = &form else { panic!("the recorder has no form") };
        let (id, version) = (entry.id.to_string(), entry.version.to_string());
        let text = entry.sent.clone().unwrap_or(words);
        let filled = fields.filled(&[
            ("entry_id", &id),
            ("version", &version),
            ("heading", "play"),
            ("about", "10:20"),
            ("text", &text),
        ]);
        // Every now and then the power goes while a save is on its way.
        let kill_now = acknowledged > 0 && acknowledged % BETWEEN_KILLS == 0 && kills < acknowledged / BETWEEN_KILLS;
        entry.sent = Some(text.clone());
        let answer = if kill_now {
            kills += 1;
            let killer = running.child.id().to_string();
            let killing = std::thread::spawn(move || Command::new("kill").args(["-9", &killer]).status());
            let answer = walker.post_json(&fields.action, &filled);
            killing.join().expect("the thread").expect("kill runs");
            running.kill();
            running = Running::start(&data, &log);
            walker = Walker::signed_in(&running.base, &cookie);
            answer
        } else {
            walker.post_json(&fields.action, &filled)
        };
        if let Ok(answer) = answer {
            // Only a kill may come between: whatever else is no "saved" would never become one.
            assert_eq!(answer["saved"], true, "{answer}");
            entry.version = answer["version"].as_i64().expect("a version");
            entry.acknowledged = text;
            entry.sent = None;
            acknowledged += 1;
        }
    }
    assert!(kills >= 8, "only {kills} kills");

    let page = walker.get(&record).unwrap_or_else(|failure| panic!("{}", failure.0)).page().text();
    for entry in &typed {
        let words = entry.acknowledged.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(page.matches(&words).count(), 1, "an acknowledged entry is there once");
    }
    running.stop();
    is_whole(&data, &[]);
    println!("{AUTOSAVES} autosaves acknowledged, {kills} times killed, none lost");
}
