//! What is left of a part when what is taken out is taken out.

use super::{PackPart, Reason};
use crate::ids::AccountId;

/// A piece of a line as it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Words(String),
    /// Something was taken out here: its number in the schedule.
    Removed(String),
}

/// A line as it leaves.
#[derive(Clone, PartialEq, Eq)]
pub struct RedactedLine {
    /// What it is.
    pub label: String,
    /// What is held, in pieces.
    pub pieces: Vec<Piece>,
}

/// What was taken out, for the schedule that is kept inside. No Debug: it is what nobody outside may read.
#[derive(Clone, PartialEq, Eq)]
pub struct Removal {
    /// Its number.
    pub number: String,
    /// In which line, from 0; `None` for the part as a whole, or the document that it is about.
    pub line: Option<usize>,
    /// The words.
    pub words: String,
    /// Why; several where they lay over each other.
    pub reasons: Vec<Reason>,
    /// What was said of it.
    pub notes: Vec<String>,
    /// Who decided.
    pub by: Vec<AccountId>,
}

/// A part as it leaves, and what was taken out of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Redacted {
    /// Its lines; of a part that is left out as a whole, none.
    pub lines: Vec<RedactedLine>,
    /// What was taken out.
    pub removals: Vec<Removal>,
}

/// Takes out of a part what was decided to be taken out. `number` is the part's own number: what is taken out is numbered in it.
/// What nobody decided about is taken out too: nothing leaves because it was not looked at.
pub fn redact(part: &PackPart, number: i64) -> Redacted {
    if let Some(mark) = part.left_out() {
        let words = part.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
        let removal = Removal {
            number: format!("{number}.1"),
            line: None,
            words,
            reasons: vec![mark.reason],
            notes: mark.note.clone().into_iter().collect(),
            by: vec![mark.by],
        };
        return Redacted { lines: Vec::new(), removals: vec![removal] };
    }
    let mut removals: Vec<Removal> = Vec::new();
    let mut lines = Vec::with_capacity(part.lines.len());
    for (index, line) in part.lines.iter().enumerate() {
        let mut spans = spans(part, index);
        spans.retain(|span| span.from < span.to && line.text.get(span.from..span.to).is_some());
        let mut pieces = Vec::new();
        let mut at = 0;
        for span in spans {
            if span.from > at {
                pieces.push(Piece::Words(line.text[at..span.from].to_owned()));
            }
            let number = format!("{number}.{}", removals.len() + 1);
            pieces.push(Piece::Removed(number.clone()));
            let words = line.text[span.from..span.to].to_owned();
            let (reasons, notes, by) = (span.reasons, span.notes, span.by);
            removals.push(Removal { number, line: Some(index), words, reasons, notes, by });
            at = span.to;
        }
        if at < line.text.len() {
            pieces.push(Piece::Words(line.text[at..].to_owned()));
        }
        lines.push(RedactedLine { label: line.label.clone(), pieces });
    }
    if let Some(document) = &part.document {
        let name = document.name(number);
        let piece = if part.enclosed().is_some() {
            Piece::Words(format!("Enclosed as {name}"))
        } else {
            let number = format!("{number}.{}", removals.len() + 1);
            let reason = document.decided.and_then(|decided| decided.removed).unwrap_or(Reason::Another);
            removals.push(Removal {
                number: number.clone(),
                line: None,
                words: format!("The document itself ({name})"),
                reasons: vec![reason],
                notes: Vec::new(),
                by: document.decided.iter().map(|decided| decided.by).collect(),
            });
            Piece::Removed(number)
        };
        lines.push(RedactedLine { label: "The document itself".to_owned(), pieces: vec![piece] });
    }
    Redacted { lines, removals }
}

struct Span {
    from: usize,
    to: usize,
    reasons: Vec<Reason>,
    notes: Vec<String>,
    by: Vec<AccountId>,
}

/// What is taken out of a line, in order, those that touch each other as one.
fn spans(part: &PackPart, line: usize) -> Vec<Span> {
    let marked =
        part.marks.iter().filter_map(|mark| Some((mark.place?, mark.reason, mark.note.clone(), Some(mark.by))));
    let found = part.found.iter().filter_map(|found| match found.decided {
        None => Some((found.place, Reason::Another, None, None)),
        Some(decided) => Some((found.place, decided.removed?, None, Some(decided.by))),
    });
    let mut all: Vec<_> = marked.chain(found).filter(|(place, ..)| place.line == line).collect();
    all.sort_by_key(|(place, ..)| (place.from, place.to));
    let mut spans: Vec<Span> = Vec::new();
    for (place, reason, note, by) in all {
        match spans.last_mut().filter(|span| place.from < span.to) {
            Some(span) => {
                span.to = span.to.max(place.to);
                if !span.reasons.contains(&reason) {
                    span.reasons.push(reason);
                }
                span.notes.extend(note);
                span.by.extend(by.filter(|by| !span.by.contains(by)));
            }
            None => spans.push(Span {
                from: place.from,
                to: place.to,
                reasons: vec![reason],
                notes: note.into_iter().collect(),
                by: by.into_iter().collect(),
            }),
        }
    }
    spans
}
