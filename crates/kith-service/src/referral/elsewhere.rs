//! Likely matches in files of other areas: that there is one is told to those of both areas who can speak to each other, and
//! nothing of what stands in the other file.

use std::collections::BTreeSet;

use kith_domain::access::Role;
use kith_domain::ids::{ChildId, PersonId};
use kith_domain::notice::NoticeKind;
use kith_domain::person::{Birth, Name};
use kith_store::{Referral, StoreError, Work};

use crate::paging::PAGE_ROWS;
use crate::{Desk, ServiceError};

impl Desk {
    /// Tells the coordinators and managers of the referral's area, and the managers of the others, of files there in which
    /// one of the children or somebody of the family may be known: by number, by name and birth, by phone, or by name alone where
    /// the other file says that they must not attend or that a risk is known.
    pub(crate) async fn tell_of_matches_elsewhere(&self, work: &Work, referral: &Referral) -> Result<(), ServiceError> {
        let mut files: BTreeSet<ChildId> = BTreeSet::new();
        let form = &referral.body;
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
            let former = Name::of(&member.fields).map(|name| name.former).unwrap_or_default();
            let phone = Some(member.fields.get("phone")).filter(|phone| !phone.trim().is_empty());
            let like = self.people_like(work, &member.name(), &former, phone).await?;
            for ((child, person), why) in like.into_iter().take(PAGE_ROWS) {
                let sure = why.len() > 1 || why.contains(&"the same phone number");
                if files.contains(&child) || person == member.id {
                    continue;
                }
                if sure || self.is_risk_there(work, child, person).await? {
                    files.insert(child);
                }
            }
        }
        let own = referral.children();
        let files: Vec<ChildId> = files.into_iter().filter(|file| !own.contains(file)).collect();
        let others: Vec<_> =
            work.file_scopes(&files).await?.into_iter().filter(|scope| scope.area != referral.area).collect();
        if others.is_empty() {
            return Ok(());
        }
        let here =
            [self.of_area(Role::Coordinator, &referral.area), self.of_area(Role::Manager, &referral.area)].concat();
        self.tell(work, here, NoticeKind::MatchElsewhere, referral.id.0).await?;
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
