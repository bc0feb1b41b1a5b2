//! `kith keys`: what there is to say of the keys, and what is done with them beside a Kith that serves.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use kith_store::{KeyStatus, KeysPlace, Rotated, StoreError, create_private, lock};
use kith_vault::Share;
use serde_json::{Value, json};

use crate::output::{Failure, say};
use crate::reached::KeysArgs;
use crate::serve;

/// How often to look whether the Kith that serves has done what it was asked for.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Says where the keys are, how many there are, which master key wraps them and since when.
    Status(PlaceArgs),
    /// Puts another key in the place of one, while Kith serves. What is cut short goes on when it is said again.
    #[command(subcommand)]
    Rotate(RotateCommand),
    /// Writes the master key in shares for several custodians: any so many of them put it together, fewer learn nothing.
    Escrow(EscrowArgs),
    /// Puts the master key together from shares, sees that it is the right one, and writes it where --master-key says.
    Restore(RestoreArgs),
}

#[derive(Subcommand)]
pub(crate) enum RotateCommand {
    /// Another master key: every key is wrapped again by it.
    Master(MasterArgs),
    /// Another key of the index by which names are found: every token is made anew.
    Index(PlaceArgs),
}

/// Which service's keys.
#[derive(Args)]
pub(crate) struct PlaceArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR", default_value = "kith-data")]
    data: PathBuf,
    #[command(flatten)]
    keys: KeysArgs,
    /// The authority's register [default: DIR/kith.toml, else the one that is shipped].
    #[arg(long, value_name = "FILE")]
    register: Option<PathBuf>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct MasterArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Only puts the new key into the file, beside the old one: for servers on other machines, or with a credential, which get
    /// that file, and are restarted if it is a credential, before this is said again without it.
    #[arg(long)]
    prepare: bool,
}

#[derive(Args)]
pub(crate) struct EscrowArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// How many shares, one for each custodian.
    #[arg(long, value_name = "N")]
    shares: u8,
    /// How many of them put the master key together.
    #[arg(long, value_name = "K")]
    threshold: u8,
    /// A new directory for them, one file each [default: prints them].
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct RestoreArgs {
    /// Files with a share each.
    #[arg(value_name = "SHARE", required = true)]
    shares: Vec<PathBuf>,
    #[command(flatten)]
    place: PlaceArgs,
    /// The directory with the keys of a backup, to see by it that the key is right, when the service itself is lost.
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
}

impl PlaceArgs {
    fn place(&self) -> Result<KeysPlace, Failure> {
        let register = serve::register(self.register.as_deref(), &self.data)?;
        Ok(KeysPlace {
            data: self.data.clone(),
            keys_url: self.keys.url()?,
            master_key: self.keys.master_key()?,
            authority: register.code().to_owned(),
        })
    }
}

impl KeysCommand {
    pub(crate) fn json(&self) -> bool {
        match self {
            Self::Status(args) | Self::Rotate(RotateCommand::Index(args)) => args.json,
            Self::Rotate(RotateCommand::Master(args)) => args.place.json,
            Self::Escrow(args) => args.place.json,
            Self::Restore(args) => args.place.json,
        }
    }
}

pub(crate) async fn keys(command: KeysCommand) -> Result<(), Failure> {
    match command {
        KeysCommand::Status(args) => status(&args).await,
        KeysCommand::Rotate(RotateCommand::Master(args)) => rotate_master(&args).await,
        KeysCommand::Rotate(RotateCommand::Index(args)) => rotate_index(&args).await,
        KeysCommand::Escrow(args) => escrow(&args).await,
        KeysCommand::Restore(args) => restore(&args).await,
    }
}

async fn status(args: &PlaceArgs) -> Result<(), Failure> {
    let place = args.place()?;
    let status = place.status().await?;
    let master_key = place.master_key.to_string();
    say(
        args.json,
        &words(&status, &master_key),
        &json!({
            "ok": true, "place": status.place, "file_keys": status.file_keys, "destroyed": status.destroyed,
            "master_key": status.master, "master_key_in": master_key, "since_ms": status.since_ms,
            "under_older": status.under_older, "master_keys_in_file": status.in_file, "index_key": status.index_key,
            "index_rotated_ms": status.index_rotated_ms, "index_rotating": status.index_rotating,
            "shares_ms": status.shares_ms,
        }),
    );
    Ok(())
}

fn words(status: &KeyStatus, master_key: &str) -> String {
    let since = status
        .since_ms
        .map_or_else(|| "since before this was written down".to_owned(), |ms| format!("since {}", when(ms)));
    let wrapped = match (status.under_older, status.in_file) {
        (0, 1) => "Every key is wrapped by it.".to_owned(),
        (0, _) => "Every key is wrapped by it. Another master key is in the file, too: kith keys rotate master goes on with it.".to_owned(),
        (older, _) => format!("{older} keys are still wrapped by an older one: kith keys rotate master goes on with them."),
    };
    let index = match (status.index_rotated_ms, status.index_rotating) {
        (Some(ms), true) => format!("asked for on {}, and being taken while Kith serves", when(ms)),
        (Some(ms), false) => format!("since {}", when(ms)),
        (None, _) => "the first".to_owned(),
    };
    let shares = match status.shares_ms {
        Some(ms) => {
            let old = if status.since_ms.is_some_and(|since| since > ms) {
                ", of an older master key: make new ones"
            } else {
                ""
            };
            format!("Shares of the master key were made on {}{old}.", when(ms))
        }
        None => "No shares of the master key were made (kith keys escrow).".to_owned(),
    };
    format!(
        "The keys are in {}.\n{} files have a key; the keys of {} were destroyed.\nMaster key {}, {since}, in {master_key}. \
         {wrapped}\nKey of the index: number {}, {index}.\n{shares}",
        status.place, status.file_keys, status.destroyed, status.master, status.index_key
    )
}

