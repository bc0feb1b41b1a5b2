//! One part of a pack: what is held, what was found in it, what is taken out.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::form::Problem;
use kith_domain::ids::RequestId;
use kith_domain::pack::{PackPart, Place, Reason};
use kith_service::ServiceError;
use kith_service::pack::PartView;

use super::reasons;
use crate::collect::length;
use crate::document::given_out;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::rights::desk;
use crate::ui::{FormView, Options, Page, render_with, see_other};

/// Words of a line, and what becomes of them: `plain`, `found`, `kept`, `removed`.
struct Segment {
    words: String,
    kind: &'static str,
}

/// A line with its number, from 1.
struct LineRow {
    number: usize,
    label: String,
    segments: Vec<Segment>,
}

/// What was found: its place in the list, the words, whose they are, in which line, what was decided.
struct FoundRow {
    name: String,
    label: String,
    chosen: String,
}

#[derive(Template)]
#[template(path = "pack/part.html")]
struct PartPage {
    page: Page,
    id: RequestId,
    number: i64,
    version: i64,
    total: u64,
    title: String,
    stands: String,
    /// Why the part as a whole is left out, with the place of its mark.
    left_out: Option<(String, usize)>,
    /// Whether somebody is still to say whose it is.
    by_name: bool,
    theirs: bool,
    lines: Vec<LineRow>,
    found: Vec<FoundRow>,
    /// The document: its kind and length in words, and what is chosen; `None` where there is none.
    document: Option<(String, String)>,
    encloses: Options,
    choices: Options,
    /// The marks that people set: place in the list, words, why.
    marks: Vec<(usize, String, String)>,
    differences: Vec<(String, String)>,
    may_change: bool,
    next: Option<i64>,
    reasons: Options,
    form: FormView,
}

