//! Beginning, saving and signing a report.

use kith_domain::calendar;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{ChildId, ReportId};
use kith_domain::notice::NoticeKind;
use kith_domain::record::Signature;
use kith_domain::report::{ReportBody, ReportFacts, ReportState, may_sign, may_write};
use kith_store::{Report, StoreError};
use sha2::{Digest, Sha256};

use super::paper::to_be_signed;
use super::report_fields;
use crate::{Desk, ServiceError};

impl Desk {
    /// Reads period and statement of a report's form as of today; `Err` names what is wrong.
    pub fn read_report(&self, fields: &Fields) -> Result<ReportFacts, Vec<Problem>> {
        ReportFacts::read(fields, self.service.today())
    }

    /// Begins a report. `id` was made when the form was shown: sending it twice begins one report.
    pub async fn begin_report(
        &self,
        child: ChildId,
        id: ReportId,
        facts: ReportFacts,
    ) -> Result<ReportId, ServiceError> {
        self.allow_file("report.write", child).await?;
        let (author, created_ms) = (self.me()?, self.now_ms());
        let report = Report {
            id,
            version: 0,
            child,
            author,
            state: ReportState::Draft,
            from: calendar::day_number(facts.from),
            to: calendar::day_number(facts.to),
            created_ms,
            signed_ms: None,
            body: ReportBody { statement: facts.statement, signature: None, signed_text: None, taken_over: Vec::new() },
        };
        self.room_for_a_draft().await?;
        let begun = self
            .change("report.begun", |work| {
                let mut report = report.clone();
                async move {
                    work.insert_report(&mut report).await?;
                    Ok(())
                }
            })
            .await;
        match begun {
            Ok(()) => Ok(id),
            // The same form again: it is there. Another's id is refused.
            Err(ServiceError::Store(StoreError::Duplicate)) => {
                self.allow_report("report.write", id).await?;
                Ok(id)
            }
            Err(error) => Err(error),
        }
    }

    /// Saves period and statement over the version that was shown, and returns the version now.
    /// [`ServiceError::Conflict`] gives what was saved meanwhile.
    pub async fn save_report(&self, id: ReportId, version: i64, facts: &ReportFacts) -> Result<i64, ServiceError> {
        self.allow_report("report.write", id).await?;
        self.change("report.saved", |work| async move {
            let mut report = work.report(id).await?;
            may_write(report.state, self.actor().is(report.author))?;
            let before = report_fields(&report);
            put(facts, &mut report);
            let now = report_fields(&report);
            if before == now {
                work.changed("report", id.0, report.version);
                return Ok(report.version);
            }
            if report.version != version {
                return Err(ServiceError::Conflict { theirs: Box::new(before), version: report.version });
            }
            work.save_report(&mut report).await?;
            Ok(report.version)
        })
        .await
    }

    /// Signs the report at the version that was shown, with period and statement as they are on the form: what is
    /// signed is what the author has before them. The password is asked again. The whole report is kept as it was
    /// signed. Signed twice is signed once.
    pub async fn sign_report(
        &self,
        id: ReportId,
        version: i64,
        facts: &ReportFacts,
        password: &str,
    ) -> Result<(), ServiceError> {
        self.allow_report("report.write", id).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        // Sent many times at once, it is signed once; the others find it signed, and no password is asked of them.
        let _turn = self.service.turns().of(me.0).await;
        let look = self.look();
        let report = look.report(id).await?;
        look.done("report.read", now_ms).await?;
        if report.state == ReportState::Signed && report.author == me {
            return Ok(());
        }
        self.service.confirm_password(self.actor(), password).await?;
        self.change("report.signed", |work| async move {
            let mut report = work.report(id).await?;
            if report.state == ReportState::Signed && report.author == me {
                work.changed("report", id.0, report.version);
                return Ok(());
            }
            may_sign(report.state, report.author == me, &facts.statement)?;
            if report.version != version {
                let theirs = Box::new(report_fields(&report));
                return Err(ServiceError::Conflict { theirs, version: report.version });
            }
            put(facts, &mut report);
            let assembled = self.assembled(&work, &report, true).await?;
            if let Some(problem) = assembled.problems.into_iter().next() {
                return Err(ServiceError::field("statement", problem));
            }
            let text = to_be_signed(&report, assembled.paper, now_ms)?;
            let digest = hex::encode(Sha256::digest(text.as_bytes()));
            report.body.signature = Some(Signature { by: me, at_ms: now_ms, digest, late_reason: None });
            report.body.signed_text = Some(text);
            report.state = ReportState::Signed;
            report.signed_ms = Some(now_ms);
            work.save_report(&mut report).await?;
            let child = work.child(report.child).await?;
            self.tell(&work, [child.social_worker], NoticeKind::ReportSigned, id.0).await?;
            self.tell_of_corrected(&work, &[report.child], id.0).await?;
            Ok(())
        })
        .await
    }
}

/// Period and statement of the form.
fn put(facts: &ReportFacts, report: &mut Report) {
    report.from = calendar::day_number(facts.from);
    report.to = calendar::day_number(facts.to);
    report.body.statement.clone_from(&facts.statement);
}
