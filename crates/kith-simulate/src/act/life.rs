//! What happens to a child whose file is open: births that become known, moves, orders, adults, deaths, facts whose use is
//! restricted, consents that are given and withdrawn.

use kith_domain::access::{Purpose, Role};
use kith_domain::catalogue::Group;
use kith_domain::fact::{AddMember, ChangeFacts, Doubt, RaiseDoubt};
use kith_domain::form::Fields;
use kith_domain::ids::{ConsentId, DisclosureId, PersonId, SharingAgreementId, StatementId};
use kith_domain::sharing::{AgreementFacts, Consent, RecipientKind, ShareWith, To, package};
use kith_service::fact::Whose;
use uuid::Uuid;

use super::fields;
use super::refer::{identity, invented};
use crate::notes::{Born, Hidden};
use crate::promise::{Promise, plus};
use crate::story::Event;
use crate::{Failure, World, done};

/// Who told it and how.
fn told(typed: &mut Fields, today: jiff::civil::Date) {
    typed.set("told_by", "The social worker");
    typed.set("told_how", "phone");
    typed.set_date("told_since", today);
}

impl World {
    /// The coordinator changes a group of facts.
    pub(crate) async fn says(&self, file: usize, group: Group, mut typed: Fields) -> Result<(), Failure> {
        let of = &self.notes.files[file];
        let desk = self.at_work(Role::Coordinator, &of.area)?;
        let whose = Whose { child: of.id, person: None };
        let view = done("reads facts", Some(file), desk.facts(whose, group).await)?;
        told(&mut typed, self.service.today());
        let command = ChangeFacts::read(group, &typed, view.born(group), self.service.today());
        let command = done("types facts", Some(file), command.map_err(kith_service::ServiceError::Invalid))?;
        let id = StatementId(Uuid::now_v7());
        done("changes facts", Some(file), desk.change_facts(whose, id, view.version, &command).await).map(drop)
    }

    pub(super) async fn birth_known(&mut self, file: usize, day: jiff::civil::Date) -> Result<(), Failure> {
        if !self.notes.files[file].is_open() || self.notes.files[file].died.is_some() {
            return Ok(());
        }
        self.notes.files[file].born = Born::On(day);
        self.says(file, Group::Identity, identity(&self.notes.files[file])).await?;
        self.told.births += 1;
        self.follow_end(file);
        Ok(())
    }

    pub(super) async fn moves(&mut self, file: usize) -> Result<(), Failure> {
        if !self.notes.files[file].is_open() || self.notes.files[file].died.is_some() {
            return Ok(());
        }
        let address = format!("{} New Row\nNenebridge", self.chance.between(1, 900_000));
        let typed = fields(&[("placement_type", "U4"), ("address", &address), ("confidential", "no")]);
        self.told.changes += 1;
        self.touched.insert(file);
        self.says(file, Group::Placement, typed).await
    }

    /// A child assessment order becomes a care order: from then on the child is looked after.
    pub(super) async fn new_order(&mut self, file: usize) -> Result<(), Failure> {
        let of = &self.notes.files[file];
        if !of.is_open() || of.died.is_some() || file == 1 {
            return Ok(());
        }
        let status = if of.status == "C2" { "E1" } else { "C2" };
        let typed = self.legal(status);
        self.says(file, Group::Legal, typed).await?;
        let of = &mut self.notes.files[file];
        of.status = status;
        of.stands = crate::notes::Stands::Open { assessed: false };
        self.told.changes += 1;
        self.follow_end(file);
        Ok(())
    }

