//! A new assessment is held against every session already booked (handbook section 19).

use kith_domain::booking::staffed;
use kith_domain::calendar;
use kith_domain::notice::NoticeKind;
use kith_domain::risk::is_stricter;
use kith_domain::session::Flag;
use kith_store::{Plan, RiskAssessment, Work};

use crate::flag::{is_to_come, sessions_with};
use crate::session::Booking;
use crate::{Desk, ServiceError};

impl Desk {
    /// Flags those of the sessions booked for the person of an assessment that no longer meet it: less supervision in the
    /// plan than it asks for, or fewer staff. Their supervisors and the coordinators of the area are told. Returns how many.
    pub(super) async fn hold_against_booked(&self, work: &Work, of: &RiskAssessment) -> Result<usize, ServiceError> {
        let Some(asked) = &of.body.assessment else { return Ok(0) };
        let from = of.valid_from.unwrap_or_else(|| calendar::day_number(self.service.today()));
        let mut plans: Vec<Plan> = Vec::new();
        let mut short = Vec::new();
        for session in sessions_with(work, of.child, &[of.person], from).await? {
            if !is_to_come(&session, self.now_ms()) {
                continue;
            }
            let Some(place) = session.place(of.child) else { continue };
            if !plans.iter().any(|known| known.id == place.plan) {
                plans.push(work.plan(place.plan).await?);
            }
            // A line that is no longer in its plan says nothing of supervision.
            let plan = plans.iter().find(|known| known.id == place.plan);
            let line = plan.and_then(|plan| plan.body.arrangement(place.arrangement));
            let loose = line.is_some_and(|line| is_stricter(asked.supervision, line.supervision));
            if loose || staffed(asked.staff, Booking::of(&session).staff().count()).is_err() {
                short.push(session);
            }
        }
        let coordinators = self.coordinators_of(work, of.child).await?;
        for session in &short {
            let whom = Booking::of(session).staff().chain(coordinators.iter().copied());
            self.tell(work, whom, NoticeKind::SessionFlagged, session.id.0).await?;
        }
        self.flag(work, &short, Flag::AssessmentStricter).await
    }
}
