//! `kith clock`: by when something is due, and how that was counted.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::{Date, DateTime};
use kith_domain::calendar;
use kith_domain::clock::{
    Due, PAUSED_DAYS_MAX, Request, breach_due, complaint_due, refusal_ends, request_due, verification_due,
};
use kith_service::Register;
use serde_json::json;

use crate::dates;
use crate::output::{Failure, say};

#[derive(Subcommand)]
pub(crate) enum ClockCommand {
    /// By when a request of a person, such as for access to what is held about them, is answered.
    Sar(SarArgs),
    /// By when a complaint about personal data is acknowledged.
    Complaint(ComplaintArgs),
    /// By when the Commissioner is told of a breach.
    Breach(BreachArgs),
    /// The last day of a refusal of contact without an order.
    Refusal(RefusalArgs),
    /// By when a referral is verified.
    Verification(VerificationArgs),
}

impl ClockCommand {
    /// Whether one JSON object is asked for.
    pub(crate) fn json(&self) -> bool {
        match self {
            ClockCommand::Sar(args) => args.how.json,
            ClockCommand::Complaint(args) => args.how.json,
            ClockCommand::Breach(args) => args.json,
            ClockCommand::Refusal(args) => args.json,
            ClockCommand::Verification(args) => args.how.json,
        }
    }
}

/// By which calendar is counted, and how the answer is written.
#[derive(Args)]
pub(crate) struct How {
    /// The authority's register, whose closed days are no working days [default: bank holidays of England and Wales alone].
    #[arg(long, value_name = "FILE")]
    register: Option<PathBuf>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

impl How {
    fn register(&self) -> Result<Register, Failure> {
        Ok(match &self.register {
            Some(path) => Register::read(path)?,
            None => crate::serve::shipped()?,
        })
    }
}

#[derive(Args)]
pub(crate) struct SarArgs {
    /// The day on which it was received, YYYY-MM-DD.
    #[arg(long, value_name = "DATE", value_parser = dates::day)]
    received: Date,
    /// It was extended by two further months.
    #[arg(long)]
    extended: bool,
    /// For how many days the clock was stopped, because identity or a clarification was awaited.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=PAUSED_DAYS_MAX))]
    paused_days: i64,
    #[command(flatten)]
    how: How,
}

#[derive(Args)]
pub(crate) struct ComplaintArgs {
    /// The day on which it was received, YYYY-MM-DD.
    #[arg(long, value_name = "DATE", value_parser = dates::day)]
    received: Date,
    #[command(flatten)]
    how: How,
}

#[derive(Args)]
pub(crate) struct BreachArgs {
    /// When the council became aware, in London, YYYY-MM-DDTHH:MM.
    #[arg(long, value_name = "TIME", value_parser = dates::moment)]
    aware: DateTime,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct RefusalArgs {
    /// The first day on which contact was refused, YYYY-MM-DD.
    #[arg(long, value_name = "DATE", value_parser = dates::day)]
    began: Date,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct VerificationArgs {
    /// The day on which the referral was submitted, YYYY-MM-DD.
    #[arg(long, value_name = "DATE", value_parser = dates::day)]
    submitted: Date,
    #[command(flatten)]
    how: How,
}

/// Prints the date first, then the rule and its source.
pub(crate) fn clock(command: &ClockCommand) -> Result<(), Failure> {
    let json = command.json();
    let due = match command {
        ClockCommand::Sar(args) => {
            let request = Request { received: args.received, extended: args.extended, paused_days: args.paused_days };
            request_due(request, args.how.register()?.calendar())
        }
        ClockCommand::Complaint(args) => complaint_due(args.received, args.how.register()?.calendar()),
        ClockCommand::Refusal(args) => refusal_ends(args.began),
        ClockCommand::Verification(args) => {
            let register = args.how.register()?;
            let days = u32::try_from(register.verify_within_working_days()).unwrap_or(1);
            Some(verification_due(args.submitted, days, register.calendar()))
        }
        ClockCommand::Breach(args) => {
            let due = breach_due(args.aware).ok_or_else(too_far)?;
            let at = due.at.strftime("%Y-%m-%dT%H:%M").to_string();
            let words = due.at.strftime("%A %-d %B %Y at %H:%M");
            say(
                json,
                &format!("{at} {words}: {} ({})", due.rule, due.source),
                &json!({ "due": at, "rule": due.rule, "source": due.source }),
            );
            return Ok(());
        }
    };
    let Due { day, rule, source, .. } = due.ok_or_else(too_far)?;
    say(
        json,
        &format!("{day} {}: {rule} ({source})", calendar::weekday_date(day)),
        &json!({ "due": day.to_string(), "rule": rule, "source": source }),
    );
    Ok(())
}

fn too_far() -> Failure {
    Failure("the date is too far ahead to be counted from".to_owned())
}
