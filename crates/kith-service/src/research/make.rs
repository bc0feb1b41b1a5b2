//! Counting what was approved.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kith_domain::calendar::day_number;
use kith_domain::ids::ChildId;
use kith_domain::notice::NoticeKind;
use kith_domain::research::{
    Extract, Figure, ForWhat, MadeExtract, OfChild, OfSession, RequestFacts, ResearchState, Shape, Unit, Variable,
    tells_apart,
};
use kith_domain::session::SessionState;
use kith_domain::sharing::{ConsentAnswer, ConsentFor};
use kith_store::{ChildState, Job, Look, ResearchExtract};
use kith_suppress::{Alike, At, Counts, alike};

use super::OfRequest;
use crate::sign_in::random_code;
use crate::{Desk, ServiceError};

/// The kind of a job that counts what was approved.
pub(crate) const MAKE: &str = "research.make";
/// Files opened at once.
const BATCH: usize = 500;
/// What stands where a figure or a value is withheld.
const WITHHELD: &str = "Withheld";
/// Characters of a pseudonym, of five bits each: among 100,000 children two are alike once in a hundred million extracts.
const PSEUDONYM_CHARS: usize = 16;

/// Somebody or something counted: whose it is, and its group of each variable.
struct Thing {
    child: ChildId,
    groups: Vec<String>,
}

impl Desk {
    /// Counts what was approved, seals it with a key of its own, and tells who asked. Run again it finds done what was done.
    pub(crate) async fn make_extract(&self, job: &Job) -> Result<(), ServiceError> {
        let OfRequest { request: id } = job.payload()?;
        let look = self.snapshot().await?;
        let request = look.request_for_figures(id).await?;
        if request.state != ResearchState::Approved || !self.is_within_time(&request) {
            look.done("research.made", self.now_ms()).await?;
            return self.change("research.made", |work| async move { self.job_done(&work, job).await }).await;
        }
        let facts = &request.body.facts;
        let things = self.things(&look, facts).await?;
        look.done("research.made", self.now_ms()).await?;
        self.service.store().create_file_key(id.0).await?;
        let (facts, things) = (&facts, &things);
        self.change("research.made", |work| async move {
            let mut row = work.request_for_figures(id).await?;
            if row.state != ResearchState::Approved {
                return self.job_done(&work, job).await;
            }
            // Asked here, so that of two that are counted at once the later one knows the figures of the other.
            let earlier = work.figures_given().await?;
            let (body, figures, beside_earlier) = match facts.shape {
                Shape::Table => self.table(facts, things, &earlier),
                Shape::Lines => lines(facts, things, &earlier)?,
            };
            row.state = ResearchState::Ready;
            row.body.made = Some(MadeExtract { at_ms: self.now_ms(), figures, beside_earlier });
            work.save_request_for_figures(&mut row).await?;
            let mut extract = ResearchExtract { id, version: 0, created_ms: self.now_ms(), body };
            work.insert_research_extract(&mut extract).await?;
            self.tell(&work, [row.author], NoticeKind::ResearchReady, id.0).await?;
            self.job_done(&work, job).await
        })
        .await
    }

    /// Everything that is counted: children who had a session in the diary of the period, or these sessions once for each child. Who said
    /// no to research, or objected to figures, is not in it; of what was destroyed, or is restricted, nothing is said.
    async fn things(&self, look: &Look, facts: &RequestFacts) -> Result<Vec<Thing>, ServiceError> {
        let mut of_child: BTreeMap<ChildId, Vec<OfSession>> = BTreeMap::new();
        // A month at a time: of a session no more is kept than what is counted.
        let mut first = facts.period.from;
        while first <= facts.period.until {
            let last = first.last_of_month();
            for session in look.diary(day_number(first), day_number(last)).await? {
                if session.state == SessionState::Void {
                    continue;
                }
                for child in session.children() {
                    of_child.entry(child).or_default().push(OfSession { slot: session.slot, state: session.state });
                }
            }
            first = last.tomorrow().map_err(|_| ServiceError::Broken("a period reaches the end of the calendar"))?;
        }
        let ids: Vec<ChildId> = of_child.keys().copied().collect();
        let areas: HashMap<&str, &str> = self.service.register().areas().collect();
        let variables = facts.variables();
        let mut things = Vec::new();
        for some in ids.chunks(BATCH) {
            for child in look.children(some).await? {
                if child.state == ChildState::Joined || self.said_no(look, child.id, facts.for_what).await? {
                    continue;
                }
                let sessions = of_child.remove(&child.id).unwrap_or_default();
                let took_place = |session: &&OfSession| session.state.was_held();
                let number = |many: usize| u64::try_from(many).unwrap_or(u64::MAX);
                let of = OfChild {
                    values: &child.body.known.values,
                    area: areas.get(child.area.as_str()).copied().unwrap_or_default(),
                    until: facts.period.until,
                    sessions: number(sessions.len()),
                    took_place: number(sessions.iter().filter(took_place).count()),
                };
                let mut add = |session| {
                    let groups = variables.iter().map(|by| by.group(&of, session).unwrap_or_default()).collect();
                    things.push(Thing { child: child.id, groups });
                };
                match facts.unit {
                    Unit::Children => add(None),
                    Unit::Sessions => sessions.into_iter().for_each(|session| add(Some(session))),
                }
            }
        }
        Ok(things)
    }

    /// Whether somebody said of a child, last, that they are not to be in research; who objected is in no figures at all.
    async fn said_no(&self, look: &Look, child: ChildId, for_what: ForWhat) -> Result<bool, ServiceError> {
        let said = look.consents_of(child).await?;
        // The newest is the first.
        let last = said.iter().find(|of| of.body.what == ConsentFor::Research && of.body.person.is_none());
        Ok(last.is_some_and(|of| match of.body.answer {
            ConsentAnswer::Given => false,
            ConsentAnswer::Objected => true,
            ConsentAnswer::Refused | ConsentAnswer::Withdrawn => for_what == ForWhat::Research,
        }))
    }