fn segments(part: &PackPart, line: usize) -> Vec<Segment> {
    let Some(of) = part.lines.get(line) else { return Vec::new() };
    let found = part.found.iter().filter(|found| found.place.line == line).map(|found| {
        let kind = match found.decided {
            None => "found",
            Some(decided) if decided.removed.is_some() => "removed",
            Some(_) => "kept",
        };
        (found.place, kind)
    });
    let marked = part.marks.iter().filter_map(|mark| mark.place).filter(|place| place.line == line);
    let spans: Vec<(Place, &'static str)> = found.chain(marked.map(|place| (place, "removed"))).collect();
    let mut cuts: Vec<usize> = spans.iter().flat_map(|(place, _)| [place.from, place.to]).collect();
    cuts.extend([0, of.text.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    let kind_of = |from: usize, to: usize| {
        let over = |kind: &str| spans.iter().any(|(place, of)| *of == kind && place.from <= from && to <= place.to);
        ["removed", "found", "kept"].into_iter().find(|kind| over(kind)).unwrap_or("plain")
    };
    let segment = |cut: &[usize]| {
        let words = of.text.get(cut[0]..cut[1])?.to_owned();
        Some(Segment { words, kind: kind_of(cut[0], cut[1]) })
    };
    cuts.windows(2).filter_map(segment).collect()
}

fn page(signed: &Signed, view: &PartView, form: FormView, done: Option<&'static str>) -> Answer {
    let (id, number) = (view.request, view.part.number);
    let part = &view.part.body;
    let found = part.found.iter().enumerate().map(|(place, found)| {
        let whose = view.names.get(found.whose);
        let (shown, stands) = whose.map(|name| (name.shown.as_str(), name.stands.as_str())).unwrap_or_default();
        FoundRow {
            name: format!("found-{place}"),
            label: format!(
                "Line {}: “{}” – {shown}, {}",
                found.place.line + 1,
                short(part.words(found.place)),
                kith_domain::form::lower_first(stands)
            ),
            chosen: match found.decided {
                None => String::new(),
                Some(decided) => decided.removed.map_or("keep", Reason::code).to_owned(),
            },
        }
    });
    let mark = |(place, mark): (usize, &kith_domain::pack::Mark)| {
        let words = mark.place.map(|at| format!("Line {}: “{}”", at.line + 1, short(part.words(at))))?;
        let note = mark.note.as_ref().map(|note| format!(". {note}")).unwrap_or_default();
        Some((place, words, format!("{}{note}", mark.reason.label())))
    };
    let left_out = part
        .marks
        .iter()
        .position(|mark| mark.place.is_none())
        .map(|place| (part.marks[place].reason.label().to_owned(), place));
    let mut choices: Options =
        vec![(String::new(), "Not decided".to_owned()), ("keep".to_owned(), "It stays".to_owned())];
    choices.extend(reasons().into_iter().filter(|(code, _)| code != Reason::NotTheirs.code()));
    let encloses =
        [(String::new(), "Not decided".to_owned()), ("whole".to_owned(), "It goes along as it is".to_owned())];
    let document = part.document.as_ref().map(|document| {
        let chosen = match document.decided {
            None => "",
            Some(decided) => decided.removed.map_or("whole", Reason::code),
        };
        (format!("{}, {}", document.ending.to_uppercase(), length(document.length)), chosen.to_owned())
    });
    let difference = |(other, of): &(RequestId, kith_domain::pack::Difference)| {
        let line = of.line.map(|line| format!("Line {}: ", line + 1)).unwrap_or_default();
        let which = if of.taken_out_here {
            "taken out here and shown in the other pack"
        } else {
            "shown here and taken out of the other pack"
        };
        (format!("/requests/{other}/pack"), format!("{line}“{}” is {which}", short(&of.words)))
    };
    let template = PartPage {
        page: Page::new(signed, "A part of what is held", "/requests")
            .back(format!("/requests/{id}/pack"))
            .with_error(form.has_problems())
            .with_done(done),
        id,
        number,
        version: view.part.version,
        total: view.total,
        title: part.title.clone(),
        stands: view.stands.clone(),
        left_out,
        by_name: part.by_name,
        theirs: part.theirs.is_some(),
        lines: part
            .lines
            .iter()
            .enumerate()
            .map(|(line, of)| LineRow { number: line + 1, label: of.label.clone(), segments: segments(part, line) })
            .collect(),
        found: found.collect(),
        document,
        encloses: encloses.into_iter().chain(choices.iter().skip(2).cloned()).collect(),
        choices,
        marks: part.marks.iter().enumerate().filter_map(mark).collect(),
        differences: view.differences.iter().map(difference).collect(),
        may_change: view.may_change,
        next: view.next,
        reasons: reasons().into_iter().filter(|(code, _)| code != Reason::NotTheirs.code()).collect(),
        form,
    };
    render_with(template.form.status(""), &template)
}

/// The beginning of what may be long.
fn short(words: &str) -> String {
    const CHARS: usize = 80;
    if words.chars().count() <= CHARS { words.to_owned() } else { words.chars().take(CHARS).chain(['…']).collect() }
}

/// GET /requests/{id}/pack/{number}
pub(crate) async fn show(
    signed: Signed,
    Path((id, number)): Path<(RequestId, i64)>,
    Query(done): Query<Done>,
) -> Answer {
    let view = desk(&signed).pack_part(id, number).await?;
    page(&signed, &view, FormView::default(), done.words())
}

/// GET /requests/{id}/pack/{number}/document
pub(crate) async fn document(signed: Signed, Path((id, number)): Path<(RequestId, i64)>) -> Answer {
    let of = desk(&signed).pack_document(id, number).await?;
    Ok(given_out(of.media, true, of.length, &of.name, of.content))
}

/// POST /requests/{id}/pack/{number}
pub(crate) async fn change(Path((id, number)): Path<(RequestId, i64)>, posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    let problems = match desk.change_pack_part(id, number, &posted.fields).await {
        Ok(()) => return see_other(&format!("/requests/{id}/pack/{number}?done=pack-decided")),
        Err(ServiceError::Invalid(problems)) => problems,
        Err(ServiceError::Refused(refusal)) => vec![Problem::new("words", refusal.words)],
        Err(error) => return Err(error.into()),
    };
    let view = desk.pack_part(id, number).await?;
    page(&posted.signed, &view, FormView::with(posted.fields, problems), None)
}
