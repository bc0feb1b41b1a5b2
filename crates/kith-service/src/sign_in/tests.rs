//! Guessing, all at once and one after the other; accounts that change while somebody signs in.

use kith_domain::access::{Purpose, Role};
use kith_domain::account::{AccountFacts, TakeUp};
use kith_domain::form::Fields;

use super::{ATTEMPTS_MAX, Attempt, LOCKED_MS, WRONG};
use crate::testing::{Colleague, PASSWORD, TestService};
use crate::{Clock, ServiceError};

fn attempt(test: &TestService, who: &Colleague, password: &str) -> Attempt {
    let code = test.service.code_now(&who.totp_secret).expect("a code");
    Attempt { login: who.login.clone(), password: password.to_owned(), code }
}

async fn opened() -> (TestService, Colleague, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("a service");
    let who = test.colleague(Role::Coordinator, "north", "ruth").await.expect("an account");
    (test, who, dir)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rush_of_attempts_is_as_many_attempts() {
    // ASVS 5.0, 6.3.1: guessing is slowed down, however it is sent.
    let (test, who, _dir) = opened().await;
    let tried = (0..12).map(|_| {
        let (service, attempt) = (test.service.clone(), attempt(&test, &who, "not my password"));
        tokio::spawn(async move { service.sign_in(attempt).await.is_ok() })
    });
    for one in tried.collect::<Vec<_>>() {
        assert!(!one.await.expect("it ran"));
    }
    let right = test.service.sign_in(attempt(&test, &who, PASSWORD)).await;
    assert!(matches!(right, Err(ServiceError::SignIn(WRONG))), "locked, in the same words");
    test.real_clock.move_to(test.real_clock.now_ms() + LOCKED_MS + 1);
    assert!(test.service.sign_in(attempt(&test, &who, PASSWORD)).await.is_ok());
}

#[tokio::test]
async fn a_right_attempt_gives_the_count_back() {
    let (test, who, _dir) = opened().await;
    for _ in 0..3 {
        for _ in 0..ATTEMPTS_MAX - 1 {
            assert!(test.service.sign_in(attempt(&test, &who, "not my password")).await.is_err());
        }
        test.real_clock.move_to(test.real_clock.now_ms() + 30_000);
        assert!(test.service.sign_in(attempt(&test, &who, PASSWORD)).await.is_ok());
    }
}

#[tokio::test]
async fn an_invitation_is_taken_up_once_and_its_code_signs_nobody_in() {
    let (test, _, _dir) = opened().await;
    let administrator = test.colleague(Role::Administrator, "", "sam").await.expect("an account");
    let desk = test.desk(&administrator, Purpose::Administration);
    let facts: Fields = [
        ("name", "Nia Larch"),
        ("login", "nia"),
        ("role", "supervisor"),
        ("area", "north"),
        ("phone", "01632 960 222"),
        ("email", "nia@nenedale.example"),
    ]
    .into_iter()
    .collect();
    let id = kith_domain::ids::AccountId(uuid::Uuid::now_v7());
    let invitation =
        desk.create_account(id, AccountFacts::read(&facts, &["north"]).expect("read")).await.expect("made");
    let enrolment = test.service.invitation(id, &invitation.secret).await.expect("there");
    let code = test.service.code_now(&enrolment.totp_secret).expect("a code");
    let words = "seven quiet words here";
    let fields: Fields = [("password", words), ("password_again", words), ("code", &code)].into_iter().collect();
    let command = TakeUp::read(&fields, "nia").expect("read");
    test.service.take_up(id, &invitation.secret, &command).await.expect("taken up");
    let again = test.service.take_up(id, &invitation.secret, &command).await;
    assert!(matches!(again, Err(ServiceError::NotFound)));
    let attempt = |code| Attempt { login: "nia".into(), password: words.into(), code };
    assert!(test.service.sign_in(attempt(code)).await.is_err(), "a code works once");
    test.real_clock.move_to(test.real_clock.now_ms() + 30_000);
    let next = test.service.code_now(&enrolment.totp_secret).expect("a code");
    assert!(test.service.sign_in(attempt(next)).await.is_ok());
}
