//! Children are referred, the referral is verified on the phone, and decided.

use kith_domain::access::{Purpose, Role};
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId, ReferralId};
use kith_domain::referral::{Ending, Section, SiblingDraft, set_wanted};
use kith_domain::verification::{CallFacts, Item, Outcome};
use kith_service::Desk;
use uuid::Uuid;

use super::fields;
use crate::notes::{Born, File, Stands};
use crate::promise::{plus, working_days_after};
use crate::story::{Event, Family, Fate};
use crate::{Failure, World, done};

/// A name that is nobody else's: syllables of a number, far from those of the next.
pub(crate) fn invented(number: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "chi", "do", "fen", "gul", "hes", "ja", "kor", "lim", "mov", "nad", "per", "quil", "rot", "sul", "wex"];
    let mut mixed = u64::try_from(number + 1).unwrap_or(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut name = String::new();
    for _ in 0..4 {
        name.push_str(SYLLABLES[usize::try_from(mixed >> 60).unwrap_or(0)]);
        mixed = mixed.rotate_left(13);
    }
    kith_domain::form::upper_first(&name)
}

fn typed_birth(born: Born) -> Fields {
    let (kind, day, to) = match born {
        Born::On(day) => ("on", day, None),
        Born::Expected(day) => ("expected", day, None),
        Born::Between(day, to) => ("between", day, Some(to)),
    };
    let mut typed = fields(&[("birth_kind", kind)]);
    typed.set_date("dob", day);
    if let Some(to) = to {
        typed.set_date("dob_to", to);
    }
    typed
}

/// Who the child is, as a form says it.
pub(crate) fn identity(file: &File) -> Fields {
    let mut typed = typed_birth(file.born);
    for (name, value) in [
        ("given_name", file.given.as_str()),
        ("family_name", file.family.as_str()),
        ("sex", "female"),
        ("care_first", file.care_first.as_str()),
        ("language", "English"),
        ("interpreter", "no"),
    ] {
        typed.set(name, value);
    }
    typed
}

impl World {
    pub(super) async fn refer(&mut self, family: usize) -> Result<(), Failure> {
        let of = self.families[family].clone();
        let area = self.town.areas[of.area].clone();
        let worker = self.town.one(Role::SocialWorker, &area, family)?;
        let desk = self.desk(&worker, Purpose::ServiceDelivery);
        let begun = desk.begin_referral(ReferralId(Uuid::now_v7()), None).await;
        let referral = done("begins a referral", None, begun)?;
        let first = done("reads a referral", None, desk.referral(referral).await)?.referral.child;
        let from = self.notes.files.len();
        let numbers: Vec<usize> = (from..from + of.children.len()).collect();
        let mother = PersonId(Uuid::now_v7());
        for (number, born) in numbers.iter().zip(&of.children) {
            let file = File {
                id: if *number == from { first } else { ChildId(Uuid::now_v7()) },
                referral,
                area: area.clone(),
                worker: worker.id,
                given: invented(number * 3),
                family: invented(family * 7 + 5_000),
                mother,
                mother_given: invented(family * 11 + 9_000),
                phone: format!("07700 900 {:03}", family % 1_000),
                school: format!("{} School", invented(number * 13 + 70_000)),
                care_first: format!("CF-{:06}", 100_000 + number * 37),
                born: *born,
                died: None,
                status: of.status,
                stands: Stands::Waiting,
                first: *number == from,
                with: numbers.iter().copied().filter(|other| other != number).collect(),
                accepted: None,
                first_session: None,
                hidden: None,
                gone: None,
                freed: None,
            };
            self.notes.by_id.insert(file.id, *number);
            self.notes.files.push(file);
        }
        done("writes a referral", Some(from), self.write(&desk, referral, &of, &numbers).await)?;
        done("sends a referral", Some(from), desk.submit_referral(referral).await)?;
        self.told.referred += u64::try_from(numbers.len()).unwrap_or(0);
        // Most are decided the next working day, some late: their clock has run out by then.
        let days = if self.chance.one_in(5) { self.chance.between(2, 6) } else { 1 };
        let on = working_days_after(self.today, days, &self.notes.proclaimed);
        self.agenda.on(on, Event::Decide { files: numbers, fate: of.fate });
        Ok(())
    }

