//! The one door to destruction. Nothing else destroys the key of a file.
//!
//! A file lives in two databases that share no transaction, so its end is in two steps. [`Work::begin_destruction`] takes it out
//! of every list, search and plan and writes its certificate, all in one transaction: from then on there is no way back.
//! [`Store::destroy_file`] destroys its key and what lies of its documents. Whoever is killed between the two, or in the midst of
//! either, finds at the next start a certificate beside a key that is there still, and the key is destroyed then
//! ([`Store::end_destructions`]). The same is found after a backup was put back: keys that are older than the data are destroyed
//! again, and a file whose key is gone although older data knows nothing of it is taken out of that data too. What is older in both is
//! known by a list in the second place, see [`DestroyedList`](crate::destroyed::DestroyedList).
//!
//! What stays are rows whose envelopes nobody can open, and the access log.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use kith_domain::access::{Access, Actor, Purpose};
use kith_domain::document::DocumentState;
use kith_domain::ids::{AccountId, ArchiveBagId, CertificateId, ChildId, RequestId, ResearchId};
use kith_domain::research::ResearchState;
use kith_domain::retention::{BagState, CertificateBody, CertificateState};
use kith_domain::session::{PlaceState, SessionState};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement};
use uuid::Uuid;

use crate::cases::{Certificate, ChildState, DESTROYED};
use crate::entity::{
    allocation, allocation_end, archive_bag, certificate, child, clock, contact_plan, contact_refusal, document,
    document_child, notice, occupancy, order_child, outbox, referral_child, report, research_request, rights_request,
    risk_assessment, session, session_child,
};
use crate::{Store, StoreError, Work, row};

/// Certificates looked at with one query.
const BATCH: u64 = 500;

impl Work {
    /// Takes a file out of every list, search and plan, and writes its certificate: from the commit on there is no way back. What
    /// follows is [`Store::destroy_file`]. A certificate that is there already stays as it is.
    pub async fn begin_destruction(&self, of: &mut Certificate, today: i64) -> Result<(), StoreError> {
        self.note("child", of.child.0);
        if !self.is_destroyed(of.child).await? {
            self.insert_certificate(of).await?;
        }
        self.item_is_destroyed(of.child).await?;
        let mut about = self.belongs_to(of.child).await?;
        about.insert(of.child.0);
        self.unindex_child(of.child).await?;
        self.take_out(of.child).await?;
        self.end_allocations_of(of.child).await?;
        self.free_days_of(of.child, today).await?;
        self.let_documents_go(of.child).await?;
        self.end_bags_of_file(of.child).await?;
        self.forget_notices(&about).await?;
        self.forget_jobs(&about).await
    }

    /// The file's row and its places on referrals: it is nobody's, and on no form.
    async fn take_out(&self, of: ChildId) -> Result<(), StoreError> {
        let db = self.db();
        let model = child::Entity::find_by_id(of.0).one(&db).await?.ok_or(StoreError::NotFound)?;
        let read = model.version;
        let area = DESTROYED.to_owned();
        let model = child::Model { version: read + 1, state: ChildState::Closed.code().to_owned(), area, ..model };
        self.wrote(model.id, model.version, &model);
        row::save_where_version(&db, model, child::Column::Version, read).await?;
        let on = referral_child::Entity::find().filter(referral_child::Column::ChildId.eq(of.0));
        for model in on.all(&db).await? {
            let read = model.version;
            let model = referral_child::Model { version: read + 1, state: "taken_off".to_owned(), ..model };
            self.wrote(model.id, model.version, &model);
            row::save_where_version(&db, model, referral_child::Column::Version, read).await?;
        }
        if clock::Entity::delete_many().filter(clock::Column::ChildId.eq(of.0)).exec(&db).await?.rows_affected > 0 {
            self.wrote_all::<clock::Model>(of.0, &[]);
        }
        Ok(())
    }

    /// Whoever had the file has it no more.
    async fn end_allocations_of(&self, of: ChildId) -> Result<(), StoreError> {
        let db = self.db();
        let all = allocation::Entity::find().filter(allocation::Column::ChildId.eq(of.0)).all(&db).await?;
        let ids: Vec<Uuid> = all.into_iter().map(|model| model.id).collect();
        let ended = allocation_end::Entity::find().filter(allocation_end::Column::AllocationId.is_in(ids.clone()));
        let ended: BTreeSet<Uuid> = ended.all(&db).await?.into_iter().map(|end| end.allocation_id).collect();
        for id in ids.into_iter().filter(|id| !ended.contains(id)) {
            let by = self.access().actor.account;
            self.end_allocation(kith_domain::ids::AllocationId(id), by, self.now_ms()).await?;
        }
        Ok(())
    }

