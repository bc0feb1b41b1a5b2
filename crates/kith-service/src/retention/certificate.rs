//! The certificate of a destruction: as a page, a paper and data, in words that a grown child can read who asks where their
//! file is.

use kith_domain::calendar::{self, long_date};
use kith_domain::ids::CertificateId;
use kith_domain::retention::{Archived, CertificateState, RecordCategory};
use kith_papers::{CertificatePaper, Fact, LetterPart};
use kith_store::{Certificate, StoreError};

use super::destroy::gone;
use crate::record::letterhead;
use crate::referral::MARKING;
use crate::typesetting::{self, dated};
use crate::{Desk, ServiceError};

/// A certificate in words. It names no child.
pub struct CertificateView {
    /// Its id.
    pub id: CertificateId,
    /// The reference of the file that is no more.
    pub file: String,
    /// The file's id.
    pub child: kith_domain::ids::ChildId,
    /// How far the destruction has come.
    pub state: CertificateState,
    /// When it was destroyed, UTC milliseconds.
    pub destroyed_ms: i64,
    /// What, why, by whom, when: label and words.
    pub facts: Vec<(String, String)>,
    /// What it means, for whoever the file was about.
    pub words: Vec<String>,
    /// From which day no backup brings it back.
    pub gone: jiff::civil::Date,
    certificate: Certificate,
}

/// What each rule says, in the words of the notice; the day is left out, since it would give away the birthday.
fn rule(category: Option<RecordCategory>) -> &'static str {
    match category {
        Some(RecordCategory::CareOrder) => {
            "Records of an application for a care order are kept until the 75th anniversary of the child’s birth, or for 15 years \
             after the death of a child who died before the age of 18"
        }
        Some(RecordCategory::CarePlan) => "Care plans are kept for 75 years from the child’s birth",
        Some(RecordCategory::CaseFile) => {
            "Case files of looked-after children are kept for 75 years from the child’s birth"
        }
        Some(RecordCategory::NotAccepted) => {
            "A referral that was never accepted, of a child who is not looked after, is kept for some years from the decision"
        }
        Some(RecordCategory::Draft) => {
            "A referral that was begun and never sent is kept for some years from when somebody last worked on it"
        }
        None => {
            "Only the store of the keys knew of this destruction: an older copy of the data had been put back. The certificate \
                 that was written at the time says more"
        }
    }
}

/// A month as `YYYY-MM` in words.
fn month_words(month: &str) -> String {
    let first: Option<jiff::civil::Date> = format!("{month}-01").parse().ok();
    first.map(calendar::month_and_year).unwrap_or_default()
}

impl Desk {
    pub(super) fn certificate_view(&self, of: Certificate) -> CertificateView {
        let body = &of.body;
        let who = |id| self.service.name_of(id);
        let fact = |label: &str, words: String| (label.to_owned(), words);
        let mut facts = vec![fact("File", of.child.reference())];
        facts.extend(body.category.map(|category| fact("What it was", category.label().to_owned())));
        facts.push(fact("Rule", rule(body.category).to_owned()));
        if !body.month.is_empty() {
            facts.push(fact("Its time ended in", month_words(&body.month)));
        }
        if of.list.is_some() {
            let by = body.proposed_by.map_or_else(|| "Kith, on the first of the month".to_owned(), who);
            facts.push(fact("Proposed by", format!("{by}, {}", calendar::long_instant(body.proposed_ms))));
            for approval in &body.approvals {
                let words = format!("{}, {}", who(approval.by), calendar::long_instant(approval.at_ms));
                facts.push(fact("Approved by", words));
            }
        }
        if let Some(archived) = &body.archived {
            let Archived { archive, reference, on, basis, under, .. } = archived;
            let on = long_date(*on);
            facts.push(fact("Archived before that", format!("{archive}, {on}. Their reference: {reference}")));
            facts.push(fact("On what basis", format!("{}: {under}", basis.label())));
            facts.push(fact("Digest of what they have (SHA-256)", archived.digest.clone()));
            if !archived.left_out.is_empty() {
                let kinds: Vec<&str> = archived.left_out.iter().map(|kind| kind.label()).collect();
                facts.push(fact("What they do not have", kinds.join("; ")));
            }
        }
        facts.push(fact("Destroyed", calendar::long_instant(of.destroyed_ms)));
        let gone = gone(&of);
        facts.push(fact("No backup can bring it back from", long_date(gone)));
        let authority = self.service.register().authority();
        let mut words = vec![
            format!(
                "{} kept a file about a child’s contact with their family. The law says for how long such a file is kept. That time \
                 was over, nobody had asked for it to be kept longer, and two people who had not proposed it agreed that it be \
                 destroyed.",
                authority.name
            ),
            format!(
                "What was written in the file was kept locked with a key of its own. That key was destroyed, and what is left cannot be \
                 read by anybody. Old copies of the keys are kept apart for a short time, in case a machine breaks: from {} there is \
                 none that could open the file.",
                long_date(gone)
            ),
            "What was also about a brother or a sister stays in their file until its own time is over. It is kept that somebody looked \
             into the file and when, without what they read."
                .to_owned(),
            format!("If you were the child and have questions, ask: {}, {}.", authority.phone, authority.dpo_email),
        ];
        if let Some(archived) = &body.archived {
            let Archived { archive, reference, .. } = archived;
            words.insert(
                2,
                format!(
                    "Before it was destroyed here it was given to {archive}, where it is kept under the reference {reference}. Ask there \
                     whether you can see it."
                ),
            );
        }
        CertificateView {
            id: of.id,
            file: of.child.reference(),
            child: of.child,
            state: of.state,
            destroyed_ms: of.destroyed_ms,
            facts,
            words,
            gone,
            certificate: of,
        }
    }

