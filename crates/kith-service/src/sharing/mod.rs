//! Sharing (handbook section 13): consents, agreements, what goes to whom and no field more, demands by law, and what is done when
//! something was wrong or is asked back.

mod after;
mod agreement;
mod consent;
mod demand;
mod disclose;
mod encrypt;
mod exports;
mod hand_over;
mod paper;
#[cfg(test)]
mod tests;

pub use after::{DisclosureView, FileSharing, Sent};
pub use agreement::{AgreementLine, AgreementView, SharingView};
pub use consent::{ConsentChoices, ConsentView};
pub use demand::DemandView;
pub use disclose::{Preview, ShareChoices};
pub use encrypt::For;
pub use exports::{EXPORTS, Export};
