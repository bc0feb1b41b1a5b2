//! What cannot wait is told to somebody else when nobody reads it (handbook section 9: "manager and social worker the same day").

use jiff::civil::{Date, date};
use kith_domain::access::Role;
use kith_domain::allocation::Cover;
use kith_domain::ids::EntryId;
use kith_domain::notice::NoticeKind;
use kith_domain::record::sheet::Raised;
use kith_domain::record::{Concern, ConcernKind};
use uuid::Uuid;

use crate::Desk;
use crate::testing::{Colleague, Ground, TestService};

const THURSDAY: Date = date(2026, 11, 26);

struct House {
    test: TestService,
    ground: Ground,
    session: Uuid,
    _dir: tempfile::TempDir,
}

/// A session, and the time is Thursday, ten o'clock.
async fn house() -> House {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let ground = test.ground("").await.unwrap();
    let session = test.confirmed(&ground).await.unwrap().0;
    test.clock_to(THURSDAY, 600);
    House { test, ground, session, _dir: dir }
}

impl House {
    fn desk(&self, who: &Colleague) -> Desk {
        self.test.at_work(who)
    }

    async fn told(&self, whom: &[&Colleague], kind: NoticeKind, subject: Uuid) {
        let desk = self.desk(&self.ground.supervisor);
        let whom: Vec<_> = whom.iter().map(|who| who.id).collect();
        let told = desk.change("test.told", |work| {
            let (desk, whom) = (desk.clone(), whom.clone());
            async move { desk.tell(&work, whom, kind, subject).await }
        });
        told.await.unwrap();
    }

    async fn at(&self, day: Date, minute: i64) {
        self.test.clock_to(day, minute);
        while self.test.service.do_waiting_work().await.unwrap() > 0 {}
    }

    /// How often somebody was told that nobody had read it.
    async fn unread(&self, who: &Colleague) -> usize {
        let notices = self.desk(who).notices().await.unwrap();
        notices.iter().filter(|notice| notice.kind.code().starts_with("unread.")).count()
    }
}

#[tokio::test]
async fn a_concern_that_nobody_reads_for_four_opening_hours_is_told_to_the_manager_once() {
    let h = house().await;
    h.told(&[&h.ground.worker], NoticeKind::ConcernRaised, h.session).await;
    h.at(THURSDAY, 839).await;
    assert_eq!(h.unread(&h.ground.manager).await, 0, "a minute before two");
    h.at(THURSDAY, 840).await;
    assert_eq!(h.unread(&h.ground.manager).await, 1);
    h.at(date(2026, 11, 30), 600).await;
    assert_eq!(h.unread(&h.ground.manager).await, 1, "and never again");
    assert_eq!(h.unread(&h.ground.worker).await, 0);
}

#[tokio::test]
async fn who_put_it_away_or_opened_it_has_read_it() {
    let h = house().await;
    h.told(&[&h.ground.worker, &h.ground.coordinator], NoticeKind::SessionRefused, h.session).await;
    h.desk(&h.ground.coordinator).session(kith_domain::ids::SessionId(h.session)).await.unwrap();
    h.at(date(2026, 11, 27), 600).await;
    assert_eq!(h.unread(&h.ground.manager).await, 0, "one of those who were told opened it");

    h.told(&[&h.ground.worker], NoticeKind::ConcernRaised, h.session).await;
    h.desk(&h.ground.worker).put_notices_away().await.unwrap();
    h.at(date(2026, 11, 28), 600).await;
    assert_eq!(h.unread(&h.ground.manager).await, 0, "it was put away");
}

#[tokio::test]
async fn a_list_in_which_it_stands_is_no_reading() {
    let h = house().await;
    h.told(&[&h.ground.worker], NoticeKind::FileRefused, h.ground.child.0).await;
    h.desk(&h.ground.worker).my_files(None, 1).await.unwrap();
    h.desk(&h.ground.worker).clocks(None, 1).await.unwrap();
    h.at(THURSDAY, 840).await;
    assert_eq!(h.unread(&h.ground.manager).await, 1);
}

#[tokio::test]
async fn who_covers_is_told_before_the_manager() {
    let h = house().await;
    let other = h.test.colleague(Role::SocialWorker, "north", "wanda").await.unwrap();
    let cover = Cover { by: other.id, from: THURSDAY, until: date(2026, 12, 4), reason: "Leave".into() };
    h.desk(&h.ground.manager).cover(h.ground.worker.id, &cover).await.unwrap();
    h.told(&[&h.ground.worker], NoticeKind::ConcernDanger, h.session).await;
    h.at(THURSDAY, 840).await;
    assert_eq!((h.unread(&other).await, h.unread(&h.ground.manager).await), (1, 0));
    h.at(THURSDAY, 1_079).await;
    assert_eq!(h.unread(&h.ground.manager).await, 0, "a minute before six");
    h.at(THURSDAY, 1_080).await;
    assert_eq!((h.unread(&other).await, h.unread(&h.ground.manager).await), (1, 1), "neither has read it");
}

#[tokio::test]
async fn the_manager_is_left_alone_when_who_covers_reads_it() {
    let h = house().await;
    let other = h.test.colleague(Role::SocialWorker, "north", "wanda").await.unwrap();
    let cover = Cover { by: other.id, from: THURSDAY, until: date(2026, 12, 4), reason: "Leave".into() };
    h.desk(&h.ground.manager).cover(h.ground.worker.id, &cover).await.unwrap();
    h.told(&[&h.ground.worker], NoticeKind::ConcernDanger, h.session).await;
    h.at(THURSDAY, 840).await;
    h.desk(&other).put_notices_away().await.unwrap();
    h.at(date(2026, 11, 30), 900).await;
    assert_eq!(h.unread(&h.ground.manager).await, 0);
}

#[tokio::test]
async fn nobody_is_told_of_a_concern_about_themselves_that_was_not_read() {
    // Handbook section 9: "about a member of staff (goes to the LADO route, hidden from that person)".
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let ground = test.ground("").await.unwrap();
    let south = test.colleague(Role::Manager, "south", "ma.south").await.unwrap();
    let id = test.started(&ground).await.unwrap();
    let concern = Concern {
        kind: ConcernKind::AboutStaff,
        staff: Some(ground.manager.id),
        text: "Shouted at the child in the corridor".into(),
    };
    let raised = Raised { entry: EntryId(Uuid::now_v7()), concern, device: None };
    test.at_work(&ground.supervisor).raise_concern(id, raised).await.unwrap();
    test.clock_to(date(2026, 11, 27), 900);
    while test.service.do_waiting_work().await.unwrap() > 0 {}
    let kinds = async |who: &Colleague| {
        let notices = test.at_work(who).notices().await.unwrap();
        notices.into_iter().map(|notice| notice.kind.code()).collect::<Vec<_>>()
    };
    let about_them = kinds(&ground.manager).await;
    assert!(!about_them.iter().any(|kind| kind.contains("concern")), "{about_them:?}");
    assert!(!kinds(&ground.worker).await.iter().any(|kind| kind.contains("concern")));
    assert!(kinds(&south).await.contains(&"unread.concern"));
}

#[tokio::test]
async fn what_can_wait_waits() {
    let h = house().await;
    h.told(&[&h.ground.worker], NoticeKind::RecordSigned, h.session).await;
    h.at(date(2026, 12, 4), 600).await;
    assert_eq!(h.unread(&h.ground.manager).await, 0);
}
