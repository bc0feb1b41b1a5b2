//! Versions of the register, from the file at the first start to the one in force (UK GDPR Art 5(2), 24, 30; handbook section 12).

use std::path::Path;

use jiff::civil::{Date, date};
use kith_domain::access::{Actor, Purpose, Role};
use kith_domain::calendar::instant_ms;
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, RegisterVersionId};
use kith_domain::notice::NoticeKind;
use kith_domain::privacy_notice::Edition;
use kith_domain::register::{RegisterBody, RegisterProposal, RegisterState, RegisterText};
use kith_store::RegisterVersion;
use uuid::Uuid;

use crate::register::WhichVersion;
use crate::testing::{Colleague, REGISTER, TestService, words};
use crate::{Desk, Register, ServiceError};

const TODAY: Date = date(2026, 11, 24);
const IN_A_WEEK: Date = date(2026, 12, 1);

struct House {
    test: TestService,
    officer: Colleague,
    manager: Colleague,
    dir: tempfile::TempDir,
}

async fn house() -> House {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let officer = test.colleague(Role::DataProtection, "", "officer").await.unwrap();
    let manager = test.colleague(Role::Manager, "north", "manager").await.unwrap();
    House { test, officer, manager, dir }
}

fn refused<T>(of: Result<T, ServiceError>) -> &'static str {
    match of {
        Err(ServiceError::Refused(refusal)) => refusal.code,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was done"),
    }
}

fn without_pets() -> String {
    REGISTER.replacen("\"placement.pets\",", "", 1)
}

impl House {
    fn desk(&self, who: &Colleague) -> Desk {
        self.test.desk(who, Purpose::Accountability)
    }

    async fn draft(&self, text: &str) -> Result<RegisterVersionId, ServiceError> {
        let id = RegisterVersionId(Uuid::now_v7());
        self.desk(&self.officer).begin_register_version(id, &RegisterText::new(text)).await?;
        Ok(id)
    }

    async fn propose(&self, id: RegisterVersionId, from: Date) -> Result<(), ServiceError> {
        let mut typed: Fields = [("why", "The contract changes")].into_iter().collect();
        typed.set_date("from", from);
        let proposal = RegisterProposal::read(&typed, self.test.service.today())?;
        self.desk(&self.officer).propose_register_version(id, &proposal).await
    }

    async fn decide(&self, id: RegisterVersionId, approve: bool) -> Result<(), ServiceError> {
        self.desk(&self.manager).decide_register_version(id, approve, &words("It is right")).await
    }

    async fn state(&self, id: RegisterVersionId) -> RegisterState {
        self.desk(&self.officer).register_version(id).await.unwrap().version.state
    }

    async fn told(&self, who: &Colleague) -> Vec<NoticeKind> {
        let look = self.test.desk(who, Purpose::ServiceDelivery).look();
        look.notices(who.id).await.unwrap().into_iter().map(|notice| notice.kind).collect()
    }

