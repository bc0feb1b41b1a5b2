//! Pages of figures for planning and research: what was asked and decided, and what was made. No page names a child.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::access::Purpose;
use kith_domain::calendar::{day_of, long_date, long_instant};
use kith_domain::decision::Decision;
use kith_domain::ids::ResearchId;
use kith_domain::research::{ForWhat, RequestFacts, ResearchState, Shape, Unit, Variable};
use kith_service::research::ResearchView;
use kith_service::{Desk, ServiceError, spreadsheet};
use kith_store::RequestForFigures;
use uuid::Uuid;

use crate::decision;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::{Confirmed, Posted};
use crate::referral::list::Done;
use crate::report::attached;
use crate::ui::{FormView, Html, Numbered, Options, Page, Pages, Row, Tag, pairs, render, render_with, see_other};

const HERE: &str = "/research";

fn desk(signed: &Signed) -> Desk {
    signed.desk(Purpose::ServicePlanning)
}

fn tag(of: &RequestForFigures) -> Tag {
    let kind = match of.state {
        ResearchState::Asked => "due",
        ResearchState::Approved => "draft",
        ResearchState::Ready => "active",
        ResearchState::Refused | ResearchState::Ended => "ended",
    };
    Tag { kind, words: of.state.label().to_owned() }
}

#[derive(Template)]
#[template(path = "research/list.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
    pages: Pages,
}

/// GET /research
pub(crate) async fn list(signed: Signed, Query(page): Query<Numbered>, Query(done): Query<Done>) -> Answer {
    let all = desk(&signed).research(page.number()).await?;
    let row = |of: &RequestForFigures| {
        let facts = &of.body.facts;
        let who = signed.app.service.name_of(of.author);
        let gone = if of.state == ResearchState::Ended { "Was to be had" } else { "To be had" };
        Row {
            to: format!("/research/{}", of.id),
            words: facts.title.clone(),
            below: format!(
                "{}, {who}. {}. {gone} until {}",
                facts.for_what.label(),
                facts.period.words(),
                long_date(day_of(of.expires_day))
            ),
            tag: tag(of),
        }
    };
    render(&ListPage {
        page: Page::new(&signed, "Planning and research", HERE).with_done(done.words()),
        rows: all.rows.iter().map(row).collect(),
        pages: Pages::of(&all, HERE),
    })
}

#[derive(Template)]
#[template(path = "research/new.html")]
struct NewPage {
    page: Page,
    id: Uuid,
    variables: Vec<Variable>,
    form: FormView,
}

