//! The end of files: proposed by an officer or by Kith itself, approved by two others, destroyed as jobs.

use std::collections::BTreeSet;

use kith_domain::access::{Purpose, Role};
use kith_domain::form::Words;
use kith_domain::ids::{AccountId, DestructionListId};
use kith_domain::retention::ListState;
use kith_service::ServiceError;
use uuid::Uuid;

use crate::notes::{Gone, List};
use crate::promise::{Promise, last_day, plus};
use crate::story::Event;
use crate::town::Colleague;
use crate::{Failure, World, done};

impl World {
    /// On its last day a file is kept whole: an officer who proposes today gets a list without it, or none.
    pub(super) async fn last_day_of(&mut self, file: usize) -> Result<(), Failure> {
        if last_day(&self.notes.files[file]) != Some(self.today) || self.notes.files[file].gone.is_some() {
            return Ok(());
        }
        self.propose().await
    }

    /// From the day after it can be proposed; often nobody does so before Kith does on the first of the month.
    pub(super) async fn day_after(&mut self, file: usize) -> Result<(), Failure> {
        let is_today = last_day(&self.notes.files[file]) == Some(plus(self.today, -1));
        if !is_today || self.notes.files[file].gone.is_some() || self.chance.one_in(2) {
            return Ok(());
        }
        self.propose().await
    }

    /// An officer has the program look through all files.
    async fn propose(&mut self) -> Result<(), Failure> {
        let officer = self.town.one(Role::DataProtection, "", 0)?;
        let desk = self.desk(&officer, Purpose::Accountability);
        let id = DestructionListId(Uuid::now_v7());
        match desk.propose_destruction(id).await {
            Ok(id) => self.list_is_there(id, Some(officer.id)).await,
            Err(ServiceError::Refused(refusal)) if refusal.code == "destruction.none" => {
                let left = self.due();
                self.ask(Promise::NotLate, left.is_empty(), || {
                    format!("{} files may go and are not proposed", left.len())
                });
                Ok(())
            }
            Err(error) => done("proposes a destruction", None, Err(error)),
        }
    }

    /// The files that may go today and stand on no list.
    pub(crate) fn due(&self) -> BTreeSet<usize> {
        let all = 0..self.notes.files.len();
        all.filter(|file| self.notes.may_go(*file, self.today) && !self.notes.is_listed(*file)).collect()
    }

    /// Lists that Kith proposed by itself.
    pub(crate) async fn notice_lists(&mut self) -> Result<(), Failure> {
        for (id, author) in self.disk.lists_proposed().await? {
            if self.notes.lists.iter().all(|list| list.id.0 != id) {
                self.list_is_there(DestructionListId(id), author.map(AccountId)).await?;
            }
        }
        Ok(())
    }

    /// A list has been proposed: what stands on it is exactly what may go.
    async fn list_is_there(&mut self, id: DestructionListId, author: Option<AccountId>) -> Result<(), Failure> {
        let mut files = BTreeSet::new();
        for child in self.disk.files_on_list(id.0).await? {
            files.extend(self.notes.by_id.get(&child).copied());
        }
        let due = self.due();
        for file in files.difference(&due).copied().collect::<Vec<_>>() {
            let called = self.notes.files[file].called(file);
            let held = self.notes.is_held(file) || self.notes.is_asked_for(file);
            let promise = if held { Promise::HoldStops } else { Promise::NotEarly };
            self.ask(promise, false, || format!("{called} is proposed for destruction, and is to be kept"));
        }
        for file in due.difference(&files).copied().collect::<Vec<_>>() {
            let called = self.notes.files[file].called(file);
            self.ask(Promise::NotLate, false, || format!("{called} may go and is not proposed with the others"));
        }
        self.told.checks += 1;
        self.told.lists += 1;
        let number = self.notes.lists.len();
        self.notes.lists.push(List { id, author, files, approvals: Vec::new(), over: false });
        self.agenda.on(plus(self.today, self.chance.between(0, 3)), Event::Approve(number));
        self.agenda.on(plus(self.today, self.chance.between(4, 7)), Event::Approve(number));
        Ok(())
    }

