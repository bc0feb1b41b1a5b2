//! Steps of a case that many tests begin with: an accepted child, an approved assessment, an active plan, a booked
//! session. Everybody in them is invented.

use jiff::civil::Date;
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::{
    ArrangementId, AssessmentId, ChildId, PersonId, PlanId, ReferralId, RoomId, SessionId, VenueId,
};
use kith_domain::plan::PlanStep;
use kith_domain::referral::{Section, set_wanted};
use kith_domain::session::{Place, SessionBody, SessionState, Slot};
use kith_domain::verification::{CallFacts, Item, Outcome};
use kith_store::{Room, Session, StoreError, Venue};
use uuid::Uuid;

use super::diary::attended;
use super::{Colleague, TestService, words};
use crate::ServiceError;

/// A child of the area "north" who was referred, verified and accepted.
pub struct AcceptedChild {
    /// The child's file.
    pub child: ChildId,
    /// The child's mother, who may attend.
    pub mother: PersonId,
    /// The child's father, who may attend.
    pub father: PersonId,
    /// The child's uncle, who must not attend.
    pub uncle: PersonId,
    /// The child's social worker.
    pub social_worker: Colleague,
    /// A coordinator of the area.
    pub coordinator: Colleague,
    /// A manager of the area.
    pub manager: Colleague,
    /// A supervisor of the area.
    pub supervisor: Colleague,
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().copied().collect()
}

fn relative(given: &str, relationship: &str, may_attend: &str) -> Fields {
    fields(&[
        ("given_name", given),
        ("family_name", "Marsh"),
        ("relationship", relationship),
        ("entitlement", if relationship == "aunt_uncle" { "none" } else { "a" }),
        ("parental_responsibility", if relationship == "aunt_uncle" { "no" } else { "yes" }),
        ("may_attend", may_attend),
        ("risk_marker", "none"),
    ])
}

/// An arrangement's form without a problem: with these people, Tuesdays and Thursdays at 10:00, ordered by a court.
pub fn whole_arrangement(with: &[PersonId]) -> Fields {
    let people = with.iter().map(|person| ("with", person.to_string()));
    let rest = [
        ("bound", "at_least"),
        ("count", "2"),
        ("per", "week"),
        ("weekday", "2"),
        ("weekday", "4"),
        ("start", "10:00"),
        ("every_weeks", "1"),
        ("minutes", "90"),
        ("from-day", "24"),
        ("from-month", "11"),
        ("from-year", "2026"),
        ("court_ordered", "yes"),
        ("supervision", "supervised"),
        ("mode", "in_person"),
    ];
    people.chain(rest.map(|(name, value)| (name, value.to_owned()))).collect()
}

/// An assessment's form without a problem, of low risk.
pub fn whole_assessment() -> Fields {
    fields(&[
        ("inappropriate", "yes"),
        ("inappropriate-l", "3"),
        ("inappropriate-i", "2"),
        ("inappropriate-controls", "The supervisor turns the conversation to something else."),
        ("inappropriate-rl", "2"),
        ("inappropriate-ri", "2"),
        ("supervision", "supervised"),
        ("staff", "1"),
        ("bag_check", "no"),
        ("meeting_before", "yes"),
        ("summary", "Warm and calm at the last three meetings."),
    ])
}

impl TestService {
    /// A child of the area "north", accepted after verification, with the people who work on the case. `tag` keeps the
    /// sign-in names of two cases apart.
    pub async fn accepted_child(&self, tag: &str) -> Result<AcceptedChild, ServiceError> {
        let named = |role: &str| format!("{role}-{tag}");
        let social_worker = self.colleague(Role::SocialWorker, "north", &named("sw")).await?;
        let coordinator = self.colleague(Role::Coordinator, "north", &named("co")).await?;
        let manager = self.colleague(Role::Manager, "north", &named("ma")).await?;
        let supervisor = self.colleague(Role::Supervisor, "north", &named("su")).await?;
        let [mother, father, uncle] = [(); 3].map(|()| PersonId(Uuid::now_v7()));
        let id = self.verified_referral(&social_worker, &coordinator, [mother, father, uncle]).await?;
        let child = self.desk(&coordinator, Purpose::ServiceDelivery).accept_referral(id).await?;
        Ok(AcceptedChild { child, mother, father, uncle, social_worker, coordinator, manager, supervisor })
    }

