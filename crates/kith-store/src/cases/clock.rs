//! The clocks that run, from the clear columns: nothing is opened. Days that stand in a column are read there; days that a
//! sealed body says have a row of their own, written with that body and nowhere else.

use std::collections::BTreeSet;

use kith_domain::calendar;
use kith_domain::clock::{ClockKind, hearings};
use kith_domain::ids::ChildId;
use kith_domain::notice::NoticeKind;
use kith_domain::order::OrderState;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Statement, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::allocation::{Counted, none_refused, open_and_theirs, reads, with_window};
use super::{Child, ChildState, ContactOrder};
use crate::entity::clock::{Column, Entity, Model};
use crate::{Look, StoreError, Work, row};

/// Days after which an assessment that ran out is not spoken of any more, whatever is booked.
#[cfg(test)]
const LONG_AGO_DAYS: i64 = 366;

/// Until when a clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Its last day, a day number.
    Day(i64),
    /// Counted from when a referral was sent, UTC milliseconds: in working days, which the engine does not know.
    CountedFrom(i64),
}

/// A clock that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Which.
    pub kind: ClockKind,
    /// What it is about.
    pub subject: Uuid,
    /// In whose file.
    pub child: ChildId,
    /// Until when.
    pub until: Until,
}

/// A reminder of a clock that has a row: what it is about, in whose file, and the day that the row named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockDue {
    /// What it is about.
    pub subject: Uuid,
    /// In whose file.
    pub child: ChildId,
    /// Its last day, a day number.
    pub day: i64,
}

/// Every clock of a file that whoever asks reads, by the values of `reads!`; `$5` today, `$6` 1 if only what is near. What is
/// overdue stays until somebody acts; of assessments only while a session with that person is booked. Whose referral is to be
/// verified is for those who verify. The ranks are the places of [`ClockKind::ALL`].
macro_rules! clocks {
    () => {
        concat!(
            "(SELECT 0 AS place, 'assessment' AS kind, t.id AS subject, t.child_id AS child_id, t.valid_until AS due, \
                 'open' AS of_state \
               FROM risk_assessment t WHERE t.state = 'approved' AND t.valid_until >= $5 - 366 \
                 AND ($6 = 0 OR t.valid_until <= $5 + 14) AND (t.valid_until >= $5 OR EXISTS ( \
                   SELECT 1 FROM session_child x JOIN session s ON s.id = x.session_id \
                   JOIN session_person p ON p.session_id = s.id AND p.person_id = t.person_id \
                   WHERE x.child_id = t.child_id AND x.state <> 'taken_off' AND s.day >= $5 \
                     AND s.state IN ('planned', 'confirmed'))) \
             UNION ALL SELECT 1, 'refusal', f.id, f.child_id, f.until_day, 'open' \
               FROM contact_refusal f WHERE f.state = 'running' \
             UNION ALL SELECT CASE k.kind WHEN 'first_session' THEN 2 WHEN 'order_ends' THEN 4 ELSE 5 END, \
                 k.kind, k.subject_id, k.child_id, k.due_day, 'open' \
               FROM clock k WHERE $6 = 0 OR k.due_day <= $5 + CASE k.kind WHEN 'first_session' THEN 3653 \
                 WHEN 'order_ends' THEN 28 ELSE 14 END \
             UNION ALL SELECT 3, 'verification', r.id, r.child_id, r.submitted_at, 'any' \
               FROM referral r WHERE r.state IN ('submitted', 'being_verified') AND $4 = 0",
            none_refused!(),
            " UNION ALL SELECT 6, 'plan_review', n.id, n.child_id, n.review_due, 'open' \
               FROM contact_plan n WHERE n.state = 'active' AND n.review_due IS NOT NULL \
                 AND ($6 = 0 OR n.review_due <= $5 + 14) \
            ) k JOIN child c ON c.id = k.child_id WHERE (c.state = 'open' OR (k.of_state = 'any' AND c.state = 'referred')) \
             AND (k.kind <> 'hearing' OR k.due >= $5) AND ",
            reads!()
        )
    };
}

