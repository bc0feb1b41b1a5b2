//! Whole papers that went and were corrected since: what was added to a record, a record that was signed anew, a later report about the
//! same days, a document that was taken off. Worked out whenever it is asked, like what was wrong of the facts.

use kith_domain::access::Role;
use kith_domain::ids::{AccountId, ChildId, StatementId};
use kith_domain::notice::NoticeKind;
use kith_domain::record::RecordState;
use kith_domain::sharing::{Enclosure, WentEnclosed, Wrong};
use kith_store::{Disclosure, Look, StoreError, Work};
use uuid::Uuid;

use crate::{Desk, ServiceError};

/// What of the whole papers that went with a disclosure was corrected since.
pub(super) async fn corrected(look: &Look, of: &Disclosure) -> Result<Vec<Wrong>, ServiceError> {
    let mut wrong = Vec::new();
    for paper in of.body.went_enclosed() {
        let since = match paper.what {
            Enclosure::Record(_) => of_record(look, of, paper).await?,
            Enclosure::Report(_) => of_report(look, of, paper).await?,
            Enclosure::Document(_) => of_document(look, of, paper).await?,
        };
        wrong.extend(since.into_iter().map(|(row, recorded_ms)| {
            let statement = StatementId(row);
            Wrong {
                statement,
                label: paper.label.clone(),
                person: None,
                recorded_ms,
                disputed: false,
                told: of.body.told.iter().find(|told| told.statement == statement).cloned(),
            }
        }));
    }
    Ok(wrong)
}

type Since = Vec<(Uuid, i64)>;

async fn of_record(look: &Look, of: &Disclosure, paper: &WentEnclosed) -> Result<Since, ServiceError> {
    let Enclosure::Record(id) = paper.what else { return Ok(Vec::new()) };
    let added = look.added_to_since(id, of.created_ms).await?;
    let mut since: Since = added.into_iter().map(|(_, entry, at_ms)| (entry.0, at_ms)).collect();
    // Returned by a reviewer, it is written anew and signed again: what went is not what stands.
    let record = match look.record(id).await {
        Err(StoreError::NotFound | StoreError::Destroyed) => return Ok(since),
        record => record?,
    };
    let signed = record.body.signatures.iter().map(|signature| signature.at_ms).max();
    let returned = record.reviewed_ms.filter(|_| record.state == RecordState::Returned);
    let anew = [signed, returned].into_iter().flatten().filter(|at_ms| *at_ms > of.created_ms).max();
    since.extend(anew.map(|at_ms| (id.0, at_ms)));
    Ok(since)
}

async fn of_report(look: &Look, of: &Disclosure, paper: &WentEnclosed) -> Result<Since, ServiceError> {
    let reports = look.signed_reports_of(of.child).await?;
    let Some(went) = reports.iter().find(|report| paper.what == Enclosure::Report(report.id)) else {
        return Ok(Vec::new());
    };
    // A signed report is locked, and corrected by a later one about its days; it prints the records of those days, too.
    let later = reports.iter().filter(|report| {
        report.id != went.id && report.signed_ms > of.created_ms && report.from <= went.to && report.to >= went.from
    });
    let mut since: Since = later.map(|report| (report.id.0, report.signed_ms)).collect();
    let added = look.added_since(of.child, (went.from, went.to), of.created_ms).await?;
    since.extend(added.into_iter().map(|(_, entry, at_ms)| (entry.0, at_ms)));
    Ok(since)
}

async fn of_document(look: &Look, of: &Disclosure, paper: &WentEnclosed) -> Result<Since, ServiceError> {
    let Enclosure::Document(id) = paper.what else { return Ok(Vec::new()) };
    let document = match look.document(id).await {
        Err(StoreError::NotFound | StoreError::Destroyed) => return Ok(Vec::new()),
        document => document?,
    };
    let off = document.body.taken_off.map(|off| off.at_ms).filter(|at_ms| *at_ms > of.created_ms);
    Ok(off.map(|at_ms| (id.0, at_ms)).into_iter().collect())
}

impl Desk {
    /// After a record, a report or a document of these children was corrected: who gave it to somebody is told, and the coordinators of
    /// the area (UK GDPR Art 19).
    pub(crate) async fn tell_of_corrected(
        &self,
        work: &Work,
        children: &[ChildId],
        row: Uuid,
    ) -> Result<(), ServiceError> {
        for child in children {
            if work.count_disclosures_of(*child).await? == 0 {
                continue;
            }
            for sent in work.disclosures_of(*child).await? {
                if !corrected(work, &sent).await?.iter().any(|wrong| wrong.statement.0 == row) {
                    continue;
                }
                let area = work.child(*child).await?.area;
                let mut whom: Vec<AccountId> = self.of_area(Role::Coordinator, &area);
                if !whom.contains(&sent.author) {
                    whom.push(sent.author);
                }
                self.tell(work, whom, NoticeKind::DisclosureWrong, sent.id.0).await?;
            }
        }
        Ok(())
    }
}
