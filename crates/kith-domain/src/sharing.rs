//! Sharing (handbook section 13): who consented to what, which agreements there are, what a recipient gets and no field more, what
//! went to whom, and what is done when it was wrong or is asked back.

mod agreement;
mod choose;
mod consent;
mod demand;
mod disclosure;
mod enclosure;
mod package;
#[cfg(test)]
mod tests;
mod weigh;

pub use agreement::{
    AgreementFacts, AgreementSignature, AgreementStanding, AgreementState, EndedAgreement, SharingAgreement, Side,
};
pub use choose::{ShareWith, To};
pub use consent::{Authority, ByRequest, Consent, ConsentAnswer, ConsentFor, Evidence, Stands, stands, withdrawal};
pub use demand::{DemandState, StatutoryDemand};
pub use disclosure::{
    Basis, Delivery, DeliveryWay, DisclosureBody, Recall, RecallAnswer, RecallOutcome, ToldWrong, Went, WentEnclosed,
    Wrong, read_told, wrong_since,
};
pub use enclosure::{
    ENCLOSED_BYTES_MAX, ENCLOSED_MAX, Enclosed, Enclosure, EnclosureDoubt, EnclosureKind, PapersFor, WeighedEnclosure,
};
pub use package::{How, Package, Part, RecipientKind, check_packages, demanded, package};
pub use weigh::{Journey, Member, Stays, Weighed, Weighing, seen};
