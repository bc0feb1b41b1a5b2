//! What the ground costs, each figure beside its yardstick in the same run: `cargo bench -p kith --bench ground`.
//!
//! Nothing is asserted: the machines this runs on are noisy, so the figures are printed for a person to read.

#![allow(clippy::zombie_processes, missing_docs, reason = "every path that starts the program stops it")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kith::tour::Tour;
use kith::walker::Walker;
use kith_domain::access::{Actor, Purpose, Role};
use kith_domain::catalogue::RegisteredItems;
use kith_domain::ids::{EntryId, SessionId};
use kith_domain::record::sheet::Typed;
use kith_domain::record::{Basis, Heading, Observation};
use kith_service::demo::DemoLogin;
use kith_service::{MovableClock, Register, Service, Setup, SystemClock};
use kith_store::Settings;
use sea_orm::{ConnectionTrait, Database};
use serde_json::Value;
use uuid::Uuid;

/// Saves measured of each kind, in turn.
const SAVES: usize = 600;
/// Cold starts measured.
const STARTS: usize = 7;
/// People signed in.
const PEOPLE: usize = 50;
const REGISTER: &str = include_str!("../../../config/kith.toml");

fn main() {
    if std::env::args().any(|arg| arg == "--list") {
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("data");
    let session = prepare(&data);
    saves(dir.path(), &data, &session);
    starts(&data);
    memory(&data);
}

/// Fills a demo and walks it until a session is being recorded.
fn prepare(data: &Path) -> String {
    let (mut child, base, logins) = start(data);
    let mut tour = Tour::new(&base, &logins, true);
    let walk = |tour: &mut Tour| -> Result<String, kith::output::Failure> {
        let referral = tour.refer()?;
        let file = tour.verify(&referral)?;
        tour.assess(&file)?;
        let plan = tour.plan(&file)?;
        let session = tour.book(&plan)?;
        tour.put_clock_forward_to(&session)?;
        Ok(session)
    };
    let session = walk(&mut tour).unwrap_or_else(|failure| panic!("{}", failure.0));
    stop(&mut child);
    session
}

fn start(data: &Path) -> (Child, String, Vec<DemoLogin>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kith"))
        .args(["demo", "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .env("KITH_LOG", "warn")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut logins = Vec::new();
    for line in BufReader::new(child.stdout.take().expect("its output")).lines() {
        let line: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        if let Some(people) = line["logins"].as_array() {
            logins = people.iter().map(login).collect();
        }
        if let Some(address) = line["listening"].as_str() {
            return (child, format!("http://{address}"), logins);
        }
    }
    panic!("the program ended before it served");
}

fn stop(child: &mut Child) {
    let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    let _ = child.wait();
}

fn login(value: &Value) -> DemoLogin {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    DemoLogin {
        role: Role::from_code(&text("role")).expect("a role"),
        name: text("name"),
        login: text("login"),
        password: text("password"),
        totp_secret: text("totp_secret"),
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn line(what: &str, times: &mut [Duration]) -> Duration {
    let middle = median(times);
    println!("  {what:<58} median {middle:>10.1?}   min {:>10.1?}   max {:>10.1?}", times[0], times[times.len() - 1]);
    middle
}

/// One timed entry: allowed, sealed, ledgered, durable; beside a bare durable insert of the same bytes.
fn saves(dir: &Path, data: &Path, session: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let state: Value = serde_json::from_slice(&fs::read(data.join("demo.json")).expect("the demo's state")).expect("JSON");
        let clock = Arc::new(MovableClock::ahead_by(state["ahead_ms"].as_i64().unwrap_or_default()));
        let register = Register::parse(Path::new("kith.toml"), REGISTER).expect("the register");
        let authority = register.code().to_owned();
        let store = Settings::of(data.to_path_buf(), authority, RegisteredItems::whole_catalogue());
        let service = Service::open(Setup { store, register, clock, real_clock: Arc::new(SystemClock), mail: None }).await.expect("the service");
        let supervisor = service.colleagues(Role::Supervisor);
        let session: SessionId = session.trim_start_matches("/sessions/").parse().expect("a session");
        let bare_path = dir.join("bare.sqlite");
        let bare = Database::connect(format!("sqlite://{}?mode=rwc", bare_path.display())).await.expect("a bare database");
        for pragma in ["PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE bare (id BLOB PRIMARY KEY, sealed BLOB NOT NULL) STRICT"] {
            bare.execute_unprepared(pragma).await.expect("a pragma");
        }
        let text = "They built a harbour of bricks on the floor. She chose the blue ones; her mother handed them up and waited. ".repeat(4);
        let typed = |text: &str| Typed {
            entry: EntryId(Uuid::now_v7()),
            version: 0,
            observation: Observation {
                heading: Heading::Play,
                about_minute: Some(620),
                basis: Some(Basis::Seen),
                quotation: false,
                text: text.to_owned(),
            },
            children: Vec::new(),
            device: None,
        };
        // A body of this length is filled to a kibibyte; its envelope for one file has some 150 bytes more.
        let bytes = 1_024 + 150;
        let mut author = None;
        for card in supervisor {
            let desk = service.desk(Actor::staff(card.id, card.role, card.area.clone()), Purpose::ServiceDelivery);
            if desk.write_entry(session, typed(&text)).await.is_ok() {
                author = Some(desk);
            }
        }
        let desk = author.expect("the session's supervisor");
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for number in 0..SAVES {
            let started = Instant::now();
            // Other words each time: the same words again are the same entry.
            desk.write_entry(session, typed(&format!("{text}{number}"))).await.expect("saved");
            ours.push(started.elapsed());
            let started = Instant::now();
            let insert = format!("INSERT INTO bare VALUES (x'{}', zeroblob({bytes}))", Uuid::now_v7().simple());
            bare.execute_unprepared(&insert).await.expect("inserted");
            theirs.push(started.elapsed());
        }
        println!("\nSaving one timed entry of {} characters ({SAVES} of each, in turn)", text.len());
        let ours = line("Kith: allowed, sealed, ledgered, durable", &mut ours);
        let theirs = line("bare durable SQLite insert of the same bytes", &mut theirs);
        println!("  ratio of the medians {:.2} (aim: at most 2)", ours.as_secs_f64() / theirs.as_secs_f64());
        service.close().await.expect("closed");
    });
}

/// From the start of the process to the first page, on the demo's data; beside the start of the same program that only
/// says its version.
fn starts(data: &Path) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let started = Instant::now();
        let (mut child, base, _) = start(data);
        let page = Walker::at(&base).get("/sign-in").unwrap_or_else(|failure| panic!("{}", failure.0));
        assert_eq!(page.status, 200);
        ours.push(started.elapsed());
        stop(&mut child);
        let started = Instant::now();
        let version = Command::new(env!("CARGO_BIN_EXE_kith")).arg("--version").stdout(Stdio::null()).status();
        assert!(version.expect("it runs").success());
        theirs.push(started.elapsed());
    }
    println!("\nCold start to the first page on the demo's data ({STARTS} times)");
    line("Kith: keys, migrations, policies, directory, sign-in page", &mut ours);
    line("the same program saying its version", &mut theirs);
    println!("  (aim: at most 1 s)");
}

/// Memory with fifty people signed in, each with pages of their own; beside the same server before anybody came.
fn memory(data: &Path) {
    let (mut child, base, logins) = start(data);
    let resident = |child: &Child| {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let kib = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.trim().split(' ').next().map(str::to_owned));
        kib.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() / 1024
    };
    let _ = Walker::at(&base).get("/sign-in");
    let before = resident(&child);
    let mut people = Vec::new();
    // A code works once, and so do those of the step before and after: who has used all three waits for the next.
    let mut shifts = [-30_i64, 0, 30].into_iter();
    while people.len() < PEOPLE {
        let shift = shifts.next().unwrap_or_else(|| {
            std::thread::sleep(Duration::from_secs(30));
            30
        });
        for login in logins.iter().take(PEOPLE - people.len()) {
            let mut walker = Walker::at(&base);
            let page = walker.get("/sign-in").unwrap_or_else(|failure| panic!("{}", failure.0));
            let code = kith::tour::code_at(&login.totp_secret, shift).unwrap_or_else(|failure| panic!("{}", failure.0));
            let fields = [("login", login.login.as_str()), ("password", &login.password), ("code", &code)];
            if walker.submit(&page, "/sign-in", &fields).is_ok() {
                people.push(walker);
            }
        }
    }
    for walker in &mut people {
        let home = walker.get("/").unwrap_or_else(|failure| panic!("{}", failure.0));
        for (_, to) in home.page().links().into_iter().filter(|(_, to)| to.starts_with('/')) {
            let _ = walker.get(&to);
        }
    }
    println!("\nMemory of the server (resident)");
    println!(
        "  {} people signed in, each with their home page and its links read   {} MiB (aim: at most 200)",
        people.len(),
        resident(&child)
    );
    println!("  the same server before anybody came                               {before} MiB");
    stop(&mut child);
}
