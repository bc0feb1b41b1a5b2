//! The administrator's pages, from an invitation to a venue with hours.

use axum::http::StatusCode;
use kith_domain::access::Role;
use kith_domain::session::{Hours, Week};

use crate::testing::{House, Seen, Visitor};

const PASSWORD: &str = "nine tall lanterns";
const ACCOUNT: [(&str, &str); 6] = [
    ("name", "Ines Moreau"),
    ("login", "ines.moreau"),
    ("role", "supervisor"),
    ("area", "north"),
    ("phone", "01632 960 002"),
    ("email", "ines@nenedale.example"),
];
const VENUE: [(&str, &str); 4] =
    [("name", "Bridge House"), ("area", "north"), ("open-6", "9:00"), ("close-6", "16:00")];

async fn house() -> (House, Visitor) {
    let house = House::open().await;
    let admin = house.visitor(Role::Administrator, "", "admin.one").await;
    (house, admin)
}

/// The code element with this beginning.
fn code_of(page: &Seen, begins: &str) -> String {
    let html = String::from_utf8_lossy(&page.body).into_owned();
    let codes = html.split("<code>").skip(1).filter_map(|rest| rest.split("</code>").next());
    codes.into_iter().find(|code| code.starts_with(begins)).expect("a code on the page").to_owned()
}

fn link(page: &Seen, words: &str) -> String {
    let links = page.read().links();
    links.into_iter().find(|(link, _)| link == words).unwrap_or_else(|| panic!("no {words}: {}", page.text())).1
}

