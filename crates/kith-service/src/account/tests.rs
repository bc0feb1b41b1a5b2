//! Nobody becomes another alone, an invitation opens once, and what happens to an account is told. What was asked for: "one administrator
//! becomes anybody"; OWASP ASVS 5.0, 6.2, 6.4, 6.5, 7.4, 7.5.

use kith_domain::access::{Purpose, Role};
use kith_domain::account::{AccountFacts, ChangePassword, CloseAccount, TakeUp};
use kith_domain::form::{Fields, Words};
use kith_domain::ids::AccountId;
use kith_domain::notice::NoticeKind;
use kith_store::AccountState;
use uuid::Uuid;

use super::{Asked, Enrolment, Opening, STEP_UP_MS};
use crate::sign_in::{Attempt, Person};
use crate::testing::{Colleague, PASSWORD, TestService};
use crate::{Clock, Desk, ServiceError};

/// An address of documentation (RFC 5737).
const HERE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

const NEW_PASSWORD: &str = "seven quiet rivers here";

/// A service with an administrator, a manager of each area, a data protection officer and a supervisor.
struct Staff {
    test: TestService,
    admin: Colleague,
    manager: Colleague,
    south: Colleague,
    officer: Colleague,
    nia: Colleague,
    _dir: tempfile::TempDir,
}

async fn staff() -> Staff {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let of = async |role, area: &str, login: &str| test.colleague(role, area, login).await.unwrap();
    let admin = of(Role::Administrator, "", "sam").await;
    let manager = of(Role::Manager, "north", "helen").await;
    let south = of(Role::Manager, "south", "patrick").await;
    let officer = of(Role::DataProtection, "", "anjali").await;
    let nia = of(Role::Supervisor, "north", "nia").await;
    Staff { test, admin, manager, south, officer, nia, _dir: dir }
}

impl Staff {
    fn desk(&self, who: &Colleague) -> Desk {
        self.test.desk(who, Purpose::Administration)
    }

    async fn asked_at(&self, id: AccountId) -> i64 {
        let account = self.desk(&self.admin).account(id).await.unwrap();
        account.body.proposal.expect("something waits").at_ms
    }

    async fn told(&self, who: &Colleague) -> Vec<NoticeKind> {
        self.desk(who).notices().await.unwrap().into_iter().map(|notice| notice.kind).collect()
    }

    /// Signs somebody in, half a minute later.
    async fn signed_in(&self, login: &str, password: &str, code: &str) -> Result<Person, ServiceError> {
        let attempt = Attempt {
            login: login.into(),
            password: password.into(),
            code: code.into(),
            from: HERE,
            device: String::new(),
            browser: String::new(),
        };
        let signed_in = self.test.service.sign_in(attempt).await?;
        Ok(self.test.service.recognise(&signed_in.secret).await?.expect("signed in"))
    }

    fn next_code(&self, secret: &str) -> String {
        self.test.real_clock.move_to(self.test.real_clock.now_ms() + 30_000);
        self.test.service.code_now(secret).unwrap()
    }

    async fn enter(&self, who: &Colleague) -> Person {
        let code = self.next_code(&who.totp_secret);
        self.signed_in(&who.login, PASSWORD, &code).await.unwrap()
    }

    async fn lives(&self, who: &Colleague, person: &Person) -> bool {
        let own = self.desk(who).own_account(person).await.unwrap();
        own.devices.iter().any(|device| device.id == person.sign_in)
    }
}

fn facts(login: &str, role: &str, area: &str) -> AccountFacts {
    let fields: Fields = [
        ("name", "Ines Moreau"),
        ("login", login),
        ("role", role),
        ("area", area),
        ("phone", "01632 960 222"),
        ("email", "ines@nenedale.example"),
    ]
    .into_iter()
    .collect();
    AccountFacts::read(&fields, &["north", "south"]).unwrap()
}

fn new_id() -> AccountId {
    AccountId(Uuid::now_v7())
}

