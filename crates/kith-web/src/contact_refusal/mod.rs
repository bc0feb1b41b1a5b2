//! Pages of refusing contact for at most seven days (Children Act 1989 s34(6)).

mod show;
mod write;

#[cfg(test)]
mod tests;

use kith_domain::contact_refusal::{RefusalClock, RefusalState};
use kith_service::contact_refusal::RefusalLine;
use kith_store::RefusalOfContact;

pub(crate) use show::{note_given, notice, show};
pub(crate) use write::{ask_end, end, new, refuse};

use crate::ui::Tag;

/// What nobody may miss of a refusal that has not ended.
pub(crate) struct Refused {
    /// Its id on the page.
    pub(crate) id: String,
    /// What stands above it.
    pub(crate) title: String,
    /// What it says.
    pub(crate) text: String,
    /// Where it leads.
    pub(crate) to: String,
}

/// Where a refusal stands on a day, as a tag.
pub(crate) fn tag(of: &RefusalOfContact, today: jiff::civil::Date) -> Tag {
    let clock = of.body.refused.clock(today);
    let (kind, words) = match (of.state, clock) {
        (RefusalState::Running, RefusalClock::RunOut(_)) => ("overdue", clock.words()),
        (RefusalState::Running, _) if clock.presses() => ("due", clock.words()),
        (RefusalState::Running, _) => ("active", clock.words()),
        (state, _) => ("ended", state.label().to_owned()),
    };
    Tag { kind, words }
}

/// What nobody who opens a file or a plan may miss of the refusals that have not ended.
pub(crate) fn callouts(refusals: &[RefusalLine], today: jiff::civil::Date) -> Vec<Refused> {
    let running = refusals.iter().filter(|line| line.refusal.state == RefusalState::Running);
    let called = |line: &RefusalLine| {
        let refused = &line.refusal.body.refused;
        let last = kith_domain::calendar::weekday_date(refused.last_day());
        let (title, text) = match refused.clock(today) {
            RefusalClock::RunOut(_) => (
                format!("The refusal of contact with {} has run out", line.name),
                format!("It lasted until {last}. Contact is owed again: say when it goes on, or which order there is."),
            ),
            clock => (
                format!("Contact with {} is refused: {}", line.name, clock.words().to_lowercase()),
                format!(
                    "Until {last} at the latest. By then contact goes on, or there is an order under section 34(4)."
                ),
            ),
        };
        let id = line.refusal.id;
        Refused { id: format!("refusal-{id}"), title, text, to: format!("/refusals/{id}") }
    };
    running.map(called).collect()
}