    /// What was still to come is not: the child's own time, and whole sessions that were for nobody else.
    async fn free_days_of(&self, of: ChildId, today: i64) -> Result<(), StoreError> {
        let db = self.db();
        let own = Condition::all().add(occupancy::Column::ResourceId.eq(of.0)).add(occupancy::Column::Day.gte(today));
        let taken = occupancy::Entity::find().filter(own.clone()).all(&db).await?;
        occupancy::Entity::delete_many().filter(own).exec(&db).await?;
        for session in taken.iter().map(|row| row.session_id).collect::<BTreeSet<_>>() {
            self.note_taken(session).await?;
        }
        let alone = self.alone_in_sessions(of).await?;
        let to_come =
            [SessionState::Planned, SessionState::Confirmed, SessionState::InProgress].map(SessionState::code);
        let of = Condition::all()
            .add(session::Column::Id.is_in(alone))
            .add(session::Column::Day.gte(today))
            .add(session::Column::State.is_in(to_come));
        for model in session::Entity::find().filter(of).all(&db).await? {
            let read = model.version;
            let model = session::Model { version: read + 1, state: SessionState::Void.code().to_owned(), ..model };
            self.release(kith_domain::ids::SessionId(model.id)).await?;
            self.wrote(model.id, model.version, &model);
            row::save_where_version(&db, model, session::Column::Version, read).await?;
        }
        Ok(())
    }

    /// Sessions that are, or were, for this child and for nobody whose file is there.
    async fn alone_in_sessions(&self, of: ChildId) -> Result<BTreeSet<Uuid>, StoreError> {
        let db = self.db();
        let theirs = session_child::Entity::find().filter(session_child::Column::ChildId.eq(of.0)).all(&db).await?;
        let ids: BTreeSet<Uuid> = theirs.into_iter().map(|row| row.session_id).collect();
        let others = Condition::all()
            .add(session_child::Column::SessionId.is_in(ids.iter().copied()))
            .add(session_child::Column::ChildId.ne(of.0))
            .add(session_child::Column::State.ne(PlaceState::TakenOff.code()));
        let others = session_child::Entity::find().filter(others).all(&db).await?;
        let there = self.there_among(others.iter().map(|row| row.child_id)).await?;
        let shared: BTreeSet<Uuid> =
            others.iter().filter(|row| there.contains(&row.child_id)).map(|row| row.session_id).collect();
        Ok(ids.difference(&shared).copied().collect())
    }

    /// Of these files those that were not destroyed.
    async fn there_among(&self, files: impl Iterator<Item = Uuid>) -> Result<BTreeSet<Uuid>, StoreError> {
        let of = Condition::all().add(child::Column::Id.is_in(files)).add(child::Column::Area.ne(DESTROYED));
        let found = child::Entity::find().filter(of).select_only().column(child::Column::Id);
        Ok(found.into_tuple::<Uuid>().all(&self.db()).await?.into_iter().collect())
    }

    /// Documents that were in this file alone are taken off; what lies of them goes with the key.
    async fn let_documents_go(&self, of: ChildId) -> Result<(), StoreError> {
        let db = self.db();
        let joined = document_child::Entity::find().filter(document_child::Column::ChildId.eq(of.0)).all(&db).await?;
        let ids: Vec<Uuid> = joined.into_iter().map(|row| row.document_id).collect();
        let others = Condition::all()
            .add(document_child::Column::DocumentId.is_in(ids.iter().copied()))
            .add(document_child::Column::ChildId.ne(of.0));
        let others = document_child::Entity::find().filter(others).all(&db).await?;
        let there = self.there_among(others.iter().map(|row| row.child_id)).await?;
        let shared: BTreeSet<Uuid> =
            others.iter().filter(|row| there.contains(&row.child_id)).map(|row| row.document_id).collect();
        let alone = ids.into_iter().filter(|id| !shared.contains(id));
        let kept = Condition::all()
            .add(document::Column::Id.is_in(alone))
            .add(document::Column::State.eq(DocumentState::Kept.code()));
        for model in document::Entity::find().filter(kept).all(&db).await? {
            let read = model.version;
            let state = DocumentState::TakenOff.code().to_owned();
            let model = document::Model { version: read + 1, state, ..model };
            self.wrote(model.id, model.version, &model);
            row::save_where_version(&db, model, document::Column::Version, read).await?;
        }
        Ok(())
    }

