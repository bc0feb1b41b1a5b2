//! Taking back that two are one: what was said since is asked for, and never guessed.

use kith_domain::fact::{Source, Statement, Subject};
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{ChildId, PersonId, StatementId};
use kith_domain::same::{LinkDecision, PartSame, Share, Shares};
use kith_store::{Look, Session, Work};
use uuid::Uuid;

use super::{known, source_words};
use crate::{Desk, ServiceError};
use kith_domain::words::in_words;

/// Something that was said while two were one, and must be given to one of them or to both.
pub struct SaidSince {
    /// The statement.
    pub id: StatementId,
    /// What it said: values settled, by code.
    pub values: Fields,
    /// Who said it, when, in words.
    pub source: String,
}

impl SaidSince {
    pub(crate) fn of(desk: &Desk, said: &Statement) -> Self {
        Self { id: said.id, source: source_words(desk, said), values: said.values.clone() }
    }
}

/// Of each statement for whom it is. Where that was not said, `ask` is a problem of the field.
pub(crate) fn shares<'a>(
    given: &Shares,
    said: impl IntoIterator<Item = &'a Statement>,
    ask: &str,
    problems: &mut Vec<Problem>,
) -> Vec<(&'a Statement, Share)> {
    let mut shares = Vec::new();
    for said in said {
        match given.get(&said.id) {
            Some(share) => shares.push((said, *share)),
            None => problems.push(Problem::new(format!("of-{}", said.id), ask)),
        }
    }
    shares
}

impl Desk {
    /// What was said of a human being since two rows became one: what must be given to one of them when they are parted.
    pub async fn said_since(
        &self,
        child: ChildId,
        person: PersonId,
        other: PersonId,
    ) -> Result<Vec<SaidSince>, ServiceError> {
        self.allow_file("file.change", child).await?;
        self.may_change_one_of(other).await?;
        let look = self.look();
        known(&look.family(child).await?, person)?;
        let since = since_linked(&look, person, other).await?;
        let said = said_after(&look, person, since).await?;
        look.done("file.same_person", self.now_ms()).await?;
        Ok(said.iter().map(|said| SaidSince::of(self, said)).collect())
    }

    /// Takes back that two rows are of one human being: both are as they were, and what was said since is given to whom
    /// the command says. Refused while the person is expected at a session
    /// of children of both.
    pub async fn part(
        &self,
        child: ChildId,
        person: PersonId,
        other: PersonId,
        command: &PartSame,
    ) -> Result<(), ServiceError> {
        self.allow_file("file.change", child).await?;
        self.may_change_one_of(other).await?;
        self.change("person.parted", |work| async move {
            let family = work.family(child).await?;
            let relative = known(&family, person)?;
            if !work.persons_of(person).await?.contains(&other) {
                work.changed("person", person.0, relative.person.version);
                return Ok(());
            }
            let since = since_linked(&work, person, other).await?;
            let said = said_after(&work, person, since).await?;
            let mut problems = Vec::new();
            let given = shares(&command.shares, &said, "Say whom this is about", &mut problems);
            if !problems.is_empty() {
                return Err(ServiceError::Invalid(problems));
            }
            self.is_expected_with_neither(&work, person, other).await?;
            work.decide_link(&self.decision(person, other, LinkDecision::Another, &command.why)?).await?;
            if work.persons_of(person).await?.contains(&other) {
                return Err(ServiceError::rule(
                    "same.by_others",
                    "They are also one person by what was decided of a third entry. Take that back first",
                ));
            }
            for (statement, to) in given {
                self.give_to(&work, statement, (person, other), to).await?;
            }
            Ok(())
        })
        .await
    }

    /// Gives something that was said to one of two rows, or to both.
    async fn give_to(
        &self,
        work: &Work,
        said: &Statement,
        (one, other): (PersonId, PersonId),
        to: Share,
    ) -> Result<(), ServiceError> {
        let Some(stands) = said.subject.person() else { return Ok(()) };
        let is_of_one = work.persons_of(one).await?.contains(&stands);
        let (home, away) = if is_of_one { (one, other) } else { (other, one) };
        let wanted = |row: PersonId| to.is_for(row == one);
        let copied = |subject, takes_back, values| -> Result<Statement, ServiceError> {
            Ok(Statement {
                id: StatementId(Uuid::now_v7()),
                subject,
                recorded_ms: self.now_ms(),
                by: self.me()?,
                source: Source::Parted,
                values,
                takes_back,
                ..said.clone()
            })
        };
        let mut statements = Vec::new();
        if !wanted(home) {
            statements.push(copied(said.subject, Some(said.id), Fields::default())?);
        }
        if wanted(away) {
            statements.push(copied(Subject::Person { person: away }, None, said.values.clone())?);
        }
        Ok(work.add_statements(&statements).await?)
    }

    /// Refuses while a session still to come is for children of both.
    async fn is_expected_with_neither(
        &self,
        work: &Work,
        person: PersonId,
        other: PersonId,
    ) -> Result<(), ServiceError> {
        let of = |stand: Vec<(ChildId, PersonId)>, row| -> Vec<ChildId> {
            stand.into_iter().filter(|(_, known)| *known == row).map(|(child, _)| child).collect()
        };
        let (one, two) = (of(work.stand_to(&[person]).await?, person), of(work.stand_to(&[other]).await?, other));
        let rows = work.persons_of(person).await?;
        let shared = |session: &&Session| {
            let children = session.children();
            let any = |of: &[ChildId]| children.iter().any(|child| of.contains(child));
            any(&one) && any(&two)
        };
        let coming = self.expected(work, &rows).await?;
        let when: Vec<String> = coming.iter().filter(shared).map(|session| session.slot.label()).collect();
        if when.is_empty() {
            return Ok(());
        }
        Err(ServiceError::rule(
            "same.expected",
            format!(
                "They are expected together with children of both files: {}. Take one of the children off, or cancel it, \
                 then do this again. Nothing was changed",
                in_words(&when)
            ),
        ))
    }
}

/// When two rows became one human being, UTC milliseconds, by which decision: the last time it was decided.
async fn since_linked(look: &Look, person: PersonId, other: PersonId) -> Result<(i64, Uuid), ServiceError> {
    let rows = look.persons_of(person).await?;
    let links = look.person_links(&rows).await?;
    let pair = (person.min(other), person.max(other));
    let of_pair = links.iter().rev().find(|link| link.pair == pair && link.decision == LinkDecision::Same);
    let last = of_pair.or_else(|| links.iter().rev().find(|link| link.decision == LinkDecision::Same));
    last.map(|link| (link.decided_ms, link.id.0)).ok_or(ServiceError::NotFound)
}

/// What was said of a human being after a decision and counts still; of the same instant, what was made after it.
async fn said_after(look: &Look, person: PersonId, since: (i64, Uuid)) -> Result<Vec<Statement>, ServiceError> {
    let all = look.statements_of(Subject::Person { person }).await?;
    let back: Vec<StatementId> = all.iter().filter_map(|said| said.takes_back).collect();
    let counts = |said: &Statement| {
        (said.recorded_ms, said.id.0) > since
            && !back.contains(&said.id)
            && said.takes_back.is_none()
            && !matches!(said.source, Source::Form { .. } | Source::Call { .. })
    };
    Ok(all.into_iter().filter(counts).collect())
}
