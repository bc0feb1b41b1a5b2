//! Staff accounts and signed-in browsers.

use kith_domain::access::Role;
use kith_domain::account::AccountFacts;
use kith_domain::agreement::Proposed;
use kith_domain::ids::{AccountId, SignInId};
use kith_vault::FileKey;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::register_version::NUMBER_IN_FORCE;
use super::sealed_row;
use crate::entity::{account, sign_in};
use crate::{Look, StoreError, Work, row};

/// The file that staff's own details belong to: they are nobody's case, but sealed like one.
pub const STAFF_FILE: Uuid = Uuid::from_u128(0x6b69_7468_0000_7000_8000_0000_0000_0001);

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// Made, not yet signed in to.
    Invited,
    /// In use.
    Active,
    /// Closed: nobody signs in.
    Closed,
}

impl AccountState {
    pub(super) const fn code(self) -> &'static str {
        match self {
            AccountState::Invited => "invited",
            AccountState::Active => "active",
            AccountState::Closed => "closed",
        }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        [AccountState::Invited, AccountState::Active, AccountState::Closed].into_iter().find(|s| s.code() == code)
    }
}

/// A staff account.
#[derive(Clone)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its version.
    pub version: i64,
    /// Role.
    pub role: Role,
    /// Area, a code of the register; empty for roles without one.
    pub area: String,
    /// Where it stands.
    pub state: AccountState,
    /// Blind token of the sign-in name.
    pub login_token: Vec<u8>,
    /// The last TOTP step used: a code works once.
    pub totp_last_step: i64,
    /// Failed attempts since the last success.
    pub failed_attempts: i64,
    /// Until when nobody can sign in after too many attempts, UTC milliseconds.
    pub locked_until_ms: i64,
    /// When it was made, UTC milliseconds.
    pub created_ms: i64,
    /// Since when something waits for a second person's agreement, UTC milliseconds.
    pub proposed_ms: Option<i64>,
    /// Who it is.
    pub body: AccountBody,
}

impl Account {
    /// Whether the account is only asked for: nobody has agreed that there be one.
    pub fn is_only_asked_for(&self) -> bool {
        self.body.proposal.as_ref().is_some_and(|proposal| proposal.what == Proposed::New)
    }
}

/// Who an account is.
#[derive(Clone, Serialize, Deserialize)]
pub struct AccountBody {
    /// Name as colleagues and the court read it.
    pub name: String,
    /// Sign-in name.
    pub login: String,
    /// Work phone number, as in the staff directory.
    pub phone: String,
    /// Work email.
    pub email: String,
    /// Whether the person wants no messages by email but urgent ones.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_urgent_mail: bool,
    /// What it signs in with.
    pub credentials: Credentials,
    /// What is asked for it and waits for a second person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
    /// What was refused last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
}

/// What somebody asks for an account.
#[derive(Clone, Serialize, Deserialize)]
pub struct Proposal {
    /// What.
    pub what: Proposed,
    /// Who asks.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// What the account is to say, for another role or area.
    pub facts: Option<AccountFacts>,
}

/// That a second person did not agree.
#[derive(Clone, Serialize, Deserialize)]
pub struct Refused {
    /// To what.
    pub what: Proposed,
    /// Who.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Why.
    pub reason: String,
}

/// What an account signs in with.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Credentials {
    /// Argon2id hash in PHC form; `None` until the invitation is taken up.
    pub password_hash: Option<String>,
    /// TOTP secret (RFC 6238), base32.
    pub totp_secret: Option<String>,
    /// SHA-256 of the one-time invitation, in hexadecimal, while it is open.
    pub invitation_hash: Option<String>,
    /// Until when the invitation is good, UTC milliseconds.
    pub invitation_until_ms: i64,
    /// The rest of the invitation: `None` when there is none, and for one from before there was an agreement, which is not good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited: Option<Invited>,
    /// Keyed hashes of the recovery codes that are left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recovery: Vec<String>,
    /// The secret of an authenticator that is being set up in the place of the one there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_totp: Option<NextTotp>,
}

