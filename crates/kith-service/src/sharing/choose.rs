//! What the form for sending something offers: recipients, people, sessions, and the whole papers of the file that can go beside it.

use jiff::civil::Date;
use kith_domain::calendar::{day_number, in_london, instant_ms, long_date};
use kith_domain::form::{Fields, Problem, Reader};
use kith_domain::ids::{ChildId, PersonId, SessionId};
use kith_domain::record::RecordState;
use kith_domain::sharing::{DemandState, Enclosure, EnclosureKind, RecipientKind, To, package};
use kith_store::{Document, Look, ReadableRecord, SignedReport};

use crate::file::child_in_contact;
use crate::{Desk, ServiceError};

/// How many days back and ahead sessions are offered.
const SESSIONS_BACK: i64 = 1;
const SESSIONS_AHEAD: i64 = 42;
/// Papers offered at once; more are found by their days.
const OFFERED: usize = 30;

/// What the form offers. No Debug: it names people.
pub struct ShareChoices {
    /// The child's name.
    pub child: String,
    /// Who can get something: the value of the form, and what they are called.
    pub to: Vec<(String, String)>,
    /// The family by name.
    pub people: Vec<(PersonId, String)>,
    /// The sessions of these weeks.
    pub sessions: Vec<(SessionId, String)>,
    /// Whole papers of the file, the newest first, those that are chosen before all others.
    pub papers: Vec<(Enclosure, String)>,
    /// How many more there are of what was looked for.
    pub more: u64,
}

/// Which papers are looked for.
#[derive(Clone, Copy, Default)]
pub struct PapersOf {
    /// What they are; `None`: anything.
    pub kind: Option<EnclosureKind>,
    /// The first day: of the session, of signing, of adding.
    pub from: Option<Date>,
    /// The last day.
    pub until: Option<Date>,
}

impl PapersOf {
    /// Reads `papers_kind`, `papers_from`, `papers_until`.
    pub fn read(fields: &Fields) -> Result<Self, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let kind = r.choice("papers_kind", "What they are", EnclosureKind::from_code);
        let from = r.date("papers_from", "First day");
        let until = r.date("papers_until", "Last day");
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            r.problem("papers_until-day", "Last day must be on or after the first day");
        }
        r.finish(Self { kind, from, until })
    }

    fn has(&self, kind: EnclosureKind) -> bool {
        self.kind.is_none_or(|of| of == kind)
    }

    /// As day numbers.
    fn days(&self) -> (i64, i64) {
        // Any day that a calendar has; not so far that an engine's number ends.
        const EVER: i64 = 4_000_000;
        (self.from.map_or(-EVER, day_number), self.until.map_or(EVER, day_number))
    }
}

/// What a record is called where whom it is about must not be said.
pub(super) fn record_label(of: &ReadableRecord) -> String {
    let day = long_date(of.slot.day);
    match of.state {
        RecordState::Released => format!("Record of the session on {day}, released without a signature"),
        _ => format!("Record of the session on {day}"),
    }
}

/// What a report is called.
pub(super) fn report_label(of: &SignedReport) -> String {
    let day = |number| long_date(kith_domain::calendar::day_of(number));
    format!("Report for court, {} to {}", day(of.from), day(of.to))
}

/// What a document is called, without what was written about it.
pub(super) fn document_label(of: &Document) -> String {
    format!("{}, added on {}", of.body.facts.kind.label(), long_date(in_london(of.created_ms).date()))
}

