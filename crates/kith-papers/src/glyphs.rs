//! Text that the shipped fonts can show.
//!
//! PDF/UA-1 forbids glyphs that stand for nothing (ISO 14289-1, 7.21.8), and a name in a script that no shipped font
//! has must not stop a paper the court waits for. Such a character becomes U+FFFD, the replacement character, and the
//! paper says so at its end.

use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use serde_json::Value;
use typst::layout::{Frame, FrameItem};
use typst::text::Glyph;
use typst_layout::PagedDocument;

use crate::fonts::fonts;

/// What is shown for a character that no font has.
pub(crate) const REPLACEMENT: char = '\u{FFFD}';

/// Rewrites every string of `value` so that each of its characters has a glyph. Returns how many had none.
pub(crate) fn make_printable(value: &mut Value) -> usize {
    match value {
        Value::String(text) => {
            let (printable, replaced) = printable(text);
            *text = printable;
            replaced
        }
        Value::Array(items) => items.iter_mut().map(make_printable).sum(),
        Value::Object(fields) => fields.values_mut().map(make_printable).sum(),
        _ => 0,
    }
}

fn printable(text: &str) -> (String, usize) {
    let mut replaced = 0;
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            // Overrides and embeddings can make a text read otherwise than it was written; the byte order mark may
            // not be mapped in a PDF. None of them is visible.
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' => {}
            c if !c.is_control() && (invisible(c) || covered(c)) => out.push(c),
            c if c.is_whitespace() => out.push(' '),
            _ => {
                replaced += 1;
                out.push(REPLACEMENT);
            }
        }
    }
    (out, replaced)
}

/// Characters that Typst sets without a glyph: joiners, marks of direction, the soft hyphen, variation selectors.
fn invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FE00}'..='\u{FE0F}')
}

fn covered(c: char) -> bool {
    static COVERED: OnceLock<HashSet<u32>> = OnceLock::new();
    COVERED
        .get_or_init(|| fonts().all.iter().flat_map(|font| font.info().coverage.iter()).collect())
        .contains(&u32::from(c))
}

/// The runs of text in `document` that got no glyph. Every character may be covered and a run still fail, when no one
/// font has both a letter and the mark upon it.
pub(crate) fn without_glyph(document: &PagedDocument) -> BTreeSet<String> {
    let mut runs = BTreeSet::new();
    for page in document.pages() {
        collect(&page.frame, &mut runs);
    }
    runs
}

fn collect(frame: &Frame, runs: &mut BTreeSet<String>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => collect(&group.frame, runs),
            FrameItem::Text(item) => {
                let mut missing: Vec<_> = item.glyphs.iter().filter(|glyph| glyph.id == 0).map(Glyph::range).collect();
                missing.sort_by_key(|range| range.start);
                let mut missing = missing.into_iter().peekable();
                while let Some(mut range) = missing.next() {
                    while let Some(next) = missing.next_if(|next| next.start <= range.end) {
                        range.end = range.end.max(next.end);
                    }
                    if let Some(text) = item.text.get(range) {
                        runs.insert(text.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
}

/// Takes the `runs` apart in every string of `value`: letter and mark are then shown one after the other, each by the
/// font that has it. With `give_up` they become replacement characters. Returns how many characters were replaced.
pub(crate) fn take_apart(value: &mut Value, runs: &BTreeSet<String>, give_up: bool) -> usize {
    match value {
        Value::String(text) => {
            let mut replaced = 0;
            for run in runs {
                let found = text.matches(run.as_str()).count();
                if found > 0 {
                    let apart = if give_up {
                        replaced += found;
                        REPLACEMENT.to_string()
                    } else {
                        // A zero-width space ends a grapheme cluster (Unicode Standard Annex 29, GB4 and GB5).
                        run.chars().flat_map(|c| ['\u{200B}', c]).chain(['\u{200B}']).collect()
                    };
                    *text = text.replace(run.as_str(), &apart);
                }
            }
            replaced
        }
        Value::Array(items) => items.iter_mut().map(|item| take_apart(item, runs, give_up)).sum(),
        Value::Object(fields) => fields.values_mut().map(|field| take_apart(field, runs, give_up)).sum(),
        _ => 0,
    }
}