fn take_up(password: &str, code: &str) -> TakeUp {
    let fields: Fields = [("password", password), ("password_again", password), ("code", code)].into_iter().collect();
    TakeUp::read(&fields).unwrap()
}

fn rule<T>(done: Result<T, ServiceError>) -> &'static str {
    match done {
        Err(ServiceError::Refused(refusal)) => refusal.code,
        Err(ServiceError::Forbidden) => "forbidden",
        Err(ServiceError::NotFound) => "not found",
        Err(ServiceError::Invalid(_)) => "invalid",
        Err(error) => panic!("{error}"),
        Ok(_) => "done",
    }
}

fn here(opening: Opening) -> Enrolment {
    match opening {
        Opening::Here(enrolment) => enrolment,
        Opening::Closed => panic!("nobody has opened it"),
        Opening::Elsewhere(_) => panic!("another browser has opened it"),
    }
}

#[tokio::test]
async fn an_administrator_alone_becomes_nobody() {
    let staff = staff().await;
    let (service, nia) = (&staff.test.service, staff.nia.id);
    let admin = staff.desk(&staff.admin);
    assert!(matches!(admin.invite_again(nia).await, Ok(Asked::Waits(names)) if names.len() == 2));
    // Nothing has happened yet: the password works, and there is no link.
    staff.enter(&staff.nia).await;
    assert_eq!(rule(admin.invitation_link(nia).await), "account.no_invitation");
    let at_ms = staff.asked_at(nia).await;
    // Neither who asked, nor whose account it is, nor a manager of elsewhere agrees.
    assert_eq!(rule(admin.agree(nia, at_ms).await), "account.second_person");
    assert_eq!(rule(staff.desk(&staff.nia).agree(nia, at_ms).await), "forbidden");
    assert_eq!(rule(staff.desk(&staff.south).agree(nia, at_ms).await), "forbidden");
    assert_eq!(rule(staff.desk(&staff.manager).agree(nia, at_ms + 1).await), "account.nothing_waits");
    assert!(staff.told(&staff.manager).await.contains(&NoticeKind::AccountProposed));
    assert!(staff.told(&staff.officer).await.contains(&NoticeKind::AccountProposed));
    assert!(!staff.told(&staff.south).await.contains(&NoticeKind::AccountProposed));

    let code = staff.desk(&staff.manager).agree(nia, at_ms).await.unwrap().expect("a code");
    assert_eq!(rule(staff.desk(&staff.officer).agree(nia, at_ms).await), "account.nothing_waits", "once");
    let with_old = staff.signed_in("nia", PASSWORD, &staff.next_code(&staff.nia.totp_secret)).await;
    assert!(with_old.is_err(), "what the person had has stopped working");
    // The manager has the code and no link; the administrator the link and no code.
    assert_eq!(rule(staff.desk(&staff.manager).invitation_link(nia).await), "forbidden");
    let link = admin.invitation_link(nia).await.unwrap();
    assert!(link.code.is_none());
    for guess in ["", "0000-0000-0000", &link.secret] {
        assert_eq!(rule(service.open_invitation(nia, &link.secret, guess).await), "invalid", "{guess}");
    }
    assert_eq!(rule(service.open_invitation(nia, "no link", &code).await), "not found");
    // Told at once to those who would know better.
    for who in [&staff.nia, &staff.officer] {
        assert!(staff.told(who).await.contains(&NoticeKind::AccountInvitedAgain));
    }
    assert!(service.open_invitation(nia, &link.secret, &code.to_lowercase().replace('-', " ")).await.is_ok());
}

