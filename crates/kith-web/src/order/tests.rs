//! Orders by their pages: written down from the file, set out in terms, corrected with the old kept, ended.

use axum::http::StatusCode;
use kith_service::testing::AcceptedChild;

use crate::testing::{House, Visitor};

async fn house() -> (House, AcceptedChild, Visitor) {
    let house = House::open().await;
    let case = house.test.accepted_child("o").await.expect("a case");
    let coordinator = house.sign_in(&case.coordinator).await;
    (house, case, coordinator)
}

const ORDER: [(&str, &str); 5] = [
    ("court", "Family Court at Eddington"),
    ("case_number", "ED26C00417"),
    ("made_on-day", "23"),
    ("made_on-month", "11"),
    ("made_on-year", "2026"),
];

#[tokio::test(flavor = "multi_thread")]
async fn from_the_file_to_an_order_with_terms() {
    let (_house, case, mut coordinator) = house().await;
    let file = coordinator.get(&format!("/children/{}", case.child)).await;
    assert!(file.text().contains("Family Court at Eddington, 2 November 2026"), "the referral's own order");
    let new = coordinator.get(&format!("/children/{}/orders/new", case.child)).await;
    let ends_before =
        [("ends_on-day", "1"), ("ends_on-month", "11"), ("ends_on-year", "2026"), ("words", "Once a week")];
    let typed: Vec<_> = ORDER.into_iter().chain(ends_before).collect();
    let wrong = coordinator.submit(&new, "/orders", &typed).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("An order cannot end before it is made"), "{}", wrong.text());
    assert!(String::from_utf8_lossy(&wrong.body).contains("Once a week"), "nothing is lost");
    let order = coordinator.submit_and_follow(&wrong, "/orders", &[("ends_on-year", "2027")]).await;
    assert!(order.text().contains("The order is on the file") && order.text().contains("Ends on 1 November 2027"));
    let add = order.read().links().into_iter().find(|(_, to)| to.ends_with("/terms/new")).expect("a way").1;
    let form = coordinator.get(&add).await;
    let forms = form.read().forms();
    let terms = forms.iter().map(|form| form.action.clone()).find(|to| to.contains("/terms/")).expect("a form");
    let uncle = case.uncle.to_string();
    let term = [("with", uncle.as_str()), ("count", "0"), ("per", "month"), ("minutes", "60")];
    let wrong = coordinator.submit(&form, &terms, &term).await;
    assert!(wrong.text().contains("How many times"), "{}", wrong.text());
    let barred = coordinator.submit(&wrong, &terms, &[("count", "2")]).await;
    assert_eq!(barred.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(barred.text().contains("must not attend"), "{}", barred.text());
    let mother = case.mother.to_string();
    let saved = coordinator.submit_and_follow(&barred, &terms, &[("with", &mother)]).await;
    assert!(saved.text().contains("Ann Marsh: at least twice a month, 60 minutes each"), "{}", saved.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn corrected_with_the_old_kept_and_ended() {
    let (_house, case, mut coordinator) = house().await;
    let new = coordinator.get(&format!("/children/{}/orders/new", case.child)).await;
    let order = coordinator.submit_and_follow(&new, "/orders", &ORDER).await;
    let links = order.read().links();
    let way = |end: &str| links.iter().find(|(_, to)| to.ends_with(end)).map(|(_, to)| to.clone()).expect("a way");
    let (first, second) = (coordinator.get(&way("/correct")).await, coordinator.get(&way("/correct")).await);
    let without = coordinator.submit(&first, "/correct", &[("court", "High Court")]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY, "a correction says why");
    let corrected =
        coordinator.submit_and_follow(&without, "/correct", &[("court", "High Court"), ("reason", "Misread")]).await;
    for words in ["High Court", "What was written of it before", "Misread", "Family Court at Eddington"] {
        assert!(corrected.text().contains(words), "{words}: {}", corrected.text());
    }
    let stale = coordinator.submit(&second, "/correct", &[("court", "Another"), ("reason", "Late")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(String::from_utf8_lossy(&stale.body).contains("Another"), "nothing is lost");
    let ask = coordinator.get(&way("/end")).await;
    let early = [("ended_on-day", "1"), ("ended_on-month", "11"), ("ended_on-year", "2026"), ("reason", "Discharged")];
    let wrong = coordinator.submit(&ask, "/end", &early).await;
    assert!(wrong.text().contains("An order cannot end before it is made"), "{}", wrong.text());
    let ended = coordinator.submit_and_follow(&wrong, "/end", &[("ended_on-day", "24")]).await;
    assert!(ended.text().contains("Discharged"), "{}", ended.text());
    assert!(ended.read().links().iter().all(|(_, to)| !to.ends_with("/terms/new")), "it is not changed any more");
}
