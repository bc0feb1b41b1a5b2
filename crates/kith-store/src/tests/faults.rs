//! What was acknowledged is there, once, whatever happens: a process that stores is killed, its disk fills up and fails, its
//! clock is set, its connections are cut, its database stands still, a second server works beside it; and a model of what it called saved is held against the database. `scripts/faults` runs it for as long
//! as one likes; with a seed, what is done is the same again, though not to the microsecond.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use kith_domain::catalogue::RegisteredItems;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use uuid::Uuid;

use super::{NOW, coordinator};
use crate::entity::person;
use crate::row::{insert, save_where_version};
use crate::testing::{Fixture, for_its_owner};
use crate::{LogStart, MasterKeyPlace, Settings, Store, StoreError, Verifying, two_ways, verify_ledger};

/// How long one engine is tried when nothing else is said (`KITH_FAULTS_SECONDS`).
const SECONDS: u64 = 6;
/// Writers at the same time.
const WRITERS: u64 = 4;
/// How long the process may take until it saves again once what was wrong is mended.
const RECOVERY_MAX: Duration = Duration::from_secs(20);

/// Numbers that look random and are the same for the same seed (splitmix64).
#[derive(Clone)]
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }
}

// The process that stores -------------------------------------------------------------------------------------------

/// Not a test of its own: the process that stores, started by the test below, is this.
#[test]
fn child() {
    let said = |name: &str| std::env::var(name).ok();
    let Some(data) = said("KITH_FAULTS_DATA") else { return };
    let of = Settings::of(data.into(), "test".into(), RegisteredItems::whole_catalogue());
    let settings = Settings {
        database_url: said("KITH_FAULTS_URL"),
        keys_url: said("KITH_FAULTS_KEYS_URL"),
        files_url: said("KITH_FAULTS_FILES_URL"),
        master_key: MasterKeyPlace::File(said("KITH_FAULTS_MASTER_KEY").expect("a master key").into()),
        log: if said("KITH_FAULTS_JOIN").is_some() { LogStart::Joined } else { LogStart::Usual },
        reserve_mib: 0,
        ..of
    };
    let number = |name: &str| said(name).and_then(|number| number.parse::<u64>().ok()).unwrap_or(0);
    let (seed, file) = (number("KITH_FAULTS_SEED"), Uuid::from_u128(u128::from(number("KITH_FAULTS_FILE"))));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = match Store::open(settings).await {
            Ok(store) => store,
            Err(error) => {
                say(&format!("fail {error}"));
                return;
            }
        };
        if let Err(error) = store.create_file_key(file).await {
            say(&format!("fail {error}"));
            return;
        }
        say("open");
        let mut tasks: Vec<_> =
            (0..WRITERS).map(|n| tokio::spawn(write(store.clone(), file, Dice(seed ^ (n << 40))))).collect();
        tasks.push(tokio::spawn(sequence(store.clone())));
        // Until it is told to stop.
        let told = tokio::task::spawn_blocking(|| std::io::stdin().read_exact(&mut [0]));
        let _ = told.await;
        for task in tasks {
            task.abort();
            let _ = task.await;
        }
        match store.close().await {
            Ok(()) => say("closed"),
            Err(error) => say(&format!("fail {error}")),
        }
    });
}

/// One line, at once: what was said is said even if the process is killed on the next instruction.
fn say(words: &str) {
    let line = format!("@{words}\n");
    let _ = std::io::stdout().lock().write_all(line.as_bytes());
    let _ = std::io::stdout().flush();
}