    /// One certificate.
    pub async fn certificate(&self, id: CertificateId) -> Result<CertificateView, ServiceError> {
        self.allow_service("retention.read").await?;
        let look = self.look();
        let certificate = match look.certificate(id).await {
            Err(StoreError::NotFound) => return self.unknown("retention.read", id.0).await,
            certificate => certificate?,
        };
        look.done("certificate.read", self.now_ms()).await?;
        Ok(self.certificate_view(certificate))
    }

    /// The same as a PDF file.
    pub async fn certificate_paper(&self, id: CertificateId) -> Result<Vec<u8>, ServiceError> {
        let view = self.certificate(id).await?;
        let facts = view.facts.into_iter().map(|(label, value)| Fact { label, value });
        let paper = CertificatePaper {
            letterhead: letterhead(self.service.register()),
            marking: MARKING.to_owned(),
            reference: id.reference(),
            title: "Certificate of destruction".to_owned(),
            facts: facts.collect(),
            parts: vec![LetterPart { heading: "What this means".to_owned(), paragraphs: view.words }],
            dated: dated(view.destroyed_ms),
        };
        typesetting::set(move || kith_papers::certificate(&paper)).await
    }
}

impl CertificateView {
    /// The certificate as data: ids, codes, days and instants, and the names of those who decided.
    pub fn json(&self, service: &crate::Service) -> serde_json::Value {
        let of = &self.certificate;
        let body = &of.body;
        let instant =
            |at_ms: i64| jiff::Timestamp::from_millisecond(at_ms).map(|at| at.to_string()).unwrap_or_default();
        let approvals = body.approvals.iter().map(|approval| {
            serde_json::json!({ "by": approval.by.0, "name": service.name_of(approval.by), "at": instant(approval.at_ms) })
        });
        serde_json::json!({
            "certificate": of.id.0,
            "file": of.child.0,
            "reference": self.file,
            "category": body.category.map(RecordCategory::code),
            "rule": rule(body.category),
            "ended_in": body.month,
            "list": of.list.map(|list| list.0),
            "proposed": { "by": body.proposed_by.map(|id| id.0), "name": body.proposed_by.map(|id| service.name_of(id)), "at": instant(body.proposed_ms) },
            "approvals": approvals.collect::<Vec<_>>(),
            "archived": body.archived.as_ref().map(|of| serde_json::json!({
                "archive": of.archive,
                "reference": of.reference,
                "on": of.on.to_string(),
                "basis": of.basis.code(),
                "under": of.under,
                "sha256": of.digest,
                "left_out": of.left_out.iter().map(|kind| kind.code()).collect::<Vec<_>>(),
            })),
            "destroyed_at": instant(of.destroyed_ms),
            "state": of.state.code(),
            "not_in_backups_from": self.gone.to_string(),
        })
    }
}