#[tokio::test]
async fn an_administrator_who_agrees_does_not_get_the_link_too() {
    let staff = staff().await;
    let other = staff.test.colleague(Role::Administrator, "", "toni").await.unwrap();
    let third = staff.test.colleague(Role::Administrator, "", "uli").await.unwrap();
    staff.desk(&staff.admin).invite_again(other.id).await.unwrap();
    let at_ms = staff.asked_at(other.id).await;
    assert_eq!(rule(staff.desk(&staff.manager).agree(other.id, at_ms).await), "forbidden", "not a manager’s to say");
    staff.desk(&third).agree(other.id, at_ms).await.unwrap().expect("a code");
    assert_eq!(rule(staff.desk(&third).invitation_link(other.id).await), "account.second_person");
    staff.desk(&staff.admin).invitation_link(other.id).await.unwrap();
    assert_eq!(rule(staff.desk(&staff.admin).invite_again(staff.admin.id).await), "account.own");
}

#[tokio::test]
async fn the_first_account_of_a_service_needs_nobody_and_the_second_somebody() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let first = test.service.first_administrator().await.unwrap().expect("an invitation");
    let again = test.service.first_administrator().await.unwrap().expect("another, when the first was lost");
    assert_eq!(first.account, again.account);
    let code = again.code.expect("there is nobody else to have it");
    assert_eq!(rule(test.service.open_invitation(first.account, &first.secret, &code).await), "not found");
    let browser = test.service.open_invitation(again.account, &again.secret, &code).await.unwrap();
    let enrolment = here(test.service.invitation(again.account, &again.secret, &browser).await.unwrap());
    let code = test.service.code_now(&enrolment.totp_secret).unwrap();
    test.service.take_up(again.account, &again.secret, &browser, &take_up(NEW_PASSWORD, &code)).await.unwrap();
    assert!(test.service.first_administrator().await.unwrap().is_none());

    let actor = kith_domain::access::Actor::staff(first.account, Role::Administrator, "");
    let admin = test.service.desk(actor, Purpose::Administration);
    // Nobody could agree to a supervisor; the first who can is made alone, once.
    let waits = admin.create_account(new_id(), facts("sue", "supervisor", "north")).await.unwrap();
    assert!(matches!(waits, Asked::Waits(names) if names.is_empty()));
    let officer = new_id();
    let made = admin.create_account(officer, facts("dee", "data_protection", "")).await.unwrap();
    assert!(matches!(made, Asked::Invited(invitation) if invitation.code.is_some()));
    assert!(matches!(admin.invite_again(officer).await.unwrap(), Asked::Invited(_)), "its link was lost");
    let second = admin.create_account(new_id(), facts("max", "manager", "north")).await.unwrap();
    assert!(matches!(second, Asked::Waits(_)), "from now on somebody is who can agree");
}

#[tokio::test]
async fn a_new_account_waits_and_is_refused_with_a_reason() {
    let staff = staff().await;
    let admin = staff.desk(&staff.admin);
    let id = new_id();
    for _ in 0..2 {
        let asked = admin.create_account(id, facts("ines", "coordinator", "north")).await.unwrap();
        assert!(matches!(asked, Asked::Waits(_)), "sent twice is asked once");
    }
    assert_eq!(rule(admin.create_account(new_id(), facts("ines", "coordinator", "north")).await), "invalid");
    assert!(
        !staff.test.service.colleagues(Role::Coordinator).iter().any(|card| card.id == id),
        "nobody’s colleague yet"
    );
    let waiting = staff.desk(&staff.manager).to_agree().await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert!(staff.desk(&staff.south).to_agree().await.unwrap().is_empty());
    assert_eq!(rule(staff.desk(&staff.nia).to_agree().await.map(|_| ())), "forbidden");
    assert_eq!(rule(staff.desk(&staff.south).account_watched(id).await.map(|_| ())), "not found");

    let at_ms = staff.asked_at(id).await;
    let why = Words::new("Nobody of that name works here").unwrap();
    staff.desk(&staff.manager).refuse_agreement(id, at_ms, &why).await.unwrap();
    let account = admin.account(id).await.unwrap();
    assert_eq!(account.state, AccountState::Closed);
    assert!(
        account.body.refused.is_some_and(|refused| refused.reason == why.as_str() && refused.by == staff.manager.id)
    );
    assert!(staff.told(&staff.admin).await.contains(&NoticeKind::AccountRefused));
    assert_eq!(rule(admin.invitation_link(id).await), "account.no_invitation");
}

