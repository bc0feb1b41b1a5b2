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

/// Opens an invitation with its code, takes it up and signs in.
async fn taken_up(house: &House, address: &str, opening_code: &str) -> Visitor {
    use kith_service::Clock;
    let mut person = Visitor { router: house.router.clone(), cookie: String::new() };
    let page = person.get(address).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(page.text().contains("Open your invitation") && !page.text().contains("Key:"), "{}", page.text());
    let wrong = person.post(address, &[("opening_code", "7K2M-QX4D-9TBN")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.text());
    let opened = person.post(address, &[("opening_code", opening_code)]).await;
    assert_eq!((opened.status, opened.leads_to()), (StatusCode::SEE_OTHER, address), "{}", opened.text());
    // Anybody else who has the link is told so, plainly; also with the code.
    let mut other = Visitor { router: house.router.clone(), cookie: String::new() };
    let seen = other.get(address).await;
    assert_eq!(seen.status, StatusCode::GONE);
    assert!(seen.text().contains("opened already") && seen.text().contains("November"), "{}", seen.text());
    assert_eq!(other.post(address, &[("opening_code", opening_code)]).await.status, StatusCode::GONE);

    let page = person.get(address).await;
    let secret = code_of(&page, "");
    let code = || house.test.service.code_now(&secret).expect("a code");
    // A wrong code loses nothing: the password is kept, sealed, and need not be typed again.
    let typed = [("password", PASSWORD), ("password_again", PASSWORD), ("code", "12")];
    let wrong = person.post(address, &typed).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("The password that you chose is kept"), "{}", wrong.text());
    assert!(!String::from_utf8_lossy(&wrong.body).contains(PASSWORD));
    assert_eq!(code_of(&wrong, ""), secret, "nor is the authenticator to be set up again");
    let kept = wrong.read().forms()[0].held.iter().find(|(name, _)| name == "kept").expect("kept").1.clone();
    let done = person.post(address, &[("kept", &kept), ("code", &code())]).await;
    assert_eq!((done.status, done.leads_to()), (StatusCode::SEE_OTHER, "/sign-in"), "{}", done.text());
    house.test.real_clock.move_to(house.test.real_clock.now_ms() + 30_000);
    let seen = person.post("/sign-in", &[("login", "ines.moreau"), ("password", PASSWORD), ("code", &code())]).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.text());
    person
}

