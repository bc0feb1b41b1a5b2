//! Who sees a file: allocated, covered, given away, refused; what happens to it when its social worker leaves.

mod family_refused;

use jiff::civil::date;
use kith_domain::access::{Capacity, Purpose, Role};
use kith_domain::account::{AccountFacts, CloseAccount, Waits};
use kith_domain::allocation::{ChangeWorker, Cover, HandOver, Refuse, WhyRefused};
use kith_domain::form::Fields;
use kith_domain::ids::AllocationId;
use kith_store::Allocation;
use uuid::Uuid;

use crate::testing::{Colleague, Ground, TestService};
use crate::{Desk, ServiceError};

struct Team {
    test: TestService,
    ground: Ground,
    other: Colleague,
    admin: Colleague,
    _dir: tempfile::TempDir,
}

async fn case() -> Team {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let ground = test.ground("").await.unwrap();
    let other = test.colleague(Role::SocialWorker, "north", "wanda").await.unwrap();
    let admin = test.colleague(Role::Administrator, "", "admin.one").await.unwrap();
    Team { test, ground, other, admin, _dir: dir }
}

impl Team {
    fn desk(&self, who: &Colleague) -> Desk {
        self.test.at_work(who)
    }
    fn keeper(&self) -> Desk {
        self.test.desk(&self.admin, Purpose::Administration)
    }
    /// Whether somebody reads the file; the list, the count and the search say the same.
    async fn sees(&self, who: &Colleague) -> bool {
        let desk = self.desk(who);
        let one = desk.file(self.ground.child).await.is_ok();
        let list = desk.my_files(None, 1).await.unwrap();
        assert_eq!(list.rows.iter().any(|listed| listed.child.id == self.ground.child), one, "the list");
        assert_eq!(list.total, usize::from(one), "the count");
        let holder = desk.look().child(self.ground.child).await.map(|child| child.social_worker).ok();
        for worker in holder.into_iter().chain([self.admin.id]) {
            let theirs = desk.my_files(Some(worker), 1).await.unwrap().total;
            assert_eq!(theirs, usize::from(one && Some(worker) == holder), "of one social worker");
        }
        one
    }
    async fn kinds(&self, who: &Colleague) -> Vec<&'static str> {
        self.desk(who).notices().await.unwrap().into_iter().map(|notice| notice.kind.code()).collect()
    }
}

fn code<T>(result: Result<T, ServiceError>) -> String {
    match result {
        Err(ServiceError::Refused(refusal)) => refusal.code.to_owned(),
        Err(ServiceError::Invalid(problems)) => problems.into_iter().map(|problem| problem.field).collect(),
        Err(ServiceError::NotFound) => "not_found".into(),
        Err(ServiceError::Forbidden) => "forbidden".into(),
        Err(error) => format!("{error:?}"),
        Ok(_) => "done".into(),
    }
}

fn to(who: &Colleague, reason: &str) -> ChangeWorker {
    ChangeWorker { to: who.id, reason: reason.into() }
}

#[tokio::test]
async fn a_file_given_to_another_is_seen_by_them_and_no_more_by_who_had_it() {
    let c = case().await;
    let (child, coordinator) = (c.ground.child, c.desk(&c.ground.coordinator));
    assert!(c.sees(&c.ground.worker).await && !c.sees(&c.other).await);
    assert_eq!(code(c.desk(&c.ground.worker).change_social_worker(child, &to(&c.other, "x")).await), "not_found");
    assert_eq!(code(coordinator.change_social_worker(child, &to(&c.ground.supervisor, "x")).await), "to");

    coordinator.change_social_worker(child, &to(&c.other, "Will moves to the duty team")).await.unwrap();
    coordinator.change_social_worker(child, &to(&c.other, "Will moves to the duty team")).await.unwrap();
    assert!(!c.sees(&c.ground.worker).await && c.sees(&c.other).await);
    assert_eq!(c.kinds(&c.other).await, ["file.allocated"], "told once");
    let all = coordinator.allocations(child).await.unwrap();
    let line = |of: &Allocation| (of.account, of.ended_ms.is_some(), of.created_by, of.reason.clone());
    let reason = Some("Will moves to the duty team".to_owned());
    assert_eq!(line(&all[0]), (c.other.id, false, Some(c.ground.coordinator.id), reason));
    assert_eq!((all[1].account, all[1].ended_ms.is_some(), all.len()), (c.ground.worker.id, true, 2));
}

