//! Invitations. The secret has two parts: the link, which an administrator is shown, and the code, which whoever agreed is
//! shown. The person needs both; neither of the two who know one can become that person alone. The authenticator’s secret is
//! made when the invitation is opened, which happens once and in one browser.

use kith_domain::access::{Purpose, Role};
use kith_domain::account::{AccountFacts, TakeUp};
use kith_domain::ids::AccountId;
use kith_domain::notice::NoticeKind;
use kith_store::{Account, AccountState, Credentials, Invited};
use uuid::Uuid;

use crate::password::hash_password;
use crate::sign_in::{new_totp_secret, random_code, random_secret, read_code, totp_step};
use crate::{Desk, Service, ServiceError};

/// How long an invitation is good.
const INVITATION_MS: i64 = 7 * 24 * 3_600_000;
/// Characters of an invitation’s code: 60 bits.
const CODE_CHARS: usize = 12;

/// An invitation to be given to the person.
pub struct Invitation {
    /// For which account.
    pub account: AccountId,
    /// The secret of its address, shown once.
    pub secret: String,
    /// The code, when there was nobody to agree who is shown it: at the first accounts of a service.
    pub code: Option<String>,
}

/// Where an invitation stands for the browser that asks.
pub enum Opening {
    /// Nobody has opened it.
    Closed,
    /// This browser has.
    Here(Enrolment),
    /// Another browser has, at that time (UTC milliseconds).
    Elsewhere(i64),
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
    /// The first administrator’s invitation, as long as nobody has ever signed in: who starts the program for the first
    /// time gets it on the terminal, and gets a new one when the first was lost.
    pub async fn first_administrator(&self) -> Result<Option<Invitation>, ServiceError> {
        let desk = self.own_desk(Purpose::Administration);
        let look = desk.look();
        let accounts = look.accounts().await?;
        look.done("accounts.read", self.now_ms()).await?;
        if accounts.iter().any(|account| account.state != AccountState::Invited) {
            return Ok(None);
        }
        let there = accounts.iter().find(|account| account.role == Role::Administrator).map(|first| first.id);
        let id = there.unwrap_or_else(|| AccountId(Uuid::now_v7()));
        if there.is_none() {
            let facts = AccountFacts {
                name: "Administrator".into(),
                login: "admin".into(),
                role: Role::Administrator,
                area: String::new(),
                phone: String::new(),
                email: String::new(),
            };
            desk.put_account(id, facts, AccountState::Invited, Credentials::default()).await?;
        }
        let invitation = desk
            .change("account.invited", |work| async move {
                let mut account = work.account(id).await?;
                let invitation = self.invite_alone(&mut account)?;
                work.save_account(&mut account).await?;
                Ok(invitation)
            })
            .await?;
        Ok(Some(invitation))
    }

    /// Begins an account anew, in place of whatever it signed in with: gives the code. There is no link yet.
    pub(super) fn new_invitation(
        &self,
        account: &mut Account,
        agreed_by: Option<AccountId>,
    ) -> Result<String, ServiceError> {
        let code = random_code(CODE_CHARS)?;
        account.state = AccountState::Invited;
        account.failed_attempts = 0;
        account.locked_until_ms = 0;
        account.body.credentials = Credentials {
            invitation_until_ms: self.real_now_ms() + INVITATION_MS,
            invited: Some(Invited {
                agreed_by,
                code_hash: self.code_hash(account.id, &code),
                opened_ms: None,
                browser_hash: None,
            }),
            ..Credentials::default()
        };
        Ok(code)
    }

    /// Begins an account anew where nobody is there to agree: one person is shown both, the link and the code.
    pub(super) fn invite_alone(&self, account: &mut Account) -> Result<Invitation, ServiceError> {
        let code = self.new_invitation(account, None)?;
        self.new_link(account, Some(code))
    }

    /// Makes the link of an invitation, in place of the one there was. `code` is for who is shown both.
    fn new_link(&self, account: &mut Account, code: Option<String>) -> Result<Invitation, ServiceError> {
        let secret = random_secret()?;
        account.body.credentials.invitation_hash = Some(self.link_hash(account.id, &secret));
        Ok(Invitation { account: account.id, secret, code })
    }

    fn link_hash(&self, id: AccountId, secret: &str) -> String {
        hex::encode(self.web_mac("invitation", format!("{id} {secret}").as_bytes()))
    }

    fn code_hash(&self, id: AccountId, code: &str) -> String {
        hex::encode(self.web_mac("invitation-code", format!("{id} {}", read_code(code)).as_bytes()))
    }

    fn browser_hash(&self, id: AccountId, browser: &str) -> String {
        hex::encode(self.web_mac("invitation-browser", format!("{id} {browser}").as_bytes()))
    }

    /// Where an invitation stands for a browser, which holds what [`open_invitation`](Self::open_invitation) gave it, or
    /// nothing. [`ServiceError::NotFound`] when the invitation was used, is old, or never was.
    pub async fn invitation(&self, id: AccountId, secret: &str, browser: &str) -> Result<Opening, ServiceError> {
        let (account, invited) = self.invited(id, secret).await?;
        let Some(opened_ms) = invited.opened_ms else { return Ok(Opening::Closed) };
        if invited.browser_hash != Some(self.browser_hash(id, browser)) {
            return Ok(Opening::Elsewhere(opened_ms));
        }
        let totp_secret = account.body.credentials.totp_secret.ok_or(ServiceError::NotFound)?;
        Ok(Opening::Here(Enrolment { name: account.body.name, login: account.body.login, totp_secret }))
    }

