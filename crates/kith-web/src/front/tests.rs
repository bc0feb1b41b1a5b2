//! Whose word is taken for where a browser is and how it came.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use kith_domain::access::Role;
use kith_service::testing::PASSWORD;
use tower::ServiceExt;

use super::{Client, Front, Peer};
use crate::testing::{House, Visitor};

fn front() -> Front {
    Front {
        public_url: Some("https://contact.nenedale.example".to_owned()),
        proxies: [[192, 0, 2, 1].into(), [192, 0, 2, 2].into()].into(),
    }
}

fn request(peer: [u8; 4], forwarded: &[&str]) -> Request<Body> {
    let mut request = Request::get("/").body(Body::empty()).unwrap();
    request.extensions_mut().insert(Peer(peer.into()));
    request.headers_mut().insert(header::HOST, "contact.nenedale.example".parse().unwrap());
    for line in forwarded {
        request.headers_mut().append("x-forwarded-for", line.parse().unwrap());
    }
    request
}

#[test]
fn the_address_is_the_last_hop_that_a_proxy_of_ours_added() {
    let client = |peer, forwarded: &[&str]| front().client(&request(peer, forwarded)).to_string();
    assert_eq!(client([192, 0, 2, 1], &["203.0.113.5"]), "203.0.113.5");
    assert_eq!(
        client([192, 0, 2, 1], &["10.9.9.9, 203.0.113.5"]),
        "203.0.113.5",
        "what the browser made up is not believed"
    );
    assert_eq!(
        client([192, 0, 2, 1], &["10.9.9.9", "203.0.113.5, 192.0.2.2"]),
        "203.0.113.5",
        "one proxy behind another"
    );
    assert_eq!(client([192, 0, 2, 1], &["10.9.9.9, rubbish"]), "192.0.2.1");
    assert_eq!(client([198, 51, 100, 4], &["10.9.9.9"]), "198.51.100.4", "nor is anybody who is no proxy");
    assert_eq!(client([192, 0, 2, 1], &["2001:db8::7"]), "2001:db8::7");
}

/// Asks as a browser that came through the proxy over TLS, or not.
async fn ask(house: &House, front: Front, request: Request<Body>) -> axum::http::Response<Body> {
    house.router_with(front).oneshot(request).await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_address_over_tls_nothing_is_served_in_the_clear_and_cookies_are_bound_to_the_host() {
    // "`Secure` cookie not forced"; ASVS 5.0, 3.3.1, 3.4.1 and 12.2.1; RFC 6797.
    let house = House::open().await;
    let who = house.test.colleague(Role::Coordinator, "north", "ruth").await.expect("an account");
    let stranger = || request([198, 51, 100, 4], &[]);
    let answer = ask(&house, front(), stranger()).await;
    assert_eq!(answer.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(answer.headers()[header::LOCATION], "https://contact.nenedale.example/");
    let mut lying = stranger();
    lying.headers_mut().insert("x-forwarded-proto", "https".parse().unwrap());
    assert_eq!(ask(&house, front(), lying).await.status(), StatusCode::PERMANENT_REDIRECT);
    let code = house.test.service.code_now(&who.totp_secret).expect("a code");
    let body = crate::reading::encoded(&[("login", &who.login), ("password", PASSWORD), ("code", &code)]);
    let post = |peer: [u8; 4], tls: bool| {
        let mut request = Request::post("/sign-in").body(Body::from(body.clone())).unwrap();
        request.extensions_mut().insert(Peer(peer.into()));
        request.headers_mut().insert(header::HOST, "contact.nenedale.example".parse().unwrap());
        if tls {
            request.headers_mut().insert("x-forwarded-proto", "https".parse().unwrap());
        }
        request
    };
    assert_eq!(ask(&house, front(), post([192, 0, 2, 1], false)).await.status(), StatusCode::FORBIDDEN);
    let answer = ask(&house, front(), post([192, 0, 2, 1], true)).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let cookies: Vec<_> = answer.headers().get_all(header::SET_COOKIE).iter().map(|c| c.to_str().unwrap()).collect();
    assert_eq!(cookies.len(), 2);
    for cookie in &cookies {
        assert!(cookie.starts_with("__Host-kith") && cookie.contains("; Secure"), "{cookie}");
        assert!(cookie.contains("; HttpOnly") && cookie.contains("; Path=/;"), "{cookie}");
    }
    assert!(cookies[1].starts_with("__Host-kith-device=") && cookies[1].contains("SameSite=Strict"), "{cookies:?}");
    assert!(answer.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
    let mut plain = Visitor { router: house.router.clone(), cookie: String::new() };
    let seen = plain.get("/sign-in").await;
    assert!(!seen.headers.contains_key(header::STRICT_TRANSPORT_SECURITY), "RFC 6797, section 7.2");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_and_a_body_of_two_lengths_are_refused() {
    // "Double Host and CL+TE accepted"; RFC 9112, sections 3.2 and 6.3; ASVS 5.0, 4.2.1.
    let house = House::open().await;
    for (name, values) in [
        ("host", &["contact.nenedale.example", "evil.example"][..]),
        ("transfer-encoding", &["chunked"]),
        ("content-length", &["3", "3"]),
    ] {
        let mut request = Request::post("/sign-in").body(Body::empty()).unwrap();
        for value in values {
            request.headers_mut().append(name, value.parse().unwrap());
        }
        let answer = ask(&house, Front::default(), request).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{name}");
        assert_eq!(answer.headers()[header::CONNECTION], "close", "{name}");
        assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{name}");
    }
    assert!(request([192, 0, 2, 1], &[]).extensions().get::<Client>().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_s_body_is_small_and_a_long_record_still_comes_back_to_who_was_signed_out() {
    // "Limits for … bodies of people who are not signed in"; handbook 18: what was typed is never lost.
    let house = House::open().await;
    let long = "Amara laughed and asked for the blue book again. ".repeat(30_000);
    assert!(long.len() > 1_400_000);
    let mut stranger = Visitor { router: house.router.clone(), cookie: String::new() };
    for path in ["/sign-in", "/sessions/0198b0b0-0000-7000-8000-000000000001/record"] {
        let seen = stranger.post(path, &[("text", &long)]).await;
        assert_eq!(seen.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    let who = house.test.colleague(Role::Supervisor, "north", "tom").await.expect("an account");
    let mut visitor = house.sign_in(&who).await;
    let home = visitor.get("/").await;
    let token = home.read().forms()[0].filled(&[])[0].1.to_owned();
    let stale = visitor.clone();
    visitor.post("/sign-out", &[("csrf", &token)]).await;
    let path = "/sessions/0198b0b0-0000-7000-8000-000000000001/record";
    // In the tab where the sign-in ended by itself, and in the one whose browser has nothing but that it signed in once.
    for mut tab in [stale, visitor] {
        let page = tab.post(path, &[("csrf", &token), ("text", &long)]).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{}", page.text());
        house.test.real_clock.move_to(kith_service::Clock::now_ms(&*house.test.real_clock) + 30_000);
        let code = house.test.service.code_now(&who.totp_secret).expect("a code");
        let back =
            tab.submit(&page, "/sign-in", &[("login", &who.login), ("password", PASSWORD), ("code", &code)]).await;
        assert_eq!(back.status, StatusCode::OK, "{}", back.text());
        assert!(String::from_utf8_lossy(&back.body).contains(&long), "every word is there again");
    }
}
