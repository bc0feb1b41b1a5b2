//! Sessions by their pages: booked from the plan, confirmed, moved, cancelled, looked at before walking in.

use axum::http::StatusCode;
use jiff::civil::date;
use kith_domain::access::Role;
use kith_service::testing::Ground;

use crate::testing::{House, Seen};

async fn house() -> (House, Ground) {
    let house = House::open().await;
    let ground = house.test.ground("").await.expect("a child in contact");
    (house, ground)
}

fn list(ground: &Ground) -> String {
    format!("/plans/{}/arrangements/{}/sessions", ground.plan, ground.line)
}

/// Fields of a page's form, with one day's changed and only these days ticked.
fn days<'a>(page: &Seen, ticked: &'a [&'a str]) -> Vec<(String, String)> {
    let form = page.read().form("/sessions").expect("the list's form");
    let held = form.held.into_iter().filter(|(name, _)| name != "chosen");
    held.chain(ticked.iter().map(|number| ("chosen".to_owned(), (*number).to_owned()))).collect()
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_s_days_are_booked_at_one_go_and_confirmed() {
    let (house, ground) = house().await;
    let mut coordinator = house.sign_in(&ground.coordinator).await;
    let page = coordinator.get(&format!("{}?from=2026-11-24&weeks=3", list(&ground))).await;
    assert!(
        page.text().contains("Thursday 26 November 2026") && page.text().contains("Ruth Adeyemi"),
        "{}",
        page.text()
    );
    let booked = coordinator.submit_and_follow(&page, "/sessions", &[]).await;
    assert!(booked.text().contains("Booked") && booked.text().contains("6 sessions are planned"), "{}", booked.text());
    let confirmed = coordinator.submit_and_follow(&booked, "/confirm", &[]).await;
    assert!(!confirmed.text().contains("are planned and not confirmed"), "{}", confirmed.text());
    let diary = coordinator.get("/diary?week=2026-11-26").await;
    assert!(diary.text().contains("Amara") && diary.text().contains("Confirmed"), "{}", diary.text());
    assert!(diary.text().contains("2 sessions") || diary.text().contains("1 session"));
    // The same list sent again (a double click): nothing is booked twice.
    let again = coordinator.submit(&page, "/sessions", &[]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_cannot_be_says_why_and_keeps_what_was_chosen() {
    let (house, ground) = house().await;
    let mut coordinator = house.sign_in(&ground.coordinator).await;
    let address = format!("{}?from=2026-11-26&weeks=1", list(&ground));
    let page = coordinator.get(&address).await;
    // Another coordinator takes the supervisor for another child meanwhile.
    let other = house.test.ground("2").await.expect("another child");
    let taken = kith_service::session::Booking { supervisor: ground.supervisor.id, ..other.thursday() };
    let desk = house.test.at_work(&other.coordinator);
    let id = kith_domain::ids::SessionId(uuid::Uuid::now_v7());
    desk.book_session(id, other.plan, other.line, taken).await.expect("booked");
    let numbers: Vec<String> = page.read().choices("chosen");
    let ticked: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let fields = days(&page, &ticked);
    let refused = coordinator.post(&list(&ground), &borrowed(&fields)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("has another session then, or is writing one up"), "{}", refused.text());
    // The other day of the week was booked all the same.
    assert!(refused.text().contains("1 session is planned"), "{}", refused.text());
    let nothing = days(&page, &[]);
    let nothing = coordinator.post(&list(&ground), &borrowed(&nothing)).await;
    assert!(nothing.text().contains("Tick at least one day"), "{}", nothing.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_day_is_booked_by_hand() {
    let (house, ground) = house().await;
    let mut coordinator = house.sign_in(&ground.coordinator).await;
    let page = coordinator.get(&format!("{}/new", list(&ground))).await;
    let (room, supervisor) = (ground.room.to_string(), ground.supervisor.id.to_string());
    let day = |day: &'static str| [("day-day", day), ("day-month", "11"), ("day-year", "2026")];
    let mut fields = vec![("start", "10:05"), ("room", room.as_str()), ("supervisor", supervisor.as_str())];
    fields.extend(day("29"));
    let wrong = coordinator.submit(&page, "/new", &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("must be on the quarter hour"));
    fields[0] = ("start", "10:15");
    let sunday = coordinator.submit(&wrong, "/new", &fields).await;
    assert!(sunday.text().contains("Monday to Saturday. Choose another day"), "{}", sunday.text());
    assert!(String::from_utf8_lossy(&sunday.body).contains("value=\"10:15\""), "what was typed stays");
    let booked = coordinator.submit_and_follow(&sunday, "/new", &[("day-day", "28")]).await;
    assert!(booked.text().contains("Saturday 28 November 2026, 10:15 to 11:45"), "{}", booked.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named_before_it_is_confirmed() {
    let (house, ground) = house().await;
    let id = kith_domain::ids::SessionId(uuid::Uuid::now_v7());
    let desk = house.test.at_work(&ground.coordinator);
    desk.book_session(id, ground.plan, ground.line_without_assessment, ground.thursday()).await.expect("booked");
    let mut coordinator = house.sign_in(&ground.coordinator).await;
    let page = coordinator.get(&format!("/sessions/{id}")).await;
    assert!(page.text().contains("Grace Adeyemi has no valid risk assessment"), "{}", page.text());
    let refused = coordinator.submit(&page, "/confirm", &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("cannot be confirmed yet"), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn before_walking_in_one_reads_who_comes_and_who_must_not() {
    let (house, ground) = house().await;
    let id = house.test.confirmed(&ground).await.expect("confirmed");
    let mut supervisor = house.sign_in(&ground.supervisor).await;
    let day = supervisor.get("/my-day?day=2026-11-26").await;
    assert!(
        day.text().contains("10:00–11:30 Amara Adeyemi") && day.text().contains("With Ruth Adeyemi"),
        "{}",
        day.text()
    );
    let page = supervisor.get(&format!("/sessions/{id}")).await;
    for words in [
        "Must not come in",
        "Dean Adeyemi (step-parent)",
        "Peanuts: swelling",
        "Where the child lives is confidential",
        "Front door kept locked",
        "English is spoken.",
        "No photographs.",
        "Carer’s name Carol Finch",
        "Carer’s phone number 01632 960 222",
        "Willow (garden), Elm House",
    ] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert!(!page.text().contains("1 Quiet Lane"), "the address is nobody's need here");
    let html = String::from_utf8_lossy(&page.body);
    assert!(html.contains("<title>Session – Kith</title>"), "a title names nobody");
    let mut other = house.sign_in(&ground.second).await;
    assert_eq!(other.get(&format!("/sessions/{id}")).await.status, StatusCode::NOT_FOUND);
    let empty = other.get("/my-day?day=2026-11-26").await;
    assert!(empty.text().contains("You are not booked for any other session"), "{}", empty.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_crosses_another_shows_both() {
    let (house, ground) = house().await;
    let id = house.test.confirmed(&ground).await.expect("confirmed");
    let mut coordinator = house.sign_in(&ground.coordinator).await;
    let mut manager = house.sign_in(&ground.manager).await;
    let address = format!("/sessions/{id}/move");
    let (one, two) = (coordinator.get(&address).await, manager.get(&address).await);
    let moved = coordinator.submit_and_follow(&one, "/move", &[("start", "12:00")]).await;
    assert!(moved.text().contains("12:00 to 13:30") && moved.text().contains("Planned"), "{}", moved.text());
    let conflict = manager.submit(&two, "/move", &[("start", "15:00")]).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(conflict.text().contains("12:00") && conflict.text().contains("15:00"), "{}", conflict.text());
    let settled = manager.submit_and_follow(&conflict, "/move", &[]).await;
    assert!(settled.text().contains("15:00 to 16:30"), "{}", settled.text());
    let sunday = manager.get(&address).await;
    let sunday = manager.submit(&sunday, "/move", &[("day-day", "29")]).await;
    assert_eq!(sunday.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_session_says_by_whom_and_what_notice() {
    let (house, ground) = house().await;
    let id = house.test.confirmed(&ground).await.expect("confirmed");
    let mut coordinator = house.sign_in(&ground.coordinator).await;
    let page = coordinator.get(&format!("/sessions/{id}/cancel")).await;
    let wrong = coordinator.submit(&page, "/cancel", &[("by", "venue"), ("replacement", "no")]).await;
    assert!(
        wrong.text().contains("Select why it was cancelled") && wrong.text().contains("must be made up"),
        "{}",
        wrong.text()
    );
    let fields = [("by", "parent"), ("reason", "illness"), ("note", "Rang at nine"), ("replacement", "yes")];
    let done = coordinator.submit_and_follow(&wrong, "/cancel", &fields).await;
    assert!(done.text().contains("Cancelled by parent or family member (illness), told on"), "{}", done.text());
    let mut supervisor = house.sign_in(&ground.supervisor).await;
    assert!(supervisor.get("/").await.text().contains("A session has been cancelled"));
    assert_eq!(supervisor.get(&format!("/sessions/{id}/cancel")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_another_area_is_not_there() {
    let (house, ground) = house().await;
    let id = house.test.signed(&ground).await.expect("signed");
    let mut south = house.visitor(Role::Coordinator, "south", "co2").await;
    for path in ["", "/move", "/cancel", "/record", "/record.pdf", "/record/sign", "/record/addendum"] {
        assert_eq!(south.get(&format!("/sessions/{id}{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(south.get(&list(&ground)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(south.get(&format!("{}/new", list(&ground))).await.status, StatusCode::NOT_FOUND);
    let theirs = south.get("/diary?week=2026-11-26&area=north").await;
    assert!(theirs.text().contains("Busy") && !theirs.text().contains("Amara"), "{}", theirs.text());
    assert_eq!(south.get("/reviews").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_diary_of_any_week() {
    let (house, ground) = house().await;
    let mut coordinator = house.sign_in(&ground.coordinator).await;
    let christmas = coordinator.get("/diary?week=2026-12-25").await;
    assert!(
        christmas.text().contains("21 to 26 December 2026") && christmas.text().contains("Christmas Day"),
        "{}",
        christmas.text()
    );
    for week in ["", "?week=", "?week=yesterday", "?week=9999-12-31", "?week=-009999-01-01", "?area=nowhere"] {
        assert_eq!(coordinator.get(&format!("/diary{week}")).await.status, StatusCode::OK, "{week}");
    }
    assert!(coordinator.get("/diary").await.text().contains("Tue 24 (today)"));
    let mut worker = house.sign_in(&ground.worker).await;
    assert_eq!(worker.get("/diary").await.status, StatusCode::FORBIDDEN);
    assert_eq!(date(2026, 11, 24).weekday(), jiff::civil::Weekday::Tuesday);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_says_from_the_session_s_page_that_they_must_not_have_the_family() {
    let (house, ground) = house().await;
    let id = house.test.confirmed(&ground).await.expect("a session");
    let mut supervisor = house.sign_in(&ground.supervisor).await;
    let page = supervisor.get(&format!("/sessions/{id}")).await;
    let way = page.read().links().into_iter().find(|(words, _)| words == "I must not have this family");
    let asked = supervisor.get(&way.expect("the way to it").1).await;
    let nothing = supervisor.submit(&asked, "/refuse", &[("words", "My sister’s girl")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.text().contains("My sister’s girl"), "what was typed stays: {}", nothing.text());
    let done = supervisor.submit_and_follow(&nothing, "/refuse", &[("why", "related")]).await;
    assert!(done.text().contains("You do not see that child any more"), "{}", done.text());
    assert_eq!(supervisor.get(&format!("/sessions/{id}")).await.status, StatusCode::NOT_FOUND);
    let mut coordinator = house.sign_in(&ground.coordinator).await;
    let home = coordinator.get("/").await;
    assert!(home.text().contains("put somebody else into this session"), "{}", home.text());
    let session = coordinator.get(&format!("/sessions/{id}")).await;
    assert!(session.text().contains("A supervisor must not have this family"), "{}", session.text());
    assert!(!session.text().contains("I must not have this family"), "who does not hold it says it on the file");
    assert_eq!(coordinator.get(&format!("/sessions/{id}/refuse")).await.status, StatusCode::NOT_FOUND);
}
