//! Two `kith serve` on one `PostgreSQL`: who signs in at one works at the other, both book at the same time, one is killed in the
//! middle of it; nothing is lost, nothing is there twice. (A thousand bookings, and destruction, over two servers:
//! `kith-store/src/tests/servers.rs`.)

#![allow(clippy::similar_names, missing_docs, reason = "a test")]

mod common;

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Database, Running, is_whole};
use kith::output::Failure;
use kith::tour::Tour;
use kith::walker::Walker;
use kith_domain::access::Role;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

/// Who book at the same time at each server.
const AT_EACH: usize = 4;
/// After how many bookings that one of them answered it is killed.
const KILLED_AFTER: usize = 6;

fn fine<T>(result: Result<T, Failure>) -> T {
    result.unwrap_or_else(|failure| panic!("{}", failure.0))
}

/// Everything that is proposed on the page, booked one by one; the sessions that were acknowledged.
fn book_all(mut walker: Walker, sessions: &str, answered: &AtomicUsize, sent: &AtomicUsize) -> Vec<String> {
    let Ok(page) = walker.get(sessions) else { return Vec::new() };
    let read = page.page();
    let mut booked = Vec::new();
    for number in read.choices("chosen") {
        let (room, staff, id) = (format!("room-{number}"), format!("supervisor-{number}"), format!("id-{number}"));
        let first = |name: &str| read.options(name).into_iter().next().map(|(value, _)| value);
        let (Some(room_id), Some(staff_id)) = (first(&room), first(&staff)) else { continue };
        let forms = read.forms();
        let form = forms.iter().find(|form| form.held.iter().any(|(name, _)| *name == id)).expect("a form");
        sent.fetch_add(1, Ordering::Relaxed);
        let fields = [("chosen", number.as_str()), (&room, &room_id), (&staff, &staff_id)];
        let answer = walker.submit(&page, &form.action, &fields);
        answered.fetch_add(1, Ordering::Relaxed);
        let Ok(answer) = answer else { continue };
        // What is made has the id that was made with the form.
        let made = form.held.iter().find(|(name, _)| *name == id).map(|(_, id)| format!("/sessions/{id}"));
        let links = answer.page().links();
        booked.extend(made.filter(|made| links.iter().any(|(_, to)| to.starts_with(made))));
    }
    booked
}

async fn count(db: &DatabaseConnection, sql: &str) -> i64 {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await;
    row.expect("the statement runs").expect("a row").try_get("", "n").expect("a column n")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_are_one_service() {
    let (data, keys) = (Database::new().await, Database::new().await);
    let dir = tempfile::tempdir().expect("a directory");
    let path = |name: &str| dir.path().join(name);
    let (first, second, master) = (path("first"), path("second"), path("master.key").display().to_string());
    let files = format!("file://{}", path("files").display());
    let on = [
        ("KITH_DATABASE_URL", data.url.as_str()),
        ("KITH_KEYS_URL", keys.url.as_str()),
        ("KITH_FILES_URL", files.as_str()),
        ("KITH_MASTER_KEY", master.as_str()),
    ];

    // A service with a case that waits for its sessions.
    let demo = Running::start_with(&first, &path("demo.log"), &on);
    let mut tour = Tour::new(&demo.base, &demo.logins, true);
    let referral = fine(tour.refer());
    let file = fine(tour.verify(&referral));
    fine(tour.assess(&file));
    let plan = fine(tour.plan(&file));
    let coordinator = fine(tour.person(Role::Coordinator)).cookie();
    let logins = demo.logins.clone();
    demo.stop();
    // Only a demo may be served where everybody knows the passwords.
    std::fs::remove_file(first.join("demo.json")).expect("what makes it a demo");

    let one = Running::serve(&first, &path("first.log"), &[], &on);
    let alone = Command::new(env!("CARGO_BIN_EXE_kith"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(&second)
        .envs(on)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&alone.stderr);
    assert!(!alone.status.success() && said.contains("--join"), "{said}");
    let mut two = Running::serve(&second, &path("second.log"), &["--join"], &on);

    // Who signs in at one is signed in at the other, and is signed out of both.
    let mut tour = Tour::new(&one.base, &logins, true);
    let supervisor = fine(tour.person(Role::Supervisor)).cookie();
    let mut there = Walker::signed_in(&two.base, &supervisor);
    let home = fine(fine(there.get("/")).says("Sign out"));
    fine(there.submit(&home, "/sign-out", &[]));
    let mut here = Walker::signed_in(&one.base, &supervisor);
    fine(fine(here.get("/")).says("Sign in"));

    let page = fine(Walker::signed_in(&two.base, &coordinator).get(&plan));
    let to = page.page().links().into_iter().map(|(_, to)| to).find(|to| to.ends_with("/sessions"));
    let sessions = to.expect("the plan has a way to its sessions");
    let db = sea_orm::Database::connect(&data.url).await.expect("the database answers");
    let before = count(&db, "SELECT count(*) AS n FROM session").await;
    let (sent, elsewhere) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let answered = AtomicUsize::new(0);
    let booked: BTreeSet<String> = std::thread::scope(|scope| {
        let racing: Vec<_> = (0..2 * AT_EACH)
            .map(|n| {
                let (base, answered) = if n % 2 == 0 { (&one.base, &elsewhere) } else { (&two.base, &answered) };
                let walker = Walker::signed_in(base, &coordinator);
                let (sessions, sent) = (&sessions, &sent);
                scope.spawn(move || book_all(walker, sessions, answered, sent))
            })
            .collect();
        while answered.load(Ordering::Relaxed) < KILLED_AFTER && racing.iter().any(|one| !one.is_finished()) {
            std::thread::yield_now();
        }
        two.kill();
        racing.into_iter().flat_map(|one| one.join().expect("it ends")).collect()
    });
    let sent = sent.load(Ordering::Relaxed);
    assert!(sent > 2 * KILLED_AFTER, "only {sent} bookings raced");

    // The one that was killed starts again, without being told to join, and both say the same.
    let two = Running::serve(&second, &path("second.log"), &[], &on);
    for session in &booked {
        for base in [&one.base, &two.base] {
            let page = fine(Walker::signed_in(base, &coordinator).get(session));
            assert_eq!(page.status, 200, "{session} was acknowledged");
        }
    }
    let made = count(&db, "SELECT count(*) AS n FROM session").await - before;
    let slots = "SELECT count(DISTINCT (o.resource_id, o.day, o.quarter)) AS n FROM occupancy o";
    assert_eq!(count(&db, slots).await, count(&db, "SELECT count(*) AS n FROM occupancy").await);
    let of_child = "SELECT count(*) AS n FROM (SELECT s.day, s.start_minute FROM session s JOIN session_child c ON c.session_id = s.id \
                    GROUP BY s.day, s.start_minute, c.child_id HAVING count(*) > 1) AS doubled";
    assert_eq!(count(&db, of_child).await, 0, "a child is booked twice for one hour");
    let acknowledged = i64::try_from(booked.len()).expect("few");
    // One that was stored and whose answer the kill cut off may be there.
    assert!((acknowledged..=acknowledged + 4).contains(&made), "{acknowledged} acknowledged, {made} made");
    println!("{sent} bookings raced over two servers, {made} made, {acknowledged} acknowledged, one server killed");
    one.stop();
    two.stop();
    for data in [&first, &second] {
        is_whole(data, &on);
    }
    db.close().await.expect("it closes");
    data.remove().await;
    keys.remove().await;
}
