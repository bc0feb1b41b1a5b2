//! Likely matches in files of other areas, of a referral and of who comes into a family later: that there is one is told to those
//! of both areas who can speak to each other, and nothing of what stands in the other file.

use std::collections::BTreeSet;

use kith_domain::access::Role;
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId};
use kith_domain::notice::NoticeKind;
use kith_store::{Referral, StoreError, Work, child_compared, member_compared};
use uuid::Uuid;

use crate::{Desk, ServiceError};

/// From this probability, which a name alone does not reach, others are told that somebody may be known to them.
const SURE: f64 = 0.95;

impl Desk {
    /// Tells the coordinators and managers of the referral's area, and the managers of the others, of files there in which
    /// one of the children or somebody of the family may be known: by more than a name, or by a name alone where the other file
    /// says that they must not attend or that a risk is known.
    pub(crate) async fn tell_of_matches_elsewhere(&self, work: &Work, referral: &Referral) -> Result<(), ServiceError> {
        let mut files: BTreeSet<ChildId> = BTreeSet::new();
        let (form, own) = (&referral.body, referral.children());
        for id in referral.children() {
            let found = self.likely_ones(work, &child_compared(&form.for_child(id).child), true).await?;
            let sure = found.children.into_iter().filter(|of| of.probability >= SURE && of.held.referral.is_none());
            files.extend(sure.map(|of| of.held.child.id));
        }
        for member in &form.family {
            self.files_with(work, member.id, &member.fields, &mut files).await?;
        }
        self.tell_both(work, &referral.area, files, &own, (NoticeKind::MatchElsewhere, referral.id.0)).await
    }

    /// The same for somebody who came into a child's family after the referral was accepted.
    pub(crate) async fn tell_of_member_elsewhere(
        &self,
        work: &Work,
        child: ChildId,
        person: PersonId,
    ) -> Result<(), ServiceError> {
        let family = work.family(child).await?;
        let (Some(scope), Ok(of)) = (work.file_scope(child).await?, crate::fact::known(&family, person)) else {
            return Ok(());
        };
        let mut files = BTreeSet::new();
        self.files_with(work, person, &of.person.body.known.values, &mut files).await?;
        self.tell_both(work, &scope.area, files, &[child], (NoticeKind::MemberElsewhere, child.0)).await
    }

    /// Finds the files in which somebody of a family may be known, from what is said of them.
    async fn files_with(
        &self,
        work: &Work,
        id: PersonId,
        said: &Fields,
        files: &mut BTreeSet<ChildId>,
    ) -> Result<(), ServiceError> {
        let found = self.likely_ones(work, &member_compared(said), true).await?;
        for of in found.members.into_iter().filter(|of| of.probability >= kith_linkage::SHOWN && of.held.0 != id) {
            let (person, known_to) = of.held;
            for child in known_to {
                if of.probability >= SURE || self.is_risk_there(work, child, person).await? {
                    files.insert(child);
                }
            }
        }
        Ok(())
    }

    /// Tells those of an area, and the managers of the others in which these files are, but for the files whose match was asked
    /// for.
    async fn tell_both(
        &self,
        work: &Work,
        area: &str,
        files: BTreeSet<ChildId>,
        own: &[ChildId],
        (kind, subject): (NoticeKind, Uuid),
    ) -> Result<(), ServiceError> {
        let files: Vec<ChildId> = files.into_iter().filter(|file| !own.contains(file)).collect();
        let others: Vec<_> = work.file_scopes(&files).await?.into_iter().filter(|scope| scope.area != area).collect();
        if others.is_empty() {
            return Ok(());
        }
        self.tell(work, self.who_allocates(area), kind, subject).await?;
        for scope in others {
            self.tell(work, self.of_area(Role::Manager, &scope.area), NoticeKind::MatchHere, scope.child.0).await?;
        }
        Ok(())
    }

    /// Whether a file says that somebody must not attend, or that a risk is known.
    async fn is_risk_there(&self, work: &Work, child: ChildId, person: PersonId) -> Result<bool, ServiceError> {
        match work.relation(child, person).await {
            Ok(relation) => Ok(relation.is_barred() || relation.is_risk()),
            Err(StoreError::NotFound) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
