//! Finding sealed names: tokens give candidates, which are opened and compared.

use kith_domain::access::{Purpose, Role};
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, ChildId, PersonId};
use kith_linkage::{Marks, OPENED, Person, Question, Typed, marks};
use kith_vault::{BlindIndex, Token};
use uuid::Uuid;

use super::likeness::there;
use super::{ChildState, PersonBody, Referral, child_compared, member_compared};
use crate::entity::{account, child, person, relationship};
use crate::index;
use crate::migrate::end_of_id;
use crate::tokens::InCommon;
use crate::{Look, StoreError, Work, unless_destroyed};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement};

/// Letters of a file's reference, see [`ChildId::reference`].
const REFERENCE_LETTERS: usize = 8;

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

/// The tokens by which somebody is found: the beginnings of these names, and marks.
fn tokens<'a>(
    blind: &BlindIndex,
    names: impl IntoIterator<Item = &'a str>,
    marks: impl IntoIterator<Item = Marks>,
) -> Vec<Token> {
    let mut tokens: Vec<Token> = names.into_iter().flat_map(|name| blind.name_tokens(name)).collect();
    tokens.extend(marks.into_iter().flat_map(|marks| tokens_of(blind, &marks)));
    tokens
}

fn tokens_of(blind: &BlindIndex, marks: &Marks) -> Vec<Token> {
    let single = marks.single.iter().map(|mark| blind.mark(mark));
    single.chain(marks.pairs.iter().map(|pair| blind.pair(pair))).collect()
}

/// A child's tokens: of the child, the carer, and the number of the court's case.
fn tokens_of_child(blind: &BlindIndex, values: &Fields) -> Vec<Token> {
    let child = child_compared(values);
    let name = [child.given_name.as_str(), child.family_name.as_str()].join(" ");
    // Numbers and the carer are found as if they were the child's; which it was is said when the file is opened.
    let beside = Person {
        given_name: values.get("carer").to_owned(),
        phones: ["carer_phone", "emergency_phone"]
            .iter()
            .filter_map(|item| there(values, item))
            .map(str::to_owned)
            .collect(),
        identifiers: there(values, "case_number").map(str::to_owned).into_iter().collect(),
        ..Person::default()
    };
    let names = child.former_names.iter().map(String::as_str).chain([name.as_str(), values.get("carer")]);
    tokens(blind, names, [marks(&child), marks(&beside)])
}

/// The tokens of a member of a family.
fn tokens_of_member(blind: &BlindIndex, values: &Fields) -> Vec<Token> {
    let member = member_compared(values);
    let name = [member.given_name.as_str(), member.family_name.as_str()].join(" ");
    tokens(blind, member.former_names.iter().map(String::as_str).chain([name.as_str()]), [marks(&member)])
}

/// How a sign-in name is compared.
fn login_token(blind: &BlindIndex, login: &str) -> Vec<u8> {
    blind.identifier("login", &login.trim().to_lowercase()).to_vec()
}

impl Work {
    /// Makes a child findable by what stands of them: names, date of birth, numbers, carer.
    pub(super) async fn index_child(&self, child: ChildId, values: &Fields) -> Result<(), StoreError> {
        let tokens = tokens_of_child(&*self.blind().await?, values);
        self.index(child, child.0, &tokens).await
    }

    /// Makes a family member findable, within a child's file.
    pub(super) async fn index_relative(
        &self,
        child: ChildId,
        person: PersonId,
        body: &PersonBody,
    ) -> Result<(), StoreError> {
        let tokens = tokens_of_member(&*self.blind().await?, &body.known.values);
        self.index(child, person.0, &tokens).await
    }

    /// Makes those on a referral findable by what the form says, as long as their files are not opened: each child, and with the
    /// first one the family. Who was taken off is found no more.
    pub(super) async fn index_referred(&self, referral: &Referral) -> Result<(), StoreError> {
        let off: Vec<ChildId> = referral.body.taken_off.iter().map(|taken| taken.own.id).collect();
        let on = referral.children();
        let all = on.iter().chain(&off).map(|id| id.0);
        let referred = child::Column::State.eq(ChildState::Referred.code());
        let select = child::Entity::find().filter(child::Column::Id.is_in(all)).filter(referred);
        let waiting: Vec<Uuid> = select.select_only().column(child::Column::Id).into_tuple().all(&self.db()).await?;
        for id in waiting.into_iter().map(ChildId) {
            if off.contains(&id) {
                self.unindex_child(id).await?;
            } else {
                self.index_on_referral(referral, id).await?;
            }
        }
        Ok(())
    }

