//! Refusing contact by its pages: from the file to the notices, and what came of it.

use axum::http::StatusCode;
use kith_service::testing::AcceptedChild;

use crate::testing::{House, Visitor};

async fn house() -> (House, AcceptedChild, Visitor) {
    let house = House::open().await;
    let case = house.test.accepted_child("r").await.expect("a case");
    let coordinator = house.sign_in(&case.coordinator).await;
    (house, case, coordinator)
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_file_to_the_notices_and_the_end() {
    let (_house, case, mut coordinator) = house().await;
    let file = coordinator.get(&format!("/children/{}", case.child)).await;
    let way = file.read().links().into_iter().find(|(_, to)| to.ends_with("/refusals/new")).expect("a way").1;
    let new = coordinator.get(&way).await;
    assert!(new.text().contains("Ann Marsh, parent: section 34(1)(a)"), "{}", new.text());
    assert!(!new.text().contains("Len Marsh"), "who is not entitled is not there");
    let mother = case.mother.to_string();
    let typed = [
        ("person", mother.as_str()),
        ("decided_by", "Maud Ferris, service manager"),
        ("reasons", "You came to the last visit after drinking."),
        ("urgency", ""),
        ("tell_child", "yes"),
        ("for_the_child", "Mum was not well enough to see you."),
    ];
    let wrong = coordinator.submit(&new, "/refusals", &typed).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("Enter why it could not wait for a court"), "{}", wrong.text());
    assert!(String::from_utf8_lossy(&wrong.body).contains("after drinking"), "nothing is lost");
    let shown = coordinator.submit_and_follow(&wrong, "/refusals", &[("urgency", "The next visit is tomorrow.")]).await;
    for words in ["Contact is refused. Give the notices now", "Day 1 of 7", "The independent reviewing officer"] {
        assert!(shown.text().contains(words), "{words}: {}", shown.text());
    }
    let papers: Vec<String> =
        shown.read().links().into_iter().map(|(_, to)| to).filter(|to| to.contains("/notices/")).collect();
    assert_eq!(papers.len(), 2);
    for paper in &papers {
        let pdf = coordinator.get(paper).await;
        assert!(pdf.status == StatusCode::OK && pdf.body.starts_with(b"%PDF-"), "{paper}");
    }
    let nameless = [("to", "iro"), ("how", "email")];
    let wrong = coordinator.submit(&shown, "/notices", &nameless).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("Enter their name"), "{}", wrong.text());
    let file = coordinator.get(&format!("/children/{}", case.child)).await;
    assert!(file.text().contains("Contact with Ann Marsh is refused: day 1 of 7"), "{}", file.text());
    let id = papers[0].split("/notices").next().unwrap_or_default().to_owned();
    let ask = coordinator.get(&format!("{id}/end")).await;
    let none = coordinator.submit(&ask, "/end", &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    let ended = coordinator.submit_and_follow(&none, "/end", &[("how", "mistaken"), ("why", "Another child")]).await;
    assert!(ended.text().contains("Written down by mistake"), "{}", ended.text());
    assert!(ended.read().links().iter().all(|(_, to)| !to.contains("/notices/")), "no notice of a mistake");
    assert!(!ended.text().contains("To be told in writing"));
    let again = coordinator.get(&format!("{id}/end")).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "it has been said what came of it");
}
