//! What a child's file says and said, group by group, and changing it.

mod change;
mod doubt;
mod family;
mod parted;
mod past;
mod same;
#[cfg(test)]
mod tests;

use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::catalogue::{Group, Item};
use kith_domain::fact::{Doubt, Endangers, FactStanding, Facts, Source, Statement, Subject, endangers};
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId, StatementId};
use kith_domain::person::Birth;
use kith_domain::risk::AssessmentState;
use kith_store::{Child, Look, Names, Relative};

pub use change::Saved;
pub use doubt::Doubted;
pub use family::NewMember;
pub use parted::SaidSince;
pub(crate) use parted::shares;
pub use past::{FileOn, PastLine, PastView};
pub use same::{Elsewhere, Likely, SameView};

use crate::file::child_in_contact;
use crate::flag::{is_to_come, sessions_with};
use crate::policy::Resource;
use crate::risk::{Bears, voidable};
use crate::{Desk, ServiceError};

/// A group of facts with what a page needs beside it. No Debug: it is personal.
pub struct FactsView {
    /// The child.
    pub child: Child,
    /// The member of the family whom the group is about, if it is about one.
    pub relative: Option<Relative>,
    /// The names of the family.
    pub names: Names,
    /// What stands.
    pub values: Fields,
    /// How much has been said of the group so far: a change is saved over this.
    pub version: i64,
    /// What stands of each item that was ever spoken of, and what stood before.
    pub history: Vec<ItemHistory>,
    /// What a change would void, if it can.
    pub endangered: Option<Endangered>,
    /// Whether this person may restrict the use of a fact.
    pub may_restrict: bool,
}

impl FactsView {
    /// When the one was born before whose birth nothing can have been so.
    pub fn born(&self, group: Group) -> Option<Birth> {
        born(&self.child, self.relative.as_ref(), group)
    }
}

/// What was said of one item, the last first.
pub struct ItemHistory {
    /// The item.
    pub item: &'static Item,
    /// What was said; nothing while its use is restricted.
    pub said: Vec<SaidOf>,
    /// That it is disputed, or restricted.
    pub doubts: Vec<Doubted>,
}

impl ItemHistory {
    /// Whether its use is restricted.
    pub fn is_restricted(&self) -> bool {
        self.doubts.iter().any(|of| of.doubt == Doubt::Restricted)
    }
}

/// One value of an item for as long as it stood.
pub struct SaidOf {
    /// The value, settled, under the item's code.
    pub values: Fields,
    /// Since when it is or was so, if that was said.
    pub since: Option<Date>,
    /// Until when it stood; `None` while it stands.
    pub until: Option<Date>,
    /// Who said it and how, and who wrote it down when, in words.
    pub source: String,
    /// What else bears on it: confirmed on the phone, not known, a note.
    pub beside: Vec<String>,
}

/// What a change would void.
pub struct Endangered {
    /// By which change.
    pub by: Endangers,
    /// The assessments: whose, and where each stands.
    pub assessments: Vec<(String, AssessmentState)>,
    /// How many booked sessions would be flagged.
    pub sessions: usize,
}

/// Whom a group of facts is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whose {
    /// Whose file.
    pub child: ChildId,
    /// The member of the family, where the group is about one.
    pub person: Option<PersonId>,
}

impl Whose {
    fn subjects(self) -> Vec<Subject> {
        match self.person {
            None => vec![Subject::Child { child: self.child }],
            Some(person) => {
                vec![Subject::Person { person }, Subject::Relationship { child: self.child, person }]
            }
        }
    }
}

/// What was said of a group.
pub(crate) struct OfGroup {
    pub(crate) statements: Vec<Statement>,
    facts: Vec<Facts>,
    group: Group,
}

