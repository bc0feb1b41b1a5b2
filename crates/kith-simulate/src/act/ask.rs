//! People ask what is held of them: in time, too late, with the clock stopped, extended, withdrawn.

use kith_domain::form::Fields;
use kith_domain::ids::RequestId;
use kith_domain::rights::HeldSubject;
use uuid::Uuid;

use super::fields;
use crate::notes::{Born, Request};
use crate::promise::{anniversary, answered_by, plus};
use crate::story::{Asking, Event, Next};
use crate::{Failure, World, done};

impl World {
    pub(super) async fn asks(&mut self, file: usize, how: Asking) -> Result<(), Failure> {
        let of = &self.notes.files[file];
        let packed = how == Asking::Packed;
        if of.gone.is_some() || (packed && (!of.is_open() || self.notes.is_asked_for(file))) {
            return Ok(());
        }
        // A letter lay for some days.
        let received = plus(self.today, -self.chance.between(0, 4));
        let right = if packed || self.chance.one_in(2) { "access" } else { "decisions" };
        let name = format!("{} {}", of.given, of.family);
        let mut typed = fields(&[
            ("right", right),
            ("asker", "self"),
            ("channel", "letter"),
            ("name", &name),
            ("address", "4 Mill Lane\nNenebridge"),
            ("what", "What is written about me."),
        ]);
        typed.set_date("received", received);
        if let Born::On(day) = of.born
            && day <= received
        {
            typed.set_date("birth", day);
        }
        let id = RequestId(Uuid::now_v7());
        let desk = self.officer(0)?;
        done("writes a request down", Some(file), desk.enter_request(id, &typed).await)?;
        self.told.requests += 1;
        let request = self.notes.requests.len();
        self.notes.requests.push(Request { id: Some(id), file, received, ..Request::default() });
        let mut at = self.today;
        let mut then = |world: &mut Self, low: i64, high: i64, step: Next| {
            at = plus(at, world.chance.between(low, high));
            world.agenda.on(at, Event::Step { request, step });
        };
        if packed {
            then(self, 0, 1, Next::Settled);
            then(self, 0, 1, Next::Pack);
            then(self, 5, 120, Next::Withdraw);
            return Ok(());
        }
        if how == Asking::Extended {
            then(self, 1, 9, Next::Extend);
        }
        if self.chance.one_in(2) {
            then(self, 0, 8, Next::Asked);
            then(self, 1, 12, Next::Settled);
        } else {
            then(self, 0, 5, Next::Settled);
        }
        match how {
            Asking::Late => then(self, 45, 90, Next::Answer),
            _ if self.chance.one_in(8) => then(self, 1, 3, Next::Withdraw),
            _ => then(self, 1, 7, Next::Answer),
        }
        self.look_at_due(request);
        Ok(())
    }

    /// The last day of a request is looked at, and the day after, and that on which it is reminded of.
    fn look_at_due(&mut self, request: usize) {
        let due = answered_by(&self.notes.requests[request], self.today, &self.notes.proclaimed);
        for days in [-7, 0, 1] {
            self.agenda.on(plus(due, days).max(plus(self.today, 1)), Event::Look);
        }
    }

    async fn takes(&self, request: usize, officer: usize, kind: &str) -> Result<(), Failure> {
        let of = &self.notes.requests[request];
        let Some(id) = of.id else { return Ok(()) };
        let typed = fields(&[("kind", kind), ("words", "As it was.")]);
        let taken = self.officer(officer)?.take_request_step(id, &typed).await;
        done("takes a step of a request", Some(of.file), taken).map(drop)
    }

    pub(super) async fn step(&mut self, request: usize, step: Next) -> Result<(), Failure> {
        let of = &self.notes.requests[request];
        let (file, today) = (of.file, self.today);
        if of.closed {
            return Ok(());
        }
        match step {
            Next::Asked => {
                self.takes(request, 0, "identity_asked").await?;
                self.notes.requests[request].pauses.push((today, None));
            }
            Next::Settled => {
                self.takes(request, 0, "identity_settled").await?;
                if let Some(pause) = self.notes.requests[request].pauses.last_mut() {
                    pause.1.get_or_insert(today);
                }
            }
            Next::Extend => {
                self.takes(request, 0, "extended").await?;
                self.notes.requests[request].extended = true;
            }
            Next::Pack => self.pack(request).await?,
            Next::Withdraw => {
                self.takes(request, 0, "withdrawn").await?;
                self.close_request(request);
            }
            Next::Answer => {
                if self.is_about_a_child(file) {
                    self.takes(request, 0, "child_considered").await?;
                }
                self.takes(request, 0, "prepared").await?;
                // A second person looks at it before it goes out.
                self.takes(request, 1, "released").await?;
                self.close_request(request);
            }
        }
        if !self.notes.requests[request].closed {
            self.look_at_due(request);
        }
        Ok(())
    }

    fn is_about_a_child(&self, file: usize) -> bool {
        matches!(self.notes.files[file].born, Born::On(day) if self.today < anniversary(day, 18))
    }

    fn close_request(&mut self, request: usize) {
        let today = self.today;
        let of = &mut self.notes.requests[request];
        of.closed = true;
        of.closed_on = Some(today);
        if of.packed {
            let file = &mut self.notes.files[of.file];
            file.freed = file.freed.max(Some(today));
        }
    }

    /// The officer looks for who is held, confirms it, and what there is begins to be collected: from now on the file is not
    /// destroyed before the answer (Data Protection Act 2018 s173).
    async fn pack(&mut self, request: usize) -> Result<(), Failure> {
        let (id, file) = (self.notes.requests[request].id, self.notes.requests[request].file);
        let Some(id) = id.filter(|_| self.notes.files[file].gone.is_none()) else { return Ok(()) };
        let subject = HeldSubject { file: self.notes.files[file].id, person: None };
        let desk = self.officer(0)?;
        let view = done("looks who is held", Some(file), desk.request_held(id).await)?;
        if view.maybe.iter().all(|one| one.subject != subject) {
            return done("finds who asks", Some(file), Err(kith_service::ServiceError::NotFound));
        }
        let typed: Fields = fields(&[("held", &subject.code())]);
        done("confirms who is held", Some(file), desk.say_who_is_held(id, &typed).await)?;
        done("begins a pack", Some(file), desk.begin_pack(id).await)?;
        self.notes.requests[request].packed = true;
        Ok(())
    }
}
