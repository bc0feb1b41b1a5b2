//! What lies on disk, read past the program through connections that cannot write.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kith_domain::ids::ChildId;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement,
};
use uuid::Uuid;

/// The two databases of a directory.
pub(crate) struct Disk {
    data: DatabaseConnection,
    keys: DatabaseConnection,
}

/// A file's row.
pub(crate) struct ChildRow {
    pub(crate) id: Uuid,
    pub(crate) state: String,
    pub(crate) area: String,
}

/// A certificate's row.
pub(crate) struct CertificateRow {
    pub(crate) id: Uuid,
    pub(crate) list: Option<Uuid>,
    pub(crate) state: String,
    pub(crate) destroyed_ms: i64,
}

/// A request's row.
pub(crate) struct RequestRow {
    pub(crate) state: String,
    pub(crate) due_day: Option<i64>,
    pub(crate) ended: bool,
}

async fn connect(path: &Path, mode: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode={mode}", path.display()));
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}

fn sql(text: &str) -> Statement {
    Statement::from_string(DbBackend::Sqlite, text)
}

impl Disk {
    pub(crate) async fn open(data: &Path) -> Result<Self, DbErr> {
        Ok(Self {
            data: connect(&data.join("kith.sqlite"), "ro").await?,
            keys: connect(&data.join("keys.sqlite"), "ro").await?,
        })
    }

    pub(crate) async fn close(&self) -> Result<(), DbErr> {
        self.data.close_by_ref().await?;
        self.keys.close_by_ref().await
    }

    async fn rows<T>(&self, text: &str, of: impl Fn(&QueryResult) -> Result<T, DbErr>) -> Result<Vec<T>, DbErr> {
        self.data.query_all_raw(sql(text)).await?.iter().map(of).collect()
    }

    async fn ids(&self, text: &str) -> Result<BTreeSet<Uuid>, DbErr> {
        Ok(self.rows(text, |row| row.try_get("", "id")).await?.into_iter().collect())
    }

    /// When the next job is due that waits, UTC milliseconds.
    pub(crate) async fn next_job(&self) -> Result<Option<i64>, DbErr> {
        let text = "SELECT MIN(due_at) AS due FROM outbox WHERE done_at IS NULL AND failed_at IS NULL";
        Ok(self.rows(text, |row| row.try_get("", "due")).await?.into_iter().next().flatten())
    }

    /// Kinds of the jobs that were due by then and are not done, or were given up.
    pub(crate) async fn jobs_left(&self, now_ms: i64) -> Result<Vec<String>, DbErr> {
        let text = format!(
            "SELECT kind FROM outbox WHERE done_at IS NULL AND (due_at <= {now_ms} OR failed_at IS NOT NULL) AND kind <> 'mail'"
        );
        self.rows(&text, |row| row.try_get("", "kind")).await
    }

    /// The lists that wait for approval, each with who proposed it.
    pub(crate) async fn lists_proposed(&self) -> Result<Vec<(Uuid, Option<Uuid>)>, DbErr> {
        let text = "SELECT id, author_id FROM destruction_list WHERE state = 'proposed' ORDER BY created_at";
        self.rows(text, |row| Ok((row.try_get("", "id")?, row.try_get("", "author_id")?))).await
    }

    /// The files that wait on a list.
    pub(crate) async fn files_on_list(&self, list: Uuid) -> Result<Vec<ChildId>, DbErr> {
        let text =
            format!("SELECT child_id FROM destruction_item WHERE state = 'listed' AND list_id = x'{}'", list.simple());
        self.rows(&text, |row| Ok(ChildId(row.try_get("", "child_id")?))).await
    }

    pub(crate) async fn children(&self) -> Result<Vec<ChildRow>, DbErr> {
        self.rows("SELECT id, state, area FROM child", |row| {
            Ok(ChildRow {
                id: row.try_get("", "id")?,
                state: row.try_get("", "state")?,
                area: row.try_get("", "area")?,
            })
        })
        .await
    }

    pub(crate) async fn certificates(&self) -> Result<BTreeMap<Uuid, CertificateRow>, DbErr> {
        let rows = self.rows("SELECT id, child_id, list_id, state, destroyed_at FROM certificate", |row| {
            let of = CertificateRow {
                id: row.try_get("", "id")?,
                list: row.try_get("", "list_id")?,
                state: row.try_get("", "state")?,
                destroyed_ms: row.try_get("", "destroyed_at")?,
            };
            Ok((row.try_get("", "child_id")?, of))
        });
        Ok(rows.await?.into_iter().collect())
    }

