//! Finding sealed names: tokens give candidates, which are opened and compared.

use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::ids::{AccountId, ChildId, PersonId};
use kith_domain::person::{Birth, Name};
use kith_vault::{BlindIndex, Token};
use uuid::Uuid;

use super::PersonBody;
use crate::entity::{account, child, person, relationship};
use crate::index;
use crate::migrate::end_of_id;
use crate::tokens::Query;
use crate::{Look, StoreError, Work, unless_destroyed};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};

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

/// Tokens of a name with its former names.
fn name_tokens(blind: &BlindIndex, name: &Name) -> Vec<Token> {
    let mut tokens = blind.name_tokens(&name.full());
    tokens.extend(name.former.iter().flat_map(|former| blind.name_tokens(former)));
    tokens
}

/// How a sign-in name is compared.
fn login_token(blind: &BlindIndex, login: &str) -> Vec<u8> {
    blind.identifier("login", &login.trim().to_lowercase()).to_vec()
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
        let blind = self.blind().await?;
        let mut tokens = name_tokens(&blind, name);
        tokens.push(blind.date("birth", &birth.latest().to_string()));
        tokens.push(blind.identifier("care_first", care_first));
        self.index(child, child.0, &tokens).await
    }

    /// Makes a family member findable, within a child's file, by name, former names and phone number.
    pub(super) async fn index_relative(
        &self,
        child: ChildId,
        person: PersonId,
        body: &PersonBody,
    ) -> Result<(), StoreError> {
        let blind = self.blind().await?;
        let mut tokens = name_tokens(&blind, &body.name);
        tokens.extend(body.phone.as_deref().and_then(digits).map(|phone| blind.identifier("phone", &phone)));
        self.index(child, person.0, &tokens).await
    }

    /// Stores the tokens of a file and its family anew, under the key of the index that is current. Of a file that was destroyed
    /// none stay: nobody can read what they would find.
    pub(crate) async fn index_file(&self, child: ChildId) -> Result<(), StoreError> {
        self.unindex_child(child).await?;
        let Some(file) = unless_destroyed(self.child(child).await)? else { return Ok(()) };
        if let Some(facts) = &file.body.facts {
            self.index_child(child, &facts.name, facts.birth, &facts.care_first).await?;
        }
        let of = relationship::Column::ChildId.eq(child.0);
        let links = relationship::Entity::find().filter(of).all(&self.db()).await?;
        let ids = links.iter().map(|link| link.person_id);
        for model in person::Entity::find().filter(person::Column::Id.is_in(ids)).all(&self.db()).await? {
            let Some(body) = unless_destroyed(self.open::<_, PersonBody>(&model).await)? else { continue };
            self.index_relative(child, PersonId(model.id), &body).await?;
        }
        Ok(())
    }

    /// Stores the token of an account's sign-in name anew, under the key of the index that is current.
    pub(crate) async fn index_account(&self, id: AccountId) -> Result<(), StoreError> {
        let mut account = self.account(id).await?;
        let token = login_token(&*self.blind().await?, &account.body.login);
        if account.login_token == token {
            self.changed("account", id.0, account.version);
            return Ok(());
        }
        account.login_token = token;
        self.save_account(&mut account).await
    }

    /// The token of a sign-in name that is to be an account's. [`StoreError::Duplicate`] if somebody has that name.
    pub async fn login_token(&self, login: &str) -> Result<Vec<u8>, StoreError> {
        match self.row_by_login(login).await? {
            Some(_) => Err(StoreError::Duplicate),
            None => Ok(login_token(&*self.blind().await?, login)),
        }
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
        let text = text.trim();
        let mut found = self.find_mine(|blind: &BlindIndex| blind.name_query(text)).await?;
        found.extend(self.find_mine(|blind: &BlindIndex| vec![vec![blind.identifier("care_first", text)]]).await?);
        if let Some(day) = calendar::date_from_text(text) {
            let day = day.to_string();
            found.extend(self.find_mine(|blind: &BlindIndex| vec![vec![blind.date("birth", &day)]]).await?);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found.into_iter().map(Found::of).collect())
    }

    /// Files in which a Care First number is a child's.
    pub async fn find_care_first(&self, number: &str) -> Result<Vec<Found>, StoreError> {
        self.candidates(|blind: &BlindIndex| vec![vec![blind.identifier("care_first", number.trim())]]).await
    }

    /// Files in which a name, one of somebody's names or former names in any spelling, is found.
    pub async fn find_name(&self, name: &str) -> Result<Vec<Found>, StoreError> {
        self.candidates(|blind: &BlindIndex| blind.name_query(name)).await
    }

    /// Files of children born on a day, or by then at the latest.
    pub async fn find_birth(&self, birth: Birth) -> Result<Vec<Found>, StoreError> {
        let day = birth.latest().to_string();
        self.candidates(|blind: &BlindIndex| vec![vec![blind.date("birth", &day)]]).await
    }

    /// Files in which a phone number is a family member's.
    pub async fn find_phone(&self, phone: &str) -> Result<Vec<Found>, StoreError> {
        let Some(phone) = digits(phone) else { return Ok(Vec::new()) };
        self.candidates(|blind: &BlindIndex| vec![vec![blind.identifier("phone", &phone)]]).await
    }

    /// Whoever looks finds in the files that they read, and in no other: how long it takes says nothing of the others. The
    /// program itself finds everywhere.
    async fn candidates(&self, query: impl Query) -> Result<Vec<Found>, StoreError> {
        let everywhere = self.access().actor.role == Role::System;
        let found = if everywhere { self.find(query).await? } else { self.find_mine(query).await? };
        Ok(found.into_iter().map(Found::of).collect())
    }

    /// The row of the account with a sign-in name: asked for under each key of the index that is live, see [`crate::index`].
    pub(super) async fn row_by_login(&self, login: &str) -> Result<Option<account::Model>, StoreError> {
        let (index, keys) = (&self.store().0.index, &self.store().0.keys);
        let mut live = index.live();
        loop {
            let tokens = index.asked(live).into_iter().map(|blind| login_token(&blind, login));
            let of = account::Column::LoginToken.is_in(tokens);
            if let Some(found) = account::Entity::find().filter(of).one(&self.db()).await? {
                return Ok(Some(found));
            }
            // Not found: was it asked for under the right keys?
            let there = index::live_in(&self.db()).await?;
            if there == live {
                return Ok(None);
            }
            index.learn(keys, there).await?;
            live = there;
        }
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
