//! The program: serve, demo, tour, ledger.

mod ledger;
mod output;
mod serve;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

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
    /// The access log.
    #[command(subcommand)]
    Ledger(LedgerCommand),
}

#[derive(Subcommand)]
enum LedgerCommand {
    /// Verifies that no entry of the access log was altered, removed or put in: every hash, the signature, the
    /// checkpoints of the second place, and each entry against the database.
    Verify(VerifyArgs),
}

/// Where the service is kept and where it listens.
#[derive(Args)]
struct ServeArgs {
    /// The data directory; made at the first start.
    #[arg(long, value_name = "DIR", default_value = "kith-data")]
    data: PathBuf,
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The authority's register [default: DIR/kith.toml, else the one that is shipped].
    #[arg(long, value_name = "FILE")]
    register: Option<PathBuf>,
    /// A `PostgreSQL` database instead of the embedded `SQLite`, such as postgres://kith@host/kith.
    #[arg(long, value_name = "URL", env = "KITH_DATABASE_URL", hide_env_values = true)]
    database: Option<String>,
    /// Prints one JSON object per line instead of sentences.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct VerifyArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR", default_value = "kith-data")]
    data: PathBuf,
    /// The `PostgreSQL` database, if the data is there.
    #[arg(long, value_name = "URL", env = "KITH_DATABASE_URL", hide_env_values = true)]
    database: Option<String>,
    /// The public key that the auditor kept [default: the one beside the log].
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Checks the log alone, without the database.
    #[arg(long)]
    tiles_only: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
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
        Command::Ledger(LedgerCommand::Verify(args)) => (args.json, runtime.block_on(ledger::verify(args))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::failed(json, &failure);
            ExitCode::FAILURE
        }
    }
}
