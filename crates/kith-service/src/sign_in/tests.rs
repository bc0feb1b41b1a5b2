//! Guessing, all at once and one after the other; accounts that change while somebody signs in.

use kith_domain::access::Role;

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
