//! Concerns: raised at any moment, stored beside the record, told to who must know, hidden from whom they are about.

use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::ids::{AccountId, EntryId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_domain::record::sheet::Raised;
use kith_domain::record::{Concern, ConcernKind, Content, EntryBody};
use kith_store::Entry;

use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// A concern, for who may read it.
pub struct ConcernView {
    /// Its id.
    pub id: EntryId,
    /// What it says.
    pub concern: Concern,
    /// When it was received, UTC milliseconds.
    pub received_ms: i64,
    /// Who raised it.
    pub author: String,
    /// The member of staff it is about.
    pub staff: Option<String>,
}

impl Desk {
    /// Raises a concern at a session: by who runs it, also after the record is signed. Managers are told at once and the
    /// social workers too, but for what is about a member of staff, which managers alone read; and never whom it is about.
    /// Raised twice is raised once.
    pub(crate) async fn raise_concern(&self, id: SessionId, raised: Raised) -> Result<(), ServiceError> {
        let (me, now_ms) = (self.me()?, self.now_ms());
        let raise = self.change("concern.raised", |work| {
            let Raised { entry, concern, device } = raised.clone();
            async move {
                let content = Content::Concern(concern.clone());
                let standing = work.standing(id, entry, Some(&content)).await?;
                if !self.permits("record.write", &Resource::Session(&standing.scope)) {
                    return Err(ServiceError::NotFound);
                }
                if let Some(same) = standing.same {
                    work.changed("entry", same.of.0, 1);
                    return Ok(());
                }
                if standing.entry.is_some() {
                    let words =
                        "This concern was raised already with other words. Open the page again to raise another";
                    return Err(ServiceError::field("concern_text", words));
                }
                let children = standing.scope.children();
                let mut new = Entry::new(entry, id, children.clone(), me, now_ms, EntryBody { content, device });
                work.insert_entry(&mut new).await?;
                let mut whom: Vec<AccountId> = Vec::new();
                for file in &standing.scope.files {
                    whom.extend(self.of_area(Role::Manager, &file.area));
                    if concern.kind != ConcernKind::AboutStaff {
                        whom.push(file.social_worker);
                    }
                }
                whom.sort_unstable();
                whom.dedup();
                whom.retain(|account| concern.may_be_shown(Some(*account)));
                if whom.is_empty() {
                    // The only manager of the area is the one whom it is about.
                    whom.extend(self.service.colleagues(Role::Manager).into_iter().map(|card| card.id));
                    whom.retain(|account| concern.may_be_shown(Some(*account)));
                }
                let kind = match concern.kind {
                    ConcernKind::ImmediateDanger => NoticeKind::ConcernDanger,
                    _ => NoticeKind::ConcernRaised,
                };
                self.tell(&work, whom, kind, id.0).await
            }
        });
        match raise.await {
            Err(ServiceError::NotFound) => self.unknown("record.write", id.0).await,
            raise => raise,
        }
    }

    /// The concerns of a session that this person may be shown: also while the record is not signed.
    pub async fn concerns(&self, id: SessionId) -> Result<Vec<ConcernView>, ServiceError> {
        let (look, _) = self.look_at_session("concern.read", id).await?;
        let entries = look.concerns_of(id).await?;
        look.done("concern.read", self.now_ms()).await?;
        Ok(entries.iter().filter_map(|entry| self.concern_view(entry)).collect())
    }

    /// A concern, if this person may be shown it. What is about a member of staff is for managers and who wrote it.
    pub(super) fn concern_view(&self, entry: &Entry) -> Option<ConcernView> {
        let Content::Concern(concern) = &entry.body.content else { return None };
        let about_staff = concern.kind == ConcernKind::AboutStaff;
        let reads = !about_staff || self.actor().role == Role::Manager || self.actor().is(entry.author);
        (reads && concern.may_be_shown(self.actor().account)).then(|| ConcernView {
            id: entry.id,
            concern: concern.clone(),
            received_ms: entry.received_ms,
            author: self.service.name_of(entry.author),
            staff: concern.staff.map(|staff| self.service.name_of(staff)),
        })
    }
}

impl ConcernView {
    /// What it is about and when, for reading.
    pub fn heading(&self) -> String {
        let about = self.staff.as_ref().map(|staff| format!(": {staff}")).unwrap_or_default();
        format!("{}{about}, {}", self.concern.kind.label(), calendar::long_instant(self.received_ms))
    }
}
