//! `kith ledger verify`.

use kith_store::{Verifying, verify_ledger, verify_tiles};
use serde_json::json;

use crate::cli::VerifyArgs;
use crate::output::{Failure, say};

pub(crate) async fn verify(args: VerifyArgs) -> Result<(), Failure> {
    let beside = args.data.join("checkpoints");
    let second_place = args.second_place.as_deref().unwrap_or(&beside);
    let key = args.key.as_deref();
    let check = if args.tiles_only {
        verify_tiles(&args.data.join("ledger"), Some(second_place), key)?
    } else {
        let url = args.database.url()?;
        let of = Verifying::of(&args.data, url.as_deref());
        let files_url = args.depot.files_url.as_deref();
        verify_ledger(&Verifying { files_url, second_place: Some(second_place), key, ..of }).await?
    };
    let root = hex::encode(check.root);
    let waiting = check.waiting.map_or_else(String::new, |waiting| format!(", {waiting} not yet in the signed log"));
    let records = check.records.map_or_else(String::new, |records| format!(", {records} records are as it says"));
    let documents = check.documents.map_or_else(String::new, |documents| format!(", {documents} documents too"));
    say(
        args.json,
        &format!(
            "The access log is whole: {} entries{waiting}, {} checkpoints agree{records}{documents}.\nRoot {root}",
            check.size, check.checkpoints
        ),
        &json!({ "ok": true, "entries": check.size, "waiting": check.waiting, "checkpoints": check.checkpoints, "records": check.records, "documents": check.documents, "root": root }),
    );
    Ok(())
}
