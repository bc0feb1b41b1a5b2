//! Contact plans by their pages: written, agreed, started, suspended, ended, and the paper for the family.

use axum::http::StatusCode;
use kith_domain::access::Role;
use kith_domain::ids::PersonId;
use kith_service::testing::{AcceptedChild, whole_arrangement};

use crate::testing::{House, Seen, Visitor};

async fn house() -> (House, AcceptedChild, Visitor) {
    let house = House::open().await;
    let case = house.test.accepted_child("p").await.expect("a case");
    let coordinator = house.sign_in(&case.coordinator).await;
    (house, case, coordinator)
}

/// Begins a plan from the child's file; gives the plan's page.
async fn begun(coordinator: &mut Visitor, case: &AcceptedChild) -> (String, Seen) {
    let file = coordinator.get(&format!("/children/{}", case.child)).await;
    let begun = coordinator.submit(&file, "/plans", &[]).await;
    let address = begun.leads_to().to_owned();
    let page = coordinator.get(&address).await;
    (address, page)
}

/// Sends the form of an arrangement, whole but for what is given.
async fn arranged(visitor: &mut Visitor, page: &Seen, with: &[PersonId], other: &[(&str, &str)]) -> Seen {
    let form = page.read().forms().into_iter().find(|form| form.action.contains("/arrangements/")).expect("a form");
    let whole = whole_arrangement(with);
    let fields: Vec<(&str, &str)> =
        whole.iter().filter(|(name, _)| !other.iter().any(|(o, _)| o == name)).chain(other.iter().copied()).collect();
    let seen = visitor.post(&form.action, &form.filled(&fields)).await;
    if seen.status == StatusCode::SEE_OTHER { visitor.get(&seen.location).await } else { seen }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_file_to_an_active_plan() {
    let (house, case, mut coordinator) = house().await;
    let (address, page) = begun(&mut coordinator, &case).await;
    assert!(page.text().contains("No arrangements yet"), "{}", page.text());
    assert!(page.read().form("/agree").is_none(), "there is nothing to agree to");
    let add = coordinator.get(&format!("{address}/arrangements/new")).await;
    let held = add.read().forms().into_iter().find(|form| form.action.contains("/arrangements/")).expect("a form").held;
    for (name, value) in [("bound", "at_least"), ("count", "2"), ("per", "week"), ("rules", "")] {
        let as_referred = (name.to_owned(), value.to_owned());
        assert!(held.contains(&as_referred), "{name} is what the referral asks for: {held:?}");
    }
    let page = arranged(&mut coordinator, &add, &[case.mother], &[]).await;
    for words in ["With Ann Marsh", "At least twice a week", "Tuesday and Thursday, 10:00 to 11:30, every week"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert!(page.text().contains("No valid risk assessment: Ann Marsh"));

    let empty = coordinator.submit(&page, "/agree", &[]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let agreed =
        coordinator.submit_and_follow(&empty, "/agree", &[("agreed_with", "Ann and the carer, 23 November")]).await;
    assert!(agreed.text().contains("The plan is agreed") && agreed.text().contains("Ann and the carer"));
    assert!(agreed.read().links().iter().all(|(_, to)| !to.contains("/arrangements/")), "neither changed nor booked");
    let active = coordinator.submit_and_follow(&agreed, "/start", &[]).await;
    assert!(active.text().contains("To be reviewed by 24 February 2027"), "{}", active.text());
    assert!(active.text().contains("None due yet"));
    assert!(
        active.read().links().iter().any(|(words, to)| words.contains("book sessions") && to.ends_with("/sessions"))
    );
    assert_eq!(coordinator.submit(&agreed, "/start", &[]).await.status, StatusCode::SEE_OTHER, "a double click");

    house.test.approved_assessment(&case, case.mother).await.expect("approved");
    assert!(!coordinator.get(&address).await.text().contains("No valid risk assessment"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_stays_when_it_is_wrong() {
    let (_house, case, mut coordinator) = house().await;
    let (address, _) = begun(&mut coordinator, &case).await;
    let add = coordinator.get(&format!("{address}/arrangements/new")).await;
    let wrong =
        arranged(&mut coordinator, &add, &[case.mother], &[("start", "10:10"), ("contingency", "A call by video")])
            .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("Start time must be on the quarter hour"), "{}", wrong.text());
    let html = String::from_utf8_lossy(&wrong.body).into_owned();
    assert!(html.contains("value=\"10:10\"") && html.contains("A call by video"));
    let page = arranged(&mut coordinator, &wrong, &[case.mother], &[("contingency", "A call by video")]).await;
    assert!(page.text().contains("A call by video") && page.text().contains("10:00 to 11:30"), "{}", page.text());
    // The uncle must not attend: he is not offered, and not taken.
    let uncle = case.uncle.to_string();
    assert!(!add.read().choices("with").contains(&uncle));
    let refused = arranged(&mut coordinator, &add, &[case.uncle], &[]).await;
    assert!(refused.text().contains("must not attend, by what was verified"), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_at_one_arrangement_lose_nothing() {
    let (house, case, mut coordinator) = house().await;
    let (id, line) = house.test.draft_plan(&case, &[case.mother]).await.expect("a draft");
    let address = format!("/plans/{id}/arrangements/{line}");
    let mut manager = house.sign_in(&case.manager).await;
    let (one, two) = (coordinator.get(&address).await, manager.get(&address).await);
    coordinator.submit_and_follow(&one, &address, &[("minutes", "60")]).await;
    let conflict = manager.submit(&two, &address, &[("minutes", "120")]).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(conflict.text().contains("What they saved") && conflict.text().contains("60"), "{}", conflict.text());
    let page = manager.submit_and_follow(&conflict, &address, &[]).await;
    assert!(page.text().contains("10:00 to 12:00"), "{}", page.text());
    let form = manager.get(&address).await;
    let page = manager.submit_and_follow(&form, "/remove", &[]).await;
    assert!(page.text().contains("No arrangements yet"));
}

#[tokio::test(flavor = "multi_thread")]
async fn suspended_resumed_reviewed_ended_and_followed() {
    let (house, case, mut coordinator) = house().await;
    let (id, _) = house.test.active_plan(&case, &[case.mother]).await.expect("a plan");
    let address = format!("/plans/{id}");
    let ask = coordinator.get(&format!("{address}/suspend")).await;
    assert_eq!(coordinator.submit(&ask, "/suspend", &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = coordinator.submit_and_follow(&ask, "/suspend", &[("reason", "Ann is in hospital")]).await;
    assert!(page.text().contains("Suspended") && page.text().contains("Ann is in hospital"), "{}", page.text());
    let page = coordinator.submit_and_follow(&page, "/resume", &[]).await;
    assert!(page.text().contains("The plan is active"));
    let ask = coordinator.get(&format!("{address}/review")).await;
    let page = coordinator.submit_and_follow(&ask, "/review", &[("note", "Ann and the carer: it goes on.")]).await;
    assert!(page.text().contains("Ann and the carer: it goes on."), "{}", page.text());

    let next = coordinator.submit_and_follow(&page, "/copy", &[]).await;
    assert!(next.text().contains("Draft") && next.text().contains("With Ann Marsh"), "{}", next.text());
    let ask = coordinator.get(&format!("{address}/end")).await;
    let page = coordinator.submit_and_follow(&ask, "/end", &[("reason", "Followed by another")]).await;
    assert!(page.text().contains("Why it ended"), "{}", page.text());
    let ask = coordinator.get(&format!("{address}/suspend")).await;
    assert_eq!(ask.leads_to(), address, "there is nothing left to suspend");
    let csrf = page.read().forms()[0].held[0].1.clone();
    let refused = coordinator.post(&format!("{address}/resume"), &[("csrf", &csrf)]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let nowhere = coordinator.get(&format!("{address}/burn")).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    let new = coordinator.get(&format!("/children/{}/plans/new", case.child)).await;
    assert!(new.text().contains("which is ended"), "{}", new.text());
    let like = coordinator.submit_and_follow(&new, "/plans", &[("like", &id.to_string())]).await;
    assert!(like.text().contains("With Ann Marsh"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_paper_for_the_family_holds_nothing_confidential() {
    let (_house, case, mut coordinator) = house().await;
    let (address, _) = begun(&mut coordinator, &case).await;
    let add = coordinator.get(&format!("{address}/arrangements/new")).await;
    let typed = [("transport", "Fetched from 4 Orchard Lane"), ("rules", "No photographs. Never say 4 Orchard Lane")];
    let page = arranged(&mut coordinator, &add, &[case.mother, case.father], &typed).await;
    assert!(page.text().contains("Orchard Lane"), "staff see it");
    let hub = coordinator.get(&format!("{address}/agreement")).await;
    for words in ["Ann Marsh", "Joe Marsh", "Carer", "Draft: not agreed yet"] {
        assert!(hub.text().contains(words), "{words}: {}", hub.text());
    }
    let paper = coordinator.get(&format!("{address}/agreement/{}", case.mother)).await;
    for words in ["Robin with Ann Marsh and Joe Marsh", "No photographs", "After 15 minutes", "Draft: not agreed yet"] {
        assert!(paper.text().contains(words), "{words}: {}", paper.text());
    }
    for words in ["Orchard Lane", "Priya Dale", "Arguments", "CF-204417"] {
        assert!(!paper.text().contains(words), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_of_another_area_are_not_there() {
    let (house, case, _) = house().await;
    let (id, line) = house.test.draft_plan(&case, &[case.mother]).await.expect("a draft");
    let mut worker = house.sign_in(&case.social_worker).await;
    let read = worker.get(&format!("/plans/{id}")).await;
    assert_eq!((read.status, read.read().forms().len()), (StatusCode::OK, 1), "reads, and changes nothing");
    assert_eq!(worker.get(&format!("/children/{}/plans/new", case.child)).await.status, StatusCode::NOT_FOUND);
    let mut south = house.visitor(Role::Coordinator, "south", "south").await;
    let csrf = south.get("/").await.read().forms()[0].held[0].1.clone();
    for path in ["", "/agreement", "/agree", "/arrangements/new", &format!("/arrangements/{line}")] {
        assert_eq!(south.get(&format!("/plans/{id}{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let new = kith_domain::ids::PlanId(uuid::Uuid::now_v7()).to_string();
    for path in ["/agree", "/start", "/end", "/copy", "/review", &format!("/arrangements/{line}/remove")] {
        let fields = [("csrf", csrf.as_str()), ("id", &new), ("reason", "x"), ("agreed_with", "x"), ("note", "x")];
        assert_eq!(south.post(&format!("/plans/{id}{path}"), &fields).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
