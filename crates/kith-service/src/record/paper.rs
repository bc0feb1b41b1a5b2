//! The record as a paper: what the view holds, in words.

use kith_domain::calendar;
use kith_domain::ids::{EntryId, SessionId};
use kith_domain::record::{Basis, ConcernKind, RecordState};
use kith_papers::{
    AddendumLine, AttendanceLine, ConcernLine, Dated, EarlierLine, EntryLine, Fact, HeadingBlock, Letterhead,
    ReviewLine, SessionRecordPaper, SignatureLine,
};

use super::view::{AddendumView, EntryView, RecordView, lateness, written_clock};
use crate::register::Register;
use crate::{Desk, ServiceError, typesetting};

impl Desk {
    /// The record as a PDF file, for who may read it.
    pub async fn record_paper(&self, id: SessionId) -> Result<Vec<u8>, ServiceError> {
        let view = self.record(id).await?;
        let paper = record_paper_of(&view, self.service.register());
        typesetting::set(move || kith_papers::session_record(&paper)).await
    }
}

/// Who issues the authority's papers.
pub(crate) fn letterhead(register: &Register) -> Letterhead {
    let authority = register.authority();
    Letterhead {
        authority: authority.name.clone(),
        service: authority.service.clone(),
        address: authority.address.clone(),
        contact: format!("{} · {}", authority.phone, authority.email),
    }
}

/// A record ready to be set, as a paper of its own or as a section of a report.
pub(crate) fn record_paper_of(view: &RecordView, register: &Register) -> SessionRecordPaper {
    let names = AboutNames::of(view);
    let headings = view.headings.iter().map(|under| HeadingBlock {
        heading: under.heading.label().to_owned(),
        entries: under.entries.iter().map(|entry| entry_line(entry, view, &names)).collect(),
    });
    let beside = view
        .entries()
        .flat_map(|entry| entry.addenda.iter().map(|addendum| addendum_line(addendum, names.name(entry.id))));
    let whole = view.addenda.iter().map(|addendum| addendum_line(addendum, String::new()));
    SessionRecordPaper {
        letterhead: letterhead(register),
        reference: format!("{} version {}", view.session.id.reference(), view.record.version),
        child: view.names(),
        title: format!("Record of the session on {}", calendar::long_date(view.session.slot.day)),
        facts: facts(view),
        attendance: view.attendance.iter().map(attendance_line).collect(),
        corrected: view.changed.iter().map(|line| line.words(&view.session)).collect(),
        concerns: concerns(view),
        released: released(view),
        headings: headings.collect(),
        addenda: beside.chain(whole).collect(),
        reviews: view.reviews.iter().map(review_line).collect(),
        signatures: view.signatures.iter().map(signature_line).collect(),
        dated: dated(view),
    }
}

fn facts(view: &RecordView) -> Vec<Fact> {
    let fact = |label: &str, value: String| Fact { label: label.to_owned(), value };
    let session = &view.session;
    let mut facts = vec![fact("Planned for", session.slot.label()), fact("Place", view.place.clone())];
    facts.extend(view.held().map(|held| fact("Held", held)));
    let together = view.together();
    if !together.is_empty() {
        facts.push(fact("Together", together.join("\n")));
    }
    if !view.beside.is_empty() {
        facts.push(fact("Also of this session", view.beside.join("\n")));
    }
    if view.left_out > 0 {
        let of = if view.beside.len() == 1 { "that child" } else { "those children" };
        let are = if view.left_out == 1 { "1 entry is".to_owned() } else { format!("{} entries are", view.left_out) };
        facts.push(fact("Not printed here", format!("{are} only about {of}")));
    }
    facts.push(fact("Outcome", view.outcome()));
    if let Some(supervision) = view.supervision {
        facts.push(fact("Level of supervision", supervision.label().to_owned()));
    }
    facts.push(fact("Supervisor, who wrote this record", view.author.clone()));
    if let Some(booked) = &view.booked {
        facts.push(fact("Booked supervisor", booked.clone()));
    }
    if let Some(second) = &view.second {
        facts.push(fact("Second supervisor", second.clone()));
    }
    facts.push(fact("Written for", view.record.body.purpose.label().to_owned()));
    facts.push(fact("When the entries were written", format!("{}, by the service’s clock", view.written_words())));
    facts.extend(view.leave.clone().map(|leave| fact("Leave to write it up late", leave)));
    facts
}

fn attendance_line(line: &super::PersonLine) -> AttendanceLine {
    let (arrived, left) = line.clocks();
    AttendanceLine {
        name: line.name.clone(),
        relationship: line.relationship.to_owned(),
        expected: calendar::clock(line.expected_minute),
        arrived,
        left,
        note: line.note(),
    }
}

