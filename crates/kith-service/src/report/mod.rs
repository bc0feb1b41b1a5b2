//! The period report for court: begun, written, signed by its author; assembled from the diary and the signed records
//! (handbook sections 7 and 10).

pub(crate) mod address;
mod figures;
mod paper;
mod take;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use paper::as_signed;

use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, ReportId};
use kith_domain::report::{ReportState, may_write};
use kith_papers::PeriodReportPaper;
use kith_store::{FileScope, Look, Report};

use crate::policy::Resource;
use crate::{Desk, ServiceError, typesetting};

/// A report with what a page needs beside it. No Debug: it names people.
pub struct ReportView {
    /// The report.
    pub report: Report,
    /// The author's name.
    pub author: String,
    /// What the paper says, without the records: as it was signed, or as the diary stands now.
    pub paper: PeriodReportPaper,
    /// What stands in the way of signing, in words.
    pub problems: Vec<String>,
    /// Whether this person may change and sign it now.
    pub may_edit: bool,
    /// Whether this person may take it over from its author, who has left.
    pub may_take_over: bool,
}

/// A report in a list.
pub struct ListedReport {
    /// The report.
    pub report: Report,
    /// The author's name.
    pub author: String,
}

impl Desk {
    /// Reports about a child, newest first; drafts only for those who write reports.
    pub async fn reports(&self, child: ChildId) -> Result<Vec<ListedReport>, ServiceError> {
        let scope = self.allow_file("report.read", child).await?;
        let writes = self.permits("report.write", &Resource::File(&scope));
        let look = self.look();
        let mut reports = look.reports_of(child).await?;
        look.done("reports.read", self.now_ms()).await?;
        reports.retain(|report| writes || report.state == ReportState::Signed);
        let listed = |report: Report| ListedReport { author: self.service.name_of(report.author), report };
        Ok(reports.into_iter().map(listed).collect())
    }

    /// One report with its figures.
    pub async fn report(&self, id: ReportId) -> Result<ReportView, ServiceError> {
        let (look, scope) = self.look_at_report(id).await?;
        let report = look.report(id).await?;
        self.draft_for_writers(&report, &scope).await?;
        let assembled = self.assembled(&look, &report, false).await?;
        look.done("report.read", self.now_ms()).await?;
        let writes = self.permits("report.write", &Resource::File(&scope));
        Ok(ReportView {
            author: self.service.name_of(report.author),
            may_edit: writes && may_write(report.state, self.actor().is(report.author)).is_ok(),
            may_take_over: writes && report.state == ReportState::Draft && self.has_left(report.author),
            paper: assembled.paper,
            problems: assembled.problems,
            report,
        })
    }

    /// The report as a PDF file: as it was signed, or a draft that says so on every page.
    pub async fn report_paper(&self, id: ReportId) -> Result<Vec<u8>, ServiceError> {
        let (look, scope) = self.look_at_report(id).await?;
        let report = look.report(id).await?;
        self.draft_for_writers(&report, &scope).await?;
        let paper = self.assembled(&look, &report, true).await?.paper;
        look.done("report.printed", self.now_ms()).await?;
        typesetting::set(move || kith_papers::period_report(&paper)).await
    }

    /// Allows something to a report; an id that is none is refused and ledgered like another's.
    async fn look_at_report(&self, id: ReportId) -> Result<(Look, FileScope), ServiceError> {
        self.look_into_file_of("report.read", id.0, self.look().child_of_report(id).await?).await
    }

    async fn allow_report(&self, action: &'static str, id: ReportId) -> Result<FileScope, ServiceError> {
        self.allow_file_of(action, id.0, self.look().child_of_report(id).await?).await
    }

    /// A draft is not there for those who only read reports.
    async fn draft_for_writers(&self, report: &Report, scope: &FileScope) -> Result<(), ServiceError> {
        match report.state {
            ReportState::Signed => Ok(()),
            ReportState::Draft => self.allow("report.write", &Resource::File(scope)).await,
        }
    }
}

/// The form a report was read from.
pub fn report_fields(report: &Report) -> Fields {
    let mut fields = Fields::default();
    fields.set_date("from", calendar::day_of(report.from));
    fields.set_date("to", calendar::day_of(report.to));
    fields.set("statement", report.body.statement.clone());
    fields
}
