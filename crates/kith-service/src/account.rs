//! Staff accounts: the administrator makes them, the person takes up the invitation.

use kith_domain::access::{Purpose, Role};
use kith_domain::form::{Fields, Problem, Reader, SHORT_TEXT_CHARS};
use kith_domain::ids::AccountId;
use kith_domain::notice::NoticeKind;
use kith_domain::session::{BOOK_AHEAD_DAYS, Flag};
use kith_store::{Account, AccountBody, AccountState, Credentials, StoreError};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::flag::is_to_come;
use crate::password::hash_password;
use crate::sign_in::{new_totp_secret, random_secret, totp_step};
use crate::{Desk, Service, ServiceError};

/// How long an invitation is good.
const INVITATION_MS: i64 = 7 * 24 * 3_600_000;
/// Shortest password, in characters.
pub const PASSWORD_CHARS: usize = 12;

/// Who an account is for.
#[derive(Clone)]
pub struct AccountFacts {
    /// Name.
    pub name: String,
    /// Sign-in name.
    pub login: String,
    /// Role.
    pub role: Role,
    /// Area, empty for roles without one.
    pub area: String,
    /// Work phone.
    pub phone: String,
    /// Work email.
    pub email: String,
}

impl AccountFacts {
    /// Reads `name`, `login`, `role`, `area`, `phone`, `email`.
    pub fn read(service: &Service, fields: &Fields) -> Result<AccountFacts, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let name = r.required("name", "Name", SHORT_TEXT_CHARS);
        let login = r.required("login", "Sign-in name", 80).to_lowercase();
        if login.chars().any(|c| c.is_whitespace() || c.is_control()) {
            r.problem("login", "Sign-in name must have no spaces");
        }
        let role =
            r.required_choice("role", "The role", |code| Role::STAFF.into_iter().find(|role| role.code() == code));
        let area = r.text("area", "Area", SHORT_TEXT_CHARS).unwrap_or_default();
        let needs_area =
            matches!(role, Some(Role::SocialWorker | Role::Coordinator | Role::Manager | Role::Supervisor));
        if needs_area && !service.register().areas().any(|(code, _)| code == area) {
            r.problem("area", "Select the area this person works for");
        }
        let phone = r.required("phone", "Work phone number", 40);
        let email = r.required("email", "Work email", SHORT_TEXT_CHARS);
        if !email.is_empty() && !email.contains('@') {
            r.problem("email", "Work email must look like name@council.gov.uk");
        }
        let area = if needs_area { area } else { String::new() };
        let facts = role.map(|role| AccountFacts { name, login, role, area, phone, email });
        let problems = r.into_problems();
        facts.filter(|_| problems.is_empty()).ok_or(problems)
    }
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
    pub async fn take_up(&self, id: AccountId, invitation: &str, fields: &Fields) -> Result<(), ServiceError> {
        let account = self.invited(id, invitation).await?;
        let mut r = Reader::new(fields);
        let password = fields.get("password").to_owned();
        let length = password.chars().count();
        if length < PASSWORD_CHARS {
            r.problem(
                "password",
                format!("Password must have at least {PASSWORD_CHARS} characters. Three or four words do well"),
            );
        } else if length > 200 {
            r.problem("password", "Password must be 200 characters or fewer");
        } else if password.to_lowercase().contains(&account.body.login) {
            r.problem("password", "Password must not contain your sign-in name");
        }
        if fields.get("password_again") != password {
            r.problem("password_again", "The two passwords are not the same. Type them again");
        }
        let secret = account.body.credentials.totp_secret.clone().unwrap_or_default();
        let step = totp_step(&secret, fields.get("code"), self.real_now_ms());
        if step.is_none() {
            r.problem("code", "The code is not right. Type the six digits that your authenticator shows now");
        }
        r.finish(())?;
        let hash = hash_password(password).await?;
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
    pub async fn create_account(&self, id: AccountId, fields: &Fields) -> Result<Invitation, ServiceError> {
        self.allow_service("accounts.manage").await?;
        let facts = AccountFacts::read(&self.service, fields)?;
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

    /// Closes an account: every browser signed in with it is signed out at once, and the sessions to come that it was to
    /// supervise are flagged. Nobody closes their own.
    pub async fn close_account(&self, id: AccountId) -> Result<(), ServiceError> {
        self.allow_service("accounts.manage").await?;
        if self.actor().is(id) {
            return Err(ServiceError::rule(
                "account.own",
                "You cannot close your own account. Ask another administrator",
            ));
        }
        let now_ms = self.service.real_now_ms();
        let account = self
            .change("account.closed", |work| async move {
                let mut account = work.account(id).await?;
                account.state = AccountState::Closed;
                work.save_account(&mut account).await?;
                work.end_sign_ins(id, None, now_ms).await?;
                Ok(account)
            })
            .await?;
        self.service.directory().put(&account);
        if account.role == Role::Supervisor {
            self.service.own_desk(Purpose::ServiceDelivery).flag_sessions_of(id, &account.area).await?;
        }
        Ok(())
    }

    /// Flags the sessions to come of a supervisor who has left, and tells the coordinators of the area.
    async fn flag_sessions_of(&self, id: AccountId, area: &str) -> Result<(), ServiceError> {
        let today = kith_domain::calendar::day_number(self.service.today());
        self.change("supervisor.gone", |work| async move {
            work.changed("account", id.0, 0);
            let sessions = work.sessions_by(id, today, today + BOOK_AHEAD_DAYS).await?;
            for session in sessions.iter().filter(|session| is_to_come(session, self.now_ms())) {
                let whom = self.of_area(Role::Coordinator, area);
                self.tell(&work, whom, NoticeKind::SessionFlagged, session.id.0).await?;
            }
            self.flag(&work, &sessions, Flag::SupervisorGone).await?;
            Ok(())
        })
        .await
    }
}
