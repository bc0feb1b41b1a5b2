//! How long files are kept and how they end: legal holds, lists that are proposed and approved, destruction, certificates, and how
//! much comes to its end in which year (handbook section 11).

mod archive;
mod certificate;
mod destroy;
mod forecast;
mod hold;
mod hold_person;
mod list;
#[cfg(test)]
pub(crate) mod tests;

pub use archive::{BagFile, TransferView};
pub(crate) use archive::{ENDED, MAKE as MAKE_BAG};
pub use certificate::CertificateView;
pub(crate) use destroy::DESTROY;
pub use forecast::{Forecast, ForecastYear};
pub use hold::{HoldChoices, HoldLine, HoldView, NewHold};
pub use list::{ListLine, ListView, ListedItem};

use kith_domain::calendar;
use kith_domain::retention::{HoldClock, ListState};
use kith_store::ArchiveTransfer;

use crate::{Desk, ServiceError};

/// How many lists and certificates the overview shows.
const SHOWN: u64 = 20;

/// What there is to do about retention.
pub struct RetentionView {
    /// Holds that are to be looked at again within a fortnight, or should have been.
    pub holds: Vec<HoldLine>,
    /// How many holds stand that this person may see.
    pub standing: usize,
    /// The newest lists.
    pub lists: Vec<ListLine>,
    /// The files that go to an archive first and are on their way, the oldest first.
    pub transfers: Vec<ArchiveTransfer>,
    /// The newest certificates: reference of the file, when it was destroyed, the certificate.
    pub certificates: Vec<CertificateView>,
    /// Whether this person may propose a list.
    pub may_propose: bool,
}

impl RetentionView {
    /// The lists that wait for approval.
    pub fn waiting(&self) -> impl Iterator<Item = &ListLine> {
        self.lists.iter().filter(|of| of.list.state == ListState::Proposed)
    }
}

impl Desk {
    /// What there is to do about retention. Nothing of a file is opened.
    pub async fn retention(&self) -> Result<RetentionView, ServiceError> {
        self.allow_service("retention.read").await?;
        let look = self.look();
        let standing = self.visible_holds(&look, false).await?;
        let lists = self.list_lines(&look, look.destruction_lists(SHOWN).await?).await?;
        let certificates = look.certificates(None, SHOWN).await?;
        let transfers = look.transfers_under_way(SHOWN).await?;
        look.done("retention.read", self.now_ms()).await?;
        let today = self.service.today();
        let total = standing.len();
        let presses = |line: &HoldLine| HoldClock::of(line.hold.review_day, today).presses();
        Ok(RetentionView {
            holds: standing.into_iter().filter(presses).collect(),
            standing: total,
            lists,
            transfers,
            certificates: certificates.into_iter().map(|of| self.certificate_view(of)).collect(),
            may_propose: self.permits("destruction.propose", &crate::policy::Resource::Service),
        })
    }
}

/// The day of an instant, in London, as a day number.
fn day_of(at_ms: i64) -> i64 {
    calendar::day_number(calendar::in_london(at_ms).date())
}