    async fn invited(&self, id: AccountId, secret: &str) -> Result<(Account, Invited), ServiceError> {
        let desk = self.own_desk(Purpose::Administration);
        let look = desk.look();
        let account = look.account(id).await?;
        look.done("account.invitation_read", self.now_ms()).await?;
        let invited = self.good(&account, secret)?;
        Ok((account, invited))
    }

    /// The invitation of an account, if the link’s secret is that of it, in time and not closed.
    fn good(&self, account: &Account, secret: &str) -> Result<Invited, ServiceError> {
        let credentials = &account.body.credentials;
        let is = credentials.invitation_hash == Some(self.link_hash(account.id, secret))
            && credentials.invitation_until_ms > self.real_now_ms()
            && account.state == AccountState::Invited;
        credentials.invited.clone().filter(|_| is).ok_or(ServiceError::NotFound)
    }

    /// Opens an invitation with its code, in one browser and for no other: makes the authenticator’s secret, tells the person,
    /// those who watch over the account and the log, and gives what the browser is to hold.
    pub async fn open_invitation(&self, id: AccountId, secret: &str, code: &str) -> Result<String, ServiceError> {
        let desk = self.own_desk(Purpose::Administration);
        let (_, invited) = self.invited(id, secret).await?;
        if invited.code_hash != self.code_hash(id, code) {
            self.store().refused(&desk.access, "account.invitation_code", Some(id.0), self.now_ms()).await?;
            return Err(ServiceError::field(
                "opening_code",
                "The code is not right. Type it as you were given it by the person who agreed to your account",
            ));
        }
        let (browser, totp_secret) = (random_secret()?, new_totp_secret()?);
        let hash = self.browser_hash(id, &browser);
        desk.change("account.invitation_opened", |work| {
            let (hash, totp_secret) = (hash.clone(), totp_secret.clone());
            let desk = &desk;
            async move {
                let mut account = work.account(id).await?;
                let mut invited = self.good(&account, secret)?;
                if invited.opened_ms.is_some() {
                    return Err(ServiceError::rule("account.opened", "This invitation has just been opened elsewhere"));
                }
                invited.opened_ms = Some(self.real_now_ms());
                invited.browser_hash = Some(hash);
                account.body.credentials.invited = Some(invited);
                account.body.credentials.totp_secret = Some(totp_secret);
                desk.tell_of_account(&work, &account, NoticeKind::AccountOpened).await?;
                work.save_account(&mut account).await?;
                Ok(())
            }
        })
        .await?;
        Ok(browser)
    }

    /// Whether a password can be that of the account of an invitation which this browser has opened.
    pub async fn invitation_password(&self, id: AccountId, secret: &str, password: &str) -> Result<(), ServiceError> {
        let (account, _) = self.invited(id, secret).await?;
        self.password_is_good("password", password, &account).await
    }

    /// Takes up an invitation in the browser that opened it: sets the password after the code has shown that the authenticator
    /// works.
    pub async fn take_up(
        &self,
        id: AccountId,
        secret: &str,
        browser: &str,
        command: &TakeUp,
    ) -> Result<(), ServiceError> {
        let Opening::Here(enrolment) = self.invitation(id, secret, browser).await? else {
            return Err(ServiceError::NotFound);
        };
        self.invitation_password(id, secret, &command.password).await?;
        let Some(step) = totp_step(&enrolment.totp_secret, &command.code, self.real_now_ms()) else {
            return Err(ServiceError::field(
                "code",
                "The code is not right. Type the six digits that your authenticator shows now",
            ));
        };
        let hash = hash_password(command.password.clone()).await?;
        let desk = self.own_desk(Purpose::Administration);
        let account = desk
            .change("account.taken_up", |work| {
                let (hash, totp_secret) = (hash.clone(), enrolment.totp_secret.clone());
                let desk = &desk;
                async move {
                    let mut account = work.account(id).await?;
                    // Taken up, renewed or closed while the password was hashed.
                    self.good(&account, secret)?;
                    if account.body.credentials.totp_secret.as_ref() != Some(&totp_secret) {
                        return Err(ServiceError::NotFound);
                    }
                    account.state = AccountState::Active;
                    account.totp_last_step = step;
                    account.body.credentials = Credentials {
                        password_hash: Some(hash),
                        totp_secret: Some(totp_secret),
                        ..Credentials::default()
                    };
                    desk.tell_of_account(&work, &account, NoticeKind::AccountTakenUp).await?;
                    work.save_account(&mut account).await?;
                    Ok(account)
                }
            })
            .await?;
        self.directory().put(&account);
        Ok(())
    }
}

impl Desk {
    /// Makes the link of an invitation that was agreed to, until it is opened; one that was made before stops working. Whoever
    /// agreed, and so has the code, does not get it.
    pub async fn invitation_link(&self, id: AccountId) -> Result<Invitation, ServiceError> {
        self.allow_service("accounts.manage").await?;
        self.change("account.link_made", |work| async move {
            let mut account = work.account(id).await?;
            let credentials = &account.body.credentials;
            let waits =
                account.state == AccountState::Invited && credentials.invitation_until_ms > self.service.real_now_ms();
            let invited = credentials.invited.clone().filter(|invited| waits && invited.opened_ms.is_none());
            let Some(invited) = invited else {
                return Err(ServiceError::rule(
                    "account.no_invitation",
                    "There is no invitation of this account that can be given: ask for a new one",
                ));
            };
            if self.actor().is(id) || invited.agreed_by.is_some_and(|agreed| self.actor().is(agreed)) {
                return Err(ServiceError::rule(
                    "account.second_person",
                    "You agreed to this invitation and have its code. Another administrator gives the link",
                ));
            }
            let invitation = self.service.new_link(&mut account, None)?;
            work.save_account(&mut account).await?;
            Ok(invitation)
        })
        .await
    }
}