    /// Those who approve what somebody proposed and have not yet.
    fn who_approves(&self, list: usize) -> Vec<Colleague> {
        let of = &self.notes.lists[list];
        let may = |who: &&Colleague| Some(who.id) != of.author && !of.approvals.contains(&who.id);
        let roles = [Role::DataProtection, Role::Manager].into_iter();
        roles.flat_map(|role| self.town.of(role)).filter(may).cloned().collect()
    }

    pub(super) async fn approve(&mut self, list: usize) -> Result<(), Failure> {
        if self.notes.lists[list].over {
            return Ok(());
        }
        let (id, author) = (self.notes.lists[list].id, self.notes.lists[list].author);
        let proposer = author.and_then(|author| self.town.staff.iter().find(|of| of.id == author).cloned());
        if let Some(proposer) = proposer {
            let desk = self.desk(&proposer, Purpose::Accountability);
            if self.chance.one_in(9) {
                let why = Words::new("In error").ok_or(Failure::Nobody("words"))?;
                done("withdraws a list", None, desk.withdraw_list(id, &why).await)?;
                self.notes.lists[list].over = true;
                return Ok(());
            }
            let own = desk.approve_list(id).await;
            self.ask(Promise::TwoOthers, own.is_err(), || format!("list {}: who proposed approves it", id.reference()));
        }
        let others = self.who_approves(list);
        let Some(who) = self.chance.pick(&others).cloned() else { return Err(Failure::Nobody("approver")) };
        let approved = self.desk(&who, Purpose::Accountability).approve_list(id).await;
        let state = match approved {
            // Every file was taken off it: it is withdrawn, or of Kith's own stays as it is.
            Err(ServiceError::Refused(refusal)) if refusal.code == "destruction.empty" => {
                let empty = self.notes.lists[list].files.is_empty();
                self.ask(Promise::NotLate, empty, || format!("list {} is empty", id.reference()));
                self.notes.lists[list].over = true;
                return Ok(());
            }
            other => done("approves a list", None, other)?,
        };
        self.notes.lists[list].approvals.push(who.id);
        let counting = self.counting(list);
        let enough = counting >= 2;
        let is = state == ListState::Approved;
        self.ask(Promise::TwoOthers, is == enough, || format!("list {}: {counting} approvals count", id.reference()));
        if !enough {
            // One who approved may leave before the second does.
            if counting == 1 && self.chance.one_in(5) {
                self.agenda.on(plus(self.today, 1), Event::Leaves(who.id));
                self.agenda.on(plus(self.today, 8), Event::Approve(list));
            }
            return Ok(());
        }
        // Between the approval and the job a hold can come.
        if self.chance.one_in(7)
            && let Some(file) = self.notes.lists[list].files.iter().next().copied()
        {
            Box::pin(self.happens(Event::Hold(file))).await?;
        }
        done("lets Kith do what waits", None, self.service.do_waiting_work().await)?;
        self.expect_gone(list);
        Ok(())
    }

    /// How many approvals count: of those who work here still.
    fn counting(&self, list: usize) -> usize {
        let of = &self.notes.lists[list];
        of.approvals.iter().filter(|by| Some(**by) != of.author && !self.notes.left.contains(by)).count()
    }

    /// What was approved by two is gone now, but for what a hold or a request keeps.
    fn expect_gone(&mut self, list: usize) {
        let today = self.today;
        self.notes.lists[list].over = true;
        for file in self.notes.lists[list].files.clone() {
            if self.notes.may_go(file, today) {
                self.notes.files[file].gone = Some(Gone { on: today, list });
                self.told.destroyed += 1;
            }
        }
    }
}
