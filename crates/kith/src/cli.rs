//! The command line: what can be asked for, and the exit code.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use kith_store::{RESERVE_MIB, UNSIGNED_MAX};

use crate::clock::ClockCommand;
use crate::items::ItemsArgs;
use crate::keys::KeysCommand;
use crate::link::LinkArgs;
use crate::notice::NoticeArgs;
use crate::output::failed;
use crate::reached::{DatabaseArgs, DepotArgs, FilesArgs, FrontArgs, KeysArgs, MailArgs};
use crate::retention::RetentionCommand;
use crate::{backup, clock, delivered, demo, items, keys, ledger, link, notice, retention, serve, simulate};

/// Kith: the software a council's children's contact service runs on.
#[derive(Parser)]
#[command(name = "kith", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the contact service. At its first start on an empty directory it prints the address at which the first
    /// administrator sets up their account.
    Serve(ServeArgs),
    /// Serves a demo service with invented families and a full week's diary, and prints a login for each role. Its clock
    /// can be put forward.
    Demo(DemoArgs),
    /// Copies a service, running or not, into two new directories: the data with the signed log, and the keys.
    Backup(BackupArgs),
    /// Puts a backup back into a new directory, opens it and verifies it.
    Restore(RestoreArgs),
    /// The keys: what there is to say of them, another master key or index key, shares of the master key for custodians.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The access log.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// By when something is due, and how that was counted.
    #[command(subcommand)]
    Clock(ClockCommand),
    /// How long records are kept.
    #[command(subcommand)]
    Retention(RetentionCommand),
    /// Counts delivered against ordered of one case, written down as JSON: for each person and each span one JSON object
    /// a line.
    Delivered(DeliveredArgs),
    /// Lists every item of personal data that Kith can hold: its code, its label, about whom, the notice's category,
    /// whether it is of a special category, for which purposes it is read, and its retention category.
    Items(ItemsArgs),
    /// Finds the records of two files that are of one person, and says why; with one file twice, who is in it twice.
    Link(LinkArgs),
    /// Writes the public privacy notice as the register has it, in English or Welsh, whole, easy to read or for children; and
    /// the other papers that are made from the register: of a file, or of a version that a service holds.
    Notice(NoticeArgs),
    /// Lives through a whole life of a service in a new directory - referrals, births, deaths, requests, holds, destructions,
    /// staff who come and go - and looks after each day whether a promise is broken. Everybody in it is invented.
    Simulate(SimulateArgs),
}

#[derive(Subcommand)]
enum LedgerCommand {
    /// Verifies that no entry of the access log was altered, removed or put in: every hash, the signature, the
    /// checkpoints of the second place, and each entry against the database.
    Verify(VerifyArgs),
}

/// Where the service is kept and where it listens.
#[derive(Args)]
pub(crate) struct ServeArgs {
    /// The data directory; made at the first start.
    #[arg(long, value_name = "DIR", default_value = "kith-data")]
    pub(crate) data: PathBuf,
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) front: FrontArgs,
    /// The authority's register [default: DIR/kith.toml, else the one that is shipped].
    #[arg(long, value_name = "FILE")]
    pub(crate) register: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    #[command(flatten)]
    pub(crate) keys: KeysArgs,
    #[command(flatten)]
    pub(crate) files: FilesArgs,
    #[command(flatten)]
    pub(crate) mail: MailArgs,
    /// Room to leave on the disk, MiB: below it Kith reads and changes nothing, until there is room again.
    #[arg(long, value_name = "MIB", env = "KITH_RESERVE_MIB", default_value_t = RESERVE_MIB)]
    pub(crate) reserve_mib: u64,
    /// Where the signed checkpoints of the access log are written, best on another machine that who administers the database
    /// cannot write [default: DIR/checkpoints].
    #[arg(long, value_name = "DIR", env = "KITH_SECOND_PLACE")]
    pub(crate) second_place: Option<PathBuf>,
    /// For how many minutes entries of the access log may stay unsigned, because they cannot be signed, before Kith only
    /// reads.
    #[arg(long, value_name = "MINUTES", env = "KITH_UNSIGNED_MAX_MINUTES", default_value_t = UNSIGNED_MAX.as_secs() / 60)]
    pub(crate) unsigned_max_minutes: u64,
    /// Begins a new signed access log from the database, when the old one is lost or cannot be continued. What is left of it
    /// is moved aside; an entry and every page say so.
    #[arg(long)]
    pub(crate) begin_new_log: bool,
    /// Makes this server one more of those that work on the database, at its first start: its copy of the signed access log is
    /// built from the database. Later starts need it no more.
    #[arg(long, conflicts_with = "begin_new_log")]
    pub(crate) join: bool,
    /// Prints one JSON object per line instead of sentences.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The demo service.