    /// A referral of the same child, by whatever name it is known, with a mother, a father and an uncle: sent, and verified
    /// on the phone.
    pub async fn verified_referral(
        &self,
        from: &Colleague,
        coordinator: &Colleague,
        family: [PersonId; 3],
    ) -> Result<ReferralId, ServiceError> {
        let id = self.sent_referral(from, family).await?;
        self.verify(coordinator, id).await?;
        Ok(id)
    }

    /// Takes a referral up, keeps a call, and says of every item that it is right.
    pub async fn verify(&self, coordinator: &Colleague, id: ReferralId) -> Result<(), ServiceError> {
        let desk = self.desk(coordinator, Purpose::ServiceDelivery);
        desk.begin_verification(id).await?;
        desk.record_call(id, &CallFacts { minutes: 12, reached: true, ..CallFacts::default() }).await?;
        for item in Item::of(&desk.referral(id).await?.referral.body) {
            desk.answer_item(id, item, Outcome::Confirmed, None).await?;
        }
        Ok(())
    }

    /// A referral of Robin with a brother, Jay, who lives with them, and a sister, Sam, who lives elsewhere and whose father
    /// is the uncle of the others: not sent. Gives the files of the three.
    pub async fn written_group(
        &self,
        from: &Colleague,
        family: [PersonId; 3],
    ) -> Result<(ReferralId, [ChildId; 3]), ServiceError> {
        let id = self.written_referral(from, family).await?;
        let desk = self.desk(from, Purpose::ServiceDelivery);
        let [jay, sam] = [(); 2].map(|()| ChildId(Uuid::now_v7()));
        for (child, given, number, home) in [
            (jay, "Jay", "CF-204418", &[("together", "yes")][..]),
            (
                sam,
                "Sam",
                "CF-204419",
                &[("placement_type", "U4"), ("address", "9 High Street"), ("confidential", "no")],
            ),
        ] {
            let mut own = fields(CHILD);
            own.set("given_name", given);
            own.set("care_first", number);
            own.set("dob-year", if child == jay { "2014" } else { "2018" });
            let mut home = fields(home);
            if child == sam {
                home.set("carer", "Olu Barnes");
                home.set("carer_phone", "01632 960 113");
            }
            for (section, typed) in [(Section::Child, own), (Section::Placement, home)] {
                let version = desk.referral(id).await?.referral.version;
                desk.save_sibling(id, (child, section), &typed, version).await?;
            }
        }
        let father = fields(&[
            ("relationship", "father"),
            ("entitlement", "a"),
            ("parental_responsibility", "yes"),
            ("may_attend", "yes"),
            ("risk_marker", "none"),
        ]);
        let version = desk.referral(id).await?.referral.version;
        desk.save_relation(id, (sam, family[2]), Some(&father), version).await?;
        let first = desk.referral(id).await?.referral.child;
        Ok((id, [first, jay, sam]))
    }

    /// A referral with the mother, the father and the uncle of these ids, sent.
    pub async fn sent_referral(&self, from: &Colleague, family: [PersonId; 3]) -> Result<ReferralId, ServiceError> {
        let id = self.written_referral(from, family).await?;
        self.desk(from, Purpose::ServiceDelivery).submit_referral(id).await?;
        Ok(id)
    }

