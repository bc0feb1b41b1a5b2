//! Changing what a file says, by its pages.

use axum::http::StatusCode;
use kith_service::testing::AcceptedChild;

use crate::testing::{House, Visitor};

async fn house() -> (House, AcceptedChild, Visitor) {
    let house = House::open().await;
    let case = house.test.accepted_child("f").await.expect("a case");
    let worker = house.sign_in(&case.social_worker).await;
    (house, case, worker)
}

const TOLD: [(&str, &str); 5] = [
    ("told_by", "Dora Finch, carer"),
    ("told_how", "phone"),
    ("told_since-day", "20"),
    ("told_since-month", "11"),
    ("told_since-year", "2026"),
];

fn told<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    more.iter().chain(&TOLD).copied().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_social_worker_reads_what_will_be_void_changes_the_placement_and_reads_what_was() {
    let (house, case, mut worker) = house().await;
    house.test.approved_assessment(&case, case.mother).await.expect("an assessment");
    let file = worker.get(&format!("/children/{}", case.child)).await;
    let ways = file.read().links();
    let to = &ways.iter().find(|(words, _)| words == "Where the child lives").expect("a way").1;
    let page = worker.get(to).await;
    assert!(page.text().contains("Risk assessment of Ann Marsh (approved)"), "{}", page.text());
    let refused = worker.submit(&page, "/placement", &[("address", "9 Mill Row, Nenebridge NB1 4AB")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("9 Mill Row"), "what was typed stays on the page");
    let done = worker.submit_and_follow(&refused, "/placement", &told(&[])).await;
    assert!(done.text().contains("The risk assessments that it bears on are void"), "{}", done.text());
    assert!(done.text().contains("9 Mill Row"));
    let page = worker.get(to).await.text();
    assert!(page.contains("Was so until 20 November 2026, said by"), "{page}");
    assert!(page.contains("4 Orchard Lane") && page.contains("said by Dora Finch, carer (by phone)"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_change_the_same_at_once_see_both() {
    let (house, case, mut worker) = house().await;
    let mut coordinator = house.sign_in(&case.coordinator).await;
    let to = format!("/children/{}/facts/school", case.child);
    let (mine, theirs) = (worker.get(&to).await, coordinator.get(&to).await);
    coordinator.submit_and_follow(&theirs, "/school", &told(&[("school", "Lake School")])).await;
    let both = worker.submit(&mine, "/school", &told(&[("school", "Hill School")])).await;
    assert_eq!(both.status, StatusCode::CONFLICT);
    assert!(both.text().contains("Lake School") && both.text().contains("Hill School"), "{}", both.text());
    worker.submit_and_follow(&both, "/school", &[]).await;
    let page = worker.get(&to).await.text();
    assert!(page.contains("Hill School") && page.contains("Lake School"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_comes_into_the_family_and_the_page_says_so() {
    let (_house, case, mut worker) = house().await;
    let page = worker.get(&format!("/children/{}/family/new", case.child)).await;
    let member = told(&[
        ("given_name", "Grace"),
        ("family_name", "Marsh"),
        ("relationship", "grandparent"),
        ("parental_responsibility", "no"),
        ("entitlement", "none"),
        ("may_attend", "no"),
        ("risk_marker", "none"),
    ]);
    let file = worker.submit_and_follow(&page, "/family", &member).await;
    assert!(file.text().contains("Grace Marsh"), "{}", file.text());
    let wrong = worker.get(&format!("/children/{}/facts/nothing", case.child)).await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
}
