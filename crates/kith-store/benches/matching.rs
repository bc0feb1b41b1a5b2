//! Whether somebody is held already, among 30,000 sealed children: `cargo bench -p kith-store --features testing --bench
//! matching`. The environment may say
//! `KITH_BENCH_PEOPLE`, how many, and `KITH_TEST_POSTGRES_URL`, where else than in a directory.
//!
//! Nothing is asserted: the machines this runs on are noisy, so the figures are printed for a person to read, beside what it takes to
//! open as many files by their ids in the same run.

#![allow(
    missing_docs,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::similar_names,
    dead_code,
    reason = "a program"
)]

#[path = "../../kith-linkage/tests/invented/mod.rs"]
mod invented;

use std::time::{Duration, Instant};

use invented::{CHANGES, Chance, Held, asked, changed, held};
use jiff::civil::date;
use kith_domain::access::{Access, Actor, Purpose, Role};
use kith_domain::fact::{Channel, FactStanding, Source, Statement, Subject};
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, ChildId, StatementId};
use kith_linkage::{OPENED, Question, SHOWN};
use kith_store::testing::{Engine, run};
use kith_store::{
    Account, AccountBody, AccountState, Child, ChildBody, ChildState, Credentials, Earlier, STAFF_FILE, Store,
    child_compared,
};
use uuid::Uuid;

/// Children of one piece of work.
const AT_ONCE: usize = 200;
/// Questions of each kind.
const QUESTIONS: usize = 40;

fn main() {
    if std::env::args().any(|arg| arg == "--list") {
        return;
    }
    let people = std::env::var("KITH_BENCH_PEOPLE").ok().and_then(|people| people.parse().ok()).unwrap_or(30_000);
    let engine = if std::env::var("KITH_TEST_POSTGRES_URL").is_ok() { Engine::Postgres } else { Engine::Sqlite };
    run(engine, async |fixture| matching(&fixture.open().await, people).await);
}

fn values(of: &Held) -> Fields {
    let (year, month, day) = of.born;
    let mut values: Fields = [
        ("given_name", of.person.given_name.as_str()),
        ("family_name", of.person.family_name.as_str()),
        ("birth_kind", "on"),
    ]
    .into_iter()
    .collect();
    values.set_date("dob", date(year as i16, month as i8, day as i8));
    values.set("former_names", of.person.former_names.join("\n"));
    values.set("care_first", of.person.identifiers.first().cloned().unwrap_or_default());
    values
}

fn account() -> Account {
    let id = AccountId(Uuid::now_v7());
    Account {
        id,
        version: 0,
        role: Role::SocialWorker,
        area: "north".into(),
        state: AccountState::Active,
        login_token: id.0.as_bytes().to_vec(),
        totp_last_step: 0,
        failed_attempts: 0,
        locked_until_ms: 0,
        created_ms: 0,
        proposed_ms: None,
        body: AccountBody {
            name: "Worker".into(),
            login: "worker".into(),
            phone: "01632 960 001".into(),
            email: "someone@nenedale.example".into(),
            only_urgent_mail: false,
            credentials: Credentials::default(),
            proposal: None,
            refused: None,
        },
    }
}

fn said(by: AccountId, child: ChildId, values: Fields, recorded_ms: i64) -> Statement {
    Statement {
        id: StatementId(Uuid::now_v7()),
        subject: Subject::Child { child },
        recorded_ms,
        by,
        source: Source::Told { channel: Channel::SocialWorker },
        said_by: "Worker".into(),
        since: None,
        standing: FactStanding::Said,
        values,
        note: None,
        takes_back: None,
    }
}