fn when(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map(|at| at.strftime("%-d %B %Y, %H:%M UTC").to_string()).unwrap_or_default()
}

async fn rotate_master(args: &MasterArgs) -> Result<(), Failure> {
    let place = args.place.place()?;
    let (words, value) = match place.rotate_master(args.prepare).await? {
        Rotated::Prepared(master) => (
            format!(
                "Master key {master} is in {} beside the one that wraps, and wraps nothing yet. Give that file to every other \
                 server, restart those that have it as a credential, then say kith keys rotate master again without --prepare.",
                place.master_key
            ),
            json!({ "ok": true, "prepared": master }),
        ),
        Rotated::Done { master, keys, ended_earlier } => (
            format!(
                "{} {keys} keys were wrapped again; {} holds the new master key alone.\nCopies and shares of the old one open \
                 only older copies of the keys: make new ones (kith keys escrow), and destroy the old when the last backup of \
                 keys from before is gone.",
                if ended_earlier {
                    format!("The rotation to master key {master} that had been begun is ended.")
                } else {
                    format!("Master key {master} wraps from now on.")
                },
                place.master_key
            ),
            json!({ "ok": true, "master_key": master, "wrapped_again": keys, "ended_earlier": ended_earlier }),
        ),
    };
    say(args.place.json, &words, &value);
    Ok(())
}

async fn rotate_index(args: &PlaceArgs) -> Result<(), Failure> {
    let place = args.place()?;
    let number = place.ask_for_index_key().await?;
    let serving = match lock(&args.data) {
        Ok(_) => false,
        Err(StoreError::InUse { .. }) => true,
        Err(error) => return Err(error.into()),
    };
    let done = |taken: bool, words: &str| {
        say(args.json, words, &json!({ "ok": true, "index_key": number, "taken": taken }));
    };
    if !serving {
        done(
            false,
            "Another key of the index is asked for. Kith does not serve here now: it takes it when it is started.",
        );
        return Ok(());
    }
    if !args.json {
        println!("Another key of the index is asked for; Kith takes it while it serves. This waits until it has.");
    }
    while place.status().await?.index_rotating {
        tokio::time::sleep(LOOK).await;
    }
    done(true, &format!("Every name is found by key {number} of the index, and by no other."));
    Ok(())
}

async fn escrow(args: &EscrowArgs) -> Result<(), Failure> {
    let place = args.place.place()?;
    if let Some(directory) = &args.to {
        create_private(directory)?;
    }
    let shares = place.escrow(args.threshold, args.shares).await?;
    let (mut files, mut texts) = (Vec::new(), Vec::new());
    for share in &shares {
        match &args.to {
            Some(directory) => files.push(write(directory, share, args.shares)?),
            None => texts.push(Value::String(share.to_text().to_string())),
        }
    }
    let master = shares.first().map(Share::master).unwrap_or_default().to_owned();
    if args.place.json {
        say(true, "", &json!({ "ok": true, "master_key": master, "files": files, "shares": texts }));
        return Ok(());
    }
    match &args.to {
        Some(directory) => println!(
            "{} shares of master key {master} are in {}. Give each to its custodian, on paper best, and remove the files: any \
             {} of them open every record.",
            args.shares,
            directory.display(),
            args.threshold
        ),
        None => shares.iter().for_each(|share| println!("{}\n", *share.to_text())),
    }
    Ok(())
}

/// Writes a share into a new file that only its owner may read.
fn write(directory: &Path, share: &Share, of: u8) -> Result<PathBuf, Failure> {
    let path = directory.join(format!("kith-share-{}-of-{of}.txt", share.number()));
    let cannot = |error| Failure(format!("{} cannot be written: {error}", path.display()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(cannot)?;
    file.write_all(share.to_text().as_bytes()).and_then(|()| file.sync_all()).map_err(cannot)?;
    Ok(path)
}

async fn restore(args: &RestoreArgs) -> Result<(), Failure> {
    let place = args.place.place()?;
    let mut shares = Vec::new();
    for path in &args.shares {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure(format!("{} cannot be read: {error}", path.display())))?;
        shares.push(Share::parse(&text).map_err(|why| Failure(format!("{}: {why}", path.display())))?);
    }
    let master = place.put_together(&shares, args.against.as_deref()).await.map_err(|error| match &error {
        StoreError::Share { at: Some(at), why } => Failure(format!(
            "{}: {why}",
            args.shares.get(*at).map(|path| path.display().to_string()).unwrap_or_default()
        )),
        _ => error.into(),
    })?;
    say(
        args.place.json,
        &format!("Master key {master} is the right one, and is in {}.", place.master_key),
        &json!({ "ok": true, "master_key": master, "master_key_in": place.master_key.to_string() }),
    );
    Ok(())
}
