//! The demo service: an invented council's teams, families and week, made through the same functions that people use,
//! with the clock moved along. Every name is invented; phone numbers are Ofcom's for drama.

mod archive;
mod cases;
mod days;
mod families;
mod house;
mod research;
mod rights;
mod sharing;
mod words;

use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use kith_domain::access::{Actor, Purpose, Role};
use kith_domain::calendar::{self, ServiceCalendar};
use kith_domain::ids::AccountId;

use crate::{Clock, Desk, MovableClock, Service, ServiceError, SystemClock};

/// Days of past that the demo has.
const PAST_DAYS: i64 = 17;
/// The password of everybody in the demo.
const PASSWORD: &str = "five arches by the river";

/// Somebody a stranger can sign in as. Invented.
#[derive(Clone)]
pub struct DemoLogin {
    /// Role.
    pub role: Role,
    /// Name.
    pub name: String,
    /// Sign-in name.
    pub login: String,
    /// Password.
    pub password: String,
    /// Secret of the authenticator.
    pub totp_secret: String,
}

/// Somebody who works in the demo.
#[derive(Clone)]
pub(crate) struct Colleague {
    pub(crate) id: AccountId,
    pub(crate) actor: Actor,
}

/// What filling the demo goes by.
pub(crate) struct Filling<'a> {
    service: &'a Service,
    clock: &'a MovableClock,
    /// The day on which the demo opens.
    today: Date,
}

impl Filling<'_> {
    /// Moves the clock on to a time of a day; time that has passed stays as it is.
    fn at(&self, day: Date, minute: i64) {
        self.clock.move_to(calendar::instant_ms(day, minute));
    }

    /// Lets some minutes pass.
    fn minutes_pass(&self, minutes: i64) {
        self.clock.move_to(self.clock.now_ms() + minutes * 60_000);
    }

    fn desk(&self, who: &Colleague, purpose: Purpose) -> Desk {
        self.service.desk(who.actor.clone(), purpose)
    }

    fn days_before(&self, days: i64) -> Date {
        self.today.checked_sub(Span::new().days(days)).unwrap_or(self.today)
    }
}

/// How far behind the machine's clock the demo's begins, in milliseconds: so that it has a past.
pub fn starts_behind_ms() -> i64 {
    let now_ms = SystemClock.now_ms();
    let day = calendar::day_number(opens_on(now_ms)) - PAST_DAYS;
    calendar::instant_ms(calendar::day_of(day), 8 * 60) - now_ms
}

/// The working day on which the demo opens, at 09:30: today while that is to come, otherwise the next one.
fn opens_on(now_ms: i64) -> Date {
    let now = calendar::in_london(now_ms);
    // The demo opens before there is a service with a register: by the bank holidays alone.
    let works = ServiceCalendar::default();
    let day = works.working_days_after(now.date(), 0);
    if calendar::instant_ms(day, 9 * 60 + 30) >= now_ms {
        day
    } else {
        works.working_days_after(day.checked_add(1.day()).unwrap_or(day), 0)
    }
}

/// Fills an empty service. `clock` is the service's, [`starts_behind_ms`] behind the machine's; it is left at 09:30 on
/// the first working day from now on.
pub async fn fill(service: &Service, clock: &Arc<MovableClock>) -> Result<Vec<DemoLogin>, ServiceError> {
    let today = opens_on(SystemClock.now_ms());
    let filling = Filling { service, clock, today };
    let house = house::build(&filling).await?;
    let cases = cases::open(&filling, &house, families::FAMILIES).await?;
    days::live(&filling, &house, &cases).await?;
    rights::ask(&filling, &house).await?;
    Box::pin(sharing::share(&filling, &house)).await?;
    research::ask(&filling, &house).await?;
    archive::open(&filling, &house).await?;
    filling.at(today, 9 * 60 + 30);
    Ok(house.logins)
}

#[cfg(test)]
mod tests {
    use super::families::FAMILIES;
    use super::*;
    use crate::testing::TestService;
    use jiff::civil::date;
    use kith_domain::session::SessionState;

    #[tokio::test]
    async fn brothers_and_sisters_of_the_demo_are_in_contact_and_come_together() {
        let dir = tempfile::tempdir().unwrap();
        let test = TestService::open(dir.path()).await.unwrap();
        let filling = Filling { service: &test.service, clock: &test.clock, today: date(2026, 12, 14) };
        let house = house::build(&filling).await.unwrap();
        let together = FAMILIES.iter().position(|family| !family.siblings().is_empty()).expect("brothers and sisters");
        let cases = cases::open(&filling, &house, &FAMILIES[together..=together]).await.unwrap();
        days::live(&filling, &house, &cases).await.unwrap();
        let case = &cases[0];
        let desk = filling.desk(&case.manager, Purpose::ServiceDelivery);
        let mut held = 0;
        for (id, slot) in case.sessions.iter().filter(|(_, slot)| slot.day < date(2026, 12, 7)) {
            let view = desk.session(*id).await.unwrap();
            assert_eq!(view.children.len(), 1 + case.siblings.len(), "one session for all of them");
            let week = desk.diary(slot.day, case.family.area).await.unwrap();
            let in_diary = week.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.sessions);
            let who: Vec<_> = in_diary.filter(|entry| entry.id == Some(*id)).map(|entry| &entry.who).collect();
            assert!(matches!(who[..], [who] if who.contains("Samuel") && who.contains("Comfort")), "{who:?}");
            if view.session.state == SessionState::Completed && view.may_read_record {
                held += 1;
                assert_eq!(desk.record(*id).await.unwrap().children.len(), 1 + case.siblings.len());
            }
        }
        assert!(held > 0, "one was held, and has a record");
    }

    #[test]
    fn the_demo_opens_on_a_working_morning_that_is_to_come() {
        let at = |day, hour: i64| opens_on(calendar::instant_ms(day, hour * 60));
        assert_eq!(at(date(2026, 11, 24), 3), date(2026, 11, 24));
        assert_eq!(at(date(2026, 11, 24), 14), date(2026, 11, 25));
        assert_eq!(at(date(2026, 11, 28), 3), date(2026, 11, 30), "a Saturday");
        assert_eq!(at(date(2026, 12, 24), 14), date(2026, 12, 29), "Christmas Eve");
    }
}
