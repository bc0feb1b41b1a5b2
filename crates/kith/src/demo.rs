//! `kith demo`: a service with invented families and a full week's diary, whose clock can be put forward.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kith_service::demo::{DemoLogin, fill, starts_behind_ms};
use kith_service::{MovableClock, Service, Setup, SystemClock};
use kith_store::{Settings, create_private, lock};
use kith_web::{App, Demo, DemoPerson, Front};
use serde_json::{Value, json};

use crate::cli::DemoArgs;
use crate::output::{Failure, say};
use crate::reached::FrontArgs;
use crate::{serve, tour};

/// What the demo remembers between starts, beside the data: who can sign in, and how far its clock is ahead.
struct Remembered {
    path: PathBuf,
    logins: Vec<DemoLogin>,
}

const FILE: &str = serve::DEMO;

pub(crate) async fn demo(args: DemoArgs) -> Result<(), Failure> {
    serve::log_to_stderr(if args.tour || !args.json { "warn" } else { "info" });
    let listener = serve::listen(args.listen).await?;
    let address = listener.local_addr()?;
    let database_url = args.database.url()?;
    let (keys_url, master_key) = (args.keys.url()?, args.keys.master_key()?);
    let before = state(&args.data, database_url.is_some() || keys_url.is_some())?;
    let ahead_ms = before.as_ref().and_then(|state| state["ahead_ms"].as_i64()).unwrap_or(0);
    let clock = Arc::new(MovableClock::ahead_by(if before.is_some() { ahead_ms } else { starts_behind_ms() }));
    let register = serve::register(None, &args.data)?;
    let authority = register.code().to_owned();
    let of = Settings::of(args.data.clone(), authority, register.items().clone());
    let (files_url, clamd) = (args.files.depot.files_url.clone(), args.files.clamd.clone());
    let store = Settings { database_url, keys_url, master_key, files_url, clamd, reserve_mib: args.reserve_mib, ..of };
    let path = args.data.join(FILE);
    if before.is_none() {
        create_private(&args.data)?;
        // Said first: a demo that was interrupted while it was filled is thrown away and made again.
        write(&path, &json!({ "filling": true }))?;
        say(
            args.json,
            "Filling the demo service with invented families. This takes a few seconds.",
            &json!({ "filling": true }),
        );
    }
    let setup = Setup { store, register, clock: clock.clone(), real_clock: Arc::new(SystemClock), mail: None };
    let service = Service::open(setup).await?;
    let logins = match before {
        Some(state) => logins_of(&state),
        None => fill(&service, &clock).await?,
    };
    let remembered = Arc::new(Remembered { path, logins });
    remembered.keep(&clock)?;
    let stop = serve::Stop::listen()?;
    greet(&args, address, &remembered.logins);
    let people = remembered.logins.iter().map(person).collect();
    let (keeper, moving) = (remembered.clone(), clock.clone());
    let moved = Box::new(move || {
        if let Err(failure) = keeper.keep(&moving) {
            tracing::warn!(why = failure.0, "the demo's clock was not remembered");
        }
    });
    let app = App {
        service: service.clone(),
        demo: Some(Arc::new(Demo { clock: clock.clone(), people, moved })),
        front: Front::default(),
    };
    let (done, stopped) = tokio::sync::oneshot::channel();
    let walking = args.tour.then(|| {
        let (base, data, json, logins) =
            (format!("http://{address}"), args.data.clone(), args.json, remembered.logins.clone());
        tokio::task::spawn_blocking(move || {
            let result = tour::walk(&base, &logins, &data.join("tour"), json);
            let _ = done.send(());
            result
        })
    });
    serve::run(app, listener, FrontArgs::default().room(), stop, walking.is_some().then_some(stopped)).await?;
    remembered.keep(&clock)?;
    match walking {
        Some(walking) => walking.await?.map(|_| ()),
        None => Ok(()),
    }
}

/// What a demo makes in its directory, and nothing else: only this is ever removed again.
const OWN: [&str; 14] = [
    "checkpoints",
    "demo.part",
    "files",
    "keys.sqlite",
    "keys.sqlite-shm",
    "keys.sqlite-wal",
    "kith.sqlite",
    "kith.sqlite-shm",
    "kith.sqlite-wal",
    "ledger",
    "master.key",
    "tour",
    "kith.lock",
    FILE,
];

