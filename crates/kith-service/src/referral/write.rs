//! Writing a referral: section by section, saved as typed, checked, sent. A draft is kept as it was typed, whatever is wrong
//! with it: that is why these functions take a form and not a command of the domain, which a form with a mistake in it is not.

use jiff::civil::Date;
use kith_domain::access::Role;
use kith_domain::allocation::ChangeWorker;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{AccountId, ChildId, PersonId, ReferralId};
use kith_domain::notice::NoticeKind;
use kith_domain::referral::{
    CopyFor, Ending, FAMILY_LIMIT, FamilyDraft, Next, Part, ReferralDraft, ReferralMove, ReferralState, Section,
};
use kith_domain::retention::FileKept;
use kith_store::{Child, ChildBody, ChildState, Earlier, Referral, Relative, StoreError};

use uuid::Uuid;

use crate::drafts::{bounded, bounded_in_all};
use crate::{Desk, ServiceError};

/// A section that was saved: what was typed is kept even when something in it is wrong.
pub struct SavedPart {
    /// The version now.
    pub version: i64,
    /// What is still wrong with it.
    pub problems: Vec<Problem>,
    /// Where to go on.
    pub next: Next,
}

impl SavedPart {
    /// A part of a referral as it stands.
    pub(super) fn of(referral: &Referral, part: Part, problems: Vec<Problem>, today: Date) -> SavedPart {
        SavedPart { version: referral.version, problems, next: referral.body.next_after(part, today) }
    }
}

/// What a referral begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyFrom {
    /// What an earlier referral says.
    Referral(ReferralId),
    /// What a child's file says now.
    File(ChildId),
}

impl Desk {
    /// Whether this person refers children at all.
    pub async fn may_refer(&self) -> Result<(), ServiceError> {
        self.allow_service("referral.create").await
    }

    /// Begins a referral, with what an earlier one or a file says if one is given that this person may read. `id` was made when
    /// the form was shown: sending it twice begins one referral.
    pub async fn begin_referral(
        &self,
        id: ReferralId,
        from: Option<(CopyFrom, CopyFor)>,
    ) -> Result<ReferralId, ServiceError> {
        self.allow_service("referral.create").await?;
        let form = match from {
            Some((from, whom)) => {
                let earlier = match from {
                    CopyFrom::Referral(from) => self.referral(from).await?.referral.body,
                    CopyFrom::File(child) => self.as_referred(child).await?,
                };
                earlier.copied_for(whom, || PersonId(Uuid::now_v7()))
            }
            None => ReferralDraft::default(),
        };
        self.room_for_a_draft().await?;
        let me = self.me()?;
        let area = self.actor().area.clone();
        let file = self.new_file().await?;
        let now_ms = self.now_ms();
        let kept = self.draft_kept();
        let begun = self
            .change("referral.begun", |work| {
                let (area, kept, form) = (area.clone(), kept.clone(), form.clone());
                async move {
                    let mut child = referred(file, area.clone(), me, now_ms, kept);
                    let mut referral = Referral {
                        id,
                        version: 0,
                        child: file,
                        referrer: me,
                        area,
                        state: ReferralState::Draft,
                        created_ms: now_ms,
                        submitted_ms: None,
                        decided_ms: None,
                        body: form,
                    };
                    work.insert_child(&mut child).await?;
                    work.insert_referral(&mut referral).await?;
                    Ok(())
                }
            })
            .await;
        match begun {
            Ok(()) => Ok(id),
            // The same form again: it is there. Another's id is refused.
            Err(ServiceError::Store(StoreError::Duplicate)) => {
                self.allow_referral("referral.edit", id).await?;
                Ok(id)
            }
            Err(error) => Err(error),
        }
    }

    /// What a file says now, as the form of a referral. Who belongs to the family no more is not in it.
    async fn as_referred(&self, child: ChildId) -> Result<ReferralDraft, ServiceError> {
        let (look, _) = self.look_into_file("file.read", child).await?;
        let of = look.child(child).await?;
        let family = look.family(child).await?;
        look.done("file.copied", self.now_ms()).await?;
        let of_member = |relative: &Relative| {
            let (person, relation) = (&relative.person.body.known.values, &relative.relation.known.values);
            let all = person.iter().chain(relation.iter()).map(|(name, value)| (name.to_owned(), value.to_owned()));
            (relative.person.id, all.collect::<Fields>())
        };
        let family = family.iter().filter(|relative| !relative.relation.ended).map(of_member);
        Ok(ReferralDraft::of_file(&of.body.known.values, family))
    }

