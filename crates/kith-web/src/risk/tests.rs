//! Risk assessment by its pages: written, checked, sent, approved by another, returned, void.

use axum::http::StatusCode;
use kith_domain::access::Role;
use kith_service::testing::{AcceptedChild, whole_assessment};

use crate::testing::{House, Seen, Visitor};

const ABDUCTION: [(&str, &str); 6] = [
    ("abduction", "yes"),
    ("abduction-l", "4"),
    ("abduction-i", "5"),
    ("abduction-controls", "Two members of staff, the door held"),
    ("abduction-rl", "2"),
    ("abduction-ri", "5"),
];

async fn house() -> (House, AcceptedChild, Visitor) {
    let house = House::open().await;
    let case = house.test.accepted_child("a").await.expect("a case");
    let coordinator = house.sign_in(&case.coordinator).await;
    (house, case, coordinator)
}

/// Begins the mother's assessment from the child's file; gives its address.
async fn begun(coordinator: &mut Visitor, case: &AcceptedChild) -> String {
    let file = coordinator.get(&format!("/children/{}", case.child)).await;
    let begun = coordinator.submit(&file, "/assessments", &[]).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text());
    begun.leads_to().to_owned()
}

/// Fills the form in and sends it as it is on the page; what comes back is the page that it leads to.
async fn filled(visitor: &mut Visitor, address: &str, more: &[(&str, &str)]) -> Seen {
    let page = visitor.get(address).await;
    let whole = whole_assessment();
    let fields: Vec<(&str, &str)> = whole
        .iter()
        .filter(|(name, _)| !more.iter().any(|(other, _)| other == name))
        .chain(more.iter().copied())
        .collect();
    let seen = visitor.submit(&page, address, &fields).await;
    if seen.status == StatusCode::SEE_OTHER { visitor.get(&seen.location).await } else { seen }
}

#[tokio::test(flavor = "multi_thread")]
async fn written_by_one_and_approved_by_another() {
    let (house, case, mut coordinator) = house().await;
    let address = begun(&mut coordinator, &case).await;
    let form = coordinator.get(&address).await;
    assert!(form.text().contains("Robin Marsh with Ann Marsh, mother"), "{}", form.text());
    assert!(form.text().contains("Arguments between the parents at handover"));
    assert!(!form.text().contains("There is a problem"), "an empty form has nothing wrong yet");

    let check = filled(&mut coordinator, &address, &ABDUCTION).await;
    for words in ["High risk", "1. Abduction", "Likely × catastrophic: 20", "With controls: 1", "Without controls: 1"]
    {
        assert!(check.text().contains(words), "{words}: {}", check.text());
    }
    let sent = coordinator.submit_and_follow(&check, "/send", &[]).await;
    assert!(sent.text().contains("Sent for approval") && sent.text().contains("Awaiting approval"), "{}", sent.text());
    assert_eq!(coordinator.submit(&check, "/send", &[]).await.status, StatusCode::SEE_OTHER, "a double click");
    assert!(sent.text().contains("Nobody approves their own risk assessment"));
    assert!(sent.read().form("/approve").is_none());
    let csrf = csrf(&sent);
    let own = coordinator.post(&format!("{address}/approve"), &[("csrf", &csrf)]).await;
    assert_eq!(own.status, StatusCode::CONFLICT);
    assert!(coordinator.get("/approvals").await.text().contains("Nothing waits for you"));

    let mut manager = house.sign_in(&case.manager).await;
    let home = manager.get("/").await;
    assert!(home.text().contains("A risk assessment waits for approval"), "{}", home.text());
    let list = manager.get("/approvals").await;
    assert!(list.read().links().iter().any(|(words, to)| words == "Robin Marsh with Ann Marsh" && *to == address));
    let page = manager.get(&address).await;
    let approved = manager.submit_and_follow(&page, "/approve", &[]).await;
    assert!(approved.text().contains("Approved, valid to 23 February 2027"), "{}", approved.text());
    assert!(approved.text().contains("MA-A Manager"));
    let file = coordinator.get(&format!("/children/{}", case.child)).await;
    assert!(file.text().contains("Approved, valid to 23 February 2027"));
}

