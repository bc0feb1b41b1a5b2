//! Legal holds: set, looked at again, lifted. Lifting destroys nothing, and no hold is ever taken away.

use std::collections::BTreeSet;

use kith_domain::access::{Purpose, Role};
use kith_domain::calendar::{day_number, day_of, instant_ms};
use kith_domain::form::{Fields, Words};
use kith_domain::ids::{ChildId, HoldId, PersonId, ReferralId};
use kith_domain::notice::NoticeKind;
use kith_domain::retention::{HoldBody, HoldKind, HoldReview, Lifted, SetHold, review_after};
use kith_store::{HoldFile, LegalHold, Look, StoreError, Work};
use uuid::Uuid;

use crate::policy::Resource;
use crate::waiting::MORNING;
use crate::{Desk, ServiceError};

/// A hold in a list. No Debug: it may speak of people.
pub struct HoldLine {
    /// The hold.
    pub hold: LegalHold,
    /// What it keeps, in words that name nobody.
    pub keeps: String,
}

/// A hold with what a page needs beside it. No Debug.
pub struct HoldView {
    /// The hold.
    pub line: HoldLine,
    /// Who set it.
    pub author: String,
    /// The files that it keeps now: reference, and whether this person may read the file.
    pub files: Vec<(ChildId, bool)>,
    /// Whether this person may look at it again, add to it and lift it.
    pub may_change: bool,
}

/// What the form of a new hold offers. No Debug: it names people.
pub struct HoldChoices {
    /// The file from which it is set; `None` for a theme.
    pub child: Option<ChildId>,
    /// The people of the family by name, for who reads the file.
    pub people: Vec<(PersonId, String)>,
    /// The referrals that the child is on.
    pub referrals: Vec<ReferralId>,
}

/// A hold that is to be set. No Debug.
#[derive(Clone)]
pub struct NewHold {
    /// The id it will have, made when the form was shown: sent twice it is one.
    pub id: HoldId,
    /// From which file; `None` for a theme.
    pub child: Option<ChildId>,
    /// The person or the referral, where it keeps one.
    pub subject: Option<Uuid>,
    /// What it keeps, who asked for it, why, until when.
    pub set: SetHold,
}

fn too_late() -> ServiceError {
    ServiceError::rule(
        "hold.too_late",
        "This file has been destroyed, or is being destroyed at this moment: the hold came too late and keeps nothing. Tell \
         whoever asked for it; the certificate says when and by whom it was approved",
    )
}

fn keeps(hold: &LegalHold) -> String {
    let of = hold.subject.map(ChildId).map(ChildId::reference).unwrap_or_default();
    match hold.kind {
        HoldKind::File => format!("The file {of}"),
        HoldKind::Family => format!("The file {of}, with brothers and sisters"),
        HoldKind::Person => format!("Every file in which a person of {} stands", references(&hold.body.children)),
        HoldKind::Referral => format!("The files of the referral {of}"),
        HoldKind::Theme => hold.body.name.clone().unwrap_or_else(|| "A theme".to_owned()),
    }
}

fn references(children: &[ChildId]) -> String {
    kith_domain::words::in_words(&children.iter().map(|child| child.reference()).collect::<Vec<_>>())
}

impl Desk {
    /// The holds that this person may see: the data protection officer all, a manager those of their area and themes.
    pub(super) async fn visible_holds(&self, look: &Look, lifted: bool) -> Result<Vec<HoldLine>, ServiceError> {
        let mut holds = look.holds(lifted).await?;
        if self.actor().role != Role::DataProtection {
            let all: Vec<ChildId> = holds.iter().flat_map(|hold| hold.body.children.iter().copied()).collect();
            let theirs: BTreeSet<ChildId> = look
                .file_scopes(&all)
                .await?
                .into_iter()
                .filter(|scope| self.permits("hold.set", &Resource::File(scope)))
                .map(|scope| scope.child)
                .collect();
            holds.retain(|hold| {
                hold.kind == HoldKind::Theme || hold.body.children.iter().any(|child| theirs.contains(child))
            });
        }
        Ok(holds.into_iter().map(|hold| HoldLine { keeps: keeps(&hold), hold }).collect())
    }

    /// The holds that stand, or those that were lifted.
    pub async fn holds(&self, lifted: bool) -> Result<Vec<HoldLine>, ServiceError> {
        self.allow_service("retention.read").await?;
        let look = self.look();
        let holds = self.visible_holds(&look, lifted).await?;
        look.done("holds.read", self.now_ms()).await?;
        Ok(holds)
    }

