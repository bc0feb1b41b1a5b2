//! What an administrator asks for an account, and the second person who agrees or refuses: nobody becomes another alone.

use kith_domain::access::Role;
use kith_domain::agreement::{Proposed, agrees, stands_in};
use kith_domain::form::Words;
use kith_domain::ids::AccountId;
use kith_domain::notice::NoticeKind;
use kith_store::{Account, AccountState, Proposal, Refused, Work};

use super::Invitation;
use crate::{Card, Desk, Service, ServiceError};

/// What came of asking.
pub enum Asked {
    /// It waits for one of these, by name.
    Waits(Vec<String>),
    /// There is nobody yet who could agree: the first account of a service.
    Invited(Invitation),
}

/// Something that waits for a second person.
pub struct Waits {
    /// The account as it is.
    pub account: Account,
    /// What is asked for it.
    pub proposal: Proposal,
}

pub(super) fn waits_already() -> ServiceError {
    ServiceError::rule(
        "account.waits",
        "Something asked for this account waits for agreement already. It has to be agreed to or refused first",
    )
}

impl Service {
    pub(super) fn waits_or_stands(&self, account: &Account, invitation: Option<Invitation>) -> Asked {
        match invitation {
            Some(invitation) => Asked::Invited(invitation),
            None => Asked::Waits(self.agreed_by_one_of(account)),
        }
    }

    /// The names of those of whom one has to agree to what is asked for an account.
    pub fn agreed_by_one_of(&self, account: &Account) -> Vec<String> {
        self.seconds(account).into_iter().map(|id| self.name_of(id)).collect()
    }

    /// Whether somebody is one of those who can agree to what is asked for an account.
    pub fn agrees(&self, account: &Account, who: AccountId) -> bool {
        self.seconds(account).contains(&who)
    }

    /// Those of whom one has to agree: never who asked, never whose account it is.
    pub(super) fn seconds(&self, account: &Account) -> Vec<AccountId> {
        let Some(proposal) = &account.body.proposal else { return Vec::new() };
        let facts = proposal.facts.as_ref();
        let (role, area) = facts.map_or((account.role, account.area.as_str()), |to| (to.role, to.area.as_str()));
        let can = |card: &Card| card.in_use && card.id != proposal.by && card.id != account.id;
        let cards: Vec<Card> = self.directory().everybody().into_iter().filter(can).collect();
        let first: Vec<AccountId> =
            cards.iter().filter(|card| agrees(role, area, card.role, &card.area)).map(|card| card.id).collect();
        if first.is_empty() {
            return cards.iter().filter(|card| stands_in(card.role)).map(|card| card.id).collect();
        }
        first
    }
}

impl Desk {
    /// Whether nobody is there, and never was, who could agree to a first manager or data protection officer.
    pub(super) async fn nobody_yet(&self, work: &Work, account: &Account) -> Result<bool, ServiceError> {
        let credentials = &account.body.credentials;
        let agreed = credentials.invited.as_ref().is_some_and(|invited| invited.agreed_by.is_some());
        let never = account.state == AccountState::Invited && credentials.password_hash.is_none() && !agreed;
        if !stands_in(account.role) || !never || account.proposed_ms.is_some() {
            return Ok(false);
        }
        let others = work.accounts().await?;
        Ok(!others.iter().any(|other| other.id != account.id && stands_in(other.role)))
    }

    /// Puts down what is asked for an account, and tells those who can agree.
    pub(super) async fn propose_in(
        &self,
        work: &Work,
        account: &mut Account,
        proposal: Proposal,
    ) -> Result<(), ServiceError> {
        if let Some(waits) = &account.body.proposal
            && (waits.what, waits.at_ms) != (proposal.what, proposal.at_ms)
        {
            return Err(waits_already());
        }
        let again = account.body.proposal.is_some();
        account.proposed_ms = Some(proposal.at_ms);
        account.body.proposal = Some(proposal);
        if !again {
            self.tell(work, self.service.seconds(account), NoticeKind::AccountProposed, account.id.0).await?;
        }
        Ok(())
    }

    /// What waits for this person's agreement.
    pub async fn to_agree(&self) -> Result<Vec<Waits>, ServiceError> {
        self.allow_service("accounts.agree").await?;
        let look = self.look();
        let waiting = look.accounts_proposed().await?;
        look.done("accounts.to_agree", self.now_ms()).await?;
        let me = self.me()?;
        let mine = waiting.into_iter().filter(|account| self.service.seconds(account).contains(&me));
        let of = |mut account: Account| account.body.proposal.take().map(|proposal| (account, proposal));
        Ok(mine.filter_map(of).map(|(account, proposal)| Waits { account, proposal }).collect())
    }

