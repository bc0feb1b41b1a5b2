//! Every kind of row of a case, put in, read back, changed and found, on both engines.

use jiff::civil::date;
use kith_domain::access::Role;
use kith_domain::fact::{Channel, FactStanding, Source, Statement, Subject};
use kith_domain::form::Fields;
use kith_domain::ids::{
    AccountId, ArrangementId, AssessmentId, ChildId, EntryId, NoticeId, PersonId, PlanId, ReferralId, ReportId, RoomId,
    SessionId, SignInId, StatementId, VenueId,
};
use kith_domain::notice::NoticeKind;
use kith_domain::plan::{ContactPlan, PlanState};
use kith_domain::record::{
    AgeBand, Basis, Content, EntryBody, Heading, Observation, RecordBody, RecordPurpose, RecordState,
};
use kith_domain::referral::{ReferralDraft, ReferralState};
use kith_domain::report::{ReportBody, ReportState};
use kith_domain::risk::AssessmentState;
use kith_domain::session::{Hours, Place, SessionBody, SessionState, Slot};
use kith_domain::verification::Verification;
use uuid::Uuid;

use super::{NOW, coordinator, somebody};
use crate::{
    Account, AccountBody, AccountState, AssessmentBody, Child, ChildBody, ChildState, Credentials, Earlier, Entry,
    LogFilter, Notice, Plan, Record, Referral, ReferralFilter, ReferralVerification, ReferralsOf, Report,
    RiskAssessment, Room, STAFF_FILE, Session, Shift, SignIn, Store, StoreError, Venue, Waiting, each_engine,
};

/// Ids of one whole case.
pub(super) struct Whole {
    pub(super) worker: AccountId,
    pub(super) supervisor: AccountId,
    pub(super) child: ChildId,
    pub(super) referral: ReferralId,
    pub(super) person: PersonId,
    pub(super) assessment: AssessmentId,
    pub(super) plan: PlanId,
    pub(super) session: SessionId,
    pub(super) entry: EntryId,
    pub(super) report: ReportId,
}

pub(super) fn account(role: Role, name: &str) -> Account {
    let id = AccountId(Uuid::now_v7());
    Account {
        id,
        version: 0,
        role,
        area: "north".into(),
        state: AccountState::Active,
        login_token: id.0.as_bytes().to_vec(),
        totp_last_step: 0,
        failed_attempts: 0,
        locked_until_ms: 0,
        created_ms: NOW,
        proposed_ms: None,
        body: AccountBody {
            name: name.into(),
            login: name.to_lowercase(),
            phone: "01632 960 001".into(),
            email: "someone@nenedale.example".into(),
            only_urgent_mail: false,
            credentials: Credentials::default(),
            proposal: None,
            refused: None,
        },
    }
}

/// Something that a social worker said.
pub(super) fn said(by: AccountId, subject: Subject, values: Fields) -> Statement {
    Statement {
        id: StatementId(Uuid::now_v7()),
        subject,
        recorded_ms: NOW,
        by,
        source: Source::Told { channel: Channel::SocialWorker },
        said_by: "Worker".into(),
        since: None,
        standing: FactStanding::Said,
        values,
        note: None,
        takes_back: None,
    }
}