const COUNT: &str = concat!("SELECT k.kind AS state, COUNT(*) AS n FROM ", clocks!(), " GROUP BY k.kind");
/// `$7` of which kind, or of all, `$8` how many, `$9` after how many.
const PAGE: &str = concat!(
    "SELECT k.kind, k.subject, k.child_id, k.due FROM ",
    clocks!(),
    " AND ($7 = '' OR k.kind = $7) ORDER BY k.place, k.due, k.subject LIMIT $8 OFFSET $9"
);
/// `$7` the file.
const OF_FILE: &str = concat!(
    "SELECT k.kind, k.subject, k.child_id, k.due FROM ",
    clocks!(),
    " AND k.child_id = $7 ORDER BY k.place, k.due, k.subject"
);

impl Look {
    /// The clocks that are near on a day (a day number), of the files that whoever asks reads, in the order of harm and then of
    /// time: of one kind or of all, so many after so many; and how many there are of each kind.
    pub async fn clocks(
        &self,
        today: i64,
        kind: Option<ClockKind>,
        window: (u64, u64),
    ) -> Result<(Vec<Clock>, Counted<ClockKind>), StoreError> {
        let mut values = self.reader().await?;
        values.extend([today.into(), 1_i64.into()]);
        let counts = self.counts(COUNT, values.clone(), ClockKind::from_code).await?;
        values.push(kind.map_or("", ClockKind::code).into());
        Ok((self.clocks_by(PAGE, with_window(values, window)).await?, counts))
    }

    /// Every clock of one file, in the same order, if whoever asks reads it.
    pub async fn clocks_of(&self, child: ChildId, today: i64) -> Result<Vec<Clock>, StoreError> {
        let mut values = self.reader().await?;
        values.extend([today.into(), 0_i64.into(), child.0.into()]);
        self.clocks_by(OF_FILE, values).await
    }

    async fn clocks_by(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Clock>, StoreError> {
        let db = self.db();
        let mut clocks = Vec::new();
        for row in db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await? {
            // A code that is none of ours is in no list.
            let Some(kind) = ClockKind::from_code(&row.try_get::<String>("", "kind")?) else { continue };
            let due: i64 = row.try_get("", "due")?;
            let until = if kind == ClockKind::Verification { Until::CountedFrom(due) } else { Until::Day(due) };
            let child = ChildId(row.try_get("", "child_id")?);
            clocks.push(Clock { kind, subject: row.try_get("", "subject")?, child, until });
        }
        Ok(clocks)
    }

    /// Whether a clock that has a row still runs until the day that a reminder names.
    pub async fn still_runs(&self, kind: ClockKind, of: &ClockDue) -> Result<bool, StoreError> {
        let key = (of.child.0, kind.code().to_owned(), of.subject, of.day);
        Ok(Entity::find_by_id(key).one(&self.db()).await?.is_some())
    }
}

/// When, in days from the last one, and what somebody is told of a clock that has a row. Nobody is reminded of a first session
/// that is in time.
const fn told(kind: ClockKind) -> Option<(NoticeKind, i64)> {
    match kind {
        ClockKind::FirstSession => Some((NoticeKind::FirstSessionBy, 1)),
        ClockKind::OrderEnds => Some((NoticeKind::OrderEnds, -kind.warned_days())),
        ClockKind::Hearing => Some((NoticeKind::HearingSoon, -kind.warned_days())),
        ClockKind::Assessment | ClockKind::Refusal | ClockKind::Verification | ClockKind::PlanReview => None,
    }
}

impl Work {
    /// Starts the clock of a child's first session, to run until a day (a day number).
    pub async fn await_first_session(&self, child: ChildId, due: i64) -> Result<(), StoreError> {
        self.set_clocks(ClockKind::FirstSession, child.0, &[(child, due)]).await
    }

    /// A session was held, with the contact that was waited for.
    pub(super) async fn first_session_held(&self, child: ChildId) -> Result<(), StoreError> {
        self.set_clocks(ClockKind::FirstSession, child.0, &[]).await
    }

    /// The hearings to come that a child's file names; none of one that is not in contact.
    pub(crate) async fn clocks_of_child(&self, child: &Child) -> Result<(), StoreError> {
        let today = calendar::in_london(self.now_ms()).date();
        let to_come =
            if child.state == ChildState::Open { hearings(&child.body.known.values, today) } else { Vec::new() };
        let due: Vec<_> = to_come.into_iter().map(|day| (child.id, calendar::day_number(day))).collect();
        self.set_clocks(ClockKind::Hearing, child.id.0, &due).await
    }

