//! Taking over a draft whose author has left: who takes it reads, changes and signs it as their own.

use kith_domain::account::TakenOver;
use kith_domain::ids::{AccountId, ReportId};
use kith_domain::notice::NoticeKind;
use kith_domain::report::may_write;
use kith_store::Work;

use crate::{Desk, ServiceError};

impl Desk {
    /// Takes over a draft whose author has left. Done twice it is done once.
    pub async fn take_report(&self, id: ReportId) -> Result<(), ServiceError> {
        self.allow_report("report.write", id).await?;
        let me = self.me()?;
        self.change("report.taken_over", |work| async move {
            let report = work.report(id).await?;
            may_write(report.state, true)?;
            if report.author == me {
                work.changed("report", id.0, report.version);
                return Ok(());
            }
            if !self.has_left(report.author) {
                return Err(ServiceError::rule(
                    "report.author_here",
                    format!("{} is still here and goes on with it. Speak to them", self.service.name_of(report.author)),
                ));
            }
            self.take_report_in(&work, id, me).await
        })
        .await
    }

    /// Gives it to somebody in a piece of work, and tells them.
    pub(crate) async fn take_report_in(&self, work: &Work, id: ReportId, to: AccountId) -> Result<(), ServiceError> {
        let mut report = work.report(id).await?;
        report.body.taken_over.push(TakenOver { from: report.author, to, at_ms: self.now_ms() });
        report.author = to;
        work.save_report(&mut report).await?;
        self.tell(work, [to], NoticeKind::ReportTaken, id.0).await
    }
}
