//! Several servers on one database: each with lanes and a signed log of its own, of the same entries (RFC 6962, 2.1: two trees of
//! the same entries have the same root).

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use kith_domain::access::{Access, Actor, Purpose};
use kith_domain::catalogue::RegisteredItems;
use kith_domain::ids::SessionId;
use sea_orm::{ConnectionTrait, TransactionTrait};
use tempfile::TempDir;
use uuid::Uuid;

use super::booking::{a_thousand_bookings_leave_fifty, book};
use super::{NOW, coordinator, ground, person, session};
use crate::engine;
use crate::ledger::body::{self, Noted, Outcome};
use crate::ledger::lanes::Lanes;
use crate::testing::{Engine, Fixture, copy_dir, for_its_owner, run, run_with_keys_apart};
use crate::{LogStart, MasterKeyPlace, Settings, Store, StoreError, Verifying, verify_ledger};

/// A data directory of another server, with the master key of the first.
pub(super) struct Second(TempDir);

impl Second {
    pub(super) fn of(fixture: &Fixture) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for_its_owner(directory.path());
        std::fs::copy(fixture.directory().join("master.key"), directory.path().join("master.key")).unwrap();
        Self(directory)
    }

    fn settings(&self, fixture: &Fixture, log: LogStart) -> Settings {
        Settings { data: self.0.path().to_path_buf(), log, ..of_first(fixture) }
    }

    /// Opens it, or says why not.
    pub(super) async fn open(&self, fixture: &Fixture, log: LogStart) -> Result<Store, StoreError> {
        Store::open(self.settings(fixture, log)).await
    }
}

/// The settings of the first server, with documents where the second reaches them.
fn of_first(fixture: &Fixture) -> Settings {
    let files_url = Some(format!("file://{}", fixture.directory().join("files").display()));
    Settings { files_url, ..fixture.settings() }
}

/// Looks at nobody's file and waits until that is written.
async fn look(store: &Store) {
    let look = store.look(&coordinator());
    look.note("child", Uuid::now_v7());
    look.done("child.read", NOW).await.unwrap();
}

async fn root(directory: &Path, fixture: &Fixture) -> (u64, [u8; 32]) {
    let url = fixture.settings().database_url;
    let of = Verifying::of(directory, url.as_deref());
    let check = verify_ledger(&Verifying { now_ms: 0, ..of }).await.unwrap();
    (check.size, check.root)
}

#[test]
fn two_servers_sign_the_same_log() {
    run_with_keys_apart(async |fixture| {
        let one = fixture.open().await;
        for _ in 0..3 {
            look(&one).await;
        }
        one.sequence().await.unwrap();
        let second = Second::of(fixture);
        let two = second.open(fixture, LogStart::Joined).await.unwrap();
        // Both write at the same time, each into its own lanes; whoever comes first gives the places.
        let both = |store: Store| async move {
            for turn in 0..40 {
                look(&store).await;
                if turn % 5 == 0 {
                    store.sequence().await.unwrap();
                }
            }
        };
        tokio::join!(both(one.clone()), both(two.clone()));
        let file = Uuid::now_v7();
        one.create_file_key(file).await.unwrap();
        let saved = person(&two, &[file], "Ada Quill").await;
        for store in [&one, &two, &one] {
            // Three looks, 80 looks, that one joined, and a person.
            assert_eq!(store.sequence().await.unwrap(), 3 + 80 + 1 + 1);
        }
        let opened: String = one.look(&coordinator()).open(&saved).await.unwrap();
        assert_eq!(opened, "Ada Quill");
        one.close().await.unwrap();
        two.close().await.unwrap();
        let first = root(fixture.directory(), fixture).await;
        assert_eq!(first, root(second.0.path(), fixture).await);

        // One that stood still while the other went on takes up what it missed, and does not take that for a log taken away.
        let one = Store::open(of_first(fixture)).await.unwrap();
        look(&one).await;
        one.sequence().await.unwrap();
        one.close().await.unwrap();
        let two = second.open(fixture, LogStart::Usual).await.unwrap();
        assert!(two.sequence().await.unwrap() > first.0);
        two.close().await.unwrap();
        assert_eq!(root(second.0.path(), fixture).await, root(fixture.directory(), fixture).await);
    });
}

