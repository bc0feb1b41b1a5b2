//! A manager's leave to write up a session after its week.

use kith_domain::booking::may_leave_write_up;
use kith_domain::ids::SessionId;
use kith_domain::notice::NoticeKind;
use kith_domain::record::Leave;
use kith_domain::session::SessionState;

use crate::{Desk, ServiceError};

impl Desk {
    /// Gives leave to write up a session that was never started, after the week in which no leave is needed. It is kept on
    /// the session with the reason, and holds for a week. Given twice with the same words is given once.
    pub async fn leave_to_write_up(&self, id: SessionId, reason: &str) -> Result<(), ServiceError> {
        self.allow_session("session.leave", id).await?;
        let fields = [("reason", reason)].into_iter().collect();
        let leave = Leave::read(&fields, self.me()?, self.now_ms())?;
        self.change("session.leave_given", |work| {
            let leave = leave.clone();
            async move {
                let mut session = work.session(id).await?;
                if session
                    .body
                    .late_leave
                    .last()
                    .is_some_and(|last| (last.by, &last.reason) == (leave.by, &leave.reason))
                {
                    work.changed("session", id.0, session.version);
                    return Ok(());
                }
                let begun = !matches!(session.state, SessionState::Planned | SessionState::Confirmed);
                may_leave_write_up(session.slot, begun, leave.at_ms)?;
                session.body.late_leave.push(leave);
                work.save_session(&mut session).await?;
                let staff = [Some(session.supervisor), session.body.second_supervisor];
                self.tell(&work, staff.into_iter().flatten(), NoticeKind::SessionLeaveGiven, id.0).await
            }
        })
        .await
    }
}
