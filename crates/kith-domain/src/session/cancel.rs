//! Cancelling a session: by whom, why, and when the service was told. Notice runs from when it was told, which is asked
//! for; when it was typed stands beside it (handbook section 19, *Notice of a cancellation*).

use serde::{Deserialize, Serialize};

use super::Slot;
use crate::calendar;
use crate::codes::{YesNo, codes};
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::AccountId;
use crate::words::how_long;

codes! {
    /// By whom a session was cancelled.
    CancelledBy {
        Parent = "parent", "Parent or family member";
        Child = "child", "Child";
        Carer = "carer", "Carer";
        SocialWorker = "social_worker", "Social worker";
        Service = "service", "Contact service";
        Venue = "venue", "Venue";
        Court = "court", "Court";
        Weather = "weather", "Weather";
    }
}

codes! {
    /// Why.
    CancelReason {
        Illness = "illness", "Illness";
        Transport = "transport", "Transport failed";
        Staff = "staff", "No supervisor";
        Room = "room", "No room or venue shut";
        Risk = "risk", "Risk";
        Refused = "refused", "Contact refused (section 34(6))";
        Wish = "wish", "Did not want to come";
        Work = "work", "Work or appointment";
        Hearing = "hearing", "Hearing or order";
        Weather = "weather", "Weather";
        Other = "other", "Another reason";
    }
}

/// A cancellation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// By whom.
    pub by: CancelledBy,
    /// Why.
    pub reason: CancelReason,
    /// In words.
    pub note: Option<String>,
    /// Whether a replacement is offered; the service's own cancellation must be made up.
    pub replacement: bool,
    /// When the service was told, UTC milliseconds; the notice given is from here to the start.
    pub told_ms: i64,
    /// Who wrote it down.
    pub recorded_by: AccountId,
    /// When it was written down, UTC milliseconds.
    pub at_ms: i64,
}

/// What is said of a cancellation when it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelling {
    /// By whom.
    pub by: CancelledBy,
    /// Why.
    pub reason: CancelReason,
    /// In words.
    pub note: Option<String>,
    /// Whether a replacement is offered.
    pub replacement: bool,
    /// When the service was told, UTC milliseconds.
    pub told_ms: i64,
}

/// Between which instants a cancellation can have been told, and by whom it is written down.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// Who writes it down.
    pub by: AccountId,
    /// Now, UTC milliseconds.
    pub now_ms: i64,
    /// When the session was booked, UTC milliseconds: before that there was nothing to cancel.
    pub booked_ms: i64,
}

impl Cancelling {
    /// Reads `by`, `reason`, `note`, `replacement`, and when the service was told: a date `told` and a time `told_at`.
    pub fn read(fields: &Fields) -> Result<Cancelling, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let by = r.required_choice("by", "Who cancelled", CancelledBy::from_code);
        let reason = r.required_choice("reason", "Why it was cancelled", CancelReason::from_code);
        let note = r.text("note", "Note", LONG_TEXT_CHARS);
        let replacement = r.choice("replacement", "Whether a replacement is offered", YesNo::from_code);
        let by_us = matches!(by, Some(CancelledBy::Service | CancelledBy::Venue));
        if replacement == Some(YesNo::No) && by_us {
            r.problem("replacement", "A session that the service or the venue cancels must be made up");
        }
        let day = r.required_date("told", "The day on which the service was told");
        let time = r.required_time("told_at", "The time at which the service was told");
        let told_ms = day.zip(time).map(|(day, time)| calendar::instant_ms(day, calendar::time_minute(time)));
        let read = (|| {
            let replacement = replacement == Some(YesNo::Yes) || by_us;
            Some(Cancelling { by: by?, reason: reason?, note, replacement, told_ms: told_ms? })
        })();
        let problems = r.into_problems();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// The cancellation as it is written down, if it can have been told then: not in the future, and not before there was
    /// anything to cancel.
    pub fn by(&self, told: Told) -> Result<Cancellation, Vec<Problem>> {
        if self.told_ms > told.now_ms {
            return Err(vec![Problem::new("told_at", "When the service was told must not be later than now")]);
        }
        if minute_of(self.told_ms) < minute_of(told.booked_ms) {
            let booked = calendar::long_instant(told.booked_ms);
            let words = format!("The session was booked on {booked}: it cannot have been cancelled before");
            return Err(vec![Problem::new("told_at", words)]);
        }
        Ok(Cancellation {
            by: self.by,
            reason: self.reason,
            note: self.note.clone(),
            replacement: self.replacement,
            told_ms: self.told_ms,
            recorded_by: told.by,
            at_ms: told.now_ms,
        })
    }

    /// Whether a cancellation says this.
    pub fn is_said_by(&self, of: &Cancellation) -> bool {
        (self.by, self.reason, self.replacement, minute_of(self.told_ms))
            == (of.by, of.reason, of.replacement, minute_of(of.told_ms))
            && self.note == of.note
    }
}

