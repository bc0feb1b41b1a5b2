//! The home page: what must I do now, and what should I know.

use kith_domain::ids::NoticeId;
use kith_store::Notice;

use crate::{Desk, ServiceError};

impl Desk {
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
            Ok((work, ()))
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
                Ok((work, ()))
            }
        })
        .await
    }
}