    /// The same, not sent.
    async fn written_referral(&self, from: &Colleague, family: [PersonId; 3]) -> Result<ReferralId, ServiceError> {
        let desk = self.desk(from, Purpose::ServiceDelivery);
        let id = desk.begin_referral(ReferralId(Uuid::now_v7()), None).await?;
        let members =
            [relative("Ann", "mother", "yes"), relative("Joe", "father", "yes"), relative("Len", "aunt_uncle", "no")];
        for (person, member) in family.into_iter().zip(members) {
            let version = desk.referral(id).await?.referral.version;
            desk.save_family_member(id, person, &member, version).await?;
        }
        let sections: [(Section, &[(&str, &str)]); 5] = [
            (Section::Child, CHILD),
            (Section::Placement, PLACEMENT),
            (Section::Legal, LEGAL),
            (Section::Risk, RISK),
            (Section::Contact, CONTACT),
        ];
        for (section, typed) in sections {
            let mut typed = fields(typed);
            if section == Section::Contact {
                set_wanted(&mut typed, &[(family[0], WANTED), (family[1], &[("sees", "none")])]);
            }
            let version = desk.referral(id).await?.referral.version;
            desk.save_section(id, section, &typed, version).await?;
        }
        Ok(id)
    }

    /// An assessment of a person, written by the coordinator, sent, and approved by the manager.
    pub async fn approved_assessment(
        &self,
        case: &AcceptedChild,
        person: PersonId,
    ) -> Result<AssessmentId, ServiceError> {
        let id = self.sent_assessment(case, person, &whole_assessment()).await?;
        self.desk(&case.manager, Purpose::Assessment).approve_assessment(id).await?;
        Ok(id)
    }

    /// An assessment of a person as typed, written by the coordinator and sent.
    pub async fn sent_assessment(
        &self,
        case: &AcceptedChild,
        person: PersonId,
        typed: &Fields,
    ) -> Result<AssessmentId, ServiceError> {
        let desk = self.desk(&case.coordinator, Purpose::Assessment);
        let id = desk.begin_assessment(case.child, person, AssessmentId(Uuid::now_v7())).await?;
        desk.save_assessment(id, typed, desk.assessment(id).await?.assessment.version).await?;
        desk.send_assessment(id).await?;
        Ok(id)
    }

    /// A plan with one arrangement, [`whole_arrangement`], still a draft.
    pub async fn draft_plan(
        &self,
        case: &AcceptedChild,
        with: &[PersonId],
    ) -> Result<(PlanId, ArrangementId), ServiceError> {
        let desk = self.desk(&case.coordinator, Purpose::ServiceDelivery);
        let id = desk.begin_plan(case.child, PlanId(Uuid::now_v7())).await?;
        let arrangement = ArrangementId(Uuid::now_v7());
        let version = desk.plan(id).await?.plan.version;
        desk.save_arrangement(id, &desk.read_arrangement(arrangement, &whole_arrangement(with))?, version).await?;
        Ok((id, arrangement))
    }

    /// The same plan, agreed and started.
    pub async fn active_plan(
        &self,
        case: &AcceptedChild,
        with: &[PersonId],
    ) -> Result<(PlanId, ArrangementId), ServiceError> {
        let (id, arrangement) = self.draft_plan(case, with).await?;
        let desk = self.desk(&case.coordinator, Purpose::ServiceDelivery);
        let agreed = PlanStep::Agree(words("Parents and carer, by phone on 23 November"));
        desk.move_plan(id, &agreed).await?;
        desk.move_plan(id, &PlanStep::Start).await?;
        Ok((id, arrangement))
    }

