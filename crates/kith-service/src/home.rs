//! The home page: what must I do now, and what should I know.

use kith_domain::calendar;
use kith_domain::ids::NoticeId;
use kith_store::{Notice, Waiting};

use crate::{Desk, ServiceError};

/// How much waits for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkWaiting {
    /// The counts.
    pub waiting: Waiting,
    /// Whether a referral has waited for longer than the register allows.
    pub overdue: bool,
}

impl Desk {
    /// How much waits for this person today. Counts only: nothing is opened, so nothing is entered in the ledger.
    pub async fn work_waiting(&self) -> Result<WorkWaiting, ServiceError> {
        let today = calendar::day_number(self.service.today());
        let waiting = self.look().waiting(today).await?;
        let overdue = waiting.first_submitted_ms.is_some_and(|first| self.verify_by(first) < self.now_ms());
        Ok(WorkWaiting { waiting, overdue })
    }

    /// What this person should know, newest first.
    pub async fn notices(&self) -> Result<Vec<Notice>, ServiceError> {
        let me = self.me()?;
        Ok(self.look().notices(me).await?)
    }

    /// Puts a notice away.
    pub async fn put_notice_away(&self, id: NoticeId) -> Result<(), ServiceError> {
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("notice.read", |work| async move {
            work.read_notice(me, id, now_ms).await?;
            Ok(())
        })
        .await
    }

    /// Puts every notice away that this person has.
    pub async fn put_notices_away(&self) -> Result<(), ServiceError> {
        let me = self.me()?;
        let notices = self.notices().await?;
        let now_ms = self.now_ms();
        self.change("notices.read", |work| {
            let notices = notices.clone();
            async move {
                work.changed("notice", me.0, 1);
                for notice in &notices {
                    work.read_notice(me, notice.id, now_ms).await?;
                }
                Ok(())
            }
        })
        .await
    }
}
