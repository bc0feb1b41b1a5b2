//! Who sees a file: allocated, covered, given away, refused; what happens to it when its social worker leaves.

use jiff::civil::date;
use kith_domain::access::{Capacity, Purpose, Role};
use kith_domain::form::Fields;
use kith_domain::ids::AllocationId;
use kith_store::Allocation;
use uuid::Uuid;

use super::{ChangeWorker, Cover};
use crate::account::CloseAccount;
use crate::testing::{Colleague, Ground, TestService};
use crate::{Desk, ServiceError};

struct Case {
    test: TestService,
    ground: Ground,
    other: Colleague,
    admin: Colleague,
    _dir: tempfile::TempDir,
}

async fn case() -> Case {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let ground = test.ground("").await.unwrap();
    let other = test.colleague(Role::SocialWorker, "north", "wanda").await.unwrap();
    let admin = test.colleague(Role::Administrator, "", "admin.one").await.unwrap();
    Case { test, ground, other, admin, _dir: dir }
}

impl Case {
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
        let list = desk.my_files(1).await.unwrap();
        assert_eq!(list.rows.iter().any(|listed| listed.child.id == self.ground.child), one, "the list");
        assert_eq!(list.total, usize::from(one), "the count");
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
    assert_eq!(code(coordinator.change_social_worker(child, &to(&c.other, " ")).await), "reason");
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
    let cover = |from, until| Cover { worker: c.ground.worker.id, by: c.other.id, from, until, reason: "Leave".into() };
    let (first, last) = (date(2026, 11, 26), date(2026, 11, 27));
    assert_eq!(code(manager.cover(&cover(last, first)).await), "until");
    assert_eq!(code(manager.cover(&cover(date(2026, 11, 1), date(2026, 11, 2))).await), "until");
    let own = Cover { by: c.ground.worker.id, ..cover(first, last) };
    assert_eq!(code(manager.cover(&own).await), "by");
    assert_eq!(code(c.desk(&c.other).cover(&cover(first, last)).await), "forbidden");
    assert_eq!(manager.cover(&cover(first, last)).await.unwrap(), 1);
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

#[tokio::test]
async fn a_social_worker_who_leaves_leaves_no_file_to_nobody_unsaid() {
    let c = case().await;
    let (keeper, worker) = (c.keeper(), c.ground.worker.id);
    let waits = keeper.waits_for(worker).await.unwrap();
    assert_eq!((waits.files.as_slice(), waits.to_come, waits.records), ([c.ground.child].as_slice(), 0, 0));
    let wrong = CloseAccount { to: Some(c.ground.supervisor.id), ..CloseAccount::default() };
    assert_eq!(code(keeper.close_account(worker, &wrong).await), "to");
    let own = CloseAccount { to: Some(worker), ..CloseAccount::default() };
    assert_eq!(code(keeper.close_account(worker, &own).await), "to");

    keeper.close_account(worker, &CloseAccount::default()).await.unwrap();
    for who in [&c.ground.coordinator, &c.ground.manager] {
        assert_eq!(c.kinds(who).await, ["file.without_worker"]);
    }
    let view = c.desk(&c.ground.coordinator).file(c.ground.child).await.unwrap();
    assert!(view.social_worker.contains("has left"), "{}", view.social_worker);

    // Somebody takes it, and a closed account takes nothing.
    let coordinator = c.desk(&c.ground.coordinator);
    assert_eq!(code(coordinator.change_social_worker(c.ground.child, &to(&c.ground.worker, "back")).await), "to");
    coordinator.change_social_worker(c.ground.child, &to(&c.other, "Will has left")).await.unwrap();
    let all = CloseAccount { to: Some(c.other.id), ..CloseAccount::default() };
    assert_eq!(code(keeper.close_account(c.other.id, &all).await), "to", "not to who leaves");
}

#[tokio::test]
async fn files_of_who_leaves_go_to_whom_is_said() {
    let c = case().await;
    let all = CloseAccount { to: Some(c.other.id), ..CloseAccount::default() };
    c.keeper().close_account(c.ground.worker.id, &all).await.unwrap();
    assert!(c.sees(&c.other).await);
    assert!(!c.kinds(&c.ground.coordinator).await.contains(&"file.without_worker"));
    assert!(matches!(c.desk(&c.ground.worker).file(c.ground.child).await, Err(ServiceError::NotFound)));
}

#[tokio::test]
async fn an_account_is_not_closed_in_the_middle_of_its_own_session_unsaid() {
    let c = case().await;
    c.test.started(&c.ground).await.unwrap();
    let (keeper, supervisor) = (c.keeper(), c.ground.supervisor.id);
    assert!(keeper.waits_for(supervisor).await.unwrap().under_way.is_some());
    assert_eq!(code(keeper.close_account(supervisor, &CloseAccount::default()).await), "account.in_session");
    let anyway = CloseAccount { during_session: true, ..CloseAccount::default() };
    keeper.close_account(supervisor, &anyway).await.unwrap();
    assert!(c.kinds(&c.ground.manager).await.contains(&"record.left"), "the record is nobody’s now");
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
    let typed = |phone: &str, role: &str| -> Fields {
        [
            ("name", "Will Ashe"),
            ("login", "will"),
            ("role", role),
            ("area", "north"),
            ("phone", phone),
            ("email", "will@nenedale.example"),
        ]
        .into_iter()
        .collect()
    };
    let id = c.ground.worker.id;
    let version = keeper.account(id).await.unwrap().version;
    assert_eq!(code(keeper.correct_account(id, version, &typed("abc", "social_worker")).await), "phone");
    let moved = keeper.correct_account(id, version, &typed("01632 960 044", "coordinator")).await;
    assert_eq!(code(moved), "account.in_use", "a file waits for the social worker");
    keeper.correct_account(id, version, &typed("01632 960 044", "social_worker")).await.unwrap();
    assert_eq!(c.test.service.card(id).map(|card| card.phone).as_deref(), Some("01632 960 044"));
    let stale = keeper.correct_account(id, version, &typed("01632 960 045", "social_worker")).await;
    assert_eq!(code(stale), "account.changed_since");
}