    /// Saves a section as typed, over the version that was shown. [`ServiceError::Conflict`] gives what somebody else
    /// saved meanwhile.
    pub async fn save_section(
        &self,
        id: ReferralId,
        section: Section,
        typed: &Fields,
        version: i64,
    ) -> Result<SavedPart, ServiceError> {
        self.allow_referral("referral.edit", id).await?;
        bounded(typed)?;
        let today = self.service.today();
        let part = Part { section, sibling: None };
        self.change("referral.saved", |work| {
            let typed = typed.clone();
            async move {
                let mut referral = work.referral(id).await?;
                editable(&referral)?;
                let there = referral.body.fields(section).cloned().unwrap_or_default();
                let first_look = referral.body.looked_at(section.code());
                if there == typed && !first_look {
                    // Sent twice: it is saved already. Nothing else in the form is touched.
                    let problems = referral.body.problems(section, today);
                    work.changed("referral", id.0, referral.version);
                    return Ok(SavedPart::of(&referral, part, problems, today));
                }
                // One form has one version: a section nobody has typed in yet cannot lose anything.
                if referral.version != version && !there.is_blank() {
                    return Err(ServiceError::Conflict { theirs: Box::new(there), version: referral.version });
                }
                referral.body.set_fields(section, typed);
                let problems = referral.body.problems(section, today);
                bounded_in_all(&referral)?;
                work.save_referral(&mut referral).await?;
                self.note_kept(&work, &referral).await?;
                Ok(SavedPart::of(&referral, part, problems, today))
            }
        })
        .await
    }

    /// Saves a family member as typed; one that is not there yet is added.
    pub async fn save_family_member(
        &self,
        id: ReferralId,
        person: PersonId,
        typed: &Fields,
        version: i64,
    ) -> Result<SavedPart, ServiceError> {
        self.allow_referral("referral.edit", id).await?;
        bounded(typed)?;
        let today = self.service.today();
        let part = Part { section: Section::Family, sibling: None };
        self.change("referral.saved", |work| {
            let typed = typed.clone();
            async move {
                let mut referral = work.referral(id).await?;
                editable(&referral)?;
                let member = FamilyDraft { id: person, fields: typed };
                let problems = member.problems(today);
                let full = referral.body.family.len() >= FAMILY_LIMIT;
                let first_look = referral.body.looked_at(&person.to_string());
                match referral.body.family.iter_mut().find(|known| known.id == person) {
                    Some(known) if known.fields == member.fields && !first_look => {
                        work.changed("referral", id.0, referral.version);
                        return Ok(SavedPart::of(&referral, part, problems, today));
                    }
                    Some(known) if referral.version != version => {
                        let theirs = Box::new(known.fields.clone());
                        return Err(ServiceError::Conflict { theirs, version: referral.version });
                    }
                    Some(known) => *known = member,
                    None if full => {
                        return Err(ServiceError::rule(
                            "referral.too_many_family",
                            format!("A referral names at most {FAMILY_LIMIT} family members"),
                        ));
                    }
                    None => referral.body.family.push(member),
                }
                bounded_in_all(&referral)?;
                work.save_referral(&mut referral).await?;
                self.note_kept(&work, &referral).await?;
                Ok(SavedPart::of(&referral, part, problems, today))
            }
        })
        .await
    }

    /// Takes a family member off the form.
    pub async fn remove_family_member(&self, id: ReferralId, person: PersonId) -> Result<(), ServiceError> {
        self.allow_referral("referral.edit", id).await?;
        self.change("referral.saved", |work| async move {
            let mut referral = work.referral(id).await?;
            editable(&referral)?;
            referral.body.family.retain(|known| known.id != person);
            for sibling in &mut referral.body.siblings {
                sibling.relations.remove(&person);
            }
            work.save_referral(&mut referral).await?;
            self.note_kept(&work, &referral).await
        })
        .await
    }

