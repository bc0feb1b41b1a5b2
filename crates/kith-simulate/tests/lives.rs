//! Lives of a few children, whole; and promises broken on purpose, each of which is found as what it is.

use kith_simulate::{Meddle, Plan, Promise, REGISTER, Told, live, live_meddled};

fn plan(dir: &tempfile::TempDir, seed: u64, children: usize, years: i16) -> Plan {
    Plan { data: dir.path().join("data"), seed, children, years, register: REGISTER.to_owned() }
}

fn lines(told: &Told) -> String {
    told.broken.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_in_which_no_promise_is_broken() {
    let dir = tempfile::tempdir().unwrap();
    let told = live(plan(&dir, 1, 6, 76), &mut |_| {}).await.unwrap();
    println!("{told:?}");
    assert!(told.broken.is_empty(), "{}", lines(&told));
    // Every end there is: declined, fifteen years after a death, and the 75th birthday.
    assert!(
        told.referred == 6
            && told.destroyed >= 4
            && told.requests_ended >= 2
            && told.checks > 10_000
            && told.entries > 500,
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_tells_the_same_and_another_another() {
    let mut all = Vec::new();
    for seed in [5, 5, 6] {
        let dir = tempfile::tempdir().unwrap();
        all.push(live(plan(&dir, seed, 1, 5), &mut |_| {}).await.unwrap());
    }
    assert_eq!(all[0], all[1]);
    assert_ne!(all[0], all[2]);
}

/// Of so many children, for so many years at the most: what is done on purpose is found, as this.
async fn is_found(cases: &[(Meddle, Promise, usize)]) {
    for (what, promise, children) in cases {
        let begun = std::time::Instant::now();
        let dir = tempfile::tempdir().unwrap();
        let years = if *what == Meddle::LogAltered { 3 } else { 76 };
        let told = live_meddled(plan(&dir, 3, *children, years), *what).await.unwrap();
        println!("{what:?}: {} days, {} ms", told.days, begun.elapsed().as_millis());
        assert!(told.broken.iter().any(|of| of.promise == *promise), "{what:?}: {}", lines(&told));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destruction_that_should_not_be_is_found() {
    is_found(&[
        (Meddle::ClockAhead, Promise::NotEarly, 1),
        (Meddle::DestroyedEarly, Promise::NotEarly, 2),
        (Meddle::NobodyApproved, Promise::TwoOthers, 1),
        (Meddle::HoldLifted, Promise::HoldStops, 3),
        (Meddle::DeathInvented, Promise::LastDay, 2),
        (Meddle::ListWithdrawn, Promise::NotLate, 3),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_or_a_mark_that_is_not_accounted_for_is_found() {
    is_found(&[
        (Meddle::KeyLost, Promise::Keys, 2),
        (Meddle::KeyBack, Promise::Gone, 1),
        (Meddle::MarkBack, Promise::Gone, 1),
        (Meddle::LeaverHasFile, Promise::OnlyTheirs, 2),
        (Meddle::LogAltered, Promise::Log, 2),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_or_put_off_is_found() {
    is_found(&[
        (Meddle::RestrictionLifted, Promise::Hidden, 9),
        (Meddle::DueDayMoved, Promise::Clocks, 3),
        (Meddle::ReminderPutOff, Promise::Clocks, 2),
        (Meddle::RequestPutOff, Promise::RequestsEnd, 2),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_says_otherwise_than_the_handbook_is_found() {
    // Handbook section 19: "three years from the decision".
    for years in [2, 4] {
        let dir = tempfile::tempdir().unwrap();
        let register = REGISTER.replace("not_accepted_years = 3", &format!("not_accepted_years = {years}"));
        assert_ne!(register, REGISTER);
        let told = live(Plan { register, ..plan(&dir, 3, 1, 12) }, &mut |_| {}).await.unwrap();
        assert!(told.broken.iter().any(|of| of.promise == Promise::LastDay), "{}", lines(&told));
    }
    // What has no statutory period is a setting: three years and half a year as it is shipped.
    for (from, to, seed, children) in [
        ("requests_kept_years = 3", "requests_kept_years = 2", 1, 6),
        ("requests_kept_years = 3", "requests_kept_years = 4", 1, 6),
        ("packs_kept_days = 180", "packs_kept_days = 170", 7, 4),
        ("packs_kept_days = 180", "packs_kept_days = 190", 7, 4),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let register = REGISTER.replace(from, to);
        assert_ne!(register, REGISTER);
        let told = live(Plan { register, ..plan(&dir, seed, children, 76) }, &mut |_| {}).await.unwrap();
        assert!(told.broken.iter().any(|of| of.promise == Promise::RequestsEnd), "{to}: {}", lines(&told));
    }
}
