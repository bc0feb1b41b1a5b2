//! Pages of the record: written in the room, read, signed, added to, reviewed, printed.

pub(crate) mod add;
pub(crate) mod read;
pub(crate) mod review;
pub(crate) mod sign;
pub(crate) mod write;

#[cfg(test)]
mod tests;

use kith_domain::calendar;
use kith_domain::ids::EntryId;
use kith_domain::record::{Heading, Written};
use kith_service::record::{AddendumView, EntryView, RecordView, attendance_note, basis, written_clock};

/// The entries under a heading, for a page.
pub(crate) struct Under {
    /// The heading.
    pub(crate) heading: &'static str,
    /// Its entries.
    pub(crate) entries: Vec<Entry>,
}

/// An entry, for a page.
pub(crate) struct Entry {
    /// Its id.
    pub(crate) id: EntryId,
    /// The time it is about.
    pub(crate) about: String,
    /// How the writer knows.
    pub(crate) basis: Option<&'static str>,
    /// During or after, with the clock.
    pub(crate) written: String,
    /// Whether it was during the session.
    pub(crate) during: bool,
    /// Whether it is somebody's own words.
    pub(crate) quotation: bool,
    /// The text.
    pub(crate) text: String,
    /// Who wrote it.
    pub(crate) author: String,
    /// Corrections of it.
    pub(crate) addenda: Vec<Added>,
}

/// An addendum, for a page.
pub(crate) struct Added {
    /// When.
    pub(crate) written: String,
    /// Who.
    pub(crate) author: String,
    /// Why.
    pub(crate) reason: String,
    /// The text.
    pub(crate) text: String,
}

/// Entries by heading.
pub(crate) fn under_headings(view: &RecordView) -> Vec<Under> {
    let under = view.headings.iter();
    under
        .map(|under| Under {
            heading: under.heading.label(),
            entries: under.entries.iter().map(|of| entry(of, view)).collect(),
        })
        .collect()
}

fn entry(of: &EntryView, view: &RecordView) -> Entry {
    let during = of.written == Written::During;
    let when = if during { "Written during" } else { "Written after" };
    let clock = |at_ms| written_clock(at_ms, &view.session);
    let changed = of.observation.changed_ms.map(|at| format!(", changed {}", clock(at))).unwrap_or_default();
    Entry {
        id: of.id,
        about: calendar::clock(of.observation.about_minute),
        basis: of.observation.basis.map(basis),
        written: format!("{when}, {}{changed}", clock(of.written_ms)),
        during,
        quotation: of.observation.quotation,
        text: of.observation.text.clone(),
        author: of.author_name.clone(),
        addenda: of.addenda.iter().map(added).collect(),
    }
}

/// An addendum, for a page.
pub(crate) fn added(of: &AddendumView) -> Added {
    Added {
        written: calendar::long_instant(of.written_ms),
        author: of.author_name.clone(),
        reason: of.addendum.reason.clone(),
        text: of.addendum.text.clone(),
    }
}

/// Attendance as rows: name with relationship, expected, arrived, left, note.
pub(crate) fn attendance_rows(view: &RecordView) -> Vec<[String; 5]> {
    let clock = |minute: Option<i64>| minute.map_or_else(|| "–".to_owned(), calendar::clock);
    let row = |line: &kith_service::record::PersonLine| {
        [
            format!("{} ({})", line.name, line.relationship.to_lowercase()),
            calendar::clock(line.attendance.expected_minute),
            clock(line.attendance.arrived_minute),
            clock(line.attendance.left_minute),
            attendance_note(&line.attendance),
        ]
    };
    view.attendance.iter().map(row).collect()
}

/// When the entries were written, in words.
pub(crate) fn written_words(view: &RecordView) -> String {
    let (during, after) = view.written_counts();
    let entries = if during == 1 { "1 entry".to_owned() } else { format!("{during} entries") };
    format!("{entries} during the session, {after} after it")
}

/// The headings to choose from.
pub(crate) fn headings() -> crate::ui::Options {
    Heading::ALL.iter().map(|heading| (heading.code().to_owned(), heading.label().to_owned())).collect()
}
