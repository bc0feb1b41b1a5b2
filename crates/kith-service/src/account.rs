//! Staff accounts: an administrator asks for them, a second person agrees, the person takes up the invitation.

use kith_domain::access::{Actor, Purpose, Role};
use kith_domain::account::AccountFacts;
use kith_domain::agreement::Proposed;
use kith_domain::ids::{AccountId, NoticeId};
use kith_domain::notice::NoticeKind;
use kith_store::{Account, AccountBody, AccountState, Credentials, Notice, Proposal, StoreError, Work};
use uuid::Uuid;

mod agree;
mod close;
mod invitation;
mod own;
mod step_up;
#[cfg(test)]
mod tests;

pub use agree::{Asked, Waits};
pub use close::{Waiting, WaitsFor};
pub use invitation::{Enrolment, Invitation, Opening};
pub use own::{Device, OwnAccount, SettingUp};
pub use step_up::STEP_UP_MS;

use crate::password::weakness;
use crate::{Desk, Service, ServiceError};

impl Service {
    /// The problem with a new password of an account, if others would try it.
    async fn password_is_good(&self, field: &str, password: &str, account: &Account) -> Result<(), ServiceError> {
        let look = self.own_desk(kith_domain::access::Purpose::Administration).look();
        let (venues, rooms) = (look.venues().await?, look.rooms().await?);
        let authority = self.register().authority();
        let areas: Vec<&str> = self.register().areas().map(|(_, name)| name).collect();
        let body = &account.body;
        let local = ["Kith", &body.name, &body.login, &body.email, &authority.name, &authority.service];
        let places = venues.iter().map(|venue| venue.name.as_str()).chain(rooms.iter().map(|room| room.name.as_str()));
        match weakness(password, local.into_iter().chain(areas).chain(places)) {
            Some(words) => Err(ServiceError::field(field, words)),
            None => Ok(()),
        }
    }

    /// Those who are told what happens to an account: the managers of its area and the data protection officers.
    fn watch_over(&self, account: &Account) -> Vec<AccountId> {
        let managers = self.colleagues(Role::Manager).into_iter();
        let managers = managers.filter(|card| account.area.is_empty() || card.area == account.area);
        managers.chain(self.colleagues(Role::DataProtection)).map(|card| card.id).collect()
    }
}

impl Desk {
    /// Tells, in the same transaction, the person and those who watch over the account what happened to it. Whoever did it
    /// to another's is not told; whose own it is, is told also of what was done in their name.
    pub(crate) async fn tell_of_account(
        &self,
        work: &Work,
        account: &Account,
        kind: NoticeKind,
    ) -> Result<(), ServiceError> {
        let whose = account.id;
        let others =
            self.service.watch_over(account).into_iter().filter(|id| *id != whose && !self.access.actor.is(*id));
        for id in others.chain([whose]) {
            let notice =
                Notice { id: NoticeId(Uuid::now_v7()), account: id, kind, subject: whose.0, created_ms: self.now_ms() };
            self.put_notice(work, &notice).await?;
        }
        Ok(())
    }

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

    /// Asks for an account. Sending the same form twice asks once.
    pub async fn create_account(&self, id: AccountId, facts: AccountFacts) -> Result<Asked, ServiceError> {
        self.allow_service("accounts.manage").await?;
        let by = self.me()?;
        let account = self.new_account(id, facts, AccountState::Invited, Credentials::default());
        let proposal = Proposal { what: Proposed::New, by, at_ms: self.service.real_now_ms(), facts: None };
        let made = self
            .change("account.proposed", |work| {
                let (mut account, proposal) = (account.clone(), proposal.clone());
                async move {
                    // Before it is there itself: whether somebody is who could agree.
                    let alone = self.nobody_yet(&work, &account).await?;
                    let invitation = if alone {
                        Some(self.service.invite_alone(&mut account)?)
                    } else {
                        account.proposed_ms = Some(proposal.at_ms);
                        account.body.proposal = Some(proposal);
                        None
                    };
                    account.login_token = work.login_token(&account.body.login).await?;
                    work.insert_account(&mut account).await?;
                    if invitation.is_none() {
                        let seconds = self.service.seconds(&account);
                        self.tell(&work, seconds, NoticeKind::AccountProposed, id.0).await?;
                    }
                    Ok((account, invitation))
                }
            })
            .await;
        match made {
            Ok((account, invitation)) => {
                self.service.directory().put(&account);
                Ok(self.service.waits_or_stands(&account, invitation))
            }
            Err(ServiceError::Store(StoreError::Duplicate)) => {
                // The same form again.
                if let Ok(there) = self.account(id).await
                    && there.body.login == account.body.login
                    && there.state == AccountState::Invited
                {
                    return if there.is_only_asked_for() {
                        Ok(self.service.waits_or_stands(&there, None))
                    } else {
                        self.invite_again(id).await
                    };
                }
                Err(ServiceError::field("login", "There is an account with this sign-in name already. Choose another"))
            }
            Err(error) => Err(error),
        }
    }