/// An invitation: its secret has two parts. The link is shown to an administrator, the code to whoever agreed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Invited {
    /// Who agreed; `None` for the first accounts of a service, when there is nobody yet.
    pub agreed_by: Option<AccountId>,
    /// Keyed hash of the code.
    pub code_hash: String,
    /// When it was opened, UTC milliseconds.
    pub opened_ms: Option<i64>,
    /// Keyed hash of what the browser holds that opened it.
    pub browser_hash: Option<String>,
}

/// An authenticator that is being set up.
#[derive(Clone, Serialize, Deserialize)]
pub struct NextTotp {
    /// Its secret, base32.
    pub secret: String,
    /// In which sign-in.
    pub sign_in: SignInId,
    /// Until when, UTC milliseconds.
    pub until_ms: i64,
}

sealed_row! {
    Account, AccountId, account, AccountBody;
    id = id,
    role = role,
    area = area,
    state = state,
    login_token = login_token,
    totp_last_step = totp_last_step,
    failed_attempts = failed_attempts,
    locked_until_ms = locked_until,
    created_ms = created_at,
    proposed_ms = proposed_at;
    fn files(&self) -> Vec<Uuid> {
        vec![STAFF_FILE]
    }
}

impl Look {
    /// Reads a staff account. [`StoreError::NotFound`] if there is none of that id.
    pub async fn account(&self, id: AccountId) -> Result<Account, StoreError> {
        self.get(id.0).await
    }
}

impl Work {
    /// Puts in a staff account, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_account(&self, row: &mut Account) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves a staff account over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_account(&self, row: &mut Account) -> Result<(), StoreError> {
        self.save(row).await
    }
}

impl Look {
    /// The account of a sign-in name.
    pub async fn account_by_login(&self, login: &str) -> Result<Option<Account>, StoreError> {
        match self.row_by_login(login).await? {
            Some(model) => self.opened(model).await.map(Some),
            None => Ok(None),
        }
    }

    /// Every account, oldest first.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.list(account::Entity::find().order_by_asc(account::Column::CreatedAt)).await
    }

    /// Each account's version: what another server changed has another one than was known here.
    pub async fn account_versions(&self) -> Result<Vec<(AccountId, i64)>, StoreError> {
        let columns = [account::Column::Id, account::Column::Version];
        let versions: Vec<(Uuid, i64)> =
            account::Entity::find().select_only().columns(columns).into_tuple().all(&self.db()).await?;
        Ok(versions.into_iter().map(|(id, version)| (AccountId(id), version)).collect())
    }

    /// These accounts, in no order.
    pub async fn accounts_of(&self, ids: &[AccountId]) -> Result<Vec<Account>, StoreError> {
        self.list(account::Entity::find().filter(account::Column::Id.is_in(ids.iter().map(|id| id.0)))).await
    }

    /// Accounts for which something waits for a second person's agreement, the longest first.
    pub async fn accounts_proposed(&self) -> Result<Vec<Account>, StoreError> {
        let waits = account::Entity::find().filter(account::Column::ProposedAt.is_not_null());
        self.list(waits.order_by_asc(account::Column::ProposedAt)).await
    }

    /// Accounts of a role that are not closed.
    pub async fn accounts_in(&self, role: Role) -> Result<Vec<Account>, StoreError> {
        let of = Condition::all().add(account::Column::Role.eq(role.code())).add(account::Column::State.ne("closed"));
        self.list(account::Entity::find().filter(of).order_by_asc(account::Column::CreatedAt)).await
    }
}

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Its id, which may be seen.
    pub id: SignInId,
    /// Whose.
    pub account: AccountId,
    /// A keyed hash of the cookie's secret.
    pub secret_hash: Vec<u8>,
    /// When, UTC milliseconds.
    pub created_ms: i64,
    /// When last used.
    pub seen_ms: i64,
    /// When it ended.
    pub ended_ms: Option<i64>,
    /// When the password was last asked for again.
    pub stepped_up_ms: Option<i64>,
    /// With what kind of browser, see [`kith_domain::browser`].
    pub browser: Option<String>,
}

