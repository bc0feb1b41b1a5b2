//! The file of pairs.

use std::path::Path;

use kith_linkage::Pair;

use crate::output::Failure;

/// Writes the pairs beside where they go and moves them there when they are whole; readable by their owner alone.
pub(super) fn pairs(path: &Path, left: &[String], right: &[String], pairs: &[Pair]) -> Result<(), Failure> {
    let said = |error: &dyn std::fmt::Display| Failure(format!("{}: cannot be written: {error}", path.display()));
    let beside = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::NamedTempFile::new_in(beside).map_err(|error| said(&error.kind()))?;
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(["left_id", "right_id", "probability", "reasons"]).map_err(|error| said(&error))?;
    for pair in pairs {
        let probability = format!("{:.6}", pair.probability);
        let row = [left[pair.left].as_str(), right[pair.right].as_str(), &probability, &pair.reasons];
        writer.write_record(row).map_err(|error| said(&error))?;
    }
    let file = writer.into_inner().map_err(|error| said(error.error()))?;
    file.as_file().sync_all().map_err(|error| said(&error))?;
    file.persist(path).map_err(|error| said(&error.error))?;
    Ok(())
}
