//! What stands in the clear in a database of Kith, counted without any key: `scripts/what-a-thief-learns DIR`.
//!
//! It reads `DIR/kith.sqlite` as somebody does who took that file and nothing else.

#![allow(missing_docs, reason = "a program")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement};

type Failed = Box<dyn std::error::Error>;

async fn rows(db: &DatabaseConnection, sql: &str) -> Result<Vec<QueryResult>, Failed> {
    Ok(db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?)
}

async fn number(db: &DatabaseConnection, sql: &str) -> Result<i64, Failed> {
    let rows = rows(db, sql).await?;
    Ok(rows.first().ok_or("no row")?.try_get("", "n")?)
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let data = std::env::args_os().nth(1).map(PathBuf::from).ok_or("give the data directory")?;
    let db = Database::connect(format!("sqlite://{}?mode=ro", data.join("kith.sqlite").display())).await?;
    let of = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let tables: Vec<String> =
        rows(&db, of).await?.iter().map(|row| row.try_get("", "name")).collect::<Result<_, _>>()?;

    println!("Rows, and what stands in the clear in them:");
    let mut sealed = Vec::new();
    for table in &tables {
        let count = number(&db, &format!("SELECT count(*) AS n FROM {table}")).await?;
        let names = rows(&db, &format!("SELECT name FROM pragma_table_info('{table}')")).await?;
        let names: Vec<String> = names.iter().map(|row| row.try_get("", "name")).collect::<Result<_, _>>()?;
        if names.iter().any(|name| name == "sealed") {
            sealed.push(table);
        }
        let clear: Vec<&str> = names.iter().map(String::as_str).filter(|name| *name != "sealed").collect();
        println!("  {table:<17} {count:>6}  {}", clear.join(", "));
    }

    println!("\nLengths of envelopes, and how many rows have each:");
    for table in sealed {
        let lengths = format!(
            "SELECT length(sealed) AS bytes, count(*) AS n FROM {table} WHERE sealed IS NOT NULL GROUP BY 1 ORDER BY 1"
        );
        let mut said = Vec::new();
        for row in rows(&db, &lengths).await? {
            said.push(format!("{} × {}", row.try_get::<i64>("", "n")?, row.try_get::<i64>("", "bytes")?));
        }
        println!("  {table:<17} {}", said.join(", "));
    }
    let by_state = "SELECT state, group_concat(DISTINCT length(sealed)) AS lengths FROM session GROUP BY state";
    for row in rows(&db, by_state).await? {
        let (state, lengths): (String, String) = (row.try_get("", "state")?, row.try_get("", "lengths")?);
        println!("    a session that is {state}: {lengths} bytes");
    }

    let all = number(&db, "SELECT count(*) AS n FROM token").await?;
    let shared = "SELECT count(*) AS n FROM token WHERE token IN \
                  (SELECT token FROM token GROUP BY token HAVING count(DISTINCT subject_id) > 1)";
    let shared = number(&db, shared).await?;
    println!("\nIndex of names: {all} rows, of which {shared} share their token with another person's.");
    let mut sizes: BTreeMap<i64, u32> = BTreeMap::new();
    for row in rows(&db, "SELECT count(*) AS n FROM token GROUP BY child_id, subject_id").await? {
        *sizes.entry(row.try_get("", "n")?).or_default() += 1;
    }
    for (size, people) in sizes {
        println!("  {people} people in files have {size} rows each");
    }

    let months =
        number(&db, "SELECT count(DISTINCT retention_month) AS n FROM child WHERE retention_month <> ''").await?;
    println!("\nMonths of retention in the clear: {months} different ones.");
    Ok(())
}