#[test]
fn a_log_that_was_taken_away_is_not_built_again_in_silence() {
    run_with_keys_apart(async |fixture| {
        let one = fixture.open().await;
        look(&one).await;
        one.sequence().await.unwrap();
        let second = Second::of(fixture);
        // Somebody else's directory, without being asked to join.
        let refused = second.open(fixture, LogStart::Usual).await.err();
        assert!(matches!(refused, Some(StoreError::LogNotJoined)), "{refused:?}");
        let two = second.open(fixture, LogStart::Joined).await.unwrap();
        two.sequence().await.unwrap();
        two.close().await.unwrap();
        // The second's log is taken away; the first's would give it back, and nobody would know that it was gone.
        for name in ["ledger", "checkpoints"] {
            std::fs::remove_dir_all(second.0.path().join(name)).unwrap();
        }
        for log in [LogStart::Usual, LogStart::Joined] {
            let refused = second.open(fixture, log).await.err();
            assert!(matches!(refused, Some(StoreError::LogTakenAway { log: 0, known: 2 })), "{refused:?}");
        }
        one.close().await.unwrap();
    });
}

#[test]
fn what_was_altered_between_two_servers_is_signed_by_neither() {
    run_with_keys_apart(async |fixture| {
        let one = fixture.open().await;
        for _ in 0..4 {
            look(&one).await;
        }
        one.sequence().await.unwrap();
        // Two entries change places: each is as Kith wrote it, the history is not.
        for (from, to) in [(1, 100), (2, 1), (100, 2)] {
            fixture.tamper(&format!("UPDATE ledger_entry SET leaf = {to} WHERE leaf = {from}")).await;
        }
        let second = Second::of(fixture);
        let refused = second.open(fixture, LogStart::Joined).await.err();
        assert!(matches!(refused, Some(StoreError::LogsDiffer { size: 4 })), "{refused:?}");
        assert_eq!(crate::examine::signed_entries(&second.0.path().join("ledger")).unwrap(), 0);
        one.close().await.unwrap();
    });
}

#[test]
fn one_that_joins_while_entries_were_altered_between_both_differs() {
    run_with_keys_apart(async |fixture| {
        let one = fixture.open().await;
        let second = Second::of(fixture);
        look(&one).await;
        one.sequence().await.unwrap();
        let two = second.open(fixture, LogStart::Joined).await.unwrap();
        two.sequence().await.unwrap();
        one.sequence().await.unwrap();
        for _ in 0..3 {
            look(&one).await;
        }
        let before = one.sequence().await.unwrap();
        for (from, to) in [(before - 1, 100), (before - 2, before - 1), (100, before - 2)] {
            fixture.tamper(&format!("UPDATE ledger_entry SET leaf = {to} WHERE leaf = {from}")).await;
        }
        let refused = two.sequence().await.err();
        assert!(matches!(refused, Some(StoreError::LogsDiffer { size }) if size == before), "{refused:?}");
        one.close().await.unwrap();
        two.close().await.unwrap();
    });
}

