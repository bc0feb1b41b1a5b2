//! Versions of the register: drafted by the data protection officer, proposed, decided by a manager who had no hand in it, in force
//! from a day. No more than one is on its way at a time, so that none is drafted beside what another will say.

use kith_domain::access::Role;
use kith_domain::calendar::{day_number, day_of, instant_ms};
use kith_domain::decision::Decided;
use kith_domain::form::Words;
use kith_domain::ids::{AccountId, RegisterVersionId};
use kith_domain::notice::NoticeKind;
use kith_domain::register::{RegisterBody, RegisterProposal, RegisterState, RegisterText};
use kith_store::{Job, RegisterVersion, StoreError, Work};
use serde::{Deserialize, Serialize};

use super::{Change, Contradiction, Register, RegisterError, contradictions, difference};
use crate::paging::{Paged, window};
use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// The kind of a job that puts a version in force on its day.
pub(crate) const IN_FORCE: &str = "register.in_force";

/// Which version.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct OfVersion {
    register: RegisterVersionId,
}

/// A version with what a page needs beside it.
pub struct RegisterVersionView {
    /// The version.
    pub version: RegisterVersion,
    /// The number of the version that it took, or is to take, the place of; `None` for the first.
    pub before: Option<i64>,
    /// What it says otherwise than that.
    pub changes: Vec<Change>,
    /// What speaks against it, as long as something is to come of it.
    pub against: Vec<Contradiction>,
    /// Whether this person may write at it, and propose it.
    pub may_edit: bool,
    /// Whether this person may withdraw it.
    pub may_withdraw: bool,
    /// Whether this person may decide it.
    pub may_decide: bool,
}

impl Desk {
    /// A page, from 1, of the versions of the register, the newest first.
    pub async fn register_versions(&self, page: usize) -> Result<Paged<RegisterVersion>, ServiceError> {
        self.allow_service("register.read").await?;
        let look = self.look();
        let (rows, total) = look.register_versions(window(page)).await?;
        look.done("register.versions_read", self.now_ms()).await?;
        Ok(Paged::new(rows, usize::try_from(total).unwrap_or(usize::MAX), page))
    }

    /// Whether this person writes versions of the register.
    pub fn edits_register(&self) -> bool {
        self.permits("register.edit", &Resource::Service)
    }

    /// Allows a new version.
    pub async fn may_edit_register(&self) -> Result<(), ServiceError> {
        self.allow_service("register.edit").await
    }

    /// One version, with what it says otherwise than the one before and what speaks against it.
    pub async fn register_version(&self, id: RegisterVersionId) -> Result<RegisterVersionView, ServiceError> {
        self.allow_service("register.read").await?;
        let look = self.look();
        let version = match look.register_version(id).await {
            Err(StoreError::NotFound) => return self.unknown("register.read", id.0).await,
            found => found?,
        };
        let before = look.register_before(version.number).await?;
        let open = version.state.is_open();
        let against = if open { self.speaks_against(&look, &version.body.text).await? } else { Vec::new() };
        look.done("register.version_read", self.now_ms()).await?;
        let changes = before.as_ref().map(|before| difference(&before.body.text, &version.body.text));
        let edits = self.edits_register();
        let decides = self.permits("register.decide", &Resource::Service);
        Ok(RegisterVersionView {
            before: before.map(|before| before.number),
            changes: changes.unwrap_or_default(),
            against,
            may_edit: edits && version.state == RegisterState::Draft,
            may_withdraw: edits && open,
            may_decide: decides && version.state == RegisterState::Proposed && !version.body.is_by(self.me()?),
            version,
        })
    }

    /// Begins a version. Sent twice it is begun once.
    pub async fn begin_register_version(&self, id: RegisterVersionId, text: &RegisterText) -> Result<(), ServiceError> {
        self.allow_service("register.edit").await?;
        read(text)?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        let begun = self.change("register.drafted", |work| async move {
            if let Some(open) = work.register_open().await?.filter(|open| open.id != id) {
                let words = format!(
                    "Version {} is on its way ({}). Withdraw it, or wait until it is in force: two at a time would undo each other",
                    open.number,
                    open.state.label().to_lowercase()
                );
                return Err(ServiceError::rule("register.one_at_a_time", words));
            }
            let mut row = RegisterVersion {
                id,
                version: 0,
                number: 0,
                author: Some(me),
                state: RegisterState::Draft,
                created_ms: now_ms,
                from_day: None,
                body: RegisterBody::new(text, Some(me)),
            };
            Ok(work.insert_register_version(&mut row).await?)
        });
        match begun.await {
            Err(ServiceError::Store(StoreError::Duplicate)) => self.register_version(id).await.map(drop),
            begun => begun,
        }
    }

