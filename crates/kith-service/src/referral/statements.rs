//! What a referral and its verification say, as statements: the form as the social worker sent it, and every answer of
//! the phone call.

use std::collections::BTreeMap;

use kith_domain::catalogue::{About, Topic, of_value};
use kith_domain::fact::{FactStanding, Source, Statement, Subject, is_of_relationship, settled};
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId, StatementId};
use kith_domain::referral::{ReferralDraft, SiblingDraft};
use kith_domain::verification::{Answered, Item, Outcome, Verification};
use kith_store::Referral;
use uuid::Uuid;

/// The rows of the family members of a form who are held already under another id.
pub(crate) type Recognised = BTreeMap<PersonId, PersonId>;

/// Every statement that acceptance writes, in order. `referrer` is the social worker's name.
pub(crate) fn of_acceptance(
    referral: &Referral,
    verification: &Verification,
    child: ChildId,
    held: &Recognised,
    referrer: &str,
) -> Vec<Statement> {
    let submitted = referral.submitted_ms.unwrap_or(referral.created_ms);
    let mut statements = Vec::new();
    let first = child == referral.child;
    // Of several children each has what is said of them; who the family are is said once.
    let own = |subject: &Subject| first || subject.child().is_some();
    for (subject, values) in of_form(&referral.body.for_child(child), child, held) {
        if !own(&subject) {
            continue;
        }
        statements.push(Statement {
            id: StatementId(Uuid::now_v7()),
            subject,
            recorded_ms: submitted,
            by: referral.referrer,
            source: Source::Form { referral: referral.id },
            said_by: referrer.to_owned(),
            since: None,
            standing: FactStanding::Said,
            values,
            note: None,
            takes_back: None,
        });
    }
    let corrected = verification.as_corrected(&referral.body);
    for answered in &verification.answers {
        let Some(item) = Item::from_code(&answered.item) else { continue };
        if !is_asked_of(item, referral.body.sibling(child), corrected.sibling(child)) {
            continue;
        }
        // An answer to what the form says no more is kept with the verification, and is no statement about what stands.
        if answered.of.differences(&item.of_form(&corrected)).is_empty() {
            let answers = of_answer(answered, item, referral, verification, child, held);
            statements.extend(answers.into_iter().filter(|statement| own(&statement.subject)));
        }
    }
    statements
}

/// Whether what was asked is about one child: what is their own was asked of them, and what is said of all is about them
/// unless their own stands in its place. `sibling` is as the form says, and `corrected` as the call left it; nothing of the
/// first child.
fn is_asked_of(item: Item, sibling: Option<&SiblingDraft>, corrected: Option<&SiblingDraft>) -> bool {
    let Some(sibling) = sibling else { return item.sibling.is_none() };
    match (item.sibling, item.person) {
        (Some(of), _) => of == sibling.id,
        (None, Some(person)) => !sibling.relations.contains_key(&person),
        // Where the first child lives is about who lives with them.
        (None, None) if item.topic == Topic::Placement => corrected.is_some_and(|sibling| sibling.lives_together),
        (None, None) => !item.is_own(),
    }
}

fn row_of(member: PersonId, held: &Recognised) -> PersonId {
    held.get(&member).copied().unwrap_or(member)
}

/// What the form says, by whom it is about.
fn of_form(form: &ReferralDraft, child: ChildId, held: &Recognised) -> Vec<(Subject, Fields)> {
    let mut of_child = Fields::default();
    for section in [&form.child, &form.placement, &form.legal, &form.risk, &form.contact] {
        let values = settled(section);
        // What is wanted is this referral's; what must and must not happen is about the child.
        let is_of_child = |name: &&str| {
            of_value(false, name).is_some_and(|item| item.about != About::Contact && item.counts(&values))
        };
        for name in values.names().filter(is_of_child) {
            let held = values.all(name).iter().map(|value| as_held(value, held));
            of_child.set_all(name, held.collect());
        }
    }
    let mut said = vec![(Subject::Child { child }, of_child)];
    for member in &form.family {
        let (of_person, of_relation) = of_member(&settled(&member.fields));
        let person = row_of(member.id, held);
        said.push((Subject::Person { person }, of_person));
        said.push((Subject::Relationship { child, person }, of_relation));
    }
    said
}

/// A value that names people of the form, with the rows of those who are held already in their place.
fn as_held(value: &str, held: &Recognised) -> String {
    let names =
        |value: &String, (member, row): (&PersonId, &PersonId)| value.replace(&member.to_string(), &row.to_string());
    held.iter().fold(value.to_owned(), |value, pair| names(&value, pair))
}

/// Values of a family member: who they are, and how they stand to the child.
pub(crate) fn of_member(values: &Fields) -> (Fields, Fields) {
    let counts = |name: &str| of_value(true, name).is_none_or(|item| item.counts(values));
    let of_relation = values.only(|name| is_of_relationship(name) && counts(name));
    (values.only(|name| !is_of_relationship(name) && counts(name)), of_relation)
}

fn of_answer(
    answered: &Answered,
    item: Item,
    referral: &Referral,
    verification: &Verification,
    child: ChildId,
    held: &Recognised,
) -> Vec<Statement> {
    let mut values = settled(&answered.of);
    if let Some(old) = &answered.old {
        // What the correction took away is said to be gone.
        let before = settled(old);
        let gone = before.names().filter(|name| item.is_about(name) && values.all(name).is_empty());
        for name in gone.map(str::to_owned).collect::<Vec<_>>() {
            values.set(name, "");
        }
    }
    // That a child lives with the first one is said by where that one lives.
    let values = values.only(|name| name != SiblingDraft::TOGETHER);
    let values: Fields = values.iter().map(|(name, value)| (name.to_owned(), as_held(value, held))).collect();
    let about = match item.person {
        None => vec![(Subject::Child { child }, values)],
        Some(member) => {
            let (of_person, of_relation) = of_member(&values);
            let person = row_of(member, held);
            vec![(Subject::Person { person }, of_person), (Subject::Relationship { child, person }, of_relation)]
        }
    };
    let standing = match answered.outcome {
        Outcome::Confirmed => FactStanding::Confirmed,
        Outcome::Corrected => FactStanding::Corrected,
        Outcome::NotKnown => FactStanding::NotKnown,
    };
    let call = verification.call_of(answered);
    let statement = |(subject, values): (Subject, Fields)| Statement {
        id: StatementId(Uuid::now_v7()),
        subject,
        // It holds of the form as it was sent last, if it was given earlier.
        recorded_ms: answered.at_ms.max(referral.submitted_ms.unwrap_or(answered.at_ms)),
        by: answered.by,
        source: Source::Call {
            referral: referral.id,
            number: call.map(|call| call.number.clone()).unwrap_or_default(),
            at_ms: call.map_or(answered.at_ms, |call| call.at_ms),
        },
        said_by: call.map(|call| call.called.clone()).unwrap_or_default(),
        since: None,
        standing,
        values,
        note: None,
        takes_back: None,
    };
    about.into_iter().filter(|(_, values)| values.names().next().is_some()).map(statement).collect()
}
