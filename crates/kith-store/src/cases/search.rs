//! Finding sealed names: tokens give candidates, which are opened and compared.

use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::ids::{ChildId, PersonId};
use kith_domain::person::{Birth, Name};
use kith_vault::Token;
use uuid::Uuid;

use super::PersonBody;
use crate::entity::child;
use crate::migrate::end_of_id;
use crate::{Look, Store, StoreError, Work};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};

/// What a search found: a file, and whose name in it matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub child: ChildId,
    /// The child itself, or a member of the family.
    pub person: Option<PersonId>,
}

impl Found {
    /// What a token was found under: a file, and the child itself or a member of the family.
    fn of((child, subject): (ChildId, Uuid)) -> Self {
        Self { child, person: (subject != child.0).then_some(PersonId(subject)) }
    }
}

impl Store {
    /// Tokens of a name with its former names.
    fn name_tokens(&self, name: &Name) -> Vec<Token> {
        let mut tokens = self.blind().name_tokens(&name.full());
        tokens.extend(name.former.iter().flat_map(|former| self.blind().name_tokens(former)));
        tokens
    }
}

impl Work {
    /// Makes a child findable by name, former names, date of birth and Care First number.
    pub(super) async fn index_child(
        &self,
        child: ChildId,
        name: &Name,
        birth: Birth,
        care_first: &str,
    ) -> Result<(), StoreError> {
        let mut tokens = self.store().name_tokens(name);
        tokens.push(self.store().blind().date("birth", &birth.latest().to_string()));
        tokens.push(self.store().blind().identifier("care_first", care_first));
        self.index(child, child.0, &tokens).await
    }

    /// Makes a family member findable, within a child's file, by name, former names and phone number.
    pub(super) async fn index_relative(
        &self,
        child: ChildId,
        person: PersonId,
        body: &PersonBody,
    ) -> Result<(), StoreError> {
        let mut tokens = self.store().name_tokens(&body.name);
        tokens.extend(
            body.phone.as_deref().and_then(digits).map(|phone| self.store().blind().identifier("phone", &phone)),
        );
        self.index(child, person.0, &tokens).await
    }
}

/// A phone number as it is compared: its last ten digits, so that `+44 1632 960 001` is `01632 960001`.
fn digits(phone: &str) -> Option<String> {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= 7).then(|| digits[digits.len().saturating_sub(10)..].iter().collect())
}

impl Look {
    /// Files that whoever asks reads in which a name (any spelling, any part), a Care First number or a date of birth (`YYYY-MM-DD`) is found.
    pub async fn search(&self, text: &str) -> Result<Vec<Found>, StoreError> {
        let blind = self.store().blind();
        let text = text.trim();
        let mut found = self.find_mine(&blind.name_query(text)).await?;
        found.extend(self.find_mine(&[vec![blind.identifier("care_first", text)]]).await?);
        if let Some(day) = calendar::date_from_text(text) {
            found.extend(self.find_mine(&[vec![blind.date("birth", &day.to_string())]]).await?);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found.into_iter().map(Found::of).collect())
    }

    /// Files in which a Care First number is a child's.
    pub async fn find_care_first(&self, number: &str) -> Result<Vec<Found>, StoreError> {
        self.candidates(&[vec![self.store().blind().identifier("care_first", number.trim())]]).await
    }

    /// Files in which a name, one of somebody's names or former names in any spelling, is found.
    pub async fn find_name(&self, name: &str) -> Result<Vec<Found>, StoreError> {
        self.candidates(&self.store().blind().name_query(name)).await
    }

    /// Files of children born on a day, or by then at the latest.
    pub async fn find_birth(&self, birth: Birth) -> Result<Vec<Found>, StoreError> {
        self.candidates(&[vec![self.store().blind().date("birth", &birth.latest().to_string())]]).await
    }

    /// Files in which a phone number is a family member's.
    pub async fn find_phone(&self, phone: &str) -> Result<Vec<Found>, StoreError> {
        let Some(phone) = digits(phone) else { return Ok(Vec::new()) };
        self.candidates(&[vec![self.store().blind().identifier("phone", &phone)]]).await
    }

    /// Whoever looks finds in the files that they read, and in no other: how long it takes says nothing of the others. The
    /// program itself finds everywhere.
    async fn candidates(&self, alternatives: &[Vec<Token>]) -> Result<Vec<Found>, StoreError> {
        let everywhere = self.access().actor.role == Role::System;
        let found = if everywhere { self.find(alternatives).await? } else { self.find_mine(alternatives).await? };
        Ok(found.into_iter().map(Found::of).collect())
    }

    /// The file whose reference (see [`ChildId::reference`]) this is, case and hyphen as may be. No two share one.
    pub async fn file_with_reference(&self, reference: &str) -> Result<Option<ChildId>, StoreError> {
        let letters: String = reference.chars().filter(char::is_ascii_alphanumeric).collect();
        let db = self.db();
        let backend = db.get_database_backend();
        let sql = format!("SELECT id FROM child WHERE {} = $1", end_of_id(backend));
        let of = Statement::from_sql_and_values(backend, sql, [letters.to_uppercase().into()]);
        Ok(db.query_one_raw(of).await?.map(|row| row.try_get("", "id").map(ChildId)).transpose()?)
    }

    /// Whether a child's file is there.
    pub async fn is_held(&self, child: ChildId) -> Result<bool, StoreError> {
        Ok(child::Entity::find_by_id(child.0).one(&self.db()).await?.is_some())
    }
}