    fn new_account(
        &self,
        id: AccountId,
        facts: AccountFacts,
        state: AccountState,
        credentials: Credentials,
    ) -> Account {
        Account {
            id,
            version: 0,
            role: facts.role,
            area: facts.area,
            state,
            // Under the key of the index that is current when it is put in.
            login_token: Vec::new(),
            totp_last_step: 0,
            failed_attempts: 0,
            locked_until_ms: 0,
            created_ms: self.now_ms(),
            proposed_ms: None,
            body: AccountBody {
                name: facts.name,
                login: facts.login,
                phone: facts.phone,
                email: facts.email,
                only_urgent_mail: false,
                credentials,
                proposal: None,
                refused: None,
            },
        }
    }

    /// Puts in an account as it is, for who fills a service: the demo, the tests.
    pub(crate) async fn put_account(
        &self,
        id: AccountId,
        facts: AccountFacts,
        state: AccountState,
        credentials: Credentials,
    ) -> Result<(), ServiceError> {
        let account = self.new_account(id, facts, state, credentials);
        let account = self
            .change("account.created", |work| {
                let mut account = account.clone();
                async move {
                    account.login_token = work.login_token(&account.body.login).await?;
                    work.insert_account(&mut account).await?;
                    Ok(account)
                }
            })
            .await?;
        self.service.directory().put(&account);
        Ok(())
    }

    /// Asks for a new invitation, for a person who lost password or authenticator. Nothing changes until somebody agrees.
    pub async fn invite_again(&self, id: AccountId) -> Result<Asked, ServiceError> {
        self.allow_service("accounts.manage").await?;
        let proposal =
            Proposal { what: Proposed::Invite, by: self.me()?, at_ms: self.service.real_now_ms(), facts: None };
        self.not_own(id, "You cannot invite yourself again. Ask another administrator")?;
        let (account, invitation) = self
            .change("account.invitation_proposed", |work| {
                let mut proposal = proposal.clone();
                async move {
                    let mut account = work.account(id).await?;
                    let invitation = if self.nobody_yet(&work, &account).await? {
                        Some(self.service.invite_alone(&mut account)?)
                    } else {
                        let again = account.body.proposal.as_ref().filter(|waits| waits.what != Proposed::Move);
                        if let Some(waits) = again.cloned() {
                            // It waits already: the form was sent twice.
                            proposal = waits;
                        }
                        self.propose_in(&work, &mut account, proposal).await?;
                        None
                    };
                    work.save_account(&mut account).await?;
                    Ok((account, invitation))
                }
            })
            .await?;
        self.service.directory().put(&account);
        Ok(self.service.waits_or_stands(&account, invitation))
    }

    fn not_own(&self, id: AccountId, words: &str) -> Result<(), ServiceError> {
        if self.actor().is(id) { Err(ServiceError::rule("account.own", words)) } else { Ok(()) }
    }

