//! Whole pages, word for word: what a change of the catalogue, of a rule or of a template makes of them is seen where it is
//! reviewed. `INSTA_UPDATE=always cargo nextest run snapshots` writes them anew.

use kith_service::testing::steady;

use crate::testing::{House, Seen};

/// The words of the page's main part, a line for each piece of text.
fn lines(page: &Seen) -> String {
    steady(&page.read().lines().join("\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_a_child_who_was_referred_verified_and_planned_for() {
    let house = House::open().await;
    let case = house.test.accepted_child("snap").await.expect("a case");
    house.test.approved_assessment(&case, case.mother).await.expect("assessed");
    let (plan, _) = house.test.active_plan(&case, &[case.mother]).await.expect("planned");
    let mut coordinator = house.sign_in(&case.coordinator).await;
    let file = coordinator.get(&format!("/children/{}", case.child)).await;
    insta::assert_snapshot!("file", lines(&file));
    let page = coordinator.get(&format!("/plans/{plan}")).await;
    insta::assert_snapshot!("plan", lines(&page));
    let agreement = coordinator.get(&format!("/plans/{plan}/agreement")).await;
    insta::assert_snapshot!("agreement", lines(&agreement));
    let picture = coordinator.get(&format!("/children/{}/family-picture", case.child)).await;
    insta::assert_snapshot!("family_picture", lines(&picture));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_a_session_and_its_record() {
    let house = House::open().await;
    let ground = house.test.ground("").await.expect("a child in contact");
    let id = house.test.signed(&ground).await.expect("signed");
    let mut supervisor = house.sign_in(&ground.supervisor).await;
    let session = supervisor.get(&format!("/sessions/{id}")).await;
    insta::assert_snapshot!("session", lines(&session));
    let record = supervisor.get(&format!("/sessions/{id}/record")).await;
    insta::assert_snapshot!("record", lines(&record));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_what_goes_to_somebody() {
    let house = House::open().await;
    let case = house.test.accepted_child("snap").await.expect("a case");
    let mut coordinator = house.sign_in(&case.coordinator).await;
    let begin = coordinator.get(&format!("/children/{}/disclosures/new", case.child)).await;
    let mother = case.mother.to_string();
    let ask = [("to", "children"), ("purpose", "service_delivery"), ("related", mother.as_str())];
    let check = coordinator.submit(&begin, "/check", &ask).await;
    insta::assert_snapshot!("what_goes", lines(&check));
    coordinator.confirm_and_follow(&check, "/disclosures", &[]).await;
    let sharing = coordinator.get(&format!("/children/{}/sharing", case.child)).await;
    insta::assert_snapshot!("sharing", lines(&sharing));
}