#[tokio::test]
async fn another_role_or_area_waits_for_the_second_person() {
    let staff = staff().await;
    let admin = staff.desk(&staff.admin);
    let nia = staff.nia.id;
    let person = staff.enter(&staff.nia).await;
    let version = admin.account(nia).await.unwrap().version;
    assert!(admin.correct_account(nia, version, &facts("nia", "coordinator", "south")).await.unwrap());
    let account = admin.account(nia).await.unwrap();
    assert_eq!((account.role, account.area.as_str()), (Role::Supervisor, "north"), "not yet");
    assert_eq!(account.body.name, "Ines Moreau", "the rest is corrected at once");
    // A name is how colleagues know a person: it is not changed by one administrator unseen.
    for told in [&staff.nia, &staff.manager, &staff.officer] {
        assert!(staff.told(told).await.contains(&NoticeKind::AccountCorrected), "{:?}", told.actor.role);
    }
    assert_eq!(rule(admin.invite_again(nia).await), "account.waits", "one thing at a time");
    let at_ms = staff.asked_at(nia).await;
    assert_eq!(rule(staff.desk(&staff.manager).agree(nia, at_ms).await), "forbidden", "it is to the south");
    assert!(
        staff.desk(&staff.south).agree(nia, at_ms).await.unwrap().is_none(),
        "no code: the person keeps what they have"
    );
    let account = admin.account(nia).await.unwrap();
    assert_eq!((account.role, account.area.as_str()), (Role::Coordinator, "south"));
    assert!(!staff.lives(&staff.nia, &person).await, "signed out once");
    let told = staff.told(&staff.nia).await;
    assert!(told.contains(&NoticeKind::AccountMoved));
    assert!(!admin.correct_account(nia, account.version, &facts("nia", "coordinator", "south")).await.unwrap());
    assert_eq!(staff.told(&staff.nia).await, told, "nothing was corrected");
}

#[tokio::test]
async fn the_last_who_could_agree_is_not_closed() {
    let staff = staff().await;
    let admin = staff.desk(&staff.admin);
    let close = CloseAccount::default();
    admin.close_account(staff.officer.id, &close).await.unwrap();
    assert!(staff.told(&staff.officer).await.contains(&NoticeKind::AccountClosed));
    admin.close_account(staff.south.id, &close).await.unwrap();
    assert_eq!(rule(admin.close_account(staff.manager.id, &close).await), "account.last_second");
}

