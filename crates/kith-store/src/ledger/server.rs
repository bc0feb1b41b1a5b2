//! Which of several servers this is.
//!
//! Each server has lanes of the log that are its own, so that it can remember where they end, and a signed log of its own. Both
//! belong to its data directory, in which the number of its first lane is kept. A lock of a connection that is open for as long
//! as the server runs keeps a copy of that directory from being a second server with the same lanes.

use std::fs;
use std::io::ErrorKind;

use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, Connection as _, raw_sql};
use tokio::sync::Mutex;
use tokio::time::timeout;
use uuid::Uuid;

use crate::StoreError;
use crate::engine::{CONNECT_TIMEOUT, Server};
use crate::error::from_sqlx;
use crate::open::{Files, write_durably};

/// What the one server of `SQLite` calls its first lane.
const ALONE: i64 = 0;
/// The numbers of first lanes on `PostgreSQL`, drawn by chance: so many that no two are ever the same.
const NUMBERS: u64 = (1 << 60) - 1;
/// What the connection is told before it takes its lock: to wait for another that is just ending, and to notice soon that the
/// machine at its other end is gone.
const GREETING: &str = "SET lock_timeout = 10000; SET statement_timeout = 0;
    SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 2;";

/// This server.
pub(crate) struct ThisServer {
    /// The first of its lanes.
    pub(crate) first_lane: i64,
    /// `None` on `SQLite`, where the lock of the data directory does.
    lock: Option<Lock>,
}

struct Lock {
    server: Server,
    held_by: Mutex<Option<PgConnection>>,
}

impl ThisServer {
    /// The server of this data directory; `server` is where its data is, if not in a file. [`StoreError::ServerTwice`] if another
    /// runs that has the same lanes.
    pub(crate) async fn of(files: &Files, server: Option<&Server>) -> Result<Self, StoreError> {
        let Some(server) = server else { return Ok(Self { first_lane: ALONE, lock: None }) };
        let lock = Lock { server: server.clone(), held_by: Mutex::default() };
        let this = Self { first_lane: first_lane(files)?, lock: Some(lock) };
        this.hold().await?;
        Ok(this)
    }

    /// Sees that the lock is held, and takes it again if its connection was lost.
    pub(crate) async fn hold(&self) -> Result<(), StoreError> {
        let Some(Lock { server, held_by }) = &self.lock else { return Ok(()) };
        let mut held_by = held_by.lock().await;
        if let Some(connection) = held_by.as_mut()
            && let Ok(Ok(())) = timeout(CONNECT_TIMEOUT, connection.ping()).await
        {
            return Ok(());
        }
        *held_by = None;
        let mut connection = server.alone().await?;
        raw_sql(GREETING).execute(&mut connection).await.map_err(|error| from_sqlx(&error))?;
        let lock = sqlx::query("SELECT pg_advisory_lock($1)").bind(self.first_lane);
        lock.execute(&mut connection).await.map_err(|error| match from_sqlx(&error) {
            StoreError::Busy => StoreError::ServerTwice,
            error => error,
        })?;
        *held_by = Some(connection);
        Ok(())
    }

    /// Gives the lock up.
    pub(crate) async fn leave(&self) {
        if let Some(lock) = &self.lock
            && let Some(connection) = lock.held_by.lock().await.take()
        {
            // Its lock ends with it, however the goodbye goes.
            let _ = connection.close().await;
        }
    }
}

/// The number in the data directory; drawn and written where there is none, or one whose writing was cut short.
fn first_lane(files: &Files) -> Result<i64, StoreError> {
    let path = files.server();
    match fs::read_to_string(&path) {
        Ok(text) if text.ends_with('\n') => {
            return text.trim().parse().map_err(|_| StoreError::DamagedFile { path });
        }
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(StoreError::io(&path, error)),
    }
    let number = i64::try_from(Uuid::new_v4().as_u64_pair().1 & NUMBERS).unwrap_or(ALONE);
    write_durably(&path, format!("{number}\n").as_bytes())?;
    Ok(number)
}
