//! What a session and its record are read by: statements written by hand, so on both engines.

use kith_domain::access::{Access, Actor, Purpose, Role};
use kith_domain::ids::{AccountId, ArrangementId, ChildId, EntryId, PlanId, SessionId};
use kith_domain::record::{AgeBand, Content, EntryBody, Heading, Observation, RecordBody, RecordPurpose, RecordState};
use kith_domain::session::{Place, PlaceState, SessionBody, SessionState, Slot};
use uuid::Uuid;

use super::{Ground, NOW, coordinator, ground, somebody};
use crate::{Entry, KeptText, LogFilter, Record, Session, Store, StoreError, each_engine};

const DAY: i64 = 20_790;

fn place(ground: &Ground) -> Place {
    Place::expected(ChildId(ground.child), PlanId(ground.plan), ArrangementId(ground.plan))
}

/// A session that is booked, with another member of staff and a room taken for it.
async fn booked(store: &Store, ground: &Ground, second: Uuid, room: Uuid) -> Session {
    let mut session = Session {
        id: SessionId(Uuid::now_v7()),
        version: 0,
        room: kith_domain::ids::RoomId(ground.room),
        supervisor: AccountId(ground.account),
        slot: Slot { day: kith_domain::calendar::day_of(DAY), start_minute: 600, end_minute: 690 },
        state: SessionState::Planned,
        flagged: None,
        created_ms: NOW,
        body: SessionBody {
            places: vec![place(ground)],
            second_supervisor: Some(AccountId(second)),
            ..SessionBody::default()
        },
    };
    let work = store.work(&coordinator()).await.unwrap();
    work.insert_session(&mut session).await.unwrap();
    work.occupy(session.id, &[(second, DAY, 40, 48), (room, DAY, 40, 46)]).await.unwrap();
    work.commit("test.session", NOW).await.unwrap();
    session
}

/// The record of a session, in a state.
async fn recorded(store: &Store, session: &Session, state: RecordState) -> Record {
    let mut record = Record {
        id: session.id,
        version: 0,
        children: session.children(),
        author: session.supervisor,
        state,
        opened_ms: NOW,
        due_ms: NOW + 1,
        signed_ms: (state != RecordState::Open).then_some(NOW + 2),
        reviewed_ms: None,
        body: RecordBody {
            bands: session.children().into_iter().map(|child| (child, AgeBand::Child)).collect(),
            purpose: RecordPurpose::Relationship,
            signatures: Vec::new(),
            reviews: Vec::new(),
            place: "Willow, Elm House".into(),
            released: None,
        },
    };
    let work = store.work(&coordinator()).await.unwrap();
    work.insert_record(&mut record).await.unwrap();
    work.commit("test.record", NOW).await.unwrap();
    record
}

fn observed(text: &str) -> Content {
    Content::Observation(Observation {
        heading: Heading::Play,
        about_minute: Some(605),
        basis: None,
        quotation: false,
        text: text.into(),
    })
}

/// An entry in the record of a session that says something.
async fn added(store: &Store, session: &Session, content: Content, number: i64) -> Result<Entry, StoreError> {
    let (id, author) = (EntryId(Uuid::now_v7()), session.supervisor);
    let body = EntryBody { content, device: None };
    let mut entry = Entry::new(id, session.id, session.children(), author, NOW, body).numbered(number);
    let work = store.work(&coordinator()).await.unwrap();
    work.insert_entry(&mut entry).await?;
    work.commit("test.entry", NOW).await.unwrap();
    Ok(entry)
}

