//! Sharing (handbook section 13): consents, agreements, what goes to whom and no field more, demands by law, and what is done when
//! something was wrong or is asked back.

mod after;
mod agreement;
mod choose;
mod consent;
mod corrected;
mod demand;
mod disclose;
mod enclose;
mod encrypt;
mod exports;
mod hand_over;
mod paper;
#[cfg(test)]
mod tests;

pub use after::{DisclosureView, FileSharing, Sent};
pub(crate) use after::{enclosed_file, wrong_that_went};
pub use agreement::{AgreementLine, AgreementView, SharingView};
pub use choose::{PapersOf, ShareChoices};
pub(crate) use consent::views as consents_in;
pub use consent::{ConsentChoices, ConsentView};
pub use demand::DemandView;
pub use disclose::Preview;
pub use encrypt::For;
pub(crate) use encrypt::{encrypted_for, read_key};
pub use exports::{EXPORTS, Export};
