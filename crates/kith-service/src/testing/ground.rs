//! A child in contact, put straight into the store: family, assessment, active plan, venue, supervisors on shift. For
//! tests of what comes after.

use jiff::civil::{Date, date};
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::codes::{Entitlement, Relationship, RiskMarker, Supervision};
use kith_domain::fact::{Channel, FactStanding, Source, Statement, Subject};
use kith_domain::form::Fields;
use kith_domain::ids::{
    ArrangementId, AssessmentId, ChildId, EntryId, PersonId, PlanId, RoomId, SessionId, StatementId, VenueId,
};
use kith_domain::plan::{Anchor, Arrangement, Bound, ContactPlan, Frequency, Mode, Pattern, Per, PlanState, When};
use kith_domain::record::sheet::{EndSaid, Typed};
use kith_domain::record::{Basis, Came, Ended, Heading, Observation};
use kith_domain::risk::{Assessment, AssessmentState, Hazard, Level, Scored};
use kith_domain::session::{Hours, Slot, Week};
use kith_store::{
    AssessmentBody, Child, ChildBody, ChildState, Earlier, Plan, RiskAssessment, Room, Shift, Venue, Work,
};
use uuid::Uuid;

use super::{Colleague, PASSWORD, TestService};
use crate::record::Signing;
use crate::session::Booking;
use crate::{Desk, ServiceError};

const NINE_TO_SEVEN: Week = [Some(Hours { start_minute: 540, end_minute: 1_140 }); 6];

/// Who and what a test of sessions needs. Everybody works for the area "north".
#[derive(Clone)]
pub struct Ground {
    /// The coordinator.
    pub coordinator: Colleague,
    /// The manager.
    pub manager: Colleague,
    /// The child's social worker.
    pub worker: Colleague,
    /// A supervisor on shift 09:00 to 19:00, Monday to Saturday.
    pub supervisor: Colleague,
    /// Another.
    pub second: Colleague,
    /// The child: Amara, seven years old, in proceedings, allergic to peanuts.
    pub child: ChildId,
    /// The mother: may attend, and has a valid assessment until February.
    pub mother: PersonId,
    /// The grandmother: may attend, has no assessment, and is on no plan.
    pub grandmother: PersonId,
    /// The step-father: must not attend.
    pub barred: PersonId,
    /// The active plan.
    pub plan: PlanId,
    /// Its line: the mother, Tuesdays and Thursdays at 10:00 for 90 minutes.
    pub line: ArrangementId,
    /// A line with the grandmother.
    pub line_without_assessment: ArrangementId,
    /// The venue.
    pub venue: VenueId,
    /// A room.
    pub room: RoomId,
    /// Another.
    pub other_room: RoomId,
}

impl Ground {
    /// The first session that tests book: Thursday 26 November 2026, 10:00 to 11:30.
    pub fn thursday(&self) -> Booking {
        let slot = Slot { day: date(2026, 11, 26), start_minute: 600, end_minute: 690 };
        Booking { slot, room: self.room, supervisor: self.supervisor.id, second: None }
    }
}

impl TestService {
    /// Makes it. `tag` tells two of them in one service apart.
    pub async fn ground(&self, tag: &str) -> Result<Ground, ServiceError> {
        let colleague = async |role, login: &str| self.colleague(role, "north", &format!("{login}{tag}")).await;
        let ground = Ground {
            coordinator: colleague(Role::Coordinator, "cora").await?,
            manager: colleague(Role::Manager, "mona").await?,
            worker: colleague(Role::SocialWorker, "will").await?,
            supervisor: colleague(Role::Supervisor, "sami").await?,
            second: colleague(Role::Supervisor, "sena").await?,
            child: ChildId(Uuid::now_v7()),
            mother: PersonId(Uuid::now_v7()),
            grandmother: PersonId(Uuid::now_v7()),
            barred: PersonId(Uuid::now_v7()),
            plan: PlanId(Uuid::now_v7()),
            line: ArrangementId(Uuid::now_v7()),
            line_without_assessment: ArrangementId(Uuid::now_v7()),
            venue: VenueId(Uuid::now_v7()),
            room: RoomId(Uuid::now_v7()),
            other_room: RoomId(Uuid::now_v7()),
        };
        self.service.store().create_file_key(ground.child.0).await?;
        let now_ms = self.service.now_ms();
        let made = &ground;
        let desk = self.service.own_desk(Purpose::ServiceDelivery);
        desk.change("test.ground", |work| async move {
            place(&work, made).await?;
            work.insert_child(&mut child(made, now_ms)).await?;
            let kin = [
                (made.mother, "Ruth", Relationship::Mother, true),
                (made.grandmother, "Grace", Relationship::Grandparent, true),
                (made.barred, "Dean", Relationship::StepParent, false),
            ];
            family(&work, made, &kin, now_ms).await?;
            work.insert_plan(&mut plan(made, now_ms)).await?;
            work.insert_assessment(&mut assessment(made, made.mother, 1, now_ms)).await?;
            Ok(())
        })
        .await?;
        Ok(ground)
    }