    /// What belongs to this file and to none that is there: of what a notice or a job that waits may speak.
    async fn belongs_to(&self, of: ChildId) -> Result<BTreeSet<Uuid>, StoreError> {
        let db = self.db();
        let mut ids = self.alone_in_sessions(of).await?;
        macro_rules! of_child {
            ($($table:ident),+) => {$(
                let found = $table::Entity::find().filter($table::Column::ChildId.eq(of.0)).select_only();
                ids.extend(found.column($table::Column::Id).into_tuple::<Uuid>().all(&db).await?);
            )+};
        }
        of_child!(risk_assessment, contact_plan, contact_refusal, report);
        let on = referral_child::Entity::find().filter(referral_child::Column::ChildId.eq(of.0)).all(&db).await?;
        let referrals: BTreeSet<Uuid> = on.into_iter().map(|row| row.referral_id).collect();
        let others = Condition::all()
            .add(referral_child::Column::ReferralId.is_in(referrals.iter().copied()))
            .add(referral_child::Column::ChildId.ne(of.0));
        let others = referral_child::Entity::find().filter(others).all(&db).await?;
        let there = self.there_among(others.iter().map(|row| row.child_id)).await?;
        let shared: BTreeSet<Uuid> =
            others.iter().filter(|row| there.contains(&row.child_id)).map(|row| row.referral_id).collect();
        ids.extend(referrals.difference(&shared));
        let on = order_child::Entity::find().filter(order_child::Column::ChildId.eq(of.0)).all(&db).await?;
        let orders: BTreeSet<Uuid> = on.into_iter().map(|row| row.order_id).collect();
        let others = Condition::all()
            .add(order_child::Column::OrderId.is_in(orders.iter().copied()))
            .add(order_child::Column::ChildId.ne(of.0));
        let others = order_child::Entity::find().filter(others).all(&db).await?;
        let there = self.there_among(others.iter().map(|row| row.child_id)).await?;
        let shared: BTreeSet<Uuid> =
            others.iter().filter(|row| there.contains(&row.child_id)).map(|row| row.order_id).collect();
        ids.extend(orders.difference(&shared));
        Ok(ids)
    }

    /// Nobody is told of it any more: notices go, and with them what a message by email would say.
    pub(crate) async fn forget_notices(&self, about: &BTreeSet<Uuid>) -> Result<(), StoreError> {
        let db = self.db();
        let of = notice::Column::SubjectId.is_in(about.iter().copied());
        for model in notice::Entity::find().filter(of.clone()).all(&db).await? {
            self.took_away::<notice::Entity>(model.id, 2);
        }
        notice::Entity::delete_many().filter(of).exec(&db).await?;
        Ok(())
    }

    /// Jobs that wait and speak of it are not done.
    async fn forget_jobs(&self, about: &BTreeSet<Uuid>) -> Result<(), StoreError> {
        let db = self.db();
        let waits = outbox::Entity::find().filter(outbox::Column::DoneAt.is_null());
        let about: Vec<String> = about.iter().map(Uuid::to_string).collect();
        let speaks = |job: &outbox::Model| about.iter().any(|id| job.payload.contains(id.as_str()));
        let jobs: Vec<Uuid> = waits.all(&db).await?.into_iter().filter(speaks).map(|job| job.id).collect();
        outbox::Entity::delete_many().filter(outbox::Column::Id.is_in(jobs)).exec(&db).await?;
        Ok(())
    }
}

