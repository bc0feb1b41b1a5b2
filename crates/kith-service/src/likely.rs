//! Who of those held a person may be: found without being opened, then opened where this person may read, and weighed.

use std::collections::HashMap;

use kith_domain::access::Purpose;
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId, ReferralId};
use kith_domain::referral::ReferralState;
use kith_linkage::Question;
use kith_store::{Child, Look, member_compared};

use crate::{Desk, ServiceError};

/// Among how many a name is weighed: as many as a large service holds. Where fewer are held names are no rarer.
const PEOPLE: usize = 30_000;
/// From this probability somebody is shown behind "more".
const LEAST: f64 = 0.02;
/// How many are shown at once.
const FIRST: usize = 3;

/// Somebody held who may be the person asked for.
pub(crate) struct Weighed<T> {
    pub(crate) held: T,
    /// What is held of them.
    pub(crate) values: Fields,
    pub(crate) probability: f64,
    /// Why, in words.
    pub(crate) why: Vec<String>,
}

/// A child who may be the person asked for.
pub(crate) struct LikelyChild {
    pub(crate) child: Child,
    /// The referral, while the child's file is not opened.
    pub(crate) referral: Option<(ReferralId, ReferralState)>,
}

/// Who may be the person asked for, the likeliest first.
pub(crate) struct LikelyOnes {
    pub(crate) children: Vec<Weighed<LikelyChild>>,
    /// Members of families, each with the files they were found in.
    pub(crate) members: Vec<Weighed<(PersonId, Vec<ChildId>)>>,
}

fn weighed<T>(
    question: &Question,
    least: f64,
    held: T,
    values: Fields,
    compared: &kith_linkage::Person,
) -> Option<Weighed<T>> {
    let likely = question.likely(compared).filter(|likely| likely.probability >= least)?;
    let why = likely.reasons.split("; ").map(str::to_owned).collect();
    Some(Weighed { held, values, probability: likely.probability, why })
}

fn in_order<T>(mut all: Vec<Weighed<T>>) -> Vec<Weighed<T>> {
    all.sort_by(|one, other| other.probability.total_cmp(&one.probability));
    all
}

/// The first of those who are likely enough to be shown at once, and the others.
pub(crate) fn first_and_more<T>(all: Vec<Weighed<T>>) -> (Vec<Weighed<T>>, Vec<Weighed<T>>) {
    let first = all.iter().take(FIRST).take_while(|one| one.probability >= kith_linkage::SHOWN).count();
    let mut all = all.into_iter();
    (all.by_ref().take(first).collect(), all.collect())
}

impl Desk {
    /// Who of those held in files this person may read is likely to be somebody; `everywhere`, for the program itself, in all
    /// files.
    pub(crate) async fn likely_ones(
        &self,
        look: &Look,
        asked: &kith_linkage::Person,
        everywhere: bool,
    ) -> Result<LikelyOnes, ServiceError> {
        let question = Question::new(asked, PEOPLE);
        // Nobody who asks is told that they are not held because somebody thought it unlikely.
        let least = if self.access.purpose == Purpose::Rights { 0.0 } else { LEAST };
        let found = look.in_question(&question).await?;
        let mut files: Vec<ChildId> = found.iter().map(|hit| hit.child).collect();
        files.sort_unstable();
        files.dedup();
        if !everywhere {
            files = self.files_read(look, &files).await?;
        }
        let hits = found.iter().filter(|hit| files.binary_search(&hit.child).is_ok());
        let children: Vec<ChildId> = hits.clone().filter(|hit| hit.person.is_none()).map(|hit| hit.child).collect();
        let mut members: Vec<(PersonId, Vec<ChildId>)> = Vec::new();
        for hit in hits {
            let Some(person) = hit.person else { continue };
            match members.iter_mut().find(|(known, _)| *known == person) {
                Some((_, files)) => files.push(hit.child),
                None => members.push((person, vec![hit.child])),
            }
        }
        let of_child = |(child, values, referral): (Child, Fields, Option<kith_store::Referral>)| {
            let compared = kith_store::child_compared(&values);
            let referral = referral.map(|of| (of.id, of.state));
            weighed(&question, least, LikelyChild { child, referral }, values, &compared)
        };
        let opened = self.opened(look, &children).await?;
        let children = in_order(opened.into_iter().filter_map(of_child).collect());
        // Who is on a form alone has no row yet: who answers people finds them there.
        let people = look.people(&members.iter().map(|(person, _)| *person).collect::<Vec<_>>()).await?;
        let row = |person: PersonId| people.iter().find(|row| row.id == person);
        let mut on_forms: HashMap<PersonId, Fields> = HashMap::new();
        if self.access.purpose == Purpose::Rights {
            let alone = members.iter().filter(|(person, _)| row(*person).is_none());
            let of: Vec<ChildId> = alone.flat_map(|(_, files)| files.iter().copied()).collect();
            for referral in self.referrals_read(look, &of).await? {
                for member in referral.body.family {
                    on_forms.entry(member.id).or_insert(member.fields);
                }
            }
        }
        let of_member = |member: (PersonId, Vec<ChildId>)| {
            let held = row(member.0).map(|person| &person.body.known.values);
            let values = held.or_else(|| on_forms.get(&member.0))?.clone();
            let compared = member_compared(&values);
            weighed(&question, least, member, values, &compared)
        };
        let members = in_order(members.into_iter().filter_map(of_member).collect());
        Ok(LikelyOnes { children, members })
    }
}