    /// Every key of a file, person or thing, and whether it is there still.
    pub(crate) async fn keys(&self) -> Result<BTreeMap<Uuid, bool>, DbErr> {
        let rows = self.keys.query_all_raw(sql("SELECT file_id, wrapped IS NOT NULL AS there FROM file_key")).await?;
        rows.iter().map(|row| Ok((row.try_get("", "file_id")?, row.try_get::<i64>("", "there")? == 1))).collect()
    }

    /// How many keys the key store says to have destroyed.
    pub(crate) async fn keys_destroyed(&self) -> Result<i64, DbErr> {
        let row = self.keys.query_one_raw(sql("SELECT destroyed FROM key_state")).await?;
        row.map_or(Ok(0), |row| row.try_get("", "destroyed"))
    }

    /// How many marks there are to find each file by.
    pub(crate) async fn tokens(&self) -> Result<BTreeMap<Uuid, i64>, DbErr> {
        let text = "SELECT child_id, COUNT(*) AS many FROM token GROUP BY child_id";
        let rows = self.rows(text, |row| Ok((row.try_get("", "child_id")?, row.try_get("", "many")?)));
        Ok(rows.await?.into_iter().collect())
    }

    /// Who has which file now.
    pub(crate) async fn allocations(&self) -> Result<Vec<(Uuid, Uuid)>, DbErr> {
        let text = "SELECT a.child_id, a.account_id FROM allocation a LEFT JOIN allocation_end e ON e.allocation_id = a.id \
                    WHERE e.allocation_id IS NULL AND a.capacity <> 'refused'";
        self.rows(text, |row| Ok((row.try_get("", "child_id")?, row.try_get("", "account_id")?))).await
    }

    /// The days by which first sessions are held, by file.
    pub(crate) async fn first_sessions(&self) -> Result<BTreeMap<Uuid, i64>, DbErr> {
        let text = "SELECT child_id, due_day FROM clock WHERE kind = 'first_session'";
        let rows = self.rows(text, |row| Ok((row.try_get("", "child_id")?, row.try_get("", "due_day")?)));
        Ok(rows.await?.into_iter().collect())
    }

    pub(crate) async fn requests(&self) -> Result<BTreeMap<Uuid, RequestRow>, DbErr> {
        let text = "SELECT id, state, due_day, ended_at IS NOT NULL AS ended FROM rights_request";
        let rows = self.rows(text, |row| {
            let ended = row.try_get::<i64>("", "ended")? == 1;
            let of = RequestRow { state: row.try_get("", "state")?, due_day: row.try_get("", "due_day")?, ended };
            Ok((row.try_get("", "id")?, of))
        });
        Ok(rows.await?.into_iter().collect())
    }

    /// The requests of which something that was collected is there.
    pub(crate) async fn collected(&self) -> Result<BTreeSet<Uuid>, DbErr> {
        let tables = ["pack_file", "pack_part", "pack_volume", "pack_account"]
            .map(|table| format!("SELECT pack_id AS id FROM {table}"));
        self.ids(&tables.join(" UNION ")).await
    }

    /// Holds: the day of the review, and whether it was lifted.
    pub(crate) async fn holds(&self) -> Result<BTreeMap<Uuid, (i64, bool)>, DbErr> {
        let text = "SELECT id, review_day, lifted_at IS NOT NULL AS lifted FROM legal_hold";
        let rows = self.rows(text, |row| {
            let lifted = row.try_get::<i64>("", "lifted")? == 1;
            Ok((row.try_get("", "id")?, (row.try_get("", "review_day")?, lifted)))
        });
        Ok(rows.await?.into_iter().collect())
    }

    /// What notices of a kind are about.
    pub(crate) async fn told_of(&self, kind: &str) -> Result<BTreeSet<Uuid>, DbErr> {
        self.ids(&format!("SELECT DISTINCT subject_id AS id FROM notice WHERE kind = '{kind}'")).await
    }

    /// Everything of which a notice speaks.
    pub(crate) async fn told_of_all(&self) -> Result<BTreeSet<Uuid>, DbErr> {
        self.ids("SELECT DISTINCT subject_id AS id FROM notice").await
    }

    /// Changes something past the program, as its tests do to see that it is found. Nothing else writes here.
    #[cfg(feature = "testing")]
    pub(crate) async fn meddle(data: &Path, database: &str, text: &str) -> Result<(), DbErr> {
        let db = connect(&data.join(database), "rw").await?;
        db.execute_raw(sql(text)).await?;
        db.close().await
    }
}
