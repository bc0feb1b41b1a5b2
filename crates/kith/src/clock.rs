//! `kith clock`: by when something is due, and how that was counted.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::clock::{PAUSED_DAYS_MAX, Request, request_due};
use serde_json::json;

use crate::output::{Failure, say};

#[derive(Subcommand)]
pub(crate) enum ClockCommand {
    /// By when a request of a person, such as for access to what is held about them, is answered.
    Sar(SarArgs),
}

#[derive(Args)]
pub(crate) struct SarArgs {
    /// The day on which it was received, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    received: Date,
    /// It was extended by two further months.
    #[arg(long)]
    extended: bool,
    /// For how many days the clock was stopped, because identity or a clarification was awaited.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=PAUSED_DAYS_MAX))]
    paused_days: i64,
    /// Prints one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Prints the date first, then the rule and its source.
pub(crate) fn sar(args: &SarArgs) -> Result<(), Failure> {
    let request = Request { received: args.received, extended: args.extended, paused_days: args.paused_days };
    let due = request_due(request, calendar::is_working_day)
        .ok_or_else(|| Failure("--received is too far ahead to be counted from".to_owned()))?;
    say(
        args.json,
        &format!("{} {}: {} ({})", due.day, calendar::weekday_date(due.day), due.rule, due.source),
        &json!({ "due": due.day.to_string(), "rule": due.rule, "source": due.source }),
    );
    Ok(())
}