    fn table(&self, facts: &RequestFacts, things: &[Thing], earlier: &[Figure]) -> (Extract, Vec<Figure>, bool) {
        let areas: Vec<String> = self.service.register().areas().map(|(_, label)| label.to_owned()).collect();
        let by = facts.variables();
        let groups = |of: Option<&Variable>| {
            of.map_or_else(Vec::new, |of| of.groups(&areas, facts.period.from, facts.period.until))
        };
        let (rows, columns) = (groups(by.first()), groups(by.get(1)));
        let place = |groups: &[String], of: &str| groups.iter().position(|group| group == of);
        let of_things = things.iter().filter_map(|thing| {
            let row = place(&rows, thing.groups.first()?)?;
            let column = thing.groups.get(1).map_or(Some(0), |group| place(&columns, group))?;
            Some((row, column, thing.child))
        });
        let counts = Counts::of(rows.len(), columns.len().max(1), of_things);
        let figure = |at: At, count: u64| {
            let (row, column) = match at {
                At::Cell(row, column) => (Some(row), Some(column)),
                At::Row(row) => (Some(row), None),
                At::Column(column) => (None, Some(column)),
                At::All => (None, None),
            };
            let mut of = BTreeMap::new();
            for (place, groups, by) in [(row, &rows, by.first()), (column, &columns, by.get(1))] {
                if let (Some(group), Some(by)) = (place.and_then(|place| groups.get(place)), by) {
                    of.insert(by.key(), group.clone());
                }
            }
            Figure { unit: facts.unit, from: facts.period.from, until: facts.period.until, of, count }
        };
        let told = |at: &At| {
            let of = figure(*at, counts.at(*at).number);
            earlier.iter().any(|other| tells_apart(&of, other))
        };
        let told: BTreeSet<At> = counts.places().into_iter().filter(told).collect();
        let safe = counts.safe(|at, _| told.contains(&at));
        let beside_earlier = !told.is_empty();
        let figures = safe.places().into_iter().filter_map(|at| Some(figure(at, safe.shown(at)?))).collect();
        let words = |at: At| safe.shown(at).map_or_else(|| WITHHELD.to_owned(), |count| count.to_string());
        let mut headings = vec![by.first().map_or_else(String::new, |of| of.label())];
        if columns.is_empty() {
            headings.push("Number".to_owned());
        } else {
            headings.extend(columns.iter().cloned());
            headings.push("All".to_owned());
        }
        let mut lines: Vec<Vec<String>> = Vec::new();
        for (row, group) in rows.iter().enumerate() {
            let mut line = vec![group.clone()];
            line.extend((0..columns.len().max(1)).map(|column| words(At::Cell(row, column))));
            if !columns.is_empty() {
                line.push(words(At::Row(row)));
            }
            lines.push(line);
        }
        let mut all = vec!["All".to_owned()];
        all.extend((0..columns.len()).map(|column| words(At::Column(column))));
        all.push(words(At::All));
        lines.push(all);
        (Extract { columns: headings, lines }, figures, beside_earlier)
    }
}

/// A line for each child, under a pseudonym that is drawn for this extract alone and kept nowhere: nobody can join it to another extract,
/// nor to a file. They stand in the order of the pseudonyms, which is none.
fn lines(
    facts: &RequestFacts,
    things: &[Thing],
    earlier: &[Figure],
) -> Result<(Extract, Vec<Figure>, bool), ServiceError> {
    let by = facts.variables();
    let figure = |groups: &[String], count: u64| Figure {
        unit: facts.unit,
        from: facts.period.from,
        until: facts.period.until,
        of: by.iter().zip(groups).map(|(by, group)| (by.key(), group.clone())).collect(),
        count,
    };
    let groups: Vec<Vec<String>> = things.iter().map(|thing| thing.groups.clone()).collect();
    let told = |groups: &[String], count: u64| {
        let of = figure(groups, count);
        earlier.iter().any(|other| tells_apart(&of, other))
    };
    let shown = alike(&groups, told);
    let mut together: BTreeMap<&[String], u64> = BTreeMap::new();
    let mut lines = Vec::new();
    let mut taken = BTreeSet::new();
    for (groups, shown) in groups.iter().zip(&shown) {
        let Alike::First(many) = *shown else { continue };
        *together.entry(&groups[..many]).or_default() += 1;
        let mut pseudonym = random_code(PSEUDONYM_CHARS)?;
        while !taken.insert(pseudonym.clone()) {
            pseudonym = random_code(PSEUDONYM_CHARS)?;
        }
        let mut line = vec![pseudonym];
        line.extend(groups[..many].iter().cloned());
        line.resize(by.len() + 1, WITHHELD.to_owned());
        lines.push(line);
    }
    lines.sort();
    // What is shown less of stands beside others that are shown more of: only of whole lines is it known how many there are.
    let whole = together.iter().filter(|(groups, _)| groups.len() == by.len());
    let figures = whole.map(|(groups, count)| figure(groups, *count)).collect();
    let mut true_counts: BTreeMap<&[String], u64> = BTreeMap::new();
    for of in &groups {
        *true_counts.entry(of).or_default() += 1;
    }
    let beside_earlier = true_counts.iter().any(|(of, count)| told(of, *count));
    let mut columns = vec!["Pseudonym".to_owned()];
    columns.extend(by.iter().map(|of| of.label()));
    Ok((Extract { columns, lines }, figures, beside_earlier))
}