impl SignIn {
    /// `None` for a row that was written past Kith.
    fn of(key: &FileKey, model: sign_in::Model) -> Option<Self> {
        row::is_ours(key, &model, &model.mac).then_some(Self {
            id: SignInId(model.id),
            account: AccountId(model.account_id),
            secret_hash: model.secret_hash,
            created_ms: model.created_at,
            seen_ms: model.last_seen_at,
            ended_ms: model.ended_at,
            stepped_up_ms: model.stepped_up_at,
            browser: model.browser,
        })
    }

    fn model(&self, key: &FileKey) -> sign_in::Model {
        let mut model = sign_in::Model {
            id: self.id.0,
            account_id: self.account.0,
            secret_hash: self.secret_hash.clone(),
            created_at: self.created_ms,
            last_seen_at: self.seen_ms,
            ended_at: self.ended_ms,
            stepped_up_at: self.stepped_up_ms,
            browser: self.browser.clone(),
            mac: Vec::new(),
        };
        model.mac = row::mac(key, &model);
        model
    }
}

/// A sign-in, and the number that is another one as soon as any account is.
#[derive(FromQueryResult)]
struct AndStaff {
    #[sea_orm(nested)]
    sign_in: sign_in::Model,
    staff: i64,
    register: i64,
}

impl Look {
    /// The sign-in of a cookie's secret, ended or not; `None` for one that was written past Kith.
    pub async fn sign_in_by_secret(&self, secret_hash: &[u8]) -> Result<Option<SignIn>, StoreError> {
        let of = sign_in::Column::SecretHash.eq(secret_hash.to_vec());
        self.sign_in_of(sign_in::Entity::find().filter(of)).await
    }

    /// The same, and in the same statement a number that is another one as soon as any account is: what is known of staff is
    /// then to be read again; and the number of the register's version in force, for the same.
    pub async fn sign_in_and_staff(&self, secret_hash: &[u8]) -> Result<Option<(SignIn, i64, i64)>, StoreError> {
        let staff = "(SELECT CAST(COUNT(*) + COALESCE(SUM(version), 0) AS BIGINT) FROM account)";
        let of = sign_in::Column::SecretHash.eq(secret_hash.to_vec());
        let select = sign_in::Entity::find().filter(of).expr_as(Expr::cust(staff), "staff");
        let select = select.expr_as(Expr::cust(NUMBER_IN_FORCE), "register");
        let Some(found) = select.into_model::<AndStaff>().one(&self.db()).await? else { return Ok(None) };
        Ok(SignIn::of(&self.store().0.rows, found.sign_in).map(|sign_in| (sign_in, found.staff, found.register)))
    }

    /// A sign-in by its id, ended or not; `None` for one that was written past Kith.
    pub async fn sign_in(&self, id: SignInId) -> Result<Option<SignIn>, StoreError> {
        self.sign_in_of(sign_in::Entity::find_by_id(id.0)).await
    }

    /// The sign-ins of an account that nobody ended, the last used first.
    pub async fn sign_ins(&self, account: AccountId) -> Result<Vec<SignIn>, StoreError> {
        let of = Condition::all().add(sign_in::Column::AccountId.eq(account.0)).add(sign_in::Column::EndedAt.is_null());
        let select = sign_in::Entity::find().filter(of).order_by_desc(sign_in::Column::LastSeenAt);
        let key = &self.store().0.rows;
        Ok(select.all(&self.db()).await?.into_iter().filter_map(|model| SignIn::of(key, model)).collect())
    }

    async fn sign_in_of(&self, select: Select<sign_in::Entity>) -> Result<Option<SignIn>, StoreError> {
        Ok(select.one(&self.db()).await?.and_then(|model| SignIn::of(&self.store().0.rows, model)))
    }
}

impl Work {
    /// Puts in a sign-in.
    pub async fn insert_sign_in(&self, sign_in: &SignIn) -> Result<(), StoreError> {
        let model = sign_in.model(&self.store().0.rows);
        self.wrote(model.id, 1, &model);
        row::insert(&self.db(), model).await
    }

