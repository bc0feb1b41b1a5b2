//! A document that somebody adds: to a referral, to a child's file, to an order.

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS, visible};
use crate::ids::AccountId;

codes! {
    /// What a document is to the case (handbook section 4: "the sealed court order, the care plan").
    DocumentKind {
        SealedOrder = "sealed_order", "Sealed court order";
        CarePlan = "care_plan", "Care plan";
        Assessment = "assessment", "Assessment or report";
        Letter = "letter", "Letter or email";
        Photograph = "photograph", "Photograph";
        Other = "other", "Something else";
    }
}

codes! {
    /// Whether a document is there.
    DocumentState {
        Kept = "kept", "Kept";
        TakenOff = "taken_off", "Taken off";
    }
}

/// That a document was taken off again, because it was added in error: what was in it is gone, that it was there stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenOff {
    /// By whom.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Why.
    pub why: String,
}

/// What is said of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentFacts {
    /// What it is to the case.
    pub kind: DocumentKind,
    /// What it is, in words, if somebody said so.
    pub description: Option<String>,
    /// The order or condition whose paper it is, in the words in which it was said then; see [`crate::referral::papers`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// How the file was called where it came from, without a path and without what is not seen.
    pub name: String,
}

impl DocumentFacts {
    /// Reads `kind`, `description` and `about`; `name` is what the browser says that the file is called.
    pub fn read(fields: &Fields, name: &str) -> Result<DocumentFacts, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let kind = r.required_choice("kind", "What the document is", DocumentKind::from_code);
        let description = r.text("description", "The description", SHORT_TEXT_CHARS);
        let about = r.text("about", "The order or condition", LONG_TEXT_CHARS);
        let problems = r.into_problems();
        match kind {
            Some(kind) if problems.is_empty() => Ok(DocumentFacts { kind, description, about, name: plain_name(name) }),
            _ => Err(problems),
        }
    }

    /// The sealed order that comes with an order.
    pub fn sealed_order(name: &str) -> DocumentFacts {
        DocumentFacts { kind: DocumentKind::SealedOrder, description: None, about: None, name: plain_name(name) }
    }

    /// What it is: `Sealed court order: of 3 November. Paper of: Interim care order (C1), Nenedale Family Court`.
    pub fn words(&self) -> String {
        let kind = self.kind.label();
        let mut words = self.description.as_ref().map_or_else(|| kind.to_owned(), |said| format!("{kind}: {said}"));
        if let Some(about) = &self.about {
            words.push_str(". Paper of: ");
            words.push_str(about);
        }
        words
    }

    /// The name under which it is given out: its own without its ending, with that of what it is.
    pub fn name_with(&self, ending: &str) -> String {
        let stem = self.name.rsplit_once('.').map_or(self.name.as_str(), |(stem, _)| stem).trim();
        let stem = if stem.is_empty() { "document" } else { stem };
        format!("{stem}.{ending}")
    }
}

/// Longest name that is kept, in characters.
const NAME_CHARS: usize = 100;

/// A file's name as it is kept: without folders, without what is not seen or means something to a system.
fn plain_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = visible(name).chars().filter(|c| !c.is_control() && !"\"<>|:*?;%$`{}".contains(*c)).collect();
    // The ending is the program's to say; a long name is cut before it.
    let (stem, ending) = kept.rsplit_once('.').unwrap_or((&kept, ""));
    let stem: String = stem.trim_matches(|c: char| c == '.' || c.is_whitespace()).chars().take(NAME_CHARS).collect();
    let ending: String = ending.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    if ending.is_empty() { stem } else { format!("{stem}.{ending}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_no_folder_and_nothing_that_a_system_reads() {
        for (typed, kept, given) in [
            ("order.pdf", "order.pdf", "order.pdf"),
            ("C:\\Users\\ann\\order.pdf", "order.pdf", "order.pdf"),
            ("../../etc/passwd", "passwd", "passwd.pdf"),
            ("a\"; filename=\"b.exe", "a filename=b.exe", "a filename=b.pdf"),
            ("order.exe\r\nSet-Cookie: x=1", "order.exeSetCo", "order.pdf"),
            ("order\u{202e}fdp.exe", "orderfdp.exe", "orderfdp.pdf"),
            (".pdf", ".pdf", "document.pdf"),
            ("", "", "document.pdf"),
            ("Gorchymyn Llŷr.docx", "Gorchymyn Llŷr.docx", "Gorchymyn Llŷr.pdf"),
        ] {
            let facts = DocumentFacts::sealed_order(typed);
            assert_eq!((facts.name.as_str(), facts.name_with("pdf").as_str()), (kept, given), "{typed:?}");
        }
        assert_eq!(plain_name(&"long".repeat(100)).chars().count(), NAME_CHARS);
    }

    #[test]
    fn what_it_is_must_be_said() {
        let problems = DocumentFacts::read(&Fields::default(), "a.pdf").unwrap_err();
        assert_eq!(problems[0].field, "kind");
        let mut fields: Fields = [("kind", "care_plan"), ("description", " Plan of May ")].into_iter().collect();
        let facts = DocumentFacts::read(&fields, "a.pdf").unwrap();
        assert_eq!((facts.kind, facts.words().as_str()), (DocumentKind::CarePlan, "Care plan: Plan of May"));
        fields.set("about", "Bail, Nenedale Magistrates’ Court");
        let facts = DocumentFacts::read(&fields, "a.pdf").unwrap();
        assert_eq!(facts.words(), "Care plan: Plan of May. Paper of: Bail, Nenedale Magistrates’ Court");
    }
}
