//! Venues, rooms and hours, from the administrator's form to what the diary may rely on.

use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::form::Fields;
use kith_domain::ids::{RoomId, VenueId};
use kith_domain::session::{Hours, SessionBody, SessionState, Week};
use kith_domain::venue::{RoomFacts, VenueFacts, read_working_hours};
use uuid::Uuid;

use crate::testing::{Ground, TestService};
use crate::{Desk, ServiceError};

fn venue_form(name: &str, hours: &[(u8, &str, &str)]) -> VenueFacts {
    let mut fields: Fields = [("name", name), ("area", "north")].into_iter().collect();
    for (day, open, close) in hours {
        fields.set(format!("open-{day}"), *open);
        fields.set(format!("close-{day}"), *close);
    }
    VenueFacts::read(&fields, &["north"], &OPENING).unwrap_or_else(|_| panic!("a venue"))
}

fn room_form(name: &str, features: &str) -> RoomFacts {
    RoomFacts { name: name.to_owned(), features: features.to_owned() }
}

fn refused(result: Result<(), ServiceError>) -> String {
    match result {
        Err(ServiceError::Refused(refusal)) => refusal.to_string(),
        Ok(()) => "it was done".into(),
        Err(error) => format!("another error: {error}"),
    }
}

const OPENING: Week = [Some(Hours { start_minute: 9 * 60, end_minute: 19 * 60 }); 6];

async fn begin(dir: &tempfile::TempDir) -> (TestService, Ground, Desk) {
    let test = TestService::open(dir.path()).await.expect("the service opens");
    let ground = test.ground("").await.expect("the ground is laid");
    let admin = test.colleague(Role::Administrator, "", "admin.one").await.expect("an administrator");
    let desk = test.desk(&admin, Purpose::Administration);
    (test, ground, desk)
}

#[tokio::test]
async fn a_venue_and_its_rooms_are_made_once_and_changed_without_loss() {
    let dir = tempfile::tempdir().expect("a directory");
    let (test, ground, admin) = begin(&dir).await;
    let (venue, room) = (VenueId(Uuid::now_v7()), RoomId(Uuid::now_v7()));
    let form = venue_form("Bridge House", &[(1, "9:00", "19:00"), (6, "9:00", "17:00")]);
    for _ in 0..2 {
        admin.create_venue(venue, form.clone()).await.expect("sent twice makes one venue");
        admin.create_room(venue, room, room_form("Blue room", "")).await.expect("sent twice makes one room");
    }
    let coordinator = test.desk(&ground.coordinator, Purpose::ServiceDelivery);
    let views = coordinator.venues().await.expect("a coordinator reads venues");
    assert_eq!(views.iter().map(|view| view.venue.name.as_str()).collect::<Vec<_>>(), ["Bridge House", "Elm House"]);
    assert_eq!((views[0].area.as_str(), views[0].rooms.len()), ("North Nenedale", 1));

    admin.save_venue(venue, 1, venue_form("Bridge House East", &[(1, "9:00", "18:00")])).await.expect("saved");
    let stale = admin.save_venue(venue, 1, venue_form("Bridge House West", &[(1, "9:00", "18:00")])).await;
    match stale {
        Err(ServiceError::Conflict { theirs, version }) => {
            assert_eq!((theirs.get("name"), theirs.get("close-1"), version), ("Bridge House East", "18:00", 2));
        }
        _ => panic!("what somebody else saved is shown, not lost"),
    }
    admin.save_room(room, 1, room_form("Blue room", "Step-free")).await.expect("saved");
    admin.save_room(room, 1, room_form("Blue room", "Step-free")).await.expect("sent twice is saved once");
    let view = coordinator.venue(venue).await.expect("read");
    assert_eq!((view.rooms[0].features.as_str(), view.rooms[0].version), ("Step-free", 2));
}

