//! The public notice: for whom it is written, and who makes its statements true.

use crate::codes::codes;

codes! {
    /// For whom a notice is written.
    Edition {
        Standard = "standard", "The whole notice";
        Easy = "easy", "Easy to read";
        Children = "children", "For children";
    }
}

codes! {
    /// Who makes a statement of the notice true.
    By {
        Kith = "kith", "Kith: it cannot be otherwise";
        Both = "both", "Kith and people: Kith shows it, people do it";
        People = "people", "People: Kith does not do this yet";
    }
}
