//! The past of a file: everything that was said, and the file as it was on a day.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::catalogue::{Group, Item, SaidOf, of_value};
use kith_domain::fact::{FactStanding, Facts, Known, Statement, Subject};
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId};
use kith_store::{Look, Names, Relative};

use super::source_words;
use crate::paging::{PAGE_ROWS, Paged, before, on_page};
use crate::{Desk, ServiceError};

/// One thing that was said.
pub struct PastLine {
    /// When it was written down, UTC milliseconds.
    pub at_ms: i64,
    /// The name of whom it is about.
    pub about: String,
    /// Who said it and how, and who wrote it down when, in words.
    pub source: String,
    /// Since when it is so, if that was said.
    pub since: Option<Date>,
    /// What it does to what stands.
    pub standing: FactStanding,
    /// The items that it is about; a restricted one without a value.
    pub items: Vec<(&'static Item, Option<Fields>)>,
    /// A note.
    pub note: Option<String>,
    /// Whether it counts no more.
    pub taken_back: bool,
    /// Whether it says that another counts no more.
    pub takes_back: bool,
}

/// Everything that was said of a child and the family.
pub struct PastView {
    /// The child's name.
    pub child: String,
    /// The names of the family.
    pub names: Names,
    /// A page of it, newest first.
    pub lines: Paged<PastLine>,
}

/// A file as it was at the end of a day.
pub struct FileOn {
    /// The child's name now.
    pub child: String,
    /// Which day.
    pub day: Date,
    /// The social worker on that day, if the file was allocated then.
    pub worker: Option<String>,
    /// What was known of the child.
    pub known: Known,
    /// The names of the family.
    pub names: Names,
    /// The family then: the name now, what was known of them and of how they stand to the child.
    pub family: Vec<(String, Known)>,
}

/// Statements of a file, each with the member of the family whom it is about.
struct Said {
    of_child: Vec<Statement>,
    of_family: Vec<(Relative, Vec<Statement>)>,
}

impl Said {
    async fn load(look: &Look, child: ChildId, family: Vec<Relative>) -> Result<Said, ServiceError> {
        let ids: Vec<PersonId> = family.iter().map(|of| of.person.id).collect();
        let beings: Vec<PersonId> = family.iter().map(|of| of.person.canonical).collect();
        let rows = look.rows_of_beings(&beings).await?;
        let all = look.statements_of_file(child, &ids).await?;
        let mut of_child = Vec::new();
        let mut of_each: HashMap<PersonId, Vec<Statement>> = HashMap::new();
        for said in all {
            match (said.subject, about(said.subject, &family, &rows)) {
                (_, Some(relative)) => of_each.entry(relative.person.id).or_default().push(said),
                (Subject::Child { .. }, None) => of_child.push(said),
                // Of somebody who is in the family no more.
                (_, None) => {}
            }
        }
        let of_family = family.into_iter().map(|of| {
            let said = of_each.remove(&of.person.id).unwrap_or_default();
            (of, said)
        });
        Ok(Said { of_child, of_family: of_family.collect() })
    }
}

/// Whom of the family a statement is about; `rows` are those of their human beings. `None` for what is about the child.
fn about<'f>(subject: Subject, family: &'f [Relative], rows: &[(PersonId, PersonId)]) -> Option<&'f Relative> {
    match subject {
        Subject::Child { .. } => None,
        Subject::Relationship { person, .. } => family.iter().find(|of| of.person.id == person),
        Subject::Person { person } => {
            let being = rows.iter().find(|(_, row)| *row == person).map(|(being, _)| *being);
            family.iter().find(|of| of.person.id == person || Some(of.person.canonical) == being)
        }
    }
}

/// What stands of these statements about a child, or about a person and how they stand to a child together.
fn known_of<'a>(said: impl Iterator<Item = &'a Statement> + Clone) -> Known {
    let mut known =
        Facts::of(said.clone().filter(|said| !matches!(said.subject, Subject::Relationship { .. }))).known();
    let relation = Facts::of(said.filter(|said| matches!(said.subject, Subject::Relationship { .. }))).known();
    for name in relation.values.names() {
        known.values.set_all(name, relation.values.all(name).to_vec());
    }
    known.not_known.extend(relation.not_known);
    known.disputed.extend(relation.disputed);
    known.restricted.extend(relation.restricted);
    known
}

