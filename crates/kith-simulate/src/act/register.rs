//! Another version of the register: written by the data protection officer, decided by a manager, in force the same day.

use kith_domain::access::{Purpose, Role};
use kith_domain::form::Words;
use kith_domain::ids::RegisterVersionId;
use kith_domain::register::{RegisterProposal, RegisterText};
use kith_service::ServiceError;
use uuid::Uuid;

use super::fields;
use crate::{Failure, World, done};

impl World {
    pub(crate) async fn approve_register(&mut self, text: &str) -> Result<(), Failure> {
        let id = RegisterVersionId(Uuid::now_v7());
        let officer = self.officer(0)?;
        let begun = officer.begin_register_version(id, &RegisterText::new(text)).await;
        done("writes a version of the register", None, begun)?;
        let mut typed = fields(&[("why", "A day of celebration is proclaimed")]);
        typed.set_date("from", self.service.today());
        let read = RegisterProposal::read(&typed, self.service.today()).map_err(ServiceError::Invalid);
        let proposal = done("types a proposal", None, read)?;
        done("proposes it", None, officer.propose_register_version(id, &proposal).await)?;
        let manager = self.town.of(Role::Manager).next().ok_or(Failure::Nobody("manager"))?;
        let why = Words::read(&fields(&[("why", "It is proclaimed")]), "why", "Why").map_err(ServiceError::Invalid);
        let why = done("types why", None, why)?;
        let desk = self.desk(manager, Purpose::Accountability);
        done("approves it", None, desk.decide_register_version(id, true, &why).await)
    }
}