    /// A brother of the child, Ben, of an area, who sees the same mother under a plan of his own. Everybody else of it is
    /// the first ground's.
    pub async fn brother(&self, of: &Ground, area: &str) -> Result<Ground, ServiceError> {
        let brother = Ground {
            child: ChildId(Uuid::now_v7()),
            plan: PlanId(Uuid::now_v7()),
            line: ArrangementId(Uuid::now_v7()),
            line_without_assessment: ArrangementId(Uuid::now_v7()),
            ..of.clone()
        };
        self.service.store().create_file_key(brother.child.0).await?;
        let now_ms = self.service.now_ms();
        let (made, area) = (&brother, area.to_owned());
        let desk = self.service.own_desk(Purpose::ServiceDelivery);
        desk.change("test.brother", |work| {
            let area = area.clone();
            async move {
                let mut ben = child(made, now_ms);
                ben.area = area;
                work.insert_child(&mut ben).await?;
                work.add_relative(made.child, made.mother, now_ms).await?;
                let (child, mother) = (made.child, made.mother);
                let mut of_ben: Fields = OF_CHILD.iter().copied().collect();
                of_ben.set("given_name", "Ben");
                of_ben.set("allergies", "Bee stings");
                work.add_statements(&[
                    said(made, Subject::Child { child }, of_ben, now_ms),
                    said(
                        made,
                        Subject::Relationship { child, person: mother },
                        relation(Relationship::Mother, true),
                        now_ms,
                    ),
                ])
                .await?;
                let mut plan = plan(made, now_ms);
                plan.body.arrangements.retain(|line| line.id == made.line);
                work.insert_plan(&mut plan).await?;
                work.insert_assessment(&mut assessment(made, made.mother, 1, now_ms)).await?;
                Ok(())
            }
        })
        .await?;
        Ok(brother)
    }

    /// Approves another assessment of the mother that asks for this many staff; the one before is replaced.
    pub async fn assess(&self, ground: &Ground, staff: i64) -> Result<(), ServiceError> {
        let now_ms = self.service.now_ms();
        let desk = self.service.own_desk(Purpose::Assessment);
        desk.change("test.assessed", |work| async move {
            for mut before in work.assessments_of(ground.child).await? {
                before.state = AssessmentState::Replaced;
                work.save_assessment(&mut before).await?;
            }
            work.insert_assessment(&mut assessment(ground, ground.mother, staff, now_ms)).await?;
            Ok(())
        })
        .await
    }

    /// Puts the plan into a state.
    pub async fn put_plan(&self, ground: &Ground, state: PlanState) -> Result<(), ServiceError> {
        let desk = self.service.own_desk(Purpose::ServiceDelivery);
        desk.change("test.plan", |work| async move {
            let mut plan = work.plan(ground.plan).await?;
            plan.state = state;
            work.save_plan(&mut plan).await?;
            Ok(())
        })
        .await
    }

    /// Somebody's desk for delivering the service.
    pub fn at_work(&self, colleague: &Colleague) -> Desk {
        self.desk(colleague, Purpose::ServiceDelivery)
    }

    /// Moves the clock to a day and a minute in London.
    pub fn clock_to(&self, day: Date, minute: i64) {
        self.clock.move_to(calendar::instant_ms(day, minute));
    }

    /// A session that is booked for Thursday.
    pub async fn booked(&self, ground: &Ground) -> Result<SessionId, ServiceError> {
        let id = SessionId(Uuid::now_v7());
        self.at_work(&ground.coordinator).book_session(id, ground.plan, ground.line, ground.thursday()).await?;
        Ok(id)
    }

    /// A session that is confirmed for Thursday.
    pub async fn confirmed(&self, ground: &Ground) -> Result<SessionId, ServiceError> {
        let id = self.booked(ground).await?;
        self.at_work(&ground.coordinator).confirm_session(id).await?;
        Ok(id)
    }

    /// A session that goes on: it is Thursday, 10:02.
    pub async fn started(&self, ground: &Ground) -> Result<SessionId, ServiceError> {
        let id = self.confirmed(ground).await?;
        self.clock_to(ground.thursday().slot.day, 602);
        self.at_work(&ground.supervisor).start_session(id, None).await?;
        Ok(id)
    }

