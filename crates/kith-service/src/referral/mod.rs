//! Referrals: written by a social worker, decided by a coordinator.

mod accept;
mod decide;
mod elsewhere;
mod group;
mod hidden;
mod kept;
mod list;
mod matches;
mod own_number;
mod part;
pub(crate) mod statements;
#[cfg(test)]
mod tests;
mod write;

use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::clock::verification_due;
use kith_domain::ids::ReferralId;
use kith_domain::referral::ReferralState;
use kith_domain::retention::RecordCategory;
use kith_papers::{ReferralPaper, ReferralPart};
use kith_store::Referral;

pub use list::{ListedReferral, Referrals};
pub use matches::{Both, Match, Matches};
pub use part::Parting;
pub use write::{CopyFrom, SavedPart};

pub(crate) use hidden::Hidden;
pub(crate) use write::editable;

use crate::record::letterhead;
use crate::typesetting::{self, dated};
use crate::{Desk, ServiceError};

/// The protective marking of papers and print-outs that name a family: Government Security Classifications, the handling of personal
/// data whose loss would harm somebody.
pub const MARKING: &str = "OFFICIAL-SENSITIVE: PERSONAL";

/// A referral with what a page needs beside it.
pub struct ReferralView {
    /// The referral.
    pub referral: Referral,
    /// The social worker's name.
    pub referrer: String,
    /// By when it is to be verified, UTC milliseconds; once it was submitted.
    pub verify_by_ms: Option<i64>,
    /// Whether that time has passed and it is still not decided.
    pub overdue: bool,
    /// Of each child, with the name as typed, the retention category and the day on which its period ends: as long as it is
    /// not accepted, and of those who were taken off.
    pub kept: Vec<(String, RecordCategory, Date)>,
    /// How many documents go with it.
    pub documents: u64,
    /// Whether this person may change the form now.
    pub may_edit: bool,
    /// Whether this person may take a child off it now.
    pub may_take_off: bool,
    /// Whether this person may verify and decide it.
    pub may_decide: bool,
    /// Whether this person may accept although something is not known.
    pub may_override: bool,
}

impl Desk {
    /// One referral. What is restricted in the files of its children is not in it.
    pub async fn referral(&self, id: ReferralId) -> Result<ReferralView, ServiceError> {
        Ok(self.referral_and_hidden(id).await?.0)
    }

    /// One referral, and what was taken out of it.
    pub(crate) async fn referral_and_hidden(&self, id: ReferralId) -> Result<(ReferralView, Hidden), ServiceError> {
        let (look, scope) = self.look_at_referral("referral.read", id).await?;
        let mut referral = look.referral(id).await?;
        let hidden = Hidden::of(&look, &referral).await?;
        hidden.take_out(&mut referral.body);
        let documents = look.count_documents_of_referral(id).await?;
        look.done("referral.read", self.now_ms()).await?;
        let resource = crate::policy::Resource::Referral(id.0, &scope);
        let may = |action| self.permits(action, &resource);
        let (edit, decide, manager) = (may("referral.edit"), may("referral.decide"), may("referral.override"));
        let mut view = self.referral_view(referral);
        view.documents = documents;
        view.may_edit = edit && view.referral.state.can_be_edited();
        let state = view.referral.state;
        view.may_take_off =
            !view.referral.body.siblings.is_empty() && (view.may_edit || ((edit || decide) && state.is_waiting()));
        view.may_decide = decide;
        view.may_override = manager;
        Ok((view, hidden))
    }

    pub(crate) fn referral_view(&self, referral: Referral) -> ReferralView {
        let waiting = referral.state.is_waiting();
        let verify_by_ms = referral.submitted_ms.map(|submitted| self.verify_by(submitted));
        let overdue = waiting && verify_by_ms.is_some_and(|by| by < self.now_ms());
        let referrer = self.service.name_of(referral.referrer);
        let open = referral.children().into_iter().filter(|_| referral.state != ReferralState::Accepted);
        let on = open.filter_map(|id| Some((id, referral.body.own_of(id, referral.child)?.name())));
        let off = referral.body.taken_off.iter().map(|taken| (taken.own.id, taken.own.name()));
        let kept = on.chain(off).map(|(id, name)| {
            let (category, until) = self.kept(&referral, id);
            (name, category, until)
        });
        let kept = kept.collect();
        ReferralView {
            referral,
            referrer,
            verify_by_ms,
            overdue,
            kept,
            documents: 0,
            may_edit: false,
            may_take_off: false,
            may_decide: false,
            may_override: false,
        }
    }

    /// A referral as a PDF file, with these parts: headings, each with questions and answers as the page shows them.
    pub async fn referral_paper(
        &self,
        id: ReferralId,
        parts: impl FnOnce(&ReferralView) -> Vec<ReferralPart>,
    ) -> Result<Vec<u8>, ServiceError> {
        let (look, _) = self.look_at_referral("referral.read", id).await?;
        let mut referral = look.referral(id).await?;
        Hidden::of(&look, &referral).await?.take_out(&mut referral.body);
        look.done("referral.printed", self.now_ms()).await?;
        let view = self.referral_view(referral);
        let referral = &view.referral;
        let sent = referral.submitted_ms.map(|at| format!(", sent {}", calendar::long_instant(at)));
        let me = self.actor().account.map(|me| self.service.name_of(me)).unwrap_or_default();
        let paper = ReferralPaper {
            letterhead: letterhead(self.service.register()),
            marking: MARKING.to_owned(),
            reference: format!("{} version {}", id.reference(), referral.version),
            children: referral.body.children_names(),
            state: referral.state.label().to_owned(),
            written: format!("{}{}", view.referrer, sent.unwrap_or_default()),
            printed: format!("{}, by {me}", calendar::long_instant(self.now_ms())),
            parts: parts(&view),
            dated: dated(self.now_ms()),
        };
        typesetting::set(move || kith_papers::referral(&paper)).await
    }

    /// The end of the working day by which a referral submitted at an instant is to be verified.
    pub(crate) fn verify_by(&self, submitted_ms: i64) -> i64 {
        let submitted = calendar::in_london(submitted_ms).date();
        let register = self.service.register();
        let days = u32::try_from(register.verify_within_working_days()).unwrap_or(1);
        calendar::instant_ms(verification_due(submitted, days, register.calendar()).day, 24 * 60 - 1)
    }
}