    /// The last day of an order that stands, for each of its children.
    pub(crate) async fn clocks_of_order(&self, order: &ContactOrder) -> Result<(), StoreError> {
        let last = order.body.order.facts.ends_on.filter(|_| order.state == OrderState::Standing);
        let children = order.body.children.iter();
        let due: Vec<_> = last
            .into_iter()
            .flat_map(|day| children.clone().map(move |child| (*child, calendar::day_number(day))))
            .collect();
        self.set_clocks(ClockKind::OrderEnds, order.id.0, &due).await
    }

    /// Writes down until when the clocks of a kind run that are about one thing: these are all of them. Of each that is new a
    /// reminder is written with it.
    async fn set_clocks(&self, kind: ClockKind, subject: Uuid, due: &[(ChildId, i64)]) -> Result<(), StoreError> {
        let db = self.db();
        let of = Condition::all().add(Column::SubjectId.eq(subject)).add(Column::Kind.eq(kind.code()));
        let there = Entity::find().filter(of.clone()).all(&db).await?;
        let before: BTreeSet<(Uuid, i64)> = there.iter().map(|of| (of.child_id, of.due_day)).collect();
        let now: BTreeSet<(Uuid, i64)> = due.iter().map(|(child, day)| (child.0, *day)).collect();
        if before == now {
            return Ok(());
        }
        if !before.is_empty() {
            Entity::delete_many().filter(of).exec(&db).await?;
        }
        for (child, day) in &now {
            let code = kind.code().to_owned();
            row::insert(&db, Model { child_id: *child, kind: code, subject_id: subject, due_day: *day }).await?;
            if !before.contains(&(*child, *day)) {
                self.remind_of(kind, ClockDue { subject, child: ChildId(*child), day: *day }).await?;
            }
        }
        let children: BTreeSet<Uuid> = before.iter().chain(&now).map(|(child, _)| *child).collect();
        for child in children {
            let all = Entity::find().filter(Column::ChildId.eq(child)).all(&db).await?;
            self.wrote_all(child, &all);
        }
        Ok(())
    }

    async fn remind_of(&self, kind: ClockKind, due: ClockDue) -> Result<(), StoreError> {
        let Some((notice, days)) = told(kind) else { return Ok(()) };
        let today = calendar::day_number(calendar::in_london(self.now_ms()).date());
        // What had passed when it was written down is seen on the page.
        if due.day >= today {
            let at_ms = calendar::instant_ms(calendar::day_of(due.day + days), 0);
            self.enqueue(notice.code(), &due, at_ms).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statement is text: it says again what the domain says.
    #[test]
    fn the_statement_says_what_the_domain_says() {
        let text = PAGE;
        for kind in ClockKind::ALL {
            assert!(text.contains(&format!("'{}'", kind.code())) || *kind == ClockKind::Hearing, "{kind:?}");
        }
        assert!(text.contains(&format!("t.valid_until <= $5 + {}", ClockKind::Assessment.warned_days())));
        assert!(text.contains(&format!("t.valid_until >= $5 - {LONG_AGO_DAYS}")));
        assert!(text.contains(&format!("n.review_due <= $5 + {}", ClockKind::PlanReview.warned_days())));
        assert!(text.contains(&format!("WHEN 'first_session' THEN {}", ClockKind::FirstSession.warned_days())));
        assert!(text.contains(&format!(
            "WHEN 'order_ends' THEN {} ELSE {} END",
            ClockKind::OrderEnds.warned_days(),
            ClockKind::Hearing.warned_days()
        )));
        let place = |kind| ClockKind::ALL.iter().position(|of| *of == kind).unwrap_or_default();
        let (first, order) = (place(ClockKind::FirstSession), place(ClockKind::OrderEnds));
        let hearing = place(ClockKind::Hearing);
        assert!(text.contains(&format!(
            "CASE k.kind WHEN 'first_session' THEN {first} WHEN 'order_ends' THEN {order} ELSE {hearing} END"
        )));
        assert!(text.contains(&format!("SELECT {}, 'refusal'", place(ClockKind::Refusal))));
        assert!(text.contains(&format!("SELECT {}, 'verification'", place(ClockKind::Verification))));
        assert!(text.contains(&format!("SELECT {}, 'plan_review'", place(ClockKind::PlanReview))));
    }
}
