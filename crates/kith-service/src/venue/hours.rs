//! Working hours of supervisors.

use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::ids::AccountId;
use kith_domain::session::{BOOK_AHEAD_DAYS, Week};
use kith_domain::venue::{lies_within, week_code, week_fields};
use kith_store::Shift;

use super::{sessions_are, to_come};
use crate::directory::Card;
use crate::{Desk, ServiceError};

/// The working hours of one supervisor.
pub struct WorkingHours {
    /// Whose.
    pub card: Card,
    /// When; no hours when none are set.
    pub week: Week,
}

impl WorkingHours {
    /// What the form sends back to say which hours were shown.
    pub fn code(&self) -> String {
        week_code(&self.week)
    }
}

impl Desk {
    /// Every supervisor by name, with working hours.
    pub async fn working_hours(&self) -> Result<Vec<WorkingHours>, ServiceError> {
        self.allow_service("venues.read").await?;
        let look = self.look();
        let shifts = look.shifts().await?;
        let supervisors = self.service.colleagues(Role::Supervisor);
        for card in &supervisors {
            look.note("shift", card.id.0);
        }
        look.done("hours.read", self.now_ms()).await?;
        let of = |card: Card| {
            let shift = shifts.iter().find(|shift| shift.account == card.id);
            WorkingHours { week: shift.map_or([None; 6], |shift| shift.week), card }
        };
        Ok(supervisors.into_iter().map(of).collect())
    }

    /// Sets a supervisor's working hours. `shown` is the [`WorkingHours::code`] of the hours that were shown:
    /// [`ServiceError::Conflict`] if somebody else set others meanwhile. Hours cannot leave out a session that the
    /// supervisor is booked for, with its write-up time.
    pub async fn set_working_hours(&self, id: AccountId, shown: &str, week: Week) -> Result<(), ServiceError> {
        self.allow_service("venues.manage").await?;
        let is_supervisor = self.service.card(id).is_some_and(|card| card.role == Role::Supervisor && card.active);
        if !is_supervisor {
            return Err(ServiceError::NotFound);
        }
        let today = calendar::day_number(self.service.today());
        self.change("hours.set", |work| async move {
            let there = work.shift(id).await?.week;
            if there == week {
                work.changed("shift", id.0, 1);
                return Ok(());
            }
            if week_code(&there) != shown {
                return Err(ServiceError::Conflict { theirs: Box::new(week_fields(&there)), version: 0 });
            }
            let to_come = to_come(work.diary_of_staff(id, today, today + BOOK_AHEAD_DAYS).await?, self.now_ms());
            // What is taken of a supervisor is the session with its write-up time.
            let mut outside: Vec<_> = work
                .taken_from(id.0, today)
                .await?
                .into_iter()
                .filter(|(day, quarter, session)| {
                    to_come.iter().any(|booked| booked.id == *session)
                        && !lies_within(&week, calendar::day_of(*day), quarter * 15, quarter * 15 + 15)
                })
                .map(|(_, _, session)| session)
                .collect();
            outside.sort_unstable();
            outside.dedup();
            if !outside.is_empty() {
                return Err(ServiceError::rule("hours.booked_outside", format!(
                    "{} booked with this supervisor outside these hours. Give them to somebody else first, or keep the hours",
                    sessions_are(outside.len())
                )));
            }
            work.set_shift(&Shift { account: id, week }).await?;
            Ok(())
        })
        .await
    }
}
