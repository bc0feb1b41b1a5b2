//! What setting papers leaves behind.

use super::sample;
use crate::period_report;

/// Memory that the process holds, MiB.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() / 1024
}

/// A thread that sets one paper after the other uses the same memory for each.
#[test]
fn the_next_paper_takes_the_memory_of_the_one_before() {
    let paper = sample::report(5);
    period_report(&paper).expect("set");
    let after_one = resident_mib();
    for _ in 0..3 {
        period_report(&paper).expect("set");
    }
    let after_four = resident_mib();
    assert!(after_four <= after_one + 20, "{after_one} MiB after one paper, {after_four} MiB after four");
}
