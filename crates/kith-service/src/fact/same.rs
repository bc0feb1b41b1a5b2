//! One human being in several files: recognising, and taking that back. Never automatic (handbook section 4).

use std::collections::{BTreeMap, HashMap};

use kith_domain::ids::{ChildId, PersonId, PersonLinkId};
use kith_domain::same::{DecideSame, LinkDecision};
use kith_store::{Look, PersonLink, Relative, Session, StoreError, Work, member_compared, unless_destroyed};
use uuid::Uuid;

use super::known;
use crate::flag::{is_to_come, sessions_with};
use crate::likely::{Weighed, first_and_more};
use crate::policy::Resource;
use crate::search::name_in;
use crate::{Desk, ServiceError};
use kith_domain::words::in_words;

/// Somebody in another file who is, or may be, the same human being.
pub struct Likely {
    /// Whose file.
    pub child: ChildId,
    /// The child's name.
    pub child_name: String,
    /// As that file knows them.
    pub relative: Relative,
    /// Why they may be the same.
    pub why: Vec<String>,
    /// What was decided last, by whom, when (UTC milliseconds) and why.
    pub decided: Option<(LinkDecision, String, i64, String)>,
}

/// A member of a family with who they are, or may be, in other files.
pub struct SameView {
    /// The child.
    pub child: String,
    /// The person.
    pub relative: Relative,
    /// One human being with them.
    pub linked: Vec<Likely>,
    /// Perhaps, the likeliest first.
    pub likely: Vec<Likely>,
    /// Less likely.
    pub further: Vec<Likely>,
    /// Children whose files are held who may be this person: a parent can be in care. Name, file, why.
    pub children: Vec<(String, ChildId, Vec<String>)>,
}

/// What another file knows of the risk from somebody. Whose file it is is said to those alone who may read it.
#[derive(Clone)]
pub struct Elsewhere {
    /// The child, if this person may know.
    pub child: Option<(ChildId, String)>,
    /// Whether they must not attend there.
    pub barred: bool,
    /// Whether a risk is known there.
    pub risk: bool,
}

impl Desk {
    /// Who a member of a family is in other files, and may be: only files that this person may read.
    pub async fn same_person(&self, child: ChildId, person: PersonId) -> Result<SameView, ServiceError> {
        self.allow_file("file.change", child).await?;
        let look = self.look();
        let file = look.child(child).await?;
        let family = look.family(child).await?;
        let relative = known(&family, person)?.clone();
        let rows = look.persons_of(person).await?;
        let links = look.person_links(&rows).await?;
        let decided = |other: PersonId| {
            let of = |link: &&PersonLink| {
                rows.contains(&link.pair.0) && link.pair.1 == other
                    || rows.contains(&link.pair.1) && link.pair.0 == other
            };
            let last = links.iter().rev().find(of)?;
            Some((last.decision, self.service.name_of(last.by), last.decided_ms, last.why.clone()))
        };
        let with_answer = |one: Likely| Likely { decided: decided(one.relative.person.id), ..one };
        let others = look.stand_to(&rows).await?.into_iter().filter(|(_, row)| *row != person);
        let linked = self.likely(&look, others.map(|other| (other, Vec::new())).collect()).await?;
        let linked = linked.into_iter().map(with_answer).collect();
        let body = &relative.person.body;
        let mut found = self.likely_ones(&look, &member_compared(&body.known.values), false).await?;
        found.members.retain(|of| !rows.contains(&of.held.0));
        let shown = found.members.len() + found.children.len();
        let (first, more) = first_and_more(self.relatives(&look, found.members).await?);
        let with_why = |of: Weighed<Likely>| with_answer(of.held);
        // Of whom something was decided, is not behind "more".
        let (decided, further): (Vec<Likely>, Vec<Likely>) =
            more.into_iter().map(with_why).partition(|of| of.decided.is_some());
        let likely = first.into_iter().map(with_why).chain(decided).collect();
        let children = first_and_more(found.children).0.into_iter();
        let children = children.filter(|of| of.held.referral.is_none() && of.held.child.id != child);
        let children = children.map(|of| (name_in(&of.values), of.held.child.id, of.why)).collect();
        let name = body.name.full();
        let asked: Vec<&str> = [name.as_str()].into_iter().chain(body.name.former.iter().map(String::as_str)).collect();
        look.searched(self.service.asked(&asked, shown));
        look.done("file.same_person", self.now_ms()).await?;
        Ok(SameView { child: file.name(), relative, linked, likely, further, children })
    }

