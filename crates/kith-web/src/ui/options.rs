//! Lists to choose from: code and words.

use kith_domain::codes::Supervision;
use kith_domain::contact_refusal::GivenBy;
use kith_domain::plan::{Anchor, Bound, Mode, Nth, Per, SignedHow, When};

/// Code and words, in the order shown.
pub(crate) type Options = Vec<(String, String)>;

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident: $codes:ty;)+) => {$(
        $(#[$doc])*
        pub(crate) fn $name() -> Options {
            <$codes>::ALL.iter().map(|code| (code.code().to_owned(), code.label().to_owned())).collect()
        }
    )+};
}

lists! {
    /// Levels of supervision.
    supervisions: Supervision;
    /// Exactly, at least, at most.
    bounds: Bound;
    /// Spans a frequency counts in.
    pers: Per;
    /// From where months and years are counted.
    anchors: Anchor;
    /// When in the year.
    whens: When;
    /// In person, by video, by letter.
    modes: Mode;
    /// Which weekday of a month.
    nths: Nth;
    /// How somebody signed.
    signed_hows: SignedHow;
    /// How a notice was given.
    ways_given: GivenBy;
}

/// Yes and no.
pub(crate) fn yes_no() -> Options {
    pairs(&[("yes", "Yes"), ("no", "No")])
}

/// A list of one's own.
pub(crate) fn pairs(list: &[(&str, &str)]) -> Options {
    list.iter().map(|(code, words)| ((*code).to_owned(), (*words).to_owned())).collect()
}
