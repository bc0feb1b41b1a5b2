//! What a session and its record are read by: statements written by hand, so on both engines.

use kith_domain::access::{Access, Actor, Purpose, Role};
use kith_domain::ids::{AccountId, ArrangementId, ChildId, EntryId, SessionId};
use kith_domain::record::{AgeBand, EntryBody, Heading, Observation, RecordBody, RecordPurpose, RecordState};
use kith_domain::session::{SessionBody, SessionState, Slot};
use uuid::Uuid;

use super::{Ground, NOW, coordinator, ground};
use crate::{Entry, Record, SessionOf, Store, StoreError, each_engine};

const DAY: i64 = 20_790;

/// A session that is booked, with another member of staff and a room taken for it.
async fn booked(store: &Store, ground: &Ground, second: Uuid, room: Uuid) -> SessionOf {
    let mut session = SessionOf {
        id: SessionId(Uuid::now_v7()),
        version: 0,
        child: ChildId(ground.child),
        plan: kith_domain::ids::PlanId(ground.plan),
        arrangement: ArrangementId(ground.plan),
        room: kith_domain::ids::RoomId(ground.room),
        supervisor: AccountId(ground.account),
        slot: Slot { day: kith_domain::calendar::day_of(DAY), start_minute: 600, end_minute: 690 },
        state: SessionState::Planned,
        flagged: None,
        created_ms: NOW,
        body: SessionBody::default(),
    };
    let work = store.work(&coordinator()).await.unwrap();
    work.insert_session(&mut session).await.unwrap();
    work.occupy(session.id, &[(second, DAY, 40, 48), (room, DAY, 40, 46)]).await.unwrap();
    work.commit("test.session", NOW).await.unwrap();
    session
}

/// The record of a session, in a state.
async fn recorded(store: &Store, session: &SessionOf, state: RecordState) -> Record {
    let mut record = Record {
        id: session.id,
        version: 0,
        child: session.child,
        author: session.supervisor,
        state,
        opened_ms: NOW,
        due_ms: NOW + 1,
        signed_ms: (state != RecordState::Open).then_some(NOW + 2),
        reviewed_ms: None,
        body: RecordBody {
            band: AgeBand::Child,
            purpose: RecordPurpose::Relationship,
            attendance: Vec::new(),
            signatures: Vec::new(),
            reviews: Vec::new(),
            place: "Willow, Elm House".into(),
        },
    };
    let work = store.work(&coordinator()).await.unwrap();
    work.insert_record(&mut record).await.unwrap();
    work.commit("test.record", NOW).await.unwrap();
    record
}

fn asked_by(account: Uuid) -> Access {
    let actor = Actor::staff(AccountId(account), Role::Supervisor, "north");
    Access { actor, purpose: Purpose::ServiceDelivery }
}

