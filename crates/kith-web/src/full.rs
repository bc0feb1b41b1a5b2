//! What people see while the disk is nearly full.

use axum::http::StatusCode;
use kith_domain::access::Role;

use crate::testing::House;

const BANNER: &str = "Nothing can be saved at the moment";

#[tokio::test]
async fn while_the_disk_is_nearly_full_everybody_reads_and_is_told_that_nothing_is_saved() {
    let house = House::open().await;
    let colleague = house.test.colleague(Role::SocialWorker, "north", "ada").await.expect("an account");
    let mut visitor = house.sign_in(&colleague).await;
    assert!(!visitor.get("/").await.text().contains(BANNER));

    house.test.disk_is_full(true);
    let page = visitor.get("/referrals/new").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(BANNER), "{}", page.text());
    let refused = visitor.submit(&page, "/referrals", &[]).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.text().contains("cannot save at the moment"), "{}", refused.text());
    let mut again = house.sign_in(&colleague).await;
    assert!(again.get("/").await.text().contains(BANNER), "signing in is still possible");

    house.test.disk_is_full(false);
    let page = again.get("/referrals/new").await;
    assert!(!page.text().contains(BANNER));
    assert_eq!(again.submit(&page, "/referrals", &[]).await.status, StatusCode::SEE_OTHER);
}