impl Desk {
    /// What the form for sending something offers. Papers are those that `of` asks for, and before them those that are `chosen`.
    pub async fn share_choices(
        &self,
        child: ChildId,
        of: PapersOf,
        chosen: &[Enclosure],
    ) -> Result<ShareChoices, ServiceError> {
        let (look, _) = self.look_into_file("disclosure.make", child).await?;
        let name = child_in_contact(&look, child).await?.name();
        let people = look.family(child).await?.iter().map(|of| (of.person.id, of.name())).collect();
        let today = day_number(self.service.today());
        let sessions = look.sessions_of(child, today - SESSIONS_BACK, today + SESSIONS_AHEAD).await?;
        let mut to = Vec::new();
        for of in look.demands_of(child).await?.into_iter().filter(|of| of.state == DemandState::Approved) {
            to.push((To::Demand(of.id).code(), format!("{}, who demanded it by law", of.body.who)));
        }
        for of in look.sharing_agreements(false).await? {
            let words = format!("{} ({})", of.body.facts.party, kith_domain::form::lower_first(of.kind.label()));
            to.push((To::Party(of.id).code(), words));
        }
        for kind in RecipientKind::ALL {
            let inside = package(*kind).inside;
            let words =
                if inside { kind.label().to_owned() } else { format!("{}, without an agreement", kind.label()) };
            to.push((To::Kind(*kind).code(), words));
        }
        let (papers, more) = offered(&look, child, of, chosen).await?;
        look.done("disclosure.begun", self.now_ms()).await?;
        let sessions = sessions.into_iter().map(|of| (of.id, of.slot.label())).collect();
        Ok(ShareChoices { child: name, to, people, sessions, papers, more })
    }
}

/// The papers to choose from, the newest first after those that are chosen; and how many more there are.
async fn offered(
    look: &Look,
    child: ChildId,
    of: PapersOf,
    chosen: &[Enclosure],
) -> Result<(Vec<(Enclosure, String)>, u64), ServiceError> {
    let days = of.days();
    // As many of each as are shown of all, so that the newest of all are among them.
    let many = OFFERED as u64;
    let (mut found, mut total) = (Vec::new(), 0);
    if of.has(EnclosureKind::Record) {
        let (records, count) = look.readable_records_of(child, days, many).await?;
        total += count;
        found.extend(records.iter().map(|of| (day_number(of.slot.day), Enclosure::Record(of.id), record_label(of))));
    }
    if of.has(EnclosureKind::Report) {
        let signed = |of: &SignedReport| day_number(in_london(of.signed_ms).date());
        let mut reports = look.signed_reports_of(child).await?;
        reports.retain(|of| (days.0..=days.1).contains(&signed(of)));
        total += reports.len() as u64;
        found.extend(reports.iter().map(|of| (signed(of), Enclosure::Report(of.id), report_label(of))));
    }
    if of.has(EnclosureKind::Document) {
        let from_ms = of.from.map_or(0, |day| instant_ms(day, 0));
        let until_ms = of.until.map_or(i64::MAX, |day| instant_ms(day, 24 * 60 - 1) + 59_999);
        let (documents, count) = look.kept_documents_of(child, (from_ms, until_ms), many).await?;
        total += count;
        found.extend(documents.iter().map(|of| {
            let said = of.body.facts.description.as_ref().map(|said| format!(": {said}")).unwrap_or_default();
            let day = day_number(in_london(of.created_ms).date());
            (day, Enclosure::Document(of.id), format!("{}{said}", document_label(of)))
        }));
    }
    found.sort_by_key(|(day, of, _)| (std::cmp::Reverse(*day), std::cmp::Reverse(of.id())));
    found.truncate(OFFERED);
    let more = total.saturating_sub(found.len() as u64);
    let mut papers = Vec::new();
    for one in chosen {
        let there = found.iter().position(|(_, of, _)| of == one).map(|at| found.remove(at).2);
        let label = match there {
            Some(label) => label,
            None => label_of(look, child, *one).await?,
        };
        papers.push((*one, label));
    }
    papers.extend(found.into_iter().map(|(_, of, label)| (of, label)));
    Ok((papers, more))
}

/// What a paper is called that was chosen before and is not among those that are looked for now.
async fn label_of(look: &Look, child: ChildId, of: Enclosure) -> Result<String, ServiceError> {
    let label = match of {
        Enclosure::Record(id) => look.readable_record(child, id).await?.as_ref().map(record_label),
        Enclosure::Report(id) => look.signed_reports_of(child).await?.iter().find(|of| of.id == id).map(report_label),
        Enclosure::Document(id) => super::enclose::document_in(look, child, id).await?.as_ref().map(document_label),
    };
    Ok(label.unwrap_or_else(|| format!("{} that is not there", of.kind().label())))
}