#[tokio::test]
async fn who_covers_sees_the_files_from_the_first_day_to_the_last() {
    let c = case().await;
    let manager = c.desk(&c.ground.manager);
    let worker = c.ground.worker.id;
    let cover = |from, until| Cover { by: c.other.id, from, until, reason: "Leave".into() };
    let (first, last) = (date(2026, 11, 26), date(2026, 11, 27));
    let own = Cover { by: worker, ..cover(first, last) };
    assert_eq!(code(manager.cover(worker, &own).await), "by");
    assert_eq!(code(c.desk(&c.other).cover(worker, &cover(first, last)).await), "forbidden");
    for _ in 0..2 {
        assert_eq!(manager.cover(worker, &cover(first, last)).await.unwrap(), 1);
    }
    assert_eq!(manager.allocations(c.ground.child).await.unwrap().len(), 2, "sent twice is one cover");
    assert!(c.kinds(&c.other).await.contains(&"file.covered"));
    let mut seen = Vec::new();
    for (day, minute) in [(25, 1_439), (26, 0), (27, 1_439), (28, 0)] {
        c.test.clock_to(date(2026, 11, day), minute);
        seen.push(c.sees(&c.other).await);
        assert!(c.sees(&c.ground.worker).await, "whose file it is keeps it");
    }
    assert_eq!(seen, [false, true, true, false]);
}

#[tokio::test]
async fn who_is_refused_sees_nothing_of_it_whatever_their_role() {
    let c = case().await;
    let manager = &c.ground.manager;
    assert!(c.sees(manager).await);
    let program = &c.test.service.own_desk(Purpose::ServiceDelivery);
    let refused = &Allocation {
        id: AllocationId(Uuid::now_v7()),
        child: c.ground.child,
        account: manager.id,
        capacity: Capacity::Refused,
        from_ms: c.test.service.now_ms(),
        until_ms: None,
        created_ms: c.test.service.now_ms(),
        created_by: None,
        reason: Some("An aunt of the child".into()),
        ended_ms: None,
    };
    program.change("test.refused", |work| async move { Ok(work.allocate(refused).await?) }).await.unwrap();
    assert!(!c.sees(manager).await && c.sees(&c.ground.coordinator).await);
}

#[tokio::test]
async fn an_allocation_that_ends_between_the_look_and_the_commit_refuses() {
    let c = case().await;
    let (child, worker) = (c.ground.child, c.desk(&c.ground.coordinator));
    let scope = worker.allow_file("plan.write", child).await.unwrap();
    assert_eq!(scope.child, child);
    // Meanwhile the coordinator is shut out of the file.
    let program = &c.test.service.own_desk(Purpose::ServiceDelivery);
    let refused = &Allocation {
        id: AllocationId(Uuid::now_v7()),
        child,
        account: c.ground.coordinator.id,
        capacity: Capacity::Refused,
        from_ms: c.test.service.now_ms(),
        until_ms: None,
        created_ms: c.test.service.now_ms(),
        created_by: None,
        reason: None,
        ended_ms: None,
    };
    program.change("test.refused", |work| async move { Ok(work.allocate(refused).await?) }).await.unwrap();
    let changed = worker
        .change("test.change", |work| async move {
            work.changed("child", child.0, 1);
            Ok(())
        })
        .await;
    assert_eq!(code(changed), "not_found");
}

fn all_to(kind: Waits, who: &Colleague) -> CloseAccount {
    CloseAccount { all: [(kind, who.id)].into(), ..CloseAccount::default() }
}

#[tokio::test]
async fn a_social_worker_who_leaves_leaves_no_file_to_nobody_unsaid() {
    let c = case().await;
    let (keeper, worker) = (c.keeper(), c.ground.worker.id);
    let waits = keeper.waits_for(worker).await.unwrap();
    assert_eq!(waits.0.iter().map(|of| (of.kind, of.id)).collect::<Vec<_>>(), [(Waits::Files, c.ground.child.0)]);
    let wrong = all_to(Waits::Files, &c.ground.supervisor);
    assert_eq!(code(keeper.close_account(worker, &wrong).await), "to-files");
    let own = all_to(Waits::Files, &c.ground.worker);
    assert_eq!(code(keeper.close_account(worker, &own).await), "to-files");

    keeper.close_account(worker, &CloseAccount::default()).await.unwrap();
    assert_eq!(c.kinds(&c.ground.coordinator).await, ["file.without_worker"]);
    assert_eq!(c.kinds(&c.ground.manager).await, ["file.without_worker", "account.closed"]);
    let view = c.desk(&c.ground.coordinator).file(c.ground.child).await.unwrap();
    assert!(view.social_worker.contains("has left"), "{}", view.social_worker);
    let workers = c.desk(&c.ground.manager).workers().await.unwrap();
    assert!(!workers[0].card.active && workers[0].files == 1, "who has left stands first, with the file");

    // Somebody takes it, and a closed account takes nothing.
    let coordinator = c.desk(&c.ground.coordinator);
    assert_eq!(code(coordinator.change_social_worker(c.ground.child, &to(&c.ground.worker, "back")).await), "to");
    coordinator.change_social_worker(c.ground.child, &to(&c.other, "Will has left")).await.unwrap();
    assert_eq!(code(keeper.close_account(c.other.id, &all_to(Waits::Files, &c.other)).await), "to-files");
}

