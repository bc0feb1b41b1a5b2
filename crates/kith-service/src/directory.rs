//! The staff directory: names and numbers of colleagues, kept in memory so that a page that shows a name does not open
//! an account each time. Whether it is still what the database says is asked with each request, in the statement that finds
//! the sign-in: another server may have changed an account.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};

use kith_domain::access::Role;
use kith_domain::ids::AccountId;
use kith_store::{Account, AccountState};

/// What colleagues know of a member of staff. No Debug: it names a person.
#[derive(Clone)]
pub struct Card {
    /// Whose.
    pub id: AccountId,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Area, a code of the register.
    pub area: String,
    /// Work phone number.
    pub phone: String,
    /// Whether the account is not closed, and is not only asked for.
    pub active: bool,
    /// Whether the person signs in with it.
    pub in_use: bool,
    /// Version of the account.
    version: i64,
}

#[derive(Default)]
pub(crate) struct Directory {
    cards: RwLock<HashMap<AccountId, Card>>,
    /// Of which state of all accounts it is, see [`kith_store::Look::sign_in_and_staff`].
    staff: AtomicI64,
}

impl Directory {
    /// Whether it is of this state of all accounts.
    pub(crate) fn is_of(&self, staff: i64) -> bool {
        self.staff.load(Ordering::Acquire) == staff
    }

    /// Says of which state it is now.
    pub(crate) fn set_of(&self, staff: i64) {
        self.staff.store(staff, Ordering::Release);
    }

    /// The accounts of which it has another version, or nothing.
    pub(crate) fn differing(&self, versions: &[(AccountId, i64)]) -> Vec<AccountId> {
        let cards = self.cards.read().unwrap_or_else(PoisonError::into_inner);
        let known = |(id, version): &&(AccountId, i64)| cards.get(id).is_some_and(|card| card.version == *version);
        versions.iter().filter(|version| !known(version)).map(|(id, _)| *id).collect()
    }

    /// Puts in an account as it was read; one that is known in a later version stays.
    pub(crate) fn put(&self, account: &Account) {
        let card = Card {
            id: account.id,
            name: account.body.name.clone(),
            role: account.role,
            area: account.area.clone(),
            phone: account.body.phone.clone(),
            active: account.state != AccountState::Closed && !account.is_only_asked_for(),
            in_use: account.state == AccountState::Active,
            version: account.version,
        };
        let mut cards = self.cards.write().unwrap_or_else(PoisonError::into_inner);
        if cards.get(&card.id).is_none_or(|known| known.version <= card.version) {
            cards.insert(card.id, card);
        }
    }

    pub(crate) fn card(&self, id: AccountId) -> Option<Card> {
        self.cards.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Everybody there ever was, by name: also those who have left.
    pub(crate) fn everybody(&self) -> Vec<Card> {
        let mut cards: Vec<Card> =
            self.cards.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        cards.sort_by(|a, b| a.name.cmp(&b.name));
        cards
    }

    pub(crate) fn in_role(&self, role: Role) -> Vec<Card> {
        let cards = self.cards.read().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<Card> = cards.values().filter(|card| card.role == role && card.active).cloned().collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }
}
