//! `kith backup` and `kith restore`.

use std::path::{Path, PathBuf};

use kith_store::{Backed, LogStart, Settings, Store, Verifying, backup, restore, verify_ledger};
use serde_json::json;

use crate::cli::{BackupArgs, RestoreArgs};
use crate::output::{Failure, say};
use crate::serve;

/// Where the keys of a backup lie when nothing else is said: beside it, so that they can be moved apart.
fn keys_of(directory: &Path) -> PathBuf {
    let mut name = directory.file_name().unwrap_or_default().to_owned();
    name.push("-keys");
    directory.with_file_name(name)
}

pub(crate) async fn save(args: BackupArgs) -> Result<(), Failure> {
    let keys = args.keys.unwrap_or_else(|| keys_of(&args.directory));
    let (database_url, keys_url) = (args.database.url()?, args.keys_home.url()?);
    let master_key = args.keys_home.master_key()?;
    let of = Backed {
        data: &args.data,
        database_url: database_url.as_deref(),
        keys_url: keys_url.as_deref(),
        master_key: &master_key,
    };
    let made = backup(&of, &args.directory, &keys).await?;
    say(
        args.json,
        &format!(
            "Backed up into {}: the data, the documents of the data directory and {} entries of the access log.\nThe keys are in {}: keep them apart from the data \
             and for a short time, and the master key ({}) apart from both. It is in neither.",
            args.directory.display(),
            made.entries,
            keys.display(),
            master_key,
        ),
        &json!({ "ok": true, "data": args.directory, "keys": keys, "entries": made.entries, "begun_ms": made.begun_ms }),
    );
    Ok(())
}

pub(crate) async fn put_back(args: RestoreArgs) -> Result<(), Failure> {
    let keys = args.keys.unwrap_or_else(|| keys_of(&args.directory));
    let url = args.database.url()?;
    let url = url.as_deref();
    let (keys_url, master_key) = (args.keys_home.url()?, args.keys_home.master_key()?);
    let to = Backed { data: &args.data, database_url: url, keys_url: keys_url.as_deref(), master_key: &master_key };
    restore(&args.directory, &keys, &to).await?;
    // Opened once, so that keys which are not those of the data are found now; then verified as an auditor would.
    let register = serve::register(args.register.as_deref(), &args.data)?;
    let of = Settings::of(args.data.clone(), register.code().to_owned(), register.items().clone());
    let database_url = url.map(str::to_owned);
    let log = LogStart::Restored;
    let files_url = args.depot.files_url.clone();
    let store =
        Store::open(Settings { database_url, keys_url, master_key, files_url, reserve_mib: 0, log, ..of }).await?;
    store.sequence().await?;
    let again = store.destroyed_again();
    store.close().await?;
    let check =
        verify_ledger(&Verifying { files_url: args.depot.files_url.as_deref(), ..Verifying::of(&args.data, url) })
            .await?;
    let gone = match again {
        0 => String::new(),
        1 => "\nOne file had been destroyed since this backup was made: it stays destroyed.".to_owned(),
        many => format!("\n{many} files had been destroyed since this backup was made: they stay destroyed."),
    };
    say(
        args.json,
        &format!(
            "Restored into {}. The access log is whole: {} entries; {} records and {} documents are as it says.{gone}",
            args.data.display(),
            check.size,
            check.records.unwrap_or_default(),
            check.documents.unwrap_or_default()
        ),
        &json!({ "ok": true, "data": args.data, "entries": check.size, "records": check.records, "documents": check.documents, "destroyed_again": again }),
    );
    Ok(())
}
