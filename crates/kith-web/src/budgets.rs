//! What a page may cost: statements and opened envelopes, counted in the store. A list of two hundred things takes as many
//! statements as one of ten, and opens what stands on its page.

use axum::http::StatusCode;
use kith_domain::access::{Purpose, Role};
use kith_domain::form::Fields;
use kith_domain::ids::BreachId;
use kith_service::testing::{Colleague, Ground};

use crate::testing::{House, Seen, Visitor};

/// Who asks for which page, and how many envelopes it may open when there are two hundred of each thing.
struct Budget {
    who: fn(&Ground) -> &Colleague,
    page: fn(&Ground) -> String,
    envelopes: u64,
}

const fn budget(who: fn(&Ground) -> &Colleague, page: fn(&Ground) -> String, envelopes: u64) -> Budget {
    Budget { who, page, envelopes }
}

/// A list shows fifty rows. What a row needs beside its own envelope: an approval the child, the person and how they stand
/// to the child; a supervisor's session the child and the family.
const BUDGETS: [Budget; 35] = [
    budget(|g| &g.coordinator, |_| "/".into(), 60),
    // Of each referral that waits: what is said of all its children, and of each.
    budget(|g| &g.coordinator, |_| "/clocks".into(), 110),
    budget(|g| &g.manager, |_| "/clocks?kind=assessment".into(), 60),
    budget(|g| &g.coordinator, |_| "/children".into(), 60),
    budget(|g| &g.worker, |_| "/children".into(), 60),
    // What is said of all children of a referral, and of each.
    budget(|g| &g.coordinator, |_| "/referrals".into(), 110),
    budget(|g| &g.worker, |_| "/referrals".into(), 110),
    budget(|g| &g.coordinator, |_| "/referrals?state=all&call=nobody&sort=state&backwards=yes".into(), 110),
    budget(|g| &g.manager, |_| "/referrals?due=later&sort=call_back".into(), 110),
    budget(|g| &g.worker, |_| "/referrals?state=submitted&sort=sent".into(), 110),
    budget(|g| &g.manager, |_| "/approvals".into(), 210),
    budget(|g| &g.manager, |_| "/reviews".into(), 60),
    budget(|g| &g.coordinator, |_| "/plans".into(), 110),
    budget(|g| &g.manager, |_| "/plans?state=draft&order=newest".into(), 110),
    budget(|g| &g.manager, |_| "/reviews?state=accepted&order=newest".into(), 60),
    budget(|g| &g.manager, |_| "/approvals?state=awaiting_approval&order=newest".into(), 210),
    budget(|g| &g.coordinator, |_| "/diary".into(), 210),
    budget(|g| &g.supervisor, |_| "/diary".into(), 210),
    // Two hundred sessions in one day, which nobody has: all of them are on the page.
    budget(|g| &g.supervisor, |_| "/my-day".into(), 1_000),
    budget(|g| &g.coordinator, |g| format!("/children/{}", g.child), 250),
    // The child, the family, the plans and the orders; of brothers and sisters the same.
    budget(|g| &g.coordinator, |g| format!("/children/{}/family-picture", g.child), 30),
    budget(|g| &g.coordinator, |g| format!("/children/{}/records", g.child), 110),
    // The child, the family and fifty of the many hundred things that were said.
    budget(|g| &g.coordinator, |g| format!("/children/{}/past", g.child), 60),
    // What was delivered is counted from the entries of every session: who came, and who left when.
    budget(|g| &g.coordinator, |g| format!("/plans/{}", g.plan), 1_100),
    // Holds, lists and certificates: a file's own envelope is never opened for them.
    budget(|g| &g.manager, |_| "/retention".into(), 60),
    budget(|g| &g.manager, |_| "/retention/holds".into(), 60),
    // What went, which items, never what they said; of the file's own page each consent and what was said since.
    budget(|g| &g.manager, |_| "/sharing".into(), 60),
    budget(|g| &g.manager, |_| "/research".into(), 60),
    budget(|g| &g.manager, |_| "/register/versions".into(), 60),
    budget(|g| &g.manager, |_| "/sharing/log".into(), 60),
    // Of each thing that went it is asked whether it was wrong, by everything that was said in the file.
    budget(|g| &g.coordinator, |g| format!("/children/{}/sharing", g.child), 450),
    budget(|g| &g.coordinator, |_| "/workers".into(), 0),
    budget(|g| &g.coordinator, |g| format!("/workers/{}/hand-over", g.worker.id), 210),
    budget(|g| &g.coordinator, |g| format!("/workers/{}/cover", g.worker.id), 210),
    budget(|g| &g.coordinator, |g| format!("/children/{}/worker", g.child), 260),
];

/// What the auditor reads holds ids: nothing is opened but what is read of the person who signs in.
const AUDITS: [fn(&Ground) -> String; 4] = [
    |_| "/audit".into(),
    |_| "/audit?outcome=refused".into(),
    |g| format!("/audit?record={}", g.child),
    |g| format!("/audit?record={}&outcome=refused", g.child.reference()),
];

/// Statements and envelopes of a page. Ask for it once before, so that what is kept in memory is kept.
async fn cost(house: &House, page: impl Future<Output = Seen>) -> (u64, u64) {
    let before = house.test.service.counts();
    let seen = page.await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.text());
    let after = house.test.service.counts();
    (after.statements - before.statements, after.envelopes - before.envelopes)
}

/// How many statements there may be: those of the few, one for a key that was kept in memory for long enough and is fetched
/// again, and what the log takes: an entry holds what was opened of 380 envelopes.
const fn allowed(few: (u64, u64), many: (u64, u64)) -> u64 {
    few.0 + 1 + many.1 / 380
}

