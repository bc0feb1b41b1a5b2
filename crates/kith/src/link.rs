//! `kith link`: which records of two files, or of one file twice, are of one person.

mod map;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use clap::Args;
use kith_linkage::{Pair, deduplicate, link};
use serde_json::json;

use crate::output::{Failure, say};
use map::Map;
use read::{File, Table};

/// The files, and which columns say what.
///
/// A `FIELD` is one of `id`, `given_name`, `family_name`, `former_names`, `birth`, `sex`, `house_number`, `street`,
/// `locality`, `postcode`, `county`, `phone`, `identifier`. Several columns of one field are joined with a plus sign, or the
/// field is given again: `street=address_1+address_2`, or `street=address_1,street=address_2`.
#[derive(Args)]
pub(crate) struct LinkArgs {
    /// The left file: CSV in UTF-8 with a line of column names.
    #[arg(value_name = "LEFT.csv")]
    pub(crate) left: PathBuf,
    /// The right file. The same as the left: who is in it twice.
    #[arg(value_name = "RIGHT.csv")]
    pub(crate) right: PathBuf,
    /// Which columns say what, in both files.
    #[arg(long, value_name = "FIELD=COLUMN,…")]
    pub(crate) map: Vec<String>,
    /// Fields that the left file has in other columns than --map says.
    #[arg(long, value_name = "FIELD=COLUMN,…")]
    pub(crate) map_left: Vec<String>,
    /// Fields that the right file has in other columns than --map says.
    #[arg(long, value_name = "FIELD=COLUMN,…")]
    pub(crate) map_right: Vec<String>,
    /// Where the pairs go: `left_id`, `right_id`, `probability`, `reasons`. Written whole or not at all; whoever may read it reads
    /// ids of people, so only its owner may.
    #[arg(long, value_name = "PAIRS.csv")]
    pub(crate) out: PathBuf,
    /// Least probability of a pair that is written, from 0 to 1.
    #[arg(long, value_name = "P", default_value_t = 0.5, value_parser = share)]
    pub(crate) least: f64,
    /// Prints one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A probability from the command line.
fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("must be a number from 0 to 1, such as 0.5".to_owned()),
    }
}

/// Reads the files, links them and writes the pairs.
pub(crate) fn run(args: &LinkArgs) -> Result<(), Failure> {
    let one_file = same_file(&args.left, &args.right);
    for input in [&args.left, &args.right] {
        if same_file(input, &args.out) {
            return Err(Failure(format!(
                "{}: is read and cannot be written too. Choose another --out",
                args.out.display()
            )));
        }
    }
    if fs::metadata(&args.out).is_ok_and(|found| !found.is_file()) {
        return Err(Failure(format!("{}: is no file. Name a file for --out", args.out.display())));
    }
    let common = Map::parse("--map", &args.map)?;
    let (own_left, own_right) =
        (Map::parse("--map-left", &args.map_left)?, Map::parse("--map-right", &args.map_right)?);
    let (left_map, right_map) = (common.with(&own_left), common.with(&own_right));
    if one_file && left_map != right_map {
        return Err(Failure("one file has one set of columns: leave out --map-left and --map-right".to_owned()));
    }
    let left = File::read(&args.left)?;
    let (left, right, pairs) = if one_file {
        let people = Table::read(&left, &left_map, &own_left, None)?;
        let pairs = deduplicate(&people.people, args.least);
        (people, None, pairs)
    } else {
        let right = File::read(&args.right)?;
        let (left, right) = (
            Table::read(&left, &left_map, &own_left, Some(&right))?,
            Table::read(&right, &right_map, &own_right, Some(&left))?,
        );
        let pairs = link(&left.people, &right.people, args.least);
        (left, Some(right), pairs)
    };
    write::pairs(&args.out, &left.ids, right.as_ref().map_or(&left.ids, |right| &right.ids), &pairs)?;
    report(args, &left, right.as_ref(), &pairs);
    Ok(())
}

fn same_file(one: &std::path::Path, other: &std::path::Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn report(args: &LinkArgs, left: &Table, right: Option<&Table>, pairs: &[Pair]) {
    let mut words = match right {
        Some(right) => format!("{} people with {}: {} pairs", left.people.len(), right.people.len(), pairs.len()),
        None => format!("{} people: {} pairs", left.people.len(), pairs.len()),
    };
    for (path, table) in [(&args.left, Some(left)), (&args.right, right)] {
        for field in table.iter().flat_map(|table| &table.absent) {
            let _ = write!(words, "\n{}: has no column for {field}; it was not compared", path.display());
        }
        if let Some(table) = table
            && let Some(line) = table.first_unread_birth
        {
            let (path, number) = (path.display(), table.unread_births);
            let _ = write!(
                words,
                "\n{path}: {number} dates of birth are no dates and were left out, the first in line {line}"
            );
        }
    }
    say(
        args.json,
        &words,
        &json!({
            "ok": true,
            "left": left.people.len(),
            "right": right.map(|right| right.people.len()),
            "pairs": pairs.len(),
            "unread_births": left.unread_births + right.map_or(0, |right| right.unread_births),
        }),
    );
}