#[test]
fn a_copy_of_a_data_directory_is_no_second_server() {
    run_with_keys_apart(async |fixture| {
        let one = fixture.open().await;
        look(&one).await;
        one.sequence().await.unwrap();
        let copied = || {
            let copy = tempfile::tempdir().unwrap();
            copy_dir(fixture.directory(), copy.path());
            let settings = Settings { data: copy.path().to_path_buf(), ..fixture.settings() };
            (copy, settings)
        };
        // The lock is taken again when its connection is lost.
        let locks = "SELECT pg_terminate_backend(pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE locktype = 'advisory' AND datname = current_database()";
        fixture.tamper(locks).await;
        look(&one).await;
        one.sequence().await.unwrap();
        let (copy, settings) = copied();
        let refused = Store::open(settings).await.err();
        assert!(matches!(refused, Some(StoreError::ServerTwice)), "{refused:?}");
        one.close().await.unwrap();
        drop(copy);
        // When the original is gone, the copy is the server.
        let (_copy, settings) = copied();
        let two = Store::open(settings).await.unwrap();
        look(&two).await;
        two.sequence().await.unwrap();
        two.close().await.unwrap();
    });
}

/// A server is killed while the database commits what it sent; it starts again and writes into the same lane before that commit is
/// seen, or between two looks at where the lane ends. Then its entry follows on the other, and not on the one before it.
#[test]
fn what_a_killed_server_still_commits_is_not_jumped_over() {
    run(Engine::Postgres, async |fixture| {
        let store = fixture.open().await;
        look(&store).await;
        // Every commit of an entry waits for as long as this lock is held.
        fixture
            .tamper(
                "CREATE FUNCTION wait() RETURNS trigger AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(77); RETURN NULL; END \
                 $$ LANGUAGE plpgsql; \
                 CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON ledger_entry DEFERRABLE INITIALLY DEFERRED \
                 FOR EACH ROW EXECUTE FUNCTION wait()",
            )
            .await;
        let gate = fixture.raw().await.begin().await.unwrap();
        gate.execute_unprepared("SELECT pg_advisory_xact_lock(77)").await.unwrap();
        let waiting = async |commits: i64| {
            while fixture.count("SELECT count(*) AS n FROM pg_locks WHERE NOT granted").await < commits {}
        };
        let process = || {
            let lanes = Lanes::new(store.0.log_key.clone(), store.0.read.clone(), store.0.this.first_lane);
            let store = store.clone();
            tokio::spawn(async move {
                let about = Access { actor: Actor::system(), purpose: Purpose::Administration };
                let entries = body::entries(&about, "child.read", NOW, &Noted::default(), &Outcome::Done);
                store
                    .retry(async || {
                        let transaction = engine::begin_plain(&store.0.write).await?;
                        lanes.commit(transaction, entries.iter()).await
                    })
                    .await
            })
        };
        let killed = process();
        waiting(1).await;
        let started_again = process();
        waiting(2).await;
        gate.commit().await.unwrap();
        killed.await.unwrap().unwrap();
        started_again.await.unwrap().unwrap();
        assert_eq!(store.sequence().await.unwrap(), 3);
        store.close().await.unwrap();
        assert_eq!(fixture.verify().await.unwrap().size, 3);
    });
}

#[test]
fn keys_and_documents_in_a_data_directory_are_those_of_one_server() {
    let refused = async |settings: Settings, expected: &str| match Store::open(settings).await.err() {
        Some(StoreError::NotShared { what, .. }) => assert_eq!(what, expected),
        other => panic!("{expected}: {other:?}"),
    };
    run(Engine::Postgres, async |fixture| {
        fixture.open().await.close().await.unwrap();
        let second = Second::of(fixture);
        std::fs::copy(fixture.directory().join("keys.sqlite"), second.0.path().join("keys.sqlite")).unwrap();
        refused(second.settings(fixture, LogStart::Joined), "keys").await;
    });
    run_with_keys_apart(async |fixture| {
        fixture.open().await.close().await.unwrap();
        let second = Second::of(fixture);
        let joined = second.settings(fixture, LogStart::Joined);
        refused(Settings { files_url: None, ..joined.clone() }, "documents").await;
        Store::open(joined.clone()).await.unwrap().close().await.unwrap();
        // The first must say it too, from its next start on.
        refused(fixture.settings(), "documents").await;
        let files_url = joined.files_url;
        Store::open(Settings { files_url: files_url.clone(), ..fixture.settings() })
            .await
            .unwrap()
            .close()
            .await
            .unwrap();
        // It goes back to a file of its own.
        crate::keys::copy::to_file(&fixture.settings().keys_url.unwrap(), &fixture.directory().join("keys.sqlite"))
            .await
            .unwrap();
        refused(Settings { keys_url: None, files_url, ..fixture.settings() }, "keys").await;
    });
}

