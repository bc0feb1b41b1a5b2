//! The family picture by its page.

use axum::http::StatusCode;
use kith_domain::access::Role;

use crate::testing::House;

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_is_found_from_the_file_and_says_everything_in_words_too() {
    let house = House::open().await;
    let case = house.test.accepted_child("fp").await.expect("a case");
    house.test.approved_assessment(&case, case.mother).await.expect("assessed");
    house.test.active_plan(&case, &[case.mother]).await.expect("planned");
    let address = format!("/children/{}/family-picture", case.child);
    for who in [&case.coordinator, &case.social_worker, &case.manager] {
        let mut visitor = house.sign_in(who).await;
        let file = visitor.get(&format!("/children/{}", case.child)).await;
        assert!(file.read().links().iter().any(|(_, to)| *to == address));
        let seen = visitor.get(&address).await;
        assert_eq!(seen.status, StatusCode::OK);
        let html = String::from_utf8_lossy(&seen.body).into_owned();
        // Heard by a screen reader, reached and moved by keyboard, and drawn without styles in the page.
        for part in ["role=\"img\"", "aria-labelledby=\"family-picture-title\"", "scrolls sideways\" tabindex=\"0\""] {
            assert!(html.contains(part), "{part}");
        }
        assert!(!html.contains("style=") && !html.contains("<script>"), "{html}");
        let words = seen.text();
        for said in [
            "Ann Marsh and Joe Marsh are parents of Robin Marsh.",
            "By the plan: at least twice a week",
            "Must not attend",
            "The file does not say why",
            "Zigzag: kept apart",
        ] {
            assert!(words.contains(said), "{said}: {words}");
        }
        assert!(!words.contains("Orchard Lane"), "the address is in no picture");
    }
    for (role, area) in [(Role::Coordinator, "south"), (Role::SocialWorker, "north"), (Role::Auditor, "")] {
        let mut stranger = house.visitor(role, area, &format!("stranger-{}", role.code())).await;
        assert_eq!(stranger.get(&address).await.status, StatusCode::NOT_FOUND, "{role:?}");
    }
}
