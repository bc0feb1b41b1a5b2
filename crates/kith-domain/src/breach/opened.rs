//! What an account opened beside a breach: whose account it is and in which time, and which of the files that it opened are affected
//! (UK GDPR Art 33(3)(a): "the categories and approximate number of data subjects concerned").

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::{Breach, BreachState};
use crate::calendar::{day_number, instant_ms, time_minute, weekday_date};
use crate::form::{Fields, Problem, Reader};
use crate::ids::{AccountId, ChildId};
use crate::refusal::Refusal;

/// The longest time that is looked at, in days: what one account opened in it is read from the access log at once.
const DAYS_MAX: i64 = 92;

/// Whose account is looked at beside a breach, and in which time.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLookedAt {
    /// Whose.
    pub account: AccountId,
    /// From this minute on, in London.
    pub from: DateTime,
    /// Up to this minute and with it, in London.
    pub until: DateTime,
    /// Who named it.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub written_ms: i64,
}

impl AccountLookedAt {
    /// Reads `account`, `from` (day) with `from_time`, `until` with `until_time`; `None` where no account is named.
    pub fn read(fields: &Fields, now: DateTime, by: AccountId, written_ms: i64) -> Result<Option<Self>, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let Some(account) = r.id("account", "Whose account") else { return r.finish(None) };
        let mut moment = |name: &str, label: &str| {
            let day = r.required_date(name, &format!("Day {label}"));
            let time = r.required_time(&format!("{name}_time"), &format!("Time {label}"));
            day.zip(time).map(|(day, time)| day.to_datetime(time))
        };
        let (from, until) =
            (moment("from", "from which it is looked at"), moment("until", "until which it is looked at"));
        let (Some(from), Some(until)) = (from, until) else { return Err(r.into_problems()) };
        if from > now {
            r.problem("from-day", "The beginning must be in the past");
        } else if until < from {
            r.problem("until-day", "The end must be after the beginning");
        } else if day_number(until.date()) - day_number(from.date()) > DAYS_MAX {
            r.problem("until-day", format!("At most {DAYS_MAX} days are looked at. Choose a shorter time"));
        }
        r.finish(Some(Self { account: AccountId(account), from, until, by, written_ms }))
    }

    /// The first instant that is looked at, and the first after it, UTC milliseconds.
    pub fn instants(&self) -> (i64, i64) {
        let ms = |at: DateTime| instant_ms(at.date(), time_minute(at.time()));
        (ms(self.from), ms(self.until) + 60_000)
    }

    /// The time in words.
    pub fn time(&self) -> String {
        let moment = |at: DateTime| format!("{}, {}", weekday_date(at.date()), at.time().strftime("%H:%M"));
        format!("{} to {}", moment(self.from), moment(self.until))
    }
}

impl Breach {
    fn may_say(&self) -> Result<(), Refusal> {
        match self.state() {
            BreachState::Closed | BreachState::Nothing => {
                Err(Refusal::new("breach.closed", "This has been closed. Add a note if there is more to say"))
            }
            BreachState::Suspected | BreachState::InHand => Ok(()),
        }
    }

    /// Names the account that is looked at, or none. Who was said to be affected was said of what the one before had opened, and is not
    /// said any more.
    pub fn look_at(&mut self, account: Option<AccountLookedAt>) -> Result<(), Refusal> {
        self.may_say()?;
        let same = |one: &AccountLookedAt, other: &AccountLookedAt| {
            (one.account, one.from, one.until) == (other.account, other.from, other.until)
        };
        if !matches!((&self.account, &account), (Some(one), Some(other)) if same(one, other)) {
            self.affected.clear();
            self.account = account;
        }
        Ok(())
    }

    /// Of the files that were shown these are affected; what was said of others stays.
    pub fn say_affected(&mut self, shown: &BTreeSet<ChildId>, affected: &BTreeSet<ChildId>) -> Result<(), Refusal> {
        self.may_say()?;
        let others = self.affected.iter().filter(|file| !shown.contains(file)).copied();
        let all: BTreeSet<ChildId> = others.chain(affected.intersection(shown).copied()).collect();
        self.affected = all.into_iter().collect();
        Ok(())
    }
}
