//! What is running out, on the pages of whom it concerns.

use axum::http::StatusCode;
use jiff::civil::date;
use kith_domain::access::Role;
use kith_service::testing::steady;

use crate::testing::{House, Seen};

fn lines(page: &Seen) -> String {
    steady(&page.read().lines().join("\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn home_names_the_child_the_day_and_what_is_left_and_leads_there() {
    let house = House::open().await;
    let case = house.test.accepted_child("k").await.expect("a case");
    house.test.approved_assessment(&case, case.mother).await.expect("assessed");
    house.test.clock_to(date(2027, 2, 15), 540);
    let mut coordinator = house.sign_in(&case.coordinator).await;
    let home = coordinator.get("/").await;
    insta::assert_snapshot!("home", lines(&home));
    let file = format!("/children/{}", case.child);
    let links = home.read().links();
    assert!(links.iter().any(|(to, words)| *to == file || *words == file), "{links:?}");

    let all = coordinator.get("/clocks").await;
    insta::assert_snapshot!("clocks", lines(&all));
    let one = coordinator.get("/clocks?kind=hearing").await;
    assert!(one.text().contains("Nothing is running out"), "{}", one.text());
    let none = coordinator.get("/clocks?kind=none&page=x").await;
    assert_eq!(none.status, StatusCode::OK, "what is no kind shows all");

    let file = coordinator.get(&file).await;
    assert!(file.text().contains("Days to keep"), "{}", file.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_works_with_no_files_has_no_clocks_and_who_has_none_reads_that_there_are_none() {
    let house = House::open().await;
    house.test.accepted_child("k").await.expect("a case");
    let mut supervisor = house.visitor(Role::Supervisor, "north", "su").await;
    assert!(!supervisor.get("/").await.text().contains("running out"));
    assert_eq!(supervisor.get("/clocks").await.status, StatusCode::FORBIDDEN);
    let mut south = house.visitor(Role::Coordinator, "south", "co").await;
    let home = south.get("/").await;
    assert!(home.text().contains("Nothing in the next days"), "{}", home.text());
    assert!(!home.text().contains("Marsh"));
}