#[tokio::test]
async fn an_invitation_opens_once_and_no_secret_is_there_before() {
    let staff = staff().await;
    let (service, nia) = (&staff.test.service, staff.nia.id);
    let admin = staff.desk(&staff.admin);
    admin.invite_again(nia).await.unwrap();
    let code = staff.desk(&staff.manager).agree(nia, staff.asked_at(nia).await).await.unwrap().unwrap();
    let lost = admin.invitation_link(nia).await.unwrap();
    let link = admin.invitation_link(nia).await.unwrap();
    assert_eq!(rule(service.invitation(nia, &lost.secret, "").await), "not found", "one link at a time");
    assert!(matches!(service.invitation(nia, &link.secret, "").await, Ok(Opening::Closed)), "looking opens nothing");
    assert!(admin.account(nia).await.unwrap().body.credentials.totp_secret.is_none(), "nothing to note beforehand");

    let browser = service.open_invitation(nia, &link.secret, &code).await.unwrap();
    let opened_ms = service.real_now_ms();
    for who in [&staff.nia, &staff.manager, &staff.officer] {
        assert!(staff.told(who).await.contains(&NoticeKind::AccountOpened));
    }
    // Another browser, also with both secrets, is told so.
    staff.test.real_clock.move_to(opened_ms + 60_000);
    for other in ["", "another", &link.secret] {
        let seen = service.invitation(nia, &link.secret, other).await.unwrap();
        assert!(matches!(seen, Opening::Elsewhere(at) if at == opened_ms), "{other}");
    }
    assert_eq!(rule(service.open_invitation(nia, &link.secret, &code).await), "account.opened");
    assert_eq!(
        rule(admin.invitation_link(nia).await),
        "account.no_invitation",
        "nor is there a new link to an opened one"
    );
    // The one that opened it loads again, types a wrong code, and goes on.
    let enrolment = here(service.invitation(nia, &link.secret, &browser).await.unwrap());
    let again = here(service.invitation(nia, &link.secret, &browser).await.unwrap());
    assert_eq!(enrolment.totp_secret, again.totp_secret);
    let right = service.code_now(&enrolment.totp_secret).unwrap();
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let up = async |browser: &str, command: TakeUp| service.take_up(nia, &link.secret, browser, &command).await;
    assert_eq!(rule(up(&browser, take_up(NEW_PASSWORD, wrong)).await), "invalid");
    assert_eq!(rule(up("another", take_up(NEW_PASSWORD, &right)).await), "not found");
    assert_eq!(rule(up(&browser, take_up("aaaaaaaaaaaa", &right)).await), "invalid", "a weak password");
    assert_eq!(rule(up(&browser, take_up("nenedale 2026", &right)).await), "invalid", "a word of the place");
    up(&browser, take_up(NEW_PASSWORD, &right)).await.unwrap();
    assert!(staff.told(&staff.manager).await.contains(&NoticeKind::AccountTakenUp));
    assert_eq!(rule(up(&browser, take_up(NEW_PASSWORD, &right)).await), "not found", "taken up once");
    assert!(staff.signed_in("nia", NEW_PASSWORD, &right).await.is_err(), "its code signs nobody in");
    staff.signed_in("nia", NEW_PASSWORD, &staff.next_code(&enrolment.totp_secret)).await.unwrap();
}

#[tokio::test]
async fn an_invitation_grows_old() {
    let staff = staff().await;
    let admin = staff.desk(&staff.admin);
    admin.invite_again(staff.nia.id).await.unwrap();
    let at_ms = staff.asked_at(staff.nia.id).await;
    let code = staff.desk(&staff.officer).agree(staff.nia.id, at_ms).await.unwrap().unwrap();
    let link = admin.invitation_link(staff.nia.id).await.unwrap();
    staff.test.real_clock.move_to(staff.test.real_clock.now_ms() + 7 * 86_400_000);
    assert_eq!(rule(staff.test.service.open_invitation(staff.nia.id, &link.secret, &code).await), "not found");
    assert_eq!(rule(admin.invitation_link(staff.nia.id).await), "account.no_invitation");
}

#[tokio::test]
async fn another_password_asks_for_the_present_one_and_ends_the_other_sign_ins() {
    let staff = staff().await;
    let desk = staff.desk(&staff.nia);
    let (elsewhere, here) = (staff.enter(&staff.nia).await, staff.enter(&staff.nia).await);
    let change = |present: &str, new: &str| ChangePassword { present: present.into(), new: new.into() };
    assert_eq!(rule(desk.change_password(&here, &change("not my password", NEW_PASSWORD)).await), "invalid");
    // `aaaaaaaaaaaa` was taken once. ASVS 5.0, 6.2.4, 6.2.11, 6.2.12.
    for weak in ["aaaaaaaaaaaa", "Password1234", "NIA Contact supervisor", "nenedale-2026"] {
        assert_eq!(rule(desk.change_password(&here, &change(PASSWORD, weak)).await), "invalid", "{weak}");
    }
    desk.change_password(&here, &change(PASSWORD, NEW_PASSWORD)).await.unwrap();
    assert!(staff.lives(&staff.nia, &here).await && !staff.lives(&staff.nia, &elsewhere).await);
    for who in [&staff.nia, &staff.manager, &staff.officer] {
        assert!(
            staff.told(who).await.contains(&NoticeKind::AccountPassword),
            "also of what was done in their own name"
        );
    }
    assert!(staff.signed_in("nia", PASSWORD, &staff.next_code(&staff.nia.totp_secret)).await.is_err());
    staff.signed_in("nia", NEW_PASSWORD, &staff.next_code(&staff.nia.totp_secret)).await.unwrap();
}

