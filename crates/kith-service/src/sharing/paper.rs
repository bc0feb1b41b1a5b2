//! The paper of a disclosure: what goes, to whom, what for, and what they may do with it.

use kith_domain::calendar::long_date;
use kith_domain::ids::DisclosureId;
use kith_domain::sharing::{ShareWith, Weighed, WentEnclosed};
use kith_papers::{AgreementPart, DisclosurePaper, Fact};

use super::disclose::Gathered;
use super::enclose::SetPaper;
use crate::record::letterhead;
use crate::referral::MARKING;
use crate::typesetting::{self, dated};
use crate::{Desk, ServiceError};

fn fact(label: &str, value: impl Into<String>) -> Fact {
    Fact { label: label.to_owned(), value: value.into() }
}

fn line(of: &Weighed) -> Fact {
    let disputed = if of.disputed { "\n(Somebody disputes this.)" } else { "" };
    fact(&of.label, format!("{}{disputed}", of.words))
}

/// What is enclosed: each with the name of its file and its digest, so that the digest of this paper is one of everything.
fn enclosed_facts(id: DisclosureId, enclosed: &[SetPaper]) -> Vec<Fact> {
    let goes = enclosed.iter().map(|paper| &paper.went).filter(|of| of.stays.is_none());
    let line = |of: &WentEnclosed| {
        let value = format!("{}, {} bytes\nSHA-256 {}", file_name(id, of), of.length, of.digest);
        fact(&format!("{}. {}", of.number, of.label), value)
    };
    goes.map(line).collect()
}

/// The name under which an enclosed paper is given out: numbers, and nothing of a person.
pub(super) fn file_name(id: DisclosureId, of: &WentEnclosed) -> String {
    format!("information-{}-{}.{}", id.reference(), of.number, of.media)
}

/// Sets the paper: headings say how somebody stands to the child, so that a name is there only where the package has it.
pub(super) async fn set(
    desk: &Desk,
    id: DisclosureId,
    of: &Gathered,
    ask: &ShareWith,
    weighed: &[Weighed],
    enclosed: &[SetPaper],
) -> Result<Vec<u8>, ServiceError> {
    let register = desk.service.register();
    let authority = register.authority();
    let mut facts = vec![
        fact("To", of.recipient(ask)),
        fact("What for", ask.purpose.label()),
        fact("On what basis", of.basis().label()),
    ];
    if !of.under().is_empty() {
        facts.push(fact("Under", of.under()));
    }
    let by = desk.actor().account.map(|account| desk.service.name_of(account)).unwrap_or_default();
    facts.push(fact("Sent by", by));
    let goes = |person| weighed.iter().filter(move |of| of.stays.is_none() && of.person == person).map(line);
    let mut groups = vec![AgreementPart { heading: "The child".to_owned(), facts: goes(None).collect() }];
    for relative in &of.family {
        let facts: Vec<Fact> = goes(Some(relative.person.id)).collect();
        if !facts.is_empty() {
            groups.push(AgreementPart { heading: relative.relation.relationship.label().to_owned(), facts });
        }
    }
    groups.push(AgreementPart { heading: "Enclosed".to_owned(), facts: enclosed_facts(id, enclosed) });
    groups.retain(|group| !group.facts.is_empty());
    let notes = vec![
        "Use this for what it was given for and for nothing else, give it to nobody else, and destroy it when you do not need it any \
         more."
            .to_owned(),
        format!(
            "If something here is wrong, or somebody else has seen it, tell us at once: {}, {}.",
            authority.phone, authority.email
        ),
    ];
    let paper = DisclosurePaper {
        letterhead: letterhead(register),
        marking: MARKING.to_owned(),
        reference: id.reference(),
        title: "Information for you".to_owned(),
        date: long_date(desk.service.today()),
        facts,
        groups,
        notes,
        dated: dated(desk.now_ms()),
    };
    typesetting::set(move || kith_papers::disclosure(&paper)).await
}