async fn sequence(store: Store) {
    loop {
        match store.sequence().await {
            Ok(signed) => say(&format!("signed {signed}")),
            Err(error) => say(&format!("refused {error}")),
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Saves new rows, saves own rows again, and looks.
async fn write(store: Store, file: Uuid, mut dice: Dice) {
    let mut own: Vec<(Uuid, i64)> = Vec::new();
    loop {
        match dice.below(10) {
            0..4 => {
                let id = Uuid::now_v7();
                if save(&store, file, id, 1).await {
                    own.push((id, 1));
                }
            }
            4..8 if !own.is_empty() => {
                let at = usize::try_from(dice.below(own.len() as u64)).unwrap_or(0);
                let (id, version) = own[at];
                if save(&store, file, id, version + 1).await {
                    own[at].1 += 1;
                } else {
                    // It may be there or not; whoever typed it would look.
                    own.swap_remove(at);
                }
            }
            _ => {
                let about = Uuid::now_v7();
                say(&format!("look {about}"));
                let look = store.look(&coordinator());
                look.note("child", about);
                match look.done("child.read", NOW).await {
                    Ok(()) => say(&format!("looked {about}")),
                    Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            }
        }
    }
}

async fn save(store: &Store, file: Uuid, id: Uuid, version: i64) -> bool {
    say(&format!("save {id} {version}"));
    let saved: Result<(), StoreError> = store
        .retry(|| async {
            let work = store.work(&coordinator()).await?;
            let text = "She laughed and held out her arms. ".repeat(usize::try_from(version).unwrap_or(1) * 10);
            let row = person::Model { id, version, canonical_id: id, created_at: NOW, sealed: Vec::new() };
            let row = work.seal(row, &[file], &text).await?;
            if version == 1 {
                insert(&work.db(), row).await?;
            } else {
                save_where_version(&work.db(), row, person::Column::Version, version - 1).await?;
            }
            work.commit("test.saved", NOW).await
        })
        .await;
    match saved {
        Ok(()) => {
            say(&format!("saved {id} {version}"));
            true
        }
        Err(error) => {
            say(&format!("refused {error}"));
            tokio::time::sleep(Duration::from_millis(5)).await;
            false
        }
    }
}

// What it called saved ----------------------------------------------------------------------------------------------

/// The versions of a row that were sent and that were acknowledged.
#[derive(Default)]
struct Sent {
    tried: i64,
    acknowledged: i64,
}

#[derive(Default)]
struct Model {
    rows: HashMap<Uuid, Sent>,
    /// Looks, and whether they were acknowledged.
    looks: HashMap<Uuid, bool>,
    signed: u64,
    acknowledged: u64,
    refused: HashMap<String, u64>,
}

impl Model {
    fn take(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let id = |at: usize| words[at].parse::<Uuid>().expect("an id");
        match words.as_slice() {
            ["save", _, version] => self.rows.entry(id(1)).or_default().tried = version.parse().unwrap(),
            ["saved", _, version] => {
                self.rows.entry(id(1)).or_default().acknowledged = version.parse().unwrap();
                self.acknowledged += 1;
            }
            ["look", _] => drop(self.looks.insert(id(1), false)),
            ["looked", _] => {
                self.looks.insert(id(1), true);
                self.acknowledged += 1;
            }
            ["signed", size] => self.signed = self.signed.max(size.parse().unwrap()),
            ["refused", ..] => *self.refused.entry(line.to_owned()).or_default() += 1,
            _ => {}
        }
    }

    /// Holds the database against it.
    async fn check(&self, fixture: &Fixture) {
        let db = fixture.raw().await;
        let backend = db.get_database_backend();
        let rows = db.query_all_raw(Statement::from_string(backend, "SELECT id, version FROM person")).await.unwrap();
        let stored: HashMap<Uuid, i64> =
            rows.iter().map(|row| (row.try_get("", "id").unwrap(), row.try_get("", "version").unwrap())).collect();
        assert_eq!(stored.len(), rows.len());
        let about = "SELECT subject_id, count(*) AS entries FROM ledger_subject GROUP BY subject_id";
        let about = db.query_all_raw(Statement::from_string(backend, about)).await.unwrap();
        let logged: HashMap<Uuid, i64> = about
            .iter()
            .map(|row| (row.try_get("", "subject_id").unwrap(), row.try_get("", "entries").unwrap()))
            .collect();
        db.close_by_ref().await.unwrap();
        for (id, sent) in &self.rows {
            let there = stored.get(id).copied().unwrap_or(0);
            assert!(
                there >= sent.acknowledged,
                "{id}: version {} was acknowledged, {there} is stored",
                sent.acknowledged
            );
            assert!(there <= sent.tried, "{id}: version {there} is stored, {} was sent", sent.tried);
            let entries = logged.get(id).copied().unwrap_or(0);
            assert_eq!(entries, there, "{id}: the log has an entry for each version, once");
        }
        for (id, acknowledged) in &self.looks {
            let entries = logged.get(id).copied().unwrap_or(0);
            assert!(entries <= 1 && (entries == 1 || !acknowledged), "{id}: {entries} entries of a look");
        }
    }
}

// What happens to it ------------------------------------------------------------------------------------------------

/// The disk that fails when it is told to, as a library to be loaded into a process; `None` where there is no C compiler.
fn failing_disk(directory: &Path) -> Option<PathBuf> {
    let (source, library) = (directory.join("disk.c"), directory.join("disk.so"));
    std::fs::write(&source, include_str!("faults/disk.c")).unwrap();
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).args([&library, &source]).arg("-ldl").output();
    if built.is_ok_and(|built| built.status.success()) {
        return Some(library);
    }
    eprintln!("NOT TESTED: a disk that fails, which takes a C compiler (cc)");
    None
}

/// Where it happens.
struct Ground<'g> {
    fixture: &'g Fixture,
    /// The data directory of a second server, if there is one.
    second: Option<&'g Path>,
    /// What makes disk and clock do as they are told.
    disk: Option<PathBuf>,
    /// What they are told.
    faults: PathBuf,
}

impl Ground<'_> {
    fn tell(&self, fault: &str, words: &str) {
        std::fs::write(self.faults.join(fault), words).unwrap();
    }

    fn mend(&self, fault: &str) {
        std::fs::remove_file(self.faults.join(fault)).unwrap();
    }
}

/// Where the documents of two servers are.
fn files_url(fixture: &Fixture) -> String {
    format!("file://{}", fixture.directory().join("files").display())
}

struct Storing {
    process: Child,
    lines: Receiver<String>,
}

impl Storing {
    /// Starts the server, or the second one.
    fn start(ground: &Ground<'_>, second: bool, seed: u64) -> Self {
        let settings = ground.fixture.settings();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "tests::faults::child", "--nocapture"])
            .env("KITH_FAULTS_DATA", ground.fixture.directory())
            .env("KITH_FAULTS_MASTER_KEY", ground.fixture.directory().join("master.key"))
            .env("KITH_FAULTS_SEED", seed.to_string())
            .env("KITH_FAULTS_FILE", "77")
            .env("KITH_FAULTS", &ground.faults)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if second {
            command.env("KITH_FAULTS_DATA", ground.second.expect("a second server")).env("KITH_FAULTS_JOIN", "1");
        }
        let files_url = ground.second.map(|_| files_url(ground.fixture));
        for (name, url) in [
            ("KITH_FAULTS_URL", settings.database_url),
            ("KITH_FAULTS_KEYS_URL", settings.keys_url),
            ("KITH_FAULTS_FILES_URL", files_url),
        ] {
            if let Some(url) = url {
                command.env(name, url);
            }
        }
        if let Some(disk) = &ground.disk {
            command.env("LD_PRELOAD", disk);
        }
        let mut process = command.spawn().unwrap();
        let output = process.stdout.take().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            // A line that was cut short by a kill is not one that was said.
            let mut output = BufReader::new(output);
            let mut line = String::new();
            while output.read_line(&mut line).is_ok_and(|read| read > 0) {
                if let Some(at) = line.find('@')
                    && line.ends_with('\n')
                    && sender.send(line[at + 1..].trim().to_owned()).is_err()
                {
                    return;
                }
                line.clear();
            }
        });
        Self { process, lines }
    }

    /// Takes what it says for a while.
    fn listen(&self, model: &mut Model, time: Duration) {
        let end = Instant::now() + time;
        while let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            model.take(&line);
        }
    }

    /// Takes what it says until a line begins so.
    fn until(&self, model: &mut Model, begins: &str, most: Duration) {
        let end = Instant::now() + most;
        loop {
            let line = self.lines.recv_timeout(end.saturating_duration_since(Instant::now()));
            let line =
                line.unwrap_or_else(|_| panic!("it does not say \"{begins}\" within {most:?}: {:?}", model.refused));
            assert!(!line.starts_with("fail"), "{line}");
            model.take(&line);
            if line.starts_with(begins) {
                return;
            }
        }
    }

    /// The power goes.
    fn kill(mut self, model: &mut Model) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.lines.iter().for_each(|line| model.take(&line));
    }

    fn stop(mut self, model: &mut Model) {
        self.process.stdin.take().unwrap().write_all(b".").unwrap();
        self.until(model, "closed", RECOVERY_MAX);
        self.process.wait().unwrap();
    }
}

