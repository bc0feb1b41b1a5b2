//! The lists of files that are proposed for destruction: once a month, by the data protection officer or by Kith itself; two
//! other people approve.

use std::sync::atomic::Ordering;

use kith_domain::access::{Purpose, Role};
use kith_domain::calendar::{day_number, instant_ms};
use kith_domain::form::Words;
use kith_domain::ids::{AccountId, ChildId, DestructionItemId, DestructionListId};
use kith_domain::notice::NoticeKind;
use kith_domain::retention::{
    APPROVALS, Approval, DestructionBody, FileKept, ItemBody, ItemState, ListState, Off, TransferState, Withdrawn,
    approves,
};
use kith_store::{AccountState, ArchiveTransfer, DestructionItem, DestructionList, Look, StoreError, Work};
use uuid::Uuid;

use super::CertificateView;
use super::archive::{MAKE as MAKE_BAG, OfTransfer};
use super::destroy::{DESTROY, Doomed};
use crate::paging::in_state;
use crate::policy::Resource;
use crate::{Desk, Service, ServiceError};

/// The most files on one list: what two people can look at.
const LISTED_MAX: usize = 200;

/// A list among others.
pub struct ListLine {
    /// The list.
    pub list: DestructionList,
    /// Who proposed it.
    pub author: String,
    /// How many files on it are in each state.
    pub files: Vec<(ItemState, usize)>,
    /// How many approvals count.
    pub approvals: usize,
}

impl ListLine {
    /// How many files are in a state.
    pub fn count(&self, state: ItemState) -> usize {
        in_state(&self.files, state)
    }
}

/// A file on a list.
pub struct ListedItem {
    /// The place on the list.
    pub item: DestructionItem,
    /// Whether a hold stands now.
    pub held: bool,
    /// Whether its date has moved since.
    pub moved: bool,
    /// Whether this person may read the file.
    pub may_read: bool,
    /// That it goes to an archive first, unless that was stopped.
    pub transfer: Option<ArchiveTransfer>,
}

/// A list with what a page needs beside it.
pub struct ListView {
    /// The list.
    pub line: ListLine,
    /// The files on it that are there still.
    pub items: Vec<ListedItem>,
    /// The certificates of those that are not.
    pub certificates: Vec<CertificateView>,
    /// Who approved, when (UTC milliseconds), and whether it counts still.
    pub approvals: Vec<(String, i64, bool)>,
    /// Whether this person may approve it.
    pub may_approve: bool,
    /// Whether this person may take files off and withdraw it.
    pub may_change: bool,
}

impl Desk {
    pub(super) async fn list_lines(
        &self,
        look: &Look,
        lists: Vec<DestructionList>,
    ) -> Result<Vec<ListLine>, ServiceError> {
        let mut lines = Vec::with_capacity(lists.len());
        for list in lists {
            let places = look.count_on_list(list.id).await?;
            let count = |state: &ItemState| (*state, places.iter().filter(|(_, of)| of == state).count());
            lines.push(ListLine {
                author: list
                    .author
                    .map_or_else(|| "Kith, on the first of the month".to_owned(), |id| self.service.name_of(id)),
                files: ItemState::ALL.iter().map(count).filter(|(_, count)| *count > 0).collect(),
                approvals: list.body.counting(list.author, |by| self.approval_counts(by)).len(),
                list,
            });
        }
        Ok(lines)
    }

    /// Whether an approval of a colleague counts, by what is known of them in memory.
    fn approval_counts(&self, by: AccountId) -> bool {
        self.service.card(by).is_some_and(|card| card.in_use && approves(card.role))
    }

    /// The approvals that count, by what the accounts are in this transaction.
    pub(super) async fn counting(&self, work: &Work, list: &DestructionList) -> Result<Vec<Approval>, ServiceError> {
        let ids: Vec<AccountId> = list.body.approvals.iter().map(|of| of.by).collect();
        let accounts = work.accounts_of(&ids).await?;
        let counts = |by: AccountId| {
            accounts.iter().any(|of| of.id == by && of.state == AccountState::Active && approves(of.role))
        };
        Ok(list.body.counting(list.author, counts))
    }