    /// Members of families who may be somebody, as one file knows each that this person may read, with the others named.
    pub(crate) async fn relatives(
        &self,
        look: &Look,
        members: Vec<Weighed<(PersonId, Vec<ChildId>)>>,
    ) -> Result<Vec<Weighed<Likely>>, ServiceError> {
        let people = members.iter().flat_map(|of| {
            let (person, files) = &of.held;
            files.iter().map(|file| ((*file, *person), of.why.clone()))
        });
        let mut known = self.likely(look, people.collect()).await?;
        let of = |of: Weighed<(PersonId, Vec<ChildId>)>| {
            let person = of.held.0;
            let at = known.iter().position(|known| known.relative.person.id == person)?;
            let mut first = known.remove(at);
            for other in known.extract_if(.., |known| known.relative.person.id == person) {
                first.child_name = format!("{}, {}", first.child_name, other.child_name);
                // A risk that one of the files knows is said.
                if other.relative.relation.is_barred() || other.relative.relation.is_risk() {
                    first = Likely { child_name: first.child_name, ..other };
                }
            }
            Some(Weighed { held: first, values: of.values, probability: of.probability, why: of.why })
        };
        Ok(members.into_iter().filter_map(of).collect())
    }

    /// People of other families, in their order, opened where this person may read that file: as many statements for
    /// twenty as for one.
    pub(crate) async fn likely(
        &self,
        look: &Look,
        people: Vec<((ChildId, PersonId), Vec<String>)>,
    ) -> Result<Vec<Likely>, ServiceError> {
        let mut files: Vec<ChildId> = people.iter().map(|((child, _), _)| *child).collect();
        files.sort_unstable();
        files.dedup();
        let files = self.files_read(look, &files).await?;
        let (children, families) = (look.children(&files).await?, look.families(&files).await?);
        let likely = |((child, person), why): ((ChildId, PersonId), Vec<String>)| {
            let of = |relative: &&Relative| (relative.child, relative.person.id) == (child, person);
            let relative = families.iter().find(of)?.clone();
            let child_name = children.iter().find(|of| of.id == child)?.name();
            Some(Likely { child, child_name, relative, why, decided: None })
        };
        Ok(people.into_iter().filter_map(likely).collect())
    }

    /// Decides whether a member of a family is one human being with somebody of another file. Whoever decides may change
    /// both files. Decided twice alike it is decided once.
    pub async fn decide_same(&self, child: ChildId, person: PersonId, said: &DecideSame) -> Result<(), ServiceError> {
        self.allow_file("file.change", child).await?;
        if said.other == person {
            return Err(ServiceError::rule("same.itself", "This is one and the same entry. Choose somebody else"));
        }
        if said.other.0 == child.0 {
            return Err(ServiceError::rule(
                "same.child",
                "This is the child whose file it is: nobody of the family is the child",
            ));
        }
        self.may_change_one_of(said.other).await?;
        self.change("person.same", |work| async move {
            let family = work.family(child).await?;
            let relative = known(&family, person)?;
            let rows = work.persons_of(person).await?;
            let already = rows.contains(&said.other);
            if already && said.decision == LinkDecision::Same {
                work.changed("person", person.0, relative.person.version);
                return Ok(());
            }
            if already {
                return Err(ServiceError::rule(
                    "same.part",
                    "They are one person now. To take that back, say of each thing that was written since whom it is about",
                ));
            }
            self.link(&work, person, said).await
        })
        .await
    }

    /// Refuses, with an entry in the log, somebody in no file that this person may change.
    pub(super) async fn may_change_one_of(&self, person: PersonId) -> Result<(), ServiceError> {
        let look = self.look();
        let stands = look.stand_to(&look.persons_of(person).await?).await?;
        let files: Vec<ChildId> = stands.into_iter().map(|(child, _)| child).collect();
        let scopes = look.file_scopes(&files).await?;
        if scopes.iter().any(|scope| self.permits("file.change", &Resource::File(scope))) {
            return Ok(());
        }
        self.unknown("file.change", person.0).await
    }

    /// Writes a decision about two rows that are not of one human being yet, with what follows from it at once.
    pub(crate) async fn link(&self, work: &Work, person: PersonId, said: &DecideSame) -> Result<(), ServiceError> {
        let (one, other) = (work.persons_of(person).await?, work.persons_of(said.other).await?);
        let all: Vec<PersonId> = one.iter().chain(&other).copied().collect();
        if said.decision == LinkDecision::Same {
            self.may_be_one(work, &all, said.sure).await?;
        }
        match work.decide_link(&self.decision(person, said.other, said.decision, &said.why)?).await {
            Err(StoreError::Occupied { .. }) => return Err(self.in_two_places(work, &all).await?),
            other => other?,
        }
        if said.decision == LinkDecision::Same {
            for (child, row) in work.stand_to(&all).await? {
                let relation = work.relation(child, row).await?;
                if relation.is_barred() || relation.is_risk() {
                    self.void_elsewhere(work, child, row).await?;
                }
            }
        }
        Ok(())
    }

