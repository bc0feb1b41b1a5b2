//! Cancelling a session, and correcting what was said of it: both stay readable, what stands is counted.

use kith_domain::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use kith_domain::ids::{AccountId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_domain::session::{Cancelling, SessionMove, SessionState, Told, What};
use kith_store::{Session, Work};

use super::Booking;
use super::standing::Footing;
use crate::{Desk, ServiceError};

/// A correction of what was said of a cancellation.
#[derive(Clone)]
pub struct Correction {
    /// What is right.
    pub right: Right,
    /// Why it is corrected.
    pub why: String,
}

/// What is right of a session that stands as cancelled.
#[derive(Clone)]
pub enum Right {
    /// It was cancelled, and this is to be said of it.
    Cancelled(Cancelling),
    /// It was not cancelled: it takes place.
    Stands,
    /// It was entered in error, such as when the same time was booked again and held: it counts for nothing.
    Void,
}

impl Correction {
    /// Reads `right` (`cancelled`, `stands`, `void`), `why`, and for the first what [`Cancelling::read`] reads.
    pub fn read(fields: &Fields) -> Result<Correction, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let right = r.required_choice("right", "What is right", |code| {
            ["cancelled", "stands", "void"].into_iter().find(|known| *known == code)
        });
        let why = r.required("why", "Why you correct it", LONG_TEXT_CHARS);
        let mut problems = r.into_problems();
        let right = match right {
            Some("cancelled") => match Cancelling::read(fields) {
                Ok(said) => Some(Right::Cancelled(said)),
                Err(of_it) => {
                    problems.extend(of_it);
                    None
                }
            },
            Some("stands") => Some(Right::Stands),
            Some(_) => Some(Right::Void),
            None => None,
        };
        right.map(|right| Correction { right, why }).filter(|_| problems.is_empty()).ok_or(problems)
    }
}

impl Desk {
    /// Cancels a session over the version that was shown. Everything it had taken is free again; the supervisors and the
    /// social workers are told. The same said twice by the same person is said once; somebody else's words are a
    /// [`ServiceError::Conflict`] that gives them.
    pub async fn cancel_session(&self, id: SessionId, version: i64, said: &Cancelling) -> Result<(), ServiceError> {
        self.allow_session("session.change", id).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("session.cancelled", |work| async move {
            let mut session = work.session(id).await?;
            let said = said.by(Told { by: me, now_ms, booked_ms: session.created_ms })?;
            if let Some(there) = &session.body.cancellation {
                if there.recorded_by == me && there.says(&said) {
                    work.changed("session", id.0, session.version);
                    return Ok(());
                }
                return Err(ServiceError::Conflict { theirs: Box::new(there.fields()), version: session.version });
            }
            not_changed_since(&session, version)?;
            session.state = session.state.after(SessionMove::Cancel)?;
            session.flagged = None;
            session.body.cancellation = Some(said.clone());
            session.body.happened(me, now_ms, What::Cancelled { said });
            work.save_session(&mut session).await?;
            work.release(id).await?;
            self.tell_all(&work, &session, NoticeKind::SessionCancelled).await
        })
        .await
    }

    /// Corrects what was said of a cancellation, over the version that was shown. What was said before stays readable.
    ///
    /// A session that was not cancelled at all takes place again, as planned, if its time is still to come and all it
    /// needs is free; [`Right::Void`] takes one out that was entered in error.
    pub async fn correct_cancellation(
        &self,
        id: SessionId,
        version: i64,
        correction: &Correction,
    ) -> Result<(), ServiceError> {
        self.allow_session("session.change", id).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("session.corrected", |work| async move {
            let mut session = work.session(id).await?;
            if session.version != version {
                if session.body.history.last().is_some_and(|last| last.by == me && is_it(&last.what, correction)) {
                    work.changed("session", id.0, session.version);
                    return Ok(());
                }
                let theirs = session.body.cancellation.as_ref().map(|there| Box::new(there.fields()));
                let version = session.version;
                return match theirs {
                    Some(theirs) => Err(ServiceError::Conflict { theirs, version }),
                    None => not_changed_since(&session, 0),
                };
            }
            let (SessionState::Cancelled, Some(before)) = (session.state, session.body.cancellation.clone()) else {
                return Err(ServiceError::rule(
                    "session.not_cancelled",
                    "This session is not cancelled, so there is nothing to correct",
                ));
            };
            let why = correction.why.clone();
            let what = match &correction.right {
                Right::Cancelled(said) => {
                    let said = said.by(Told { by: me, now_ms, booked_ms: session.created_ms })?;
                    if said.says(&before) {
                        return Err(ServiceError::field("by", "This is what was said already. Change what is wrong"));
                    }
                    session.body.cancellation = Some(said.clone());
                    What::Corrected { said, why }
                }
                Right::Stands => {
                    if session.slot.starts_ms() <= now_ms {
                        return Err(ServiceError::field(
                            "right",
                            "Its time has passed, so it cannot take place again. If the family met, book a session for \
                             that; if this one was entered in error, say so",
                        ));
                    }
                    let booking = Booking::of(&session);
                    let on = Footing::load(&work, session.places(), Some(work.people_in(id).await?)).await?;
                    self.check(&work, &on, &booking).await?;
                    self.occupy(&work, &on, id, &booking).await?;
                    session.state = SessionState::Planned;
                    session.body.cancellation = None;
                    What::Restored { why }
                }
                Right::Void => {
                    session.state = SessionState::Void;
                    What::Void { why }
                }
            };
            session.body.happened(me, now_ms, what);
            work.save_session(&mut session).await?;
            self.tell_all(&work, &session, NoticeKind::SessionCorrected).await
        })
        .await
    }

    /// Tells the supervisors and social workers of a session.
    async fn tell_all(&self, work: &Work, session: &Session, kind: NoticeKind) -> Result<(), ServiceError> {
        let mut whom: Vec<AccountId> = Booking::of(session).staff().collect();
        whom.extend(self.social_workers(work, &session.children()).await?);
        self.tell(work, whom, kind, session.id.0).await
    }
}

/// Whether what happened last is what this correction does: it was sent twice.
fn is_it(what: &What, correction: &Correction) -> bool {
    match (what, &correction.right) {
        (What::Corrected { said, why }, Right::Cancelled(again)) => *why == correction.why && again.is_said_by(said),
        (What::Restored { why }, Right::Stands) | (What::Void { why }, Right::Void) => *why == correction.why,
        _ => false,
    }
}

/// A form that was filled in while somebody else changed the session is not taken for what it would now mean.
pub(super) fn not_changed_since(session: &Session, version: i64) -> Result<(), ServiceError> {
    if session.version == version {
        return Ok(());
    }
    Err(ServiceError::rule(
        "session.changed_since",
        format!(
            "Somebody has changed this session since you opened it: it is now {}, {}. Look at it again, and decide then",
            session.state.label().to_lowercase(),
            session.slot.label()
        ),
    ))
}