    /// Makes one child of a referral findable by what the form says.
    async fn index_on_referral(&self, referral: &Referral, child: ChildId) -> Result<(), StoreError> {
        let blind = self.blind().await?;
        let values = referral.body.found_by(child);
        let mut all = vec![(child.0, tokens_of_child(&blind, &values))];
        if child == referral.child {
            all.extend(
                referral.body.family.iter().map(|member| (member.id.0, tokens_of_member(&blind, &member.fields))),
            );
        }
        self.index_all(child, &all).await
    }

    /// Stores the tokens of a file and its family anew, under the key of the index that is current. Of a file that was destroyed,
    /// or joined another, none stay: nobody can read what they would find.
    pub(crate) async fn index_file(&self, child: ChildId) -> Result<(), StoreError> {
        self.unindex_child(child).await?;
        let Some(file) = unless_destroyed(self.child(child).await)? else { return Ok(()) };
        if file.state == ChildState::Joined {
            return Ok(());
        }
        if file.body.facts.is_none() {
            let referrals = unless_destroyed(self.referrals_of(child).await)?.unwrap_or_default();
            return match referrals.first() {
                Some(referral) => self.index_on_referral(referral, child).await,
                None => Ok(()),
            };
        }
        self.index_child(child, &file.body.known.values).await?;
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

impl Look {
    /// Files that whoever asks reads in which what was typed into the box of a search is found: names (any spelling, any part),
    /// also with a date of birth or a number; numbers with or without prefix; the file's own reference. At most 5,000, in order
    /// of id, but the file of the reference last, whoever reads it; ask who may, and open them, before showing any.
    pub async fn search(&self, typed: &Typed, reference: &str) -> Result<Vec<Found>, StoreError> {
        let together = |blind: &BlindIndex| {
            let mut words = blind.name_query(typed.names(), Typed::word_marks);
            words.extend(typed.birth_marks().iter().map(|mark| vec![blind.mark(mark)]));
            let number: Vec<Token> = typed.number_marks().iter().map(|mark| blind.mark(mark)).collect();
            words.extend((!number.is_empty()).then_some(number));
            words
        };
        let mut found = self.find_mine(together).await?;
        let whole = typed.whole_marks();
        if !whole.is_empty() {
            let number = |blind: &BlindIndex| vec![whole.iter().map(|mark| blind.mark(mark)).collect()];
            found.extend(self.find_mine(number).await?);
        }
        if reference.chars().filter(char::is_ascii_alphanumeric).count() == REFERENCE_LETTERS {
            found.extend(self.file_with_reference(reference).await?.map(|child| (child, child.0)));
        }
        Ok(found.into_iter().map(Found::of).collect())
    }

    /// Who comes into question for a person, who have most in common with them first: at most [`kith_linkage::OPENED`] and the
    /// files they stand in. Whoever looks finds in the files that they read, and in no other: how long it takes says nothing of
    /// the others. The program itself finds everywhere.
    pub async fn in_question(&self, question: &Question) -> Result<Vec<Found>, StoreError> {
        let asks = question.asks();
        let query = |blind: &BlindIndex| asks.iter().map(|asked| tokens_of(blind, &asked.alternatives)).collect();
        let wanted = InCommon {
            bits: &question.in_common(),
            of_words: asks.iter().map(|asked| asked.in_common.as_slice()).collect(),
            least: question.least_bits(),
        };
        // Who asks for their rights is looked for in every file (UK GDPR Art 15); the policies say who may.
        let everywhere = self.access().actor.role == Role::System || self.access().purpose == Purpose::Rights;
        let found = self.find_likely(query, wanted, !everywhere).await?;
        let mut subjects: Vec<Uuid> = Vec::new();
        let opened = |(_, subject): &(ChildId, Uuid)| {
            if !subjects.contains(subject) {
                subjects.push(*subject);
            }
            subjects.len() <= OPENED
        };
        Ok(found.into_iter().take_while(opened).map(Found::of).collect())
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