    pub(super) async fn new_adult(&mut self, file: usize) -> Result<(), Failure> {
        let of = &self.notes.files[file];
        if !of.is_open() || of.died.is_some() {
            return Ok(());
        }
        let desk = self.at_work(Role::Coordinator, &of.area)?;
        let mut typed = fields(&[
            ("given_name", &invented(file * 19 + 40_000)),
            ("family_name", &invented(file * 23 + 60_000)),
            ("relationship", "aunt_uncle"),
            ("entitlement", "none"),
            ("parental_responsibility", "no"),
            ("may_attend", "yes"),
            ("risk_marker", "none"),
        ]);
        told(&mut typed, self.today);
        let born = match of.born {
            Born::On(day) => kith_domain::person::Birth::On { day },
            Born::Expected(day) => kith_domain::person::Birth::Expected { day },
            Born::Between(from, to) => kith_domain::person::Birth::Between { from, to },
        };
        if matches!(of.born, Born::Between(_, to) if to > self.today) || matches!(of.born, Born::Expected(_)) {
            return Ok(());
        }
        let command = AddMember::read(&typed, Some(born), self.today).map_err(kith_service::ServiceError::Invalid);
        let command = done("types a relative", Some(file), command)?;
        done("adds a relative", Some(file), desk.add_member(of.id, PersonId(Uuid::now_v7()), &command).await)?;
        self.told.changes += 1;
        Ok(())
    }

    pub(super) async fn dies(&mut self, file: usize) -> Result<(), Failure> {
        let of = &self.notes.files[file];
        let died = plus(self.today, -self.chance.between(0, 5)).max(of.born.latest());
        if !of.is_open() || of.died.is_some() || matches!(of.born, Born::Expected(_)) || died > self.today {
            return Ok(());
        }
        let mut typed = Fields::default();
        typed.set_date("died", died);
        self.says(file, Group::Death, typed).await?;
        self.notes.files[file].died = Some(died);
        self.told.deaths += 1;
        self.follow_end(file);
        if file != 1 && self.chance.one_in(4) {
            self.agenda.on(plus(self.today, self.chance.between(1, 400)), Event::DeathWasWrong(file));
        }
        Ok(())
    }

    /// It was somebody else's: the file has its earlier date again, and is taken off a list on which it stands.
    pub(super) async fn death_was_wrong(&mut self, file: usize) -> Result<(), Failure> {
        if !self.notes.files[file].is_open() || self.notes.files[file].died.is_none() {
            return Ok(());
        }
        self.says(file, Group::Death, Fields::default()).await?;
        self.notes.files[file].died = None;
        let over = self.notes.files[file].is_over(self.today);
        for list in self.notes.lists.iter_mut().filter(|list| !list.over && !over) {
            list.files.remove(&file);
        }
        self.follow_end(file);
        Ok(())
    }

    /// A manager restricts the use of the school, or of the mother's phone number, for a time.
    pub(super) async fn restrict(&mut self, file: usize) -> Result<(), Failure> {
        let of = &self.notes.files[file];
        if !of.is_open() || of.hidden.is_some() {
            return Ok(());
        }
        // What is said of a person is said for every file in which the person stands.
        let of_mother = of.first && of.with.is_empty() && self.chance.one_in(2);
        let (person, group, code) =
            if of_mother { (Some(of.mother), Group::Contact, "phone") } else { (None, Group::School, "school") };
        let Some(item) = group.items().find(|item| item.code == code) else { return Ok(()) };
        let desk = self.at_work(Role::Manager, &of.area)?;
        let (whose, statement) = (Whose { child: of.id, person }, StatementId(Uuid::now_v7()));
        let command =
            RaiseDoubt { doubt: Doubt::Restricted, by: "The mother".to_owned(), why: "It is being checked".to_owned() };
        done("restricts a fact", Some(file), desk.raise_doubt(whose, item, statement, &command).await)?;
        self.notes.files[file].hidden = Some(Hidden { person, group, item: item.code, statement });
        self.touched.insert(file);
        self.told.changes += 1;
        let lift = plus(self.today, self.chance.between(10, 4_000));
        self.agenda.on(lift, Event::LiftRestriction(file));
        Ok(())
    }

    pub(super) async fn lift_restriction(&mut self, file: usize) -> Result<(), Failure> {
        let Some(hidden) = self.notes.files[file].hidden.clone().filter(|_| self.notes.files[file].is_open()) else {
            return Ok(());
        };
        self.lift_doubt(file, &hidden).await?;
        self.notes.files[file].hidden = None;
        Ok(())
    }