    async fn write(
        &self,
        desk: &Desk,
        id: ReferralId,
        of: &Family,
        numbers: &[usize],
    ) -> Result<(), kith_service::ServiceError> {
        let file = &self.notes.files[numbers[0]];
        let mut version = desk.referral(id).await?.referral.version;
        let mother = fields(&[
            ("given_name", &file.mother_given),
            ("family_name", &file.family),
            ("relationship", "mother"),
            ("entitlement", "a"),
            ("parental_responsibility", "yes"),
            ("may_attend", "yes"),
            ("risk_marker", "none"),
            ("phone", &file.phone),
        ]);
        version = desk.save_family_member(id, file.mother, &mother, version).await?.version;
        let mut contact = fields(&[("constraints", "No photographs.")]);
        let wanted = [
            ("bound", "at_least"),
            ("count", "2"),
            ("per", "week"),
            ("minutes", "90"),
            ("court_ordered", "yes"),
            ("supervision", "supervised"),
        ];
        set_wanted(&mut contact, &[(file.mother, &wanted)]);
        let placement = fields(&[
            ("placement_type", "U4"),
            ("address", &format!("{} {} Lane\nNenebridge", numbers[0] + 1, file.family)),
            ("confidential", "no"),
            ("carer", &invented(numbers[0] * 17 + 20_000)),
            ("carer_phone", &format!("01632 960 {:03}", (numbers[0] * 7) % 1_000)),
        ]);
        let risk = fields(&[("concerns", "None known"), ("emergency_carer", "yes")]);
        let child = |number: usize| {
            let of = &self.notes.files[number];
            let mut typed = identity(of);
            typed.set("has_allergies", "no");
            typed.set("school", of.school.clone());
            typed
        };
        let sections = [
            (Section::Child, child(numbers[0])),
            (Section::Placement, placement),
            (Section::Legal, self.legal(of.status)),
            (Section::Contact, contact),
            (Section::Risk, risk),
        ];
        for (section, typed) in sections {
            version = desk.save_section(id, section, &typed, version).await?.version;
        }
        for number in &numbers[1..] {
            let home = fields(&[(SiblingDraft::TOGETHER, "yes")]);
            for (section, typed) in [(Section::Child, child(*number)), (Section::Placement, home)] {
                let part = (self.notes.files[*number].id, section);
                version = desk.save_sibling(id, part, &typed, version).await?.version;
            }
        }
        Ok(())
    }

    /// Legal status and order, as a form says them.
    pub(super) fn legal(&self, status: &str) -> Fields {
        let mut typed = fields(&[("legal_status", status)]);
        if matches!(status, "C1" | "C2" | "E1" | "L3") {
            typed.set("court", "Family Court at Eddington");
            typed.set(
                "case_number",
                format!("ED{:02}C00{:03}", self.today.year() % 100, self.notes.files.len() % 1_000),
            );
            typed.set_date("order_date", plus(self.today, -20));
        }
        typed
    }

    /// The coordinator calls and decides; or the social worker has withdrawn it by then.
    pub(super) async fn decide(&mut self, files: &[usize], fate: Fate) -> Result<(), Failure> {
        let first = files[0];
        let (referral, area) = (self.notes.files[first].referral, self.notes.files[first].area.clone());
        let ending =
            |looked_after: Option<bool>| Ending { reason: "The family has moved away".to_owned(), looked_after };
        let desk = self.at_work(Role::Coordinator, &area)?;
        let stands = match fate {
            Fate::Withdrawn(looked_after) => {
                let worker = self.notes.files[first].worker;
                let worker = self.town.staff.iter().find(|of| of.id == worker).cloned();
                let worker = worker.ok_or(Failure::Nobody("social worker"))?;
                let theirs = self.desk(&worker, Purpose::ServiceDelivery);
                done("withdraws", Some(first), theirs.withdraw_referral(referral, &ending(looked_after)).await)?;
                Stands::Over { on: self.today, looked_after }
            }
            Fate::Declined(looked_after) => {
                done("declines", Some(first), desk.decline_referral(referral, &ending(looked_after)).await)?;
                Stands::Over { on: self.today, looked_after }
            }
            Fate::Accepted => {
                done("verifies", Some(first), verify(&desk, referral).await)?;
                done("accepts", Some(first), desk.accept_referral(referral).await)?;
                Stands::Open { assessed: self.notes.files[first].status == "L3" }
            }
        };
        for file in files {
            let today = self.today;
            let of = &mut self.notes.files[*file];
            of.stands = stands;
            if matches!(stands, Stands::Open { .. }) {
                of.accepted = Some(today);
                self.awaits_session(*file);
                self.write_life(*file);
                if let Born::Expected(day) = self.notes.files[*file].born {
                    let born = plus(day, self.chance.between(-20, 27));
                    let known = plus(born, self.chance.between(0, 3)).max(plus(today, 1));
                    self.agenda.on(known, Event::BirthKnown { file: *file, day: born.min(known) });
                }
            } else {
                self.write_questions(*file);
            }
            self.follow_end(*file);
        }
        Ok(())
    }

    /// "First session within 5 working days of acceptance; for a baby under 1 on an interim order within 2"; of a child who is not
    /// born yet from the day on which the birth is expected.
    fn awaits_session(&mut self, file: usize) {
        let of = &self.notes.files[file];
        let baby = of.status == "C1" && self.today < crate::promise::anniversary(of.born.latest(), 1);
        let from = match of.born {
            Born::Expected(day) => day.max(self.today),
            _ => self.today,
        };
        let due = working_days_after(from, if baby { 2 } else { 5 }, &self.notes.proclaimed);
        self.notes.files[file].first_session = Some(due);
        // Visited whether or not the program has a job on it.
        self.agenda.on(plus(due, 1), Event::Look);
    }
}

/// The call, with every item as the form says.
async fn verify(desk: &Desk, id: ReferralId) -> Result<(), kith_service::ServiceError> {
    desk.begin_verification(id).await?;
    desk.record_call(id, &CallFacts { minutes: 9, reached: true, ..CallFacts::default() }).await?;
    for item in Item::of(&desk.referral(id).await?.referral.body) {
        desk.answer_item(id, item, Outcome::Confirmed, None).await?;
    }
    Ok(())
}
