//! Brothers and sisters on one referral: added with what is their own, and taken off with a reason.

use jiff::civil::Date;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{ChildId, PersonId, ReferralId};
use kith_domain::notice::NoticeKind;
use kith_domain::referral::{CHILDREN_LIMIT, Ending, Part, Section, SiblingDraft};
use kith_store::{Referral, StoreError, Work};

use super::write::{SavedPart, editable, referred};
use crate::drafts::{bounded, bounded_in_all};
use crate::{Desk, ServiceError};

impl Desk {
    /// Saves one of a brother's or sister's own sections as typed, over the version that was shown; a child who is not on
    /// the form yet is added with a file of their own. `child` was made when the form was shown: sending it twice adds one.
    ///
    /// [`ServiceError::Conflict`] gives what somebody else saved meanwhile.
    pub async fn save_sibling(
        &self,
        id: ReferralId,
        (child, section): (ChildId, Section),
        typed: &Fields,
        version: i64,
    ) -> Result<SavedPart, ServiceError> {
        let scope = self.allow_referral("referral.edit", id).await?;
        bounded(typed)?;
        let today = self.service.today();
        if self.sibling_referral(id, child, section).await?.body.sibling(child).is_none() {
            self.service.store().create_file_key(child.0).await?;
        }
        let part = Part { section, sibling: Some(child) };
        let (kept, now_ms) = (self.draft_kept(), self.now_ms());
        let saved = self
            .change("referral.saved", |work| {
                let (typed, area, kept) = (typed.clone(), scope.area.clone(), kept.clone());
                async move {
                    let mut referral = work.referral(id).await?;
                    editable(&referral)?;
                    let typed = referral.body.with_home(&typed);
                    if let Some(sibling) = referral.body.siblings.iter_mut().find(|sibling| sibling.id == child) {
                        let there = sibling.fields(section).ok_or(ServiceError::NotFound)?;
                        if there == typed {
                            let problems = referral.body.problems_of(part, today);
                            return Ok(unchanged(&work, &referral, part, problems, today));
                        }
                        if referral.version != version && !there.is_blank() {
                            return Err(ServiceError::Conflict { theirs: Box::new(there), version: referral.version });
                        }
                        sibling.set_fields(section, typed);
                    } else {
                        work.insert_child(&mut referred(child, area, referral.referrer, now_ms, kept)).await?;
                        let mut sibling = SiblingDraft::new(child);
                        sibling.set_fields(section, typed);
                        referral.body.siblings.push(sibling);
                    }
                    let problems = referral.body.problems_of(part, today);
                    bounded_in_all(&referral)?;
                    work.save_referral(&mut referral).await?;
                    self.note_kept(&work, &referral).await?;
                    Ok(SavedPart::of(&referral, part, problems, today))
                }
            })
            .await;
        match saved {
            // An id that is somebody's already: no browser of ours makes one.
            Err(ServiceError::Store(StoreError::Duplicate)) => Err(ServiceError::NotFound),
            other => other,
        }
    }

    /// Saves how a member of the family stands to a brother or sister, where it is not as they stand to the first child;
    /// `None` when it is.
    pub async fn save_relation(
        &self,
        id: ReferralId,
        (child, person): (ChildId, PersonId),
        typed: Option<&Fields>,
        version: i64,
    ) -> Result<SavedPart, ServiceError> {
        self.allow_referral("referral.edit", id).await?;
        typed.map_or(Ok(()), bounded)?;
        let today = self.service.today();
        let part = Part { section: Section::Family, sibling: Some(child) };
        self.change("referral.saved", |work| async move {
            let mut referral = work.referral(id).await?;
            editable(&referral)?;
            if !referral.body.family.iter().any(|member| member.id == person) {
                return Err(ServiceError::NotFound);
            }
            not_taken_off(&referral, child)?;
            let read = referral.version;
            let sibling = referral.body.siblings.iter_mut().find(|sibling| sibling.id == child);
            let relations = &mut sibling.ok_or(ServiceError::NotFound)?.relations;
            let there = relations.get(&person);
            let stands = there == typed;
            if let Some(there) = there.filter(|_| read != version && !stands) {
                return Err(ServiceError::Conflict { theirs: Box::new(there.clone()), version: read });
            }
            match typed {
                Some(typed) => relations.insert(person, typed.clone()),
                None => relations.remove(&person),
            };
            let problems = typed.map(|typed| kith_domain::referral::relation_problems(typed, today));
            let problems = problems.unwrap_or_default();
            if stands {
                return Ok(unchanged(&work, &referral, part, problems, today));
            }
            bounded_in_all(&referral)?;
            work.save_referral(&mut referral).await?;
            Ok(SavedPart::of(&referral, part, problems, today))
        })
        .await
    }

