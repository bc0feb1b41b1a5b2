//! From the public page, without signing in, to the officer's desk.

use axum::http::StatusCode;
use kith_domain::access::Role;

use crate::testing::{House, Visitor};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_from_the_public_page_is_on_the_desk_with_its_day() {
    // Handbook section 14: parents, carers and children can ask, by form too.
    let house = House::open().await;
    let mut officer = house.visitor(Role::DataProtection, "north", "officer").await;
    let mut stranger = Visitor { router: house.router.clone(), cookie: String::new() };
    let form = stranger.get("/your-rights").await;
    assert_eq!(form.status, StatusCode::OK);
    let own = [("right", "access"), ("asker", "parent"), ("name", "Ann Marsh"), ("what", "All about Robin")];
    let wrong = stranger.submit(&form, "/your-rights", &own).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("Enter name of the person it is about"), "{}", wrong.text());
    assert!(String::from_utf8_lossy(&wrong.body).contains("All about Robin"), "nothing typed is lost");
    let more = [("about", "Robin Marsh"), ("email", "ann@example.org")];
    let received = stranger.submit(&wrong, "/your-rights", &more).await;
    assert_eq!(received.status, StatusCode::OK, "{}", received.text());
    assert!(received.text().contains("We have your request") && received.text().contains("at the latest"));
    assert!(!received.text().contains("Robin"), "what was sent is shown back to nobody");

    let home = officer.get("/").await;
    assert!(home.text().contains("Somebody has asked about information that is held of them"), "{}", home.text());
    let list = officer.get("/requests").await;
    assert!(list.text().contains("Robin Marsh"), "{}", list.text());
    let to = list.read().links().into_iter().find(|(words, _)| words.contains("Robin Marsh")).expect("the request").1;
    let shown = officer.get(&to).await;
    for words in ["Last day:", "Find out who they are", "See that they have parental responsibility", "Ann Marsh"] {
        assert!(shown.text().contains(words), "{words}: {}", shown.text());
    }
    let early = officer.submit(&shown, &to, &[("kind", "prepared"), ("words", "All of it")]).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY, "not before it is known who asks");
    assert!(String::from_utf8_lossy(&early.body).contains("All of it"), "nothing typed is lost");
    let asked = [("kind", "identity_asked"), ("words", "A copy of a passport")];
    let waiting = officer.submit_and_follow(&shown, &to, &asked).await;
    assert!(waiting.text().contains("The clock has stopped since"), "{}", waiting.text());
    let letter =
        waiting.read().links().into_iter().find(|(_, to)| to.ends_with("/letters/question")).expect("a letter").1;
    let letter = officer.get(&letter).await;
    assert!(letter.status == StatusCode::OK && letter.body.starts_with(b"%PDF-"));
    let name = letter.headers["content-disposition"].to_str().unwrap_or_default().to_owned();
    assert!(!name.contains("Marsh"), "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_the_public_page_comes_from_the_page_itself() {
    let house = House::open().await;
    let mut stranger = Visitor { router: house.router.clone(), cookie: String::new() };
    let garbage = stranger.post("/your-rights", &[("id", "no id"), ("right", "all"), ("birth-day", "x")]).await;
    assert_eq!(garbage.status, StatusCode::UNPROCESSABLE_ENTITY);
    for role in Role::STAFF {
        let mut visitor = house.visitor(role, "north", role.code()).await;
        assert_eq!(visitor.get("/requests/new").await.status, StatusCode::OK, "{role:?} is asked too");
        let may = role == Role::DataProtection;
        for page in ["/requests", "/breaches"] {
            let seen = visitor.get(page).await.status;
            assert_eq!(seen, if may { StatusCode::OK } else { StatusCode::FORBIDDEN }, "{role:?} {page}");
        }
    }
}
