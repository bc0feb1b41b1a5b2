//! A county's worth of everything, put straight into the store: for tests of what a list costs.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use kith_domain::access::Purpose;
use kith_domain::codes::Relationship;
use kith_domain::fact::{Statement, Subject};
use kith_domain::form::Fields;
use kith_domain::ids::{AssessmentId, ChildId, DisclosureId, PersonId, ReferralId, RegisterVersionId, SessionId};
use kith_domain::record::RecordState;
use kith_domain::referral::{ReferralDraft, ReferralState};
use kith_domain::register::{RegisterBody, RegisterState, RegisterText};
use kith_domain::risk::AssessmentState;
use kith_domain::session::{Place, SessionBody, SessionState, Slot};
use kith_domain::sharing::{Basis, DisclosureBody, RecipientKind, Went};
use kith_store::{Disclosure, Referral, RegisterVersion, Session, Work};
use uuid::Uuid;

use super::diary::attended;
use super::ground::{OF_CHILD, assessment, child, family, said};
use super::{Ground, TestService};
use crate::ServiceError;

/// Of how many children everything is put in with one transaction.
const AT_A_TIME: usize = 20;

impl TestService {
    /// Puts in so many children of the area, each with a mother, a referral that waits, an assessment that waits, a session
    /// today and one on the day before whose record is signed; and as many sessions with accepted records for the child of
    /// the ground, all by the ground's supervisor, and as many things said of that child.
    pub async fn many(&self, ground: &Ground, count: i64) -> Result<(), ServiceError> {
        let now_ms = self.service.now_ms();
        let mut children = Vec::new();
        for _ in 0..count {
            let one = Ground { child: ChildId(Uuid::now_v7()), mother: PersonId(Uuid::now_v7()), ..ground.clone() };
            self.service.store().create_file_key(one.child.0).await?;
            children.push(one);
        }
        let desk = self.service.own_desk(Purpose::ServiceDelivery);
        // A few at a time: whoever else writes waits ten seconds at most.
        for some in (0_i64..).zip(children).collect::<Vec<_>>().chunks(AT_A_TIME) {
            desk.change("test.many", |work| async move {
                for (number, one) in some {
                    put(&work, one, now_ms + number).await?;
                    let today = session(one, *number, 0, SessionState::Confirmed, now_ms);
                    work.insert_session(&mut today.clone()).await?;
                    work.set_people_in(today.id, &[one.mother]).await?;
                    let signed = session(one, *number, 1, SessionState::Completed, now_ms);
                    held(&work, one, signed, RecordState::Signed).await?;
                    let earlier = session(ground, *number, 2 + number % 60, SessionState::Completed, now_ms);
                    held(&work, ground, earlier, RecordState::Accepted).await?;
                    work.insert_disclosure(&mut sent(ground, now_ms + number), b"%PDF").await?;
                    work.insert_register_version(&mut withdrawn(now_ms)).await?;
                }
                Ok(())
            })
            .await?;
        }
        let school = |number: i64| {
            let values = [("school", format!("School {number}"))].into_iter().collect();
            said(ground, Subject::Child { child: ground.child }, values, now_ms + number)
        };
        let schools: &Vec<Statement> = &(0..count).map(school).collect();
        desk.change("test.many", |work| async move { Ok(work.add_statements(schools).await?) }).await
    }
}

impl TestService {
    /// Puts in so many referrals of the area, each of a child, all by the ground's social worker: one in twenty waits, and most were
    /// accepted. One was sent each hour, the last one an hour ago.
    pub async fn many_referrals(&self, ground: &Ground, count: i64) -> Result<Vec<ReferralId>, ServiceError> {
        let now_ms = self.service.now_ms();
        let desk = self.service.own_desk(Purpose::ServiceDelivery);
        let mut ids = Vec::new();
        let numbers: Vec<i64> = (0..count).collect();
        for some in numbers.chunks(AT_A_TIME * 10) {
            let mut made = Vec::new();
            for number in some {
                let one = Ground { child: ChildId(Uuid::now_v7()), ..ground.clone() };
                self.service.store().create_file_key(one.child.0).await?;
                let state = match number % 20 {
                    0 => ReferralState::Submitted,
                    1 => ReferralState::Declined,
                    2 => ReferralState::Withdrawn,
                    _ => ReferralState::Accepted,
                };
                made.push(Referral { state, ..referral(&one, now_ms - (count - number) * 3_600_000) });
            }
            ids.extend(made.iter().map(|referral| referral.id));
            let made = &made;
            desk.change("test.referrals", |work| async move {
                for referral in made {
                    let one = Ground { child: referral.child, ..ground.clone() };
                    work.insert_child(&mut child(&one, referral.created_ms)).await?;
                    work.insert_referral(&mut referral.clone()).await?;
                }
                Ok(())
            })
            .await?;
        }
        Ok(ids)
    }

