//! Pages of the record: written in the room, read, signed, added to, reviewed, printed.

pub(crate) mod add;
pub(crate) mod concern;
pub(crate) mod read;
pub(crate) mod release;
pub(crate) mod review;
pub(crate) mod sign;
pub(crate) mod strike;
pub(crate) mod write;

#[cfg(test)]
mod tests;

use kith_domain::calendar;
use kith_domain::ids::EntryId;
use kith_domain::record::Heading;
use kith_service::record::{AddendumView, ConcernView, EntryView, RecordView, basis, written_clock};

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
    /// The time it is about; a dash where the writer named none.
    pub(crate) about: String,
    /// How the writer knows.
    pub(crate) basis: Option<&'static str>,
    /// When the text that stands was written.
    pub(crate) written: String,
    /// Whether it was written during the session, or so shortly before or after that it is fresh.
    pub(crate) fresh: bool,
    /// Whether it is somebody's own words.
    pub(crate) quotation: bool,
    /// The text.
    pub(crate) text: String,
    /// The children it is about, where that is not all of them.
    pub(crate) children: String,
    /// When, by whom and why it was struck out.
    pub(crate) struck: Option<String>,
    /// Earlier texts: when written, and the words.
    pub(crate) earlier: Vec<(String, String)>,
    /// Who wrote it.
    pub(crate) author: String,
    /// Whether the reader wrote it.
    pub(crate) own: bool,
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
    let observation = &of.text.observation;
    let struck = of.struck.as_ref();
    let struck = struck.map(|(at, by, why)| format!("{}, by {by}: {why}", written_clock(*at, &view.session)));
    let earlier = of.earlier.iter().map(|text| (text.written(&view.session), text.observation.text.clone()));
    Entry {
        id: of.id,
        about: Some(of.about_clock()).filter(|clock| !clock.is_empty()).unwrap_or_else(|| "–".to_owned()),
        basis: observation.basis.map(basis),
        written: format!("Written {}", of.written(&view.session)),
        fresh: of.text.written.is_fresh(),
        quotation: observation.quotation,
        text: observation.text.clone(),
        children: of.about.join(", "),
        struck,
        earlier: earlier.collect(),
        author: of.author_name.clone(),
        own: of.own,
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
    let dash = |words: String| if words.is_empty() { "–".to_owned() } else { words };
    let row = |line: &kith_service::record::PersonLine| {
        let (came, left) = line.clocks();
        let name = format!("{} ({})", line.name, line.relationship.to_lowercase());
        [name, calendar::clock(line.expected_minute), dash(came), dash(left), line.note()]
    };
    view.attendance.iter().map(row).collect()
}

/// What was said of the course and stands no more, for reading.
pub(crate) fn corrected(view: &RecordView) -> Vec<String> {
    view.changed.iter().map(|line| line.words(&view.session)).collect()
}

/// Concerns: what and when, the words, who raised it.
pub(crate) fn concerns(of: &[ConcernView]) -> Vec<[String; 3]> {
    of.iter().map(|of| [of.heading(), of.concern.text.clone(), of.author.clone()]).collect()
}

/// The headings to choose from.
pub(crate) fn headings() -> crate::ui::Options {
    Heading::ALL.iter().map(|heading| (heading.code().to_owned(), heading.label().to_owned())).collect()
}
