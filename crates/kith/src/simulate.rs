//! `kith simulate`: a long life of a service, accelerated, and whether a promise was broken in it.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Instant;

use kith_simulate::{Plan, REGISTER, Told, live};
use serde_json::json;

use crate::cli::SimulateArgs;
use crate::output::{Failure, say};

/// Lives through it in a new directory. It fails when a promise is broken.
pub(crate) async fn simulate(args: &SimulateArgs) -> Result<(), Failure> {
    if !is_free(&args.data)? {
        return Err(Failure(format!("{} is not empty: choose a new directory with --data", args.data.display())));
    }
    let plan = Plan {
        data: args.data.clone(),
        seed: args.seed,
        children: usize::from(args.children),
        years: args.years,
        register: REGISTER.to_owned(),
    };
    let (begun, json) = (Instant::now(), args.json);
    let again =
        format!("kith simulate --data DIR --seed {} --children {} --years {}", args.seed, args.children, args.years);
    let mut say_how_far = |far: &str| {
        if !json {
            eprintln!("{far}");
        }
    };
    let told = live(plan, &mut say_how_far).await;
    let told = told.map_err(|failure| Failure(format!("{failure}. To run it again: {again}")))?;
    say(json, &words(&told, begun.elapsed().as_secs()), &values(&told));
    if told.broken.is_empty() {
        return Ok(());
    }
    let broken: Vec<String> = told.broken.iter().take(20).map(ToString::to_string).collect();
    Err(Failure(format!("{} promises are broken. To run it again: {again}\n{}", told.broken.len(), broken.join("\n"))))
}

/// Whether a directory is not there, or empty.
fn is_free(data: &Path) -> Result<bool, Failure> {
    match fs::read_dir(data) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(Failure(format!("{} cannot be read: {error}", data.display()))),
    }
}

/// What is counted, in the order of a life.
fn counted(told: &Told) -> [(&'static str, &'static str, u64); 16] {
    let broken = u64::try_from(told.broken.len()).unwrap_or(u64::MAX);
    [
        ("children_referred", "Children referred", told.referred),
        ("births", "Births that became known", told.births),
        ("deaths", "Deaths", told.deaths),
        ("changes", "Moves, orders, adults, restrictions", told.changes),
        ("withdrawals", "Consents withdrawn", told.withdrawn),
        ("requests", "Requests", told.requests),
        ("requests_ended", "Requests that ended", told.requests_ended),
        ("holds", "Legal holds", told.holds),
        ("lists", "Lists proposed for destruction", told.lists),
        ("destructions", "Files destroyed", told.destroyed),
        ("staff", "Staff who left and were replaced", told.comings),
        ("registers", "Versions of the register", told.registers),
        ("days", "Days on which something happened", told.days),
        ("entries", "Entries of the access log, verified", told.entries),
        ("checks", "Checks made", told.checks),
        ("broken", "Broken promises", broken),
    ]
}

fn words(told: &Told, seconds: u64) -> String {
    let mut words = format!("Lived through until {}, in {seconds} seconds.\n", told.until);
    for (_, label, many) in counted(told) {
        let _ = writeln!(words, "{label:<38}{many:>10}");
    }
    words.trim_end().to_owned()
}

fn values(told: &Told) -> serde_json::Value {
    let mut all = serde_json::Map::new();
    all.insert("until".to_owned(), json!(told.until.to_string()));
    all.extend(counted(told).into_iter().map(|(name, _, many)| (name.to_owned(), json!(many))));
    serde_json::Value::Object(all)
}