    /// One hold.
    pub async fn hold(&self, id: HoldId) -> Result<HoldView, ServiceError> {
        self.allow_service("retention.read").await?;
        let look = self.look();
        let hold = match look.hold_of(id).await {
            Err(StoreError::NotFound) => return self.unknown("retention.read", id.0).await,
            hold => hold?,
        };
        self.allow_hold(&look, &hold).await?;
        let kept = look.kept_by(id).await?;
        let scopes = look.file_scopes(&kept).await?;
        look.done("hold.read", self.now_ms()).await?;
        let reads = self.service.desk(self.actor().clone(), Purpose::ServiceDelivery);
        let files = scopes.iter().map(|of| (of.child, reads.permits("file.read", &Resource::File(of)))).collect();
        let author = self.service.name_of(hold.author);
        let line = HoldLine { keeps: keeps(&hold), hold };
        Ok(HoldView { author, files, may_change: line.hold.lifted_ms.is_none(), line })
    }

    /// Allows something to a hold: by any of the files that it was set for.
    async fn allow_hold(&self, look: &Look, hold: &LegalHold) -> Result<(), ServiceError> {
        if hold.kind == HoldKind::Theme {
            return self.allow_service("holds.keep").await;
        }
        let scopes = look.file_scopes(&hold.body.children).await?;
        if scopes.iter().any(|scope| self.permits("hold.set", &Resource::File(scope))) {
            return Ok(());
        }
        self.unknown("hold.set", hold.id.0).await
    }

    /// The file of a reference that somebody typed, for a hold.
    pub async fn file_for_hold(&self, reference: &str) -> Result<ChildId, ServiceError> {
        self.allow_service("holds.keep").await?;
        let found = self.look().file_with_reference(reference).await?;
        let missing =
            || ServiceError::field("reference", "There is no file of this reference that you can see. Check it");
        let child = found.ok_or_else(missing)?;
        match self.allow_file("hold.set", child).await {
            Err(ServiceError::NotFound) => Err(missing()),
            allowed => allowed.map(|_| child),
        }
    }

    /// What the form of a new hold offers.
    pub async fn hold_choices(&self, child: Option<ChildId>) -> Result<HoldChoices, ServiceError> {
        let Some(child) = child else {
            self.allow_service("holds.keep").await?;
            return Ok(HoldChoices { child: None, people: Vec::new(), referrals: Vec::new() });
        };
        let scope = self.allow_file("hold.set", child).await?;
        let referrals = self.look().referral_ids_of(&[child]).await?.into_iter().map(|(_, id)| id).collect();
        let reads = self.service.desk(self.actor().clone(), Purpose::ServiceDelivery);
        let mut people = Vec::new();
        // Names are for who reads the file anyway.
        if reads.permits("file.read", &Resource::File(&scope)) {
            let (look, _) = reads.look_into_file("file.read", child).await?;
            people = look.family(child).await?.iter().map(|of| (of.person.id, of.name())).collect();
            look.done("hold.begun", self.now_ms()).await?;
        }
        Ok(HoldChoices { child: Some(child), people, referrals })
    }

    /// Sets a hold. Whoever destroys a file reads the holds in the same transaction: a hold at the same moment wins, or is refused
    /// as `hold.too_late`.
    pub async fn set_hold(&self, new: &NewHold) -> Result<(), ServiceError> {
        match new.child {
            Some(child) => self.allow_file("hold.set", child).await.map(drop)?,
            None => self.allow_service("holds.keep").await?,
        }
        let (me, now_ms) = (self.me()?, self.now_ms());
        let set = self.change("hold.set", |work| async move {
            let subject = self.subject_of(&work, new).await?;
            let children = match subject {
                Some(subject) => self.there_among(&work, work.would_keep(new.set.kind, subject).await?).await?,
                None => Vec::new(),
            };
            if subject.is_some() && children.is_empty() {
                return Err(too_late());
            }
            let mut hold = LegalHold {
                id: new.id,
                version: 0,
                kind: new.set.kind,
                subject,
                author: me,
                set_ms: now_ms,
                review_day: day_number(new.set.review_on),
                lifted_ms: None,
                body: HoldBody {
                    children,
                    name: new.set.name.clone(),
                    asked_by: new.set.asked.by.clone(),
                    why: new.set.asked.why.clone(),
                    reviews: Vec::new(),
                    lifted: None,
                },
            };
            work.insert_hold(&mut hold).await?;
            self.remind_of_hold(&work, &hold).await
        });
        match set.await {
            // The same form again: it is there.
            Err(ServiceError::Store(StoreError::Duplicate)) => self.hold(new.id).await.map(drop),
            set => set,
        }
    }