    fn pets_are_held(&self) -> bool {
        self.test.service.register().holds("placement.pets")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_at_the_first_start_is_the_first_version_and_counts_no_more() {
    let house = house().await;
    let all = house.desk(&house.officer).register_versions(1).await.unwrap();
    let [first] = all.rows.as_slice() else { panic!("one version") };
    assert_eq!((first.number, first.state, first.author), (1, RegisterState::InForce, None));
    assert_eq!(first.body.text, RegisterText::new(REGISTER).as_str());
    assert!(!house.test.service.register_standing().file_differs);
    house.test.service.close().await.unwrap();
    let test = TestService::open_with(house.dir.path(), &without_pets()).await.unwrap();
    let standing = test.service.register_standing();
    assert_eq!((standing.number, standing.file_differs), (1, true), "the difference is said, and the version counts");
    assert!(test.service.register().holds("placement.pets"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_writes_another_decides_and_it_is_in_force_from_its_day() {
    let house = house().await;
    let id = house.draft(&without_pets()).await.unwrap();
    let view = house.desk(&house.officer).register_version(id).await.unwrap();
    assert!(view.may_edit && !view.may_decide && view.against.is_empty() && view.before == Some(1));
    assert_eq!(
        view.changes.iter().map(|of| of.entry.as_str()).collect::<Vec<_>>(),
        ["Where the child lives: pets where the child lives"]
    );
    house.propose(id, IN_A_WEEK).await.unwrap();
    assert_eq!(house.told(&house.manager).await, [NoticeKind::RegisterProposed]);
    assert!(house.desk(&house.manager).register_version(id).await.unwrap().may_decide);
    house.decide(id, true).await.unwrap();
    assert_eq!(house.state(id).await, RegisterState::Approved);
    assert_eq!(refused(house.decide(id, true).await), "register.decided");
    house.test.clock_to(date(2026, 11, 30), 23 * 60 + 59);
    house.test.service.do_waiting_work().await.unwrap();
    assert!(house.pets_are_held(), "until its day what stood before stands");
    // DESIGN: registers are in force from a day, which begins at midnight in London.
    house.test.clock.move_to(instant_ms(IN_A_WEEK, 0));
    house.test.service.do_waiting_work().await.unwrap();
    assert!(!house.pets_are_held());
    assert_eq!(house.state(id).await, RegisterState::InForce);
    let notice = house.test.service.register().privacy_notice(Edition::Standard, "en");
    assert!(notice.remarks.iter().any(|words| words.contains("1 December 2026")), "{:?}", notice.remarks);
    let all = house.desk(&house.officer).register_versions(1).await.unwrap();
    let earlier = all.rows.iter().find(|of| of.number == 1).unwrap();
    assert_eq!(earlier.state, RegisterState::Ended);
    assert!(earlier.body.text.contains("placement.pets"), "an earlier version stays readable");
    assert!(house.told(&house.officer).await.contains(&NoticeKind::RegisterInForce));
    // Another start works by it too, whatever the file says.
    house.test.service.close().await.unwrap();
    let test = TestService::open(house.dir.path()).await.unwrap();
    assert!(!test.service.register().holds("placement.pets"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_decides_what_they_had_a_hand_in_and_no_other_role_writes_or_decides() {
    let house = house().await;
    let id = house.draft(&without_pets()).await.unwrap();
    house.propose(id, TODAY).await.unwrap();
    // Whoever wrote it has become a manager since.
    let moved = Actor::staff(house.officer.id, Role::Manager, "north");
    let moved = house.test.service.desk(moved, Purpose::Accountability);
    assert!(!moved.register_version(id).await.unwrap().may_decide);
    assert_eq!(refused(moved.decide_register_version(id, true, &words("Mine")).await), "register.own");
    for role in Role::STAFF {
        let actor = Actor::staff(AccountId(Uuid::now_v7()), role, "north");
        let desk = house.test.service.desk(actor, Purpose::Accountability);
        if role != Role::Manager {
            let decided = desk.decide_register_version(id, true, &words("Yes")).await;
            assert!(matches!(decided, Err(ServiceError::Forbidden)), "{role:?}");
        }
        if role != Role::DataProtection {
            let other = RegisterVersionId(Uuid::now_v7());
            let begun = desk.begin_register_version(other, &RegisterText::new(REGISTER)).await;
            assert!(matches!(begun, Err(ServiceError::Forbidden)), "{role:?}");
            assert!(matches!(desk.withdraw_register_version(id).await, Err(ServiceError::Forbidden)), "{role:?}");
        }
    }
    assert_eq!(house.state(id).await, RegisterState::Proposed);
    house.decide(id, false).await.unwrap();
    assert_eq!(house.state(id).await, RegisterState::Refused);
    assert!(house.pets_are_held());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_use_cannot_be_dropped_and_it_is_said_which_entry() {
    let house = house().await;
    house.test.accepted_child("use").await.unwrap();
    let text = REGISTER.replacen("\"child.constraints\", ", "", 1);
    let id = house.draft(&text).await.unwrap();
    let view = house.desk(&house.officer).register_version(id).await.unwrap();
    assert_eq!(view.against.iter().map(|of| of.entry.as_str()).collect::<Vec<_>>(), ["items, child.constraints"]);
    assert_eq!(refused(house.propose(id, TODAY).await), "register.contradicts");
    // What is wrong with the text alone is refused where it is written.
    for (text, words) in [
        (
            REGISTER.replacen("code = \"service_delivery\"", "code = \"marketing\"", 1),
            "purpose “marketing” is not known",
        ),
        (REGISTER.replacen("\"child.given_name\", ", "", 1), "“child.given_name” (First names) is missing"),
        (REGISTER.replacen("[settings]", "[settings", 1), "Line "),
    ] {
        let version = house.desk(&house.officer).register_version(id).await.unwrap().version.version;
        let saved = house.desk(&house.officer).save_register_version(id, version, &RegisterText::new(&text)).await;
        let Err(ServiceError::Invalid(problems)) = saved else { panic!("{words}") };
        assert!(problems.iter().any(|of| of.field == "register" && of.message.contains(words)), "{problems:?}");
    }
    // Nothing changes when nothing is said otherwise.
    let version = house.desk(&house.officer).register_version(id).await.unwrap().version.version;
    house.desk(&house.officer).save_register_version(id, version, &RegisterText::new(REGISTER)).await.unwrap();
    assert_eq!(refused(house.propose(id, TODAY).await), "register.no_difference");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_destroyed_speaks_against_no_version() {
    let house = house().await;
    let case = house.test.accepted_child("gone").await.unwrap();
    house.test.destroyed(case.child).await.unwrap();
    let id = house.draft(&without_pets().replacen("name = \"", "name = \"The ", 1)).await.unwrap();
    let against = house.desk(&house.officer).register_version(id).await.unwrap().against;
    assert!(!against.iter().any(|of| of.entry.starts_with("areas")), "its area is no code of a register");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_into_use_since_it_was_approved_stops_it_on_its_day() {
    let house = house().await;
    let text = REGISTER.replacen("\"child.constraints\", ", "", 1);
    let id = house.draft(&text).await.unwrap();
    house.propose(id, IN_A_WEEK).await.unwrap();
    house.decide(id, true).await.unwrap();
    house.test.accepted_child("since").await.unwrap();
    house.test.clock_to(IN_A_WEEK, 8 * 60);
    house.test.service.do_waiting_work().await.unwrap();
    let version = house.desk(&house.officer).register_version(id).await.unwrap().version;
    assert_eq!(version.state, RegisterState::Stopped);
    assert!(version.body.stopped[0].starts_with("items, child.constraints: "), "{:?}", version.body.stopped);
    assert!(house.test.service.register().holds("child.constraints"));
    for who in [&house.officer, &house.manager] {
        assert!(house.told(who).await.contains(&NoticeKind::RegisterStopped));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_server_put_in_force_counts_before_anything_is_stored() {
    // UK GDPR Art 5(1)(b): from its day nothing is stored by what stood before.
    let house = house().await;
    let text = RegisterText::new(&REGISTER.replacen("\"child.constraints\", ", "", 1));
    let (text, now_ms) = (&text, house.test.service.now_ms());
    let elsewhere = house.test.service.own_desk(Purpose::Accountability);
    elsewhere
        .change("test.elsewhere", |work| async move {
            let mut before = work.register_in_force().await?.expect("the first");
            before.state = RegisterState::Ended;
            work.save_register_version(&mut before).await?;
            let mut row = RegisterVersion {
                id: RegisterVersionId(Uuid::now_v7()),
                version: 0,
                number: 0,
                author: None,
                state: RegisterState::InForce,
                created_ms: now_ms,
                from_day: None,
                body: RegisterBody::new(text, None),
            };
            Ok(work.insert_register_version(&mut row).await?)
        })
        .await
        .unwrap();
    assert!(house.test.service.register().holds("child.constraints"), "this process has not heard of it");
    assert_eq!(refused(house.test.accepted_child("late").await), "item.not_registered");
    assert_eq!(house.test.service.register_number(), 2);
    assert!(!house.test.service.register().holds("child.constraints"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_are_never_on_their_way_and_what_is_withdrawn_makes_room() {
    let house = house().await;
    let id = house.draft(&without_pets()).await.unwrap();
    // Sent twice it is begun once.
    let again = house.desk(&house.officer).begin_register_version(id, &RegisterText::new(REGISTER)).await;
    assert!(again.is_ok());
    assert_eq!(refused(house.draft(REGISTER).await), "register.one_at_a_time");
    house.propose(id, IN_A_WEEK).await.unwrap();
    house.decide(id, true).await.unwrap();
    house.desk(&house.officer).withdraw_register_version(id).await.unwrap();
    assert_eq!(refused(house.desk(&house.officer).withdraw_register_version(id).await), "register.not_open");
    let other = house.draft(&without_pets()).await.unwrap();
    house.test.clock_to(IN_A_WEEK, 8 * 60);
    house.test.service.do_waiting_work().await.unwrap();
    assert_eq!(house.state(id).await, RegisterState::Withdrawn);
    assert_eq!(house.state(other).await, RegisterState::Draft);
    let late = house.desk(&house.officer).save_register_version(other, 7, &RegisterText::new(REGISTER)).await;
    assert!(matches!(late, Err(ServiceError::Invalid(_))), "a colleague saved meanwhile");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_day_is_past_is_in_force_from_the_decision() {
    let house = house().await;
    let id = house.draft(&without_pets()).await.unwrap();
    house.propose(id, TODAY).await.unwrap();
    house.test.clock_to(IN_A_WEEK, 9 * 60);
    house.decide(id, true).await.unwrap();
    assert!(!house.pets_are_held());
    assert_eq!(house.test.service.register().in_force_since(), Some(IN_A_WEEK), "never from before it was approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn processors_and_measures_stand_in_the_record_of_processing() {
    // UK GDPR Art 30(1)(d), (e) and (g).
    let more = "[[processors]]\nname = \"Quayside Translation\"\ndoes = \"Translates agreements\"\nplace = \"Canada\"\n\
                contract = \"CT-9\"\ntransfer = \"Canada, adequacy regulations\"\n\n[opening]";
    let register = Register::parse(Path::new("kith.toml"), &REGISTER.replacen("[opening]", more, 1)).unwrap();
    let record = register.record_of_processing().plain(false).to_string();
    for words in [
        "Quayside Translation",
        "Translates agreements. Canada (Canada, adequacy regulations). Contract CT-9",
        "Quayside Translation: Canada, adequacy regulations",
        "Five Arches Hosting",
        "Only those who work with a child read the child’s file",
        "People of the authority",
    ] {
        assert!(record.contains(words), "{words}: {record}");
    }
    let facts = register.impact_facts().plain(false).to_string();
    assert!(facts.contains("Quayside Translation") && facts.contains("Security measures"), "{facts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_notice_said_on_a_day_can_be_read_of_the_versions_that_are_held() {
    // UK GDPR Art 5(2), "able to demonstrate compliance"; Art 13(1)(c): what somebody was told when they were told.
    let house = house().await;
    let id = house.draft(&without_pets()).await.unwrap();
    house.propose(id, IN_A_WEEK).await.unwrap();
    house.decide(id, true).await.unwrap();
    house.test.clock.move_to(instant_ms(IN_A_WEEK, 9 * 60));
    house.test.service.do_waiting_work().await.unwrap();
    house.draft(REGISTER).await.unwrap();
    let held = async |which| house.test.service.held_version(which).await.unwrap().map(|of| (of.number, of.state));
    for (which, number) in [
        (WhichVersion::Number(1), Some((1, RegisterState::Ended))),
        (WhichVersion::Number(2), Some((2, RegisterState::InForce))),
        // One that was never in force is printed when it is named, and stood on no day.
        (WhichVersion::Number(3), Some((3, RegisterState::Draft))),
        (WhichVersion::Number(4), None),
        // The first holds since the day that the file says.
        (WhichVersion::On(date(2025, 12, 31)), None),
        (WhichVersion::On(date(2026, 1, 1)), Some((1, RegisterState::Ended))),
        (WhichVersion::On(date(2026, 11, 30)), Some((1, RegisterState::Ended))),
        (WhichVersion::On(IN_A_WEEK), Some((2, RegisterState::InForce))),
        (WhichVersion::On(date(2030, 1, 1)), Some((2, RegisterState::InForce))),
    ] {
        assert_eq!(held(which).await, number, "{which:?}");
    }
    let then = house.test.service.held_version(WhichVersion::On(TODAY)).await.unwrap().unwrap().register;
    assert!(then.holds("placement.pets") && !house.pets_are_held());
}
