//! Legal holds: set, looked at again or not, lifted.

use kith_domain::form::Words;
use kith_domain::ids::HoldId;
use kith_domain::retention::{HoldKind, SetHold};
use kith_service::ServiceError;
use kith_service::retention::NewHold;
use uuid::Uuid;

use super::fields;
use crate::notes::Hold;
use crate::promise::{Promise, plus};
use crate::story::Event;
use crate::{Failure, World, done};

impl World {
    pub(super) async fn hold(&mut self, file: usize) -> Result<(), Failure> {
        let of = &self.notes.files[file];
        let all = [HoldKind::File, HoldKind::Family, HoldKind::Person, HoldKind::Referral, HoldKind::Theme];
        let kind = *self.chance.pick(&all).unwrap_or(&HoldKind::File);
        // A person of a family is in the file once the referral is accepted.
        let kind = if kind == HoldKind::Person && of.accepted.is_none() { HoldKind::File } else { kind };
        let review = plus(self.today, self.chance.between(20, 500));
        let mut typed = fields(&[
            ("kind", kind.code()),
            ("name", "An inquiry"),
            ("asked_by", "Legal services"),
            ("why", "A claim has been made"),
        ]);
        typed.set_date("review_on", review);
        let set = SetHold::read(&typed, self.service.today()).map_err(ServiceError::Invalid);
        let set = done("types a hold", Some(file), set)?;
        let subject = match kind {
            HoldKind::Person => Some(of.mother.0),
            HoldKind::Referral => Some(of.referral.0),
            _ => None,
        };
        let id = HoldId(Uuid::now_v7());
        let child = (kind != HoldKind::Theme).then_some(of.id);
        let (child_id, gone) = (of.id, of.gone.is_some());
        let desk = self.officer(0)?;
        let set = desk.set_hold(&NewHold { id, child, subject, set }).await;
        if gone {
            let refused = child.is_none() || set.is_err();
            let called = self.notes.files[file].called(file);
            self.ask(Promise::HoldStops, refused, || {
                format!("{called}: a hold on a destroyed file is said to keep it")
            });
            return Ok(());
        }
        done("sets a hold", Some(file), set)?;
        let mut hold = Hold { id, kind, file, added: Vec::new(), review, lifted: false, stood: (self.today, None) };
        if kind == HoldKind::Theme {
            done("adds a file to a theme", Some(file), desk.add_to_hold(id, child_id).await)?;
            hold.added.push(file);
        }
        let number = self.notes.holds.len();
        self.notes.holds.push(hold);
        self.told.holds += 1;
        self.agenda.on(review, Event::Review(number));
        self.agenda.on(plus(self.today, self.chance.between(3, 900)), Event::Lift(number));
        Ok(())
    }

    /// Somebody looks at it again; or nobody does, and those whom it concerns are told.
    pub(super) async fn review(&mut self, hold: usize) -> Result<(), Failure> {
        let of = &self.notes.holds[hold];
        if of.lifted || self.chance.one_in(3) {
            return Ok(());
        }
        let (id, file) = (of.id, of.file);
        let review = plus(self.today, self.chance.between(20, 600));
        let mut typed = fields(&[("why", "The claim goes on")]);
        typed.set_date("review_on", review);
        done("looks at a hold again", Some(file), self.officer(0)?.review_hold(id, &typed).await)?;
        self.notes.holds[hold].review = review;
        self.agenda.on(review, Event::Review(hold));
        Ok(())
    }

    pub(super) async fn lift(&mut self, hold: usize) -> Result<(), Failure> {
        if self.notes.holds[hold].lifted {
            return Ok(());
        }
        self.lift_on_disk(hold).await?;
        let today = self.today;
        self.notes.holds[hold].lifted = true;
        self.notes.holds[hold].stood.1 = Some(today);
        for file in self.notes.kept_by(&self.notes.holds[hold]) {
            let of = &mut self.notes.files[file];
            of.freed = of.freed.max(Some(today));
        }
        Ok(())
    }

    /// Lifts it in the service.
    pub(crate) async fn lift_on_disk(&self, hold: usize) -> Result<(), Failure> {
        let of = &self.notes.holds[hold];
        let why = Words::new("The claim was settled").ok_or(Failure::Nobody("words"))?;
        done("lifts a hold", Some(of.file), self.officer(0)?.lift_hold(of.id, &why).await)
    }
}
