//! What was said: rows that are only added, and the fold of them into the rows of child, person and relationship.

use kith_domain::fact::{Facts, Statement, Subject};
use kith_domain::ids::{ChildId, PersonId};
use kith_domain::retention;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{ChildBody, PersonBody};
use crate::entity::statement;
use crate::items::said_of;
use crate::{Look, StoreError, Work, row};

impl Look {
    /// Everything that was said of a subject, oldest first; of a person what was said of any of their rows.
    pub async fn statements_of(&self, subject: Subject) -> Result<Vec<Statement>, StoreError> {
        self.opened_statements(self.rows_of(subject).await?).await
    }

    /// Everything that was said of a child, of everybody who was ever in the family, and of how they stand to the child;
    /// oldest first.
    pub async fn statements_of_file(&self, child: ChildId, family: &[PersonId]) -> Result<Vec<Statement>, StoreError> {
        let mut rows = Vec::new();
        for person in family {
            rows.extend(self.persons_of(*person).await?);
        }
        let of = Condition::any().add(statement::Column::ChildId.eq(child.0)).add(
            Condition::all()
                .add(statement::Column::About.eq("person"))
                .add(statement::Column::PersonId.is_in(rows.iter().map(|id| id.0))),
        );
        let models = statement::Entity::find().filter(of).order_by_asc(statement::Column::RecordedAt);
        self.opened_statements(models.order_by_asc(statement::Column::Id).all(&self.db()).await?).await
    }

    /// The newest of what was said of a child, of these members of the family (all `rows` of these human beings) and of how they
    /// stand to the child, newest first, as many as `most` says once it is told how many there are; and how many there are.
    pub async fn newest_statements_of_file(
        &self,
        child: ChildId,
        family: &[PersonId],
        rows: &[PersonId],
        most: impl FnOnce(u64) -> u64,
    ) -> Result<(Vec<Statement>, u64), StoreError> {
        let among = |ids: &[PersonId]| statement::Column::PersonId.is_in(ids.iter().map(|id| id.0));
        let stands = Condition::any().add(statement::Column::About.eq("child")).add(among(family));
        let of_child = Condition::all().add(statement::Column::ChildId.eq(child.0)).add(stands);
        let of_person = Condition::all().add(statement::Column::About.eq("person")).add(among(rows));
        let all = statement::Entity::find().filter(Condition::any().add(of_child).add(of_person));
        let total = all.clone().count(&self.db()).await?;
        let newest = all.order_by_desc(statement::Column::RecordedAt).order_by_desc(statement::Column::Id);
        let newest = newest.limit(most(total).min(total)).all(&self.db()).await?;
        Ok((self.opened_statements(newest).await?, total))
    }

    async fn opened_statements(&self, rows: Vec<statement::Model>) -> Result<Vec<Statement>, StoreError> {
        let mut statements = Vec::with_capacity(rows.len());
        for row in rows {
            let statement = self.open(&row).await?;
            statements.push(self.covered_statement(statement));
        }
        Ok(statements)
    }

    async fn rows_of(&self, subject: Subject) -> Result<Vec<statement::Model>, StoreError> {
        let mut of = Condition::all().add(statement::Column::About.eq(subject.code()));
        match subject {
            Subject::Child { child } => of = of.add(statement::Column::ChildId.eq(child.0)),
            Subject::Relationship { child, person } => {
                of = of.add(statement::Column::ChildId.eq(child.0)).add(statement::Column::PersonId.eq(person.0));
            }
            Subject::Person { person } => {
                let rows = self.persons_of(person).await?;
                of = of.add(statement::Column::PersonId.is_in(rows.iter().map(|id| id.0)));
            }
        }
        let found = statement::Entity::find().filter(of).order_by_asc(statement::Column::RecordedAt);
        Ok(found.order_by_asc(statement::Column::Id).all(&self.db()).await?)
    }