/// A first text in the record of a session.
async fn written(store: &Store, session: &Session, text: &str) -> Entry {
    added(store, session, observed(text), 1).await.unwrap()
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
        assert_eq!((first.files[0].child.0, first.files[0].area.as_str()), (ground.child, "north"));
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

    // "`/diary?area=` of another area showed rooms, times, supervisors and states": it says when a room is taken, and no more.
    async fn another_area_s_rooms_are_free_or_taken(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = ground(&store, "x").await;
        let session = booked(&store, &ground, Uuid::now_v7(), ground.room).await;
        let mut cancelled = booked(&store, &ground, Uuid::now_v7(), Uuid::now_v7()).await;
        cancelled.state = SessionState::Cancelled;
        let work = store.work(&coordinator()).await.unwrap();
        work.save_session(&mut cancelled).await.unwrap();
        work.commit("test.cancelled", NOW).await.unwrap();
        let busy = async |area, from, to| store.look(&coordinator()).busy_in(area, from, to).await.unwrap();
        assert_eq!(busy("north", DAY, DAY).await, [(session.room, session.slot)], "and not what was cancelled");
        assert!(busy("south", DAY, DAY).await.is_empty());
        assert!(busy("north", DAY + 1, DAY + 9).await.is_empty());
        store.close().await.unwrap();
    }

    async fn a_record_s_state_comes_with_one_entry(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = ground(&store, "x").await;
        let session = booked(&store, &ground, Uuid::now_v7(), ground.room).await;
        recorded(&store, &session, RecordState::Open).await;
        let look = store.look(&coordinator());
        let before = look.standing(session.id, EntryId(Uuid::now_v7()), None).await.unwrap();
        let of = (before.scope.session, before.scope.author, before.scope.children());
        assert_eq!((before.state, of), (RecordState::Open, (session.id, session.supervisor, session.children())));
        assert_eq!(Some(before.scope), look.session_scope(session.id).await.unwrap());
        assert!(before.entry.is_none());
        let entry = written(&store, &session, "They built a tower.").await;
        let there = look.standing(session.id, entry.id, None).await.unwrap().entry.unwrap();
        let there = look.open_entry(there).await.unwrap();
        assert_eq!((there.number, there.session, there.received_ms), (1, session.id, NOW));
        assert!(there.body == entry.body);
        look.done("test.read", NOW).await.unwrap();
        let none = store.look(&coordinator()).standing(SessionId(Uuid::now_v7()), entry.id, None).await;
        assert!(matches!(none, Err(StoreError::NotFound)));
        store.close().await.unwrap();
    }

    async fn a_text_has_one_successor_and_the_same_words_are_known_again(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = ground(&store, "x").await;
        let session = booked(&store, &ground, Uuid::now_v7(), ground.room).await;
        recorded(&store, &session, RecordState::Open).await;
        let first = written(&store, &session, "They built").await;
        let Content::Observation(tower) = observed("They built a tower.") else { panic!() };
        let revision = |observation| Content::Revision { of: first.id, observation };
        added(&store, &session, revision(tower.clone()), 2).await.unwrap();
        let twice = added(&store, &session, revision(tower.clone()), 2).await;
        assert!(matches!(twice, Err(StoreError::Duplicate)), "two servers cannot both add the second text");
        let asker = asked_by(ground.account);
        let standing = async |words: &str| {
            let look = store.look(&asker);
            let content = observed(words);
            look.standing(session.id, EntryId(Uuid::now_v7()), Some(&content)).await.unwrap().same
        };
        let known = |number| Some(KeptText { of: first.id, number, texts: 2, received_ms: NOW });
        assert_eq!(standing("They built a tower.").await, known(2));
        assert_eq!(standing("They built").await, known(1));
        assert_eq!(standing("They built a bridge.").await, None);
        let look = store.look(&asker);
        let last = look.standing(session.id, first.id, None).await.unwrap();
        assert_eq!(look.open_entry(last.entry.unwrap()).await.unwrap().number, 2);
        assert!(!last.struck);
        look.done("test.read", NOW).await.unwrap();
        // Struck out, its words may be written again; and struck out twice it cannot be.
        let strike = || Content::StruckOut { of: first.id, reason: "Wrong record".into() };
        added(&store, &session, strike(), -1).await.unwrap();
        assert!(matches!(added(&store, &session, strike(), -1).await, Err(StoreError::Duplicate)));
        assert_eq!(standing("They built a tower.").await, None);
        assert!(store.look(&asker).standing(session.id, first.id, None).await.unwrap().struck);
        store.close().await.unwrap();
    }

    async fn the_course_of_many_sessions_is_one_statement_without_their_texts(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = ground(&store, "x").await;
        let session = booked(&store, &ground, Uuid::now_v7(), ground.room).await;
        recorded(&store, &session, RecordState::Open).await;
        written(&store, &session, "They built a tower.").await;
        let start = added(&store, &session, Content::Start { minute: 600, replaces: None }, 0).await.unwrap();
        let look = store.look(&coordinator());
        let courses = look.courses_of(&[session.id, SessionId(Uuid::now_v7())]).await.unwrap();
        assert_eq!(courses.len(), 1);
        assert_eq!(courses[&session.id].iter().map(|entry| entry.id).collect::<Vec<_>>(), [start.id]);
        look.done("test.read", NOW).await.unwrap();
        store.close().await.unwrap();
    }

    async fn records_of_an_area_that_wait_for_review(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = ground(&store, "x").await;
        let session = booked(&store, &ground, Uuid::now_v7(), ground.room).await;
        let record = recorded(&store, &session, RecordState::Signed).await;
        let look = store.look(&coordinator());
        let (waiting, total) = look.records_listed(RecordState::Signed, false, (50, 0)).await.unwrap();
        assert_eq!((waiting.len(), total), (1, vec![(RecordState::Signed, 1)]));
        assert_eq!((waiting[0].id, waiting[0].slot, waiting[0].due_ms), (session.id, session.slot, record.due_ms));
        assert_eq!((waiting[0].signed_ms, waiting[0].reviewed_ms), (NOW + 2, None));
        let after = look.records_listed(RecordState::Signed, true, (50, 1)).await.unwrap();
        assert_eq!((after.0.len(), after.1.len()), (0, 1), "the page after");
        assert!(look.records_listed(RecordState::Accepted, true, (50, 0)).await.unwrap().0.is_empty());
        let elsewhere = store.look(&somebody(AccountId(Uuid::nil()), Role::Manager, "south")).records_listed(RecordState::Signed, false, (50, 0)).await.unwrap();
        assert_eq!(elsewhere, (Vec::new(), Vec::new()));
        store.close().await.unwrap();
    }

    async fn the_session_before_is_the_last_that_is_over(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = ground(&store, "x").await;
        let mut session = booked(&store, &ground, Uuid::now_v7(), ground.room).await;
        let look = store.look(&coordinator());
        let (child, line) = (ChildId(ground.child), ArrangementId(ground.plan));
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
        let other = look.session_before(child, ArrangementId(Uuid::now_v7()), DAY + 1).await.unwrap();
        assert!(other.is_none());
        let child = look.diary_of_child(child, DAY, DAY).await.unwrap();
        let rooms = look.diary_of_rooms(&[session.room], DAY, DAY).await.unwrap();
        let staff = look.diary_of_staff(session.supervisor, DAY, DAY).await.unwrap();
        assert_eq!((child.len(), &child, &child), (1, &rooms, &staff));
        look.done("test.read", NOW).await.unwrap();
        store.close().await.unwrap();
    }

    async fn what_is_about_brothers_is_in_both_files_and_outlives_one_of_them(fixture: &Fixture) {
        // Handbook section 8: brothers and sisters see their family together.
        let store = fixture.open().await;
        let (one, other) = (ground(&store, "x").await, ground(&store, "y").await);
        let mut session = booked(&store, &one, Uuid::now_v7(), one.room).await;
        let work = store.work(&coordinator()).await.unwrap();
        session.body.places.push(Place { state: PlaceState::Added, ..place(&other) });
        work.save_session(&mut session).await.unwrap();
        work.commit("test.joined", NOW).await.unwrap();
        recorded(&store, &session, RecordState::Open).await;
        let both = { let mut both = vec![ChildId(one.child), ChildId(other.child)]; both.sort_unstable(); both };
        let look = store.look(&coordinator());
        let entry = written(&store, &session, "They built a tower together.").await;
        assert_eq!(look.session_scope(session.id).await.unwrap().unwrap().children(), both);
        for child in &both {
            let seen = look.sessions_of(*child, DAY, DAY).await.unwrap();
            assert_eq!(seen.iter().map(Session::children).collect::<Vec<_>>(), [[ChildId(one.child), ChildId(other.child)]]);
            assert_eq!(look.records_of(*child, 50, 0).await.unwrap().0[0].children, both);
            let diary = look.diary_of_child(*child, DAY, DAY).await.unwrap();
            assert_eq!(diary[0].children().collect::<Vec<_>>(), both);
            let log = LogFilter { subjects: vec![child.0], ..LogFilter::default() };
            let known = store.look(&coordinator()).log_entries(&log, 50).await.unwrap();
            assert!(known.iter().any(|of| of.action == "test.entry"), "the log of each file tells of the entry");
        }
        look.done("test.read", NOW).await.unwrap();

        store.destroy_file_key(one.child).await.unwrap();
        let look = store.look(&coordinator());
        let left = ChildId(other.child);
        assert_eq!(look.session(session.id).await.unwrap().children().len(), 2);
        assert_eq!(look.records_of(left, 50, 0).await.unwrap().1, 1);
        assert!(look.entries_of(session.id).await.unwrap().0[0].body == entry.body);
        look.done("test.read", NOW).await.unwrap();
        // And can be gone on with: what is written from now on is the brother's who is left.
        let Content::Observation(observation) = observed("They built a tower, and a bridge.") else { panic!() };
        let next = added(&store, &session, Content::Revision { of: entry.id, observation }, 2).await.unwrap();
        let look = store.look(&coordinator());
        assert_eq!(look.entry(next.id).await.unwrap().children, [left]);
        look.done("test.read", NOW).await.unwrap();
        store.close().await.unwrap();
    }

    async fn a_child_who_was_taken_off_keeps_the_trace_and_nothing_else(fixture: &Fixture) {
        let store = fixture.open().await;
        let (one, other) = (ground(&store, "x").await, ground(&store, "y").await);
        let mut session = booked(&store, &one, Uuid::now_v7(), one.room).await;
        session.body.places.push(place(&other));
        let work = store.work(&coordinator()).await.unwrap();
        work.save_session(&mut session).await.unwrap();
        session.body.places[0].state = PlaceState::TakenOff;
        work.save_session(&mut session).await.unwrap();
        work.commit("test.off", NOW).await.unwrap();
        let look = store.look(&coordinator());
        let child = ChildId(one.child);
        assert!(look.sessions_of(child, DAY, DAY).await.unwrap().is_empty());
        assert!(look.diary_of_child(child, DAY, DAY).await.unwrap().is_empty());
        assert!(look.sessions_of_plan(PlanId(one.plan), DAY).await.unwrap().is_empty());
        assert_eq!(look.sessions_put_aside(child, DAY, DAY).await.unwrap()[0].id, session.id);
        assert_eq!(look.session_scope(session.id).await.unwrap().unwrap().children(), [ChildId(other.child)]);
        look.done("test.read", NOW).await.unwrap();
        store.close().await.unwrap();
    }
}