    /// Puts another text in a draft. [`ServiceError::Conflict`] when somebody else saved over the version that was read.
    pub async fn save_register_version(
        &self,
        id: RegisterVersionId,
        version: i64,
        text: &RegisterText,
    ) -> Result<(), ServiceError> {
        self.allow_service("register.edit").await?;
        read(text)?;
        let me = self.me()?;
        self.change("register.saved", |work| async move {
            let mut row = work.register_version(id).await?;
            if row.state != RegisterState::Draft {
                return Err(ServiceError::rule("register.not_a_draft", NOT_A_DRAFT));
            }
            if row.version != version {
                let words = "A colleague saved this draft while you wrote. Open it again, and put in what you changed";
                return Err(ServiceError::field("register", words));
            }
            row.body.write(text, me);
            Ok(work.save_register_version(&mut row).await?)
        })
        .await
    }

    /// Sends a draft to the managers for a decision.
    pub async fn propose_register_version(
        &self,
        id: RegisterVersionId,
        proposal: &RegisterProposal,
    ) -> Result<(), ServiceError> {
        self.allow_service("register.edit").await?;
        let proposed = Decided { by: self.me()?, at_ms: self.now_ms(), why: proposal.why.clone() };
        let (proposed, managers) = (&proposed, &self.in_use(Role::Manager));
        self.change("register.proposed", |work| async move {
            let mut row = work.register_version(id).await?;
            if !row.state.leads_to(RegisterState::Proposed) {
                return Err(ServiceError::rule("register.not_a_draft", NOT_A_DRAFT));
            }
            self.nothing_against(&work, &row).await?;
            let before = work.register_in_force().await?;
            let same = |before: RegisterVersion| difference(&before.body.text, &row.body.text).is_empty();
            if before.is_some_and(same) {
                let words = "This draft says nothing else than what is in force. Change something, or withdraw it";
                return Err(ServiceError::rule("register.no_difference", words));
            }
            row.state = RegisterState::Proposed;
            row.from_day = Some(day_number(proposal.from));
            row.body.proposed = Some(proposed.clone());
            work.save_register_version(&mut row).await?;
            self.tell(&work, managers.clone(), NoticeKind::RegisterProposed, id.0).await
        })
        .await
    }

    /// Approves or refuses a version, with why; nobody decides what they had a hand in. What is approved is in force from its day, or at
    /// once when that has come.
    pub async fn decide_register_version(
        &self,
        id: RegisterVersionId,
        approve: bool,
        why: &Words,
    ) -> Result<(), ServiceError> {
        self.allow_service("register.decide").await?;
        let (me, now_ms, today) = (self.me()?, self.now_ms(), day_number(self.service.today()));
        let decided = &Decided { by: me, at_ms: now_ms, why: why.as_str().to_owned() };
        self.change("register.decided", |work| async move {
            let mut row = work.register_version(id).await?;
            if row.body.is_by(me) {
                let words = "You had a hand in this version: a manager who had none decides it";
                return Err(ServiceError::rule("register.own", words));
            }
            let from_day = row.from_day.unwrap_or(today).max(today);
            let next = match (approve, from_day > today) {
                (false, _) => RegisterState::Refused,
                (true, true) => RegisterState::Approved,
                (true, false) => RegisterState::InForce,
            };
            if !row.state.leads_to(next) || row.state != RegisterState::Proposed {
                return Err(ServiceError::rule(
                    "register.decided",
                    "This version does not wait for a decision any more",
                ));
            }
            row.body.decided = Some(decided.clone());
            let whom: Vec<AccountId> = row.body.proposed.iter().map(|of| of.by).collect();
            if next == RegisterState::Refused {
                row.state = next;
                work.save_register_version(&mut row).await?;
            } else {
                self.nothing_against(&work, &row).await?;
                row.from_day = Some(from_day);
                if next == RegisterState::InForce {
                    self.put_in_force(&work, &mut row).await?;
                } else {
                    row.state = next;
                    work.save_register_version(&mut row).await?;
                    let first = instant_ms(day_of(from_day), 0);
                    work.enqueue(IN_FORCE, &OfVersion { register: id }, first).await?;
                }
            }
            work.put_away(NoticeKind::RegisterProposed, id.0, now_ms).await?;
            self.tell(&work, whom, NoticeKind::RegisterDecided, id.0).await
        })
        .await?;
        self.service.follow_register().await
    }

