//! Risk assessments: written for one child and one person, approved by somebody else, void at once when things change.

use kith_domain::ids::{ChildId, PersonId};
use kith_store::{AssessmentOf, Look};

use crate::ServiceError;

/// The assessment of a person for a child that is valid on a day (a day number), if there is one: without it no session
/// is confirmed for that person (handbook section 6).
pub(crate) async fn valid_assessment(
    look: &Look,
    child: ChildId,
    person: PersonId,
    day: i64,
) -> Result<Option<AssessmentOf>, ServiceError> {
    let assessments = look.assessments_of(child).await?;
    Ok(assessments.into_iter().find(|of| of.person == person && of.is_valid_on(day)))
}
