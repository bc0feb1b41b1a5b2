//! What holds for every route, taken from the router itself, so that a new one is held to it from its first day.

use axum::http::StatusCode;
use kith_domain::access::Role;
use uuid::Uuid;

use crate::testing::{House, Visitor};

const ROUTER: &str = include_str!("router.rs");
/// Open to a stranger.
const OPEN: [&str; 15] = [
    "/sign-in",
    "/invitation/{account}/{secret}",
    "/assets/{*path}",
    "/privacy",
    "/privacy/notice.pdf",
    "/privacy/notice.txt",
    "/your-rights",
    // With a code alone.
    "/collect/{id}",
    "/collect/{id}/files",
    "/collect/{id}/volumes/{number}",
    "/collect/{id}/documents/{number}",
    "/collect/{id}/information.pdf",
    "/collect/{id}/enclosed/{number}",
    "/collect/{id}/pack.json",
    "/collect/{id}/pack.csv",
];

/// Every route of the router with its methods: address, whether it is read, whether it is posted to.
fn routes() -> Vec<(String, bool, bool)> {
    let routes = ROUTER.split(".route(").skip(1).filter_map(|rest| {
        let address = rest.split('"').nth(1)?;
        let handlers = rest.split(".route(").next()?;
        Some((address.to_owned(), handlers.contains("get("), handlers.contains("post(")))
    });
    let routes: Vec<_> = routes.collect();
    assert!(routes.len() > 20, "the router was not understood");
    routes
}

/// An address with ids of nothing that there is.
fn filled(address: &str) -> String {
    let part = |part: &str| match part {
        "{section}" => "child".to_owned(),
        "{decision}" => "withdraw".to_owned(),
        "{number}" => "1".to_owned(),
        "{item}" => "identity".to_owned(),
        "{move}" | "{step}" => "agree".to_owned(),
        part if part.starts_with('{') => Uuid::now_v7().to_string(),
        part => part.to_owned(),
    };
    address.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_sees_the_way_to_sign_in_and_nothing_else() {
    let house = House::open().await;
    let mut stranger = Visitor { router: house.router.clone(), cookie: String::new() };
    for (address, read, posted) in routes() {
        if OPEN.contains(&address.as_str()) {
            continue;
        }
        if read {
            let seen = stranger.get(&filled(&address)).await;
            assert_eq!(seen.status, StatusCode::SEE_OTHER, "GET {address}");
            assert_eq!(seen.leads_to(), "/sign-in", "GET {address}");
        }
        if posted {
            let seen = stranger.post(&filled(&address), &[("csrf", "nobody")]).await;
            assert_eq!(seen.status, StatusCode::UNAUTHORIZED, "POST {address}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_nothing_is_not_there_for_any_role_and_never_an_error_of_ours() {
    let house = House::open().await;
    for role in Role::STAFF {
        let mut visitor = house.visitor(role, "north", role.code()).await;
        let home = visitor.get("/").await;
        let token = home.read().forms()[0].filled(&[])[0].1.to_owned();
        for (address, read, posted) in routes() {
            let of_something = address.contains('{') && !OPEN.contains(&address.as_str());
            if !of_something || address.contains("/notices/") {
                continue;
            }
            let refused = [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN, StatusCode::UNPROCESSABLE_ENTITY];
            if read {
                let seen = visitor.get(&filled(&address)).await;
                assert!(refused.contains(&seen.status), "{role:?} GET {address}: {}", seen.status);
            }
            if posted {
                let seen = visitor.post(&filled(&address), &[("csrf", &token)]).await;
                assert!(refused.contains(&seen.status), "{role:?} POST {address}: {}", seen.status);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_that_a_role_is_shown_the_way_to_is_there_and_guarded() {
    let house = House::open().await;
    for role in Role::STAFF {
        let mut visitor = house.visitor(role, "north", role.code()).await;
        let home = visitor.get("/").await;
        let ways: Vec<String> =
            home.read().links().into_iter().map(|(_, to)| to).filter(|to| to.starts_with('/')).collect();
        assert!(ways.len() > 3, "{role:?} is shown no way");
        for way in ways {
            let seen = visitor.get(&way).await;
            assert_eq!(seen.status, StatusCode::OK, "{role:?} {way}: {}", seen.text());
            let header = |name: &str| {
                seen.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
            };
            let policy = header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{way}: {policy}");
            assert_eq!(header("cache-control"), "no-store", "{way}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{way}");
            let html = String::from_utf8_lossy(&seen.body).into_owned();
            for inline in ["<style", " style=", "<script>", "onclick=", "javascript:", "http://", "https://"] {
                assert!(!html.replace("http://www.w3.org/", "").contains(inline), "{role:?} {way} holds {inline}");
            }
        }
    }
}
