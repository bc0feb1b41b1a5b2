//! Sessions that are booked and must be looked at again: flagged, not silently kept (handbook section 6).

use std::ops::RangeInclusive;

use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::ids::{AccountId, ChildId, PersonId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_domain::session::{BOOK_AHEAD_DAYS, Flag, SessionState};
use kith_store::{Look, Session, Work};
use uuid::Uuid;

use crate::{Desk, ServiceError};

impl Desk {
    /// Flags those of the sessions that are still to come, and returns how many there are.
    pub(crate) async fn flag(&self, work: &Work, sessions: &[Session], flag: Flag) -> Result<usize, ServiceError> {
        let mut flagged = 0;
        for session in sessions.iter().filter(|session| is_to_come(session, self.now_ms())) {
            flagged += 1;
            let there = session.flagged.as_deref().and_then(Flag::from_code);
            if there == Some(flag) || there.is_some_and(|there| !flag.outweighs(there)) {
                continue;
            }
            let mut session = session.clone();
            session.flagged = Some(flag.code().to_owned());
            work.save_session(&mut session).await?;
        }
        Ok(flagged)
    }

    /// Flags the sessions of a child with any of these people on days (day numbers), and tells their supervisors: also those
    /// of a session that is under way, since nobody else is in the room.
    pub(crate) async fn flag_for_people(
        &self,
        work: &Work,
        child: ChildId,
        people: &[PersonId],
        days: RangeInclusive<i64>,
        flag: Flag,
    ) -> Result<usize, ServiceError> {
        let mut sessions = sessions_with(work, child, people, *days.start()).await?;
        sessions.retain(|session| days.contains(&calendar::day_number(session.slot.day)));
        for session in &sessions {
            if session.state == SessionState::InProgress || is_to_come(session, self.now_ms()) {
                self.tell(work, supervisors(session), NoticeKind::SessionFlagged, session.id.0).await?;
            }
        }
        self.flag(work, &sessions, flag).await
    }

    /// Coordinators of a child's area.
    pub(crate) async fn coordinators_of(&self, look: &Look, child: ChildId) -> Result<Vec<AccountId>, ServiceError> {
        let area = look.file_scope(child).await?.map(|scope| scope.area).unwrap_or_default();
        Ok(self.of_area(Role::Coordinator, &area))
    }

    /// Tells the coordinators of a file's area and its social worker; whoever did it is not told.
    pub(crate) async fn tell_who_works_with(
        &self,
        work: &Work,
        child: ChildId,
        kind: NoticeKind,
        subject: Uuid,
    ) -> Result<(), ServiceError> {
        let mut whom = self.coordinators_of(work, child).await?;
        whom.extend(work.file_scope(child).await?.map(|scope| scope.social_worker));
        self.tell(work, whom, kind, subject).await
    }
}

/// Whether a session is booked and has not begun: its time may be long past when nobody said how it went, and then
/// there is nothing left to look at again.
pub(crate) fn is_to_come(session: &Session, now_ms: i64) -> bool {
    matches!(session.state, SessionState::Planned | SessionState::Confirmed) && session.slot.ends_ms() > now_ms
}

/// First and second supervisor.
fn supervisors(session: &Session) -> impl Iterator<Item = AccountId> {
    [Some(session.supervisor), session.body.second_supervisor].into_iter().flatten()
}

/// Sessions of a child from a day on to which any of these people comes, by whichever file they are known, in order of
/// time.
pub(crate) async fn sessions_with(
    look: &Look,
    child: ChildId,
    people: &[PersonId],
    from: i64,
) -> Result<Vec<Session>, ServiceError> {
    let mut sessions = look.sessions_of(child, from, from.saturating_add(BOOK_AHEAD_DAYS)).await?;
    let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
    let come = look.people_of(&ids).await?;
    let mut rows = Vec::new();
    for person in people {
        rows.extend(look.persons_of(*person).await?);
    }
    sessions.retain(|session| {
        come.get(&session.id).is_some_and(|people| people.iter().any(|person| rows.contains(person)))
    });
    Ok(sessions)
}
