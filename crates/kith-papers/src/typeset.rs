//! From data to PDF bytes.

use serde::Serialize;
use serde_json::{Value, json};
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst::syntax::DiagSpanKind;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::error::{PaperError, Place};
use crate::glyphs::{make_printable, take_apart, without_glyph};
use crate::input::Dated;
use crate::world::{Setting, Template, template};

/// Sets `paper` with `kind`'s template. `identity` names the file within the service: the same identity and content
/// give the same bytes.
pub(crate) fn set<T: Serialize>(
    kind: Template,
    paper: &T,
    identity: String,
    dated: Dated,
) -> Result<Vec<u8>, PaperError> {
    set_to(&[PdfStandard::Ua_1], kind, paper, identity, dated)
}

/// The same as a file that is to be read in a hundred years: PDF/A-2a (ISO 19005-2, conformance level A) beside PDF/UA-1.
pub(crate) fn set_for_ever<T: Serialize>(
    kind: Template,
    paper: &T,
    identity: String,
    dated: Dated,
) -> Result<Vec<u8>, PaperError> {
    set_to(&[PdfStandard::Ua_1, PdfStandard::A_2a], kind, paper, identity, dated)
}

fn set_to<T: Serialize>(
    standards: &[PdfStandard],
    kind: Template,
    paper: &T,
    identity: String,
    dated: Dated,
) -> Result<Vec<u8>, PaperError> {
    if dated.year < 0 || Datetime::from_ymd(dated.year, dated.month, dated.day).is_none() {
        return Err(PaperError::Date);
    }
    let bytes = document(kind, paper).and_then(|(document, _)| export(&document, identity, standards));
    // Typst remembers what it has set; a child's record must not stay in that memory.
    typst::comemo::evict(0);
    bytes
}

/// Lays `paper` out so that every character has a glyph. Returns the pages and how many characters were replaced.
pub(crate) fn document<T: Serialize>(kind: Template, paper: &T) -> Result<(PagedDocument, usize), PaperError> {
    let mut data = serde_json::to_value(paper).map_err(|_| PaperError::Data)?;
    let mut replaced = make_printable(&mut data);
    let mut document = lay_out(kind, &data, replaced)?;
    for give_up in [false, true] {
        let runs = without_glyph(&document);
        if runs.is_empty() {
            break;
        }
        replaced += take_apart(&mut data, &runs, give_up);
        document = lay_out(kind, &data, replaced)?;
    }
    Ok((document, replaced))
}

fn lay_out(kind: Template, data: &Value, replaced: usize) -> Result<PagedDocument, PaperError> {
    let bytes = serde_json::to_vec(&json!({ "paper": data, "replaced": replaced })).map_err(|_| PaperError::Data)?;
    typst::compile::<PagedDocument>(&Setting::new(kind, bytes))
        .output
        .map_err(|errors| PaperError::Layout(place(&errors)))
}

fn export(document: &PagedDocument, identity: String, standards: &[PdfStandard]) -> Result<Vec<u8>, PaperError> {
    let standards = PdfStandards::new(standards).map_err(|_| PaperError::Export(Place { template: None, line: 0 }))?;
    let options = PdfOptions {
        ident: Smart::Custom(identity),
        creator: Smart::Custom(Some("Kith".to_owned())),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(document, &options).map_err(|errors| PaperError::Export(place(&errors)))
}

/// Where the first error is. Its message is left behind: it can quote the paper's text.
fn place(errors: &[SourceDiagnostic]) -> Place {
    let found = errors.first().and_then(|error| {
        let span = error.span;
        let (name, source) = template(span.id()?)?;
        let range = match span.get() {
            DiagSpanKind::Number { num, sub_range, .. } => source.range(num, sub_range)?,
            DiagSpanKind::Range { range, .. } => range,
            DiagSpanKind::Detached => return None,
        };
        Some(Place { template: Some(name), line: source.lines().byte_to_line(range.start)? + 1 })
    });
    found.unwrap_or(Place { template: None, line: 0 })
}