/// The second person agrees to what waits for them, and reads the code.
async fn agreed(second: &mut Visitor) -> String {
    let home = second.get("/").await;
    let words = "Something asked for a colleague’s account waits for your agreement";
    let path = link(&home, words);
    let asked = second.get(&path).await;
    let code = second.submit_confirmed(&asked, &path, &[]).await;
    assert!(code.text().contains("Give this code to the person"), "{}", code.text());
    assert!(!second.get("/").await.text().contains(words), "what is decided waits no more");
    code_of(&code, "")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_asked_for_agreed_to_taken_up_invited_again_and_closed() {
    let (house, mut admin) = house().await;
    let mut manager = house.visitor(Role::Manager, "north", "helen").await;
    house.visitor(Role::DataProtection, "", "officer").await;
    let new = admin.get("/admin/accounts/new").await;
    // Asked for the password first; what was typed is kept meanwhile.
    let first = admin.submit(&new, "/admin/accounts", &ACCOUNT).await;
    assert_eq!(first.status, StatusCode::FORBIDDEN);
    let wrong = admin.submit(&first, "/admin/accounts", &[("confirm_password", "not mine at all")]).await;
    assert!(wrong.text().contains("The password is not right"), "{}", wrong.text());
    let made = admin.submit(&wrong, "/admin/accounts", &[("confirm_password", kith_service::testing::PASSWORD)]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    let account = admin.get(&made.location.clone()).await;
    assert!(
        account.text().contains("waits for agreement by HELEN Manager or OFFICER Data protection officer"),
        "{}",
        account.text()
    );
    // A double click: one account.
    let twice = admin.submit(&new, "/admin/accounts", &ACCOUNT).await;
    assert_eq!(twice.status, StatusCode::SEE_OTHER, "{}", twice.text());
    let list = admin.get("/admin/accounts").await;
    assert_eq!(list.text().matches("Ines Moreau ines.moreau Contact supervisor North Nenedale Asked for").count(), 1);
    let to = link(&list, "Ines Moreau");
    assert!(admin.get(&to).await.read().form("/link").is_none(), "no link before anybody agreed");

    let code = agreed(&mut manager).await;
    let account =
        admin.get(&link(&admin.clone().get("/").await, "What you asked for an account has been agreed to")).await;
    let first = code_of(&admin.submit_confirmed(&account, "/link", &[]).await, "/invitation/");
    let shown = admin.submit_confirmed(&account, "/link", &[]).await;
    assert!(!shown.text().contains(&code));
    let address = code_of(&shown, "/invitation/");
    assert_ne!(first, address);
    assert_eq!(admin.clone().get(&first).await.status, StatusCode::NOT_FOUND, "one link at a time");
    let mut ines = taken_up(&house, &address, &code).await;
    assert!(ines.get("/").await.text().contains("Ines Moreau"));
    assert_eq!(ines.get(&address).await.status, StatusCode::NOT_FOUND, "an invitation works once");
    let seen = manager.get("/").await;
    assert!(
        seen.text().contains("A colleague’s account: the invitation has been opened for the first time"),
        "{}",
        seen.text()
    );

    let other = admin.get("/admin/accounts/new").await;
    let taken = admin.submit_confirmed(&other, "/admin/accounts", &ACCOUNT).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "a sign-in name is somebody's");
    let late = admin.submit_confirmed(&new, "/admin/accounts", &ACCOUNT).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "an account in use is not invited by an old form");

    manager.submit(&seen, "/notices/read", &[]).await;
    let account = admin.get(&to).await;
    assert!(account.text().contains("In use") && !account.text().contains("/invitation/"), "{}", account.text());
    let account = admin.confirm_and_follow(&account, "/invite", &[]).await;
    assert_eq!(ines.get("/").await.status, StatusCode::OK, "nothing has happened before somebody agrees");
    let code = agreed(&mut manager).await;
    assert_eq!(ines.get("/").await.status, StatusCode::SEE_OTHER, "signed out by a new invitation");
    let account = admin.get(&link(&account, "Correct this account").replace("/correct", "")).await;
    let again = admin.submit_confirmed(&account, "/link", &[]).await;
    let mut ines = taken_up(&house, &code_of(&again, "/invitation/"), &code).await;
    let home = ines.get("/").await;
    assert!(home.text().contains("Your account: a new invitation has been agreed to"), "{}", home.text());

    let ask = admin.get(&link(&account, "Close this account")).await;
    let closed = admin.confirm_and_follow(&ask, "/close", &[]).await;
    assert!(closed.text().contains("Open it again"), "{}", closed.text());
    assert_eq!(ines.get("/").await.status, StatusCode::SEE_OTHER, "signed out at once");
    let own = admin.get(&link(&list, "ADMIN.ONE Administrator")).await;
    assert!(own.read().form("/invite").is_none() && own.text().contains("your own account"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_person_refuses_with_a_reason() {
    let (house, mut admin) = house().await;
    let mut manager = house.visitor(Role::Manager, "north", "helen").await;
    let new = admin.get("/admin/accounts/new").await;
    let account = admin.confirm_and_follow(&new, "/admin/accounts", &ACCOUNT).await;
    let path = link(&manager.get("/agreements").await, "A new account: Ines Moreau");
    let asked = manager.get(&path).await;
    let mut south = house.visitor(Role::Manager, "south", "patrick").await;
    let elsewhere = south.get(&path).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    let blank = manager.submit(&asked, "/refuse", &[]).await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", blank.text());
    manager.submit_and_follow(&blank, "/refuse", &[("reason", "I know nobody of that name")]).await;
    let late = manager.submit_confirmed(&asked, &path, &[]).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text());
    let account = admin.get(&link(&account, "Correct this account").replace("/correct", "")).await;
    let words = account.text();
    assert!(words.contains("refused by HELEN Manager") && words.contains("I know nobody of that name"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_account_keeps_what_was_typed() {
    let (_house, mut admin) = house().await;
    let new = admin.get("/admin/accounts/new").await;
    let mut wrong = ACCOUNT;
    wrong[3].1 = "";
    let seen = admin.submit_confirmed(&new, "/admin/accounts", &wrong).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.text().contains("Select the area this person works for"), "{}", seen.text());
    let form = seen.read().form("/admin/accounts").expect("the form again");
    for (name, value) in wrong {
        assert!(form.held.contains(&(name.to_owned(), value.to_owned())), "{name}: {:?}", form.held);
    }
    let made = admin.confirm_and_follow(&seen, "/admin/accounts", &[("area", "south")]).await;
    assert!(made.text().contains("Ines Moreau Asked for"), "{}", made.text());
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