    /// A manager takes back that a fact is restricted.
    pub(crate) async fn lift_doubt(&self, file: usize, hidden: &Hidden) -> Result<(), Failure> {
        let of = &self.notes.files[file];
        let desk = self.at_work(Role::Manager, &of.area)?;
        let whose = Whose { child: of.id, person: hidden.person };
        let Some(item) = hidden.group.items().find(|item| item.code == hidden.item) else { return Ok(()) };
        done("lifts", Some(file), desk.lift_doubt(whose, item, hidden.statement, "It was checked").await)
    }

    /// A consent to tell the school, and its withdrawal: the next disclosure is stopped at once, also one that was weighed before.
    pub(super) async fn consent(&mut self, file: usize) -> Result<(), Failure> {
        if !self.notes.files[file].is_open() || self.notes.files[file].died.is_some() {
            return Ok(());
        }
        let agreement = self.agreement_with_a_school().await?;
        let of = &self.notes.files[file];
        let desk = self.at_work(Role::Coordinator, &of.area)?;
        let who = [("said_by", "The mother"), ("authority", "parental"), ("evidence", "signed")];
        let mut typed = fields(&who);
        for (name, value) in
            [("whose", "child"), ("what", "sharing"), ("recipient", RecipientKind::School.code()), ("answer", "given")]
        {
            typed.set(name, value);
        }
        typed.set_date("on", self.today);
        let said = Consent::read(&typed, self.today).map_err(kith_service::ServiceError::Invalid);
        let said = done("types a consent", Some(file), said)?;
        let id = ConsentId(Uuid::now_v7());
        done("writes a consent down", Some(file), desk.add_consent(of.id, id, &said).await)?;
        let ask = ShareWith {
            to: To::Party(agreement),
            recipient: Some("The head teacher".to_owned()),
            purpose: Purpose::ServiceDelivery,
            related: None,
            session: None,
            enclosed: Vec::new(),
            alone: false,
            reason: None,
        };
        self.a_minute_passes();
        let before = done("weighs a disclosure", Some(file), desk.weigh_disclosure(of.id, &ask).await)?;
        let child = of.id;
        let goes = before.weighed.iter().any(|of| of.stays.is_none());
        let called = of.called(file);
        let again = format!("{called}: with consent nothing goes to the school");
        self.ask(Promise::Withdrawn, goes && before.blocked.is_none(), || again);
        let again = ConsentId(Uuid::now_v7());
        done("withdraws a consent", Some(file), desk.withdraw_consent(id, again, &fields(&who)).await)?;
        self.told.withdrawn += 1;
        self.a_minute_passes();
        let after = done("weighs a disclosure", Some(file), desk.weigh_disclosure(child, &ask).await)?;
        let stays = after.weighed.iter().all(|of| of.stays.is_some()) && after.blocked.is_some();
        self.ask(Promise::Withdrawn, stays, || {
            format!("{called}: after the withdrawal something would go to the school")
        });
        let sent = desk.disclose(DisclosureId(Uuid::now_v7()), child, &ask, &before.seen).await;
        self.ask(Promise::Withdrawn, sent.is_err(), || {
            format!("{called}: what was weighed before the withdrawal went")
        });
        Ok(())
    }

    async fn agreement_with_a_school(&self) -> Result<SharingAgreementId, Failure> {
        let desk = self.officer(0)?;
        let of = package(RecipientKind::School);
        let facts = AgreementFacts {
            party: format!("School {}", self.today),
            kind: RecipientKind::School,
            purposes: of.purposes.to_vec(),
            items: of.items().map(str::to_owned).collect(),
            papers: of.papers.to_vec(),
            from: plus(self.today, -10),
            until: plus(self.today, 300),
            review_on: plus(self.today, 200),
            key: None,
            document: None,
            terms: Some("Seen only by who does the work.".to_owned()),
        };
        let id = SharingAgreementId(Uuid::now_v7());
        done("writes an agreement", None, desk.write_agreement(id, None, &facts).await)?;
        for side in ["council", "party"] {
            let mut typed = fields(&[("side", side), ("name", "Maud Ferris"), ("role", "Director")]);
            typed.set_date("on", plus(self.today, -11));
            done("signs an agreement", None, desk.sign_agreement_of_sharing(id, &typed).await)?;
        }
        Ok(id)
    }
}