fn csrf(page: &Seen) -> String {
    let forms = page.read().forms();
    let token = forms.iter().flat_map(|form| &form.held).find(|(name, _)| name == "csrf");
    token.map(|(_, value)| value.clone()).expect("a token")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_stays_when_something_is_missing() {
    let (_house, case, mut coordinator) = house().await;
    let address = begun(&mut coordinator, &case).await;
    let wrong =
        filled(&mut coordinator, &address, &[("weapons", "yes"), ("weapons-controls", "Bags are checked")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("Enter weapons: likelihood"), "{}", wrong.text());
    let links = wrong.read().links();
    assert!(links.iter().any(|(_, to)| to == "#weapons-l"), "{links:?}");
    let html = String::from_utf8_lossy(&wrong.body).into_owned();
    assert!(html.contains("Bags are checked") && html.contains("Warm and calm at the last three meetings."));
    assert!(html.contains("id=\"weapons-l\""), "the summary leads to a field");

    // It was saved all the same: nothing is lost by going away.
    let again = coordinator.get(&address).await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(String::from_utf8_lossy(&again.body).contains("Bags are checked"));
    let check = coordinator.get(&format!("{address}/check")).await;
    assert!(check.text().contains("Before it can be sent") && check.read().form("/send").is_none());
    let left = coordinator.submit(&again, &address, &[("then", "leave")]).await;
    assert_eq!(left.leads_to(), format!("/children/{}", case.child));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_windows_are_shown_side_by_side() {
    let (_house, case, mut coordinator) = house().await;
    let address = begun(&mut coordinator, &case).await;
    filled(&mut coordinator, &address, &[]).await;
    let (one, two) = (coordinator.get(&address).await, coordinator.get(&address).await);
    coordinator.submit_and_follow(&one, &address, &[("summary", "Seen in May"), ("staff", "2")]).await;
    let conflict = coordinator.submit(&two, &address, &[("summary", "Seen in June")]).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(conflict.text().contains("Seen in May") && conflict.text().contains("Seen in June"));
    coordinator.submit_and_follow(&conflict, &address, &[]).await;
    assert!(coordinator.get(&format!("{address}/check")).await.text().contains("Seen in June"));
}

#[tokio::test(flavor = "multi_thread")]
async fn returned_with_a_reason_and_taken_up_again() {
    let (house, case, mut coordinator) = house().await;
    let id = house.test.sent_assessment(&case, case.mother, &whole_assessment()).await.expect("it is sent");
    let address = format!("/assessments/{id}");
    let mut manager = house.sign_in(&case.manager).await;
    let ask = manager.get(&format!("{address}/return")).await;
    let empty = manager.submit(&ask, "/return", &[("reason", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let returned = manager.submit_and_follow(&ask, "/return", &[("reason", "Say what was seen in May.")]).await;
    assert!(returned.text().contains("returned to its author"), "{}", returned.text());
    let form = coordinator.get(&address).await;
    assert!(form.text().contains("Say what was seen in May.") && form.read().form(&address).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn void_at_once_with_a_reason() {
    let (house, case, mut coordinator) = house().await;
    let id = house.test.approved_assessment(&case, case.mother).await.expect("approved");
    let address = format!("/assessments/{id}");
    let ask = coordinator.get(&format!("{address}/void")).await;
    let empty = coordinator.submit(&ask, "/void", &[]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text().contains("Select why it is void"), "{}", empty.text());
    let void = coordinator.submit_and_follow(&ask, "/void", &[("reason", "incident")]).await;
    assert!(void.text().contains("This assessment is void: a serious incident"), "{}", void.text());
    let again = coordinator.get(&format!("{address}/void")).await;
    assert_eq!(again.leads_to(), address, "there is nothing left to void");
    let mut worker = house.sign_in(&case.social_worker).await;
    assert!(worker.get("/").await.text().contains("A risk assessment is void"));
}

#[tokio::test(flavor = "multi_thread")]
async fn begun_for_a_person_of_the_family() {
    let (_house, case, mut coordinator) = house().await;
    let new = format!("/children/{}/assessments/new", case.child);
    let page = coordinator.get(&new).await;
    assert!(page.text().contains("Len Marsh, aunt or uncle: must not attend"), "{}", page.text());
    let none = coordinator.submit(&page, "/assessments", &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text().contains("Select whose risk is assessed"));
    let father = case.father.to_string();
    let begun = coordinator.submit_and_follow(&none, "/assessments", &[("person", &father)]).await;
    assert!(begun.text().contains("Robin Marsh with Joe Marsh, father"), "{}", begun.text());
    let chosen = coordinator.get(&format!("{new}?person={father}")).await;
    let held = chosen.read().form("/assessments").expect("a form").held;
    assert!(held.contains(&("person".to_owned(), father)));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sees_it_and_the_social_worker_only_reads() {
    let (house, case, mut coordinator) = house().await;
    let address = begun(&mut coordinator, &case).await;
    filled(&mut coordinator, &address, &[]).await;
    let mut worker = house.sign_in(&case.social_worker).await;
    let read = worker.get(&address).await;
    assert_eq!(read.status, StatusCode::OK);
    assert_eq!(read.read().forms().len(), 1, "only the one to sign out");
    for (role, area) in [(Role::Coordinator, "south"), (Role::Supervisor, "north"), (Role::Auditor, "")] {
        let mut other = house.visitor(role, area, &format!("other-{}", role.code())).await;
        for path in ["", "/check", "/return", "/void"] {
            let seen = other.get(&format!("{address}{path}")).await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{role:?} {path}");
        }
        let csrf = csrf(&other.get("/").await);
        for path in ["", "/send", "/approve", "/return", "/void"] {
            let fields = [("csrf", csrf.as_str()), ("reason", "incident")];
            let seen = other.post(&format!("{address}{path}"), &fields).await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{role:?} {path}");
        }
    }
    let mut supervisor = house.sign_in(&case.supervisor).await;
    assert_eq!(supervisor.get("/approvals").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_named_in_titles_and_addresses() {
    let (_house, case, mut coordinator) = house().await;
    let address = begun(&mut coordinator, &case).await;
    for path in [address.clone(), format!("{address}/check"), "/approvals".to_owned()] {
        let html = String::from_utf8_lossy(&coordinator.get(&path).await.body).into_owned();
        let title = html.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap_or_default();
        assert!(!title.is_empty() && !title.contains("Marsh"), "{title}");
    }
}
