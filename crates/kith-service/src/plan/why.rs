//! Why sessions were not held, in words and with how often: for the plan's figures and for the report.

use kith_domain::delivery::Outcome;
use kith_domain::ids::PersonId;
use kith_domain::session::Cancellation;
use kith_store::Relative;

use super::delivery::Counted;
use super::names;

/// Why a session was not held for somebody, or for anybody; empty where nothing can be said yet.
pub(crate) fn why_not(of: &Counted, person: Option<PersonId>, family: &[Relative]) -> String {
    match (&of.session.body.cancellation, of.course.outcome) {
        (Some(cancelled), Outcome::Cancelled(_)) => format!("cancelled by {}", by_and_why(cancelled)),
        (None, Outcome::Cancelled(_)) => "cancelled".to_owned(),
        (_, Outcome::DidNotAttend | Outcome::Held) => who_was_missing(of, person, family),
        (_, Outcome::Unrecorded | Outcome::Planned) => String::new(),
    }
}

/// Who was missing at a session that was not held for somebody, or for anybody.
pub(crate) fn who_was_missing(of: &Counted, person: Option<PersonId>, family: &[Relative]) -> String {
    let session = &of.course;
    let came = |id: &PersonId| session.came(*id);
    let expected: Vec<PersonId> = person.map_or_else(|| session.with.clone(), |person| vec![person]);
    match (session.child_came(), expected.iter().any(came)) {
        (false, true) => "the child did not come".to_owned(),
        (true, true) => "the child and the family were not there at the same time".to_owned(),
        (_, false) if expected.len() > 1 => "nobody of the family came".to_owned(),
        (_, false) => format!("{} did not come", names(family, &expected)),
    }
}

/// Each reason with how often, the most frequent first.
pub(crate) fn reasons(each: impl Iterator<Item = String>) -> Vec<String> {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for why in each.filter(|why| !why.is_empty()) {
        match counted.iter_mut().find(|(known, _)| *known == why) {
            Some((_, count)) => *count += 1,
            None => counted.push((why, 1)),
        }
    }
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counted.into_iter().map(|(why, count)| format!("{count} {why}")).collect()
}

/// `parent or family member (illness)`.
pub(crate) fn by_and_why(cancelled: &Cancellation) -> String {
    format!("{} ({})", cancelled.by.label().to_lowercase(), cancelled.reason.label().to_lowercase())
}