/// Cuts every connection to the database.
async fn cut(fixture: &Fixture) {
    let db = fixture.raw().await;
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let _ = db.query_all_raw(Statement::from_string(db.get_database_backend(), others)).await;
    let _ = db.close_by_ref().await;
}

/// A database that lets nobody in and has thrown everybody out, as one that was stopped.
struct Stopped {
    server: DatabaseConnection,
    name: String,
}

impl Stopped {
    async fn of(fixture: &Fixture) -> Self {
        let url = std::env::var("KITH_TEST_POSTGRES_URL").expect("a server for tests");
        let db = fixture.raw().await;
        let name = Statement::from_string(db.get_database_backend(), "SELECT current_database()::text AS n");
        let name = db.query_one_raw(name).await.unwrap().unwrap().try_get("", "n").unwrap();
        let _ = db.close_by_ref().await;
        let stopped = Self { server: Database::connect(url).await.unwrap(), name };
        stopped.lets_in(false).await;
        let throw = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname";
        stopped.server.execute_unprepared(&format!("{throw} = '{}'", stopped.name)).await.unwrap();
        stopped
    }

    async fn lets_in(&self, yes: bool) {
        let alter = format!("ALTER DATABASE {} ALLOW_CONNECTIONS {yes}", self.name);
        self.server.execute_unprepared(&alter).await.unwrap();
    }

