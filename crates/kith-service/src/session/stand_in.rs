//! Standing in: whoever is booked may be ill at 10:05, and somebody else goes in, or writes up what was held. Who was booked
//! and who held it both stand.

use kith_domain::access::Role;
use kith_domain::booking::may_leave_write_up;
use kith_domain::calendar;
use kith_domain::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use kith_domain::ids::{AccountId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_domain::record::RecordState;
use kith_domain::session::{Seat, SessionState, What};
use kith_store::{Session, StoreError, Work};

use super::Booking;
use crate::{Card, Desk, ServiceError};

/// For how many days from today a manager lets a session be written up that was not.
const LATE_LEAVE_DAYS: i64 = 14;

/// Somebody stands in for one of the staff of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// For which of them.
    pub seat: Seat,
    /// Who stands in.
    pub who: AccountId,
    /// Why.
    pub why: String,
}

impl StandIn {
    /// Reads `seat`, `who`, `why`.
    pub fn read(fields: &Fields) -> Result<StandIn, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let seat = r.required_choice("seat", "For whom somebody stands in", Seat::from_code);
        let who = r.required_id("who", "Who stands in").map(AccountId);
        let why = r.required("why", "Why", LONG_TEXT_CHARS);
        let read = seat.zip(who).map(|(seat, who)| StandIn { seat, who, why });
        let problems = r.into_problems();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// The form that [`StandIn::read`] reads this from.
    pub fn fields(&self) -> Fields {
        let who = self.who.to_string();
        [("seat", self.seat.code()), ("who", who.as_str()), ("why", self.why.as_str())].into_iter().collect()
    }
}

/// Who can stand in at a session.
pub struct StandIns {
    /// The supervisors of its areas.
    pub supervisors: Vec<Card>,
    /// The seats that are taken, with the name of who has each.
    pub seats: Vec<(Seat, String)>,
}

impl Desk {
    /// Who can stand in at a session, for who may say so.
    pub async fn stand_ins(&self, id: SessionId) -> Result<StandIns, ServiceError> {
        let scope = self.allow_session("session.stand_in", id).await?;
        let look = self.look();
        let session = look.session(id).await?;
        look.done("session.read", self.now_ms()).await?;
        let mut supervisors = self.service.colleagues(Role::Supervisor);
        supervisors.retain(|card| scope.files.iter().any(|file| file.area == card.area));
        let mut seats = vec![(Seat::First, self.service.name_of(session.supervisor))];
        seats.extend(session.body.second_supervisor.map(|second| (Seat::Second, self.service.name_of(second))));
        Ok(StandIns { supervisors, seats })
    }

    /// Puts somebody in the place of one of the staff of a session, at any minute before and during it, and for writing
    /// it up: what was confirmed stays confirmed. In an emergency the leave of one child's area is enough.
    pub async fn stand_in(&self, id: SessionId, version: i64, stand_in: &StandIn) -> Result<(), ServiceError> {
        let scope = self.allow_session("session.stand_in", id).await?;
        let card = self.service.card(stand_in.who);
        let fits = card.filter(|card| card.role == Role::Supervisor && card.active);
        let of_area = |card: &Card| scope.files.iter().any(|file| file.area == card.area);
        let Some(card) = fits.filter(of_area) else {
            return Err(ServiceError::field("who", "Choose a supervisor from the list"));
        };
        let name = card.name.as_str();
        self.change("session.stood_in", |work| async move {
            let mut session = work.session(id).await?;
            let from = match stand_in.seat {
                Seat::First => Some(session.supervisor),
                Seat::Second => session.body.second_supervisor,
            };
            let Some(from) = from else {
                return Err(ServiceError::field(
                    "seat",
                    "This session has no second supervisor. Move it to choose one",
                ));
            };
            if from == stand_in.who {
                work.changed("session", id.0, session.version);
                return Ok(());
            }
            if session.version != version {
                let why = session.body.history.last().and_then(|last| match &last.what {
                    What::StoodIn { why, .. } => Some(why.clone()),
                    _ => None,
                });
                let theirs = StandIn { seat: stand_in.seat, who: from, why: why.unwrap_or_default() };
                return Err(ServiceError::Conflict { theirs: Box::new(theirs.fields()), version: session.version });
            }
            self.put_in(&work, &mut session, from, stand_in, name).await
        })
        .await
    }

