//! To whom children's files are allocated: another social worker, a colleague who covers for a time, many files at once, and
//! who must not have one.

use std::collections::BTreeSet;

use kith_domain::access::{Capacity, Role};
use kith_domain::allocation::{ChangeWorker, Cover, HandOver, Refuse};
use kith_domain::calendar;
use kith_domain::ids::{AccountId, AllocationId, ChildId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_domain::session::{BOOK_AHEAD_DAYS, Flag};
use kith_store::{Allocation, Covered, FileScope, Look, Work};
use uuid::Uuid;

use crate::{Card, Desk, ServiceError};

#[cfg(test)]
mod tests;

/// Most files of one social worker that are handed over or covered at once.
const FILES_MAX: u64 = 500;

/// A social worker with how many files, and who covers.
pub struct Worker {
    /// Who. Also somebody who has left and whose files nobody took.
    pub card: Card,
    /// How many files of this person's area.
    pub files: usize,
    /// Who covers for them, now or later.
    pub covers: Vec<Covered>,
}

/// The files of one social worker.
pub struct WorkerFiles {
    /// Whose.
    pub worker: Worker,
    /// The files with the children's names, by name.
    pub files: Vec<(ChildId, String)>,
}

impl Desk {
    /// The social workers who have files of this person's area, by name; those who have left first.
    pub async fn workers(&self) -> Result<Vec<Worker>, ServiceError> {
        self.allow_service("files.allocate").await?;
        let look = self.snapshot().await?;
        let (having, covers) = (look.files_by_worker().await?, look.covers().await?);
        let area = &self.actor().area;
        let mut cards = self.service.colleagues(Role::SocialWorker);
        cards.retain(|card| card.area == *area || having.iter().any(|(id, _)| *id == card.id));
        let left = having.iter().filter(|(id, _)| cards.iter().all(|card| card.id != *id));
        let left: Vec<Card> = left.filter_map(|(id, _)| self.service.card(*id)).collect();
        let worker = |card: Card| Worker {
            files: having.iter().find(|(id, _)| *id == card.id).map_or(0, |(_, many)| *many),
            covers: covers.iter().filter(|of| of.worker == card.id).cloned().collect(),
            card,
        };
        Ok(left.into_iter().chain(cards).map(worker).collect())
    }

    /// One social worker with the files that this person may give to others.
    pub async fn files_of(&self, worker: AccountId) -> Result<WorkerFiles, ServiceError> {
        let of = self.workers().await?.into_iter().find(|of| of.card.id == worker);
        let Some(of) = of else { return self.unknown("files.allocate", worker.0).await };
        let look = self.snapshot().await?;
        let children = look.files_with(worker, FILES_MAX).await?;
        look.done("files.read", self.now_ms()).await?;
        let mut files: Vec<(ChildId, String)> = children.iter().map(|child| (child.id, child.name())).collect();
        files.sort_by_cached_key(|(_, name)| name.to_lowercase());
        Ok(WorkerFiles { worker: of, files })
    }

    /// Gives a child's file to another social worker, who sees it from now on; who had it does not. Done twice it is
    /// done once.
    pub async fn change_social_worker(&self, child: ChildId, command: &ChangeWorker) -> Result<(), ServiceError> {
        self.allow_file("file.allocate", child).await?;
        self.is_social_worker(command.to, "to")?;
        self.change("file.allocated", |work| async move {
            self.give(&work, child, command.to, self.access.actor.account, &command.reason).await
        })
        .await
    }

    /// Gives these files of a social worker to another: all of them or none. Returns how many.
    pub async fn hand_over(&self, from: AccountId, command: &HandOver) -> Result<usize, ServiceError> {
        self.allow_service("files.allocate").await?;
        let ChangeWorker { to, reason } = &command.change;
        self.is_social_worker(*to, "to")?;
        if *to == from {
            return Err(ServiceError::field("to", "Choose somebody else: this is who has the files now"));
        }
        self.change("files.handed_over", |work| async move {
            work.changed("account", from.0, 0);
            let theirs = work.files_with(from, FILES_MAX).await?;
            for child in &command.files {
                // Given meanwhile, or none that this person may give.
                if !theirs.iter().any(|of| of.id == *child) {
                    return Err(ServiceError::rule(
                        "file.given_meanwhile",
                        "One of these files is with somebody else by now. Look at the list again",
                    ));
                }
                self.give(&work, *child, *to, self.access.actor.account, reason).await?;
            }
            Ok(command.files.len())
        })
        .await
    }

    /// Lets a colleague see a social worker's files in this person's area from one day to another, both included; a file
    /// that the colleague must not see is left out. Sent twice it is one cover. Returns how many files.
    pub async fn cover(&self, worker: AccountId, command: &Cover) -> Result<usize, ServiceError> {
        self.allow_service("files.allocate").await?;
        self.is_social_worker(command.by, "by")?;
        if command.by == worker {
            return Err(ServiceError::field("by", "Choose a colleague: nobody covers for themselves"));
        }
        let after = command.until.tomorrow().unwrap_or(command.until);
        let (from_ms, until_ms) = (calendar::instant_ms(command.from, 0), calendar::instant_ms(after, 0));
        self.change("files.covered", |work| async move {
            work.changed("account", worker.0, 0);
            let there = work.covers().await?;
            let same =
                |of: &&Covered| (of.worker, of.by, of.from_ms, of.until_ms) == (worker, command.by, from_ms, until_ms);
            let there: Vec<ChildId> =
                there.iter().filter(same).flat_map(|of| of.files.iter().map(|(_, child)| *child)).collect();
            let mut covered = 0;
            for file in work.files_with(worker, FILES_MAX).await? {
                if work.is_refused(command.by, file.id).await? {
                    continue;
                }
                covered += 1;
                if there.contains(&file.id) {
                    continue;
                }
                let allocation = Allocation {
                    until_ms: Some(until_ms),
                    ..self.allocation(file.id, command.by, Capacity::Cover, from_ms, command.reason.clone())
                };
                work.allocate(&allocation).await?;
            }
            if covered == 0 {
                return Err(ServiceError::rule("cover.no_files", "There is no file that this colleague could cover"));
            }
            self.tell(&work, [command.by], NoticeKind::FileCovered, worker.0).await?;
            Ok(covered)
        })
        .await
    }

    /// Ends what a colleague covers for a social worker in this person's area, from now on. Done twice it is done once.
    pub async fn end_cover(&self, worker: AccountId, by: AccountId) -> Result<(), ServiceError> {
        self.allow_service("files.allocate").await?;
        if self.service.card(worker).is_none() || self.service.card(by).is_none() {
            return self.unknown("files.allocate", worker.0).await;
        }
        let (me, now_ms) = (self.access.actor.account, self.now_ms());
        self.change("files.cover_ended", |work| async move {
            work.changed("account", worker.0, 0);
            for cover in work.covers().await?.into_iter().filter(|of| (of.worker, of.by) == (worker, by)) {
                for (allocation, _) in cover.files {
                    work.end_allocation(allocation, me, now_ms).await?;
                }
            }
            Ok(())
        })
        .await
    }

    /// Says that somebody must not have a file: the person themselves, who has it or could have it, or those who allocate
    /// it. They see nothing of it from now on, whatever their role; the sessions that they are booked for are marked; the
    /// coordinators and managers of the area are told. Said twice it is said once.
    pub async fn refuse_file(&self, child: ChildId, command: &Refuse) -> Result<(), ServiceError> {
        let who = command.who;
        let action = if self.actor().is(who) { "file.read" } else { "file.allocate" };
        let scope = self.allow_file(action, child).await?;
        if !self.service.card(who).is_some_and(|card| card.active) {
            return Err(ServiceError::field("who", "Choose a colleague from the list"));
        }
        let scope = &scope;
        self.change("file.refused", |work| async move {
            self.allow_file_in(&work, action, child).await?;
            self.refuse(&work, scope, command).await
        })
        .await
    }

    /// Says of oneself, from a session that one is to hold or holds, that one must not have the family: no file of its
    /// children, as [`refuse_file`](Self::refuse_file) says it of one. The coordinators and managers are told also that this
    /// session needs somebody else. What was written of it stays. Said twice it is said once.
    pub async fn refuse_family(&self, id: SessionId, command: &Refuse) -> Result<(), ServiceError> {
        if !self.actor().is(command.who) {
            return Err(ServiceError::NotFound);
        }
        if let Some(scope) = self.look().session_scope(id).await? {
            let mine = scope.supervisors.contains(&command.who);
            if mine && !scope.files.is_empty() && scope.files.iter().all(|file| file.held.has(Capacity::Refused)) {
                return Ok(());
            }
        }
        let scope = &self.allow_session("session.run", id).await?;
        self.change("file.refused", |work| async move {
            for file in &scope.files {
                self.refuse(&work, file, command).await?;
            }
            let team: BTreeSet<AccountId> =
                scope.files.iter().flat_map(|file| self.who_allocates(&file.area)).collect();
            self.tell(&work, team, NoticeKind::SessionRefused, id.0).await
        })
        .await
    }

    /// Says in a piece of work that somebody must not have a file.
    async fn refuse(&self, work: &Work, scope: &FileScope, command: &Refuse) -> Result<(), ServiceError> {
        let (who, child, today) = (command.who, scope.child, calendar::day_number(self.service.today()));
        work.changed("child", child.0, 0);
        if work.is_refused(who, child).await? {
            return Ok(());
        }
        let refused = self.allocation(child, who, Capacity::Refused, self.now_ms(), command.reason());
        work.allocate(&refused).await?;
        let mut booked = work.sessions_of(child, today, today + BOOK_AHEAD_DAYS).await?;
        booked.retain(|session| session.supervisor == who || session.body.second_supervisor == Some(who));
        self.flag(work, &booked, Flag::SupervisorRefused).await?;
        let mut team = self.who_allocates(&scope.area);
        team.retain(|account| *account != who);
        if scope.social_worker == who {
            self.tell(work, team.clone(), NoticeKind::FileWithoutWorker, child.0).await?;
        }
        self.tell(work, team, NoticeKind::FileRefused, child.0).await
    }

    /// The coordinators and managers of an area.
    pub(crate) fn who_allocates(&self, area: &str) -> Vec<AccountId> {
        [self.of_area(Role::Coordinator, area), self.of_area(Role::Manager, area)].concat()
    }

    /// Takes back that somebody must not have a file; what was said stays in the file's past. Done twice it is done once.
    pub async fn lift_refusal(&self, child: ChildId, refusal: AllocationId) -> Result<(), ServiceError> {
        self.allow_file("file.allocate", child).await?;
        let (me, now_ms) = (self.access.actor.account, self.now_ms());
        self.change("file.refusal_lifted", |work| async move {
            let all = work.allocations_of(child).await?;
            let of = all.iter().find(|of| of.id == refusal && of.capacity == Capacity::Refused);
            let of = of.ok_or(ServiceError::NotFound)?;
            work.changed("child", child.0, 0);
            if of.ended_ms.is_none() {
                work.end_allocation(refusal, me, now_ms).await?;
            }
            Ok(())
        })
        .await
    }

    fn allocation(
        &self,
        child: ChildId,
        account: AccountId,
        capacity: Capacity,
        from_ms: i64,
        reason: String,
    ) -> Allocation {
        Allocation {
            id: AllocationId(Uuid::now_v7()),
            child,
            account,
            capacity,
            from_ms,
            until_ms: None,
            created_ms: self.now_ms(),
            created_by: self.access.actor.account,
            reason: Some(reason),
            ended_ms: None,
        }
    }

    /// Everybody a file was ever allocated to, newest first.
    pub async fn allocations(&self, child: ChildId) -> Result<Vec<Allocation>, ServiceError> {
        let (look, _) = self.look_into_file("file.read", child).await?;
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
        if work.is_refused(to, child).await? {
            let words = format!(
                "{} must not have this file. Choose somebody else; why stands with the file",
                self.service.name_of(to)
            );
            return Err(ServiceError::field("to", words));
        }
        work.give_child(&mut file, to, by, why, self.now_ms()).await?;
        self.tell(work, [to], NoticeKind::FileAllocated, child.0).await
    }

    /// Who has a child's file now: whom something about the child is told to. Nothing is opened.
    pub(crate) async fn worker_of(&self, look: &Look, child: ChildId) -> Result<AccountId, ServiceError> {
        Ok(look.file_scope(child).await?.ok_or(ServiceError::NotFound)?.social_worker)
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
