//! How long something urgent may stay unread.

use jiff::ToSpan;

use crate::calendar::{self, ServiceCalendar};
use crate::session::Week;

/// Days after which a service that never opens is not waited for.
const SHUT_DAYS_MAX: usize = 31;

/// The instant, UTC milliseconds, at which the service has been open for so many minutes since another: nobody reads at night, on
/// a Sunday or on a bank holiday. Of a service that is not open for a month, as many minutes later.
pub fn after_open_minutes(from_ms: i64, minutes: i64, week: &Week, calendar: &ServiceCalendar) -> i64 {
    let from = calendar::in_london(from_ms);
    let mut left = minutes;
    let mut now = calendar::time_minute(from.time());
    let days = from.date().series(1.day()).take(SHUT_DAYS_MAX);
    for day in days {
        let index = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
        let open = week.get(index).copied().flatten().filter(|_| calendar.works(day));
        if let Some(hours) = open {
            let begins = hours.start_minute.max(now);
            let there = (hours.end_minute - begins).max(0);
            if left <= there {
                return calendar::instant_ms(day, begins + left);
            }
            left -= there;
        }
        now = 0;
    }
    from_ms.saturating_add(minutes.saturating_mul(60_000))
}