    /// Ends a sign-in, or all of an account's.
    pub async fn end_sign_ins(
        &self,
        account: AccountId,
        only: Option<SignInId>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.end_where(account, now_ms, |id| only.is_none_or(|only| only == id)).await
    }

    /// Ends every sign-in of an account but one.
    pub async fn end_other_sign_ins(&self, account: AccountId, but: SignInId, now_ms: i64) -> Result<(), StoreError> {
        self.end_where(account, now_ms, |id| id != but).await
    }

    async fn end_where(
        &self,
        account: AccountId,
        now_ms: i64,
        ends: impl Fn(SignInId) -> bool + Send,
    ) -> Result<(), StoreError> {
        // One that is not ours signs nobody in, and stays as it was found.
        for sign_in in self.sign_ins(account).await?.into_iter().filter(|sign_in| ends(sign_in.id)) {
            self.save_sign_in(&SignIn { ended_ms: Some(now_ms), ..sign_in }).await?;
        }
        self.changed("sign_in", account.0, 2);
        Ok(())
    }

    /// Saves what can change of a sign-in that was read in this transaction: its end, its step-up, its browser.
    pub async fn save_sign_in(&self, sign_in: &SignIn) -> Result<(), StoreError> {
        let model = sign_in.model(&self.store().0.rows);
        self.wrote(model.id, 2, &model);
        sign_in::Entity::update_many()
            .col_expr(sign_in::Column::EndedAt, Expr::value(model.ended_at))
            .col_expr(sign_in::Column::SteppedUpAt, Expr::value(model.stepped_up_at))
            .col_expr(sign_in::Column::Browser, Expr::value(model.browser))
            .col_expr(sign_in::Column::Mac, Expr::value(model.mac))
            .filter(sign_in::Column::Id.eq(model.id))
            .exec(&self.db())
            .await?;
        Ok(())
    }

    /// Removes sign-ins that ended before an instant.
    pub async fn forget_sign_ins(&self, ended_before_ms: i64) -> Result<(), StoreError> {
        let ended = sign_in::Column::EndedAt.lt(ended_before_ms);
        let select = sign_in::Entity::find().select_only().column(sign_in::Column::Id).filter(ended);
        let ids: Vec<Uuid> = select.into_tuple().all(&self.db()).await?;
        for id in &ids {
            self.took_away::<sign_in::Entity>(*id, 3);
        }
        sign_in::Entity::delete_many().filter(sign_in::Column::Id.is_in(ids)).exec(&self.db()).await?;
        Ok(())
    }
}

impl crate::Store {
    /// Notes that a sign-in, as it was read, is in use. Says nothing about anybody's file, so it makes no entry in the
    /// access log. Does nothing to one that was noted or ended meanwhile.
    pub async fn touch_sign_in(&self, read: &SignIn, now_ms: i64) -> Result<(), StoreError> {
        let seen = SignIn { seen_ms: now_ms, ..read.clone() }.model(&self.0.rows);
        // The keyed hash is of the whole row: what was noted of it meanwhile stands.
        let stepped_up = match read.stepped_up_ms {
            Some(at) => sign_in::Column::SteppedUpAt.eq(at),
            None => sign_in::Column::SteppedUpAt.is_null(),
        };
        let browser = match &read.browser {
            Some(kind) => sign_in::Column::Browser.eq(kind.as_str()),
            None => sign_in::Column::Browser.is_null(),
        };
        sign_in::Entity::update_many()
            .col_expr(sign_in::Column::LastSeenAt, Expr::value(seen.last_seen_at))
            .col_expr(sign_in::Column::Mac, Expr::value(seen.mac))
            .filter(sign_in::Column::Id.eq(read.id.0))
            .filter(sign_in::Column::LastSeenAt.eq(read.seen_ms))
            .filter(sign_in::Column::EndedAt.is_null())
            .filter(stepped_up)
            .filter(browser)
            .exec(&self.0.write)
            .await?;
        Ok(())
    }
}
