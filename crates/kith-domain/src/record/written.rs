//! When a text was written, against the real hours of its session: computed, never typed (handbook sections 9 and 19).

use jiff::civil::Date;

use crate::calendar;

/// Settings of the authority that bear on a record (handbook section 19), in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For how long after the end a text is written "immediately after".
    pub immediately_after_minutes: i64,
    /// By how much a session may be longer than its booking without a reason.
    pub over_minutes: i64,
    /// For how long the family is waited for.
    pub wait_minutes: i64,
}

impl Limits {
    /// What the handbook names.
    pub const HANDBOOK: Limits = Limits { immediately_after_minutes: 120, over_minutes: 60, wait_minutes: 15 };
}

/// The hours against which texts are held: what was said of start and end, or the booking where nothing is said yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RealHours {
    /// The civil day.
    pub day: Date,
    /// From, minutes from midnight.
    pub start_minute: i64,
    /// To, minutes from midnight; the whole of this minute belongs to the session.
    pub end_minute: i64,
}

/// When a text was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Written {
    /// Before the session began.
    Before,
    /// Between its real start and end.
    During,
    /// Within the authority's minutes after its end.
    ImmediatelyAfter,
    /// Later than that.
    Later {
        /// By how many minutes after the end.
        minutes: i64,
    },
}

impl Written {
    /// The code of its kind, which a page may style by.
    pub const fn code(self) -> &'static str {
        match self {
            Written::Before => "before",
            Written::During => "during",
            Written::ImmediatelyAfter => "immediately_after",
            Written::Later { .. } => "later",
        }
    }

    /// For reading, after "written": `during the session`, `6 hours 35 minutes after the session`.
    pub fn words(self) -> String {
        match self {
            Written::Before => "before the session".to_owned(),
            Written::During => "during the session".to_owned(),
            Written::ImmediatelyAfter => "immediately after the session".to_owned(),
            Written::Later { minutes } => format!("later, {} after the session", duration(minutes)),
        }
    }

    /// Whether it was written while the session went on or so shortly before or after that it is fresh (handbook section
    /// 1: "during or immediately after").
    pub const fn is_fresh(self) -> bool {
        !matches!(self, Written::Later { .. })
    }
}

/// When a text was written, from the instant at which it was received (UTC milliseconds, the service's clock).
pub fn written(received_ms: i64, hours: RealHours, limits: Limits) -> Written {
    let starts_ms = calendar::instant_ms(hours.day, hours.start_minute);
    // A clock shows a minute until the next one begins.
    let over_ms = calendar::instant_ms(hours.day, hours.end_minute) + 60_000;
    if received_ms < starts_ms {
        Written::Before
    } else if received_ms < over_ms {
        Written::During
    } else {
        let minutes = (received_ms - over_ms) / 60_000 + 1;
        if minutes <= limits.immediately_after_minutes { Written::ImmediatelyAfter } else { Written::Later { minutes } }
    }
}

/// A length in words: `45 minutes`, `6 hours 35 minutes`, `2 days 3 hours`.
pub fn duration(minutes: i64) -> String {
    let unit = |count: i64, unit: &str| match count {
        0 => None,
        1 => Some(format!("1 {unit}")),
        _ => Some(format!("{count} {unit}s")),
    };
    let parts = match minutes {
        ..60 => return unit(minutes, "minute").unwrap_or_else(|| "0 minutes".to_owned()),
        60..1_440 => [unit(minutes / 60, "hour"), unit(minutes % 60, "minute")],
        _ => [unit(minutes / 1_440, "day"), unit(minutes % 1_440 / 60, "hour")],
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const HOURS: RealHours = RealHours { day: date(2026, 11, 26), start_minute: 600, end_minute: 690 };

    fn at(minute: i64) -> Written {
        written(calendar::instant_ms(HOURS.day, minute), HOURS, Limits::HANDBOOK)
    }

    #[test]
    fn a_text_is_during_immediately_after_or_later_by_the_real_hours() {
        // Handbook section 19, "During, immediately after, later".
        for (minute, expected) in [
            (599, Written::Before),
            (600, Written::During),
            (690, Written::During),
            (691, Written::ImmediatelyAfter),
            (810, Written::ImmediatelyAfter),
            (811, Written::Later { minutes: 121 }),
            // Start pressed at 18:00 for a slot 10:00 to 11:30, written 18:05.
            (1085, Written::Later { minutes: 395 }),
        ] {
            assert_eq!(at(minute), expected, "{minute}");
        }
    }

    #[test]
    fn how_much_later_is_said() {
        // Handbook section 19: "else later, with how long".
        assert_eq!(at(1085).words(), "later, 6 hours 35 minutes after the session");
        for (minutes, words) in [
            (0, "0 minutes"),
            (1, "1 minute"),
            (60, "1 hour"),
            (61, "1 hour 1 minute"),
            (1_440, "1 day"),
            (3_060, "2 days 3 hours"),
        ] {
            assert_eq!(duration(minutes), words);
        }
    }

    #[test]
    fn the_clock_change_does_not_move_a_text() {
        // 25 October 2026: the clocks go back at 02:00.
        let hours = RealHours { day: date(2026, 10, 25), ..HOURS };
        assert_eq!(written(calendar::instant_ms(hours.day, 690), hours, Limits::HANDBOOK), Written::During);
    }
}