#[tokio::test]
async fn files_of_who_leaves_go_to_whom_is_said() {
    let c = case().await;
    // One choice for all, another for a single one.
    let single =
        CloseAccount { each: [(c.ground.child.0, c.other.id)].into(), ..all_to(Waits::Files, &c.ground.supervisor) };
    c.keeper().close_account(c.ground.worker.id, &single).await.unwrap();
    assert!(c.sees(&c.other).await);
    assert!(!c.kinds(&c.ground.coordinator).await.contains(&"file.without_worker"));
    assert!(matches!(c.desk(&c.ground.worker).file(c.ground.child).await, Err(ServiceError::NotFound)));
}

#[tokio::test]
async fn an_account_is_not_closed_in_the_middle_of_its_own_session_unless_somebody_stands_in() {
    let c = case().await;
    let session = c.test.started(&c.ground).await.unwrap();
    let (keeper, supervisor) = (c.keeper(), c.ground.supervisor.id);
    assert_eq!(keeper.waits_for(supervisor).await.unwrap().of(Waits::InCourse).count(), 1);
    assert_eq!(code(keeper.close_account(supervisor, &CloseAccount::default()).await), "to-in_course");
    keeper.close_account(supervisor, &all_to(Waits::InCourse, &c.ground.second)).await.unwrap();
    let view = c.desk(&c.ground.manager).session(session).await.unwrap();
    assert_eq!(view.session.supervisor, c.ground.second.id);
    assert!(c.kinds(&c.ground.second).await.contains(&"session.stood_in"));
    let waits = keeper.waits_for(c.ground.second.id).await.unwrap();
    assert_eq!(waits.0.len(), 1, "the session in course, and its record with it: {waits:?}");
}

#[tokio::test]
async fn an_account_is_closed_during_its_session_all_the_same_when_it_cannot_wait() {
    let c = case().await;
    c.test.started(&c.ground).await.unwrap();
    let anyway = CloseAccount { during_session: true, ..CloseAccount::default() };
    c.keeper().close_account(c.ground.supervisor.id, &anyway).await.unwrap();
    for who in [&c.ground.manager, &c.ground.coordinator] {
        assert!(c.kinds(who).await.contains(&"session.flagged"));
    }
}

#[tokio::test]
async fn a_supervisor_s_sessions_go_to_who_is_free_and_are_marked_otherwise() {
    let c = case().await;
    let day = date(2026, 11, 26);
    let body = kith_domain::session::SessionBody::default;
    let state = kith_domain::session::SessionState::Planned;
    let first = c.test.stands(&c.ground, day, state, body()).await.unwrap();
    let second = c.test.stands(&c.ground, date(2026, 12, 3), state, body()).await.unwrap();
    let keeper = c.keeper();
    let one = CloseAccount { each: [(first.0, c.ground.second.id)].into(), ..CloseAccount::default() };
    keeper.close_account(c.ground.supervisor.id, &one).await.unwrap();
    let manager = c.desk(&c.ground.manager);
    let (given, left) = (manager.session(first).await.unwrap().session, manager.session(second).await.unwrap().session);
    assert_eq!((given.supervisor, given.flagged), (c.ground.second.id, None));
    assert_eq!((left.supervisor, left.flagged.as_deref()), (c.ground.supervisor.id, Some("supervisor_gone")));
    assert!(c.kinds(&c.ground.coordinator).await.contains(&"session.flagged"));
}

