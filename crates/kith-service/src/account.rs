//! Staff accounts: the administrator makes them, the person takes up the invitation.

use kith_domain::access::{Purpose, Role};
use kith_domain::account::{AccountFacts, TakeUp};
use kith_domain::ids::AccountId;
use kith_store::{Account, AccountBody, AccountState, Credentials, StoreError, Work};
use sha2::{Digest, Sha256};
use uuid::Uuid;

mod close;

pub use close::{Waiting, WaitsFor};

use crate::password::hash_password;
use crate::sign_in::{new_totp_secret, random_secret, totp_step};
use crate::{Desk, Service, ServiceError};

/// How long an invitation is good.
const INVITATION_MS: i64 = 7 * 24 * 3_600_000;

/// Refuses what would leave nobody to keep the accounts: asked in the transaction that takes one away.
async fn another_administrator(work: &Work, but: AccountId) -> Result<(), ServiceError> {
    let left = work.accounts_in(Role::Administrator).await?;
    let in_use = |account: &Account| account.state == AccountState::Active;
    let is_one = left.iter().any(|account| account.id == but && in_use(account));
    if is_one && !left.iter().any(|account| account.id != but && in_use(account)) {
        return Err(ServiceError::rule(
            "account.last_administrator",
            "This is the last administrator whose account is in use. Make another one first",
        ));
    }
    // Two who close each other: the second's account is closed by now.
    let acts = work.access().actor.account;
    if acts.is_some_and(|acts| !left.iter().any(|account| account.id == acts && in_use(account))) {
        return Err(ServiceError::Forbidden);
    }
    Ok(())
}

/// An invitation to be given to the person.
pub struct Invitation {
    /// For which account.
    pub account: AccountId,
    /// The secret of its address, shown once.
    pub secret: String,
}

/// What a person sees who takes up an invitation.
pub struct Enrolment {
    /// Their name.
    pub name: String,
    /// Their sign-in name.
    pub login: String,
    /// The secret for their authenticator.
    pub totp_secret: String,
}

impl Service {
    /// The first administrator's invitation, as long as nobody has ever signed in: who starts the program for the first
    /// time gets it on the terminal, and gets a new one when the first was lost.
    pub async fn first_administrator(&self) -> Result<Option<Invitation>, ServiceError> {
        let desk = self.own_desk(Purpose::Administration);
        let look = desk.look();
        let accounts = look.accounts().await?;
        look.done("accounts.read", self.now_ms()).await?;
        if accounts.iter().any(|account| account.state != AccountState::Invited) {
            return Ok(None);
        }
        if let Some(first) = accounts.iter().find(|account| account.role == Role::Administrator) {
            return desk.renew_invitation(first.id).await.map(Some);
        }
        let facts = AccountFacts {
            name: "Administrator".into(),
            login: "admin".into(),
            role: Role::Administrator,
            area: String::new(),
            phone: String::new(),
            email: String::new(),
        };
        desk.make_account(AccountId(Uuid::now_v7()), facts).await.map(Some)
    }

    /// What stands behind an invitation; [`ServiceError::NotFound`] when it was used, is old, or never was.
    pub async fn invitation(&self, account: AccountId, secret: &str) -> Result<Enrolment, ServiceError> {
        let account = self.invited(account, secret).await?;
        let totp_secret = account.body.credentials.totp_secret.ok_or(ServiceError::NotFound)?;
        Ok(Enrolment { name: account.body.name, login: account.body.login, totp_secret })
    }

    async fn invited(&self, id: AccountId, secret: &str) -> Result<Account, ServiceError> {
        let desk = self.own_desk(Purpose::Administration);
        let look = desk.look();
        let account = look.account(id).await?;
        look.done("account.invitation_read", self.now_ms()).await?;
        if good(&account, secret, self.real_now_ms()) { Ok(account) } else { Err(ServiceError::NotFound) }
    }