#[tokio::test]
async fn another_authenticator_asks_for_what_there_is_and_shows_that_it_works() {
    let staff = staff().await;
    let desk = staff.desk(&staff.nia);
    let (elsewhere, here) = (staff.enter(&staff.nia).await, staff.enter(&staff.nia).await);
    let code = || staff.next_code(&staff.nia.totp_secret);
    assert_eq!(rule(desk.begin_authenticator(&here, "not my password", &code()).await), "invalid");
    assert_eq!(rule(desk.begin_authenticator(&here, PASSWORD, "12").await), "invalid");
    let used = staff.test.service.code_now(&staff.nia.totp_secret).unwrap();
    desk.begin_authenticator(&here, PASSWORD, &used).await.unwrap();
    assert_eq!(rule(desk.begin_authenticator(&here, PASSWORD, &used).await), "invalid", "a code works once");
    assert!(desk.authenticator_setting_up(&elsewhere).await.unwrap().is_none(), "in this browser alone");
    let next = desk.authenticator_setting_up(&here).await.unwrap().expect("begun").totp_secret;
    assert_ne!(next, staff.nia.totp_secret);
    assert_eq!(rule(desk.finish_authenticator(&here, "000").await), "invalid");
    let new = staff.next_code(&next);
    assert_eq!(rule(desk.finish_authenticator(&elsewhere, &new).await), "account.setting_up");
    desk.finish_authenticator(&here, &new).await.unwrap();
    assert!(staff.lives(&staff.nia, &here).await && !staff.lives(&staff.nia, &elsewhere).await);
    assert!(staff.told(&staff.officer).await.contains(&NoticeKind::AccountAuthenticator));
    assert!(staff.signed_in("nia", PASSWORD, &code()).await.is_err(), "the old one has stopped");
    staff.signed_in("nia", PASSWORD, &staff.next_code(&next)).await.unwrap();
}

#[tokio::test]
async fn nobody_guesses_at_the_code_of_another_authenticator() {
    // OWASP ASVS 5.0, 6.3.1: who knows the password and sits at an open desk has five guesses at a code.
    let staff = staff().await;
    let here = staff.enter(&staff.nia).await;
    let desk = staff.test.service.desk(here.actor.clone(), Purpose::Administration);
    for _ in 0..5 {
        assert!(staff.lives(&staff.nia, &here).await);
        assert_eq!(rule(desk.begin_authenticator(&here, PASSWORD, "12").await), "invalid");
    }
    assert!(!staff.lives(&staff.nia, &here).await, "that sign-in has ended");
    let code = staff.next_code(&staff.nia.totp_secret);
    assert_eq!(rule(desk.begin_authenticator(&here, PASSWORD, &code).await), "invalid", "not even the right one");
}

#[tokio::test]
async fn a_recovery_code_works_once_and_tells() {
    let staff = staff().await;
    let desk = staff.desk(&staff.nia);
    let earlier = desk.new_recovery_codes().await.unwrap();
    let codes = desk.new_recovery_codes().await.unwrap();
    assert_eq!(codes.len(), 10);
    let kept = staff.desk(&staff.admin).account(staff.nia.id).await.unwrap().body.credentials.recovery;
    assert!(kept.iter().all(|hash| !codes.iter().any(|code| hash.contains(&code.replace('-', "")))));
    assert!(staff.signed_in("nia", PASSWORD, &earlier[0]).await.is_err(), "new ones end the old");
    let typed = codes[3].to_lowercase().replace('-', " ");
    staff.signed_in("nia", PASSWORD, &typed).await.unwrap();
    assert!(staff.signed_in("nia", PASSWORD, &typed).await.is_err(), "each works once");
    assert!(staff.signed_in("nia", "not my password", &codes[4]).await.is_err(), "never without the password");
    assert!(staff.signed_in("helen", PASSWORD, &codes[5]).await.is_err(), "nobody else’s");
    let told = staff.told(&staff.nia).await;
    assert!(told.contains(&NoticeKind::AccountRecoveryUsed) && told.contains(&NoticeKind::AccountRecoveryMade));
}

