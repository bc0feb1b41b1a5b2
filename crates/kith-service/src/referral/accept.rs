//! Acceptance: what was verified becomes the child's file.

use kith_domain::ids::{ChildId, ReferralId};
use kith_domain::notice::NoticeKind;
use kith_domain::referral::{FamilyMember, Referral, ReferralMove, ReferralState};
use kith_domain::retention;
use kith_domain::verification::{Item, Verification};
use kith_store::{ChildState, Person, PersonBody, RelationBody, Relative, StoreError, Work};
use uuid::Uuid;

use crate::verification::against;
use crate::{Desk, ServiceError};

/// What an item is about, with the name of the family member that it is about.
fn title(item: Item, form: &Referral) -> String {
    item.title(|person| form.family.iter().find(|member| member.id == person).map(|member| member.name.full()))
}

/// A person of a referral whose id is somebody's already: no browser of ours makes one.
fn named_twice(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Store(StoreError::Duplicate) => ServiceError::rule(
            "referral.named_twice",
            "A family member on this form cannot be told from somebody who is held already. Return it, so that the member \
             is taken off and added again",
        ),
        other => other,
    }
}

impl Desk {
    /// Accepts a referral that has been verified, and opens the child's file. Accepted twice is accepted once.
    pub async fn accept_referral(&self, id: ReferralId) -> Result<ChildId, ServiceError> {
        let scope = self.allow_referral("referral.decide", id).await?;
        let (today, now_ms) = (self.service.today(), self.now_ms());
        let child = scope.child;
        self.change("referral.accepted", |work| async move {
            let mut referral = work.referral(id).await?;
            if referral.state == ReferralState::Accepted {
                work.changed("referral", id.0, referral.version);
                return Ok(child);
            }
            referral.state = referral.state.after(ReferralMove::Accept)?;
            let verified = work.verification(id).await?.map_or_else(Verification::default, |of| of.body);
            let missing = against(&verified, &referral, today);
            if !missing.is_empty() {
                return Err(ServiceError::rule(
                    "referral.not_ready",
                    format!("This cannot be accepted yet. {}", missing.join(". ")),
                ));
            }
            let Ok(form) = referral.body.check(today) else {
                return Err(ServiceError::rule(
                    "referral.left_incomplete",
                    "A correction left something missing on the form. Look through the items again",
                ));
            };
            referral.decided_ms = Some(now_ms);
            referral.body.decision_reason = None;
            work.save_referral(&mut referral).await?;
            let not_verified = verified.not_known(&referral.body);
            let not_verified = not_verified.into_iter().map(|item| title(item, &form)).collect();
            self.open_file(&work, child, &form, not_verified).await.map_err(named_twice)?;
            self.tell(&work, [referral.referrer], NoticeKind::ReferralAccepted, id.0).await?;
            Ok(child)
        })
        .await
    }

    async fn open_file(
        &self,
        work: &Work,
        id: ChildId,
        form: &Referral,
        not_verified: Vec<String>,
    ) -> Result<(), ServiceError> {
        let mut child = work.child(id).await?;
        child.state = ChildState::Open;
        child.retention_month = retention::review_month(form.child.birth);
        child.body.facts = Some(form.child.clone());
        child.body.placement = Some(form.placement.clone());
        child.body.legal = Some(form.legal.clone());
        child.body.risk = Some(form.risk.clone());
        child.body.constraints.clone_from(&form.contact.constraints);
        child.body.not_verified = not_verified;
        work.save_child(&mut child).await?;
        self.first_order(work, id, &form.legal).await?;
        work.index_child(id, &form.child.name, form.child.birth, &form.child.care_first).await?;
        for (order, member) in (0_i64..).zip(&form.family) {
            let relative = self.relative(id, member, order);
            work.insert_relative(&relative, Uuid::now_v7()).await?;
            work.index_relative(id, member.id, &member.name).await?;
        }
        Ok(())
    }

    /// `order` keeps the family in the order of the form.
    fn relative(&self, child: ChildId, member: &FamilyMember, order: i64) -> Relative {
        Relative {
            person: Person {
                id: member.id,
                version: 1,
                created_ms: self.now_ms() + order,
                body: PersonBody {
                    name: member.name.clone(),
                    phone: member.phone.clone(),
                    address: member.address.clone(),
                    language: member.language.clone(),
                    interpreter: member.interpreter,
                },
            },
            child,
            relation: RelationBody {
                relationship: member.relationship,
                entitlement: member.entitlement,
                parental_responsibility: member.parental_responsibility,
                may_attend: member.may_attend,
                risk_marker: member.risk_marker,
                risk_detail: member.risk_detail.clone(),
            },
        }
    }
}