impl Desk {
    /// A page, from 1, of everything that was said of a child and the family, newest first; of one group, if it is asked
    /// for. What is restricted now is named without its value.
    ///
    /// What is older than the page is not opened. What is newer is: there it stands whether something was taken back. Of which
    /// group something was said is sealed with it, so that a group asks for everything.
    pub async fn file_past(&self, id: ChildId, group: Option<Group>, page: usize) -> Result<PastView, ServiceError> {
        let (look, _) = self.look_into_file("file.read", id).await?;
        let child = look.child(id).await?;
        let family = look.family(id).await?;
        let ids: Vec<PersonId> = family.iter().map(|of| of.person.id).collect();
        let beings: Vec<PersonId> = family.iter().map(|of| of.person.canonical).collect();
        let rows = look.rows_of_beings(&beings).await?;
        let of_them: Vec<PersonId> = rows.iter().map(|(_, row)| *row).collect();
        let before = before(page);
        let most = |total| match group {
            Some(_) => total,
            None if before as u64 >= total => 0,
            None => (before + PAGE_ROWS) as u64,
        };
        let (said, total) = look.newest_statements_of_file(id, &ids, &of_them, most).await?;
        look.done("file.past", self.now_ms()).await?;
        let gone: BTreeSet<_> = said.iter().filter_map(|said| said.takes_back).collect();
        let line = |of: &Statement| {
            let taken_back = gone.contains(&of.id);
            let Some(relative) = about(of.subject, &family, &rows) else {
                let restricted = &child.body.known.restricted;
                return self
                    .past_line(of, (child.name(), SaidOf::Child), group, taken_back, |name| restricted.contains(name));
            };
            let (person, relation) = (&relative.person.body.known.restricted, &relative.relation.known.restricted);
            let restricted = |name: &str| person.contains(name) || relation.contains(name);
            self.past_line(of, (relative.name(), SaidOf::Family), group, taken_back, restricted)
        };
        let lines: Vec<PastLine> = said.iter().filter_map(line).collect();
        let total = if group.is_some() { lines.len() } else { usize::try_from(total).unwrap_or(usize::MAX) };
        Ok(PastView {
            child: child.name(),
            names: Names::of(&family),
            lines: Paged::new(on_page(lines, page), total, page),
        })
    }

    /// What one statement says, if it says anything of the group.
    fn past_line(
        &self,
        of: &Statement,
        (about, whose): (String, SaidOf),
        group: Option<Group>,
        taken_back: bool,
        restricted: impl Fn(&str) -> bool,
    ) -> Option<PastLine> {
        let mut items: Vec<(&'static Item, Option<Fields>)> = Vec::new();
        for item in of.values.names().filter_map(|name| of_value(whose == SaidOf::Family, name)) {
            if items.iter().any(|(there, _)| *there == item) {
                continue;
            }
            let hidden = item.fields().iter().any(|field| restricted(field));
            let beside = matches!(of.standing, FactStanding::Disputed | FactStanding::Restricted);
            items.push((item, (!hidden && !beside).then(|| of.values.only(|name| item.is_of(name)))));
        }
        items.retain(|(item, _)| group.is_none_or(|group| item.group() == Some(group)));
        (group.is_none() || !items.is_empty()).then(|| PastLine {
            at_ms: of.recorded_ms,
            about,
            source: source_words(self, of),
            since: of.since,
            standing: of.standing,
            items,
            note: of.note.clone(),
            taken_back,
            takes_back: of.takes_back.is_some(),
        })
    }

    /// A file as it was at the end of a day: what had been written down by then. What is restricted now is not shown.
    pub async fn file_on(&self, id: ChildId, day: Date) -> Result<FileOn, ServiceError> {
        let (look, _) = self.look_into_file("file.read", id).await?;
        let child = look.child(id).await?;
        let opened = calendar::in_london(child.created_ms).date();
        if day > self.service.today() || day < opened {
            return Err(ServiceError::field(
                "day-day",
                format!("The day must be between {} and today", calendar::long_date(opened)),
            ));
        }
        let until_ms = calendar::instant_ms(day.tomorrow().unwrap_or(day), 0);
        let said = Said::load(&look, id, look.family(id).await?).await?;
        let had = look.allocations_of(id).await?.into_iter().find(|of| {
            of.capacity == kith_domain::access::Capacity::SocialWorker
                && of.from_ms < until_ms
                && of.ended_ms.is_none_or(|ended| ended >= until_ms)
        });
        look.done("file.on_a_day", self.now_ms()).await?;
        let on = |said: &[Statement]| {
            let now = known_of(said.iter());
            let mut then = known_of(said.iter().filter(|said| said.recorded_ms < until_ms));
            then.values = then.values.only(|name| !now.restricted.contains(name));
            then
        };
        let there = |said: &[Statement]| said.iter().any(|said| said.recorded_ms < until_ms);
        let family = said.of_family.iter().filter(|(_, said)| there(said));
        let relatives: Vec<Relative> = said.of_family.iter().map(|(relative, _)| relative.clone()).collect();
        let names = Names::of(&relatives);
        Ok(FileOn {
            child: child.name(),
            day,
            worker: had.map(|of| self.service.name_of(of.account)),
            known: on(&said.of_child),
            names,
            family: family.map(|(relative, said)| (relative.name(), on(said))).collect(),
        })
    }
}
