//! To whom a child's file is allocated: another social worker, a colleague who covers for a time, many files at once.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kith_domain::access::{Capacity, Role};
use kith_domain::calendar;
use kith_domain::ids::{AccountId, AllocationId, ChildId};
use kith_domain::notice::NoticeKind;
use kith_store::{Allocation, Work};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Desk, ServiceError};

#[cfg(test)]
mod tests;

/// Longest reason, in characters.
const REASON_CHARS: usize = 400;

/// Another social worker for a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeWorker {
    /// Who takes it.
    pub to: AccountId,
    /// Why, in words.
    pub reason: String,
}

/// A colleague who covers for a social worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cover {
    /// For whom.
    pub worker: AccountId,
    /// Who covers.
    pub by: AccountId,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// Why, in words.
    pub reason: String,
}

fn reason(text: &str) -> Result<String, ServiceError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ServiceError::field("reason", "Enter why the file goes to somebody else"));
    }
    if text.chars().count() > REASON_CHARS {
        return Err(ServiceError::field("reason", format!("Reason must be {REASON_CHARS} characters or fewer")));
    }
    Ok(text.to_owned())
}

impl Desk {
    /// Gives a child's file to another social worker, who sees it from now on; who had it does not. Done twice it is
    /// done once.
    pub async fn change_social_worker(&self, child: ChildId, command: &ChangeWorker) -> Result<(), ServiceError> {
        self.allow_file("file.allocate", child).await?;
        let why = &reason(&command.reason)?;
        self.is_social_worker(command.to, "to")?;
        self.change("file.allocated", |work| async move {
            self.give(&work, child, command.to, self.access.actor.account, why).await
        })
        .await
    }

    /// Gives every file of a social worker in this person's area to another. Returns how many.
    pub async fn hand_over(&self, from: AccountId, command: &ChangeWorker) -> Result<usize, ServiceError> {
        self.allow_service("files.allocate").await?;
        let why = &reason(&command.reason)?;
        self.is_social_worker(command.to, "to")?;
        let area = &self.actor().area;
        self.change("files.handed_over", |work| async move {
            work.changed("account", from.0, 0);
            let mut given = 0;
            for (child, of) in work.files_of_worker(from).await? {
                if of == *area {
                    self.give(&work, child, command.to, self.access.actor.account, why).await?;
                    given += 1;
                }
            }
            Ok(given)
        })
        .await
    }

    /// Lets a colleague see a social worker's files in this person's area from one day to another, both included. Returns
    /// how many.
    pub async fn cover(&self, command: &Cover) -> Result<usize, ServiceError> {
        self.allow_service("files.allocate").await?;
        let why = &reason(&command.reason)?;
        self.is_social_worker(command.by, "by")?;
        if command.by == command.worker {
            return Err(ServiceError::field("by", "Choose a colleague: nobody covers for themselves"));
        }
        if command.until < command.from {
            return Err(ServiceError::field("until", "The last day must not be before the first"));
        }
        let after = command.until.tomorrow().unwrap_or(command.until);
        let (from_ms, until_ms) = (calendar::instant_ms(command.from, 0), calendar::instant_ms(after, 0));
        if until_ms <= self.now_ms() {
            return Err(ServiceError::field("until", "The last day must not be in the past"));
        }
        let area = &self.actor().area;
        self.change("files.covered", |work| async move {
            work.changed("account", command.worker.0, 0);
            let mut covered = 0;
            for (child, of) in work.files_of_worker(command.worker).await? {
                if of != *area {
                    continue;
                }
                let allocation = Allocation {
                    id: AllocationId(Uuid::now_v7()),
                    child,
                    account: command.by,
                    capacity: Capacity::Cover,
                    from_ms,
                    until_ms: Some(until_ms),
                    created_ms: self.now_ms(),
                    created_by: self.access.actor.account,
                    reason: Some(why.clone()),
                    ended_ms: None,
                };
                work.allocate(&allocation).await?;
                self.tell(&work, [command.by], NoticeKind::FileAllocated, child.0).await?;
                covered += 1;
            }
            Ok(covered)
        })
        .await
    }

    /// Everybody a file was ever allocated to, newest first.
    pub async fn allocations(&self, child: ChildId) -> Result<Vec<Allocation>, ServiceError> {
        self.allow_file("file.read", child).await?;
        let look = self.look();
        let all = look.allocations_of(child).await?;
        look.done("allocations.read", self.now_ms()).await?;
        Ok(all)
    }

    /// Gives a file in a piece of work; whoever has it already keeps it.
    pub(crate) async fn give(
        &self,
        work: &Work,
        child: ChildId,
        to: AccountId,
        by: Option<AccountId>,
        why: &str,
    ) -> Result<(), ServiceError> {
        let mut file = work.child(child).await?;
        let before = file.social_worker;
        if before == to {
            work.changed("child", child.0, file.version);
            return Ok(());
        }
        work.give_child(&mut file, to, by, why, self.now_ms()).await?;
        self.tell(work, [to], NoticeKind::FileAllocated, child.0).await
    }

    /// Gives the files of somebody who leaves to whom each goes, for whoever closes the account; those that go to nobody are
    /// told to the coordinators and managers of their area. Done by the program: who keeps the accounts reads no file.
    pub(crate) async fn give_what_is_left(
        &self,
        from: AccountId,
        takers: &BTreeMap<ChildId, AccountId>,
        by: Option<AccountId>,
    ) -> Result<(), ServiceError> {
        self.change("files.left", |work| async move {
            work.changed("account", from.0, 0);
            for (child, area) in work.files_of_worker(from).await? {
                if let Some(to) = takers.get(&child) {
                    self.give(&work, child, *to, by, "The social worker has left").await?;
                    continue;
                }
                let whom = [self.of_area(Role::Coordinator, &area), self.of_area(Role::Manager, &area)].concat();
                self.tell(&work, whom, NoticeKind::FileWithoutWorker, child.0).await?;
            }
            Ok(())
        })
        .await
    }

    /// Refuses who is no social worker in use.
    pub(crate) fn is_social_worker(&self, id: AccountId, field: &str) -> Result<(), ServiceError> {
        match self.service.card(id) {
            Some(card) if card.active && card.role == Role::SocialWorker => Ok(()),
            Some(card) if !card.active => {
                Err(ServiceError::field(field, "This account is closed. Choose a social worker from the list"))
            }
            _ => Err(ServiceError::field(field, "Choose a social worker from the list")),
        }
    }
}