impl Store {
    /// Destroys the key of a file of which [`Work::begin_destruction`] was committed, and with it everything that belongs to that
    /// file alone, in every copy; and takes away what lies of its documents. Final; doing it again does nothing.
    /// [`StoreError::NotFound`] of a file that has no certificate: nothing else opens this door.
    pub async fn destroy_file(&self, of: ChildId) -> Result<(), StoreError> {
        let begun = certificate::Entity::find().filter(certificate::Column::ChildId.eq(of.0));
        if begun.one(&self.0.write).await?.is_none() {
            return Err(StoreError::NotFound);
        }
        self.0.keys.destroy(of.0).await?;
        let joined = document_child::Entity::find().filter(document_child::Column::ChildId.eq(of.0));
        let ids: Vec<Uuid> = joined.all(&self.0.write).await?.into_iter().map(|row| row.document_id).collect();
        let objects: Vec<(Uuid, String)> = document::Entity::find()
            .filter(document::Column::Id.is_in(ids))
            .select_only()
            .columns([document::Column::ObjectId, document::Column::State])
            .into_tuple()
            .all(&self.0.write)
            .await?;
        let look = self.look(&itself());
        for (object, _) in objects.into_iter().filter(|(_, state)| state == DocumentState::TakenOff.code()) {
            look.let_go(object).await?;
        }
        for bag in self.ended_bags(Some(of)).await? {
            self.destroy_bag(bag).await?;
        }
        // The next start writes down what cannot be written now.
        if let Err(error) = self.0.destroyed.add(&BTreeSet::from([of.0])) {
            tracing::error!(%error, "that a file was destroyed could not be written down in the second place");
        }
        Ok(())
    }

    /// Destroys the key of a bag for an archive that has ended, and takes away what lies of it. Final; doing it again does nothing.
    /// [`StoreError::NotFound`] of a bag that has not ended: nothing else opens this door.
    pub async fn destroy_bag(&self, of: ArchiveBagId) -> Result<(), StoreError> {
        let bag = archive_bag::Entity::find_by_id(of.0).one(&self.0.write).await?;
        let Some(bag) = bag.filter(|bag| bag.state == BagState::Ended.code()) else { return Err(StoreError::NotFound) };
        self.destroy_key_of(of.0).await?;
        Ok(self.0.depot.delete(bag.object_id).await?)
    }

    /// Destroys the key of what was made for a request for figures that has ended, and with it every copy of it. Final; doing it again
    /// does nothing. [`StoreError::NotFound`] of a request that has not ended: nothing else opens this door.
    pub async fn destroy_extract(&self, of: ResearchId) -> Result<(), StoreError> {
        let request = research_request::Entity::find_by_id(of.0).one(&self.0.write).await?;
        if request.is_none_or(|request| request.state != ResearchState::Ended.code()) {
            return Err(StoreError::NotFound);
        }
        self.destroy_key_of(of.0).await
    }

    /// Destroys the key of a request that has ended, and with it what was asked and done, in every copy. Final; doing it again does
    /// nothing. [`StoreError::NotFound`] of a request that has not ended: nothing else opens this door.
    pub async fn destroy_request(&self, of: RequestId) -> Result<(), StoreError> {
        let request = rights_request::Entity::find_by_id(of.0).one(&self.0.write).await?;
        if request.is_none_or(|request| request.ended_at.is_none()) {
            return Err(StoreError::NotFound);
        }
        self.destroy_key_of(of.0).await
    }

    /// Destroys the key of something that is no file: keys that never knew it cannot open it either.
    async fn destroy_key_of(&self, of: Uuid) -> Result<(), StoreError> {
        match self.0.keys.destroy(of).await {
            Err(StoreError::KeyMissing { .. } | StoreError::NotFound) => Ok(()),
            done => done,
        }
    }

    /// Of how many files the data or the keys knew at the start that they were destroyed, and the other did not: they are destroyed in
    /// both now.
    pub fn destroyed_again(&self) -> usize {
        self.0.destroyed_again.load(Ordering::Relaxed)
    }