impl OfGroup {
    pub(crate) async fn load(look: &Look, whose: Whose, group: Group) -> Result<OfGroup, ServiceError> {
        let (mut statements, mut facts) = (Vec::new(), Vec::new());
        for subject in whose.subjects() {
            let said = look.statements_of(subject).await?;
            facts.push(Facts::of(&said));
            statements.extend(said);
        }
        Ok(OfGroup { statements, facts, group })
    }

    fn is_of_group(&self, code: &str) -> bool {
        self.group.items().any(|item| item.is_of(code))
    }

    /// What stands.
    pub(crate) fn values(&self) -> Fields {
        let known = self.facts.iter().map(|facts| facts.known().values);
        let mut values = Fields::default();
        for of in known {
            for name in of.names().filter(|name| self.is_of_group(name)) {
                values.set_all(name, of.all(name).to_vec());
            }
        }
        values
    }

    /// How many statements there are about it.
    pub(crate) fn version(&self) -> i64 {
        let about =
            |said: &&Statement| said.takes_back.is_some() || said.values.names().any(|name| self.is_of_group(name));
        i64::try_from(self.statements.iter().filter(about).count()).unwrap_or(i64::MAX)
    }

    /// Whether anything was said of a field.
    fn stands(&self, field: &str) -> bool {
        self.facts.iter().any(|facts| facts.get(field).is_some())
    }

    fn doubt(&self, desk: &Desk, id: StatementId, doubt: Doubt, may_lift: bool) -> Option<Doubted> {
        let said = self.statement(id)?;
        let why = said.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        Some(Doubted { id, doubt, words: format!("{}, {}{why}", doubt.label(), source_words(desk, said)), may_lift })
    }

    /// What stands and stood of each item; `may_restrict`: whether this person may take back that one is restricted.
    fn history(&self, desk: &Desk, may_restrict: bool) -> Vec<ItemHistory> {
        let of = |item: &'static Item| {
            let mut said: Vec<SaidOf> = Vec::new();
            let mut doubts: Vec<Doubted> = Vec::new();
            for facts in &self.facts {
                for field in item.fields() {
                    if let Some(fact) = facts.get(field) {
                        let restricted = fact.restricted.map(|id| (id, Doubt::Restricted));
                        let disputed = fact.now.disputed.iter().map(|id| (*id, Doubt::Disputed));
                        for (id, doubt) in disputed.chain(restricted) {
                            let may_lift = doubt == Doubt::Disputed || may_restrict;
                            if doubts.iter().all(|of| of.id != id) {
                                doubts.extend(self.doubt(desk, id, doubt, may_lift));
                            }
                        }
                        let all = fact.past.iter().chain([&fact.now]).collect::<Vec<_>>();
                        let until = all.iter().skip(1).map(|next| self.begins(next.said)).chain([None]);
                        for (held, until) in all.iter().zip(until) {
                            said.extend(self.said_of(desk, field, held, until));
                        }
                    }
                }
            }
            said.reverse();
            let mut history = ItemHistory { item, said, doubts };
            if history.is_restricted() {
                history.said.clear();
            }
            history
        };
        let spoken_of = |history: &ItemHistory| !history.said.is_empty() || !history.doubts.is_empty();
        self.group.items().map(of).filter(spoken_of).collect()
    }

    fn statement(&self, id: StatementId) -> Option<&Statement> {
        self.statements.iter().find(|said| said.id == id)
    }

    /// From which day what a statement said is so: the day it names, or else that on which it was said.
    fn begins(&self, id: StatementId) -> Option<Date> {
        self.statement(id).map(|said| said.since.unwrap_or_else(|| calendar::in_london(said.recorded_ms).date()))
    }

    fn said_of(&self, desk: &Desk, field: &str, held: &kith_domain::fact::Held, until: Option<Date>) -> Option<SaidOf> {
        let said = self.statement(held.said)?;
        let mut values = Fields::default();
        values.set_all(field, held.value.clone());
        let again = held.again.iter().filter_map(|id| self.statement(*id));
        let mut beside: Vec<String> = said.note.clone().into_iter().collect();
        for later in again.filter(|later| later.standing != FactStanding::Said) {
            beside.push(format!("{}: {}", later.standing.label(), source_words(desk, later)));
        }
        Some(SaidOf { values, since: said.since, until, source: source_words(desk, said), beside })
    }
}

