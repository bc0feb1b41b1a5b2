//! Guessing, all at once and one after the other; accounts that change while somebody signs in.

use kith_domain::access::{Purpose, Role};

use kith_domain::notice::NoticeKind;
use kith_store::LogFilter;

use super::{ATTEMPTS_MAX, Attempt, LOCKED_MS, WRONG};
use crate::testing::{Colleague, PASSWORD, TestService};
use crate::{Clock, ServiceError};

const HERE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

fn attempt(test: &TestService, who: &Colleague, password: &str) -> Attempt {
    let code = test.service.code_now(&who.totp_secret).expect("a code");
    Attempt {
        login: who.login.clone(),
        password: password.to_owned(),
        code,
        from: HERE,
        device: String::new(),
        browser: String::new(),
    }
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
    test.real_clock.move_to(test.real_clock.now_ms() + LOCKED_MS[0] + 1);
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

/// At a browser that keeps something.
fn at(device: &str, attempt: Attempt) -> Attempt {
    Attempt { device: device.to_owned(), ..attempt }
}

#[tokio::test]
async fn locks_grow_the_owner_is_told_and_a_browser_that_signed_in_before_is_not_locked_out() {
    // ASVS 5.0, 6.3.1 and 6.3.5; "locks that grow, never lock out a device that has signed in before, and tell the owner".
    let (test, who, _dir) = opened().await;
    let signed_in = test.service.sign_in(attempt(&test, &who, PASSWORD)).await.expect("signed in");
    let wrong = || attempt(&test, &who, "not my password");
    for _ in 0..ATTEMPTS_MAX {
        assert!(test.service.sign_in(wrong()).await.is_err());
    }
    for lock_ms in [LOCKED_MS[0], LOCKED_MS[1], LOCKED_MS[2], LOCKED_MS[3], LOCKED_MS[3]] {
        test.real_clock.move_to(test.real_clock.now_ms() + lock_ms - 1);
        assert!(test.service.sign_in(attempt(&test, &who, PASSWORD)).await.is_err(), "locked for {lock_ms}");
        let known = test.service.sign_in(at(&signed_in.device, attempt(&test, &who, PASSWORD))).await;
        assert!(known.is_ok(), "the owner’s own browser is let in meanwhile");
        test.real_clock.move_to(test.real_clock.now_ms() + 1);
        assert!(test.service.sign_in(wrong()).await.is_err(), "the next one that is looked at locks for longer");
    }
    let notices = test.desk(&who, Purpose::ServiceDelivery).notices().await.expect("notices");
    let tried = notices.iter().filter(|notice| notice.kind == NoticeKind::AccountLocked).count();
    assert_eq!(tried, 2, "at the fifth and at the tenth: {notices:?}");
}

#[tokio::test]
async fn a_browser_is_known_to_the_account_it_signed_in_to_and_for_as_long_as_the_password_stays() {
    let (test, ruth, _dir) = opened().await;
    let tom = test.colleague(Role::Supervisor, "north", "tom").await.expect("an account");
    let kept = test.service.sign_in(attempt(&test, &ruth, PASSWORD)).await.expect("signed in").device;
    let kept = test.service.sign_in(at(&kept, attempt(&test, &tom, PASSWORD))).await.expect("signed in").device;
    let account = |of: &Colleague| {
        let (look, id) = (test.service.own_desk(Purpose::Administration).look(), of.id);
        async move {
            let account = look.account(id).await.expect("an account");
            look.done("account.read", 0).await.expect("an entry");
            account
        }
    };
    let (mut of_ruth, of_tom) = (account(&ruth).await, account(&tom).await);
    assert!(
        test.service.known_device(&kept, &of_ruth).is_some() && test.service.known_device(&kept, &of_tom).is_some()
    );
    let first = kept.split('~').next().expect("one").to_owned();
    assert!(test.service.known_device(&first, &of_ruth).is_none(), "what is of one account is of no other");
    let forged = format!("{}A", &first[..first.len() - 2]);
    assert!(!test.service.is_known_browser(&forged), "nobody makes one");
    of_ruth.body.credentials.password_hash = Some("another".to_owned());
    assert!(test.service.known_device(&kept, &of_ruth).is_none(), "a new password makes strangers of all browsers");
    for _ in 0..4 {
        test.real_clock.move_to(test.real_clock.now_ms() + 30_000);
        let again = test.service.sign_in(at(&kept, attempt(&test, &tom, PASSWORD))).await.expect("signed in").device;
        assert_eq!(again.split('~').count(), 2, "one for each account, however often");
    }
    test.real_clock.move_to(test.real_clock.now_ms() + (super::DEVICE_DAYS + 1) * 86_400_000);
    assert!(!test.service.is_known_browser(&kept), "not for ever");
}

#[tokio::test]
async fn who_guesses_at_a_known_browser_is_a_stranger_after_five() {
    let (test, who, _dir) = opened().await;
    let device = test.service.sign_in(attempt(&test, &who, PASSWORD)).await.expect("signed in").device;
    for _ in 0..5 {
        assert!(test.service.sign_in(at(&device, attempt(&test, &who, "not my password"))).await.is_err());
    }
    for _ in 0..ATTEMPTS_MAX {
        assert!(test.service.sign_in(attempt(&test, &who, "not my password")).await.is_err());
    }
    test.real_clock.move_to(test.real_clock.now_ms() + 30_000);
    let right = test.service.sign_in(at(&device, attempt(&test, &who, PASSWORD))).await;
    assert!(right.is_err(), "a stolen browser gives five guesses, not a way past the lock");
}

#[tokio::test]
async fn who_tries_too_often_is_asked_to_wait_before_anything_is_read_or_hashed() {
    // "Buckets per address and name before hashing"; RFC 6585 section 4.
    let (test, _, _dir) = opened().await;
    let service = &test.service;
    let attempt = |number: u32| Attempt {
        login: format!("nobody-{number}"),
        password: "guess".into(),
        code: String::new(),
        from: HERE,
        device: String::new(),
        browser: String::new(),
    };
    let (mut refused, mut tried, mut sent) = (false, 0, Vec::new());
    while !refused && tried < 200 {
        tried += 1;
        let (service, attempt) = (service.clone(), attempt(tried));
        let mut one = tokio::spawn(async move { service.sign_in(attempt).await.map(|_| ()) });
        // Asked once: what is refused at the door is refused at once, everybody else waits for something.
        tokio::select! {
            biased;
            answer = &mut one => refused = matches!(answer, Ok(Err(ServiceError::Wait { .. }))),
            () = tokio::task::yield_now() => sent.push(one),
        }
    }
    sent.iter().for_each(tokio::task::JoinHandle::abort);
    // Nobody else runs on this thread until it is answered; who is let in is looked up before anything is hashed.
    let before = service.counts();
    let told = service.sign_in(attempt(0)).await.map(|_| ());
    assert_eq!(service.counts(), before, "nothing was read");
    assert!(matches!(told, Err(ServiceError::Wait { seconds: 10..=12 })), "{told:?} after {tried}");
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_a_crowd_at_the_door_nor_wrong_guesses_stop_a_signature() {
    // "80 anonymous threads stop every sign-in and every signature; five wrong guesses stop a supervisor from signing her
    // record."
    let (test, who, _dir) = opened().await;
    let crowd: Vec<_> = (0..400_u32)
        .map(|n| {
            let service = test.service.clone();
            let from = std::net::IpAddr::from([10, 0, u8::try_from(n % 200).unwrap_or_default(), 1]);
            let attempt = Attempt {
                login: format!("nobody-{n}"),
                password: "guess".into(),
                code: String::new(),
                from,
                device: String::new(),
                browser: String::new(),
            };
            tokio::spawn(async move { service.sign_in(attempt).await.map(|_| ()) })
        })
        .collect();
    for _ in 0..=ATTEMPTS_MAX {
        let _ = test.service.sign_in(attempt(&test, &who, "not my password")).await;
    }
    let begun = std::time::Instant::now();
    test.service.confirm_password(&who.actor, PASSWORD).await.expect("she signs");
    assert!(begun.elapsed() < super::super::hashing::WAIT_MAX, "and does not queue behind the crowd");
    crowd.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn five_wrong_passwords_end_this_sign_in_and_lock_no_other() {
    let (test, who, _dir) = opened().await;
    let mut cookies = Vec::new();
    for _ in 0..2 {
        test.real_clock.move_to(test.real_clock.now_ms() + 30_000);
        cookies.push(test.service.sign_in(attempt(&test, &who, PASSWORD)).await.expect("signed in").secret);
    }
    let desk = test.service.recognise(&cookies[0]).await.expect("asked").expect("signed in");
    for _ in 0..5 {
        assert!(test.service.confirm_password(&desk.actor, "not my password").await.is_err());
    }
    assert!(test.service.confirm_password(&desk.actor, PASSWORD).await.is_err(), "not even the right one");
    assert!(test.service.recognise(&cookies[0]).await.expect("asked").is_none(), "that browser is signed out");
    let other = test.service.recognise(&cookies[1]).await.expect("asked").expect("still signed in");
    test.service.confirm_password(&other.actor, PASSWORD).await.expect("another browser signs");
    test.real_clock.move_to(test.real_clock.now_ms() + 30_000);
    assert!(test.service.sign_in(attempt(&test, &who, PASSWORD)).await.is_ok(), "and signing in is not locked");
}

#[tokio::test]
async fn the_access_log_says_by_a_keyed_hash_where_an_attempt_came_from() {
    let (test, who, _dir) = opened().await;
    assert!(test.service.sign_in(attempt(&test, &who, "not my password")).await.is_err());
    let elsewhere = Attempt { from: [198, 51, 100, 9].into(), ..attempt(&test, &who, PASSWORD) };
    test.service.sign_in(elsewhere).await.expect("signed in");
    let look = test.service.own_desk(Purpose::Administration).look();
    let mut found = Vec::new();
    for from in [HERE, [198, 51, 100, 9].into()] {
        let filter = LogFilter { subjects: vec![test.service.origin(from)], ..LogFilter::default() };
        let entries = look.log_entries(&filter, 9).await.expect("entries");
        found.push(entries.into_iter().map(|entry| entry.action).collect::<Vec<_>>());
    }
    assert_eq!(found[0], ["sign_in.failed", "sign_in.attempted"]);
    assert_eq!(found[1], ["sign_in.success", "sign_in.attempted"]);
}

#[tokio::test]
async fn what_another_server_changed_of_an_account_holds_at_the_next_request() {
    // "Role, area and state of an account are read with the sign-in, nothing from a process's memory."
    let (test, who, _dir) = opened().await;
    let signed_in = test.service.sign_in(attempt(&test, &who, PASSWORD)).await.unwrap();
    let recognised = async || test.service.recognise(&signed_in.secret).await.unwrap();
    let before = recognised().await.expect("signed in");
    // Another server has no way to tell this one: it writes to the database.
    let change = async |to: &dyn Fn(&mut kith_store::Account)| {
        let work = test.service.store().work(&test.service.own_desk(Purpose::Administration).access).await.unwrap();
        let mut account = work.account(who.id).await.unwrap();
        to(&mut account);
        work.save_account(&mut account).await.unwrap();
        work.commit("test.elsewhere", test.service.now_ms()).await.unwrap();
    };
    change(&|account| {
        account.role = Role::Manager;
        account.area = "south".into();
        account.body.name = "Ines Moreau-Hale".into();
    })
    .await;
    let now = recognised().await.expect("still signed in");
    assert_eq!(
        (now.actor.role, now.actor.area.as_str(), now.name.as_str()),
        (Role::Manager, "south", "Ines Moreau-Hale")
    );
    assert_ne!(before.actor.role, now.actor.role);
    change(&|account| account.state = kith_store::AccountState::Closed).await;
    assert!(recognised().await.is_none(), "closed elsewhere");
}