/// Puts in a whole case in one piece of work.
pub(super) async fn whole(store: &Store) -> Whole {
    let child = ChildId(Uuid::now_v7());
    store.create_file_key(STAFF_FILE).await.unwrap();
    store.create_file_key(child.0).await.unwrap();
    let work = store.work(&coordinator()).await.unwrap();
    let (mut worker, mut supervisor) = (account(Role::SocialWorker, "Worker"), account(Role::Supervisor, "Supervisor"));
    work.insert_account(&mut worker).await.unwrap();
    work.insert_account(&mut supervisor).await.unwrap();
    let mut file = Child {
        id: child,
        version: 0,
        state: ChildState::Open,
        area: "north".into(),
        social_worker: worker.id,
        earlier: Earlier::default(),
        created_ms: NOW,
        body: ChildBody::default(),
    };
    work.insert_child(&mut file).await.unwrap();
    let mut referral = Referral {
        id: ReferralId(Uuid::now_v7()),
        version: 0,
        child,
        referrer: worker.id,
        area: "north".into(),
        state: ReferralState::Submitted,
        created_ms: NOW,
        submitted_ms: Some(NOW),
        decided_ms: None,
        body: ReferralDraft::default(),
    };
    work.insert_referral(&mut referral).await.unwrap();
    let body = Verification::default();
    let mut verification = ReferralVerification {
        id: referral.id,
        version: 0,
        children: vec![child],
        verifier: worker.id,
        started_ms: NOW,
        body,
    };
    work.insert_verification(&mut verification).await.unwrap();
    let person = PersonId(Uuid::now_v7());
    work.add_relative(child, person, NOW).await.unwrap();
    let of_child: Fields = [
        ("given_name", "Siân"),
        ("family_name", "Tallowfield"),
        ("birth_kind", "on"),
        ("dob", "2020-08-14"),
        ("sex", "female"),
        ("care_first", "CF-1"),
        ("language", "Welsh"),
        ("interpreter", "no"),
        ("has_allergies", "no"),
    ]
    .into_iter()
    .collect();
    let of_person: Fields =
        [("given_name", "Eluned"), ("family_name", "Tallowfield"), ("former_names", "Eluned Quennell")]
            .into_iter()
            .collect();
    let of_relation: Fields =
        [("relationship", "mother"), ("entitlement", "a"), ("may_attend", "yes")].into_iter().collect();
    let said = [
        said(worker.id, Subject::Child { child }, of_child),
        said(worker.id, Subject::Person { person }, of_person),
        said(worker.id, Subject::Relationship { child, person }, of_relation),
    ];
    work.add_statements(&said).await.unwrap();
    let mut assessment = RiskAssessment {
        id: AssessmentId(Uuid::now_v7()),
        version: 0,
        child,
        person,
        author: worker.id,
        approver: None,
        state: AssessmentState::AwaitingApproval,
        created_ms: NOW,
        valid_from: None,
        valid_until: None,
        body: AssessmentBody { fields: [("summary", "Calm")].into_iter().collect(), ..AssessmentBody::default() },
    };
    work.insert_assessment(&mut assessment).await.unwrap();
    let mut plan = Plan {
        id: PlanId(Uuid::now_v7()),
        version: 0,
        child,
        author: worker.id,
        state: PlanState::Active,
        created_ms: NOW,
        review_due: Some(20_900),
        body: ContactPlan::default(),
    };
    work.insert_plan(&mut plan).await.unwrap();
    let mut venue = Venue {
        id: VenueId(Uuid::now_v7()),
        version: 0,
        name: "Elm House".into(),
        area: "north".into(),
        address: None,
        directions: None,
        open: [Some(Hours { start_minute: 540, end_minute: 1_140 }); 6],
        closed_ms: None,
    };
    work.insert_venue(&mut venue).await.unwrap();
    let mut room = Room {
        id: RoomId(Uuid::now_v7()),
        version: 0,
        venue: venue.id,
        name: "Willow".into(),
        features: "garden".into(),
        closed_ms: None,
    };
    work.insert_room(&mut room).await.unwrap();
    let week = [None, Some(Hours { start_minute: 540, end_minute: 1_020 }), None, None, None, None];
    work.set_shift(&Shift { account: supervisor.id, week }).await.unwrap();
    let slot = Slot { day: date(2026, 12, 1), start_minute: 600, end_minute: 690 };
    let mut session = Session {
        id: SessionId(Uuid::now_v7()),
        version: 0,
        room: room.id,
        supervisor: supervisor.id,
        slot,
        state: SessionState::Confirmed,
        flagged: None,
        created_ms: NOW,
        body: SessionBody {
            places: vec![Place::expected(child, plan.id, ArrangementId(Uuid::now_v7()))],
            second_supervisor: Some(worker.id),
            ..SessionBody::default()
        },
    };
    work.insert_session(&mut session).await.unwrap();
    work.set_people_in(session.id, &[person]).await.unwrap();
    let (from, to) = slot.quarters(30);
    let day = kith_domain::calendar::day_number(slot.day);
    work.occupy(session.id, &[(supervisor.id.0, day, from, to), (worker.id.0, day, from, to)]).await.unwrap();
    let body = RecordBody {
        bands: [(child, AgeBand::Child)].into(),
        purpose: RecordPurpose::Proceedings,
        signatures: vec![],
        reviews: vec![],
        place: "Willow, Elm House".into(),
        released: None,
    };
    let mut record = Record {
        id: session.id,
        version: 0,
        children: vec![child],
        author: supervisor.id,
        state: RecordState::Open,
        opened_ms: NOW,
        due_ms: NOW + 1,
        signed_ms: None,
        reviewed_ms: None,
        body,
    };
    work.insert_record(&mut record).await.unwrap();
    let observation = Observation {
        heading: Heading::Play,
        about_minute: Some(605),
        basis: Some(Basis::Seen),
        quotation: false,
        text: "A harbour of bricks".into(),
    };
    let body = EntryBody { content: Content::Observation(observation), device: None };
    let id = EntryId(Uuid::now_v7());
    let mut entry = Entry::new(id, session.id, vec![child], supervisor.id, NOW, body);
    work.insert_entry(&mut entry).await.unwrap();
    let mut report = Report {
        id: ReportId(Uuid::now_v7()),
        version: 0,
        child,
        author: worker.id,
        state: ReportState::Draft,
        from: 20_780,
        to: 20_790,
        created_ms: NOW,
        signed_ms: None,
        body: ReportBody {
            statement: "I have read every record".into(),
            signature: None,
            signed_text: None,
            taken_over: Vec::new(),
        },
    };
    work.insert_report(&mut report).await.unwrap();
    work.commit("test.whole", NOW).await.unwrap();
    Whole {
        worker: worker.id,
        supervisor: supervisor.id,
        child,
        referral: referral.id,
        person,
        assessment: assessment.id,
        plan: plan.id,
        session: session.id,
        entry: entry.id,
        report: report.id,
    }
}

