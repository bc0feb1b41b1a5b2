//! What one person asked and another decides: the questions, and the decision for reading.

use kith_domain::calendar::long_instant;
use kith_domain::decision::{Decided, Decision};

use crate::person::Signed;
use crate::ui::{FormView, Html, pairs};

/// The questions; `hint` says what is to be weighed.
pub(crate) fn questions(form: &FormView, hint: &str) -> Html {
    Html::joined(vec![
        form.radios("decision", "What do you decide?", "", pairs(Decision::CHOICES)),
        form.textarea("why", "Why?", hint, 3),
    ])
}

/// What was decided, as a line of facts; none as long as nothing is.
pub(crate) fn line(signed: &Signed, decided: Option<&Decided>) -> Option<(&'static str, String)> {
    let decided = decided?;
    let by = signed.app.service.name_of(decided.by);
    Some(("Decided", format!("{}. {by}, {}", decided.why.trim_end_matches('.'), long_instant(decided.at_ms))))
}