    /// The child, person or referral that a new hold keeps: one of the file from which it is set.
    async fn subject_of(&self, look: &Look, new: &NewHold) -> Result<Option<Uuid>, ServiceError> {
        let Some(child) = new.child else {
            if new.set.kind == HoldKind::Theme {
                return Ok(None);
            }
            return Err(ServiceError::field(
                "kind",
                "A hold without a file is a theme. Open it from the file otherwise",
            ));
        };
        Ok(match (new.set.kind, new.subject) {
            (HoldKind::File | HoldKind::Family, _) => Some(child.0),
            (HoldKind::Person, Some(person)) => {
                let files = look.would_keep(HoldKind::Person, person).await?;
                let wrong = || ServiceError::field("person", "Choose one of the people of this file");
                files.contains(&child).then_some(person).ok_or_else(wrong).map(Some)?
            }
            (HoldKind::Referral, Some(referral)) => {
                let on = look.referral_ids_of(&[child]).await?;
                let wrong = || ServiceError::field("referral", "Choose one of the referrals of this child");
                on.iter().any(|(_, id)| id.0 == referral).then_some(referral).ok_or_else(wrong).map(Some)?
            }
            (HoldKind::Person, None) => return Err(ServiceError::field("person", "Choose the person")),
            (HoldKind::Referral, None) => return Err(ServiceError::field("referral", "Choose the referral")),
            (HoldKind::Theme, _) => None,
        })
    }

    async fn there_among(&self, look: &Look, files: Vec<ChildId>) -> Result<Vec<ChildId>, ServiceError> {
        let mut there = Vec::with_capacity(files.len());
        for file in files {
            if !look.is_destroyed(file).await? {
                there.push(file);
            }
        }
        Ok(there)
    }

    async fn remind_of_hold(&self, work: &Work, hold: &LegalHold) -> Result<(), ServiceError> {
        let due_ms = instant_ms(day_of(hold.review_day), MORNING);
        self.remind(work, NoticeKind::HoldReviewBy, hold.id.0, ChildId(Uuid::nil()), due_ms).await
    }

    /// Whom a hold that is to be looked at again is told: who set it, and the data protection officers. Nobody while it is not due.
    pub(crate) async fn concerned_by_hold(
        &self,
        work: &Work,
        id: HoldId,
    ) -> Result<Vec<kith_domain::ids::AccountId>, ServiceError> {
        let Some(hold) = kith_store::unless_destroyed(work.hold_of(id).await)? else { return Ok(Vec::new()) };
        if hold.lifted_ms.is_some() || hold.review_day > day_number(self.service.today()) {
            return Ok(Vec::new());
        }
        let mut whom = self.in_use(Role::DataProtection);
        if !whom.contains(&hold.author) {
            whom.push(hold.author);
        }
        Ok(whom)
    }

    /// Says why a hold is still needed, and by which day it is looked at again.
    pub async fn review_hold(&self, id: HoldId, typed: &Fields) -> Result<(), ServiceError> {
        let (me, now_ms, today) = (self.me()?, self.now_ms(), self.service.today());
        self.hold(id).await?;
        let (why, review_on) = review_after(typed, today).map_err(ServiceError::Invalid)?;
        let (why, review_day) = (&why, day_number(review_on));
        self.change("hold.reviewed", |work| async move {
            let mut hold = standing(work.hold_of(id).await?)?;
            let again = HoldReview { by: me, at_ms: now_ms, why: why.clone() };
            if hold.body.reviews.last().is_some_and(|last| last.by == me && last.why == again.why)
                && hold.review_day == review_day
            {
                work.changed("legal_hold", id.0, hold.version);
                return Ok(());
            }
            hold.body.reviews.push(again);
            hold.review_day = review_day;
            work.save_hold(&mut hold).await?;
            work.put_away(NoticeKind::HoldReviewBy, id.0, now_ms).await?;
            self.remind_of_hold(&work, &hold).await
        })
        .await
    }

    /// Lifts a hold. Nothing is destroyed by it: what was on a list is proposed anew.
    pub async fn lift_hold(&self, id: HoldId, why: &Words) -> Result<(), ServiceError> {
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.hold(id).await?;
        self.change("hold.lifted", |work| async move {
            let mut hold = standing(work.hold_of(id).await?)?;
            hold.lifted_ms = Some(now_ms);
            hold.body.lifted = Some(Lifted { by: me, why: why.as_str().to_owned() });
            work.save_hold(&mut hold).await?;
            Ok(work.put_away(NoticeKind::HoldReviewBy, id.0, now_ms).await?)
        })
        .await
    }

    /// Adds a file to a theme; one that is there already changes nothing.
    pub async fn add_to_hold(&self, id: HoldId, child: ChildId) -> Result<(), ServiceError> {
        self.allow_file("hold.set", child).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        let view = self.hold(id).await?;
        if view.line.hold.kind != HoldKind::Theme {
            return Err(ServiceError::NotFound);
        }
        self.change("hold.file_added", |work| async move {
            standing(work.hold_of(id).await?)?;
            if work.is_destroyed(child).await? {
                return Err(too_late());
            }
            work.add_to_theme(id, HoldFile { child, added_ms: now_ms, by: me }).await?;
            Ok(())
        })
        .await
    }
}

fn standing(hold: LegalHold) -> Result<LegalHold, ServiceError> {
    if hold.lifted_ms.is_none() {
        return Ok(hold);
    }
    Err(ServiceError::rule("hold.lifted", "This hold has been lifted. Set a new one if it is needed again"))
}