#[derive(Args)]
pub(crate) struct DemoArgs {
    /// The data directory; filled at the first start.
    #[arg(long, value_name = "DIR", default_value = "kith-data")]
    pub(crate) data: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    #[command(flatten)]
    pub(crate) keys: KeysArgs,
    #[command(flatten)]
    pub(crate) files: FilesArgs,
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Room to leave on the disk, MiB: below it Kith reads and changes nothing, until there is room again.
    #[arg(long, value_name = "MIB", env = "KITH_RESERVE_MIB", default_value_t = RESERVE_MIB)]
    pub(crate) reserve_mib: u64,
    /// Walks the whole case by itself through the pages, from the referral to the report for court, says each step,
    /// leaves the papers in DIR/tour/ and ends.
    #[arg(long)]
    pub(crate) tour: bool,
    /// Prints one JSON object per line instead of sentences.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct DeliveredArgs {
    /// The case: a term, its people, the diary and what is asked for.
    #[arg(value_name = "CASE.json")]
    pub(crate) case: PathBuf,
    /// Says what is wrong as one JSON object, as the answers are.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is to be lived through, and where.
#[derive(Args)]
pub(crate) struct SimulateArgs {
    /// A new directory, or an empty one. What is left in it is a service that can be looked at; nobody can sign in to it.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// The story: the same seed tells the same.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many children are referred.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=2_000))]
    pub(crate) children: u16,
    /// For how many years.
    #[arg(long, value_name = "N", default_value_t = 76, value_parser = clap::value_parser!(i16).range(1..=120))]
    pub(crate) years: i16,
    /// Prints one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to back up, and where.
#[derive(Args)]
pub(crate) struct BackupArgs {
    /// A new directory for the data and the signed log.
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
    /// A new directory for the keys [default: DIR-keys]. Keep it apart from DIR.
    #[arg(long, value_name = "DIR")]
    pub(crate) keys: Option<PathBuf>,
    /// The data directory.
    #[arg(long, value_name = "DIR", default_value = "kith-data")]
    pub(crate) data: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    #[command(flatten)]
    pub(crate) keys_home: KeysArgs,
    /// Prints one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to put back, and where.
#[derive(Args)]
pub(crate) struct RestoreArgs {
    /// The directory with the data and the signed log.
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
    /// The directory with the keys, of this backup or newer: take the newest, so that what was destroyed stays destroyed
    /// [default: DIR-keys].
    #[arg(long, value_name = "DIR")]
    pub(crate) keys: Option<PathBuf>,
    /// The new data directory.
    #[arg(long, value_name = "DIR", default_value = "kith-data")]
    pub(crate) data: PathBuf,
    /// The authority's register [default: the one in the backup, else the one that is shipped].
    #[arg(long, value_name = "FILE")]
    pub(crate) register: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    #[command(flatten)]
    pub(crate) keys_home: KeysArgs,
    #[command(flatten)]
    pub(crate) depot: DepotArgs,
    /// Prints one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR", default_value = "kith-data")]
    pub(crate) data: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    #[command(flatten)]
    pub(crate) depot: DepotArgs,
    /// The public key that the auditor kept [default: the one beside the log].
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Where the signed checkpoints are kept [default: DIR/checkpoints].
    #[arg(long, value_name = "DIR", env = "KITH_SECOND_PLACE")]
    pub(crate) second_place: Option<PathBuf>,
    /// Checks the log alone, without the database.
    #[arg(long)]
    pub(crate) tiles_only: bool,
    /// Prints one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs what the command line asks for; 0 only when it succeeded.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("kith: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let (json, result) = match cli.command {
        Command::Serve(args) => (args.json, runtime.block_on(serve::serve(args))),
        Command::Demo(args) => (args.json, runtime.block_on(demo::demo(args))),
        Command::Backup(args) => (args.json, runtime.block_on(backup::save(args))),
        Command::Restore(args) => (args.json, runtime.block_on(backup::put_back(args))),
        Command::Ledger(LedgerCommand::Verify(args)) => (args.json, runtime.block_on(ledger::verify(args))),
        Command::Keys(command) => (command.json(), runtime.block_on(keys::keys(command))),
        Command::Clock(command) => (command.json(), clock::clock(&command)),
        Command::Retention(RetentionCommand::Date(args)) => (args.json, retention::date(&args)),
        Command::Retention(RetentionCommand::Forecast(args)) => {
            (args.json, runtime.block_on(retention::forecast(args)))
        }
        Command::Delivered(args) => (args.json, delivered::delivered(&args.case)),
        Command::Items(args) => (args.json, items::items(&args)),
        Command::Link(args) => (args.json, link::run(&args)),
        Command::Notice(args) => (false, runtime.block_on(notice::notice(&args))),
        Command::Simulate(args) => (args.json, runtime.block_on(simulate::simulate(&args))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failed(json, &failure);
            ExitCode::FAILURE
        }
    }
}