    /// The files a statement about this subject belongs to.
    async fn files_of(&self, subject: Subject) -> Result<Vec<Uuid>, StoreError> {
        Ok(match (subject.child(), subject.person()) {
            (Some(child), _) => vec![child.0],
            (None, Some(person)) => {
                let rows = self.persons_of(person).await?;
                self.children_of_persons(&rows).await?.into_iter().map(|child| child.0).collect()
            }
            (None, None) => Vec::new(),
        })
    }
}

impl Work {
    /// Adds one statement, see [`Work::add_statements`].
    pub async fn add_statement(&self, statement: &Statement) -> Result<(), StoreError> {
        self.add_statements(std::slice::from_ref(statement)).await
    }

    /// Adds statements, and writes what stands now into the rows of child, person and relationship, with the tokens by
    /// which they are found: all in this transaction. A row that was read before has another version afterwards.
    ///
    /// [`StoreError::Duplicate`] if a statement of that id is there already.
    pub async fn add_statements(&self, statements: &[Statement]) -> Result<(), StoreError> {
        self.hold(statements.iter().map(|said| (said_of(said.subject), &said.values)).collect()).await?;
        let mut subjects: Vec<Subject> = Vec::new();
        for statement in statements {
            let files = self.files_of(statement.subject).await?;
            let id = statement.id.0;
            self.note_files(&files, id);
            let model = statement::Model {
                id,
                version: 1,
                about: statement.subject.code().to_owned(),
                child_id: statement.subject.child().map(|child| child.0),
                person_id: statement.subject.person().map(|person| person.0),
                author_id: statement.by.0,
                recorded_at: statement.recorded_ms,
                sealed: Vec::new(),
            };
            let model = self.seal(model, &files, statement).await?;
            row::insert(&self.db(), model).await?;
            if !subjects.contains(&statement.subject) {
                subjects.push(statement.subject);
            }
        }
        for subject in subjects {
            self.project(subject).await?;
        }
        Ok(())
    }

    /// Writes what stands now of a subject into its row.
    pub(crate) async fn project(&self, subject: Subject) -> Result<(), StoreError> {
        let known = Facts::of(&self.statements_of(subject).await?).known();
        match subject {
            Subject::Child { child } => {
                let mut file = self.child(child).await?;
                let (retention_month, kept) = (file.retention_month().to_owned(), file.body.kept.take());
                file.body = ChildBody { retention_month, kept, ..ChildBody::from(known) };
                if file.body.facts.is_some() {
                    if let Some(kept) = retention::file_kept(&file.body.known.values) {
                        file.keep(kept);
                    }
                    let values = file.body.known.values.clone();
                    self.index_child(child, &values).await?;
                }
                self.save_child(&mut file).await
            }
            Subject::Relationship { child, person } => self.save_relation(child, person, &known).await,
            Subject::Person { person } => {
                let rows = self.persons_of(person).await?;
                self.save_persons(&rows, &known).await?;
                self.index_persons(&rows, &PersonBody::from(known)).await
            }
        }
    }

    /// Makes a human being findable in every file they stand in, by what stands of them now.
    pub(super) async fn index_persons(&self, rows: &[PersonId], body: &PersonBody) -> Result<(), StoreError> {
        for row in rows {
            for child in self.children_of_persons(&[*row]).await? {
                self.index_relative(child, *row, body).await?;
            }
        }
        Ok(())
    }

    /// Seals again, for the files of every child they stand to now, what is held of a human being.
    pub(super) async fn seal_again(&self, person: PersonId) -> Result<(), StoreError> {
        let subject = Subject::Person { person };
        let files = self.files_of(subject).await?;
        for model in self.rows_of(subject).await? {
            let read = model.version;
            let said: Statement = self.open(&model).await?;
            let model = self.seal(statement::Model { version: read + 1, ..model }, &files, &said).await?;
            row::save_where_version(&self.db(), model, statement::Column::Version, read).await?;
        }
        self.project(subject).await
    }
}
