//! Something urgent that nobody has read in time is told to somebody else: to whoever covers, and then to the managers.

use std::collections::BTreeSet;

use kith_domain::access::Role;
use kith_domain::clock::after_open_minutes;
use kith_domain::ids::{AccountId, AssessmentId, ChildId, NoticeId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_domain::record::Content;
use kith_store::{Job, Look, Notice, Work};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Desk, ServiceError};

/// The kind of a job that looks whether something urgent was read.
pub(crate) const UNREAD: &str = "notice.unread";

/// What was told together: of one kind, of one subject, at one instant.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Told {
    kind: NoticeKind,
    subject: Uuid,
    at_ms: i64,
    /// When it was told to those who cover, once it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    covered_ms: Option<i64>,
}

/// An id that is made from what it is for: the same again is the same.
pub(crate) fn id_of(parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    Uuid::from_u128(u128::from_be_bytes(std::array::from_fn(|at| digest[at])))
}

/// What somebody does in the access log who reads what they were told of: a list in which it stands among others is no reading.
const fn read_by(kind: NoticeKind) -> &'static [&'static str] {
    match kind {
        NoticeKind::ConcernRaised | NoticeKind::ConcernDanger | NoticeKind::UnreadConcern => &["concern.read"],
        NoticeKind::AssessmentVoid | NoticeKind::UnreadAssessment => &["assessment.read"],
        NoticeKind::SessionRefused | NoticeKind::UnreadSession => &["session.read"],
        _ => &["file.read"],
    }
}

impl Desk {
    /// Watches over a notice that cannot wait: written with it, one job for all who are told the same together.
    pub(crate) async fn watch_until_read(&self, work: &Work, notice: &Notice) -> Result<(), ServiceError> {
        if notice.kind.unread().is_some() {
            let told = Told { kind: notice.kind, subject: notice.subject, at_ms: notice.created_ms, covered_ms: None };
            self.watch(work, told).await?;
        }
        Ok(())
    }

    async fn watch(&self, work: &Work, told: Told) -> Result<(), ServiceError> {
        let register = self.service.register();
        let minutes = register.escalate_after_open_hours() * 60;
        let from = told.covered_ms.unwrap_or(told.at_ms);
        let due_ms = after_open_minutes(from, minutes, register.opening(), register.calendar());
        let stage: &[u8] = if told.covered_ms.is_some() { b"covered" } else { b"told" };
        let id = id_of(&[
            UNREAD.as_bytes(),
            told.kind.code().as_bytes(),
            told.subject.as_bytes(),
            &told.at_ms.to_be_bytes(),
            stage,
        ]);
        Ok(work.enqueue_once(id, UNREAD, &told, due_ms).await?)
    }

    /// Tells somebody else what none of those who were told has put away or opened: first whoever covers the file of somebody
    /// among them, then, when they do not read it either or nobody covers, the managers of the areas. Each is told once: the ids
    /// are made from the job's.
    pub(crate) async fn tell_others(&self, job: &Job) -> Result<(), ServiceError> {
        let told: Told = job.payload()?;
        self.change("notice.unread", |work| async move {
            if let Some(kind) = told.kind.unread()
                && !self.was_read(&work, &told, kind).await?
            {
                let files = files_of(&work, told.kind, told.subject).await?;
                let covering = match told.covered_ms {
                    None => self.covering(&work, &told, &files).await?,
                    Some(_) => Vec::new(),
                };
                let whom =
                    if covering.is_empty() { self.managers_of(&work, &told, &files).await? } else { covering.clone() };
                let now_ms = self.now_ms();
                for account in whom {
                    let id = NoticeId(id_of(&[job.id.as_bytes(), account.0.as_bytes()]));
                    let notice = Notice { id, account, kind, subject: told.subject, created_ms: now_ms };
                    self.put_notice(&work, &notice).await?;
                }
                if !covering.is_empty() {
                    self.watch(&work, Told { covered_ms: Some(now_ms), ..told }).await?;
                }
            }
            work.changed("outbox", job.id, 1);
            work.complete(job, self.now_ms()).await?;
            Ok(())
        })
        .await
    }

    /// Whether anybody of those who were told has put it away or opened it; of a team one is enough. `kind` is what those who
    /// cover were told.
    async fn was_read(&self, work: &Work, told: &Told, kind: NoticeKind) -> Result<bool, ServiceError> {
        let mut asked = vec![(told.kind, told.at_ms)];
        asked.extend(told.covered_ms.map(|at_ms| (kind, at_ms)));
        for (kind, at_ms) in asked {
            let those = work.told_together(kind, told.subject, at_ms).await?;
            if those.iter().any(|(_, put_away)| *put_away) {
                return Ok(true);
            }
            let those: BTreeSet<AccountId> = those.into_iter().map(|(account, _)| account).collect();
            let opened = work.first_log_entry(told.subject, |entry| {
                entry.at_ms >= at_ms
                    && !entry.refused
                    && entry.actor.is_some_and(|actor| those.contains(&actor))
                    && read_by(kind).contains(&entry.action.as_str())
            });
            if opened.await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Who covers these files, if one of those who were told is the social worker of one; those who were told themselves not.
    async fn covering(&self, work: &Work, told: &Told, files: &[ChildId]) -> Result<Vec<AccountId>, ServiceError> {
        let those = work.told_together(told.kind, told.subject, told.at_ms).await?;
        let was_told = |account: &AccountId| those.iter().any(|(of, _)| of == account);
        let scopes = work.file_scopes(files).await?;
        if !scopes.iter().any(|scope| was_told(&scope.social_worker)) {
            return Ok(Vec::new());
        }
        Ok(work.covering(files).await?.into_iter().filter(|account| !was_told(account)).collect())
    }

    /// The managers of the areas of these files. Nobody is told of a concern that is about themselves: when no manager of the areas
    /// is left, those of the others are.
    async fn managers_of(&self, work: &Work, told: &Told, files: &[ChildId]) -> Result<Vec<AccountId>, ServiceError> {
        let areas: BTreeSet<String> = work.file_scopes(files).await?.into_iter().map(|scope| scope.area).collect();
        let concerns = match told.kind.unread() {
            Some(NoticeKind::UnreadConcern) => work.concerns_of(SessionId(told.subject)).await?,
            _ => Vec::new(),
        };
        let may = |account: &AccountId| {
            concerns.iter().all(|entry| match &entry.body.content {
                Content::Concern(concern) => concern.may_be_shown(Some(*account)),
                _ => true,
            })
        };
        let of_areas: BTreeSet<AccountId> =
            areas.iter().flat_map(|area| self.of_area(Role::Manager, area)).filter(may).collect();
        if !of_areas.is_empty() {
            return Ok(of_areas.into_iter().collect());
        }
        let everywhere = self.service.colleagues(Role::Manager).into_iter().map(|card| card.id);
        Ok(everywhere.filter(may).collect())
    }
}

/// The files of the children whom something urgent is about.
async fn files_of(look: &Look, kind: NoticeKind, subject: Uuid) -> Result<Vec<ChildId>, ServiceError> {
    Ok(match kind {
        NoticeKind::ConcernRaised | NoticeKind::ConcernDanger | NoticeKind::SessionRefused => {
            look.session_scope(SessionId(subject)).await?.map(|scope| scope.children()).unwrap_or_default()
        }
        NoticeKind::AssessmentVoid => look.child_of_assessment(AssessmentId(subject)).await?.into_iter().collect(),
        _ => vec![ChildId(subject)],
    })
}

#[cfg(test)]
mod tests;