    /// An account that this person watches over or can agree to something for.
    pub async fn account_watched(&self, id: AccountId) -> Result<Account, ServiceError> {
        self.allow_service("accounts.agree").await?;
        let look = self.look();
        let account = look.account(id).await;
        look.done("account.read", self.now_ms()).await?;
        let me = self.me()?;
        let account = account?;
        let manages = self.actor().role == Role::Administrator;
        if manages || self.service.watch_over(&account).contains(&me) || self.service.seconds(&account).contains(&me) {
            return Ok(account);
        }
        self.unknown("accounts.agree", id.0).await
    }

    /// What waits for this person's agreement, or a refusal.
    fn mine_to_agree(&self, account: &Account, at_ms: i64) -> Result<Proposal, ServiceError> {
        let me = self.me()?;
        let proposal = account.body.proposal.clone().filter(|proposal| proposal.at_ms == at_ms);
        let Some(proposal) = proposal else {
            return Err(ServiceError::rule(
                "account.nothing_waits",
                "This has been decided by somebody else meanwhile, or asked for anew. Look at it again",
            ));
        };
        if me == proposal.by || me == account.id {
            return Err(ServiceError::rule(
                "account.second_person",
                "Nobody agrees to what they asked for themselves, or to what is asked for their own account. Ask a colleague",
            ));
        }
        if self.service.seconds(account).contains(&me) { Ok(proposal) } else { Err(ServiceError::Forbidden) }
    }

    /// Agrees to what was asked at that instant. Only now it takes effect. Gives the code of the invitation, when there is one:
    /// the part of its secret that the administrator does not see.
    pub async fn agree(&self, id: AccountId, at_ms: i64) -> Result<Option<String>, ServiceError> {
        self.allow_service("accounts.agree").await?;
        let me = self.me()?;
        let now_ms = self.service.real_now_ms();
        let (account, code) = self
            .change("account.agreed", |work| async move {
                let mut account = work.account(id).await?;
                let proposal = self.mine_to_agree(&account, at_ms)?;
                work.put_away(NoticeKind::AccountProposed, id.0, self.now_ms()).await?;
                let was_in_use = account.state == AccountState::Active;
                account.body.proposal = None;
                account.body.refused = None;
                account.proposed_ms = None;
                let code = if let Some(to) = proposal.facts {
                    self.may_move(&work, &account, &to).await?;
                    account.role = to.role;
                    account.area = to.area;
                    self.tell_of_account(&work, &account, NoticeKind::AccountMoved).await?;
                    None
                } else {
                    let code = self.service.new_invitation(&mut account, Some(me))?;
                    if proposal.what == Proposed::Invite {
                        self.tell_of_account(&work, &account, NoticeKind::AccountInvitedAgain).await?;
                    }
                    Some(code)
                };
                self.tell(&work, [proposal.by], NoticeKind::AccountAgreed, id.0).await?;
                work.save_account(&mut account).await?;
                if was_in_use {
                    // What is decided on is read at sign-in.
                    work.end_sign_ins(id, None, now_ms).await?;
                }
                Ok((account, code))
            })
            .await?;
        self.service.directory().put(&account);
        Ok(code)
    }

    /// Does not agree to what was asked at that instant. An account that was only asked for is closed.
    pub async fn refuse_agreement(&self, id: AccountId, at_ms: i64, why: &Words) -> Result<(), ServiceError> {
        self.allow_service("accounts.agree").await?;
        let me = self.me()?;
        let now_ms = self.service.real_now_ms();
        let account = self
            .change("account.refused", |work| async move {
                let mut account = work.account(id).await?;
                let proposal = self.mine_to_agree(&account, at_ms)?;
                work.put_away(NoticeKind::AccountProposed, id.0, self.now_ms()).await?;
                let reason = why.as_str().to_owned();
                account.body.refused = Some(Refused { what: proposal.what, by: me, at_ms: now_ms, reason });
                account.body.proposal = None;
                account.proposed_ms = None;
                if proposal.what == Proposed::New {
                    account.state = AccountState::Closed;
                }
                self.tell(&work, [proposal.by], NoticeKind::AccountRefused, id.0).await?;
                work.save_account(&mut account).await?;
                Ok(account)
            })
            .await?;
        self.service.directory().put(&account);
        Ok(())
    }
}