    /// Takes a child off a referral, with a reason: the social worker while they write it, and they or the coordinator until
    /// it is decided. What was typed of the child, and what the call established, is kept; the others go on.
    pub async fn take_child_off_referral(
        &self,
        id: ReferralId,
        child: ChildId,
        ending: &Ending,
    ) -> Result<(), ServiceError> {
        let view = self.referral(id).await?;
        if view.referral.body.taken_off.iter().any(|taken| taken.own.id == child) {
            return Ok(());
        }
        if view.may_decide {
            self.allow_referral("referral.decide", id).await?;
        } else {
            self.allow_referral("referral.edit", id).await?;
        }
        let by = (self.me()?, self.now_ms());
        self.change("referral.child_taken_off", |work| async move {
            let mut referral = work.referral(id).await?;
            if !(referral.state.can_be_edited() || referral.state.is_waiting()) {
                return Err(ServiceError::rule(
                    "referral.wrong_state",
                    format!(
                        "This referral is {}, so its children stay as they are. A child with a file has no contact any more \
                         when their contact plan is ended",
                        referral.state.label().to_lowercase()
                    ),
                ));
            }
            if !referral.children().contains(&child) {
                return Err(ServiceError::NotFound);
            }
            let first = referral.child;
            let before = referral.body.clone();
            let (form, now_first) = referral.body.take_off(child, first, ending, by)?;
            (referral.body, referral.child) = (form, now_first);
            work.save_referral(&mut referral).await?;
            if let Some(mut of) = work.verification(id).await? {
                if now_first != first {
                    let together = before.sibling(now_first).is_some_and(|sibling| sibling.lives_together);
                    of.body.first_is_now(first, now_first, together);
                }
                of.children = referral.children();
                work.save_verification(&mut of).await?;
            }
            self.note_kept(&work, &referral).await?;
            self.tell(&work, [referral.referrer], NoticeKind::ReferralChildTakenOff, id.0).await
        })
        .await
    }

    /// The referral, for a section that a brother or sister has.
    async fn sibling_referral(
        &self,
        id: ReferralId,
        child: ChildId,
        section: Section,
    ) -> Result<Referral, ServiceError> {
        let look = self.look();
        let referral = look.referral(id).await?;
        look.done("referral.read", self.now_ms()).await?;
        let is_own = matches!(section, Section::Child | Section::Placement);
        if !is_own || child == referral.child {
            return Err(ServiceError::NotFound);
        }
        editable(&referral)?;
        not_taken_off(&referral, child)?;
        if referral.body.sibling(child).is_none() && referral.body.siblings.len() + 1 >= CHILDREN_LIMIT {
            let words = format!("A referral is for at most {CHILDREN_LIMIT} children. Refer the others on another one");
            return Err(ServiceError::rule("referral.too_many_children", words));
        }
        Ok(referral)
    }
}

/// A page of a child who was taken off meanwhile: what was typed there is given back.
fn not_taken_off(referral: &Referral, child: ChildId) -> Result<(), ServiceError> {
    if referral.body.taken_off.iter().any(|taken| taken.own.id == child) {
        return Err(ServiceError::rule(
            "referral.child_taken_off",
            "This child has been taken off the referral. If the child is to be referred after all, add a brother or sister",
        ));
    }
    Ok(())
}

/// Sent twice: it is saved already.
fn unchanged(work: &Work, referral: &Referral, part: Part, problems: Vec<Problem>, today: Date) -> SavedPart {
    work.changed("referral", referral.id.0, referral.version);
    SavedPart::of(referral, part, problems, today)
}