#[tokio::test]
async fn a_room_or_venue_with_sessions_to_come_is_not_closed() {
    let dir = tempfile::tempdir().expect("a directory");
    let (test, ground, admin) = begin(&dir).await;
    let (held, planned) = (SessionState::Completed, SessionState::Planned);
    test.stands(&ground, date(2026, 11, 23), held, SessionBody::default()).await.expect("yesterday's");
    test.stands(&ground, date(2026, 11, 26), SessionState::Cancelled, SessionBody::default()).await.expect("off");
    admin.save_venue(ground.venue, 1, venue_form("Elm House", &[(4, "9:00", "12:00")])).await.expect("nothing there");
    let first = test.stands(&ground, date(2026, 11, 26), planned, SessionBody::default()).await.expect("booked");
    test.stands(&ground, date(2026, 12, 3), SessionState::Confirmed, SessionBody::default()).await.expect("booked");

    let words = refused(admin.close_room(ground.room).await);
    assert!(words.starts_with("2 sessions are still booked there"), "{words}");
    assert!(refused(admin.close_venue(ground.venue).await).starts_with("2 sessions are"));
    let shorter = venue_form("Elm House", &[(4, "9:00", "11:00")]);
    let words = refused(admin.save_venue(ground.venue, 2, shorter).await);
    assert!(words.starts_with("2 sessions are booked there outside these hours"), "{words}");

    // Once they are cancelled it can be closed; its rooms close with it.
    let desk = test.service.own_desk(Purpose::ServiceDelivery);
    desk.change("test.cancelled", |work| async move {
        for mut session in work.sessions_of(ground.child, 0, 999_999).await? {
            if session.state != SessionState::Completed {
                session.state = SessionState::Cancelled;
                work.save_session(&mut session).await?;
            }
        }
        work.release(first).await?;
        Ok(())
    })
    .await
    .expect("cancelled");
    admin.close_venue(ground.venue).await.expect("closed");
    admin.close_venue(ground.venue).await.expect("closed twice is closed once");
    let view = admin.venue(ground.venue).await.expect("still there to read");
    assert!(view.venue.closed_ms.is_some() && view.rooms.iter().all(|room| room.closed_ms.is_some()));
    assert!(refused(admin.save_room(ground.room, 2, room_form("X", "")).await).contains("is closed"));
    let another = admin.create_room(ground.venue, RoomId(Uuid::now_v7()), room_form("X", "")).await;
    assert!(refused(another).contains("is closed"));
}

#[tokio::test]
async fn working_hours_keep_what_is_booked() {
    let dir = tempfile::tempdir().expect("a directory");
    let (test, ground, admin) = begin(&dir).await;
    test.stands(&ground, date(2026, 11, 26), SessionState::Planned, SessionBody::default()).await.expect("booked");
    let hours = async || {
        let all = admin.working_hours().await.expect("read");
        assert_eq!(all.len(), 2, "both supervisors");
        all.into_iter().find(|of| of.card.id == ground.supervisor.id).expect("one of them")
    };
    let shown = hours().await.code();
    let form = |close: &str| {
        let fields: Fields = [("open-4", "9:30"), ("close-4", close)].into_iter().collect();
        read_working_hours(&fields, &OPENING).unwrap_or_else(|_| panic!("hours"))
    };
    // The session ends at 11:30 and takes half an hour of writing up.
    let words = refused(admin.set_working_hours(ground.supervisor.id, &shown, form("11:45")).await);
    assert!(words.starts_with("1 session is booked with this supervisor outside"), "{words}");
    admin.set_working_hours(ground.supervisor.id, &shown, form("12:00")).await.expect("set");
    let week = hours().await.week;
    assert_eq!((week[3], week[0]), (Some(Hours { start_minute: 570, end_minute: 720 }), None));

    let stale = admin.set_working_hours(ground.supervisor.id, &shown, form("13:00")).await;
    assert!(matches!(stale, Err(ServiceError::Conflict { theirs, .. }) if theirs.get("close-4") == "12:00"));
    admin.set_working_hours(ground.supervisor.id, &shown, form("12:00")).await.expect("sent twice is set once");
    let nobody = admin.set_working_hours(ground.manager.id, "-,-,-,-,-,-", form("12:00")).await;
    assert!(matches!(nobody, Err(ServiceError::NotFound)), "only supervisors have shifts");
}

#[tokio::test]
async fn only_an_administrator_changes_any_of_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let (test, ground, _) = begin(&dir).await;
    for colleague in [&ground.coordinator, &ground.manager, &ground.supervisor, &ground.worker] {
        let desk = test.desk(colleague, Purpose::Administration);
        let made = desk.create_venue(VenueId(Uuid::now_v7()), venue_form("X", &[(1, "9:00", "10:00")])).await;
        assert!(matches!(made, Err(ServiceError::Forbidden)));
        assert!(matches!(desk.close_room(ground.room).await, Err(ServiceError::Forbidden)));
    }
    let supervisor = test.desk(&ground.supervisor, Purpose::ServiceDelivery);
    assert!(matches!(supervisor.working_hours().await, Err(ServiceError::Forbidden)));
}
