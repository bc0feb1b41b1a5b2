//! `kith retention`: until when a record is kept, and by which rule.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::person::Birth;
use kith_domain::retention::{Kept, Life, RecordCategory, kept};
use kith_service::retention::ForecastYear;
use serde_json::json;

use crate::dates;
use crate::output::{Failure, say};
use crate::reached::HeldArgs;

#[derive(Subcommand)]
pub(crate) enum RetentionCommand {
    /// Until when a record is kept. It is proposed for destruction after that day, never destroyed by itself.
    Date(DateArgs),
    /// How many files come to the end of their period in which year, until 2101, and how many of them a legal hold keeps. Counts
    /// alone: nobody is named. It opens the service, so it does not run beside one that serves from the same directory.
    Forecast(ForecastArgs),
}

/// Where the service is.
#[derive(Args)]
pub(crate) struct ForecastArgs {
    #[command(flatten)]
    held: HeldArgs,
    /// The authority's register [default: DIR/kith.toml, else the one that is shipped].
    #[arg(long, value_name = "FILE")]
    register: Option<PathBuf>,
    /// Prints one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
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
    // What was never accepted, or never sent, is not kept by the child's life.
    RecordCategory::from_code(text)
        .filter(|category| !matches!(category, RecordCategory::NotAccepted | RecordCategory::Draft))
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

/// Opens the service, counts, and closes it: that it was counted is in the access log.
pub(crate) async fn forecast(args: ForecastArgs) -> Result<(), Failure> {
    let service = args.held.open(args.register.as_deref()).await?;
    let counted = service.retention_forecast().await;
    service.close().await?;
    let forecast = counted?;
    let mut words =
        String::from("Files that come to the end of their period, and how many of them a legal hold keeps:\n");
    let mut line = |year: &str, of: &ForecastYear| {
        let held = if of.held > 0 { format!(", {} held", of.held) } else { String::new() };
        let _ = writeln!(words, "{year:<12} {:>6}{held}", of.files);
    };
    if forecast.before.files > 0 {
        line("over already", &forecast.before);
    }
    for of in forecast.years.iter().filter(|of| of.files > 0) {
        line(&of.year.to_string(), of);
    }
    if forecast.later.files > 0 {
        line("later", &forecast.later);
    }
    let all: u64 = forecast.years.iter().chain([&forecast.before, &forecast.later]).map(|of| of.files).sum();
    let _ = write!(words, "{:<12} {all:>6}", "together");
    if forecast.unknown > 0 {
        let _ = write!(words, "\nOf {} files nothing is known yet", forecast.unknown);
    }
    let year = |of: &ForecastYear| json!({ "year": of.year, "files": of.files, "held": of.held });
    let count = |of: &ForecastYear| json!({ "files": of.files, "held": of.held });
    say(
        args.json,
        &words,
        &json!({
            "before": count(&forecast.before),
            "years": forecast.years.iter().map(year).collect::<Vec<_>>(),
            "later": count(&forecast.later),
            "unknown": forecast.unknown,
        }),
    );
    Ok(())
}
