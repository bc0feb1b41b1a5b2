//! Acceptance: what was verified becomes the child's file.

use kith_domain::codes::{Answer, Entitlement, Relationship, RiskMarker};
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, ReferralId};
use kith_domain::notice::NoticeKind;
use kith_domain::person::Name;
use kith_domain::referral::{
    ChildFacts, FamilyDraft, Legal, Placement, ReferralDraft, ReferralMove, ReferralState, RiskFacts,
};
use kith_domain::retention;
use kith_domain::verification::{Item, Verification};
use kith_store::{ChildState, Person, PersonBody, RelationBody, Relative, StoreError, Work};
use uuid::Uuid;

use crate::verification::against;
use crate::{Desk, ServiceError};

/// What an item is about, with the name of the family member that it is about.
fn title(item: Item, form: &ReferralDraft) -> String {
    item.title(|person| form.family.iter().find(|member| member.id == person).map(FamilyDraft::name))
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
            referral.decided_ms = Some(now_ms);
            referral.body.decision_reason = None;
            work.save_referral(&mut referral).await?;
            let not_verified = verified.not_known(&referral.body);
            let not_verified = not_verified.into_iter().map(|item| title(item, &referral.body)).collect();
            self.open_file(&work, child, &referral.body, not_verified).await.map_err(named_twice)?;
            self.tell(&work, [referral.referrer], NoticeKind::ReferralAccepted, id.0).await?;
            Ok(child)
        })
        .await
    }

    async fn open_file(
        &self,
        work: &Work,
        id: ChildId,
        form: &ReferralDraft,
        not_verified: Vec<String>,
    ) -> Result<(), ServiceError> {
        let mut child = work.child(id).await?;
        child.state = ChildState::Open;
        let facts = ChildFacts::of(&form.child).ok_or(ServiceError::NotFound)?;
        child.retention_month = retention::review_month(facts.birth);
        child.body.facts = Some(facts.clone());
        child.body.placement = Placement::of(&form.placement);
        child.body.legal = Legal::of(&form.legal);
        child.body.risk = RiskFacts::of(&form.risk);
        child.body.constraints = text(&form.contact, "constraints");
        child.body.not_verified = not_verified;
        work.save_child(&mut child).await?;
        if let Some(legal) = Legal::of(&form.legal) {
            self.first_order(work, id, &legal).await?;
        }
        work.index_child(id, &facts.name, facts.birth, &facts.care_first).await?;
        for (order, member) in (0_i64..).zip(&form.family) {
            let relative = self.relative(id, member, order).ok_or(ServiceError::NotFound)?;
            work.insert_relative(&relative, Uuid::now_v7()).await?;
            work.index_relative(id, member.id, &relative.person.body.name).await?;
        }
        Ok(())
    }

    /// `order` keeps the family in the order of the form.
    fn relative(&self, child: ChildId, member: &FamilyDraft, order: i64) -> Option<Relative> {
        let fields = &member.fields;
        let yes = |code: &str| Answer::from_code(fields.get(code)).is_some_and(Answer::is_yes);
        let risk_marker = RiskMarker::from_code(fields.get("risk_marker"))?;
        Some(Relative {
            person: Person {
                id: member.id,
                version: 1,
                created_ms: self.now_ms() + order,
                body: PersonBody {
                    name: Name::of(fields)?,
                    phone: text(fields, "phone"),
                    address: text(fields, "address"),
                    language: text(fields, "language"),
                    interpreter: yes("interpreter"),
                },
            },
            child,
            relation: RelationBody {
                relationship: Relationship::from_code(fields.get("relationship"))?,
                entitlement: Entitlement::from_code(fields.get("entitlement"))?,
                parental_responsibility: yes("parental_responsibility"),
                may_attend: yes("may_attend"),
                risk_marker,
                risk_detail: text(fields, "risk_detail").filter(|_| risk_marker != RiskMarker::NoneKnown),
            },
        })
    }
}

fn text(fields: &Fields, code: &str) -> Option<String> {
    Some(fields.get(code).trim()).filter(|text| !text.is_empty()).map(|text| text.replace("\r\n", "\n"))
}