    /// Brings to its end what a server that was killed left, or what a backup brought back: whichever of the data and the keys
    /// knows of a destruction, the other is made to agree. Loud, since after a backup it means that what was put back is older.
    pub(crate) async fn end_destructions(&self) -> Result<(), StoreError> {
        let mended = &self.0.destroyed_again;
        let gone = self.0.keys.destroyed_files().await?;
        let mut certified: BTreeSet<Uuid> = BTreeSet::new();
        for id in row::all_ids::<certificate::Entity>(&self.0.write, certificate::Column::ChildId, BATCH).await? {
            certified.insert(id);
            if !gone.contains(&id) {
                tracing::warn!(file = %id, "a file that was destroyed had its key back: it is destroyed again");
                match self.destroy_file(ChildId(id)).await {
                    // Keys that never knew it cannot open it either.
                    Ok(()) => drop(mended.fetch_add(1, Ordering::Relaxed)),
                    Err(StoreError::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let ended = research_request::Entity::find()
            .filter(research_request::Column::State.eq(ResearchState::Ended.code()))
            .select_only()
            .column(research_request::Column::Id);
        for id in ended.into_tuple::<Uuid>().all(&self.0.write).await?.into_iter().filter(|id| !gone.contains(id)) {
            self.destroy_extract(ResearchId(id)).await?;
        }
        self.end_requests_again(&gone).await?;
        for bag in self.ended_bags(None).await?.into_iter().filter(|bag| !gone.contains(&bag.0)) {
            self.destroy_bag(bag).await?;
        }
        let listed = self.0.destroyed.read()?;
        let unknown: Vec<Uuid> = gone.union(&listed).filter(|id| !certified.contains(id)).copied().collect();
        for id in unknown {
            let there = child::Entity::find_by_id(id).one(&self.0.write).await?.is_some();
            if there {
                tracing::warn!(file = %id, "this file was destroyed and the data does not know: it is taken out of the data, and its key goes");
                self.take_out_again(ChildId(id)).await?;
                mended.fetch_add(1, Ordering::Relaxed);
                certified.insert(id);
            }
        }
        if let Err(error) = self.0.destroyed.add(&certified) {
            tracing::error!(%error, "which files were destroyed could not be written down in the second place");
        }
        Ok(())
    }

    /// The same of requests of people: of one that has ended the key goes, and one whose key is gone has ended.
    async fn end_requests_again(&self, gone: &BTreeSet<Uuid>) -> Result<(), StoreError> {
        use rights_request::{Column, Entity};
        let all = Entity::find().select_only().columns([Column::Id, Column::EndedAt, Column::CreatedAt]);
        let now_ms = jiff::Timestamp::now().as_millisecond();
        for (id, ended, created_ms) in all.into_tuple::<(Uuid, Option<i64>, i64)>().all(&self.0.write).await? {
            match (ended.is_some(), gone.contains(&id)) {
                (true, false) => self.destroy_request(RequestId(id)).await?,
                (false, true) => {
                    tracing::warn!(request = %id, "this request had ended and the data does not know: it ends in the data too");
                    let year = kith_domain::calendar::in_london(created_ms).date().year();
                    let access = Access { purpose: Purpose::Rights, ..itself() };
                    self.retry(|| async {
                        let work = self.work_in_reserve(&access).await?;
                        work.end_person_request(RequestId(id), None, year.into(), now_ms).await?;
                        work.commit("request.found_ended", now_ms).await
                    })
                    .await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes out of the data a file that was destroyed after the data was copied, and destroys its key where that was copied too.
    async fn take_out_again(&self, of: ChildId) -> Result<(), StoreError> {
        let now_ms = jiff::Timestamp::now().as_millisecond();
        let today = kith_domain::calendar::day_number(kith_domain::calendar::in_london(now_ms).date());
        let access = itself();
        let body = CertificateBody {
            child: of,
            category: None,
            month: String::new(),
            proposed_by: None::<AccountId>,
            proposed_ms: now_ms,
            approvals: Vec::new(),
            archived: None,
        };
        let certificate = Certificate {
            id: CertificateId(Uuid::now_v7()),
            version: 0,
            child: of,
            list: None,
            state: CertificateState::Done,
            destroyed_ms: now_ms,
            gone_day: today,
            body,
        };
        self.create_file_key(crate::STAFF_FILE).await?;
        self.retry(|| async {
            let work = self.work_in_reserve(&access).await?;
            work.begin_destruction(&mut certificate.clone(), today).await?;
            work.commit("retention.found_destroyed", now_ms).await
        })
        .await?;
        match self.destroy_file(of).await {
            // Keys that never knew it cannot open it either.
            Err(StoreError::NotFound | StoreError::KeyMissing { .. }) => Ok(()),
            done => done,
        }
    }
}

fn itself() -> Access {
    Access { actor: Actor::system(), purpose: Purpose::Accountability }
}

impl crate::keys::KeyStore {
    /// The files whose keys were destroyed.
    async fn destroyed_files(&self) -> Result<BTreeSet<Uuid>, StoreError> {
        let ask = "SELECT file_id FROM file_key WHERE wrapped IS NULL";
        let rows = self.db().query_all_raw(Statement::from_string(self.db().get_database_backend(), ask)).await?;
        rows.iter().map(|row| Ok(row.try_get("", "file_id")?)).collect()
    }
}
