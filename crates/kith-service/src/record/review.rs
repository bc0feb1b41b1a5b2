//! Quality review: by a manager of the area, never of one's own record.

use kith_domain::ids::{ChildId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_domain::record::{RecordState, Verdict, may_review};
use kith_store::{AwaitingReview, Counted};

use crate::paging::{Paged, in_state, window};
use crate::{Desk, ServiceError};
use kith_domain::words::in_words;

/// A record in the list of those that wait for review.
pub struct ToReview {
    /// The record.
    pub awaiting: AwaitingReview,
    /// The children's names, in a row.
    pub children: String,
    /// Who wrote it.
    pub author: String,
    /// Minutes after its time when it was first signed; 0 when in time. Not known any more once it was returned.
    pub late_minutes: i64,
    /// Whether this person wrote it, and so does not review it.
    pub own: bool,
}

impl Desk {
    /// A page, from 1, of the records in a state that were signed, the one signed first or last on top, and how many there
    /// are in each state. Those that are signed wait for review.
    pub async fn records_listed(
        &self,
        state: RecordState,
        newest_first: bool,
        page: usize,
    ) -> Result<(Paged<ToReview>, Counted<RecordState>), ServiceError> {
        self.allow_service("reviews.read").await?;
        let look = self.snapshot().await?;
        let (records, counts) = look.records_listed(state, newest_first, window(page)).await?;
        let total = in_state(&counts, state);
        let mut ids: Vec<ChildId> = records.iter().flat_map(|record| record.children.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let names = self.names_of_children(&look, &ids).await?;
        look.done("reviews.read", self.now_ms()).await?;
        let view = |awaiting: AwaitingReview| {
            let first = awaiting.reviewed_ms.is_none();
            let late = (awaiting.signed_ms - awaiting.due_ms) / 60_000;
            ToReview {
                children: in_words(
                    &awaiting.children.iter().filter_map(|id| names.get(id).cloned()).collect::<Vec<_>>(),
                ),
                author: self.service.name_of(awaiting.author),
                late_minutes: if first { late.max(0) } else { 0 },
                own: self.actor().is(awaiting.author),
                awaiting,
            }
        };
        Ok((Paged::new(records, total, page).map(view), counts))
    }

    /// Accepts a signed record, or returns it with comments. The same review sent twice is one.
    pub async fn review_record(&self, id: SessionId, verdict: &Verdict) -> Result<(), ServiceError> {
        self.allow_session("record.review", id).await?;
        let review = verdict.clone().by(self.me()?, self.now_ms());
        self.change("record.reviewed", |work| {
            let review = review.clone();
            async move {
                let mut record = work.record(id).await?;
                let next = if review.accepted { RecordState::Accepted } else { RecordState::Returned };
                let sent_before = record.state == next
                    && record.body.reviews.last().is_some_and(|last| {
                        (last.by, last.accepted, &last.comment) == (review.by, review.accepted, &review.comment)
                    });
                if sent_before {
                    work.changed("record", id.0, record.version);
                    return Ok(());
                }
                let (entries, _) = work.entries_of(id).await?;
                let wrote = entries.iter().any(|entry| self.actor().is(entry.author));
                may_review(record.state, wrote || self.actor().is(record.author))?;
                record.state = next;
                record.reviewed_ms = Some(review.at_ms);
                record.body.reviews.push(review);
                work.save_record(&mut record).await?;
                let accepted = next == RecordState::Accepted;
                let kind = if accepted { NoticeKind::RecordAccepted } else { NoticeKind::RecordReturned };
                self.tell(&work, [record.author], kind, id.0).await?;
                Ok(())
            }
        })
        .await
    }
}