    /// Withdraws a version of which something was still to come.
    pub async fn withdraw_register_version(&self, id: RegisterVersionId) -> Result<(), ServiceError> {
        self.allow_service("register.edit").await?;
        self.change("register.withdrawn", |work| async move {
            let mut row = work.register_version(id).await?;
            if !row.state.leads_to(RegisterState::Withdrawn) {
                let words = "This version cannot be withdrawn any more: begin another that says what it should";
                return Err(ServiceError::rule("register.not_open", words));
            }
            row.state = RegisterState::Withdrawn;
            row.body.ended_ms = Some(self.now_ms());
            work.save_register_version(&mut row).await?;
            Ok(work.put_away(NoticeKind::RegisterProposed, id.0, self.now_ms()).await?)
        })
        .await
    }

    /// The day of an approved version has come: it is in force, or it is not, because something speaks against it since.
    pub(crate) async fn bring_register_in_force(&self, job: &Job) -> Result<(), ServiceError> {
        let OfVersion { register: id } = job.payload()?;
        self.change("register.in_force", |work| async move {
            let mut row = work.register_version(id).await?;
            if row.state == RegisterState::Approved {
                let against = self.speaks_against(&work, &row.body.text).await?;
                if against.is_empty() {
                    self.put_in_force(&work, &mut row).await?;
                } else {
                    row.state = RegisterState::Stopped;
                    row.body.ended_ms = Some(self.now_ms());
                    row.body.stopped = against.iter().map(Contradiction::words).collect();
                    work.save_register_version(&mut row).await?;
                    let whom = [self.in_use(Role::DataProtection), self.in_use(Role::Manager)].concat();
                    self.tell(&work, whom, NoticeKind::RegisterStopped, id.0).await?;
                }
            }
            self.job_done(&work, job).await
        })
        .await?;
        self.service.follow_register().await
    }

    /// Puts a version in the place of the one in force.
    async fn put_in_force(&self, work: &Work, row: &mut RegisterVersion) -> Result<(), ServiceError> {
        let now_ms = self.now_ms();
        if let Some(mut before) = work.register_in_force().await? {
            before.state = RegisterState::Ended;
            before.body.ended_ms = Some(now_ms);
            work.save_register_version(&mut before).await?;
        }
        row.state = RegisterState::InForce;
        row.body.in_force_ms = Some(now_ms);
        work.save_register_version(row).await?;
        // When requests end is worked out anew, by what is in force from now on.
        work.hurry_ends_of_requests(now_ms).await?;
        let whom = [self.in_use(Role::DataProtection), self.in_use(Role::Manager)].concat();
        self.tell(work, whom, NoticeKind::RegisterInForce, row.id.0).await
    }

    /// What speaks against a text, by what is in use in this scope.
    async fn speaks_against(&self, look: &kith_store::Look, text: &str) -> Result<Vec<Contradiction>, ServiceError> {
        let in_use = look.in_use().await?;
        Ok(match read(&RegisterText::new(text)) {
            Ok(register) => contradictions(&register, self.service.register(), &in_use),
            // It could be read when it was saved: a Kith of another release reads it otherwise.
            Err(ServiceError::Invalid(problems)) => {
                problems.into_iter().map(|of| Contradiction::of_text("The text", of.message)).collect()
            }
            Err(error) => return Err(error),
        })
    }

    async fn nothing_against(&self, work: &Work, row: &RegisterVersion) -> Result<(), ServiceError> {
        let against = self.speaks_against(work, &row.body.text).await?;
        if against.is_empty() {
            return Ok(());
        }
        let words: Vec<String> = against.iter().map(Contradiction::words).collect();
        Err(ServiceError::rule("register.contradicts", words.join(". ")))
    }
}

pub(super) const NOT_A_DRAFT: &str = "This version is no draft any more. Withdraw it and begin another";

/// The register that a text says, or which line is wrong.
pub(super) fn read(text: &RegisterText) -> Result<Register, ServiceError> {
    parse(text.as_str()).map_err(|error| match error {
        RegisterError::Wrong { line, message, .. } => {
            ServiceError::field("register", format!("Line {line}: {message}"))
        }
        other => ServiceError::field("register", other.to_string()),
    })
}

/// What is wrong with a text; nothing with a register.
pub(super) fn what_is_wrong(text: &str) -> Option<RegisterError> {
    parse(text).err()
}

fn parse(text: &str) -> Result<Register, RegisterError> {
    Register::parse(std::path::Path::new("register"), text)
}

#[cfg(test)]
mod tests;