    /// Puts somebody in the place of `from` in a piece of work, writes it into the session's history and tells both.
    pub(crate) async fn put_in(
        &self,
        work: &Work,
        session: &mut Session,
        from: AccountId,
        stand_in: &StandIn,
        name: &str,
    ) -> Result<(), ServiceError> {
        if Booking::of(session).staff().any(|there| there == stand_in.who) {
            return Err(ServiceError::field("who", format!("{name} is at this session already. Choose somebody else")));
        }
        self.take_over(work, session, from, stand_in, name).await?;
        let (seat, to, why) = (stand_in.seat, stand_in.who, stand_in.why.clone());
        session.body.happened(self.me()?, self.now_ms(), What::StoodIn { seat, from, to, why });
        work.save_session(session).await?;
        self.tell(work, [to], NoticeKind::SessionStoodIn, session.id.0).await?;
        self.tell(work, [from], NoticeKind::SessionLost, session.id.0).await
    }

    /// Gives the seat, its time from now on, and the record that is not signed yet.
    async fn take_over(
        &self,
        work: &Work,
        session: &mut Session,
        from: AccountId,
        stand_in: &StandIn,
        name: &str,
    ) -> Result<(), ServiceError> {
        let id = session.id;
        if matches!(session.state, SessionState::Cancelled | SessionState::Void) {
            return Err(ServiceError::rule(
                "session.wrong_state",
                format!("This session is {}, so nobody stands in", session.state.label().to_lowercase()),
            ));
        }
        let record = match work.record_state(id).await? {
            Some(RecordState::Open | RecordState::Returned) => Some(work.record(id).await?),
            Some(_) => {
                return Err(ServiceError::rule(
                    "session.record_signed",
                    "The record of this session is signed, so there is nothing left to stand in for",
                ));
            }
            None if session.state.is_over() => {
                return Err(ServiceError::rule("session.no_record", "This session has no record to write up"));
            }
            None => None,
        };
        if stand_in.seat == Seat::First {
            session.supervisor = stand_in.who;
            // A second supervisor who began the record goes on writing it.
            if let Some(mut record) = record.filter(|record| record.author == from) {
                record.author = stand_in.who;
                work.save_record(&mut record).await?;
            }
        } else {
            session.body.second_supervisor = Some(stand_in.who);
        }
        let now = calendar::in_london(self.now_ms());
        let (day, today) = (calendar::day_number(session.slot.day), calendar::day_number(now.date()));
        work.release_one(id, from.0).await?;
        if day < today || session.state.is_over() {
            return Ok(());
        }
        let (start, end) = session.slot.quarters(self.service.register().write_up_minutes());
        let now_quarter = calendar::time_minute(now.time()).div_euclid(15);
        let start = if day == today { start.max(now_quarter.min(end)) } else { start };
        match work.occupy(id, &[(stand_in.who.0, day, start, end)]).await {
            Err(StoreError::Occupied { .. }) => Err(ServiceError::field(
                "who",
                format!("{name} has another session then, or is writing one up. Choose somebody else"),
            )),
            done => Ok(done?),
        }
    }

    /// A manager lets a session be written up that was not in its week: for two weeks from today.
    pub async fn let_write_up(&self, id: SessionId, why: &str) -> Result<(), ServiceError> {
        self.allow_session("record.review", id).await?;
        let fields: Fields = [("why", why)].into_iter().collect();
        let mut r = Reader::new(&fields);
        let why = r.required("why", "Why it is written up so late", LONG_TEXT_CHARS);
        let why = &r.finish(why)?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        let until = calendar::day_number(self.service.today()) + LATE_LEAVE_DAYS;
        self.change("session.late_leave", |work| async move {
            let mut session = work.session(id).await?;
            if session.body.write_up_until == Some(until) {
                work.changed("session", id.0, session.version);
                return Ok(());
            }
            may_leave_write_up(session.state, session.slot, now_ms)?;
            session.body.write_up_until = Some(until);
            session.body.happened(me, now_ms, What::LateLeave { until, why: why.clone() });
            work.save_session(&mut session).await?;
            let staff = [Some(session.supervisor), session.body.second_supervisor];
            self.tell(&work, staff.into_iter().flatten(), NoticeKind::SessionLeaveGiven, id.0).await
        })
        .await
    }
}
