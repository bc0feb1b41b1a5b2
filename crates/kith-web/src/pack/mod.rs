//! The pack that answers a request for access: its page, its parts, the schedule, how it is handed over.

pub(crate) mod part;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::calendar;
use kith_domain::ids::RequestId;
use kith_domain::pack::{PackState, Reason};
use kith_service::ServiceError;
use kith_service::pack::{NameLine, PackView, table};
use serde::Deserialize;

use crate::collect::{new_code, way};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::report::{attached, pdf};
use crate::rights::desk;
use crate::ui::{FormView, Html, Options, Page, Pages, Tag, render, render_with, see_other};

/// A name in the table: whose, how they stand, how often it stands there, how often nobody decided.
struct NameRow {
    name: String,
    stands: String,
    forms: String,
    found: usize,
    open: usize,
}

/// A part in the table.
struct PartRow {
    to: String,
    number: i64,
    what: String,
    state: Tag,
}

#[derive(Template)]
#[template(path = "pack/show.html")]
struct ShowPage {
    page: Page,
    id: RequestId,
    about: String,
    tag: Option<Tag>,
    /// Why none can be begun now; empty when one can.
    why_not: String,
    begun: bool,
    /// On which day it was taken away.
    gone: Option<String>,
    /// Whether Kith is at work on it: the page comes again by itself.
    working: bool,
    files: Vec<(String, String, String)>,
    /// The members of staff whom it is about.
    staff: Vec<String>,
    deciding: bool,
    undecided: i64,
    names: Vec<NameRow>,
    by_name: Html,
    kinds: Vec<(String, &'static str, bool)>,
    parts: Vec<PartRow>,
    pages: Pages,
    differing: Vec<i64>,
    volumes: Vec<i64>,
    /// The documents that go along: number of the part, what it is called.
    documents: Vec<(i64, String)>,
    /// Whether it was put together: then it can be read as it leaves.
    is_set: bool,
    released: bool,
    goes_to: Vec<(&'static str, String)>,
    hand_overs: Vec<(String, Tag)>,
    form: FormView,
}

/// Which parts: those to be decided about, or all, and which page of them.
#[derive(Deserialize, Default)]
pub(crate) struct Which {
    #[serde(default)]
    all: String,
    #[serde(default)]
    page: String,
}

pub(super) fn reasons() -> Options {
    Reason::ALL.iter().map(|of| (of.code().to_owned(), of.label().to_owned())).collect()
}

fn state_tag(state: PackState) -> Tag {
    let kind = match state {
        PackState::Collecting | PackState::Setting => "draft",
        PackState::Deciding => "active",
        PackState::Ready => "due",
        PackState::Released => "ended",
    };
    Tag { kind, words: state.label().to_owned() }
}

/// What becomes of what was found of one name, for all of it that nobody decided about.
fn by_name(names: &[NameLine], form: &FormView) -> Html {
    let open: Options = names
        .iter()
        .filter(|line| line.open > 0)
        .map(|line| {
            let times = if line.open == 1 { "once".to_owned() } else { format!("{} times", line.open) };
            (format!("{}/{}", line.file, line.number), format!("{} ({times})", line.name.shown))
        })
        .collect();
    if open.is_empty() {
        return Html::joined(Vec::new());
    }
    let mut becomes: Options = vec![("keep".to_owned(), "It stays".to_owned())];
    becomes.extend(reasons().into_iter().filter(|(code, _)| code != Reason::NotTheirs.code()));
    Html::joined(vec![
        form.select(
            "name",
            "Whose name",
            "Everywhere where nobody decided yet. Each place can be decided otherwise on its part",
            open,
        ),
        form.select("removed", "What becomes of it", "", becomes),
    ])
}

fn page(signed: &Signed, view: PackView, which: &Which, form: FormView, done: Option<&'static str>) -> Answer {
    let id = view.request.id;
    let at = format!("/requests/{id}/pack");
    let state = view.pack.as_ref().map(|pack| pack.state);
    let gone = view.pack.as_ref().and_then(|pack| pack.gone_ms);
    let taken_away = || Tag { kind: "ended", words: "Taken away".to_owned() };
    let all = !which.all.is_empty();
    let asked = &view.request.body.asked;
    let name_row = |line: &NameLine| NameRow {
        name: line.name.shown.clone(),
        stands: line.name.stands.clone(),
        forms: line.name.forms.join(", "),
        found: line.found,
        open: line.open,
    };
    let part_row = |(of, title): &(kith_store::PartListed, String)| PartRow {
        to: format!("{at}/{}", of.number),
        number: of.number,
        what: title.clone(),
        state: match of.undecided {
            0 => Tag { kind: "ended", words: "Decided".to_owned() },
            1 => Tag { kind: "active", words: "1 to decide".to_owned() },
            many => Tag { kind: "active", words: format!("{many} to decide") },
        },
    };
    let pages = Pages::of(&view.parts, at.clone());
    let goes_to = [
        ("To", Some(asked.name.clone())),
        ("Address", asked.address.clone()),
        ("Email", asked.email.clone()),
        ("Phone", asked.phone.clone()),
    ];
    let template = ShowPage {
        page: Page::new(signed, "What is held", "/requests")
            .back(format!("/requests/{id}"))
            .with_error(form.has_problems())
            .with_done(done),
        id,
        about: view.request.body.about().to_owned(),
        tag: if gone.is_some() { Some(taken_away()) } else { state.map(state_tag) },
        why_not: view.why_not.clone().unwrap_or_default(),
        begun: state.is_some(),
        gone: gone.map(|at_ms| calendar::weekday_date(calendar::in_london(at_ms).date())),
        working: matches!(state, Some(PackState::Collecting | PackState::Setting)),
        staff: view.staff,
        files: view
            .files
            .iter()
            .map(|of| (of.file.reference(), of.stands.clone(), format!("{} of {}", of.done.0, of.done.1)))
            .collect(),
        deciding: state == Some(PackState::Deciding),
        undecided: view.undecided,
        names: view.names.iter().map(name_row).collect(),
        by_name: by_name(&view.names, &form),
        kinds: vec![(at.clone(), "To decide", !all), (format!("{at}?all=1"), "All parts", all)],
        parts: view.parts.rows.iter().map(part_row).collect(),
        pages: if all { pages.with_query("all=1") } else { pages },
        differing: view.differing,
        volumes: view.volumes,
        documents: view
            .pack
            .iter()
            .flat_map(|pack| &pack.body.documents)
            .map(|document| (document.part, document.name.clone()))
            .collect(),
        is_set: matches!(state, Some(PackState::Ready | PackState::Released)),
        released: state == Some(PackState::Released),
        goes_to: goes_to.into_iter().filter_map(|(label, value)| Some((label, value?))).collect(),
        hand_overs: view.hand_overs.iter().map(way).collect(),
        form,
    };
    render_with(template.form.status(""), &template)
}

async fn again(posted: Posted, id: RequestId, problems: Vec<kith_domain::form::Problem>) -> Answer {
    let view = desk(&posted.signed).pack(id, true, 1).await?;
    page(&posted.signed, view, &Which::default(), FormView::with(posted.fields, problems), None)
}

/// GET /requests/{id}/pack
pub(crate) async fn show(
    signed: Signed,
    Path(id): Path<RequestId>,
    Query(which): Query<Which>,
    Query(done): Query<Done>,
) -> Answer {
    let number = which.page.parse().unwrap_or(1).max(1);
    let view = desk(&signed).pack(id, which.all.is_empty(), number).await?;
    page(&signed, view, &which, FormView::default(), done.words())
}

/// POST /requests/{id}/pack: begins it.
pub(crate) async fn begin(Path(id): Path<RequestId>, posted: Posted) -> Answer {
    match desk(&posted.signed).begin_pack(id).await {
        // The page says why none can be begun.
        Ok(()) | Err(ServiceError::Refused(_)) => see_other(&format!("/requests/{id}/pack")),
        Err(error) => Err(error.into()),
    }
}

/// POST /requests/{id}/pack/names
pub(crate) async fn names(Path(id): Path<RequestId>, posted: Posted) -> Answer {
    match desk(&posted.signed).decide_of_name(id, &posted.fields).await {
        Ok(_) => see_other(&format!("/requests/{id}/pack?done=pack-decided")),
        Err(ServiceError::Invalid(problems)) => again(posted, id, problems).await,
        Err(ServiceError::Refused(refusal)) => {
            let problem = kith_domain::form::Problem::new("name", refusal.words);
            again(posted, id, vec![problem]).await
        }
        Err(error) => Err(error.into()),
    }
}

/// GET /requests/{id}/pack/volumes/{number}
pub(crate) async fn volume(signed: Signed, Path((id, number)): Path<(RequestId, i64)>) -> Answer {
    let bytes = desk(&signed).pack_volume(id, number).await?;
    Ok(pdf(bytes, &format!("pack-{}-{number}", id.reference())))
}

/// The answer that is a file of data.
pub(super) fn data_file(data: &serde_json::Value, name: &str) -> axum::response::Response {
    attached("application/json", &format!("{name}.json"), format!("{data:#}\n"))
}

/// GET /requests/{id}/pack/pack.json
pub(crate) async fn data(signed: Signed, Path(id): Path<RequestId>) -> Answer {
    let data = desk(&signed).pack_data(id).await?;
    Ok(data_file(&data, &format!("pack-{}", id.reference())))
}

/// The answer that is a table.
pub(super) fn table_file(data: &serde_json::Value, name: &str) -> axum::response::Response {
    attached("text/csv; charset=utf-8", &format!("{name}.csv"), table(data))
}

/// GET /requests/{id}/pack/pack.csv
pub(crate) async fn csv(signed: Signed, Path(id): Path<RequestId>) -> Answer {
    let data = desk(&signed).pack_data(id).await?;
    Ok(table_file(&data, &format!("pack-{}", id.reference())))
}

#[derive(Template)]
#[template(path = "pack/schedule.html")]
struct SchedulePage {
    page: Page,
    reference: String,
    /// Number, part, words, why and what was said of it, by whom.
    lines: Vec<(String, String, String, String, String)>,
    not_theirs: usize,
}

/// GET /requests/{id}/pack/schedule
pub(crate) async fn schedule(signed: Signed, Path(id): Path<RequestId>) -> Answer {
    let schedule = desk(&signed).pack_schedule(id).await?;
    let lines = schedule.lines.into_iter().map(|of| {
        let mut why: Vec<String> = of.removal.reasons.iter().map(|reason| reason.label().to_owned()).collect();
        why.extend(of.removal.notes);
        (of.removal.number, format!("{}. {}", of.part.0, of.part.1), of.removal.words, why.join(". "), of.by)
    });
    render(&SchedulePage {
        page: Page::new(&signed, "What was taken out", "/requests").back(format!("/requests/{id}/pack")),
        reference: schedule.reference,
        lines: lines.collect(),
        not_theirs: schedule.not_theirs,
    })
}

/// POST /requests/{id}/pack/hand-over: an address and a code, shown once.
pub(crate) async fn make_hand_over(Path(id): Path<RequestId>, posted: Posted) -> Answer {
    match desk(&posted.signed).make_hand_over(id).await {
        Ok(new) => new_code(&posted.signed, new, "/requests", (format!("/requests/{id}/pack"), "Back to the pack")),
        Err(ServiceError::Refused(_)) => see_other(&format!("/requests/{id}/pack")),
        Err(error) => Err(error.into()),
    }
}

/// POST /requests/{id}/pack/take-back
pub(crate) async fn take_back(Path(id): Path<RequestId>, posted: Posted) -> Answer {
    desk(&posted.signed).take_hand_overs_back(id).await?;
    see_other(&format!("/requests/{id}/pack?done=pack-taken-back"))
}
