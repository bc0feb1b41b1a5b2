//! Who works in the service: they come, they leave, and somebody takes what they had.

use std::collections::BTreeMap;

use kith_domain::access::{Actor, Purpose, Role};
use kith_domain::account::{AccountFacts, CloseAccount, Waits};
use kith_domain::ids::AccountId;
use kith_service::Desk;

use crate::{Failure, World, done};

/// A member of staff.
#[derive(Clone)]
pub(crate) struct Colleague {
    pub(crate) id: AccountId,
    pub(crate) role: Role,
    pub(crate) area: String,
    actor: Actor,
}

/// Everybody who works here now.
#[derive(Default)]
pub(crate) struct Town {
    pub(crate) areas: Vec<String>,
    pub(crate) staff: Vec<Colleague>,
    pub(crate) left: Vec<Colleague>,
    ever: usize,
}

impl Town {
    /// The one of a role in an area, counted round; anybody's role without an area is everywhere's.
    pub(crate) fn one(&self, role: Role, area: &str, at: usize) -> Result<Colleague, Failure> {
        let of: Vec<&Colleague> = self.of(role).filter(|of| of.area == area || of.area.is_empty()).collect();
        of.get(at % of.len().max(1)).map(|of| (*of).clone()).ok_or(Failure::Nobody(role.label()))
    }

    pub(crate) fn of(&self, role: Role) -> impl Iterator<Item = &Colleague> {
        self.staff.iter().filter(move |of| of.role == role)
    }
}

impl World {
    pub(crate) fn desk(&self, who: &Colleague, purpose: Purpose) -> Desk {
        self.service.desk(who.actor.clone(), purpose)
    }

    /// Somebody's desk for delivering the service.
    pub(crate) fn at_work(&self, role: Role, area: &str) -> Result<Desk, Failure> {
        Ok(self.desk(&self.town.one(role, area, 0)?, Purpose::ServiceDelivery))
    }

    /// The desk of a data protection officer.
    pub(crate) fn officer(&self, at: usize) -> Result<Desk, Failure> {
        Ok(self.desk(&self.town.one(Role::DataProtection, "", at)?, Purpose::Accountability))
    }

    /// Somebody begins to work here.
    pub(crate) async fn employ(&mut self, role: Role, area: &str) -> Result<Colleague, Failure> {
        self.town.ever += 1;
        let ever = self.town.ever;
        let facts = AccountFacts {
            name: format!("{} {ever}", role.label()),
            login: format!("colleague-{ever}"),
            role,
            area: area.to_owned(),
            phone: format!("01632 960 {:03}", ever % 1_000),
            email: format!("colleague-{ever}@nenedale.example"),
        };
        let actor = done("employs somebody", None, self.service.employ(facts).await)?;
        let id = actor.account.ok_or(Failure::Nobody(role.label()))?;
        let colleague = Colleague { id, role, area: area.to_owned(), actor };
        self.town.staff.push(colleague.clone());
        Ok(colleague)
    }

    /// Everybody who is there on the first day.
    pub(crate) async fn open_the_house(&mut self) -> Result<(), Failure> {
        self.town.areas = self.service.register().area_codes().into_iter().take(2).map(str::to_owned).collect();
        for area in self.town.areas.clone() {
            for role in [Role::SocialWorker, Role::SocialWorker, Role::Coordinator, Role::Manager] {
                self.employ(role, &area).await?;
            }
        }
        for role in [Role::DataProtection, Role::DataProtection, Role::Administrator, Role::Administrator] {
            self.employ(role, "").await?;
        }
        Ok(())
    }

    /// Somebody leaves and somebody else takes their place and their files: their account is closed, as an administrator does.
    pub(crate) async fn replace(&mut self, who: AccountId) -> Result<(), Failure> {
        let Some(at) = self.town.staff.iter().position(|of| of.id == who) else { return Ok(()) };
        let leaver = self.town.staff[at].clone();
        let taker = self.employ(leaver.role, &leaver.area).await?;
        let others: Vec<&Colleague> = self.town.of(Role::Administrator).filter(|of| of.id != who).collect();
        let administrator = others.first().copied().ok_or(Failure::Nobody("administrator"))?;
        let desk = self.desk(administrator, Purpose::Administration);
        let mut close = CloseAccount::default();
        let by_role = |waits: &&Waits| waits.takers().contains(&taker.role);
        close.all = Waits::ALL.iter().filter(by_role).map(|waits| (*waits, taker.id)).collect::<BTreeMap<_, _>>();
        done("closes an account", None, desk.close_account(who, &close).await)?;
        self.town.staff.remove(at);
        self.town.left.push(leaver);
        self.notes.left.insert(who);
        for file in self.notes.files.iter_mut().filter(|file| file.worker == who && file.gone.is_none()) {
            file.worker = taker.id;
        }
        self.told.comings += 1;
        Ok(())
    }
}