#[test]
fn nobody_joins_a_service_that_never_began() {
    run_with_keys_apart(async |fixture| {
        let refused = Store::open(Settings { log: LogStart::Joined, ..fixture.settings() }).await.err();
        assert!(matches!(refused, Some(StoreError::NothingToJoin)), "{refused:?}");
        fixture.open().await.close().await.unwrap();
    });
}

#[test]
fn a_thousand_bookings_over_two_servers_leave_fifty() {
    run_with_keys_apart(async |fixture| {
        let one = fixture.open().await;
        let second = Second::of(fixture);
        let two = second.open(fixture, LogStart::Joined).await.unwrap();
        a_thousand_bookings_leave_fifty(fixture, &[one.clone(), two.clone()]).await;
        let size = one.sequence().await.unwrap();
        assert_eq!(two.sequence().await.unwrap(), size);
        one.close().await.unwrap();
        two.close().await.unwrap();
        assert_eq!(root(second.0.path(), fixture).await, root(fixture.directory(), fixture).await);
    });
}

/// What the process of the test below is to do: one line each, `book SESSION QUARTER` or `destroy FILE`.
const TASKS: &str = "KITH_SERVERS_TASKS";

/// Not a test of its own: the second server of the test below, as a process that can be killed.
#[test]
fn second_server() {
    let said = |name: &str| std::env::var(name).ok();
    let (Some(tasks), Some(data)) = (said(TASKS), said("KITH_SERVERS_DATA")) else { return };
    let of = Settings::of(data.into(), "test".into(), RegisteredItems::whole_catalogue());
    let (database_url, keys_url) = (said("KITH_SERVERS_URL"), said("KITH_SERVERS_KEYS_URL"));
    let files_url = said("KITH_SERVERS_FILES_URL");
    let settings = Settings { database_url, keys_url, files_url, log: LogStart::Joined, reserve_mib: 0, ..of };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(settings).await.unwrap();
        for task in std::fs::read_to_string(tasks).unwrap().lines() {
            let words: Vec<&str> = task.split(' ').collect();
            let id: Uuid = words[1].parse().unwrap();
            let done = match words[..] {
                ["book", _, quarter] => book(&store, SessionId(id), quarter.parse().unwrap()).await,
                _ => store.destroy_file_key(id).await,
            };
            // At once, so that what was said is known whatever happens next.
            let line = if done.is_ok() { format!("@done {task}\n") } else { format!("@refused {task}\n") };
            std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
        }
    });
}

