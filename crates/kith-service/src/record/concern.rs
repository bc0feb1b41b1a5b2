//! Concerns: raised at any moment, stored beside the record, told to who must know, hidden from whom they are about.

use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::ids::{AccountId, EntryId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_domain::record::sheet::Raised;
use kith_domain::record::{Concern, ConcernKind, Content, EntryBody};
use kith_domain::words::how_long;
use kith_store::{Entry, LogEntry, Look};

use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// The action of reading the concerns of a session.
const READ: &str = "concern.read";

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
    /// Who read it first, other than who raised it, and when, UTC milliseconds. Only where the concerns of a session are read by
    /// themselves.
    pub first_read: Option<(String, i64)>,
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
        let mut views = Vec::new();
        for entry in &entries {
            if let Some(view) = self.concern_view(entry) {
                views.push(ConcernView { first_read: self.first_read(&look, entry).await?, ..view });
            }
        }
        look.done(READ, self.now_ms()).await?;
        Ok(views)
    }

    /// Who was shown a concern first, other than who raised it, and when: the access log says it. Whom it may not be shown to
    /// opened the page and was not shown it.
    async fn first_read(&self, look: &Look, entry: &Entry) -> Result<Option<(String, i64)>, ServiceError> {
        let Content::Concern(concern) = &entry.body.content else { return Ok(None) };
        let shown = |of: &LogEntry| {
            of.actor.is_some_and(|reader| reader != entry.author)
                && !of.refused
                && [READ, "record.read"].contains(&of.action.as_str())
                && may_read(concern, of.role, of.actor)
        };
        let first = look.first_log_entry(entry.id.0, shown).await?;
        Ok(first.and_then(|of| Some((self.service.name_of(of.actor?), of.at_ms))))
    }

    /// A concern, if this person may be shown it. What is about a member of staff is for managers and who wrote it.
    pub(super) fn concern_view(&self, entry: &Entry) -> Option<ConcernView> {
        let Content::Concern(concern) = &entry.body.content else { return None };
        let reads = may_read(concern, Some(self.actor().role), self.actor().account) || self.actor().is(entry.author);
        (reads && concern.may_be_shown(self.actor().account)).then(|| ConcernView {
            id: entry.id,
            concern: concern.clone(),
            received_ms: entry.received_ms,
            author: self.service.name_of(entry.author),
            staff: concern.staff.map(|staff| self.service.name_of(staff)),
            first_read: None,
        })
    }
}

/// Whether who did not raise it may be shown a concern: what is about a member of staff is for managers.
fn may_read(concern: &Concern, role: Option<Role>, account: Option<AccountId>) -> bool {
    let for_role = concern.kind != ConcernKind::AboutStaff || role == Some(Role::Manager);
    for_role && concern.may_be_shown(account)
}

impl ConcernView {
    /// Who read it first and how long after it was raised, in words.
    pub fn first_read_words(&self) -> String {
        match &self.first_read {
            Some((name, at_ms)) => format!(
                "First read by {name} on {}, {} after it was raised",
                calendar::long_instant(*at_ms),
                how_long((*at_ms - self.received_ms) / 60_000)
            ),
            None => "Nobody had read it before now".to_owned(),
        }
    }

    /// What it is about and when, for reading.
    pub fn heading(&self) -> String {
        let about = self.staff.as_ref().map(|staff| format!(": {staff}")).unwrap_or_default();
        format!("{}{about}, {}", self.concern.kind.label(), calendar::long_instant(self.received_ms))
    }
}
