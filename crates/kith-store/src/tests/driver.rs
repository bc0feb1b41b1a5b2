//! The fault of the driver that `engine.rs` works around, in as few lines as it takes: sqlx-sqlite 0.9.0.
//!
//! When `SQLite` cannot go on (`SQLITE_FULL`, `SQLITE_IOERR`, `SQLITE_NOMEM`) it rolls the transaction back by itself.
//! The driver then sends a `ROLLBACK` of its own, which fails because there is nothing to roll back, and lowers its
//! count of open transactions only when that succeeds. From then on `begin` makes a savepoint, and the first of them that
//! is rolled back leaves a transaction open that nobody ever commits: every `commit` afterwards releases a savepoint
//! within it and reports success.

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, Statement, TransactionTrait};

/// When this fails, the driver has been mended: take the work-around out of `engine.rs`.
#[tokio::test]
async fn the_driver_still_calls_saved_what_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let open = async || {
        let file = SqliteConnectOptions::new().filename(directory.path().join("db")).create_if_missing(true);
        let mut options = ConnectOptions::new("sqlite://db");
        options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(move |_| file.clone());
        Database::connect(options).await.unwrap()
    };
    let db = open().await;
    db.execute_unprepared("CREATE TABLE t (x BLOB); PRAGMA max_page_count = 4").await.unwrap();

    let full = db.begin().await.unwrap();
    full.execute_unprepared("INSERT INTO t VALUES (randomblob(100000))").await.unwrap_err();
    drop(full);

    db.execute_unprepared("PRAGMA max_page_count = 1000").await.unwrap();
    drop(db.begin().await.unwrap());
    let saved = db.begin().await.unwrap();
    saved.execute_unprepared("INSERT INTO t VALUES (1)").await.unwrap();
    saved.commit().await.expect("it says that it is committed");

    let count = Statement::from_string(db.get_database_backend(), "SELECT count(*) AS n FROM t");
    let other = open().await;
    let stored: i64 = other.query_one_raw(count).await.unwrap().unwrap().try_get("", "n").unwrap();
    assert_eq!(stored, 0, "the driver commits what it calls committed");
}
