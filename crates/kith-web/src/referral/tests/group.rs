//! Brothers and sisters on one referral, by its pages: added, asked, taken off, accepted.

use axum::http::StatusCode;
use kith_domain::access::Role;

use super::{CHILD, confirm_the_rest, written};
use crate::testing::{House, Visitor};

/// Emrys, as the form of a child asks it.
fn emrys() -> Vec<(&'static str, &'static str)> {
    let own = |(name, value)| match name {
        "given_name" => (name, "Emrys"),
        "care_first" => (name, "CF-204418"),
        "dob-year" => (name, "2022"),
        _ => (name, value),
    };
    CHILD.iter().copied().map(own).collect()
}

/// A whole referral of two: its path, and the path of the brother's pages.
async fn of_two(worker: &mut Visitor) -> (String, String) {
    let (referral, _) = written(worker).await;
    let page = worker.get(&format!("{referral}/children/new")).await;
    assert!(page.text().contains("Add a brother or sister"));
    let forms = page.read().forms();
    let action = forms.into_iter().map(|form| form.action).find(|to| to.contains("/children/")).expect("a form");
    let brother = action.trim_end_matches("/child").to_owned();
    worker.submit_and_follow(&page, &action, &emrys()).await;
    let page = worker.get(&format!("{brother}/placement")).await;
    assert!(page.text().contains("Does this child live with Siân Brackenhurst?"), "{}", page.text());
    worker.submit_and_follow(&page, "/placement", &[("together", "yes")]).await;
    let seen = worker.get(&referral).await;
    assert!(seen.text().contains("Everything is there"), "{}", seen.text());
    (referral, brother)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_children_are_referred_asked_for_and_accepted_together() {
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let (referral, brother) = of_two(&mut worker).await;
    let answers = worker.get(&format!("{referral}/answers")).await;
    let text = answers.text();
    assert!(text.contains("Lives with") && text.contains("As it stands to Siân Brackenhurst"), "{text}");
    worker.submit_and_follow(&answers, "/submit", &[]).await;
    assert!(worker.get("/referrals").await.text().contains("Siân Brackenhurst and Emrys Brackenhurst"));

    let mut coordinator = house.visitor(Role::Coordinator, "north", "co1").await;
    let verification = format!("{referral}/verification");
    let page = coordinator.get(&verification).await;
    let page = coordinator.submit_and_follow(&page, "/verification", &[]).await;
    let page = coordinator.submit_and_follow(&page, "/call", &[("reached", "yes"), ("minutes", "12")]).await;
    // Three more than for one child.
    confirm_the_rest(&mut coordinator, page, 10).await;
    // Of the brother alone, and said so.
    let child = brother.rsplit('/').next().unwrap_or_default();
    let correct = coordinator.get(&format!("{verification}/items/identity-of-{child}")).await;
    assert!(correct.text().contains("Emrys Brackenhurst: Who the child is"), "{}", correct.text());
    let twice =
        coordinator.submit(&correct, &format!("/items/identity-of-{child}"), &[("care_first", "CF-204417")]).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.text().contains("Another child on this referral has the same Care First identity number"));
    let page =
        coordinator.submit_and_follow(&correct, &format!("/items/identity-of-{child}"), &[("dob-day", "28")]).await;
    assert!(page.text().contains("28 March 2022") && page.text().contains("27 March 2022"), "{}", page.text());
    let seen = coordinator.submit_and_follow(&page, "/accept", &[]).await;
    let text = seen.text();
    assert!(text.contains("Open the file of Siân Brackenhurst") && text.contains("Open the file of Emrys"), "{text}");
    let list = coordinator.get("/children").await;
    for name in ["emrys", "CF-204418"] {
        let found = coordinator.submit(&list, "/children", &[("name", name)]).await;
        assert!(found.text().contains("Emrys Brackenhurst"), "{name}: {}", found.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_names_no_brother_or_sister() {
    // SECURITY.md: what identifies a person is in no title; the browser keeps it.
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let (_, brother) = of_two(&mut worker).await;
    for path in ["/child", "/placement", "/family", "/remove"] {
        let page = worker.get(&format!("{brother}{path}")).await;
        assert!(page.text().contains("Emrys Brackenhurst"), "{path}");
        let html = String::from_utf8_lossy(&page.body).into_owned();
        let title = html.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap_or_default();
        assert!(!title.is_empty() && !title.contains("Emrys") && !title.contains("Brackenhurst"), "{path}: {title}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn how_somebody_stands_to_one_child_is_said_where_it_is_different() {
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let (referral, brother) = of_two(&mut worker).await;
    let stands = format!("{brother}/family");
    let page = worker.get(&stands).await;
    assert!(page.text().contains("As to Siân Brackenhurst"), "{}", page.text());
    let body = String::from_utf8_lossy(&page.body).into_owned();
    let at = body.find(&format!("{stands}/")).expect("a link to the mother") + stands.len() + 1;
    let mother = &body[at..at + 36];
    let page = worker.get(&format!("{stands}/{mother}")).await;
    let wrong = worker.submit(&page, &format!("/family/{mother}"), &[("relationship", "")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = worker.get(&format!("{stands}/{mother}")).await;
    let typed = [("relationship", "step_parent"), ("may_attend", "no")];
    let seen = worker.submit_and_follow(&page, &format!("/family/{mother}"), &typed).await;
    assert!(seen.text().contains("may attend for this child"), "{}", seen.text());
    let seen = worker.get(&referral).await;
    assert!(!seen.text().contains("Everything is there"));
    // Back to what is said of all.
    let page = worker.get(&format!("{stands}/{mother}")).await;
    worker.submit_and_follow(&page, "/same", &[]).await;
    assert!(worker.get(&referral).await.text().contains("Everything is there"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_is_taken_off_with_a_reason_and_the_other_stays() {
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let (referral, brother) = of_two(&mut worker).await;
    // One number is one child: nothing typed is lost by it.
    let page = worker.get(&format!("{brother}/child")).await;
    let twice = worker.submit(&page, "/child", &[("care_first", "CF-204417")]).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(String::from_utf8_lossy(&twice.body).contains("Emrys"));
    let page = worker.get(&format!("{brother}/remove")).await;
    let wrong = worker.submit(&page, "/remove", &[("reason", "")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let typed = [("reason", "Placed with his grandmother"), ("looked_after", "no")];
    let seen = worker.submit_and_follow(&page, "/remove", &typed).await;
    assert!(seen.text().contains("The child has been taken off the referral"), "{}", seen.text());
    assert!(seen.text().contains("Everything is there") && seen.text().contains("is kept until 24 November 2029"));
    let text = worker.get(&format!("{referral}/answers")).await.text();
    assert!(text.contains("taken off this referral") && text.contains("Placed with his grandmother"), "{text}");
    let child = referral_child(&worker.get(&referral).await.body);
    assert!(child.is_none(), "the last child is not taken off");
    let mut other = house.visitor(Role::SocialWorker, "north", "sw2").await;
    for path in ["/child", "/placement", "/family", "/remove"] {
        assert_eq!(other.get(&format!("{brother}{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// Where a child could be taken off, if the page offers it.
fn referral_child(body: &[u8]) -> Option<String> {
    let body = String::from_utf8_lossy(body).into_owned();
    body.split('"').find(|part| part.ends_with("/remove") && part.contains("/children/")).map(str::to_owned)
}
