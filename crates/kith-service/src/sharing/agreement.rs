//! Information sharing agreements: versions that are signed, looked at again, ended; none is ever taken away.

use kith_domain::access::Role;
use kith_domain::calendar::{day_number, day_of, instant_ms};
use kith_domain::form::{Fields, Words};
use kith_domain::ids::{AccountId, ChildId, SharingAgreementId};
use kith_domain::notice::NoticeKind;
use kith_domain::retention::{HoldReview, review_after};
use kith_domain::sharing::{
    AgreementFacts, AgreementSignature, AgreementStanding, AgreementState, EndedAgreement, SharingAgreement,
};
use kith_store::{AgreementOfSharing, Disclosure, StoreError, Work};
use uuid::Uuid;

use super::encrypt::read_key;
use crate::paging::{Paged, window};
use crate::policy::Resource;
use crate::waiting::MORNING;
use crate::{Desk, ServiceError};

/// An agreement in a list.
pub struct AgreementLine {
    /// The agreement.
    pub agreement: AgreementOfSharing,
    /// Where it stands today.
    pub standing: AgreementStanding,
}

/// An agreement with what a page needs beside it.
pub struct AgreementView {
    /// The agreement.
    pub line: AgreementLine,
    /// Its versions, the newest first.
    pub versions: Vec<AgreementLine>,
    /// Whether something went under it.
    pub used: bool,
    /// Who wrote it down.
    pub author: String,
    /// Whether this person may sign, look again at and end it.
    pub may_keep: bool,
}

/// All agreements.
pub struct SharingView {
    /// Those that count or are to count, the one to be looked at first before others.
    pub agreements: Vec<AgreementLine>,
    /// What went lately.
    pub sent: Vec<Disclosure>,
    /// How much went in all.
    pub total: usize,
    /// Whether this person may write agreements.
    pub may_keep: bool,
}

/// How much of the log the overview shows.
const SHOWN: u64 = 10;

impl Desk {
    fn line_of(&self, agreement: AgreementOfSharing) -> AgreementLine {
        let of = &agreement;
        let standing = AgreementStanding::of(of.state, of.from_day, of.until_day, self.service.today());
        AgreementLine { agreement, standing }
    }

    /// The agreements, and what went lately. No file is opened: which items went to whom, never what they said.
    pub async fn sharing(&self) -> Result<SharingView, ServiceError> {
        self.allow_service("sharing.read").await?;
        let look = self.look();
        let agreements = look.sharing_agreements(false).await?;
        let (sent, total) = look.disclosures_to(None, (SHOWN, 0)).await?;
        look.done("sharing.read", self.now_ms()).await?;
        let may_keep = self.permits("sharing.keep", &Resource::Service);
        let agreements = agreements.into_iter().map(|of| self.line_of(of)).collect();
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        Ok(SharingView { agreements, sent, total, may_keep })
    }

    /// A page, from 1, of what went to a kind of recipient, or to all, the newest first.
    pub async fn sharing_log(
        &self,
        kind: Option<kith_domain::sharing::RecipientKind>,
        page: usize,
    ) -> Result<Paged<Disclosure>, ServiceError> {
        self.allow_service("sharing.read").await?;
        let look = self.look();
        let (sent, total) = look.disclosures_to(kind, window(page)).await?;
        look.done("sharing.log_read", self.now_ms()).await?;
        Ok(Paged::new(sent, usize::try_from(total).unwrap_or(usize::MAX), page))
    }

    /// The agreements that were ended or replaced.
    pub async fn ended_agreements(&self) -> Result<Vec<AgreementLine>, ServiceError> {
        self.allow_service("sharing.read").await?;
        let look = self.look();
        let all = look.sharing_agreements(true).await?;
        look.done("sharing.read", self.now_ms()).await?;
        Ok(all.into_iter().map(|of| self.line_of(of)).collect())
    }

    /// Allows a new agreement.
    pub async fn may_keep_agreements(&self) -> Result<(), ServiceError> {
        self.allow_service("sharing.keep").await
    }

    /// One agreement.
    pub async fn sharing_agreement(&self, id: SharingAgreementId) -> Result<AgreementView, ServiceError> {
        self.allow_service("sharing.read").await?;
        let look = self.look();
        let agreement = match look.sharing_agreement(id).await {
            Err(StoreError::NotFound) => return self.unknown("sharing.read", id.0).await,
            found => found?,
        };
        let versions = look.versions_of(agreement.line).await?;
        let used = look.is_used(id).await?;
        look.done("sharing.agreement_read", self.now_ms()).await?;
        let keeps = self.permits("sharing.keep", &Resource::Service);
        let may_keep = keeps && matches!(agreement.state, AgreementState::Draft | AgreementState::Signed);
        Ok(AgreementView {
            author: self.service.name_of(agreement.author),
            versions: versions.into_iter().map(|of| self.line_of(of)).collect(),
            line: self.line_of(agreement),
            used,
            may_keep,
        })
    }