#[test]
fn one_killed_in_the_middle_of_bookings_and_destructions_leaves_neither_half() {
    run_with_keys_apart(async |fixture| {
        let one = fixture.open().await;
        let second = Second::of(fixture);
        let ground = ground(&one, "x").await;
        let (mut tasks, mut quarters, mut files) = (String::new(), HashMap::new(), HashMap::new());
        let work = one.work(&coordinator()).await.unwrap();
        let mut own = Vec::new();
        for quarter in 0..90 {
            let (theirs, ours) = (session(&work, &ground).await, session(&work, &ground).await);
            own.push((ours, quarter));
            quarters.insert(quarter, theirs.0);
            writeln!(tasks, "book {} {quarter}", theirs.0).unwrap();
        }
        work.commit("test.sessions", NOW).await.unwrap();
        for _ in 0..90 {
            let file = Uuid::now_v7();
            one.create_file_key(file).await.unwrap();
            files.insert(file, person(&one, &[file], "Ada Quill").await);
            writeln!(tasks, "destroy {file}").unwrap();
        }
        // A booking and a destruction in turn.
        let lines: Vec<&str> = tasks.lines().collect();
        let turns: Vec<&str> =
            lines[..90].iter().zip(&lines[90..]).flat_map(|(book, destroy)| [*book, *destroy]).collect();
        let list = second.0.path().join("tasks");
        std::fs::write(&list, turns.join("\n")).unwrap();
        let settings = of_first(fixture);
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::servers::second_server", "--nocapture"])
            .env(TASKS, &list)
            .env("KITH_SERVERS_DATA", second.0.path())
            .env("KITH_SERVERS_URL", settings.database_url.unwrap())
            .env("KITH_SERVERS_KEYS_URL", settings.keys_url.unwrap())
            .env("KITH_SERVERS_FILES_URL", settings.files_url.unwrap())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let (mut done, mut won) = (Vec::new(), 0);
        while done.len() < 60 {
            let line = said.next().expect("it goes on until it is killed");
            let Some(at) = line.find('@') else { continue };
            done.push(line[at..].to_owned());
            // This server books from the other end at the same time.
            if let Some((session, quarter)) = own.pop() {
                won += i64::from(book(&one, session, quarter).await.is_ok());
            }
        }
        process.kill().unwrap();
        process.wait().unwrap();
        done.extend(said.filter_map(|line| Some(line[line.find('@')?..].to_owned())));

        let booked = one.look(&coordinator()).occupied(20_790, &[Uuid::from_u128(1)]).await.unwrap();
        let by =
            |quarter: i64| booked.iter().filter(|(_, at, _)| *at == quarter).map(|(.., by)| by.0).collect::<Vec<_>>();
        let mut theirs = 0;
        for quarter in 0..90 {
            let holders = by(quarter);
            assert!(holders.len() <= 1, "{quarter} is booked twice");
            let acknowledged = done.contains(&format!("@done book {} {quarter}", quarters[&quarter]));
            let held = holders == [quarters[&quarter]];
            assert!(held || !acknowledged, "{quarter} was acknowledged and is not booked");
            theirs += i64::from(held);
        }
        assert_eq!(i64::try_from(booked.len()).unwrap(), won + theirs);
        let entries = "SELECT count(*) AS n FROM ledger_entry WHERE body LIKE '%session.plan%'";
        assert_eq!(fixture.count(entries).await, won + theirs, "each booking has its entry, and no other has one");
        let mut destroyed = 0;
        for (file, row) in &files {
            let opened: Result<String, _> = one.look(&coordinator()).open(row).await;
            match opened {
                Err(StoreError::Destroyed) => destroyed += 1,
                opened => {
                    assert_eq!(opened.unwrap(), "Ada Quill");
                    assert!(!done.contains(&format!("@done destroy {file}")), "{file} is still readable");
                }
            }
        }
        assert!(destroyed > 0 && theirs > 0, "it was killed before it began");
        one.close().await.unwrap();
        // It starts again, takes up its log, and goes on.
        let two = second.open(fixture, LogStart::Usual).await.unwrap();
        two.sequence().await.unwrap();
        two.close().await.unwrap();
        root(second.0.path(), fixture).await;
    });
}

#[test]
fn a_master_key_in_a_file_of_each_server_is_the_same_one() {
    run_with_keys_apart(async |fixture| {
        fixture.open().await.close().await.unwrap();
        let second = Second::of(fixture);
        let elsewhere = second.0.path().join("another.key");
        let settings = second.settings(fixture, LogStart::Joined);
        let refused =
            Store::open(Settings { master_key: MasterKeyPlace::File(elsewhere.clone()), ..settings }).await.err();
        assert!(matches!(refused, Some(StoreError::MasterKeyMissing { .. })), "{refused:?}");
        assert!(!elsewhere.exists(), "no key is made that opens nothing");
    });
}