    /// Puts in a child of the area for each of these lists of values, beside what is usual, each with a session that took place on a day.
    pub async fn seen_on(
        &self,
        ground: &Ground,
        day: Date,
        children: &[Vec<(&str, &str)>],
    ) -> Result<Vec<ChildId>, ServiceError> {
        let now_ms = self.service.now_ms();
        let mut made = Vec::new();
        for _ in children {
            let one = Ground { child: ChildId(Uuid::now_v7()), mother: PersonId(Uuid::now_v7()), ..ground.clone() };
            self.service.store().create_file_key(one.child.0).await?;
            made.push(one);
        }
        let made = &made;
        let desk = self.service.own_desk(Purpose::ServiceDelivery);
        desk.change("test.seen", |work| async move {
            for (number, (one, values)) in (0_i64..).zip(made.iter().zip(children)) {
                work.insert_child(&mut child(one, now_ms)).await?;
                let mut all: Fields = OF_CHILD.iter().copied().collect();
                for (name, value) in values {
                    all.set(*name, *value);
                }
                work.add_statements(&[said(one, Subject::Child { child: one.child }, all, now_ms)]).await?;
                let mut on = session(one, number, 0, SessionState::Completed, now_ms);
                on.slot.day = day;
                work.insert_session(&mut on).await?;
            }
            Ok(())
        })
        .await?;
        Ok(made.iter().map(|one| one.child).collect())
    }
}

/// Something of the ground's child that went to a department.
fn sent(ground: &Ground, at_ms: i64) -> Disclosure {
    let part = Went { label: "School".into(), item: Some("child.school".into()), person: None, stays: None };
    Disclosure {
        id: DisclosureId(Uuid::now_v7()),
        version: 0,
        child: ground.child,
        author: ground.coordinator.id,
        agreement: None,
        demand: None,
        kind: RecipientKind::Learning,
        created_ms: at_ms,
        recalled_ms: None,
        body: DisclosureBody {
            recipient: RecipientKind::Learning.label().to_owned(),
            kind: RecipientKind::Learning,
            purpose: Purpose::ServiceDelivery,
            basis: Basis::Duty,
            power: None,
            related: None,
            session: None,
            parts: vec![part],
            enclosed: Vec::new(),
            alone: false,
            reason: None,
            digest: String::new(),
            length: 4,
            seen: String::new(),
            deliveries: Vec::new(),
            recalled: None,
            told: Vec::new(),
        },
    }
}

async fn put(work: &Work, one: &Ground, now_ms: i64) -> Result<(), ServiceError> {
    work.insert_child(&mut child(one, now_ms)).await?;
    family(work, one, &[(one.mother, "Ruth", Relationship::Mother, true)], now_ms).await?;
    let mut waiting = assessment(one, one.mother, 1, now_ms);
    waiting.id = AssessmentId(Uuid::now_v7());
    (waiting.state, waiting.approver) = (AssessmentState::AwaitingApproval, None);
    (waiting.valid_from, waiting.valid_until) = (None, None);
    work.insert_assessment(&mut waiting).await?;
    work.insert_referral(&mut referral(one, now_ms)).await?;
    Ok(())
}

/// A referral of the ground's child that was sent, and waits.
fn referral(of: &Ground, sent_ms: i64) -> Referral {
    Referral {
        id: ReferralId(Uuid::now_v7()),
        version: 0,
        child: of.child,
        referrer: of.worker.id,
        area: "north".into(),
        state: ReferralState::Submitted,
        created_ms: sent_ms,
        submitted_ms: Some(sent_ms),
        decided_ms: None,
        body: ReferralDraft::default(),
    }
}

/// A version of the register that came to nothing.
fn withdrawn(now_ms: i64) -> RegisterVersion {
    RegisterVersion {
        id: RegisterVersionId(Uuid::now_v7()),
        version: 0,
        number: 0,
        author: None,
        state: RegisterState::Withdrawn,
        created_ms: now_ms,
        from_day: None,
        body: RegisterBody::new(&RegisterText::new("# Nothing"), None),
    }
}

/// A session of 24 November 2026 or so many days before, at one of twenty times.
fn session(of: &Ground, number: i64, days_before: i64, state: SessionState, now_ms: i64) -> Session {
    let day = date(2026, 11, 24).saturating_sub(days_before.days());
    let start_minute = 540 + number % 20 * 15;
    Session {
        id: SessionId(Uuid::now_v7()),
        version: 0,
        room: of.room,
        supervisor: of.supervisor.id,
        slot: Slot { day, start_minute, end_minute: start_minute + 60 },
        state,
        flagged: None,
        created_ms: now_ms,
        body: SessionBody { places: vec![Place::expected(of.child, of.plan, of.line)], ..SessionBody::default() },
    }
}

async fn held(work: &Work, of: &Ground, mut session: Session, state: RecordState) -> Result<(), ServiceError> {
    work.insert_session(&mut session).await?;
    work.set_people_in(session.id, &[of.mother]).await?;
    attended(work, &session, &[None, Some(of.mother)]).await?;
    let mut record = work.record(session.id).await?;
    record.state = state;
    record.signed_ms = Some(session.slot.ends_ms());
    work.save_record(&mut record).await?;
    Ok(())
}