    /// Looks through all files for those whose last day is past, and proposes them for destruction: those that were never accepted
    /// too, once they are declined or withdrawn. What is held, or on a list already, is left out. `id` is made with the form: sent
    /// twice it is one list.
    pub async fn propose_destruction(&self, id: DestructionListId) -> Result<DestructionListId, ServiceError> {
        self.allow_service("destruction.propose").await?;
        let me = self.me()?;
        let look = self.look();
        let there = match look.destruction_list(id).await {
            Err(StoreError::NotFound) => None,
            there => Some(there?),
        };
        look.done("destruction.read", self.now_ms()).await?;
        if there.is_some_and(|list| list.author == Some(me)) {
            return Ok(id);
        }
        self.propose(id, Some(me)).await.map(|()| id)
    }

    async fn propose(&self, id: DestructionListId, author: Option<AccountId>) -> Result<(), ServiceError> {
        let (now_ms, today) = (self.now_ms(), self.service.today());
        // The files are opened one after the other under this purpose alone, outside of any transaction for changing.
        let look = self.look();
        let over = |child: &kith_store::Child| {
            child.kept().filter(|kept| kept.is_over(today)).map(|kept| (child.clone(), kept))
        };
        let over = look.sifted(over).await?;
        let mut due: Vec<(ChildId, FileKept)> = Vec::new();
        for (child, kept) in over {
            if look.is_decided(&child).await? {
                due.push((child.id, kept));
            }
        }
        look.done("retention.looked_through", now_ms).await?;
        due.sort_by_key(|(child, kept)| (kept.until, *child));
        if due.is_empty() {
            return Err(nothing_due());
        }
        let due = &due;
        self.change("destruction.proposed", |work| async move {
            let (asked_for, mut items) = (work.asked_for().await?, Vec::new());
            for (child, kept) in due {
                let free = work.listed(*child).await?.is_empty()
                    && work.holds_on(*child).await?.is_empty()
                    && !asked_for.contains(child);
                if free && !work.is_destroyed(*child).await? && items.len() < LISTED_MAX {
                    items.push(DestructionItem {
                        id: DestructionItemId(Uuid::now_v7()),
                        version: 0,
                        list: id,
                        child: *child,
                        state: ItemState::Listed,
                        body: ItemBody { kept: kept.clone(), off: None },
                    });
                }
            }
            if items.is_empty() {
                return Err(nothing_due());
            }
            let mut list = DestructionList {
                id,
                version: 0,
                author,
                state: ListState::Proposed,
                created_ms: now_ms,
                body: DestructionBody::default(),
            };
            work.insert_list(&mut list, &mut items).await?;
            self.tell(&work, self.who_approves(author), NoticeKind::DestructionProposed, id.0).await
        })
        .await
    }

    /// Those who can approve what somebody proposed.
    fn who_approves(&self, author: Option<AccountId>) -> Vec<AccountId> {
        let roles = [Role::DataProtection, Role::Manager].into_iter();
        roles.flat_map(|role| self.in_use(role)).filter(|id| Some(*id) != author).collect()
    }