/// Who said it and how, and who wrote it down when.
pub(crate) fn source_words(desk: &Desk, said: &Statement) -> String {
    let how = match &said.source {
        Source::Form { .. } => "on the referral".to_owned(),
        Source::Call { .. } => "on the phone, when the referral was verified".to_owned(),
        Source::Told { channel } => channel.label().to_lowercase(),
        Source::Order { .. } => "by an order".to_owned(),
        Source::Import { system } => format!("taken over from {system}"),
        Source::Parted => "written by Kith when two people were told apart".to_owned(),
    };
    let writer = desk.service.name_of(said.by);
    let when = calendar::long_instant(said.recorded_ms);
    if said.said_by == writer || said.said_by.is_empty() {
        format!("said by {writer}, {how}; {when}")
    } else {
        format!("said by {} ({how}); written down by {writer}, {when}", said.said_by)
    }
}

impl Desk {
    /// A group of facts of a child's file, or of a member of the family, with its past.
    pub async fn facts(&self, whose: Whose, group: Group) -> Result<FactsView, ServiceError> {
        let (look, scope) = self.look_into_file("file.change", whose.child).await?;
        let may_restrict = self.permits("file.restrict", &Resource::File(&scope));
        let child = child_in_contact(&look, whose.child).await?;
        let family = look.family(whose.child).await?;
        let relative = match whose.person {
            Some(person) => Some(known(&family, person)?.clone()),
            None => None,
        };
        if group.is_of_family() != relative.is_some() {
            return Err(ServiceError::NotFound);
        }
        let of = OfGroup::load(&look, whose, group).await?;
        let endangered = match endangers(group) {
            Some(by) => Some(self.endangered(&look, whose, by, &family).await?),
            None => None,
        };
        look.done("file.facts", self.now_ms()).await?;
        Ok(FactsView {
            child,
            relative,
            names: Names::of(&family),
            values: of.values(),
            version: of.version(),
            history: of.history(self, may_restrict),
            may_restrict,
            endangered,
        })
    }

    /// What a change would void, as things stand.
    async fn endangered(
        &self,
        look: &Look,
        whose: Whose,
        by: Endangers,
        family: &[Relative],
    ) -> Result<Endangered, ServiceError> {
        let person = change::bears(by, whose.person);
        let (mut assessments, mut stood) = (Vec::new(), Vec::new());
        for of in voidable(look, Bears { child: whose.child, person }).await? {
            if of.state == AssessmentState::Approved {
                stood.push(of.person);
            }
            let name = family.iter().find(|relative| relative.person.id == of.person).map(Relative::name);
            assessments.push((name.unwrap_or_else(|| "A family member".to_owned()), of.state));
        }
        let today = calendar::day_number(self.service.today());
        let booked = sessions_with(look, whose.child, &stood, today).await?;
        let sessions = booked.iter().filter(|session| is_to_come(session, self.now_ms())).count();
        Ok(Endangered { by, assessments, sessions })
    }
}

/// A member of the family. [`ServiceError::NotFound`] for anybody else.
pub(crate) fn known(family: &[Relative], person: PersonId) -> Result<&Relative, ServiceError> {
    family.iter().find(|relative| relative.person.id == person).ok_or(ServiceError::NotFound)
}

/// When the one was born before whose birth nothing can have been so: the child, or for who a person is themselves.
pub(crate) fn born(child: &Child, relative: Option<&Relative>, group: Group) -> Option<Birth> {
    match (group, relative) {
        (Group::Contact, Some(relative)) => {
            relative.person.body.known.values.date("birth_date").map(|day| Birth::On { day })
        }
        _ => child.body.facts.as_ref().map(|facts| facts.birth),
    }
}