    /// Takes up an invitation: sets the password after the code has shown that the authenticator works.
    pub async fn take_up(&self, id: AccountId, invitation: &str, command: &TakeUp) -> Result<(), ServiceError> {
        let account = self.invited(id, invitation).await?;
        let secret = account.body.credentials.totp_secret.clone().unwrap_or_default();
        let step = totp_step(&secret, &command.code, self.real_now_ms());
        if step.is_none() {
            return Err(ServiceError::field(
                "code",
                "The code is not right. Type the six digits that your authenticator shows now",
            ));
        }
        let hash = hash_password(command.password.clone()).await?;
        let account = self
            .own_desk(Purpose::Administration)
            .change("account.taken_up", |work| {
                let hash = hash.clone();
                async move {
                    let mut account = work.account(id).await?;
                    // Taken up, renewed or closed while the password was hashed.
                    if !good(&account, invitation, self.real_now_ms()) {
                        return Err(ServiceError::NotFound);
                    }
                    account.state = AccountState::Active;
                    account.totp_last_step = step.unwrap_or_default();
                    account.body.credentials.password_hash = Some(hash);
                    account.body.credentials.invitation_hash = None;
                    work.save_account(&mut account).await?;
                    Ok(account)
                }
            })
            .await?;
        self.directory().put(&account);
        Ok(())
    }
}

/// Whether an invitation's secret is that of the account, in time and not closed.
fn good(account: &Account, secret: &str, now_ms: i64) -> bool {
    let credentials = &account.body.credentials;
    credentials.invitation_hash == Some(hex::encode(Sha256::digest(secret.as_bytes())))
        && credentials.invitation_until_ms > now_ms
        && account.state != AccountState::Closed
}

impl Desk {
    /// Every account.
    pub async fn accounts(&self) -> Result<Vec<Account>, ServiceError> {
        self.allow_service("accounts.manage").await?;
        let look = self.look();
        let mut accounts = look.accounts().await?;
        look.done("accounts.read", self.now_ms()).await?;
        accounts.sort_by(|a, b| a.body.name.cmp(&b.body.name));
        Ok(accounts)
    }

    /// One account.
    pub async fn account(&self, id: AccountId) -> Result<Account, ServiceError> {
        self.allow_service("accounts.manage").await?;
        let look = self.look();
        let account = look.account(id).await?;
        look.done("account.read", self.now_ms()).await?;
        Ok(account)
    }

    /// Makes an account and its invitation. Sending the same form twice makes one account; the invitation that is given
    /// then is a new one in the place of the first, because nobody can know the first's secret any more.
    pub async fn create_account(&self, id: AccountId, facts: AccountFacts) -> Result<Invitation, ServiceError> {
        self.allow_service("accounts.manage").await?;
        let login = facts.login.clone();
        let made = self.make_account(id, facts).await;
        if matches!(made, Err(ServiceError::Invalid(_)))
            && let Ok(there) = self.account(id).await
            && (there.state, there.body.login) == (AccountState::Invited, login)
        {
            return self.invite_again(id).await;
        }
        made
    }

    pub(crate) async fn make_account(&self, id: AccountId, facts: AccountFacts) -> Result<Invitation, ServiceError> {
        let secret = random_secret()?;
        let credentials = Credentials {
            password_hash: None,
            totp_secret: Some(new_totp_secret()?),
            invitation_hash: Some(hex::encode(Sha256::digest(secret.as_bytes()))),
            invitation_until_ms: self.service.real_now_ms() + INVITATION_MS,
        };
        self.put_account(id, facts, AccountState::Invited, credentials).await?;
        Ok(Invitation { account: id, secret })
    }