    /// One list.
    pub async fn destruction_list(&self, id: DestructionListId) -> Result<ListView, ServiceError> {
        self.allow_service("retention.read").await?;
        let look = self.look();
        let list = match look.destruction_list(id).await {
            Err(StoreError::NotFound) => return self.unknown("retention.read", id.0).await,
            list => list?,
        };
        let items = look.items_on_list(id).await?;
        let files: Vec<ChildId> = items.iter().map(|item| item.child).collect();
        let scopes = look.file_scopes(&files).await?;
        let children = look.children(&files).await?;
        let reads = self.service.desk(self.actor().clone(), Purpose::ServiceDelivery);
        let today = self.service.today();
        let transfers = look.transfers_on_list(id).await?;
        let mut listed = Vec::with_capacity(items.len());
        for item in items {
            let waits = item.state == ItemState::Listed;
            let kept = children.iter().find(|child| child.id == item.child).and_then(kith_store::Child::kept);
            let scope = scopes.iter().find(|scope| scope.child == item.child);
            listed.push(ListedItem {
                held: waits && !look.holds_on(item.child).await?.is_empty(),
                moved: waits && kept.is_some_and(|kept| !kept.is_over(today)),
                transfer: transfers.iter().find(|of| of.item == item.id && of.state != TransferState::Stopped).cloned(),
                may_read: scope.is_some_and(|scope| reads.permits("file.read", &Resource::File(scope))),
                item,
            });
        }
        let certificates = look.certificates(Some(id), LISTED_MAX as u64).await?;
        let mut lines = self.list_lines(&look, vec![list]).await?;
        look.done("destruction.read", self.now_ms()).await?;
        let line = lines.pop().ok_or(ServiceError::NotFound)?;
        let list = &line.list;
        let me = self.actor().account;
        let approvals =
            list.body.approvals.iter().map(|of| (self.service.name_of(of.by), of.at_ms, self.approval_counts(of.by)));
        let waits = list.state == ListState::Proposed;
        let own = list.author.is_some() && list.author == me;
        let mine = list.author.is_none() || own;
        Ok(ListView {
            approvals: approvals.collect(),
            may_approve: waits
                && !own
                && list.body.approvals.iter().all(|of| Some(of.by) != me)
                && self.permits("destruction.approve", &Resource::Service),
            may_change: waits && mine && self.permits("destruction.propose", &Resource::Service),
            items: listed,
            certificates: certificates.into_iter().map(|of| self.certificate_view(of)).collect(),
            line,
        })
    }

    /// The list on which a file stands, for whoever takes one off.
    pub async fn list_of_item(&self, id: DestructionItemId) -> Result<DestructionListId, ServiceError> {
        self.allow_service("destruction.propose").await?;
        match self.look().whose_item(id).await? {
            Some((list, _, _)) => Ok(list),
            None => self.unknown("destruction.propose", id.0).await,
        }
    }

    /// Takes a file off a list that waits for approval; whoever proposed the list can, with a reason.
    pub async fn take_off_list(&self, id: DestructionItemId, why: &Words) -> Result<DestructionListId, ServiceError> {
        let list = self.list_of_item(id).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("destruction.taken_off", |work| async move {
            let of = self.own_list(&work, list).await?;
            let mut item = work.destruction_item(id).await?;
            if of.state != ListState::Proposed || item.state != ItemState::Listed {
                return Err(decided());
            }
            self.stop_transfer(&work, id, Some(me), why.as_str()).await?;
            item.state = ItemState::TakenOff;
            item.body.off = Some(Off { by: Some(me), at_ms: now_ms, why: why.as_str().to_owned() });
            work.save_item(&mut item).await?;
            Ok(())
        })
        .await?;
        Ok(list)
    }

    /// Withdraws a list that waits for approval.
    pub async fn withdraw_list(&self, id: DestructionListId, why: &Words) -> Result<(), ServiceError> {
        self.allow_service("destruction.propose").await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("destruction.withdrawn", |work| async move {
            let mut list = self.own_list(&work, id).await?;
            if list.state != ListState::Proposed {
                return Err(decided());
            }
            let off = Off { by: Some(me), at_ms: now_ms, why: why.as_str().to_owned() };
            for mut item in work.items_on_list(id).await?.into_iter().filter(|of| of.state == ItemState::Listed) {
                self.stop_transfer(&work, item.id, Some(me), &off.why).await?;
                item.state = ItemState::TakenOff;
                item.body.off = Some(off.clone());
                work.save_item(&mut item).await?;
            }
            list.state = ListState::Withdrawn;
            list.body.withdrawn = Some(Withdrawn { by: me, why: why.as_str().to_owned() });
            work.save_list(&mut list).await?;
            Ok(work.put_away(NoticeKind::DestructionProposed, id.0, now_ms).await?)
        })
        .await
    }

    /// A list that this person proposed, or that Kith did.
    pub(super) async fn own_list(&self, look: &Look, id: DestructionListId) -> Result<DestructionList, ServiceError> {
        let list = look.destruction_list(id).await?;
        if list.author.is_none() || list.author == self.actor().account {
            return Ok(list);
        }
        Err(ServiceError::rule("destruction.not_yours", "Only whoever proposed this list can change it"))
    }