each_engine! {
    async fn a_session_s_scope_names_the_second_supervisor_to_themselves(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = ground(&store, "x").await;
        let second = Uuid::now_v7();
        let session = booked(&store, &ground, second, ground.room).await;
        let scope = async |who| store.look(&asked_by(who)).session_scope(session.id).await.unwrap().unwrap();
        let first = scope(ground.account).await;
        assert_eq!(first.supervisors, [AccountId(ground.account)]);
        assert_eq!((first.file.child.0, first.file.area.as_str()), (ground.child, "north"));
        assert_eq!((first.author, first.open, first.signed), (AccountId(ground.account), true, false));
        assert_eq!(scope(second).await.supervisors, [AccountId(ground.account), AccountId(second)]);
        assert_eq!(scope(Uuid::now_v7()).await.supervisors, [AccountId(ground.account)], "a stranger is none");
        let none = store.look(&asked_by(second)).session_scope(SessionId(Uuid::now_v7())).await.unwrap();
        assert!(none.is_none());
        for (state, open, signed) in [
            (RecordState::Open, true, false),
            (RecordState::Signed, true, true),
            (RecordState::Accepted, false, true),
        ] {
            let session = booked(&store, &ground, Uuid::now_v7(), Uuid::now_v7()).await;
            recorded(&store, &session, state).await;
            let scope = store.look(&asked_by(second)).session_scope(session.id).await.unwrap().unwrap();
            assert_eq!((scope.open, scope.signed), (open, signed), "{state:?}");
            let found = store.look(&coordinator()).record_state(session.id).await.unwrap();
            assert_eq!(found, Some(state));
        }
        store.close().await.unwrap();
    }

    async fn what_is_taken_of_many_on_many_days(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = ground(&store, "x").await;
        let second = Uuid::now_v7();
        booked(&store, &ground, second, ground.room).await;
        let look = store.look(&coordinator());
        let taken = look.taken(&[second, ground.room, Uuid::now_v7()], &[DAY, DAY + 1], 44, 96).await.unwrap();
        let mut taken: Vec<_> = taken.into_iter().collect();
        taken.sort_unstable_by_key(|(resource, _, quarter)| (*resource == ground.room, *quarter));
        let expected: Vec<_> = (44..48).map(|q| (second, DAY, q)).chain((44..46).map(|q| (ground.room, DAY, q))).collect();
        assert_eq!(taken, expected);
        assert!(look.taken(&[second], &[DAY + 1], 0, 96).await.unwrap().is_empty());
        assert!(look.taken(&[], &[], 0, 96).await.unwrap().is_empty());
        store.close().await.unwrap();
    }

    async fn a_record_s_state_comes_with_one_entry(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = ground(&store, "x").await;
        let session = booked(&store, &ground, Uuid::now_v7(), ground.room).await;
        recorded(&store, &session, RecordState::Open).await;
        let id = EntryId(Uuid::now_v7());
        let look = store.look(&coordinator());
        let before = look.standing(session.id, id).await.unwrap();
        let of = (before.scope.session, before.scope.author, before.scope.file.child);
        assert_eq!((before.state, of), (RecordState::Open, (session.id, session.supervisor, session.child)));
        assert_eq!(Some(before.scope), look.session_scope(session.id).await.unwrap());
        assert!(before.entry.is_none());
        let observation = Observation {
            heading: Heading::Play,
            about_minute: 605,
            basis: None,
            quotation: false,
            text: "They built a tower.".into(),
            changed_ms: None,
        };
        let mut entry = Entry {
            id,
            version: 0,
            session: session.id,
            child: session.child,
            author: session.supervisor,
            written_ms: NOW,
            body: EntryBody::Observation(observation),
        };
        let work = store.work(&coordinator()).await.unwrap();
        work.insert_entry(&mut entry).await.unwrap();
        work.commit("test.entry", NOW).await.unwrap();
        let there = look.standing(session.id, id).await.unwrap().entry.unwrap();
        let there = look.open_entry(there).await.unwrap();
        assert_eq!((there.version, there.session, there.written_ms), (1, session.id, NOW));
        assert!(there.body == entry.body);
        look.done("test.read", NOW).await.unwrap();
        let none = store.look(&coordinator()).standing(SessionId(Uuid::now_v7()), id).await;
        assert!(matches!(none, Err(StoreError::NotFound)));
        store.close().await.unwrap();
    }

    async fn records_of_an_area_that_wait_for_review(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = ground(&store, "x").await;
        let session = booked(&store, &ground, Uuid::now_v7(), ground.room).await;
        let record = recorded(&store, &session, RecordState::Signed).await;
        let look = store.look(&coordinator());
        let waiting = look.records_awaiting("north").await.unwrap();
        assert_eq!(waiting.len(), 1);
        assert_eq!((waiting[0].id, waiting[0].slot, waiting[0].due_ms), (session.id, session.slot, record.due_ms));
        assert_eq!((waiting[0].signed_ms, waiting[0].reviewed_ms), (NOW + 2, None));
        assert!(look.records_awaiting("south").await.unwrap().is_empty());
        store.close().await.unwrap();
    }

    async fn the_session_before_is_the_last_that_is_over(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = ground(&store, "x").await;
        let mut session = booked(&store, &ground, Uuid::now_v7(), ground.room).await;
        let look = store.look(&coordinator());
        let (child, line) = (session.child, session.arrangement);
        let before = async |day| {
            let found = look.session_before(child, line, day).await.unwrap();
            found.map(|session| session.id)
        };
        assert_eq!(before(DAY + 1).await, None, "not over yet");
        let work = store.work(&coordinator()).await.unwrap();
        session.state = SessionState::Completed;
        work.save_session(&mut session).await.unwrap();
        work.commit("test.over", NOW).await.unwrap();
        assert_eq!(before(DAY + 1).await, Some(session.id));
        assert_eq!(before(DAY).await, None);
        let other = look.session_before(session.child, ArrangementId(Uuid::now_v7()), DAY + 1).await.unwrap();
        assert!(other.is_none());
        let child = look.diary_of_child(session.child, DAY, DAY).await.unwrap();
        let rooms = look.diary_of_rooms(&[session.room], DAY, DAY).await.unwrap();
        let staff = look.diary_of_staff(session.supervisor, DAY, DAY).await.unwrap();
        assert_eq!((child.len(), &child, &child), (1, &rooms, &staff));
        look.done("test.read", NOW).await.unwrap();
        store.close().await.unwrap();
    }
}