    /// Corrects who an account is for, over the version that was shown. Another role or area waits for a second person, and
    /// stays as it is while something waits for the person that only the old one allows; the sign-in name stays for ever.
    /// Whether something waits for agreement now.
    pub async fn correct_account(
        &self,
        id: AccountId,
        version: i64,
        facts: &AccountFacts,
    ) -> Result<bool, ServiceError> {
        self.allow_service("accounts.manage").await?;
        let proposal = Proposal {
            what: Proposed::Move,
            by: self.me()?,
            at_ms: self.service.real_now_ms(),
            facts: Some(facts.clone()),
        };
        let (account, moves) = self
            .change("account.corrected", |work| {
                let (given, proposal) = (facts.clone(), proposal.clone());
                async move {
                    let mut account = work.account(id).await?;
                    if account.version != version {
                        return Err(ServiceError::rule(
                            "account.changed_since",
                            "Somebody changed this account meanwhile. Look at it again",
                        ));
                    }
                    // Whoever is to agree has looked at what stands here.
                    if account.body.proposal.is_some() {
                        return Err(agree::waits_already());
                    }
                    let moves = (account.role, account.area.as_str()) != (given.role, given.area.as_str());
                    let body = &mut account.body;
                    let known_by = (given.name.clone(), given.phone.clone(), given.email.clone());
                    if (&body.name, &body.phone, &body.email) != (&known_by.0, &known_by.1, &known_by.2) {
                        (body.name, body.phone, body.email) = known_by;
                        // Colleagues know a person by their name: one administrator alone does not change it unseen.
                        self.tell_of_account(&work, &account, NoticeKind::AccountCorrected).await?;
                    }
                    if moves {
                        self.not_own(id, "You cannot change your own role")?;
                        self.may_move(&work, &account, &given).await?;
                        self.propose_in(&work, &mut account, proposal).await?;
                    }
                    work.save_account(&mut account).await?;
                    Ok((account, moves))
                }
            })
            .await?;
        self.service.directory().put(&account);
        Ok(moves)
    }

    /// Whether an account can get another role or area now.
    async fn may_move(&self, work: &Work, account: &Account, to: &AccountFacts) -> Result<(), ServiceError> {
        if !self.what_waits(work, account.id).await?.is_nothing() {
            return Err(ServiceError::rule(
                "account.in_use",
                "Files, sessions, records or referrals wait for this person in the old role. Give them to somebody else \
                 first",
            ));
        }
        if account.role == Role::Administrator && to.role != Role::Administrator {
            self.another_administrator(work, account.id).await?;
        }
        if account.role != to.role {
            self.another_second(work, account).await?;
        }
        Ok(())
    }

    /// Refuses what would leave nobody to keep the accounts: asked in the transaction that takes one away.
    async fn another_administrator(&self, work: &Work, but: AccountId) -> Result<(), ServiceError> {
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
        let acts = (self.actor().role == Role::Administrator).then_some(self.actor().account).flatten();
        if acts.is_some_and(|acts| !left.iter().any(|account| account.id == acts && in_use(account))) {
            return Err(ServiceError::Forbidden);
        }
        Ok(())
    }

    /// Refuses what would leave nobody to agree to what is asked for accounts.
    async fn another_second(&self, work: &Work, leaves: &Account) -> Result<(), ServiceError> {
        use kith_domain::agreement::stands_in;
        if !stands_in(leaves.role) || leaves.state != AccountState::Active {
            return Ok(());
        }
        for role in [Role::Manager, Role::DataProtection] {
            let left = work.accounts_in(role).await?;
            if left.iter().any(|account| account.id != leaves.id && account.state == AccountState::Active) {
                return Ok(());
            }
        }
        Err(ServiceError::rule(
            "account.last_second",
            "This is the last manager or data protection officer whose account is in use: nobody could agree to a new account \
             any more. Make another one first",
        ))
    }
}

impl Service {
    /// Puts in an account that is in use and that nobody can sign in with, having neither password nor authenticator: for a program
    /// that is a whole service by itself, as `kith simulate` is. Gives who acts with it.
    pub async fn employ(&self, facts: AccountFacts) -> Result<Actor, ServiceError> {
        let (id, role, area) = (AccountId(Uuid::now_v7()), facts.role, facts.area.clone());
        let none = Credentials::default();
        self.own_desk(Purpose::Administration).put_account(id, facts, AccountState::Active, none).await?;
        Ok(Actor::staff(id, role, area))
    }
}