impl Cancellation {
    /// The form that [`Cancelling::read`] reads this from.
    pub fn fields(&self) -> Fields {
        let mut fields: Fields = [
            ("by", self.by.code()),
            ("reason", self.reason.code()),
            ("note", self.note.as_deref().unwrap_or_default()),
            ("replacement", if self.replacement { "yes" } else { "no" }),
        ]
        .into_iter()
        .collect();
        set_told(&mut fields, self.told_ms);
        fields
    }

    /// Whether the same is said, whenever and by whomever it was written down.
    pub fn says(&self, other: &Cancellation) -> bool {
        let said = |of: &Cancellation| (of.by, of.reason, of.replacement, minute_of(of.told_ms));
        said(self) == said(other) && self.note == other.note
    }

    /// Minutes from when the service was told to the start; negative when it was told afterwards.
    pub fn notice_minutes(&self, slot: Slot) -> i64 {
        (slot.starts_ms() - self.told_ms).div_euclid(60_000)
    }

    /// The notice in words: `2 days before it was to begin`.
    pub fn notice(&self, slot: Slot) -> String {
        match self.notice_minutes(slot) {
            0 => "as it was to begin".to_owned(),
            minutes if minutes > 0 => format!("{} before it was to begin", how_long(minutes)),
            minutes => format!("{} after it was to begin", how_long(-minutes)),
        }
    }
}

/// Sets when the service was told, as [`Cancelling::read`] reads it.
pub fn set_told(fields: &mut Fields, told_ms: i64) {
    fields.set_date("told", calendar::in_london(told_ms).date());
    fields.set("told_at", calendar::clock_at(told_ms));
}

const fn minute_of(at_ms: i64) -> i64 {
    at_ms.div_euclid(60_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use uuid::Uuid;

    const DAY: jiff::civil::Date = date(2026, 11, 26);
    const SLOT: Slot = Slot { day: DAY, start_minute: 16 * 60, end_minute: 17 * 60 };

    fn at(minute: i64) -> i64 {
        calendar::instant_ms(DAY, minute)
    }

    fn told(now_ms: i64) -> Told {
        Told { by: AccountId(Uuid::nil()), now_ms, booked_ms: at(0) - 86_400_000 }
    }

    fn said(by: &str, replacement: &str, clock: &str) -> Fields {
        let mut fields: Fields =
            [("by", by), ("reason", "illness"), ("replacement", replacement)].into_iter().collect();
        fields.set_date("told", DAY);
        fields.set("told_at", clock);
        fields
    }

    fn read(fields: &Fields, told: Told) -> Result<Cancellation, Vec<Problem>> {
        Cancelling::read(fields)?.by(told)
    }

    fn wrong(fields: &Fields, now_ms: i64) -> Vec<String> {
        let problems = read(fields, told(now_ms)).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn the_services_own_cancellation_must_be_made_up() {
        // Handbook section 8.
        assert_eq!(wrong(&said("service", "no", "14:50"), at(900)), ["replacement"]);
        assert!(read(&said("service", "", "14:50"), told(at(900))).is_ok_and(|read| read.replacement));
    }

    #[test]
    fn notice_runs_from_when_the_service_was_told_to_the_booked_start() {
        // Handbook section 19, "Notice of a cancellation": the mother rang at 14:50, it was typed at 16:20, for 16:00.
        for (clock, words) in [
            ("14:50", "70 minutes before it was to begin"),
            ("12:00", "4 hours before it was to begin"),
            ("16:00", "as it was to begin"),
            ("16:10", "10 minutes after it was to begin"),
        ] {
            let read = read(&said("parent", "no", clock), told(at(16 * 60 + 20)));
            let read = read.unwrap_or_else(|_| panic!("{clock} can be said"));
            assert_eq!((read.notice(SLOT).as_str(), read.at_ms), (words, at(16 * 60 + 20)));
        }
    }

    #[test]
    fn nobody_is_told_in_the_future_or_before_the_session_was_booked() {
        let now_ms = at(16 * 60 + 20);
        assert_eq!(wrong(&said("parent", "no", "16:21"), now_ms), ["told_at"]);
        assert_eq!(wrong(&said("parent", "no", ""), now_ms), ["told_at"]);
        let early = Told { booked_ms: at(600) + 30_000, ..told(now_ms) };
        assert!(read(&said("parent", "no", "9:59"), early).is_err());
        assert!(read(&said("parent", "no", "10:00"), early).is_ok(), "in the same minute");
    }

    #[test]
    fn what_was_read_is_written_back_as_it_was() {
        let first = read(&said("parent", "yes", "14:50"), told(at(16 * 60)));
        let first = first.unwrap_or_else(|_| panic!("a whole form"));
        let again = read(&first.fields(), told(at(17 * 60)));
        assert!(again.is_ok_and(|again| again.says(&first)));
    }
}
