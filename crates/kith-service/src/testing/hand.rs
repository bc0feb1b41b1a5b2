//! A case in hand: an accepted child with the people who work on it, each at their desk. Where tests of facts, orders,
//! plans and risk begin.

use kith_domain::access::Purpose;

use super::{AcceptedChild, Colleague, TestService};
use crate::Desk;

/// A service with one accepted child.
pub(crate) struct CaseInHand {
    pub(crate) test: TestService,
    pub(crate) case: AcceptedChild,
    /// What its desks are for.
    purpose: Purpose,
    dir: tempfile::TempDir,
}

impl CaseInHand {
    /// Opens it. `tag` stands in the sign-in names.
    pub(crate) async fn open(tag: &str, purpose: Purpose) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let test = TestService::open(dir.path()).await.unwrap();
        let case = test.accepted_child(tag).await.unwrap();
        Self { test, case, purpose, dir }
    }

    pub(crate) fn desk(&self, who: &Colleague) -> Desk {
        self.test.desk(who, self.purpose)
    }

    pub(crate) fn coordinator(&self) -> Desk {
        self.desk(&self.case.coordinator)
    }

    pub(crate) fn manager(&self) -> Desk {
        self.desk(&self.case.manager)
    }

    /// How many documents lie in the data directory.
    pub(crate) fn kept_files(&self) -> usize {
        std::fs::read_dir(self.dir.path().join("files")).unwrap().count()
    }

    /// Codes of what somebody was told, newest first.
    pub(crate) async fn kinds(&self, who: &Colleague) -> Vec<&'static str> {
        let notices = self.test.desk(who, Purpose::ServiceDelivery).notices().await.unwrap();
        notices.into_iter().map(|notice| notice.kind.code()).collect()
    }
}