    async fn start(self) {
        self.lets_in(true).await;
        let _ = self.server.close().await;
    }
}

two_ways! { sqlite(Sqlite, false), postgres(Postgres, true):
    async fn what_was_acknowledged_is_there_once_after_every_fault(fixture: &Fixture) {
        let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
        let seconds = number("KITH_FAULTS_SECONDS").unwrap_or(SECONDS);
        let seed = number("KITH_FAULTS_SEED").unwrap_or_else(|| u64::from(std::process::id()));
        let (place, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for_its_owner(other.path());
        let server = fixture.settings().database_url.is_some();
        let faults = place.path().join("faults");
        std::fs::create_dir(&faults).unwrap();
        let second = server.then_some(other.path());
        let ground = Ground { fixture, second, disk: failing_disk(place.path()), faults };
        let mut dice = Dice(seed);
        let mut model = Model::default();
        let mut done: HashMap<&str, u64> = HashMap::new();
        println!("{:?}: seed {seed}, {seconds} s", fixture.engine);
        // What the second joins.
        let first = Storing::start(&ground, false, dice.next());
        first.until(&mut model, "signed", RECOVERY_MAX);
        first.stop(&mut model);
        let end = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < end {
            let mut storing = vec![Storing::start(&ground, false, dice.next())];
            if server && dice.below(3) > 0 {
                *done.entry("second server").or_default() += 1;
                storing.push(Storing::start(&ground, true, dice.next()));
            }
            for each in &storing {
                each.until(&mut model, "open", RECOVERY_MAX);
            }
            storing[0].listen(&mut model, dice.millis(50, 400));
            for _ in 0..dice.below(4) {
                let all = ["full", "io", "sync", "clock", "cut", "stopped"];
                let fault = all[usize::try_from(dice.below(if server { 6 } else { 4 })).unwrap_or(0)];
                *done.entry(fault).or_default() += 1;
                let time = dice.millis(5, 250);
                match fault {
                    "cut" => cut(fixture).await,
                    "stopped" => {
                        let stopped = Stopped::of(fixture).await;
                        storing[0].listen(&mut model, time * 4);
                        stopped.start().await;
                    }
                    "clock" => {
                        // Up to a month, back or forward.
                        let seconds = i64::try_from(dice.below(5_000_000)).unwrap_or(0) - 2_500_000;
                        ground.tell(fault, &seconds.to_string());
                        storing[0].listen(&mut model, time);
                        ground.mend(fault);
                    }
                    fault => {
                        ground.tell(fault, "");
                        storing[0].listen(&mut model, time);
                        ground.mend(fault);
                    }
                }
                storing[0].listen(&mut model, dice.millis(5, 150));
            }
            // By itself: it saves, it looks and it signs.
            for each in &storing {
                for again in ["saved", "looked", "signed"] {
                    each.until(&mut model, again, RECOVERY_MAX);
                }
            }
            storing[0].listen(&mut model, dice.millis(5, 200));
            for each in storing {
                if dice.below(4) == 0 {
                    *done.entry("stop").or_default() += 1;
                    each.stop(&mut model);
                } else {
                    *done.entry("kill").or_default() += 1;
                    each.kill(&mut model);
                }
            }
            if dice.below(3) == 0 {
                model.check(fixture).await;
            }
        }
        let mut last = vec![Storing::start(&ground, false, 0)];
        last.extend(server.then(|| Storing::start(&ground, true, 1)));
        for each in last {
            each.until(&mut model, "saved", RECOVERY_MAX);
            each.stop(&mut model);
        }
        model.check(fixture).await;
        // What the last wrote is signed by whoever comes next.
        let settings = Settings { files_url: second.map(|_| files_url(fixture)), ..fixture.settings() };
        let store = Store::open(settings.clone()).await.unwrap();
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        let check = fixture.verify().await.unwrap();
        assert!(check.size >= model.signed, "{} signed, {} in the log", model.signed, check.size);
        if let Some(second) = second {
            let settings = Settings {
                data: second.to_path_buf(),
                log: LogStart::Joined,
                master_key: MasterKeyPlace::File(fixture.directory().join("master.key")),
                ..settings
            };
            let store = Store::open(settings).await.unwrap();
            store.sequence().await.unwrap();
            store.close().await.unwrap();
            let url = fixture.settings().database_url;
            let of = Verifying { now_ms: 0, ..Verifying::of(second, url.as_deref()) };
            let seconds = verify_ledger(&of).await.unwrap();
            assert!(seconds.size >= check.size, "the second server signed {}, the first {}", seconds.size, check.size);
        }
        println!(
            "{:?}: {} acknowledged, 0 lost, 0 doubled; {done:?}; refused {:?}",
            fixture.engine, model.acknowledged, model.refused
        );
    }
}

/// Whatever else is wrong, what a process says is taken as it said it.
#[test]
fn the_model_takes_what_was_sent_and_what_was_acknowledged() {
    let mut model = Model::default();
    let id = Uuid::from_u128(1);
    model.take(&format!("save {id} 1"));
    model.take(&format!("saved {id} 1"));
    model.take(&format!("save {id} 2"));
    let sent = &model.rows[&id];
    assert_eq!((sent.acknowledged, sent.tried, model.acknowledged), (1, 2, 1));
}
