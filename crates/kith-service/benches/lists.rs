//! What lists cost among 10,000 referrals: `cargo bench -p kith-service --features testing --bench lists`. `KITH_BENCH_REFERRALS` may say how many.
//!
//! Nothing is asserted: the machines this runs on are noisy. The yardstick is the opening of as many referrals as are on a page, by
//! their ids.

#![allow(missing_docs, reason = "a bench has no readers of its documentation")]

use std::time::{Duration, Instant};

use kith_domain::access::Purpose;
use kith_domain::listed::{DueBy, ReferralList, SortedBy, Standing};
use kith_service::testing::TestService;

/// How often each is done.
const TIMES: usize = 20;

#[tokio::main]
async fn main() {
    if std::env::args().any(|arg| arg == "--list") {
        return;
    }
    let count = std::env::var("KITH_BENCH_REFERRALS").ok().and_then(|count| count.parse().ok()).unwrap_or(10_000);
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("a service");
    let ground = test.ground("bench").await.expect("a ground");
    let began = Instant::now();
    let ids = test.many_referrals(&ground, count).await.expect("many referrals");
    println!("{} referrals put in, in {:.1?}", ids.len(), began.elapsed());
    let coordinator = test.desk(&ground.coordinator, Purpose::ServiceDelivery);
    let worker = test.desk(&ground.worker, Purpose::ServiceDelivery);
    let all = ReferralList { standing: Some(Standing::All), ..ReferralList::default() };
    let accepted = ReferralList { standing: Some(Standing::Accepted), ..ReferralList::default() };
    let overdue = ReferralList { due: Some(DueBy::Overdue), ..ReferralList::default() };
    let by_call = ReferralList { sort: Some(SortedBy::CallBack), ..all };
    for (what, list, page) in [
        ("those that wait, page 1", ReferralList::default(), 1),
        ("those that wait and are overdue", overdue, 1),
        ("all, page 1", all, 1),
        ("all, page 50", all, 50),
        ("all, page 200", all, 200),
        ("all by call-back, page 1", by_call, 1),
        ("accepted, page 100", accepted, 100),
    ] {
        let mut times = Vec::new();
        let mut total = 0;
        for _ in 0..TIMES {
            let began = Instant::now();
            total = coordinator.referrals_of_area(list, page).await.expect("a list").paged.total;
            times.push(began.elapsed());
        }
        say(&format!("{what} (of {total})"), times);
    }
    for page in [1, 200] {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let began = Instant::now();
            worker.my_referrals(ReferralList::default(), page).await.expect("a list");
            times.push(began.elapsed());
        }
        say(&format!("a social worker's own, page {page}"), times);
    }
    let mut times = Vec::new();
    for some in ids.chunks(50).take(TIMES) {
        let began = Instant::now();
        for id in some.iter().take(20) {
            coordinator.referral(*id).await.expect("a referral");
        }
        times.push(began.elapsed());
    }
    say("yardstick: twenty opened one by one", times);
}

fn say(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    println!("  {what:45} {:>9.1?} (median), {:>9.1?} at most", times[times.len() / 2], times[times.len() - 1]);
}
