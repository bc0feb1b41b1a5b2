//! `kith delivered`: counts a case that is written down, by the same rule as plans and reports.

use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use kith_domain::delivery::case::CountCase;

use crate::output::Failure;

pub(crate) fn delivered(path: &Path) -> Result<(), Failure> {
    let json = std::fs::read_to_string(path)
        .map_err(|error| Failure(format!("cannot read the case {}: {error}", path.display())))?;
    let mut out = BufWriter::new(io::stdout().lock());
    for answer in CountCase::read(&json)?.answers() {
        writeln!(out, "{}", serde_json::to_string(&answer)?)?;
    }
    Ok(out.flush()?)
}