/// Concerns of a paper that leaves the service: what is about a member of staff goes another way.
fn concerns(view: &RecordView) -> Vec<ConcernLine> {
    let told = view.concerns.iter().filter(|of| of.concern.kind != ConcernKind::AboutStaff);
    told.map(|of| ConcernLine {
        kind: of.concern.kind.label().to_owned(),
        raised: format!("{}, by {}", calendar::long_instant(of.received_ms), of.author),
        text: of.concern.text.clone(),
    })
    .collect()
}

/// How it came to be read without a signature; empty otherwise.
fn released(view: &RecordView) -> String {
    view.released_words().filter(|_| view.record.state == RecordState::Released).unwrap_or_default()
}

/// How each entry is called by an addendum to it: by its time, numbered where several are about the same minute, so that
/// none is mistaken for another.
struct AboutNames(Vec<(EntryId, String)>);

impl AboutNames {
    fn of(view: &RecordView) -> Self {
        let mut names: Vec<(EntryId, String)> = Vec::new();
        for entry in view.entries() {
            let clock = entry.about_clock();
            let before = names.iter().filter(|(_, name)| name.split(' ').next() == Some(clock.as_str())).count();
            let name = if before == 0 { clock } else { format!("{clock} ({})", before + 1) };
            names.push((entry.id, name));
        }
        Self(names)
    }

    fn name(&self, id: EntryId) -> String {
        self.0.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone()).unwrap_or_default()
    }
}

fn entry_line(entry: &EntryView, view: &RecordView, names: &AboutNames) -> EntryLine {
    let observation = &entry.text.observation;
    let struck = entry.struck.as_ref();
    let struck = struck.map(|(at, by, why)| format!("{}, by {by}: {why}", written_clock(*at, &view.session)));
    let earlier = entry
        .earlier
        .iter()
        .map(|text| EarlierLine { written: text.written(&view.session), text: text.observation.text.clone() });
    // By whoever was booked, where somebody stood in while the session went on.
    let by = if entry.author == view.record.author { String::new() } else { format!(", by {}", entry.author_name) };
    EntryLine {
        about: names.name(entry.id),
        written: format!("{}{by}", entry.written(&view.session)),
        basis: observation.basis.map_or("", basis).to_owned(),
        quotation: observation.quotation,
        text: observation.text.clone(),
        children: entry.about.join(", "),
        struck: struck.unwrap_or_default(),
        earlier: earlier.collect(),
    }
}

/// How the writer knows, as one word.
pub const fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Seen => "seen",
        Basis::Heard => "heard",
        Basis::Told => "told",
    }
}

fn addendum_line(addendum: &AddendumView, about: String) -> AddendumLine {
    AddendumLine {
        written: calendar::long_instant(addendum.written_ms),
        author: addendum.author_name.clone(),
        about,
        reason: addendum.addendum.reason.clone(),
        text: addendum.addendum.text.clone(),
    }
}

fn review_line(review: &super::ReviewView) -> ReviewLine {
    ReviewLine {
        outcome: if review.review.accepted { "Accepted" } else { "Returned" }.to_owned(),
        reviewer: review.name.clone(),
        at: calendar::long_instant(review.review.at_ms),
        comment: review.review.comment.clone().unwrap_or_default(),
    }
}

fn signature_line(signature: &super::SignatureView) -> SignatureLine {
    let late = (signature.late_minutes > 0).then(|| {
        let reason = signature.signature.late_reason.clone().unwrap_or_else(|| "no reason was given".to_owned());
        format!("{} after it was due: {reason}", lateness(signature.late_minutes))
    });
    SignatureLine {
        name: signature.name.clone(),
        role: kith_domain::access::Role::Supervisor.label().to_owned(),
        at: calendar::long_instant(signature.signature.at_ms),
        lateness: late,
        digest: signature.signature.digest.clone(),
    }
}

/// The day of the last thing in the record, so that the same record gives the same bytes.
fn dated(view: &RecordView) -> Dated {
    let record = &view.record;
    let entries = view
        .entries()
        .flat_map(|entry| entry.addenda.iter().map(|addendum| addendum.written_ms).chain([entry.text.received_ms]));
    let whole = view.addenda.iter().map(|addendum| addendum.written_ms);
    let last = [Some(record.opened_ms), record.signed_ms, record.reviewed_ms].into_iter().flatten();
    let last = last.chain(entries).chain(whole).max().unwrap_or(record.opened_ms);
    let day = calendar::in_london(last).date();
    Dated {
        year: i32::from(day.year()),
        month: u8::try_from(day.month()).unwrap_or(1),
        day: u8::try_from(day.day()).unwrap_or(1),
    }
}