    pub(crate) async fn put_account(
        &self,
        id: AccountId,
        facts: AccountFacts,
        state: AccountState,
        credentials: Credentials,
    ) -> Result<(), ServiceError> {
        let account = Account {
            id,
            version: 0,
            role: facts.role,
            area: facts.area,
            state,
            login_token: self.service.login_token(&facts.login),
            totp_last_step: 0,
            failed_attempts: 0,
            locked_until_ms: 0,
            created_ms: self.now_ms(),
            body: AccountBody {
                name: facts.name,
                login: facts.login,
                phone: facts.phone,
                email: facts.email,
                credentials,
            },
        };
        let made = self
            .change("account.created", |work| {
                let mut account = account.clone();
                async move {
                    work.insert_account(&mut account).await?;
                    Ok(account)
                }
            })
            .await;
        match made {
            Ok(account) => {
                self.service.directory().put(&account);
                Ok(())
            }
            Err(ServiceError::Store(StoreError::Duplicate)) => {
                Err(ServiceError::field("login", "There is an account with this sign-in name already. Choose another"))
            }
            Err(error) => Err(error),
        }
    }

    /// Makes a new invitation, for a person who lost password or authenticator. What they had stops working.
    pub async fn invite_again(&self, id: AccountId) -> Result<Invitation, ServiceError> {
        self.allow_service("accounts.manage").await?;
        self.renew_invitation(id).await
    }

    async fn renew_invitation(&self, id: AccountId) -> Result<Invitation, ServiceError> {
        let (secret, totp_secret) = (random_secret()?, new_totp_secret()?);
        let hash = hex::encode(Sha256::digest(secret.as_bytes()));
        let now_ms = self.service.real_now_ms();
        let account = self
            .change("account.invited_again", |work| {
                let (hash, totp_secret) = (hash.clone(), totp_secret.clone());
                async move {
                    let mut account = work.account(id).await?;
                    account.state = AccountState::Invited;
                    account.failed_attempts = 0;
                    account.locked_until_ms = 0;
                    account.body.credentials = Credentials {
                        password_hash: None,
                        totp_secret: Some(totp_secret),
                        invitation_hash: Some(hash),
                        invitation_until_ms: now_ms + INVITATION_MS,
                    };
                    work.save_account(&mut account).await?;
                    work.end_sign_ins(id, None, now_ms).await?;
                    Ok(account)
                }
            })
            .await?;
        self.service.directory().put(&account);
        Ok(Invitation { account: id, secret })
    }

    /// Corrects who an account is for, over the version that was shown. Role and area stay while something waits for the
    /// person that only the old ones allow; the sign-in name stays for ever.
    pub async fn correct_account(&self, id: AccountId, version: i64, facts: &AccountFacts) -> Result<(), ServiceError> {
        self.allow_service("accounts.manage").await?;
        let account = self
            .change("account.corrected", |work| {
                let given = facts.clone();
                async move {
                    let mut account = work.account(id).await?;
                    if account.version != version {
                        return Err(ServiceError::rule(
                            "account.changed_since",
                            "Somebody changed this account meanwhile. Look at it again",
                        ));
                    }
                    let moves = (account.role, account.area.as_str()) != (given.role, given.area.as_str());
                    if moves && self.actor().is(id) {
                        return Err(ServiceError::rule("account.own", "You cannot change your own role"));
                    }
                    if moves && !self.what_waits(&work, id).await?.is_nothing() {
                        return Err(ServiceError::rule(
                            "account.in_use",
                            "Files, sessions, records or referrals wait for this person in the old role. Give them to \
                             somebody else first",
                        ));
                    }
                    if moves && account.role == Role::Administrator {
                        another_administrator(&work, id).await?;
                    }
                    account.role = given.role;
                    account.area = given.area;
                    account.body.name = given.name;
                    account.body.phone = given.phone;
                    account.body.email = given.email;
                    work.save_account(&mut account).await?;
                    if moves {
                        // What is decided on is read at sign-in.
                        work.end_sign_ins(id, None, self.service.real_now_ms()).await?;
                    }
                    Ok(account)
                }
            })
            .await?;
        self.service.directory().put(&account);
        Ok(())
    }
}
