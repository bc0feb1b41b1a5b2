//! Brothers and sisters see their family together: each has a place of their own in the session, under their own plan,
//! so that what is owed to each is counted for each.

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::ids::{ArrangementId, ChildId, PlanId};

codes! {
    /// How a child's place in a session stands.
    PlaceState {
        Expected = "expected", "Booked";
        Added = "added", "Added later";
        TakenOff = "taken_off", "Taken off";
    }
}

/// The place of one child in a session. Who added it or took it off, when and why, is in the session's history.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// The child.
    pub child: ChildId,
    /// Under which plan of this child.
    pub plan: PlanId,
    /// Under which arrangement of that plan.
    pub arrangement: ArrangementId,
    /// How it stands.
    pub state: PlaceState,
}

impl Place {
    /// The place of a child with whom the session is booked.
    pub const fn expected(child: ChildId, plan: PlanId, arrangement: ArrangementId) -> Self {
        Self { child, plan, arrangement, state: PlaceState::Expected }
    }

    /// Whether the session is for this child; a child who was taken off is remembered, and not expected.
    pub const fn stands(&self) -> bool {
        !matches!(self.state, PlaceState::TakenOff)
    }
}
