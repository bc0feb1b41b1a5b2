//! Requests end when their time is over, what was collected for them before, and not earlier; what keeps a file that a request is about
//! keeps both.

use jiff::civil::Date;

use crate::notes::Request;
use crate::promise::{Promise, anniversary, plus};
use crate::{Failure, World};

/// "What has no statutory period is a setting": three years in the register that is shipped, and half a year for what was collected.
const YEARS: i16 = 3;
const COLLECTED_DAYS: i64 = 180;
/// What stood against an end is looked at again after so many days.
const AGAIN_DAYS: i64 = 30;

impl World {
    pub(super) async fn check_requests_end(&mut self) -> Result<(), Failure> {
        let rows = self.disk.requests().await?;
        let collected = self.disk.collected().await?;
        for request in 0..self.notes.requests.len() {
            let of = &self.notes.requests[request];
            let Some(id) = of.id else { continue };
            let called = format!("request {request} ({})", id.reference());
            let ended = rows.get(&id.0).is_some_and(|row| row.ended);
            let there = collected.contains(&id.0);
            if of.ended {
                self.ask(Promise::RequestsEnd, ended && !there, || format!("{called} has ended, and is there again"));
                continue;
            }
            let last = of.closed_on.map(|closed| anniversary(closed, YEARS));
            let may = self.ends(of, last, ended);
            self.ask(Promise::RequestsEnd, may, || {
                format!("{called} is kept until {last:?}, and has {}ended", if ended { "" } else { "not " })
            });
            let of = &self.notes.requests[request];
            if of.packed {
                let last = of.closed_on.map(|closed| plus(closed, COLLECTED_DAYS));
                let may = self.collected_goes(of, last, !there);
                self.ask(Promise::RequestsEnd, may, || {
                    format!(
                        "what was collected for {called} is kept until {last:?}, and is {}there",
                        if there { "" } else { "not " }
                    )
                });
            }
            if ended {
                self.notes.requests[request].ended = true;
                self.told.requests_ended += 1;
                let read = self.officer(0)?.request(id).await;
                self.ask(Promise::RequestsEnd, read.is_err(), || format!("{called} has ended, and is read"));
            }
        }
        Ok(())
    }

    /// Whether it is right that something has gone today, or is still there, that is kept until a day.
    fn ends(&self, of: &Request, last: Option<Date>, gone: bool) -> bool {
        let over = last.is_some_and(|last| last < self.today);
        // Whom a request is about is known once it was confirmed; before that it is about no file.
        let held = of.packed && self.notes.was_held_in_the_morning(of.file, self.today);
        if gone {
            return over && !held;
        }
        let freed = self.notes.files[of.file].freed;
        let looked_at_later = freed.is_some_and(|freed| Some(freed) > last && self.today <= plus(freed, AGAIN_DAYS));
        !over || held || (of.packed && looked_at_later)
    }

    /// The same of what was collected, which went on an earlier day and stays away whatever is held since.
    fn collected_goes(&self, of: &Request, last: Option<Date>, gone: bool) -> bool {
        if gone { last.is_some_and(|last| last < self.today) } else { self.ends(of, last, false) }
    }
}