each_engine! {
    async fn a_whole_case_is_read_back(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let look = store.look(&coordinator());
        assert_eq!(look.account(ids.worker).await.unwrap().body.name, "Worker");
        assert_eq!(look.accounts_in(Role::Supervisor).await.unwrap().len(), 1);
        assert_eq!(look.child(ids.child).await.unwrap().retention_month(), "2095-08");
        assert_eq!(look.children_in("north").await.unwrap().len(), 1);
        assert_eq!(look.children_in("south").await.unwrap().len(), 0);
        assert_eq!(look.children_of(ids.worker).await.unwrap().len(), 1);
        assert_eq!(look.referrals_by(ids.worker).await.unwrap().len(), 1);
        let sent = ReferralFilter::default();
        let (page, counts) = look.referrals_listed(ReferralsOf::Area, &sent, (50, 0)).await.unwrap();
        assert_eq!((page.len(), counts.len()), (1, 1));
        let after = look.referrals_listed(ReferralsOf::Area, &sent, (50, 1)).await.unwrap();
        assert_eq!((after.0.len(), after.1), (0, counts), "the page after");
        assert_eq!(look.referrals_of(ids.child).await.unwrap().len(), 1);
        assert!(look.verification(ids.referral).await.unwrap().is_some());
        let family = look.family(ids.child).await.unwrap();
        assert_eq!(family.iter().map(crate::Relative::name).collect::<Vec<_>>(), ["Eluned Tallowfield"]);
        assert_eq!(look.assessments_of(ids.child).await.unwrap().len(), 1);
        assert_eq!(look.plans_of(ids.child).await.unwrap()[0].review_due, Some(20_900));
        assert_eq!(look.people_in(ids.session).await.unwrap(), [ids.person]);
        assert_eq!(look.shift(ids.supervisor).await.unwrap().week[1].map(|hours| hours.end_minute), Some(1_020));
        assert_eq!(look.records_to_sign(ids.supervisor).await.unwrap().len(), 1);
        assert_eq!(look.records_of(ids.child, 50, 0).await.unwrap().1, 1);
        assert_eq!(look.reports_of(ids.child).await.unwrap()[0].id, ids.report);
        let (entries, _) = look.entries_of(ids.session).await.unwrap();
        assert!(matches!(&entries[0].body.content, Content::Observation(o) if o.text == "A harbour of bricks"));
        assert_eq!(entries[0].id, ids.entry);
        look.done("test.read", NOW).await.unwrap();
    }

    async fn what_waits_for_each_is_counted_and_nothing_of_it_is_seen(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let look = store.look(&coordinator());
        let day = kith_domain::calendar::day_number(date(2026, 12, 1));
        let of = |account, area: &str| store.look(&somebody(account, Role::Manager, area));
        let colleague = of(AccountId(Uuid::from_u128(77)), "north").waiting(day).await.unwrap();
        let area = Waiting { referrals: 1, first_submitted_ms: Some(NOW), assessments: 1, ..Waiting::default() };
        assert_eq!(colleague, area);
        let author = of(ids.worker, "north").waiting(day).await.unwrap();
        assert_eq!(author, Waiting { assessments: 0, sessions: 1, ..area }, "the second of a session has it too");
        let writer = of(ids.supervisor, "north").waiting(day).await.unwrap();
        assert_eq!(writer, Waiting { to_sign: 1, sessions: 1, ..area });
        let elsewhere = of(ids.supervisor, "south").waiting(day + 1).await.unwrap();
        assert_eq!(elsewhere, Waiting { to_sign: 1, ..Waiting::default() });
        look.done("test.count", NOW).await.unwrap();
        let entries = store.look(&coordinator()).log_entries(&LogFilter::default(), 10).await.unwrap();
        assert!(entries.iter().all(|entry| entry.action != "test.count"));

        let work = store.work(&coordinator()).await.unwrap();
        let mut record = work.record(ids.session).await.unwrap();
        record.state = RecordState::Signed;
        work.save_record(&mut record).await.unwrap();
        let mut referral = work.referral(ids.referral).await.unwrap();
        referral.state = ReferralState::Returned;
        work.save_referral(&mut referral).await.unwrap();
        work.commit("test.sign", NOW).await.unwrap();
        let reviewer = of(ids.worker, "north").waiting(day + 1).await.unwrap();
        assert_eq!(reviewer, Waiting { reviews: 1, returned: 1, ..Waiting::default() });
        let own = of(ids.supervisor, "north").waiting(day + 1).await.unwrap();
        assert_eq!(own, Waiting { assessments: 1, ..Waiting::default() }, "nobody reviews their own");
    }

    async fn sessions_are_found_by_child_plan_day_and_either_supervisor(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let look = store.look(&coordinator());
        let day = kith_domain::calendar::day_number(date(2026, 12, 1));
        for (from, to, count) in [(day, day, 1), (day + 1, day + 9, 0)] {
            assert_eq!(look.sessions_of(ids.child, from, to).await.unwrap().len(), count);
            assert_eq!(look.diary(from, to).await.unwrap().len(), count);
            assert_eq!(look.sessions_by(ids.supervisor, from, to).await.unwrap().len(), count);
            // Somebody who is only second, by the diary's own rows.
            assert_eq!(look.sessions_by(ids.worker, from, to).await.unwrap().len(), count);
        }
        assert_eq!(look.sessions_of_plan(ids.plan, day).await.unwrap()[0].slot.times(), "10:00 to 11:30");
        look.done("test.read", NOW).await.unwrap();
    }

    async fn what_awaits_approval_is_read_for_its_own_area_only(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let south = store.look(&somebody(AccountId(Uuid::nil()), Role::Manager, "south"));
        let waits = AssessmentState::AwaitingApproval;
        assert_eq!(south.assessments_listed(waits, false, (50, 0)).await.unwrap().1, []);
        assert!(south.noted().seen.is_empty(), "nothing of another area is opened");
        let look = store.look(&coordinator());
        let (awaiting, _) = look.assessments_listed(waits, false, (50, 0)).await.unwrap();
        assert_eq!(awaiting.iter().map(|of| of.id).collect::<Vec<_>>(), [ids.assessment]);
        look.done("test.read", NOW).await.unwrap();
    }

    async fn allocation_is_read_without_opening_anything(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let look = store.look(&coordinator());
        assert_eq!(look.referral_scope(ids.referral).await.unwrap().map(|scope| scope.referrer), Some(ids.worker));
        assert_eq!(look.file_scope(ids.child).await.unwrap().map(|scope| scope.social_worker), Some(ids.worker));
        let scope = look.session_scope(ids.session).await.unwrap().unwrap();
        assert!(scope.supervisors.contains(&ids.supervisor) && scope.open && !scope.signed);
        assert_eq!(scope.author, ids.supervisor);
        assert!(look.session_scope(SessionId(Uuid::now_v7())).await.unwrap().is_none());
        assert_eq!(look.child_of_assessment(ids.assessment).await.unwrap(), Some(ids.child));
        assert_eq!(look.child_of_assessment(AssessmentId(Uuid::now_v7())).await.unwrap(), None);
        assert_eq!(look.child_of_plan(ids.plan).await.unwrap(), Some(ids.child));
        assert_eq!(look.child_of_plan(PlanId(Uuid::now_v7())).await.unwrap(), None);
        assert!(look.noted().seen.is_empty());
    }

    async fn names_are_found_in_any_spelling_and_gone_with_the_file(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let look = store.look(&coordinator());
        for (text, person) in [("sian", None), ("Tallow", None), ("cf-1", None), ("2020-08-14", None), ("Quennell", Some(ids.person)), ("eluned tallowfeild", Some(ids.person))] {
            let found = look.search(&kith_linkage::Typed::read(text), text).await.unwrap();
            assert!(found.iter().any(|hit| hit.child == ids.child && hit.person == person), "{text}");
        }
        assert!(look.search(&kith_linkage::Typed::read("Nobody"), "Nobody").await.unwrap().is_empty());
        assert!(look.search(&kith_linkage::Typed::read("  "), "  ").await.unwrap().is_empty());
        drop(look);
        let work = store.work(&coordinator()).await.unwrap();
        work.unindex_child(ids.child).await.unwrap();
        work.changed("child", ids.child.0, 1);
        work.commit("test.unindexed", NOW).await.unwrap();
        assert!(store.look(&coordinator()).search(&kith_linkage::Typed::read("sian"), "sian").await.unwrap().is_empty());
    }

    async fn of_two_who_save_the_second_is_told(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let look = store.look(&coordinator());
        let (mut mine, mut theirs) = (look.assessment(ids.assessment).await.unwrap(), look.assessment(ids.assessment).await.unwrap());
        look.done("test.read", NOW).await.unwrap();
        let fields = |text: &str| -> Fields { [("summary", text)].into_iter().collect() };
        theirs.body.fields = fields("Theirs");
        let work = store.work(&coordinator()).await.unwrap();
        work.save_assessment(&mut theirs).await.unwrap();
        work.commit("test.saved", NOW).await.unwrap();
        mine.body.fields = fields("Mine");
        let work = store.work(&coordinator()).await.unwrap();
        assert!(matches!(work.save_assessment(&mut mine).await, Err(StoreError::Conflict)));
        drop(work);
        let look = store.look(&coordinator());
        assert_eq!(look.assessment(ids.assessment).await.unwrap().body.fields.get("summary"), "Theirs");
        look.done("test.read", NOW).await.unwrap();
    }

    async fn nobody_approves_their_own_even_past_the_service(fixture: &Fixture) {
        // Handbook section 6, as a constraint of the engine.
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let work = store.work(&coordinator()).await.unwrap();
        let mut assessment = work.assessment(ids.assessment).await.unwrap();
        assessment.approver = Some(assessment.author);
        assert!(work.save_assessment(&mut assessment).await.is_err());
    }

    async fn sign_ins_begin_end_and_are_forgotten(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let sign_in = SignIn { id: SignInId(Uuid::now_v7()), account: ids.worker, secret_hash: vec![7; 32], created_ms: NOW, seen_ms: NOW, ended_ms: None, stepped_up_ms: None, browser: None };
        let work = store.work(&coordinator()).await.unwrap();
        work.insert_sign_in(&sign_in).await.unwrap();
        work.commit("test.signed_in", NOW).await.unwrap();
        store.touch_sign_in(&sign_in, NOW + 5).await.unwrap();
        let look = store.look(&coordinator());
        assert_eq!(look.sign_in_by_secret(&[7; 32]).await.unwrap().map(|found| found.seen_ms), Some(NOW + 5));
        drop(look);
        let work = store.work(&coordinator()).await.unwrap();
        work.end_sign_ins(ids.worker, None, NOW + 9).await.unwrap();
        work.commit("test.ended", NOW).await.unwrap();
        assert_eq!(store.look(&coordinator()).sign_in(sign_in.id).await.unwrap().and_then(|found| found.ended_ms), Some(NOW + 9));
        let work = store.work(&coordinator()).await.unwrap();
        work.forget_sign_ins(NOW + 10).await.unwrap();
        work.commit("test.forgotten", NOW).await.unwrap();
        assert!(store.look(&coordinator()).sign_in(sign_in.id).await.unwrap().is_none());
    }

    async fn a_notice_is_told_once_and_put_away_by_its_reader_only(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let notice = Notice { id: NoticeId(Uuid::now_v7()), account: ids.worker, kind: NoticeKind::RecordSigned, subject: ids.session.0, created_ms: NOW };
        for _ in 0..2 {
            let work = store.work(&coordinator()).await.unwrap();
            work.insert_notice(&notice).await.unwrap();
            work.commit("test.told", NOW).await.unwrap();
        }
        assert_eq!(store.look(&coordinator()).notices(ids.worker).await.unwrap(), std::slice::from_ref(&notice));
        for (reader, left) in [(ids.supervisor, 1), (ids.worker, 0)] {
            let work = store.work(&coordinator()).await.unwrap();
            if left == 1 {
                assert!(matches!(work.read_notice(reader, notice.id, NOW).await, Err(StoreError::NotFound)), "another’s");
            } else {
                work.read_notice(reader, notice.id, NOW).await.unwrap();
                work.commit("test.read", NOW).await.unwrap();
            }
            assert_eq!(store.look(&coordinator()).notices(ids.worker).await.unwrap().len(), left);
        }
    }

    async fn a_row_whose_clear_columns_were_changed_past_kith_does_not_open(fixture: &Fixture) {
        // Who may, whose it is and where it stands are clear columns: each is bound to its row's seal.
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let refused = |read: Result<(), StoreError>, what: &str| {
            assert!(matches!(read, Err(StoreError::Sealed { .. })), "{what} was changed past Kith and believed");
        };
        for column in ["area = 'south'", "state = 'closed'", "retention_month = '2026-01'", "created_at = 1"] {
            fixture.tamper(&format!("UPDATE child SET {column}")).await;
            refused(store.look(&coordinator()).child(ids.child).await.map(|_| ()), column);
        }
        for column in ["role = 'manager'", "area = 'south'", "state = 'closed'", "failed_attempts = -9"] {
            fixture.tamper(&format!("UPDATE account SET {column}")).await;
            refused(store.look(&coordinator()).account(ids.worker).await.map(|_| ()), column);
        }
        for column in ["state = 'approved', valid_until = 99999", "valid_until = NULL", "created_at = 1"] {
            fixture.tamper(&format!("UPDATE risk_assessment SET {column}")).await;
            refused(store.look(&coordinator()).assessment(ids.assessment).await.map(|_| ()), column);
        }
        for column in ["day = day + 1", "flagged = NULL, state = 'cancelled'", "end_minute = end_minute + 15"] {
            fixture.tamper(&format!("UPDATE session SET {column}")).await;
            refused(store.look(&coordinator()).session(ids.session).await.map(|_| ()), column);
        }
        fixture.tamper("UPDATE report SET state = 'draft', from_day = 0").await;
        refused(store.look(&coordinator()).report(ids.report).await.map(|_| ()), "report");
        fixture.tamper("UPDATE referral SET state = 'accepted'").await;
        refused(store.look(&coordinator()).referral(ids.referral).await.map(|_| ()), "referral");
        fixture.tamper("UPDATE contact_plan SET state = 'ended'").await;
        refused(store.look(&coordinator()).plan(ids.plan).await.map(|_| ()), "plan");
        fixture.tamper("UPDATE record SET state = 'accepted'").await;
        refused(store.look(&coordinator()).record(ids.session).await.map(|_| ()), "record");
        fixture.tamper("UPDATE entry SET received_at = 1").await;
        refused(store.look(&coordinator()).entries_of(ids.session).await.map(|_| ()), "entry");
    }
}