impl NewPage {
    fn options(&self, of_session: bool) -> (Options, Vec<(&'static str, usize)>) {
        let option = |of: &Variable| (of.key(), of.label());
        let about = |session: bool| self.variables.iter().filter(move |of| of.is_of_session() == session);
        let mut options: Options = about(false).map(option).collect();
        let mut groups = vec![("The child", options.len())];
        if of_session {
            options.extend(about(true).map(option));
            groups.push(("The session, where sessions are counted", options.len() - groups[0].1));
        }
        (options, groups)
    }

    fn choose(&self, name: &str, label: &str, hint: &str, of_session: bool) -> Html {
        let (options, groups) = self.options(of_session);
        self.form.select_of_groups(name, label, hint, options, &groups)
    }

    fn fields(&self) -> Html {
        let form = &self.form;
        let table = Html::joined(vec![
            form.radios("unit", "What is counted?", "", pairs(Unit::CHOICES)),
            self.choose("rows", "What stands in the rows?", "", true),
            self.choose("columns", "And in the columns?", "Can be left empty", true),
        ]);
        let lines = Html::joined(vec![
            self.choose(
                "first",
                "What is wanted most about each child?",
                "As much is shown of a line as at least five lines share: what stands last here goes first",
                false,
            ),
            self.choose("second", "What comes second?", "Can be left empty, like those that follow", false),
            self.choose("third", "Third?", "", false),
            self.choose("fourth", "Fourth?", "", false),
            self.choose("fifth", "Fifth?", "", false),
            self.choose("sixth", "Sixth?", "", false),
        ]);
        Html::joined(vec![
            form.input("title", "What is it called?", "Such as “Evening sessions, summer”. Name nobody"),
            form.radios(
                "for_what",
                "What is it for?",
                "Who said no to research is in no figures for research",
                pairs(ForWhat::CHOICES),
            ),
            form.textarea(
                "question",
                "What is to be found out?",
                "And why it cannot be without. Whoever decides weighs this. Name nobody",
                3,
            ),
            form.textarea("with", "Who will work with it, and where is it kept?", "", 2),
            form.radios_reveal(
                "shape",
                "What is to be made?",
                "",
                pairs(Shape::CHOICES),
                vec![(Shape::Table.code(), table), (Shape::Lines.code(), lines)],
            ),
            form.date("from", "First day", "The first of a month: whole months are counted"),
            form.date("until", "Last day", "The last of a month that is over"),
            form.date(
                "expires_on",
                "Until which day is it needed?",
                "A year at most. The day after, it is gone for good",
            ),
        ])
    }
}

fn new_page(signed: &Signed, id: Uuid, form: FormView) -> Answer {
    let template = NewPage {
        page: Page::new(signed, "Ask for figures", HERE).back(HERE).with_error(form.has_problems()),
        id,
        variables: signed.app.service.counted_by().collect(),
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /research/new
pub(crate) async fn new(signed: Signed) -> Answer {
    desk(&signed).may_ask_for_figures().await?;
    new_page(&signed, Uuid::now_v7(), FormView::default())
}

/// POST /research
pub(crate) async fn ask(posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    desk.may_ask_for_figures().await?;
    let id: Uuid = posted.fields.get("id").parse().unwrap_or_else(|_| Uuid::now_v7());
    let service = &posted.signed.app.service;
    let asked = match RequestFacts::read(&posted.fields, service.today(), |of| service.is_counted(of)) {
        Ok(facts) => desk.ask_for_figures(ResearchId(id), &facts).await,
        Err(problems) => Err(problems.into()),
    };
    match asked {
        Ok(()) => see_other(&format!("/research/{id}?done=figures-asked")),
        Err(ServiceError::Invalid(problems)) => new_page(&posted.signed, id, FormView::with(posted.fields, problems)),
        Err(error) => Err(error.into()),
    }
}

/// What was made, as a table on the page.
struct Made {
    columns: Vec<String>,
    lines: Vec<Vec<String>>,
    /// Whether each column but the first holds numbers.
    numbers: bool,
    /// How many lines are in the file and not on the page.
    more: usize,
    /// Whether not one figure of a table can be shown.
    all_withheld: bool,
}

#[derive(Template)]
#[template(path = "research/show.html")]
struct ShowPage {
    page: Page,
    id: ResearchId,
    title: String,
    tag: Tag,
    facts: Vec<(&'static str, String)>,
    /// Whether it is being counted now.
    counting: bool,
    made: Option<Made>,
    /// Whether figures were withheld because of what was given before.
    beside_earlier: bool,
    may_decide: bool,
    may_end: bool,
    form: FormView,
}

impl ShowPage {
    fn decision(&self) -> Html {
        let hint = "Whether it is for planning or research, whether less would do, and who works with it";
        decision::questions(&self.form, hint)
    }
}

/// Lines on the page; the file has all.
const LINES_SHOWN: usize = 100;

fn page(signed: &Signed, view: ResearchView, form: FormView, done: Option<&'static str>) -> Answer {
    let of = &view.request;
    let facts = &of.body.facts;
    let by: Vec<String> = facts.variables().iter().map(|of| of.label()).collect();
    let mut rows = vec![
        ("What for", facts.for_what.label().to_owned()),
        ("What is to be found out", facts.question.clone()),
        ("Who works with it", facts.with.clone()),
        ("What is made", facts.shape.label().to_owned()),
        ("What is counted", facts.unit.label().to_owned()),
        ("By", by.join("\n")),
        ("Period", facts.period.words()),
        ("Asked by", format!("{}, {}", view.author, long_instant(of.created_ms))),
    ];
    rows.extend(decision::line(signed, of.body.decided.as_ref()));
    rows.push(match of.body.ended_ms {
        Some(at_ms) => ("Gone since", long_instant(at_ms)),
        None => ("To be had until", long_date(day_of(of.expires_day))),
    });
    let numbers = facts.shape == Shape::Table;
    let made = view.extract.map(|extract| {
        let mut lines = extract.lines;
        let more = lines.len().saturating_sub(LINES_SHOWN);
        let is_figure = |value: &String| value.starts_with(|c: char| c.is_ascii_digit());
        let all_withheld = numbers && !lines.iter().any(|line| line.iter().skip(1).any(is_figure));
        lines.truncate(LINES_SHOWN);
        Made { columns: extract.columns, lines, numbers, more, all_withheld }
    });
    let template = ShowPage {
        page: Page::new(signed, "Figures", HERE).back(HERE).with_error(form.has_problems()).with_done(done),
        id: of.id,
        title: facts.title.clone(),
        tag: tag(of),
        facts: rows,
        counting: of.state == ResearchState::Approved,
        made,
        beside_earlier: of.body.made.as_ref().is_some_and(|made| made.beside_earlier),
        may_decide: view.may_decide,
        may_end: view.may_end,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /research/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<ResearchId>, Query(done): Query<Done>) -> Answer {
    let view = desk(&signed).request_for_figures(id).await?;
    page(&signed, view, FormView::default(), done.words())
}

/// POST /research/{id}: a decision; the password is asked for again.
pub(crate) async fn decide(Path(id): Path<ResearchId>, Confirmed(posted): Confirmed) -> Answer {
    let desk = desk(&posted.signed);
    let view = desk.request_for_figures(id).await?;
    match Decision::read(&posted.fields) {
        Ok(decision) => {
            desk.decide_figures(id, decision.approve, &decision.why).await?;
            see_other(&format!("/research/{id}?done=demand-decided"))
        }
        Err(problems) => page(&posted.signed, view, FormView::with(posted.fields, problems), None),
    }
}

/// POST /research/{id}/end
pub(crate) async fn end(Path(id): Path<ResearchId>, posted: Posted) -> Answer {
    desk(&posted.signed).end_figures(id).await?;
    see_other(&format!("/research/{id}?done=figures-ended"))
}

/// GET /research/{id}/extract.csv
pub(crate) async fn csv(signed: Signed, Path(id): Path<ResearchId>) -> Answer {
    let extract = desk(&signed).request_for_figures(id).await?.extract.ok_or(ServiceError::NotFound)?;
    let lines = std::iter::once(&extract.columns).chain(&extract.lines);
    let text: String = lines.map(spreadsheet::line).collect();
    Ok(attached("text/csv; charset=utf-8", &format!("figures-{}.csv", id.reference()), text))
}
