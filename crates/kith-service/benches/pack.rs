//! What a pack of twelve years costs: `cargo bench -p kith-service --features testing --bench pack`.
//!
//! A child with a thousand sessions, each with a record. Nothing is asserted: the machines this runs on are noisy. The yardstick is
//! the reading of the same thousand records.

#![allow(missing_docs, reason = "a bench has no readers of its documentation")]

use std::fs;
use std::time::Instant;

use kith_domain::access::{Purpose, Role};
use kith_domain::form::Fields;
use kith_domain::ids::RequestId;
use kith_domain::rights::HeldSubject;
use kith_service::testing::TestService;
use uuid::Uuid;

/// Sessions of the child.
const SESSIONS: i64 = 1_000;

fn typed(fields: &[(&str, &str)]) -> Fields {
    fields.iter().copied().collect()
}

/// What the process holds in memory, MiB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}

#[tokio::main]
async fn main() {
    if std::env::args().any(|arg| arg == "--list") {
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("a service");
    let ground = test.ground("bench").await.expect("a ground");
    test.many(&ground, SESSIONS).await.expect("many sessions");
    let officer = test.colleague(Role::DataProtection, "", "officer").await.expect("an officer");
    let desk = test.desk(&officer, Purpose::Accountability);
    let reader = test.desk(&ground.coordinator, Purpose::ServiceDelivery);
    let began = Instant::now();
    let mut read = 0;
    for page in 1.. {
        let (_, records) = reader.records_of(ground.child, page).await.expect("records");
        for (record, _) in &records.rows {
            reader.record(record.id).await.expect("a record");
            read += 1;
        }
        if records.rows.is_empty() {
            break;
        }
    }
    println!("yardstick: {read} records read one after the other in {:.1} s", began.elapsed().as_secs_f64());

    let id = RequestId(Uuid::now_v7());
    let form = [
        ("right", "access"),
        ("asker", "self"),
        ("channel", "letter"),
        ("received-day", "20"),
        ("received-month", "11"),
        ("received-year", "2026"),
        ("name", "Robin Marsh"),
        ("address", "4 Mill Lane, Nenebridge"),
        ("what", "Everything"),
    ];
    desk.enter_request(id, &typed(&form)).await.expect("a request");
    for kind in ["identity_settled", "child_considered"] {
        let _ = desk.take_request_step(id, &typed(&[("kind", kind), ("words", "Seen")])).await;
    }
    desk.found_for_test(id, vec![HeldSubject { file: ground.child, person: None }]).await.expect("found");
    let before = resident();
    let began = Instant::now();
    desk.begin_pack(id).await.expect("a pack");
    while test.service.do_waiting_work().await.expect("work") > 0 {}
    let view = desk.pack(id, false, 1).await.expect("the pack");
    let took = began.elapsed().as_secs_f64();
    println!("collected: {} parts in {took:.1} s, {} MiB beside {before} before", view.parts.total, resident());

    let began = Instant::now();
    for line in &view.names {
        let name = format!("{}/{}", line.file, line.number);
        desk.decide_of_name(id, &typed(&[("name", &name), ("removed", "another")])).await.expect("decided");
    }
    println!("decided of {} names everywhere in {:.1} s", view.names.len(), began.elapsed().as_secs_f64());

    let began = Instant::now();
    desk.take_request_step(id, &typed(&[("kind", "prepared"), ("words", "Here")])).await.expect("prepared");
    while test.service.do_waiting_work().await.expect("work") > 0 {}
    let took = began.elapsed().as_secs_f64();
    let view = desk.pack(id, false, 1).await.expect("the pack");
    println!("put together: {} volumes in {took:.1} s, {} MiB", view.volumes.len(), resident());
}
