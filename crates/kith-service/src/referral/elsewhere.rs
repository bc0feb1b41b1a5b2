//! Likely matches in files of other areas, of a referral and of who comes into a family later: that there is one is told to those
//! of both areas who can speak to each other, and nothing of what stands in the other file.

use std::collections::BTreeSet;

use kith_domain::access::Role;
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId};
use kith_domain::notice::NoticeKind;
use kith_domain::person::{Birth, Name};
use kith_store::{Referral, StoreError, Work};
use uuid::Uuid;

use crate::paging::PAGE_ROWS;
use crate::{Desk, ServiceError};

impl Desk {
    /// Tells the coordinators and managers of the referral's area, and the managers of the others, of files there in which
    /// one of the children or somebody of the family may be known: by number, by name and birth, by phone, or by name alone where
    /// the other file says that they must not attend or that a risk is known.
    pub(crate) async fn tell_of_matches_elsewhere(&self, work: &Work, referral: &Referral) -> Result<(), ServiceError> {
        let mut files: BTreeSet<ChildId> = BTreeSet::new();
        let (form, own) = (&referral.body, referral.children());
        for id in referral.children() {
            let child = form.for_child(id).child;
            let number = child.get("care_first");
            if !number.trim().is_empty() {
                files.extend(work.find_care_first(number).await?.into_iter().map(|found| found.child));
            }
            if let (Some(name), Some(birth)) = (Name::of(&child), Birth::of(&child)) {
                let born: Vec<ChildId> = work.find_birth(birth).await?.into_iter().map(|found| found.child).collect();
                let named = work.find_name(&name.full()).await?.into_iter().filter(|found| found.person.is_none());
                files.extend(named.map(|found| found.child).filter(|child| born.contains(child)));
            }
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
        let name = Name::of(said);
        let full = name.as_ref().map(Name::full).unwrap_or_default();
        let former = name.map(|name| name.former).unwrap_or_default();
        let phone = Some(said.get("phone")).filter(|phone| !phone.trim().is_empty());
        let like = self.people_like(work, &full, &former, phone).await?;
        for ((child, person), why) in like.into_iter().take(PAGE_ROWS) {
            let sure = why.len() > 1 || why.contains(&"the same phone number");
            if files.contains(&child) || person == id {
                continue;
            }
            if sure || self.is_risk_there(work, child, person).await? {
                files.insert(child);
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
