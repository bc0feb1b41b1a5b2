//! The staff directory: names and numbers of colleagues, kept in memory so that a page that shows a name does not open
//! an account each time.

use std::collections::HashMap;
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
}

#[derive(Default)]
pub(crate) struct Directory(RwLock<HashMap<AccountId, Card>>);

impl Directory {
    pub(crate) fn put(&self, account: &Account) {
        let card = Card {
            id: account.id,
            name: account.body.name.clone(),
            role: account.role,
            area: account.area.clone(),
            phone: account.body.phone.clone(),
            active: account.state != AccountState::Closed && !account.is_only_asked_for(),
            in_use: account.state == AccountState::Active,
        };
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(card.id, card);
    }

    pub(crate) fn card(&self, id: AccountId) -> Option<Card> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Everybody there ever was, by name: also those who have left.
    pub(crate) fn everybody(&self) -> Vec<Card> {
        let mut cards: Vec<Card> = self.0.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        cards.sort_by(|a, b| a.name.cmp(&b.name));
        cards
    }

    pub(crate) fn in_role(&self, role: Role) -> Vec<Card> {
        let cards = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<Card> = cards.values().filter(|card| card.role == role && card.active).cloned().collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }
}
