//! What happens on a day, done by those who may, through the services.

mod ask;
mod end;
mod hold;
mod life;
mod refer;
mod register;

use kith_domain::form::Fields;

use crate::story::Event;
use crate::{Failure, World};

pub(crate) fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().copied().collect()
}

impl World {
    pub(crate) async fn happens(&mut self, event: Event) -> Result<(), Failure> {
        self.looks_at_requests |=
            matches!(event, Event::Ask { .. } | Event::Step { .. } | Event::Look | Event::LookAtAll);
        match event {
            Event::Refer(family) => self.refer(family).await,
            Event::Decide { files, fate } => self.decide(&files, fate).await,
            Event::BirthKnown { file, day } => self.birth_known(file, day).await,
            Event::Move(file) => self.moves(file).await,
            Event::NewOrder(file) => self.new_order(file).await,
            Event::NewAdult(file) => self.new_adult(file).await,
            Event::Dies(file) => self.dies(file).await,
            Event::DeathWasWrong(file) => self.death_was_wrong(file).await,
            Event::Restrict(file) => self.restrict(file).await,
            Event::LiftRestriction(file) => self.lift_restriction(file).await,
            Event::Consent(file) => self.consent(file).await,
            Event::Ask { file, how } => self.asks(file, how).await,
            Event::Step { request, step } => self.step(request, step).await,
            Event::Hold(file) => self.hold(file).await,
            Event::Review(hold) => self.review(hold).await,
            Event::Lift(hold) => self.lift(hold).await,
            Event::LastDay(file) => self.last_day_of(file).await,
            Event::DayAfter(file) => self.day_after(file).await,
            Event::Approve(list) => self.approve(list).await,
            Event::Leaves(who) => self.replace(who).await,
            Event::SomebodyLeaves => self.somebody_leaves().await,
            Event::Register => self.another_register().await,
            Event::Look => Ok(()),
            Event::LookAtAll => {
                self.touched.extend(0..self.notes.files.len());
                Ok(())
            }
        }
    }

    async fn somebody_leaves(&mut self) -> Result<(), Failure> {
        let staff: Vec<_> = self.town.staff.iter().map(|of| of.id).collect();
        match self.chance.pick(&staff).copied() {
            Some(who) => self.replace(who).await,
            None => Ok(()),
        }
    }
}