async fn read(house: &House, visitor: &mut Visitor, page: &str) -> (u64, u64) {
    // However slow the machine: the page itself fetches the keys it needs, and they are still kept a moment later.
    house.test.forget_keys();
    visitor.get(page).await;
    cost(house, visitor.get(page)).await
}

/// So many looks that are refused.
async fn refused(house: &House, ground: &Ground, stranger: &Colleague, many: usize) {
    let mut stranger = house.sign_in(stranger).await;
    for _ in 0..many {
        let seen = stranger.get(&format!("/children/{}", ground.child)).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND);
    }
}

/// What the coordinator opened, beside a breach.
async fn breach(house: &House, ground: &Ground, officer: &Colleague) -> String {
    let desk = house.test.desk(officer, Purpose::Accountability);
    let today = house.test.service.today();
    let account = ground.coordinator.id.to_string();
    let mut typed: Fields = [
        ("kind", "lost"),
        ("what", "A tablet"),
        ("whose", "Families"),
        ("aware_time", "00:00"),
        ("account", &*account),
        ("from_time", "00:00"),
        ("until_time", "23:59"),
    ]
    .into_iter()
    .collect();
    for (name, day) in [("aware", today), ("from", today), ("until", today.saturating_add(jiff::Span::new().days(30)))]
    {
        typed.set_date(name, day);
    }
    let id = BreachId(uuid::Uuid::now_v7());
    desk.suspect_breach(id, &typed).await.expect("a suspicion");
    desk.look_at_account(id, &typed).await.expect("an account");
    format!("/breaches/{id}/opened")
}

/// A report over everything that was held.
async fn report(house: &House, ground: &Ground) -> (u64, u64) {
    let mut coordinator = house.sign_in(&ground.coordinator).await;
    let new = coordinator.get(&format!("/children/{}/reports/new", ground.child)).await;
    let period = [("from-day", "1"), ("from-month", "9"), ("from-year", "2026")];
    let begun = coordinator.submit(&new, "/reports", &period).await;
    let page = begun.leads_to().to_owned();
    read(house, &mut coordinator, &page).await
}

async fn found(house: &House, visitor: &mut Visitor) -> (u64, u64) {
    let page = visitor.get("/children").await;
    visitor.submit(&page, "/children", &[("name", "Amara")]).await;
    cost(house, visitor.submit(&page, "/children", &[("name", "Amara")])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_things_take_as_many_statements_as_ten() {
    let house = House::open().await;
    let ground = house.test.ground("").await.expect("a child in contact");
    house.test.many(&ground, 10).await.expect("ten of each");
    let mut few = Vec::new();
    for budget in &BUDGETS {
        let mut visitor = house.sign_in((budget.who)(&ground)).await;
        few.push(read(&house, &mut visitor, &(budget.page)(&ground)).await);
    }
    let auditor = house.test.colleague(Role::Auditor, "", "auditor").await.expect("an auditor");
    let stranger = house.test.colleague(Role::SocialWorker, "south", "stranger").await.expect("a stranger");
    let mut audited = Vec::new();
    refused(&house, &ground, &stranger, 10).await;
    for page in AUDITS {
        let mut visitor = house.sign_in(&auditor).await;
        audited.push(read(&house, &mut visitor, &page(&ground)).await);
    }
    let officer = house.test.colleague(Role::DataProtection, "", "officer").await.expect("an officer");
    let breach = breach(&house, &ground, &officer).await;
    let mut visitor = house.sign_in(&officer).await;
    let opened = read(&house, &mut visitor, &breach).await;
    let reported = report(&house, &ground).await;
    let mut coordinator = house.sign_in(&ground.coordinator).await;
    let searched = found(&house, &mut coordinator).await;

    house.test.many(&ground, 190).await.expect("two hundred of each");
    let mut over = Vec::new();
    for (budget, few) in BUDGETS.iter().zip(few) {
        let mut visitor = house.sign_in((budget.who)(&ground)).await;
        let page = (budget.page)(&ground);
        let many = read(&house, &mut visitor, &page).await;
        if many.0 > allowed(few, many) || many.1 > budget.envelopes {
            over.push(format!(
                "{page}: {few:?} for ten, {many:?} for two hundred, {} envelopes allowed",
                budget.envelopes
            ));
        }
    }
    refused(&house, &ground, &stranger, 190).await;
    for (page, few) in AUDITS.iter().zip(audited) {
        let mut visitor = house.sign_in(&auditor).await;
        let many = read(&house, &mut visitor, &page(&ground)).await;
        if many.0 > few.0 || many.1 > 2 {
            over.push(format!("{}: {few:?} for ten, {many:?} for two hundred", page(&ground)));
        }
    }
    // Of the files that the coordinator opened by now fifty are named, and the breach is read.
    let mut visitor = house.sign_in(&officer).await;
    let many = read(&house, &mut visitor, &breach).await;
    if many.0 > allowed(opened, many) || many.1 > 60 {
        over.push(format!("{breach}: {opened:?} for ten, {many:?} for two hundred"));
    }
    // Its figures are counted from the entries of every session of the period, each opened once.
    let many = report(&house, &ground).await;
    if many.0 > allowed(reported, many) || many.1 > 2_500 {
        over.push(format!("the report: {reported:?} for ten, {many:?} for two hundred"));
    }
    // Each sign-in puts the clock on: whoever signed in before them was idle for too long.
    let mut coordinator = house.sign_in(&ground.coordinator).await;
    let many = found(&house, &mut coordinator).await;
    // Names are sealed: whoever is put in order is opened, files and referrals, two hundred children at most.
    if many.0 > allowed(searched, many) || many.1 > 650 {
        over.push(format!("search: {searched:?} for ten, {many:?} for two hundred"));
    }
    assert!(over.is_empty(), "{}", over.join("\n"));
}
