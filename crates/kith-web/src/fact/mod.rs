//! What a child's file says, group by group: its past, and changing it with source and date.

pub(crate) mod change;
pub(crate) mod doubt;
pub(crate) mod family;
pub(crate) mod past;
pub(crate) mod same;
#[cfg(test)]
mod tests;

use kith_domain::catalogue::Group;
use kith_domain::fact::Channel;
use kith_domain::ids::{ChildId, PersonId};
use kith_domain::risk::AssessmentState;
use kith_service::fact::{Elsewhere, Endangered};

use crate::ui::{FormView, Html, Options, pairs};

/// A way to a page that changes something: the address below the file's, and what is changed there.
pub(crate) struct Way {
    /// Where it leads.
    pub(crate) to: String,
    /// What is changed.
    pub(crate) words: &'static str,
}

/// The ways to change what is known of a child, or of a member of the family.
pub(crate) fn ways(child: ChildId, person: Option<PersonId>) -> Vec<Way> {
    let of = |group: &&Group| group.is_of_family() == person.is_some();
    let way = |group: &Group| Way { to: address(child, person, *group), words: group.label() };
    Group::ALL.iter().filter(of).map(way).collect()
}

/// The page of a group.
fn address(child: ChildId, person: Option<PersonId>, group: Group) -> String {
    match person {
        None => format!("/children/{child}/facts/{}", group.code()),
        Some(person) => format!("/children/{child}/family/{person}/{}", group.code()),
    }
}

/// What other files know of the risk from somebody, in words.
pub(crate) fn elsewhere_words(known: &[Elsewhere]) -> Vec<String> {
    let words = |of: &Elsewhere| {
        let whose = of.child.as_ref().map_or_else(|| "another child".to_owned(), |(_, name)| name.clone());
        let what = match (of.barred, of.risk) {
            (true, true) => "must not attend, and a risk is known",
            (true, false) => "must not attend",
            _ => "a risk is known",
        };
        format!("In the file of {whose}: {what}")
    };
    known.iter().map(words).collect()
}

/// The fields that ask where a change comes from.
fn source_fields(form: &FormView) -> Html {
    let how: Options = pairs(Channel::CHOICES);
    Html::joined(vec![
        form.input("told_by", "Who told you?", "Name, and who they are"),
        form.select("told_how", "How were you told?", "", how),
        form.date(
            "told_since",
            "Since when is it so?",
            "The day from which it holds, today or before. For example 2 11 2026",
        ),
        form.textarea("told_note", "Anything to remember", "Leave empty if there is nothing", 2),
    ])
}

/// What a change will do, before it is saved; empty when nothing stands to be voided.
fn warning(endangered: Option<&Endangered>) -> Vec<String> {
    let Some(of) = endangered else { return Vec::new() };
    let stands = |state: AssessmentState| state.label().to_lowercase();
    let mut lines: Vec<String> =
        of.assessments.iter().map(|(name, state)| format!("Risk assessment of {name} ({})", stands(*state))).collect();
    if of.sessions > 0 {
        let (sessions, are) = if of.sessions == 1 { ("session", "is") } else { ("sessions", "are") };
        lines.push(format!("{} booked {sessions} {are} marked to be looked at again", of.sessions));
    }
    lines
}