    /// A session with one entry that is over: it is Thursday, 11:31.
    pub async fn ended(&self, ground: &Ground) -> Result<SessionId, ServiceError> {
        let id = self.started(ground).await?;
        let desk = self.at_work(&ground.supervisor);
        desk.write_entry(id, observed("Amara ran to her mother.")).await?;
        self.clock_to(ground.thursday().slot.day, 691);
        let came = [(0, Came::at(598)), (1, Came::at(600))];
        self.course(&desk, id, &came, Some(600), Some((690, Ended::Complete))).await?;
        Ok(id)
    }

    /// Says on the record's page who came, when it began, when and how it ended; what cannot be so is an error.
    pub async fn course(
        &self,
        desk: &crate::Desk,
        id: SessionId,
        came: &[(usize, Came)],
        start: Option<i64>,
        end: Option<(i64, Ended)>,
    ) -> Result<(), ServiceError> {
        let end = end.map(|(minute, how)| {
            let note = (how != Ended::Complete).then(|| "Told the social worker".to_owned());
            EndSaid { minute, how, note }
        });
        let course = desk.record(id).await?.saying(came, start, end);
        let kept = desk.keep_course(id, Uuid::now_v7(), &course).await?;
        if kept.problems.is_empty() { Ok(()) } else { Err(kept.problems.into()) }
    }

    /// A session whose record is signed: it is Thursday, 11:31.
    pub async fn signed(&self, ground: &Ground) -> Result<SessionId, ServiceError> {
        let id = self.ended(ground).await?;
        self.at_work(&ground.supervisor).sign_record(id, &signature()).await?;
        Ok(id)
    }
}

/// A new entry of the session's beginning, as it is typed.
pub fn observed(text: &str) -> Typed {
    typed("arrival", 602, text)
}

/// A new entry under a heading, about a minute.
pub fn typed(heading: &str, minute: i64, text: &str) -> Typed {
    Typed {
        entry: EntryId(Uuid::now_v7()),
        version: 0,
        observation: Observation {
            heading: Heading::from_code(heading).unwrap_or(Heading::Interaction),
            about_minute: Some(minute),
            basis: Some(Basis::Seen),
            quotation: false,
            text: text.to_owned(),
        },
        children: Vec::new(),
        device: None,
    }
}

/// The form of a signature.
pub fn signature() -> Signing {
    Signing { password: PASSWORD.into(), late_reason: None }
}

async fn place(work: &Work, ground: &Ground) -> Result<(), ServiceError> {
    let mut venue = Venue {
        id: ground.venue,
        version: 0,
        name: "Elm House".into(),
        area: "north".into(),
        address: None,
        directions: None,
        open: NINE_TO_SEVEN,
        closed_ms: None,
    };
    work.insert_venue(&mut venue).await?;
    for (id, name) in [(ground.room, "Willow"), (ground.other_room, "Rowan")] {
        let mut room =
            Room { id, version: 0, venue: ground.venue, name: name.into(), features: "garden".into(), closed_ms: None };
        work.insert_room(&mut room).await?;
    }
    for account in [ground.supervisor.id, ground.second.id] {
        work.set_shift(&Shift { account, week: NINE_TO_SEVEN }).await?;
    }
    Ok(())
}

pub(super) fn child(ground: &Ground, now_ms: i64) -> Child {
    Child {
        id: ground.child,
        version: 0,
        state: ChildState::Open,
        area: "north".into(),
        social_worker: ground.worker.id,
        earlier: Earlier::default(),
        created_ms: now_ms,
        body: ChildBody::default(),
    }
}

/// What was said of the child.
pub(super) const OF_CHILD: &[(&str, &str)] = &[
    ("given_name", "Amara"),
    ("family_name", "Adeyemi"),
    ("birth_kind", "on"),
    ("dob", "2019-03-14"),
    ("sex", "female"),
    ("care_first", "CF100"),
    ("language", "English"),
    ("interpreter", "no"),
    ("has_allergies", "yes"),
    ("allergies", "Peanuts: swelling within minutes. Auto-injector in the blue bag, then 999."),
    ("placement_type", "U4"),
    ("address", "1 Quiet Lane, Nenebridge NB2 2BB"),
    ("confidential", "yes"),
    ("confidential_from", "Dean Marsh"),
    ("carer", "Carol Finch"),
    ("carer_phone", "01632 960 222"),
    ("legal_status", "C1"),
    ("court", "Family Court at Nenebridge"),
    ("case_number", "NB26C00417"),
    ("order_date", "2026-10-29"),
    ("concerns", "None known"),
    ("emergency_name", "Carol Finch"),
    ("emergency_phone", "01632 960 222"),
    ("constraints", "No photographs."),
];