async fn matching(store: &Store, people: usize) {
    let (mut worker, mut coordinator) = (account(), account());
    let actor = Actor::staff(worker.id, Role::Coordinator, "north");
    let access = Access { actor, purpose: Purpose::ServiceDelivery };
    let now_ms = jiff::Timestamp::now().as_millisecond();
    store.create_file_key(STAFF_FILE).await.expect("a key");
    let work = store.work(&access).await.expect("begun");
    for account in [&mut worker, &mut coordinator] {
        work.insert_account(account).await.expect("an account");
    }
    work.commit("bench.account", now_ms).await.expect("committed");
    let (worker, coordinator) = (worker.id, coordinator.id);
    let invented = held(people);
    let started = Instant::now();
    let mut ids = Vec::with_capacity(invented.len());
    for some in invented.chunks(AT_ONCE) {
        let work_ids: Vec<ChildId> = some.iter().map(|_| ChildId(Uuid::now_v7())).collect();
        for id in &work_ids {
            store.create_file_key(id.0).await.expect("a key");
        }
        let work = store.work(&access).await.expect("begun");
        for id in &work_ids {
            let mut child = Child {
                id: *id,
                version: 0,
                state: ChildState::Open,
                area: "north".into(),
                social_worker: worker,
                earlier: Earlier::default(),
                created_ms: now_ms,
                body: ChildBody::default(),
            };
            work.insert_child(&mut child).await.expect("a child");
        }
        let statements: Vec<Statement> =
            some.iter().zip(&work_ids).map(|(of, id)| said(worker, *id, values(of), now_ms)).collect();
        work.add_statements(&statements).await.expect("said");
        work.commit("bench.filled", now_ms).await.expect("committed");
        ids.extend(work_ids);
    }
    println!("\n{} children put in, in {:.1?}", ids.len(), started.elapsed());
    // Who asks has the files of an area, and none of their own: of their own each is looked at whether it is theirs.
    let coordinator = Actor::staff(coordinator, Role::Coordinator, "north");
    ask(store, &Access { actor: coordinator, purpose: Purpose::ServiceDelivery }, &invented, &ids).await;
}

async fn ask(store: &Store, access: &Access, invented: &[Held], ids: &[ChildId]) {
    let mut chance = Chance::new(34);
    let (mut times, mut plain) = (Vec::new(), Vec::new());
    let (mut all, mut among_three, mut false_ones) = (0_u32, 0_u32, 0_u32);
    for change in CHANGES {
        for _ in 0..QUESTIONS {
            let at = chance.below(invented.len());
            let Some(person) = changed(&mut chance, &invented[at], change) else { continue };
            let mut person = asked(&mut chance, &person);
            // A child has no telephone, and where they live is not compared.
            person = kith_linkage::Person {
                given_name: person.given_name,
                family_name: person.family_name,
                former_names: person.former_names,
                birth: person.birth,
                identifiers: person.identifiers,
                ..kith_linkage::Person::default()
            };
            let started = Instant::now();
            let question = Question::new(&person, 30_000);
            let look = store.look(access);
            let found = look.in_question(&question).await.expect("asked");
            let opened = look.children(&found.iter().map(|hit| hit.child).collect::<Vec<_>>()).await.expect("opened");
            let mut likely: Vec<(f64, ChildId)> = opened
                .iter()
                .filter_map(|child| {
                    Some((question.likely(&child_compared(&child.body.known.values))?.probability, child.id))
                })
                .filter(|(probability, _)| *probability >= SHOWN)
                .collect();
            likely.sort_by(|one, other| other.0.total_cmp(&one.0));
            look.done("bench.compared", jiff::Timestamp::now().as_millisecond()).await.expect("entered");
            times.push(started.elapsed());
            all += 1;
            let mine = |(_, child): &&(f64, ChildId)| *child == ids[at];
            among_three += u32::from(likely.iter().take(3).any(|of| mine(&of)));
            false_ones += likely.iter().take(3).filter(|of| !mine(of)).count() as u32;
            let some: Vec<ChildId> = (0..OPENED).map(|_| ids[chance.below(ids.len())]).collect();
            let started = Instant::now();
            let look = store.look(access);
            look.children(&some).await.expect("opened");
            look.done("bench.opened", jiff::Timestamp::now().as_millisecond()).await.expect("entered");
            plain.push(started.elapsed());
        }
    }
    println!(
        "  {all} children who are held, written otherwise: {:.2} % among the first three, {:.4} others shown for each",
        100.0 * f64::from(among_three) / f64::from(all),
        f64::from(false_ones) / f64::from(all)
    );
    say("a question (aim: at most 50 ms)", times);
    say(&format!("{OPENED} files opened by id, beside it"), plain);
}

fn say(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    println!("  {what:35} {:>9.1?} (median), {:>9.1?} (99 %), {:>9.1?} at most", at(50), at(99), at(100));
}