    /// Approves a list. With the second approval that counts its files are destroyed, one job for each: what is held then, or has
    /// another date, is not. Of those that go to an archive first a bag is made.
    pub async fn approve_list(&self, id: DestructionListId) -> Result<ListState, ServiceError> {
        self.allow_service("destruction.approve").await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("destruction.approved", |work| async move {
            let mut list = work.destruction_list(id).await?;
            let places = work.items_on_list(id).await?;
            let waiting: Vec<_> = places.into_iter().filter(|item| item.state == ItemState::Listed).collect();
            if waiting.is_empty() {
                return Err(ServiceError::rule("destruction.empty", "Every file was taken off this list. Withdraw it"));
            }
            list.body.approve(list.state, list.author, me, now_ms)?;
            if self.counting(&work, &list).await?.len() >= APPROVALS {
                list.state = ListState::Approved;
                let transfers = work.transfers_on_list(id).await?;
                for item in &waiting {
                    let transfer = transfers.iter().find(|of| of.item == item.id);
                    self.go_on(&work, item, transfer).await?;
                }
                work.put_away(NoticeKind::DestructionProposed, id.0, now_ms).await?;
                self.tell(&work, list.author, NoticeKind::DestructionApproved, id.0).await?;
            }
            work.save_list(&mut list).await?;
            Ok(list.state)
        })
        .await
    }

    /// What becomes of a file on a list that was approved: it is destroyed, unless it waits for an archive.
    async fn go_on(
        &self,
        work: &Work,
        item: &DestructionItem,
        transfer: Option<&ArchiveTransfer>,
    ) -> Result<(), ServiceError> {
        let now_ms = self.now_ms();
        match transfer.filter(|of| of.state.is_under_way()) {
            None => drop(work.enqueue(DESTROY, &Doomed { item: item.id }, now_ms).await?),
            // It was approved before, and an account was closed meanwhile: the bag is there and waits.
            Some(of) if of.state == TransferState::Made => {}
            Some(of) => {
                let mut of = of.clone();
                of.state = TransferState::Making;
                work.save_archive_transfer(&mut of).await?;
                work.enqueue(MAKE_BAG, &OfTransfer { transfer: of.id }, now_ms).await?;
            }
        }
        Ok(())
    }

    /// Takes a file off every list that waits when its last day has moved into the future: a death or a birth was corrected.
    pub(crate) async fn hold_back_if_moved(&self, work: &Work, child: ChildId) -> Result<(), ServiceError> {
        let listed = work.listed(child).await?;
        if listed.is_empty() {
            return Ok(());
        }
        let kept = work.child(child).await?.kept();
        if kept.is_some_and(|kept| kept.is_over(self.service.today())) {
            return Ok(());
        }
        for mut item in listed {
            item.state = ItemState::NotDue;
            let why = "What the file says was corrected, and its date has moved".to_owned();
            self.stop_transfer(work, item.id, None, &why).await?;
            item.body.off = Some(Off { by: None, at_ms: self.now_ms(), why });
            work.save_item(&mut item).await?;
        }
        Ok(())
    }
}

impl Service {
    /// On the first of a month Kith proposes by itself what has come to its end: as a list that waits, never more. Once in a month,
    /// whichever server is first.
    pub(crate) async fn propose_on_the_first(&self) -> Result<(), ServiceError> {
        let today = self.today();
        if today.day() != 1 || self.proposed_on().swap(day_number(today), Ordering::AcqRel) == day_number(today) {
            return Ok(());
        }
        let desk = self.own_desk(Purpose::Accountability);
        if !desk.look().proposed_by_itself_since(instant_ms(today, 0)).await? {
            match desk.propose(DestructionListId(Uuid::now_v7()), None).await {
                Err(ServiceError::Refused(refusal)) if refusal.code == NOTHING_DUE => {}
                proposed => proposed?,
            }
        }
        Ok(())
    }
}

/// The code of the refusal of a list on which nothing would be.
const NOTHING_DUE: &str = "destruction.none";

fn nothing_due() -> ServiceError {
    let words = "No file has come to its end that is not held or on a list already. Nothing was proposed";
    ServiceError::rule(NOTHING_DUE, words)
}

pub(super) fn decided() -> ServiceError {
    ServiceError::rule("destruction.decided", "This list does not wait for approval any more. Load it again")
}