/// What was remembered; `None` for a directory that a demo can be made in: one that is not there, or empty but for a
/// register, or whose demo was interrupted while it was filled, which is cleared. Anything else is somebody's and stays
/// as it is.
fn state(data: &Path, server: bool) -> Result<Option<Value>, Failure> {
    let path = data.join(FILE);
    let state = match fs::read(&path) {
        Ok(text) => serde_json::from_slice::<Value>(&text).ok(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Failure(format!("{} cannot be read: {error}", path.display()))),
    };
    match state {
        // What it left in a database of its own cannot be told from somebody's.
        Some(state) if state["filling"] == json!(true) && server => Err(Failure(format!(
            "the demo in {} was interrupted while it was filled: remove the directory and give an empty database",
            data.display()
        ))),
        Some(state) if state["filling"] == json!(true) => clear(data).map(|()| None),
        Some(state) => Ok(Some(state)),
        None if is_free(data)? => Ok(None),
        None => Err(Failure(format!(
            "{} is not empty and holds no demo: choose an empty directory with --data",
            data.display()
        ))),
    }
}

fn is_free(data: &Path) -> Result<bool, Failure> {
    let entries = match fs::read_dir(data) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(Failure(format!("{} cannot be read: {error}", data.display()))),
    };
    for entry in entries {
        if entry?.file_name() != serve::REGISTER {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Removes what an interrupted filling left, unless it is going on in another process.
fn clear(data: &Path) -> Result<(), Failure> {
    let _taken = lock(data)?;
    for name in OWN {
        let path = data.join(name);
        if path.is_dir() {
            fs::remove_dir_all(path)?;
        } else if path.exists() {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn write(path: &Path, state: &Value) -> Result<(), Failure> {
    let part = path.with_extension("part");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    file.write_all(state.to_string().as_bytes())?;
    file.sync_all()?;
    Ok(fs::rename(part, path)?)
}

impl Remembered {
    fn keep(&self, clock: &MovableClock) -> Result<(), Failure> {
        let logins: Vec<Value> = self.logins.iter().map(login_json).collect();
        write(&self.path, &json!({ "ahead_ms": clock.ahead_ms(), "logins": logins }))
    }
}

fn login_json(login: &DemoLogin) -> Value {
    json!({ "role": login.role.code(), "name": login.name, "login": login.login, "password": login.password, "totp_secret": login.totp_secret })
}

fn logins_of(state: &Value) -> Vec<DemoLogin> {
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let logins = state["logins"].as_array().cloned().unwrap_or_default();
    let login = |value: &Value| {
        Some(DemoLogin {
            role: kith_domain::access::Role::from_code(value["role"].as_str()?)?,
            name: text(value, "name"),
            login: text(value, "login"),
            password: text(value, "password"),
            totp_secret: text(value, "totp_secret"),
        })
    };
    logins.iter().filter_map(login).collect()
}

fn person(login: &DemoLogin) -> DemoPerson {
    DemoPerson {
        role: login.role.label().to_owned(),
        name: login.name.clone(),
        login: login.login.clone(),
        password: login.password.clone(),
        totp_secret: login.totp_secret.clone(),
    }
}

fn greet(args: &DemoArgs, address: SocketAddr, logins: &[DemoLogin]) {
    if args.json {
        say(true, "", &json!({ "logins": logins.iter().map(login_json).collect::<Vec<_>>() }));
        say(true, "", &json!({ "listening": address.to_string() }));
        return;
    }
    let mut seen = Vec::new();
    println!("\nA demo service. Everyone in it is invented. Somebody for each role:\n");
    println!("  {:<26} {:<24} {:<14} password", "role", "name", "sign-in name");
    for login in logins {
        if !seen.contains(&login.role) {
            seen.push(login.role);
            println!("  {:<26} {:<24} {:<14} {}", login.role.label(), login.name, login.login, login.password);
        }
    }
    println!("\nThe sign-in page shows everybody, each with the six-digit code of the moment.");
    println!("\nKith serves on http://{address}. Stop it with Ctrl+C.\n");
}
