//! What a signature is over: the record with every entry as it stands.

use std::collections::BTreeMap;

use kith_domain::ids::{AccountId, ChildId, EntryId, PersonId, SessionId};
use kith_domain::record::{AgeBand, EntryBody, EntryKind, RecordPurpose};
use kith_store::{Entry, Record, Session};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// What is signed, in the order in which it is digested. Signatures and reviews are not part of it: they come after.
#[derive(Serialize)]
struct Signed<'a> {
    session: SessionId,
    day: i64,
    start_minute: i64,
    end_minute: i64,
    supervisor: AccountId,
    second_supervisor: Option<AccountId>,
    author: AccountId,
    people: &'a [PersonId],
    state: &'a str,
    place: &'a str,
    bands: &'a BTreeMap<ChildId, AgeBand>,
    purpose: RecordPurpose,
    entries: Vec<SignedEntry<'a>>,
}

#[derive(Serialize)]
struct SignedEntry<'a> {
    id: EntryId,
    author: AccountId,
    children: &'a [ChildId],
    received_ms: i64,
    number: i64,
    body: &'a EntryBody,
}

/// SHA-256, in hexadecimal, of a record as it stands at an instant: JSON with its fields always in the same order, every
/// entry in the order received (who came, start, end, revisions and what was struck out among them), addenda up to then.
/// `author` is whose record it was then: somebody may have stood in since.
pub(super) fn digest(
    session: &Session,
    people: &[PersonId],
    record: &Record,
    entries: &[Entry],
    author: AccountId,
    at_ms: i64,
) -> String {
    let staff = (session.supervisor, session.body.second_supervisor);
    let (supervisor, second_supervisor) = session.body.staff_at(staff, at_ms);
    let signed = Signed {
        session: session.id,
        day: kith_domain::calendar::day_number(session.slot.day),
        start_minute: session.slot.start_minute,
        end_minute: session.slot.end_minute,
        supervisor,
        second_supervisor,
        author,
        people,
        state: session.state.code(),
        place: &record.body.place,
        bands: &record.body.bands,
        purpose: record.body.purpose,
        entries: entries
            .iter()
            // Nothing but an addendum is added once it is signed; a concern can be raised at any moment.
            .filter(|entry| {
                !matches!(entry.kind(), EntryKind::Addendum | EntryKind::Concern) || entry.received_ms < at_ms
            })
            .map(|entry| SignedEntry {
                id: entry.id,
                author: entry.author,
                children: &entry.children,
                received_ms: entry.received_ms,
                number: entry.number,
                body: &entry.body,
            })
            .collect(),
    };
    let json = serde_json::to_vec(&signed).expect("ids, numbers, codes and strings are always JSON");
    hex::encode(Sha256::digest(&json))
}