    /// A decision about two rows, by whoever acts, now.
    pub(super) fn decision(
        &self,
        one: PersonId,
        other: PersonId,
        decision: LinkDecision,
        why: &str,
    ) -> Result<PersonLink, ServiceError> {
        Ok(PersonLink {
            id: PersonLinkId(Uuid::now_v7()),
            pair: (one.min(other), one.max(other)),
            decision,
            by: self.me()?,
            decided_ms: self.now_ms(),
            why: why.to_owned(),
        })
    }

    /// Whether rows can be of one human being: nobody is barred and may attend in one file, and who is barred in one and
    /// expected in another is linked by somebody who was told so.
    async fn may_be_one(&self, work: &Work, rows: &[PersonId], sure: bool) -> Result<(), ServiceError> {
        let mut of_child: BTreeMap<ChildId, Vec<bool>> = BTreeMap::new();
        for (child, row) in work.stand_to(rows).await? {
            let relation = work.relation(child, row).await?;
            if !relation.ended {
                of_child.entry(child).or_default().push(relation.may_attend);
            }
        }
        let both = |attends: &Vec<bool>| attends.contains(&true) && attends.contains(&false);
        if of_child.values().any(both) {
            return Err(ServiceError::rule(
                "same.barred_here",
                "One of the two may attend and the other must not, in the file of one child. Say first which is right, \
                 under “may they attend”. Nothing was changed",
            ));
        }
        let barred = of_child.values().any(|attends| attends.contains(&false));
        if !barred || sure {
            return Ok(());
        }
        let coming = self.expected(work, rows).await?;
        if coming.is_empty() {
            return Ok(());
        }
        let when: Vec<String> = coming.iter().map(|session| session.slot.label()).collect();
        Err(ServiceError::field(
            "sure",
            format!(
                "By one file this person must not attend, and by another they are expected: {}. If it is the same person, \
                 tick that you know: the risk assessments of them become void and these sessions are marked. Nothing was \
                 changed so far",
                in_words(&when)
            ),
        ))
    }

    /// Sessions still to come at which any of these rows is expected, in order of time.
    pub(super) async fn expected(&self, look: &Look, rows: &[PersonId]) -> Result<Vec<Session>, ServiceError> {
        let today = kith_domain::calendar::day_number(self.service.today());
        let mut sessions: Vec<Session> = Vec::new();
        for (child, row) in look.stand_to(rows).await? {
            for session in sessions_with(look, child, &[row], today).await? {
                if is_to_come(&session, self.now_ms()) && !sessions.iter().any(|known| known.id == session.id) {
                    sessions.push(session);
                }
            }
        }
        sessions.sort_by_key(|session| (session.slot.day, session.slot.start_minute));
        Ok(sessions)
    }

    /// Why rows cannot be of one human being: they are expected in two rooms at once, and where.
    async fn in_two_places(&self, look: &Look, rows: &[PersonId]) -> Result<ServiceError, ServiceError> {
        let mut places = Vec::new();
        for session in self.expected(look, rows).await.unwrap_or_default() {
            places.push(format!("{} in {}", session.slot.label(), look.room(session.room).await?.name));
        }
        Ok(ServiceError::rule(
            "same.two_places",
            format!(
                "Nobody can be in two places at once, and they are expected at: {}. Move or cancel one of those that are \
                 at the same time, then do this again. Nothing was changed",
                in_words(&places)
            ),
        ))
    }

    /// What other files know of the risk from the members of a child's family; who is in no other file, or of whom nothing
    /// is known there, is not among them.
    pub(crate) async fn elsewhere(
        &self,
        look: &Look,
        child: ChildId,
        family: &[Relative],
    ) -> Result<HashMap<PersonId, Vec<Elsewhere>>, ServiceError> {
        let beings: Vec<PersonId> = family.iter().map(|of| of.person.canonical).collect();
        let rows = look.rows_of_beings(&beings).await?;
        let mut all: HashMap<PersonId, Vec<Elsewhere>> = HashMap::new();
        let ids: Vec<PersonId> = rows.iter().map(|(_, row)| *row).collect();
        for (other, row) in look.stand_to(&ids).await?.into_iter().filter(|(other, _)| *other != child) {
            let Some(relation) = unless_destroyed(look.relation(other, row).await)? else { continue };
            let barred = relation.is_barred();
            if !barred && !relation.is_risk() {
                continue;
            }
            let scope = look.file_scope(other).await?;
            let may = scope.is_some_and(|scope| self.permits("file.read", &Resource::File(&scope)));
            let of = if may { Some((other, look.child(other).await?.name())) } else { None };
            let being = rows.iter().find(|(_, known)| *known == row).map(|(being, _)| *being);
            for own in family.iter().filter(|own| Some(own.person.canonical) == being) {
                let known = Elsewhere { child: of.clone(), barred, risk: relation.is_risk() };
                all.entry(own.person.id).or_default().push(known);
            }
        }
        Ok(all)
    }
}
