//! *My account*, as a browser without JavaScript sees it.

use axum::http::StatusCode;
use kith_domain::access::Role;
use kith_service::Clock;
use kith_service::testing::{Colleague, PASSWORD};

use crate::testing::{House, Seen, Visitor};

const NEW: &str = "nine tall lanterns";

async fn house() -> (House, Colleague, Visitor) {
    let house = House::open().await;
    let nia = house.test.colleague(Role::Supervisor, "north", "nia").await.expect("an account");
    let visitor = house.sign_in(&nia).await;
    (house, nia, visitor)
}

fn codes(page: &Seen) -> Vec<String> {
    let html = String::from_utf8_lossy(&page.body).into_owned();
    html.split("<code>").skip(1).filter_map(|rest| rest.split("</code>").next()).map(str::to_owned).collect()
}

fn next_code(house: &House, secret: &str) -> String {
    house.test.real_clock.move_to(house.test.real_clock.now_ms() + 30_000);
    house.test.service.code_now(secret).expect("a code")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_and_the_others_are_signed_out() {
    let (house, nia, mut here) = house().await;
    let mut elsewhere = house.sign_in(&nia).await;
    let home = here.get("/").await;
    assert!(home.read().links().iter().any(|(words, to)| to == "/me" && words.contains("NIA")), "from every page");
    let page = here.get("/me/password").await;
    let fields = |present, new| [("password", present), ("new_password", new), ("new_password_again", new)];
    for (present, new, why) in [
        ("", NEW, "Enter the password that you have now"),
        ("not my password", NEW, "The password is not right"),
        (PASSWORD, "short", "at least 12 characters"),
        (PASSWORD, PASSWORD, "Choose another"),
        (PASSWORD, "aaaaaaaaaaaa", "Choose three or four words"),
        (PASSWORD, "Nenedale 2026", "Choose three or four words"),
    ] {
        let seen = here.submit(&page, "/me/password", &fields(present, new)).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{new}");
        assert!(seen.text().contains(why), "{new}: {}", seen.text());
        assert!(
            !String::from_utf8_lossy(&seen.body).contains(&format!("value=\"{new}\"")),
            "a password is not shown again"
        );
    }
    let done = here.submit_and_follow(&page, "/me/password", &fields(PASSWORD, NEW)).await;
    assert!(done.text().contains("Your account: the password has been changed"), "{}", done.text());
    assert_eq!(elsewhere.get("/").await.status, StatusCode::SEE_OTHER, "signed out");
    let mut visitor = Visitor { router: house.router.clone(), cookie: String::new() };
    let sign_in = [("login", "nia"), ("password", NEW)];
    let seen =
        visitor.post("/sign-in", &[sign_in[0], sign_in[1], ("code", &next_code(&house, &nia.totp_secret))]).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_is_changed_and_loading_again_loses_nothing() {
    let (house, nia, mut here) = house().await;
    let page = here.get("/me/authenticator").await;
    assert!(codes(&page).is_empty());
    let wrong = here.submit(&page, "/me/authenticator", &[("password", PASSWORD), ("code", "12")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = next_code(&house, &nia.totp_secret);
    let shown = here.submit_and_follow(&page, "/me/authenticator", &[("password", PASSWORD), ("code", &code)]).await;
    let secret = codes(&shown).pop().expect("a key");
    assert_eq!(codes(&here.get("/me/authenticator").await), std::slice::from_ref(&secret), "loaded again");
    let wrong = here.submit(&shown, "/confirm", &[("new_code", "12")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(codes(&wrong), std::slice::from_ref(&secret));
    let done = here.submit_and_follow(&wrong, "/confirm", &[("new_code", &next_code(&house, &secret))]).await;
    assert!(done.text().contains("Your authenticator has been changed"), "{}", done.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_are_shown_once_and_sign_in() {
    let (house, _nia, mut here) = house().await;
    let page = here.get("/me").await;
    assert!(page.text().contains("You have none"), "{}", page.text());
    let shown = here.submit_confirmed(&page, "/me/recovery", &[]).await;
    let codes = codes(&shown);
    assert_eq!(codes.len(), 10, "{}", shown.text());
    assert!(here.get("/me").await.text().contains("You have 10 left"));
    let mut visitor = Visitor { router: house.router.clone(), cookie: String::new() };
    let fields = [("login", "nia"), ("password", PASSWORD), ("code", ""), ("recovery", codes[0].as_str())];
    let seen = visitor.post("/sign-in", &fields).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.text());
    let own = visitor.get("/me").await;
    assert!(own.text().contains("somebody signed in with a recovery code") && own.text().contains("You have 9 left"));
    let mut again = Visitor { router: house.router.clone(), cookie: String::new() };
    assert_eq!(again.post("/sign-in", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY, "each works once");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_leaves_nothing_in_the_browser() {
    // OWASP ASVS 5.0, 14.3.1; W3C Clear Site Data.
    let (house, nia, mut here) = house().await;
    let (mut one, mut two) = (house.sign_in(&nia).await, house.sign_in(&nia).await);
    let left = |seen: &Seen| {
        assert_eq!((seen.status, seen.leads_to()), (StatusCode::SEE_OTHER, "/sign-in"));
        let text =
            |name: &str| seen.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        assert_eq!(text("clear-site-data"), "\"cache\", \"storage\"");
        assert!(text("set-cookie").contains("Max-Age=0"));
    };
    let page = one.get("/").await;
    left(&one.submit(&page, "/sign-out", &[]).await);
    let page = here.get("/me").await;
    assert!(page.text().contains("Where you are signed in"), "{}", page.text());
    let end = page.read().forms().into_iter().find(|form| form.action.ends_with("/end")).expect("another device");
    here.submit_and_follow(&page, &end.action, &[]).await;
    assert_eq!(two.get("/").await.status, StatusCode::SEE_OTHER, "ended from elsewhere");
    let mut three = house.sign_in(&nia).await;
    let page = here.get("/me").await;
    left(&here.submit(&page, "/me/sign-out", &[]).await);
    assert_eq!(three.get("/").await.status, StatusCode::SEE_OTHER, "everywhere");
}
