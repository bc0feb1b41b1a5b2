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

#[tokio::test(flavor = "multi_thread")]
async fn a_restriction_is_decided_from_the_request_and_used_again_from_it() {
    // UK GDPR Art 18; handbook section 14.
    let house = House::open().await;
    let case = house.test.accepted_child("w").await.expect("a child in contact");
    let mut officer = house.visitor(Role::DataProtection, "north", "officer").await;
    let form = officer.get("/requests/new").await;
    let asked = [
        ("right", "restriction"),
        ("asker", "self"),
        ("channel", "letter"),
        ("received-day", "20"),
        ("received-month", "11"),
        ("received-year", "2026"),
        ("name", "Ann Marsh"),
        ("address", "4 Mill Lane"),
        ("what", "My name is spelt wrongly. Do not use it until it is checked"),
    ];
    let shown = officer.submit_and_follow(&form, "/requests", &asked).await;
    let held = shown.read().links().into_iter().find(|(_, to)| to.ends_with("/held")).expect("who is held").1;
    let to = held.trim_end_matches("/held").to_owned();
    assert!(shown.text().contains("Look whether they are held, and say who is meant"), "{}", shown.text());
    let known = [("kind", "identity_settled"), ("words", "Passport seen")];
    officer.submit_and_follow(&shown, &to, &known).await;
    let form = officer.get(&held).await;
    let mother = format!("{}/{}", case.child, case.mother);
    officer.submit_and_follow(&form, &held, &[("held", &mother)]).await;
    let shown = officer.get(&to).await;
    assert!(shown.text().contains("Nothing is decided yet"), "{}", shown.text());
    let decide = shown.read().links().into_iter().find(|(_, to)| to.contains("/decide?")).expect("the place").1;
    let form = officer.get(&decide).await;
    for words in ["Ann Marsh", "Mother", "What is not used any more?", "These go on being used"] {
        assert!(form.text().contains(words), "{words}: {}", form.text());
    }
    let at = format!("{to}/decide");
    let wrong = officer.submit(&form, &at, &[("verdict", "upheld"), ("reason", "Until it is checked")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(String::from_utf8_lossy(&wrong.body).contains("Until it is checked"), "nothing typed is lost");
    let done = officer.submit_and_follow(&wrong, &at, &[("items", "person.family_name")]).await;
    assert!(done.text().contains("Not used any more: Last name"), "{}", done.text());
    let again = done.read().links().into_iter().find(|(_, to)| to.contains("/use-again/")).expect("a way back").1;
    let mut worker = house.sign_in(&case.social_worker).await;
    let file = worker.get(&format!("/children/{}", case.child)).await;
    assert!(!file.text().contains("Ann Marsh"), "it is used nowhere: {}", file.text());
    for way in [&decide, &again] {
        assert_eq!(worker.get(way).await.status, StatusCode::FORBIDDEN);
    }
    let letter = officer.get(&format!("{to}/letters/answer")).await;
    assert!(letter.status == StatusCode::OK && letter.body.starts_with(b"%PDF-"));
    let form = officer.get(&again).await;
    let back = officer.submit_and_follow(&form, &again, &[("why", "Checked. Told by letter")]).await;
    assert!(back.text().contains("Used again since"), "{}", back.text());
    let file = worker.get(&format!("/children/{}", case.child)).await;
    assert!(file.text().contains("Ann Marsh"), "{}", file.text());
    assert_eq!(officer.get(&format!("{to}/decide")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(officer.get(&format!("{to}/decide?place={}", case.child)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_page_is_there_in_welsh_with_its_receipt_and_a_way_between_the_two() {
    // The notice is there in English and Welsh; whoever reads it in one asks in it.
    let house = House::open().await;
    let mut stranger = Visitor { router: house.router.clone(), cookie: String::new() };
    let english = stranger.get("/your-rights").await;
    let to = english.read().links().into_iter().find(|(words, _)| words == "Cymraeg").expect("a way to Welsh").1;
    let form = stranger.get(&to).await;
    let html = String::from_utf8_lossy(&form.body).into_owned();
    assert!(form.text().contains("Eich hawliau") && form.text().contains("Cyfieithiad drafft"), "{}", form.text());
    assert!(html.contains("lang=\"cy\"") && html.contains("/privacy?lang=cy"), "a screen reader is told");
    assert!(form.read().links().iter().any(|(words, to)| words == "English" && to == "/your-rights"));
    let asked = [("right", "access"), ("asker", "self"), ("name", "Ann Marsh"), ("what", "Popeth")];
    let wrong = stranger.submit(&form, &to, &asked).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["Mae problem", "Rhowch gyfeiriad", "Popeth"] {
        assert!(String::from_utf8_lossy(&wrong.body).contains(words), "{words}: {}", wrong.text());
    }
    let received = stranger.submit(&wrong, &to, &[("email", "ann@example.org")]).await;
    assert_eq!(received.status, StatusCode::OK, "{}", received.text());
    for words in ["Mae eich cais gennym", "fan bellaf", "Eich cyfeirnod"] {
        assert!(received.text().contains(words), "{words}: {}", received.text());
    }
    assert!(!received.text().contains("You hear from us"), "{}", received.text());
    assert_eq!(stranger.get("/your-rights?lang=xx").await.status, StatusCode::OK, "English for what there is not");
}
