//! `kith serve`: opens the service, serves its pages, does the work that waits, and ends cleanly.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kith_service::{Register, Service, Setup, SystemClock};
use kith_store::{LogStart, Settings};
use kith_web::{App, router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot::Receiver;
use tracing_subscriber::EnvFilter;

use crate::accept::{self, Room};
use crate::cli::ServeArgs;
use crate::output::{Failure, say};

/// The register that is shipped: an invented council's.
const SHIPPED: &str = include_str!("../../../config/kith.toml");
/// The authority's own register in the data directory.
pub(crate) const REGISTER: &str = "kith.toml";
/// What a demo remembers in its data directory.
pub(crate) const DEMO: &str = "demo.json";
/// How often waiting work is looked for and the access log is brought up to date.
const TICK: Duration = Duration::from_secs(1);
/// How long answers that are under way may take once the program was told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Logs as JSON lines on standard error: routes and times, never a person.
pub(crate) fn log_to_stderr(level: &str) {
    let usual = || EnvFilter::new(format!("warn,kith_web={level},kith_service={level},kith={level}"));
    let filter = EnvFilter::try_from_env("KITH_LOG").unwrap_or_else(|_| usual());
    let _ = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// Translations of papers, in a directory beside the register.
const TRANSLATIONS: &str = "translations";

/// The register to use: the one named, the one in the data directory, or the one that is shipped.
pub(crate) fn register(named: Option<&Path>, data: &Path) -> Result<Register, Failure> {
    let own = data.join(REGISTER);
    let own = own.try_exists()?.then_some(own);
    let path: Option<PathBuf> = named.map(Path::to_path_buf).or(own);
    let beside = path.as_deref().and_then(Path::parent).unwrap_or(data).join(TRANSLATIONS);
    let register = match path {
        Some(path) => Register::read(&path)?,
        None => shipped()?,
    };
    Ok(register.with_translations(&beside)?)
}

/// The register that is shipped.
pub(crate) fn shipped() -> Result<Register, Failure> {
    Ok(Register::parse(Path::new("kith.toml (shipped)"), SHIPPED)?)
}

/// Says whose service this is: its code goes into every seal and can never be changed.
fn say_whose(args: &ServeArgs, register: &Register, shipped: bool) {
    let name = &register.authority().name;
    let words = if shipped {
        format!(
            "This is the service of {name}, the invented council of the register that is shipped. Before the first real \
             record put your own register at {}.",
            args.data.join(REGISTER).display()
        )
    } else {
        format!("This is the service of {name}.")
    };
    say(args.json, &words, &json!({ "authority": name, "shipped_register": shipped }));
}

/// Takes the port before anything else, so that a port that is taken is said at once.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure(match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!("{address} is taken by another program: stop it, or choose another port with --listen")
            }
            std::io::ErrorKind::PermissionDenied => {
                format!("no permission to listen on {address}: choose a port above 1023 with --listen")
            }
            _ => format!("cannot listen on {address}: {error}"),
        })
    })
}