    /// A session at 10:00 put straight into the store, past every rule of booking.
    pub async fn session_row(
        &self,
        case: &AcceptedChild,
        line: (PlanId, ArrangementId),
        with: &[PersonId],
        day: Date,
        state: SessionState,
    ) -> Result<SessionId, ServiceError> {
        let room = self.test_room().await?;
        let work = self.service.store().work(&self.service.own_desk(Purpose::ServiceDelivery).access).await?;
        let id = SessionId(Uuid::now_v7());
        let mut session = Session {
            id,
            version: 0,
            room,
            supervisor: case.supervisor.id,
            slot: Slot { day, start_minute: 600, end_minute: 690 },
            state,
            flagged: None,
            created_ms: self.service.now_ms(),
            body: SessionBody { places: vec![Place::expected(case.child, line.0, line.1)], ..SessionBody::default() },
        };
        work.insert_session(&mut session).await?;
        work.set_people_in(id, with).await?;
        if state.was_held() {
            let all: Vec<_> = [None].into_iter().chain(with.iter().copied().map(Some)).collect();
            attended(&work, &session, &all).await?;
        }
        let occupied: Vec<_> =
            [room.0, case.supervisor.id.0].into_iter().map(|id| (id, calendar::day_number(day), 40, 46)).collect();
        work.occupy(id, &occupied).await?;
        work.commit("session.booked", self.service.now_ms()).await?;
        Ok(id)
    }

    /// A session at 10:00 at which the child and all of these people were there for 90 minutes.
    pub async fn held_session(
        &self,
        case: &AcceptedChild,
        line: (PlanId, ArrangementId),
        with: &[PersonId],
        day: Date,
    ) -> Result<SessionId, ServiceError> {
        self.session_row(case, line, with, day, SessionState::Completed).await
    }

    /// A room of a venue, made the first time.
    async fn test_room(&self) -> Result<RoomId, StoreError> {
        let (venue, room) = (VenueId(Uuid::from_u128(1)), RoomId(Uuid::from_u128(2)));
        let work = self.service.store().work(&self.service.own_desk(Purpose::ServiceDelivery).access).await?;
        match work.room(room).await {
            Err(StoreError::NotFound) => {}
            found => return found.map(|room| room.id),
        }
        let open = *self.service.register().opening();
        let mut place = Venue {
            id: venue,
            version: 0,
            name: "Mill House".into(),
            area: "north".into(),
            address: Some("2 Mill Lane\nNenebridge".into()),
            directions: Some("Bus 7 to the mill. Ring at the blue door.".into()),
            open,
            closed_ms: None,
        };
        work.insert_venue(&mut place).await?;
        let mut inside =
            Room { id: room, version: 0, venue, name: "Blue room".into(), features: String::new(), closed_ms: None };
        work.insert_room(&mut inside).await?;
        work.commit("venue.made", self.service.now_ms()).await?;
        Ok(room)
    }
}

const CHILD: &[(&str, &str)] = &[
    ("given_name", "Robin"),
    ("family_name", "Marsh"),
    ("birth_kind", "on"),
    ("dob-day", "3"),
    ("dob-month", "5"),
    ("dob-year", "2021"),
    ("sex", "female"),
    ("care_first", "CF-204417"),
    ("language", "English"),
    ("interpreter", "no"),
    ("has_allergies", "no"),
];

const PLACEMENT: &[(&str, &str)] = &[
    ("placement_type", "U4"),
    ("address", "4 Orchard Lane, Nenebridge NB2 7QT"),
    ("confidential", "yes"),
    ("confidential_from", "The father"),
    ("carer", "Priya Dale"),
    ("carer_phone", "01632 960 112"),
];

const LEGAL: &[(&str, &str)] = &[
    ("legal_status", "C1"),
    ("court", "Family Court at Eddington"),
    ("case_number", "ED26C00417"),
    ("order_date-day", "2"),
    ("order_date-month", "11"),
    ("order_date-year", "2026"),
    ("terms", "Contact with the mother at least twice a week."),
];

const RISK: &[(&str, &str)] = &[
    ("concerns", "Arguments between the parents at handover."),
    ("staff_safety", "Two members of staff at the door."),
    ("emergency_name", "Priya Dale"),
    ("emergency_phone", "01632 960 112"),
];

const CONTACT: &[(&str, &str)] = &[("constraints", "No photographs.")];

const WANTED: &[(&str, &str)] = &[
    ("bound", "at_least"),
    ("count", "2"),
    ("per", "week"),
    ("minutes", "90"),
    ("court_ordered", "yes"),
    ("supervision", "supervised"),
];