    /// Writes down an agreement, or another version of one (`of`), which holds once both sides have signed it; until then the one
    /// before holds. Sent twice it is written down once.
    pub async fn write_agreement(
        &self,
        id: SharingAgreementId,
        of: Option<SharingAgreementId>,
        facts: &AgreementFacts,
    ) -> Result<(), ServiceError> {
        self.allow_service("sharing.keep").await?;
        if let Some(key) = &facts.key {
            read_key(key)?;
        }
        let (me, now_ms) = (self.me()?, self.now_ms());
        let written = self.change("sharing.agreement_written", |work| async move {
            let line = match of {
                Some(of) => work.sharing_agreement(of).await?.line,
                None => id,
            };
            let mut row = AgreementOfSharing {
                id,
                version: 0,
                line,
                author: me,
                kind: facts.kind,
                state: AgreementState::Draft,
                created_ms: now_ms,
                from_day: day_number(facts.from),
                until_day: day_number(facts.until),
                review_day: day_number(facts.review_on),
                body: SharingAgreement {
                    facts: facts.clone(),
                    signatures: Vec::new(),
                    reviews: Vec::new(),
                    ended: None,
                },
            };
            work.insert_sharing_agreement(&mut row).await?;
            self.remind_of_agreement(&work, &row).await
        });
        match written.await {
            Err(ServiceError::Store(StoreError::Duplicate)) => self.sharing_agreement(id).await.map(drop),
            written => written,
        }
    }

    async fn remind_of_agreement(&self, work: &Work, row: &AgreementOfSharing) -> Result<(), ServiceError> {
        let due_ms = instant_ms(day_of(row.review_day), MORNING);
        self.remind(work, NoticeKind::SharingReviewBy, row.id.0, ChildId(Uuid::nil()), due_ms).await
    }

    /// Whom an agreement that is to be looked at again is told: the data protection officers. Nobody while it is not due.
    pub(crate) async fn concerned_by_agreement(
        &self,
        work: &Work,
        id: SharingAgreementId,
    ) -> Result<Vec<AccountId>, ServiceError> {
        let row = work.sharing_agreement(id).await?;
        let counts = matches!(row.state, AgreementState::Draft | AgreementState::Signed);
        if !counts || row.review_day > day_number(self.service.today()) {
            return Ok(Vec::new());
        }
        Ok(self.in_use(Role::DataProtection))
    }

    async fn keep_agreement(
        &self,
        action: &'static str,
        id: SharingAgreementId,
        what: impl Fn(&mut AgreementOfSharing),
    ) -> Result<(), ServiceError> {
        self.allow_service("sharing.keep").await?;
        let what = &what;
        self.change(action, |work| async move {
            let mut row = counting(work.sharing_agreement(id).await?)?;
            let was_signed = row.state == AgreementState::Signed;
            what(&mut row);
            if row.state == AgreementState::Draft && row.body.is_signed() {
                row.state = AgreementState::Signed;
            }
            work.save_sharing_agreement(&mut row).await?;
            if row.state == AgreementState::Signed && !was_signed {
                // From now on this version holds, and the one before it no more.
                for mut earlier in work.versions_of(row.line).await? {
                    if earlier.id != id && matches!(earlier.state, AgreementState::Draft | AgreementState::Signed) {
                        earlier.state = AgreementState::Replaced;
                        work.save_sharing_agreement(&mut earlier).await?;
                    }
                }
            }
            work.put_away(NoticeKind::SharingReviewBy, id.0, self.now_ms()).await?;
            if action == "sharing.agreement_reviewed" {
                self.remind_of_agreement(&work, &row).await?;
            }
            Ok(())
        })
        .await
    }

    /// Writes down a signature. With those of both sides it is in force on its days.
    pub async fn sign_agreement_of_sharing(&self, id: SharingAgreementId, typed: &Fields) -> Result<(), ServiceError> {
        let signature = AgreementSignature::read(typed, self.me()?, self.service.today())?;
        self.keep_agreement("sharing.agreement_signed", id, |row| {
            if !row.body.signatures.contains(&signature) {
                row.body.signatures.push(signature.clone());
            }
        })
        .await
    }

    /// Says why an agreement is still right, and by which day it is looked at again.
    pub async fn review_agreement(&self, id: SharingAgreementId, typed: &Fields) -> Result<(), ServiceError> {
        let (why, review_on) = review_after(typed, self.service.today())?;
        let review = HoldReview { by: self.me()?, at_ms: self.now_ms(), why };
        self.keep_agreement("sharing.agreement_reviewed", id, |row| {
            row.body.reviews.push(review.clone());
            row.body.facts.review_on = review_on;
            row.review_day = day_number(review_on);
        })
        .await
    }

    /// Ends an agreement before its last day: nothing goes under it from this moment on.
    pub async fn end_agreement(&self, id: SharingAgreementId, why: &Words) -> Result<(), ServiceError> {
        let ended = EndedAgreement { by: self.me()?, at_ms: self.now_ms(), why: why.as_str().to_owned() };
        self.keep_agreement("sharing.agreement_ended", id, |row| {
            row.state = AgreementState::Ended;
            row.body.ended = Some(ended.clone());
        })
        .await
    }
}

fn counting(row: AgreementOfSharing) -> Result<AgreementOfSharing, ServiceError> {
    if matches!(row.state, AgreementState::Draft | AgreementState::Signed) {
        return Ok(row);
    }
    let words = "This version was ended or replaced, and stays as it is. Write a new version";
    Err(ServiceError::rule("sharing.agreement_over", words))
}