#[tokio::test]
async fn devices_are_seen_and_ended_by_their_owner() {
    let staff = staff().await;
    let attempt = Attempt {
        login: "nia".into(),
        password: PASSWORD.into(),
        code: staff.next_code(&staff.nia.totp_secret),
        from: HERE,
        device: String::new(),
        browser: "safari.iphone".into(),
    };
    let phone = staff.test.service.sign_in(attempt).await.unwrap();
    let phone = staff.test.service.recognise(&phone.secret).await.unwrap().expect("signed in");
    let desktop = staff.enter(&staff.nia).await;
    let desk = staff.desk(&staff.nia);
    let own = desk.own_account(&desktop).await.unwrap();
    let seen: Vec<(&str, bool)> = own.devices.iter().map(|device| (device.browser.as_str(), device.here)).collect();
    assert_eq!(seen, [("A browser", true), ("Safari on an iPhone", false)]);
    let manager = staff.enter(&staff.manager).await;
    assert_eq!(rule(desk.end_own_sign_in(manager.sign_in).await), "not found", "somebody else’s");
    desk.end_own_sign_in(phone.sign_in).await.unwrap();
    assert!(!staff.lives(&staff.nia, &phone).await && staff.lives(&staff.nia, &desktop).await);
    desk.sign_out_everywhere().await.unwrap();
    assert!(!staff.lives(&staff.nia, &desktop).await && staff.lives(&staff.manager, &manager).await);
}

#[tokio::test]
async fn a_password_given_again_is_good_for_ten_minutes_in_the_same_sign_in() {
    // ASVS 5.0, 7.5.3.
    let staff = staff().await;
    let service = &staff.test.service;
    let attempt = |code| Attempt {
        login: "sam".into(),
        password: PASSWORD.into(),
        code,
        from: HERE,
        device: String::new(),
        browser: String::new(),
    };
    let one = service.sign_in(attempt(staff.next_code(&staff.admin.totp_secret))).await.unwrap();
    let other = service.sign_in(attempt(staff.next_code(&staff.admin.totp_secret))).await.unwrap();
    let person = async |secret: &str| service.recognise(secret).await.unwrap().expect("signed in");
    assert!(!service.has_stepped_up(&person(&one.secret).await), "signing in is not giving it again");
    assert_eq!(rule(service.step_up(&person(&one.secret).await, "").await), "invalid");
    assert_eq!(rule(service.step_up(&person(&one.secret).await, "not my password").await), "invalid");
    service.step_up(&person(&one.secret).await, PASSWORD).await.unwrap();
    assert!(service.has_stepped_up(&person(&one.secret).await));
    assert!(!service.has_stepped_up(&person(&other.secret).await), "another browser’s is its own");
    let now_ms = staff.test.real_clock.now_ms();
    staff.test.real_clock.move_to(now_ms + STEP_UP_MS);
    assert!(service.has_stepped_up(&person(&one.secret).await));
    staff.test.real_clock.move_to(now_ms + STEP_UP_MS + 1);
    assert!(!service.has_stepped_up(&person(&one.secret).await));
}

#[tokio::test]
async fn a_lock_is_told() {
    let staff = staff().await;
    for _ in 0..5 {
        assert!(staff.signed_in("nia", "not my password", "000000").await.is_err());
    }
    for who in [&staff.nia, &staff.manager, &staff.officer] {
        assert!(staff.told(who).await.contains(&NoticeKind::AccountLocked));
    }
    assert!(!staff.told(&staff.south).await.contains(&NoticeKind::AccountLocked), "not elsewhere");
}