/// Something that the social worker said.
pub(crate) fn said(ground: &Ground, subject: Subject, values: Fields, now_ms: i64) -> Statement {
    Statement {
        id: StatementId(Uuid::now_v7()),
        subject,
        recorded_ms: now_ms,
        by: ground.worker.id,
        source: Source::Told { channel: Channel::SocialWorker },
        said_by: "Will".into(),
        since: None,
        standing: FactStanding::Said,
        values,
        note: None,
        takes_back: None,
    }
}

/// What is said of how somebody stands to a child.
fn relation(relationship: Relationship, may_attend: bool) -> Fields {
    let yes = if may_attend { "yes" } else { "no" };
    let said = [
        ("relationship", relationship.code()),
        ("entitlement", Entitlement::Parent.code()),
        ("parental_responsibility", yes),
        ("may_attend", yes),
        ("risk_marker", RiskMarker::NoneKnown.code()),
    ];
    said.into_iter().collect()
}

/// Says who the child is, and who these people are to the child: name, relationship, whether they may attend.
pub(super) async fn family(
    work: &Work,
    ground: &Ground,
    kin: &[(PersonId, &str, Relationship, bool)],
    now_ms: i64,
) -> Result<(), ServiceError> {
    let child = ground.child;
    let mut statements = vec![said(ground, Subject::Child { child }, OF_CHILD.iter().copied().collect(), now_ms)];
    for (order, &(person, given, relationship, may_attend)) in (0_i64..).zip(kin) {
        work.add_relative(child, person, now_ms + order).await?;
        let of_person = [("given_name", given), ("family_name", "Adeyemi")].into_iter().collect();
        statements.push(said(ground, Subject::Person { person }, of_person, now_ms));
        let of_relation = relation(relationship, may_attend);
        statements.push(said(ground, Subject::Relationship { child, person }, of_relation, now_ms));
    }
    Ok(work.add_statements(&statements).await?)
}

fn plan(ground: &Ground, now_ms: i64) -> Plan {
    let line = |id, with| Arrangement {
        id,
        with: vec![with],
        frequency: Frequency { bound: Bound::AtLeast, count: 2, per: Per::Week },
        anchor: Anchor::Calendar,
        when: When::Always,
        serves: None,
        weeks_from: None,
        pattern: Pattern::weekly(&[2, 4], 600),
        minutes: 90,
        from: date(2026, 11, 2),
        to: None,
        court_ordered: true,
        supervision: Supervision::Supervised,
        mode: Mode::InPerson,
        venue: None,
        interpreter: None,
        transport: Some("The carer brings and fetches".into()),
        rules: Some("English is spoken.".into()),
        contingency: None,
    };
    let lines = vec![line(ground.line, ground.mother), line(ground.line_without_assessment, ground.grandmother)];
    Plan {
        id: ground.plan,
        version: 0,
        child: ground.child,
        author: ground.coordinator.id,
        state: PlanState::Active,
        created_ms: now_ms,
        review_due: None,
        body: ContactPlan { arrangements: lines, ..ContactPlan::default() },
    }
}

pub(super) fn assessment(ground: &Ground, person: PersonId, staff: i64, now_ms: i64) -> RiskAssessment {
    let uninvited = Scored {
        hazard: Hazard::Uninvited,
        what: None,
        likelihood: 3,
        impact: 3,
        controls: "Front door kept locked".into(),
        residual_likelihood: 1,
        residual_impact: 3,
    };
    let read = Assessment {
        hazards: vec![uninvited],
        none_applies: false,
        level: Level::Low,
        supervision: Supervision::Supervised,
        staff,
        bag_check: false,
        venue: Vec::new(),
        meeting_before: false,
        summary: "Calm at the last three meetings.".into(),
    };
    RiskAssessment {
        id: AssessmentId(Uuid::now_v7()),
        version: 0,
        child: ground.child,
        person,
        author: ground.coordinator.id,
        approver: Some(ground.manager.id),
        state: AssessmentState::Approved,
        created_ms: now_ms,
        valid_from: Some(calendar::day_number(date(2026, 11, 1))),
        valid_until: Some(calendar::day_number(date(2027, 1, 31))),
        body: AssessmentBody { assessment: Some(read), ..AssessmentBody::default() },
    }
}
