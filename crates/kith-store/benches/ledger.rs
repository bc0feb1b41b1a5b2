//! What the access log costs, each figure beside its yardstick in the same run: `cargo bench --bench ledger`. The environment may
//! say `KITH_BENCH_ENTRIES`, how many entries are verified.
//!
//! Nothing is asserted: the machines this runs on are noisy, so the figures are printed for a person to read.

#![allow(missing_docs, reason = "a program")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use kith_domain::access::{Access, Actor, Purpose, Role};
use kith_domain::catalogue::RegisteredItems;
use kith_domain::ids::AccountId;
use kith_store::{Settings, Store, Verifying, verify_ledger, verify_tiles};
use kith_vault::{FileKey, Place};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Looks that end at the same time.
const AT_ONCE: usize = 512;
/// Envelopes opened.
const ENVELOPES: usize = 200;

fn main() {
    if std::env::args().any(|arg| arg == "--list") {
        return;
    }
    let entries = std::env::var("KITH_BENCH_ENTRIES").ok().and_then(|entries| entries.parse().ok()).unwrap_or(200_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(ledger(entries));
    envelopes();
}

/// Processor time of this process so far, of all its threads: proc(5), `/proc/self/stat`, fields 14 and 15 in hundredths of a second.
fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

async fn ledger(entries: usize) {
    let dir = tempfile::tempdir().expect("a directory");
    kith_store::testing::for_its_owner(dir.path());
    let of = Settings::of(dir.path().to_path_buf(), "bench".into(), RegisteredItems::whole_catalogue());
    let store = Store::open(Settings { reserve_mib: 0, ..of }).await.expect("the store");
    let actor = Actor::staff(AccountId(Uuid::now_v7()), Role::Coordinator, "north");
    let access = Access { actor, purpose: Purpose::ServiceDelivery };
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let (started, before) = (Instant::now(), cpu());
    for _ in 0..entries.div_ceil(AT_ONCE) {
        let looks = (0..AT_ONCE).map(|_| {
            let look = store.look(&access);
            look.note("child", Uuid::now_v7());
            look.note("person", Uuid::now_v7());
            tokio::spawn(look.done("child.read", now_ms))
        });
        for look in looks.collect::<Vec<_>>() {
            look.await.expect("it ends").expect("it is entered");
        }
    }
    let entries = entries.div_ceil(AT_ONCE) * AT_ONCE;
    let per = |time: Duration| time / u32::try_from(entries).unwrap_or(u32::MAX);
    println!("\nEntering {entries} looks of two records, {AT_ONCE} ending at the same time");
    println!(
        "  processor time of one {:>10.1?} (aim: at most 100 µs), time {:>10.1?}",
        per(cpu().saturating_sub(before)),
        per(started.elapsed())
    );
    let started = Instant::now();
    store.sequence().await.expect("it is signed");
    println!("  signing them took {:.1?}", started.elapsed());
    store.close().await.expect("closed");

    let mut bytes = Vec::new();
    read(&dir.path().join("ledger/tile/entries"), &mut bytes);
    let plain = Instant::now();
    let _ = Sha256::digest(&bytes);
    let plain = plain.elapsed();
    let (started, before) = (Instant::now(), cpu());
    verify_tiles(&dir.path().join("ledger"), None, None).expect("whole");
    let tiles = (started.elapsed(), cpu().saturating_sub(before));
    let (started, before) = (Instant::now(), cpu());
    verify_ledger(&Verifying::of(dir.path(), None)).await.expect("whole");
    let all = (started.elapsed(), cpu().saturating_sub(before));
    println!("\nVerifying {entries} entries, {} MiB", bytes.len() >> 20);
    for (what, (time, of_processor)) in [
        ("plain sha256 of the same bytes", (plain, plain)),
        ("the signed log", tiles),
        ("and the database against it", all),
    ] {
        let ten_million = |time| per(time).as_secs_f64() * 1e7;
        println!(
            "  {what:<34} {time:>10.1?}, ten million at this pace: {:.0} s, {:.0} s of processor time",
            ten_million(time),
            ten_million(of_processor)
        );
    }
    println!("  (aim: ten million in 60 s)");
}

fn read(directory: &Path, bytes: &mut Vec<u8>) {
    for item in fs::read_dir(directory).expect("a directory") {
        let path = item.expect("an item").path();
        if path.is_dir() {
            read(&path, bytes);
        } else {
            bytes.extend(fs::read(path).expect("a file"));
        }
    }
}

/// Opening what a page of 200 entries opens.
fn envelopes() {
    let (file, key) = (Uuid::now_v7(), FileKey::generate().expect("random numbers"));
    let text = vec![b'x'; 1024];
    let place = |row| Place { authority: "bench", table: "entry", row, version: 1, clear: &[7; 200] };
    let sealed: Vec<(Uuid, Vec<u8>)> = (0..ENVELOPES)
        .map(|_| {
            let row = Uuid::now_v7();
            (row, kith_vault::seal(&place(row), &[(file, &key)], &text).expect("sealed"))
        })
        .collect();
    let mut times: Vec<Duration> = (0..50)
        .map(|_| {
            let started = Instant::now();
            for (row, sealed) in &sealed {
                kith_vault::open(&place(*row), sealed, |_| Some(key.clone())).expect("opened");
            }
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!(
        "\nOpening {ENVELOPES} envelopes of a kibibyte: median {:.1?} (aim: at most 2 ms)",
        times[times.len() / 2]
    );
}