    /// Sends the referral, if nothing in it is missing or wrong. Sent twice is sent once.
    pub async fn submit_referral(&self, id: ReferralId) -> Result<(), ServiceError> {
        self.allow_referral("referral.edit", id).await?;
        let (today, now_ms, me) = (self.service.today(), self.now_ms(), self.me()?);
        self.change("referral.submitted", |work| async move {
            let mut referral = work.referral(id).await?;
            if referral.state == ReferralState::Submitted {
                work.changed("referral", id.0, referral.version);
                return Ok(());
            }
            referral.state = referral.state.after(ReferralMove::Submit)?;
            if let Err(sections) = referral.body.check(today) {
                let problems = sections.into_iter().map(|(part, problems)| {
                    let count = problems.len();
                    let things = if count == 1 { "1 thing".to_owned() } else { format!("{count} things") };
                    Problem::new(part.code(), format!("{}: {things} missing or to correct", part.title(&referral.body)))
                });
                return Err(ServiceError::Invalid(problems.collect()));
            }
            referral.submitted_ms = Some(now_ms);
            // Who sends it says that it is so, and is phoned.
            referral.referrer = me;
            let (area, child) = (referral.area.clone(), referral.child);
            work.save_referral(&mut referral).await?;
            self.note_kept(&work, &referral).await?;
            self.tell(&work, self.of_area(Role::Coordinator, &area), NoticeKind::ReferralSubmitted, id.0).await?;
            // Looked for a moment later, by Kith itself: how long this takes says nothing of who is known elsewhere.
            self.remind(&work, NoticeKind::MatchElsewhere, id.0, child, now_ms).await?;
            self.remind(&work, NoticeKind::ReferralVerifyBy, id.0, child, self.verify_by(now_ms)).await?;
            Ok(())
        })
        .await
    }

    /// Gives a referral that is not sent to a colleague, with the files of its children: they go on with it, and whoever gave
    /// it does not see it any more.
    pub async fn hand_over_referral(&self, id: ReferralId, command: &ChangeWorker) -> Result<(), ServiceError> {
        self.allow_referral("referral.edit", id).await?;
        self.is_social_worker(command.to, "to")?;
        if self.actor().is(command.to) {
            return Err(ServiceError::field("to", "Choose somebody else: you have this referral now"));
        }
        self.change("referral.handed_over", |work| async move {
            let referral = work.referral(id).await?;
            editable(&referral)?;
            for child in referral.children() {
                self.give(&work, child, command.to, self.access.actor.account, &command.reason).await?;
            }
            work.changed("referral", id.0, referral.version);
            Ok(())
        })
        .await
    }

    /// Takes the referral back, with a reason.
    pub async fn withdraw_referral(&self, id: ReferralId, ending: &Ending) -> Result<(), ServiceError> {
        self.allow_referral("referral.edit", id).await?;
        let now_ms = self.now_ms();
        self.change("referral.withdrawn", |work| {
            let ending = ending.clone();
            async move {
                let mut referral = work.referral(id).await?;
                referral.state = referral.state.after(ReferralMove::Withdraw)?;
                referral.decided_ms = Some(now_ms);
                referral.body.decision_reason = Some(ending.reason);
                referral.body.looked_after = ending.looked_after;
                work.save_referral(&mut referral).await?;
                self.note_kept(&work, &referral).await?;
                Ok(())
            }
        })
        .await
    }
}

/// The file of a child who is referred; nothing is known of the child yet.
pub(super) fn referred(id: ChildId, area: String, social_worker: AccountId, created_ms: i64, kept: FileKept) -> Child {
    let mut child = Child {
        id,
        version: 0,
        state: ChildState::Referred,
        area,
        social_worker,
        earlier: Earlier::default(),
        created_ms,
        body: ChildBody::default(),
    };
    child.keep(kept);
    child
}

pub(crate) fn editable(referral: &Referral) -> Result<(), ServiceError> {
    if referral.state.can_be_edited() {
        Ok(())
    } else {
        Err(ServiceError::rule(
            "referral.locked",
            format!(
                "This referral is {}, so the form cannot be changed. The coordinator can return it to you",
                referral.state.label().to_lowercase()
            ),
        ))
    }
}
