//! The pages of a pack: begun from the request, looked through, handed over to somebody who is not signed in.

use axum::http::StatusCode;
use kith_domain::access::Role;

use crate::testing::{House, Visitor};

#[tokio::test(flavor = "multi_thread")]
async fn a_code_page_says_nothing_of_whether_there_is_anything() {
    let house = House::open().await;
    let mut stranger = Visitor { router: house.router.clone(), cookie: String::new() };
    let to = format!("/collect/{}", uuid::Uuid::new_v4());
    let form = stranger.get(&to).await;
    assert_eq!(form.status, StatusCode::OK);
    let wrong = stranger.submit(&form, &to, &[("code", "0000-0000-0000")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("This code does not open anything"), "{}", wrong.text());
    let files = stranger.get(&format!("{to}/files")).await;
    assert_eq!((files.status, files.leads_to()), (StatusCode::SEE_OTHER, to.as_str()));
    assert_eq!(stranger.get(&format!("{to}/volumes/1")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(stranger.get(&format!("{to}/pack.json")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_says_what_comes_before_it() {
    let house = House::open().await;
    let mut officer = house.visitor(Role::DataProtection, "north", "officer").await;
    let form = officer.get("/requests/new").await;
    let asked = [
        ("right", "access"),
        ("asker", "self"),
        ("channel", "phone"),
        ("received-day", "20"),
        ("received-month", "11"),
        ("received-year", "2026"),
        ("name", "Ann Marsh"),
        ("address", "4 Mill Lane"),
        ("what", "Everything"),
    ];
    let shown = officer.submit_and_follow(&form, "/requests", &asked).await;
    let to = shown.read().links().into_iter().find(|(_, to)| to.ends_with("/pack")).expect("the pack").1;
    let pack = officer.get(&to).await;
    assert!(pack.text().contains("Before that: find out who they are"), "{}", pack.text());
    assert_eq!(officer.get(&format!("{to}/1")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(officer.get(&format!("{to}/schedule")).await.status, StatusCode::NOT_FOUND);
    let mut manager = house.visitor(Role::Manager, "north", "manager").await;
    assert_eq!(manager.get(&to).await.status, StatusCode::FORBIDDEN);
}