pub(crate) async fn serve(args: ServeArgs) -> Result<(), Failure> {
    log_to_stderr("info");
    if args.data.join(DEMO).exists() {
        return Err(Failure(format!(
            "{} holds a demo, whose passwords everybody knows: choose another directory with --data",
            args.data.display()
        )));
    }
    let shipped = args.register.is_none() && !args.data.join(REGISTER).try_exists()?;
    let register = register(args.register.as_deref(), &args.data)?;
    say_whose(&args, &register, shipped);
    let database_url = args.database.url()?;
    let (keys_url, master_key) = (args.keys.url()?, args.keys.master_key()?);
    args.front.check()?;
    let mail = args.mail.mail(args.front.public_url.as_deref())?;
    let listener = listen(args.listen).await?;
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() && args.front.public_url.is_none() {
        say(
            args.json,
            "Warning: others can reach this address, and nothing says that it is reached over TLS: what is typed can be read \
             on the way. Listen on 127.0.0.1 behind a TLS proxy, and say so with --public-url https://… and --trusted-proxy.",
            &json!({ "warning": "without_tls" }),
        );
    }
    let authority = register.code().to_owned();
    if args.second_place.is_none() {
        say(
            args.json,
            "The signed checkpoints of the access log lie beside the log itself: whoever can write there can replace both. \
             Give a place that they cannot write with --second-place.",
            &json!({ "warning": "no second place for checkpoints" }),
        );
    }
    if master_key.is_beside(&args.data) {
        say(
            args.json,
            "The master key lies in the data directory, beside what it opens: whoever copies the directory can read every \
             record. Give it a place of its own with --master-key FILE or --master-key credential:NAME.",
            &json!({ "warning": "master key beside the data" }),
        );
    }
    if mail.is_none() {
        say(
            args.json,
            "No messages are sent by email: what people should know stands on their home page alone. Say where to send them with \
             --mail and --mail-from.",
            &json!({ "warning": "no email" }),
        );
    }
    if let Some(clamd) = &args.files.clamd
        && let Err(fault) = clamd.ping().await
    {
        say(
            args.json,
            &format!("Warning: the virus scanner cannot be asked, so no document is taken until it can: {fault:?}."),
            &json!({ "warning": "no virus scanner" }),
        );
    }
    let of = Settings::of(args.data.clone(), authority, register.items().clone());
    let store = Settings {
        database_url,
        keys_url,
        master_key,
        files_url: args.files.depot.files_url,
        clamd: args.files.clamd,
        second_place: args.second_place,
        reserve_mib: args.reserve_mib,
        log: match (args.begin_new_log, args.join) {
            (true, _) => LogStart::Anew,
            (_, true) => LogStart::Joined,
            _ => LogStart::Usual,
        },
        unsigned_max: Duration::from_secs(args.unsigned_max_minutes * 60),
        ..of
    };
    let clock = Arc::new(SystemClock);
    let service = Service::open(Setup { store, register, clock: clock.clone(), real_clock: clock, mail }).await?;
    let standing = service.register_standing();
    if standing.file_differs && !shipped {
        let words = format!(
            "The register’s file says something else than version {}, which is in force. The version counts: the file was read for the first one alone. The data protection officer writes another in Kith, and a manager approves it.",
            standing.number
        );
        say(args.json, &words, &json!({ "warning": "register_file_differs", "version": standing.number }));
    }
    // One that joins would take the place of the invitation that the first server printed.
    if !args.join
        && let Some(invitation) = service.first_administrator().await?
    {
        let base = args.front.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
        let url = format!("{base}/invitation/{}/{}", invitation.account, invitation.secret);
        let code = invitation.code.unwrap_or_default();
        say(
            args.json,
            &format!(
                "There is nobody here yet. The first administrator sets up their account with the code {code} at\n  {url}"
            ),
            &json!({ "invitation": url, "code": code }),
        );
    }
    let stop = Stop::listen()?;
    say(
        args.json,
        &format!("Kith serves on http://{address}. Stop it with Ctrl+C."),
        &json!({ "listening": address.to_string() }),
    );
    let room = args.front.room();
    run(App { service, demo: None, front: args.front.front() }, listener, room, stop, None).await
}

/// Serves until told to stop, by a signal or by `also`, then ends what is under way.
pub(crate) async fn run(
    app: App,
    listener: TcpListener,
    room: Room,
    stop: Stop,
    also: Option<Receiver<()>>,
) -> Result<(), Failure> {
    let service = app.service.clone();
    let ticking = tokio::spawn(tick(service.clone()));
    let keys = tokio::spawn(attend_to_keys(service.clone()));
    let mail = tokio::spawn(send_mail(service.clone()));
    let (tell, told) = tokio::sync::watch::channel(false);
    let serving = accept::serve(listener, router(app), room, told);
    // Somebody who sends half a request and no more does not hold up the end.
    let stopped = async {
        stop.wait(also).await;
        let _ = tell.send(true);
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! { () = serving => {}, () = stopped => {} }
    for task in [ticking, keys, mail] {
        task.abort();
        let _ = task.await;
    }
    service.close().await?;
    Ok(())
}

/// Once a second; later when the work of before took longer.
fn ticks() -> tokio::time::Interval {
    let mut interval = tokio::time::interval(TICK);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    interval
}

async fn tick(service: Service) {
    let mut interval = ticks();
    loop {
        interval.tick().await;
        if let Err(error) = service.do_waiting_work().await {
            tracing::warn!(%error, "the work that waits could not be looked for");
        }
        if let Err(error) = service.sequence().await {
            tracing::error!(%error, "the access log could not be brought up to date");
        }
    }
}

/// Beside the other work, since a mail server takes its time.
async fn send_mail(service: Service) {
    if !service.sends_mail() {
        return;
    }
    let mut interval = ticks();
    loop {
        interval.tick().await;
        if let Err(error) = service.send_mail().await {
            tracing::warn!(%error, "messages could not be looked for");
        }
    }
}

/// Beside the other work, since another key of the index takes its time.
async fn attend_to_keys(service: Service) {
    let mut interval = ticks();
    loop {
        interval.tick().await;
        if let Err(error) = service.attend_to_keys().await {
            tracing::warn!(%error, "what was noted with the keys could not be done; it will be tried again");
        }
    }
}

/// What ends the program: Ctrl+C, or the signal that ends a service.
///
/// Made before the program says that it serves: until it is there, a signal kills the process on the spot.
pub(crate) struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    pub(crate) fn listen() -> Result<Self, Failure> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for either signal, or for `also`.
    async fn wait(mut self, also: Option<Receiver<()>>) {
        let also = async {
            match also {
                Some(also) => also.await.unwrap_or_default(),
                None => std::future::pending().await,
            }
        };
        tokio::select! { _ = self.interrupt.recv() => {}, _ = self.terminate.recv() => {}, () = also => {} }
    }
}