#[tokio::test]
async fn an_assessment_and_a_draft_report_of_who_leaves_go_on_with_a_colleague() {
    let c = case().await;
    let second = c.test.colleague(Role::Coordinator, "north", "ceri").await.unwrap();
    let person = c.desk(&c.ground.coordinator).file(c.ground.child).await.unwrap().family[0].person.id;
    let assessing = |who: &Colleague| c.test.desk(who, Purpose::Assessment);
    let reporting = |who: &Colleague| c.test.desk(who, Purpose::OfficialReporting);
    let assessment = kith_domain::ids::AssessmentId(Uuid::now_v7());
    assessing(&c.ground.coordinator).begin_assessment(c.ground.child, person, assessment).await.unwrap();
    let report = kith_domain::ids::ReportId(Uuid::now_v7());
    let period: Fields = [("from", "2026-11-01"), ("to", "2026-11-20")].into_iter().collect();
    let period = kith_domain::report::ReportFacts::read(&period, date(2026, 11, 24)).unwrap();
    reporting(&c.ground.coordinator).begin_report(c.ground.child, report, period).await.unwrap();
    let here = assessing(&second).take_assessment(assessment).await;
    assert_eq!(code(here), "risk.author_here");

    let keeper = c.keeper();
    let kinds = |waits: crate::account::WaitsFor| waits.0.into_iter().map(|of| of.kind).collect::<Vec<_>>();
    let waits = keeper.waits_for(c.ground.coordinator.id).await.unwrap();
    assert_eq!(kinds(waits), [Waits::Assessments, Waits::Reports]);
    keeper.close_account(c.ground.coordinator.id, &all_to(Waits::Reports, &second)).await.unwrap();
    assert!(reporting(&second).report(report).await.unwrap().may_edit);
    assert!(c.kinds(&c.ground.manager).await.contains(&"assessment.left"));
    assert!(assessing(&second).assessment(assessment).await.unwrap().may_take_over);
    assessing(&second).take_assessment(assessment).await.unwrap();
    let view = assessing(&second).assessment(assessment).await.unwrap();
    assert!(view.may_edit && !view.may_take_over);
    assert_eq!(view.assessment.body.taken_over[0].from, c.ground.coordinator.id);
}

#[tokio::test]
async fn a_referral_goes_on_with_who_takes_its_file_and_is_verified_by_who_goes_on() {
    let c = case().await;
    let family = [1, 2, 3].map(|_| kith_domain::ids::PersonId(Uuid::now_v7()));
    let referral = c.test.sent_referral(&c.ground.worker, family).await.unwrap();
    let kinds = |waits: crate::account::WaitsFor| waits.0.into_iter().map(|of| of.kind).collect::<Vec<_>>();
    let waits = c.keeper().waits_for(c.ground.worker.id).await.unwrap();
    let mut theirs = kinds(waits);
    theirs.sort_unstable();
    assert_eq!(theirs, [Waits::Files, Waits::Files, Waits::Referrals]);
    c.keeper().close_account(c.ground.worker.id, &all_to(Waits::Files, &c.other)).await.unwrap();
    let coordinator = c.desk(&c.ground.coordinator);
    coordinator.begin_verification(referral).await.unwrap();
    let view = coordinator.verification(referral).await.unwrap();
    assert_eq!(view.directory.map(|card| card.id), Some(c.other.id), "who has the child now is phoned");
    let waits = c.keeper().waits_for(c.ground.coordinator.id).await.unwrap();
    assert_eq!(kinds(waits), [Waits::Verifications]);
    c.keeper().close_account(c.ground.coordinator.id, &CloseAccount::default()).await.unwrap();
}

#[tokio::test]
async fn many_files_are_handed_over_at_once_or_none() {
    let c = case().await;
    let manager = c.desk(&c.ground.manager);
    let of = manager.files_of(c.ground.worker.id).await.unwrap();
    assert_eq!(of.files.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [c.ground.child]);
    let change = ChangeWorker { to: c.other.id, reason: "Will moves to another team".into() };
    let hand_over = |files| HandOver { files, change: change.clone() };
    let strange = hand_over(vec![c.ground.child, kith_domain::ids::ChildId(Uuid::now_v7())]);
    assert_eq!(code(manager.hand_over(c.ground.worker.id, &strange).await), "file.given_meanwhile");
    assert!(c.sees(&c.ground.worker).await, "nothing was given");
    let far = c.test.colleague(Role::Manager, "south", "far").await.unwrap();
    let theirs = c.desk(&far).hand_over(c.ground.worker.id, &hand_over(vec![c.ground.child])).await;
    assert_eq!(code(theirs), "file.given_meanwhile", "a manager of another area gives nothing of this one");
    assert_eq!(manager.hand_over(c.ground.worker.id, &hand_over(vec![c.ground.child])).await.unwrap(), 1);
    assert!(c.sees(&c.other).await && !c.sees(&c.ground.worker).await);
}

