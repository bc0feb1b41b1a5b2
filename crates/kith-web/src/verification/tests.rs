//! The phone call by its pages: one item at a time, attempts, corrections, two coordinators.

use axum::http::StatusCode;
use kith_domain::access::Role;

use crate::referral::tests::{confirm_the_rest, written};
use crate::testing::{House, Seen, Visitor};

/// A referral that was sent and taken up: its call's address, who took it up, and the page.
async fn taken_up(house: &House) -> (String, Visitor, Seen) {
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let (referral, _) = written(&mut worker).await;
    let answers = worker.get(&format!("{referral}/answers")).await;
    let wrong = worker.submit(&answers, "/submit", &[("own_number", "at my desk")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(String::from_utf8_lossy(&wrong.body).contains("value=\"at my desk\""), "what was typed stays");
    worker.submit_and_follow(&wrong, "/submit", &[("own_number", "01632 960 199")]).await;
    let mut coordinator = house.visitor(Role::Coordinator, "north", "co1").await;
    let call = format!("{referral}/verification");
    let page = coordinator.get(&call).await;
    let page = coordinator.submit_and_follow(&page, "/verification", &[]).await;
    (call, coordinator, page)
}

/// The item that a page asks, by its code.
fn asked(page: &Seen) -> String {
    let form = page.read().form("/answer").unwrap_or_else(|| panic!("nothing is asked: {}", page.text()));
    form.action.split("/items/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_item_is_asked_with_the_rest_and_the_decision_in_sight() {
    // What was asked for: "one page of 45 buttons … reloaded for each of 15 answers, with the decision at its end". Wanted: "one item
    // at a time with the rest in sight (4 of 15; what blocks acceptance)".
    let house = House::open().await;
    let (call, mut coordinator, page) = taken_up(&house).await;
    assert_eq!(page.read().forms().iter().filter(|form| form.action.ends_with("/answer")).count(), 1);
    assert_eq!(asked(&page), "identity");
    let text = page.text();
    assert!(text.contains("1 of 7") && text.contains("7 items have not been asked yet"), "{text}");
    let (number, item) = (text.find("in the staff directory"), text.find("1 of 7"));
    assert!(number < item, "whom to call comes first");
    // "The number dialled is the directory's, the form's is shown as different."
    assert!(text.contains("The form gives another number, 01632 960 199. Do not call it"), "{text}");
    // An answer leads to the next; one that was chosen is asked, and after it those that were passed over.
    let page = coordinator.submit_and_follow(&page, "/answer", &[("outcome", "confirmed")]).await;
    assert_eq!(asked(&page), "health");
    let last = coordinator.get(&format!("{call}?item=emergency")).await;
    assert_eq!(asked(&last), "emergency");
    let page = coordinator.submit_and_follow(&last, "/answer", &[("outcome", "not_known")]).await;
    assert_eq!(asked(&page), "health", "from the end back to what was left");
    assert!(page.text().contains("5 items have not been asked yet"));
    assert!(page.text().contains("1 item is not known: ask again, or a manager accepts it with a reason"));
    let page = confirm_the_rest(&mut coordinator, page, 5).await;
    assert!(page.text().contains("Record the phone call with the social worker"), "{}", page.text());
    // A code of nothing asks what is next.
    assert_eq!(coordinator.get(&format!("{call}?item=nonsense&after=risk-7")).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_item_is_corrected_and_both_texts_stay() {
    // What was asked for: "correcting an allergy opens the whole child form". Handbook section 5: "old and new both kept".
    let house = House::open().await;
    let (call, mut coordinator, _) = taken_up(&house).await;
    let page = coordinator.get(&format!("{call}/items/health")).await;
    let form = page.read().form("/items/health").expect("a form");
    let names: Vec<&str> = form.held.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"medication") && !names.contains(&"given_name") && !names.contains(&"school"), "{names:?}");
    let typed = [("has_allergies", "yes"), ("allergies", "Cashew nuts: hives"), ("given_name", "Somebody else")];
    let page = coordinator.submit_and_follow(&page, "/items/health", &typed).await;
    assert_eq!(asked(&page), "placement", "the next after it");
    assert!(!page.text().contains("Somebody else") && page.text().contains("Siân"), "{}", page.text());
    let page = coordinator.get(&format!("{call}?item=health")).await;
    assert!(page.text().contains("to “Cashew nuts: hives”"), "{}", page.text());
    // Before the decision every correction is read once more.
    let page = coordinator.get(&call).await;
    let page = confirm_the_rest(&mut coordinator, page, 6).await;
    assert!(page.text().contains("Corrected: Allergies and medication"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_is_kept_and_the_call_taken_up_by_a_colleague() {
    // What was asked for: "unreachable and call-back; interrupted and taken up by a colleague".
    let house = House::open().await;
    let (call, mut first, page) = taken_up(&house).await;
    let wrong = first.submit(&page, "/call", &[("reached", "no"), ("back_at", "soon"), ("note", "In court")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("Time to call back must be a time of day") && wrong.text().contains("In court"));
    let missed = [
        ("reached", "no"),
        ("outcome", "message"),
        ("back_at", "16:30"),
        ("back_on-day", "25"),
        ("back_on-month", "11"),
        ("back_on-year", "2026"),
    ];
    let page = first.submit_and_follow(&wrong, "/call", &missed).await;
    let text = page.text();
    assert!(text.contains("not reached: left a message. Call back") && text.contains("25 November 2026"), "{text}");
    let list = first.get("/referrals?sort=call_back").await;
    assert!(list.text().contains("25 November 2026"), "{}", list.text());
    first.submit_and_follow(&page, "/answer", &[("outcome", "confirmed")]).await;

    let mut second = house.visitor(Role::Coordinator, "north", "co2").await;
    let page = second.get(&call).await;
    assert!(page.text().contains("has this call"), "{}", page.text());
    assert_eq!(asked(&page), "health", "what was answered stays");
    let page = second.submit_and_follow(&page, "/take", &[]).await;
    assert!(page.text().contains("took the call up from") && page.read().form("/take").is_none(), "{}", page.text());
    assert!(second.get("/referrals?call=me").await.text().contains("Brackenhurst"));
    let told = first.get("/").await;
    assert!(told.text().contains("A colleague has taken up a call that you had begun"), "{}", told.text());
    // A worker, and a coordinator of elsewhere, take nothing up.
    let mut south = house.visitor(Role::Coordinator, "south", "co3").await;
    let token = south.get("/").await.read().forms()[0].filled(&[])[0].1.to_owned();
    assert_eq!(south.post(&format!("{call}/take"), &[("csrf", &token)]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_coordinators_at_once_lose_no_answer_and_answer_nothing_unseen() {
    // The brief: "two coordinators at once never lose an answer"; handbook section 18: "the later silently wins".
    let house = House::open().await;
    let (call, mut first, identity) = taken_up(&house).await;
    let mut second = house.visitor(Role::Coordinator, "north", "co2").await;
    let seen_by_second = second.get(&call).await;
    let correction = second.get(&format!("{call}/items/identity")).await;
    let health = second.get(&format!("{call}?item=health")).await;
    let typed = [("care_first", "CF-300001")];
    let correct = first.get(&format!("{call}/items/identity")).await;
    let (one, other) = tokio::join!(
        first.submit(&correct, "/items/identity", &typed),
        second.submit(&health, "/answer", &[("outcome", "confirmed")]),
    );
    assert_eq!((one.status, other.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    // What the second had in front of them is not what stands there now.
    let refused = second.submit(&seen_by_second, "/answer", &[("outcome", "confirmed")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("has answered this while it was open in front of you: corrected"));
    assert!(refused.text().contains("CF-300001") && asked(&refused) == "identity", "{}", refused.text());
    let refused = second.submit(&correction, "/items/identity", &[("care_first", "CF-300002")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let html = String::from_utf8_lossy(&refused.body).into_owned();
    assert!(html.contains("value=\"CF-300002\"") && html.contains("CF-300001"), "both are in front of them");
    let page = second.submit_and_follow(&refused, "/items/identity", &[]).await;
    assert!(page.text().contains("2 of 7 answered"), "{}", page.text());
    let page = second.get(&format!("{call}?item=identity")).await;
    let text = page.text();
    assert!(text.contains("to “CF-300001”") && text.contains("from “CF-300001” to “CF-300002”"), "{text}");
    // The same answer sent twice by one person is one.
    let legal = first.get(&format!("{call}?item=legal")).await;
    for _ in 0..2 {
        assert_eq!(first.submit(&legal, "/answer", &[("outcome", "confirmed")]).await.status, StatusCode::SEE_OTHER);
    }
    let form =
        first.get(&format!("{call}?item=legal")).await.read().form("/answer").expect("answered again if need be");
    assert!(form.held.contains(&("seen".to_owned(), "1".to_owned())), "{:?}", form.held);
    drop(identity);
}
