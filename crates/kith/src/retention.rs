//! `kith retention`: until when a record is kept, and by which rule.

use clap::{ArgGroup, Args, Subcommand};
use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::person::Birth;
use kith_domain::retention::{Kept, Life, RecordCategory, kept};
use serde_json::json;

use crate::dates;
use crate::output::{Failure, say};

#[derive(Subcommand)]
pub(crate) enum RetentionCommand {
    /// Until when a record is kept. It is proposed for destruction after that day, never destroyed by itself.
    Date(DateArgs),
}

/// The record and the life of the child it is about.
#[derive(Args)]
#[command(group(ArgGroup::new("birth").required(true).args(["born", "born_between", "expected"])))]
pub(crate) struct DateArgs {
    /// The record's category: `care_order`, `care_plan`, `case_file`. Where several bear on it, joined with
    /// commas, the longest rule counts.
    #[arg(long, value_name = "CATEGORY", required = true, value_delimiter = ',', value_parser = category)]
    category: Vec<RecordCategory>,
    /// The day on which the child was born, YYYY-MM-DD.
    #[arg(long, value_name = "DATE", value_parser = dates::day)]
    born: Option<Date>,
    /// The earliest and the latest day on which the child can have been born.
    #[arg(long, value_names = ["FROM", "TO"], num_args = 2, value_parser = dates::day)]
    born_between: Option<Vec<Date>>,
    /// The day on which the birth is expected.
    #[arg(long, value_name = "DATE", value_parser = dates::day)]
    expected: Option<Date>,
    /// The day on which the child died.
    #[arg(long, value_name = "DATE", value_parser = dates::day)]
    died: Option<Date>,
    /// Prints one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

fn category(text: &str) -> Result<RecordCategory, String> {
    // What was never accepted is not kept by the child's life.
    RecordCategory::from_code(text)
        .filter(|category| *category != RecordCategory::NotAccepted)
        .ok_or_else(|| "must be one of care_order, care_plan, case_file".to_owned())
}

/// Prints the date first, then the rule and its source.
pub(crate) fn date(args: &DateArgs) -> Result<(), Failure> {
    let birth = match (args.born, args.born_between.as_deref(), args.expected) {
        (Some(day), ..) => Birth::On { day },
        (_, Some([from, to]), _) => Birth::Between { from: *from, to: *to },
        (.., Some(day)) => Birth::Expected { day },
        _ => return Err(Failure("--born, --born-between or --expected: say when the child was born".to_owned())),
    };
    let life = Life { birth, died: args.died };
    let kept = args.category.iter().map(|category| kept(*category, life)).collect::<Result<Vec<Kept>, _>>();
    let kept = kept.map_err(|why| Failure(format!("--born, --died: {}", why.message())))?;
    let Some(Kept { until, rule, source }) = kept.into_iter().max_by_key(|kept| kept.until) else {
        return Err(Failure("--category: name one".to_owned()));
    };
    say(
        args.json,
        &format!("{until} {}: {rule} ({source})", calendar::weekday_date(until)),
        &json!({ "until": until.to_string(), "rule": rule, "source": source }),
    );
    Ok(())
}