/// Takes up an invitation and signs in with it.
async fn taken_up(house: &House, address: &str) -> Visitor {
    use kith_service::Clock;
    let mut person = Visitor { router: house.router.clone(), cookie: String::new() };
    let page = person.get(address).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let secret = code_of(&page, "");
    let code = || house.test.service.code_now(&secret).expect("a code");
    let form = [("password", PASSWORD), ("password_again", PASSWORD)];
    let done = person.post(address, &[form[0], form[1], ("code", &code())]).await;
    assert_eq!((done.status, done.leads_to()), (StatusCode::SEE_OTHER, "/sign-in"), "{}", done.text());
    house.test.real_clock.move_to(house.test.real_clock.now_ms() + 30_000);
    let seen = person.post("/sign-in", &[("login", "ines.moreau"), ("password", PASSWORD), ("code", &code())]).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.text());
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_taken_up_invited_again_and_closed() {
    let (house, mut admin) = house().await;
    let new = admin.get("/admin/accounts/new").await;
    let made = admin.submit(&new, "/admin/accounts", &ACCOUNT).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    let first = code_of(&made, "/invitation/");
    // A double click: one account, and the invitation on the page that is left is the one that works.
    let twice = admin.submit(&new, "/admin/accounts", &ACCOUNT).await;
    assert_eq!(twice.status, StatusCode::OK, "{}", twice.text());
    let address = code_of(&twice, "/invitation/");
    assert_ne!(first, address);
    assert_eq!(admin.clone().get(&first).await.status, StatusCode::NOT_FOUND, "one invitation at a time");
    let list = admin.get("/admin/accounts").await;
    assert_eq!(list.text().matches("Ines Moreau ines.moreau Contact supervisor North Nenedale Invited").count(), 1);

    let mut ines = taken_up(&house, &address).await;
    assert!(ines.get("/").await.text().contains("Ines Moreau"));
    assert_eq!(ines.get(&address).await.status, StatusCode::NOT_FOUND, "an invitation works once");
    let other = admin.get("/admin/accounts/new").await;
    let taken = admin.submit(&other, "/admin/accounts", &ACCOUNT).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "a sign-in name is somebody's");
    let late = admin.submit(&new, "/admin/accounts", &ACCOUNT).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "an account in use is not invited by an old form");

    let to = link(&list, "Ines Moreau");
    let account = admin.get(&to).await;
    assert!(account.text().contains("In use") && !account.text().contains("/invitation/"), "{}", account.text());
    let again = admin.submit(&account, "/invite", &[]).await;
    assert_eq!(ines.get("/").await.status, StatusCode::SEE_OTHER, "signed out by a new invitation");
    let mut ines = taken_up(&house, &code_of(&again, "/invitation/")).await;

    let ask = admin.get(&link(&account, "Close this account")).await;
    let closed = admin.submit_and_follow(&ask, "/close", &[]).await;
    assert!(closed.text().contains("Open it again"), "{}", closed.text());
    assert_eq!(ines.get("/").await.status, StatusCode::SEE_OTHER, "signed out at once");
    let own = admin.get(&link(&list, "ADMIN.ONE Administrator")).await;
    assert!(own.read().form("/invite").is_none() && own.text().contains("your own account"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_account_keeps_what_was_typed() {
    let (_house, mut admin) = house().await;
    let new = admin.get("/admin/accounts/new").await;
    let mut wrong = ACCOUNT;
    wrong[3].1 = "";
    let seen = admin.submit(&new, "/admin/accounts", &wrong).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.text().contains("Select the area this person works for"), "{}", seen.text());
    let form = seen.read().form("/admin/accounts").expect("the form again");
    for (name, value) in wrong {
        assert!(form.held.contains(&(name.to_owned(), value.to_owned())), "{name}: {:?}", form.held);
    }
    let made = admin.submit(&seen, "/admin/accounts", &[("area", "south")]).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_venue_opens_within_the_service_s_hours() {
    let (_house, mut admin) = house().await;
    let new = admin.get("/admin/venues/new").await;
    let mut late = VENUE;
    late[3].1 = "18:00";
    // The service is open on Saturdays until 17:00 (handbook section 8).
    let seen = admin.submit(&new, "/admin/venues", &late).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        seen.text().contains("Saturday must lie within the service’s own hours, 09:00 to 17:00"),
        "{}",
        seen.text()
    );
    let held = seen.read().form("/admin/venues").expect("the form again").held;
    assert!(held.contains(&("close-6".into(), "18:00".into())) && held.contains(&("area".into(), "north".into())));

    let venue = admin.submit_and_follow(&seen, "/admin/venues", &[("close-6", "16:00")]).await;
    let list = admin.get("/admin/venues").await;
    assert!(
        list.text().contains("Bridge House North Nenedale Saturday 09:00 to 16:00 No rooms yet"),
        "{}",
        list.text()
    );
    let to = link(&list, "Bridge House");
    let changed = admin.submit_and_follow(&venue, &to, &[("open-5", "10:00"), ("close-5", "12:00")]).await;
    let stale = admin.submit(&venue, &to, &[("name", "Bridge Hall")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text().contains("10:00 to 12:00"), "what somebody else saved: {}", stale.text());

    let room = admin.get(&link(&changed, "Add a room")).await;
    let nameless = admin.submit(&room, "/rooms", &[("features", "Step-free")]).await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    let venue = admin.submit_and_follow(&nameless, "/rooms", &[("name", "Willow")]).await;
    let to_room = link(&venue, "Willow");
    let room = admin.get(&to_room).await;
    assert!(room.text().contains("Step-free"), "{}", room.text());
    let room = admin.submit_and_follow(&room, &to_room, &[("name", "Oak")]).await;
    let ask = admin.get(&link(&room, "Close this room")).await;
    let room = admin.submit_and_follow(&ask, "/close", &[]).await;
    assert!(room.text().contains("Oak Closed") && room.read().form(&to_room).is_none(), "{}", room.text());
    let ask = admin.get(&link(&venue, "Close this venue")).await;
    let venue = admin.submit_and_follow(&ask, "/close", &[]).await;
    assert!(venue.text().contains("Bridge House Closed"), "{}", venue.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn working_hours_are_set_and_two_who_set_them_see_both() {
    let (house, mut admin) = house().await;
    house.test.colleague(Role::Supervisor, "north", "s").await.expect("a supervisor");
    let list = admin.get("/admin/hours").await;
    assert!(list.text().contains("No hours yet"), "{}", list.text());
    let to = link(&list, "S Contact supervisor");
    let page = admin.get(&to).await;
    let wrong = admin.submit(&page, &to, &[("open-1", "9:00"), ("close-1", "8:00")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let hours = [("open-1", "9:00"), ("close-1", "17:00"), ("open-2", "9:00"), ("close-2", "17:00")];
    let list = admin.submit_and_follow(&wrong, &to, &hours).await;
    assert!(list.text().contains("Monday to Tuesday 09:00 to 17:00"), "{}", list.text());

    let stale = admin.submit(&page, &to, &[("open-3", "10:00"), ("close-3", "12:00")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text().contains("09:00 to 17:00") && stale.text().contains("10:00 to 12:00"), "{}", stale.text());
    let list = admin.submit_and_follow(&stale, &to, &[]).await;
    assert!(list.text().contains("Wednesday 10:00 to 12:00") && !list.text().contains("Monday"), "{}", list.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_has_none_of_it() {
    let house = House::open().await;
    let mut coordinator = house.visitor(Role::Coordinator, "north", "c").await;
    let home = coordinator.get("/").await;
    let token = home.read().forms()[0].filled(&[])[0].1.to_owned();
    for path in ["/admin/accounts", "/admin/accounts/new", "/admin/venues", "/admin/venues/new", "/admin/hours"] {
        assert_eq!(coordinator.get(path).await.status, StatusCode::FORBIDDEN, "GET {path}");
    }
    for path in ["/admin/accounts", "/admin/venues"] {
        for id in ["", "0198c0de-0000-7000-8000-000000000001"] {
            let seen = coordinator.post(path, &[("csrf", &token), ("id", id)]).await;
            assert_eq!(seen.status, StatusCode::FORBIDDEN, "POST {path}");
        }
    }
}

#[test]
fn days_of_the_same_hours_are_named_together() {
    let (long, short) = (Hours { start_minute: 540, end_minute: 1140 }, Hours { start_minute: 540, end_minute: 1020 });
    let week: Week = [Some(long), Some(long), None, Some(long), Some(short), Some(short)];
    let words = ["Monday to Tuesday 09:00 to 19:00", "Thursday 09:00 to 19:00", "Friday to Saturday 09:00 to 17:00"];
    assert_eq!(super::week_words(&week), words);
    assert!(super::week_words(&[None; 6]).is_empty());
}