#[tokio::test]
async fn who_says_that_they_are_related_sees_nothing_and_somebody_is_told() {
    let c = case().await;
    let child = c.ground.child;
    let refuse = |who: &Colleague| Refuse { who: who.id, why: WhyRefused::Related, words: "Her aunt".into() };
    // Nobody says it of somebody else who does not allocate.
    assert_eq!(code(c.desk(&c.ground.worker).refuse_file(child, &refuse(&c.ground.supervisor)).await), "not_found");
    c.desk(&c.ground.worker).refuse_file(child, &refuse(&c.ground.worker)).await.unwrap();
    assert!(!c.sees(&c.ground.worker).await);
    assert!(c.kinds(&c.ground.coordinator).await.contains(&"file.without_worker"));
    assert!(c.kinds(&c.ground.manager).await.contains(&"file.refused"));
    let manager = c.desk(&c.ground.manager);
    let view = manager.file(child).await.unwrap();
    assert!(view.social_worker.contains("must not have it: nobody has this file"), "{}", view.social_worker);

    // It is given to somebody else, and never back unsaid.
    manager.change_social_worker(child, &to(&c.other, "Will is related")).await.unwrap();
    assert_eq!(code(manager.change_social_worker(child, &to(&c.ground.worker, "back")).await), "to");
    let all = manager.allocations(child).await.unwrap();
    let refusal = all.iter().find(|of| of.capacity == Capacity::Refused).unwrap();
    assert!(refusal.reason.as_deref().is_some_and(|reason| reason.ends_with("Her aunt")));
    for _ in 0..2 {
        manager.lift_refusal(child, refusal.id).await.unwrap();
    }
    manager.change_social_worker(child, &to(&c.ground.worker, "It was a mistake")).await.unwrap();
    assert!(c.sees(&c.ground.worker).await);
}

#[tokio::test]
async fn who_may_and_what_is_read_are_of_one_moment() {
    let c = case().await;
    let (child, worker) = (c.ground.child, c.desk(&c.ground.worker));
    let (look, scope) = worker.look_into_file("file.read", child).await.unwrap();
    assert_eq!(scope.social_worker, c.ground.worker.id);
    // Meanwhile the file is given to somebody else: what is read is what the permission was given for.
    c.desk(&c.ground.manager).change_social_worker(child, &to(&c.other, "Moves")).await.unwrap();
    assert_eq!(look.child(child).await.unwrap().social_worker, c.ground.worker.id);
    assert_eq!(look.allocations_of(child).await.unwrap().len(), 1);
    look.done("file.read", c.test.service.now_ms()).await.unwrap();
    assert_eq!(code(worker.look_into_file("file.read", child).await.map(|_| ())), "not_found");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let c = case().await;
    let second = c.test.colleague(Role::Administrator, "", "admin.two").await.unwrap();
    let theirs = c.test.desk(&second, Purpose::Administration);
    assert_eq!(code(c.keeper().close_account(c.admin.id, &CloseAccount::default()).await), "account.own");
    c.keeper().close_account(second.id, &CloseAccount::default()).await.unwrap();
    // Each closed the other at the same moment: the second is too late.
    let late = theirs.close_account(c.admin.id, &CloseAccount::default()).await;
    assert_eq!(code(late), "account.last_administrator");
}

#[tokio::test]
async fn an_account_is_corrected_and_its_phone_is_a_phone_number() {
    let c = case().await;
    let keeper = c.keeper();
    let typed = |phone: &str, role: &str| {
        let fields: Fields = [
            ("name", "Will Ashe"),
            ("login", "will"),
            ("role", role),
            ("area", "north"),
            ("phone", phone),
            ("email", "will@nenedale.example"),
        ]
        .into_iter()
        .collect();
        AccountFacts::read(&fields, &["north"])
    };
    let read = |phone: &str, role: &str| typed(phone, role).unwrap_or_else(|_| panic!("read"));
    let id = c.ground.worker.id;
    let version = keeper.account(id).await.unwrap().version;
    assert_eq!(typed("abc", "social_worker").err().unwrap()[0].field, "phone");
    let moved = keeper.correct_account(id, version, &read("01632 960 044", "coordinator")).await;
    assert_eq!(code(moved), "account.in_use", "a file waits for the social worker");
    keeper.correct_account(id, version, &read("01632 960 044", "social_worker")).await.unwrap();
    assert_eq!(c.test.service.card(id).map(|card| card.phone).as_deref(), Some("01632 960 044"));
    let stale = keeper.correct_account(id, version, &read("01632 960 045", "social_worker")).await;
    assert_eq!(code(stale), "account.changed_since");
}
