//! Who has a file, from the pages: covering, handing over, refusing, and closing the account of somebody who leaves.

use axum::http::StatusCode;
use kith_domain::access::Role;

use crate::testing::{House, Seen};

fn link(page: &Seen, words: &str) -> String {
    let links = page.read().links();
    links.into_iter().find(|(link, _)| link.contains(words)).unwrap_or_else(|| panic!("no {words}: {}", page.text())).1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_covers_and_the_cover_is_ended() {
    let house = House::open().await;
    let ground = house.test.ground("").await.expect("a child in contact");
    let other = house.test.colleague(Role::SocialWorker, "north", "wanda").await.expect("a colleague");
    let mut manager = house.sign_in(&ground.manager).await;
    let mut wanda = house.sign_in(&other).await;
    let file = format!("/children/{}", ground.child);
    assert_eq!(wanda.get(&file).await.status, StatusCode::NOT_FOUND);

    let list = manager.get("/workers").await;
    assert!(list.text().contains("1 file "), "{}", list.text());
    let page = manager.get(&link(&list, "Somebody covers for a time")).await;
    let by = other.id.to_string();
    let day = |day: &'static str| [("until-day", day), ("until-month", "11"), ("until-year", "2026")];
    let past = [&day("23")[..], &[("by", by.as_str()), ("reason", "Leave")]].concat();
    let wrong = manager.submit(&page, "/cover", &past).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("The last day must not be before the first"), "{}", wrong.text());
    let list = manager.submit_and_follow(&wrong, "/cover", &day("27")).await;
    assert!(list.text().contains("covers 1 file from 24 November 2026 to 27 November 2026"), "{}", list.text());
    assert_eq!(wanda.get(&file).await.status, StatusCode::OK);
    let list = manager.submit_and_follow(&list, "/end", &[]).await;
    assert!(!list.text().contains("covers 1 file"), "{}", list.text());
    assert_eq!(wanda.get(&file).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_handed_over_with_the_boxes_that_are_ticked() {
    let house = House::open().await;
    let ground = house.test.ground("").await.expect("a child in contact");
    let other = house.test.colleague(Role::SocialWorker, "north", "wanda").await.expect("a colleague");
    let mut coordinator = house.sign_in(&ground.coordinator).await;
    let list = coordinator.get("/workers").await;
    let page = coordinator.get(&link(&list, "Give files to somebody else")).await;
    let missing = coordinator.submit(&page, "/hand-over", &[("reason", "Leaves the team")]).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(missing.text().contains("Select who takes it"), "{}", missing.text());
    let list = coordinator.submit_and_follow(&missing, "/hand-over", &[("to", &other.id.to_string())]).await;
    assert!(list.text().contains("The files have been given"), "{}", list.text());
    let mut wanda = house.sign_in(&other).await;
    assert_eq!(wanda.get(&format!("/children/{}", ground.child)).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_who_is_related_says_so_and_it_is_taken_back() {
    let house = House::open().await;
    let ground = house.test.ground("").await.expect("a child in contact");
    let mut worker = house.sign_in(&ground.worker).await;
    let file = format!("/children/{}", ground.child);
    let page = worker.get(&file).await;
    let page = worker.get(&link(&page, "I must not have this file")).await;
    let wrong = worker.submit(&page, "/refuse", &[("words", "His sister is my neighbour")]).await;
    assert!(wrong.text().contains("Select why"), "{}", wrong.text());
    let home = worker.submit_and_follow(&wrong, "/refuse", &[("why", "related")]).await;
    assert!(home.text().contains("You do not see that child any more"), "{}", home.text());
    assert_eq!(worker.get(&file).await.status, StatusCode::NOT_FOUND);

    let mut manager = house.sign_in(&ground.manager).await;
    assert!(manager.get(&file).await.text().contains("who must not have it: nobody has this file"));
    let page = manager.get(&format!("{file}/worker")).await;
    assert!(page.text().contains("His sister is my neighbour"), "{}", page.text());
    manager.submit_and_follow(&page, "/lift", &[]).await;
    assert_eq!(worker.get(&file).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_an_account_shows_what_waits_and_asks_who_takes_each() {
    let house = House::open().await;
    let ground = house.test.ground("").await.expect("a child in contact");
    house.test.started(&ground).await.expect("a session in course");
    let mut admin = house.visitor(Role::Administrator, "", "admin.one").await;
    let page = admin.get(&format!("/admin/accounts/{}/close", ground.supervisor.id)).await;
    assert!(page.text().contains("Session in course: 1"), "{}", page.text());
    let refused = admin.submit_confirmed(&page, "/close", &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("Choose who stands in"), "{}", refused.text());
    let closed = admin.submit_and_follow(&refused, "/close", &[("to-in_course", &ground.second.id.to_string())]).await;
    assert!(closed.text().contains("Open it again"), "{}", closed.text());
    let mut second = house.sign_in(&ground.second).await;
    assert!(second.get("/my-day").await.text().contains("Amara"));
}
