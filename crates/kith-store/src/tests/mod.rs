//! The suite of the store: every test on both engines.

mod archive;
mod audit;
mod booking;
mod cases;
mod clocks;
mod damage;
mod destroying;
mod documents;
mod driver;
mod entries;
mod facts;
mod faults;
mod forged;
mod full;
mod index;
mod items;
mod keys;
mod logs;
mod matching;
mod orders;
mod outbox;
mod people;
mod reading;
mod referrals;
mod register;
mod requests;
mod research;
mod rows;
mod schema;
mod sequencing;
mod servers;
mod sessions;
mod sharing;
mod tamper;
mod thief;

use kith_domain::access::{Access, Actor, Purpose, Role};
use kith_domain::ids::{AccountId, SessionId};
use uuid::Uuid;

use crate::entity::{account, child, contact_plan, person, room, session, venue};
use crate::row::insert;
use crate::{Store, Work};

/// An instant of no importance: 24 November 2026, 09:00 UTC.
pub(crate) const NOW: i64 = 1_795_510_800_000;

/// A coordinator who delivers the service.
pub(crate) fn coordinator() -> Access {
    let actor = Actor::staff(AccountId(Uuid::from_u128(7)), Role::Coordinator, "north");
    Access { actor, purpose: Purpose::ServiceDelivery }
}

/// Somebody of an area: account, role.
pub(crate) fn somebody(account: AccountId, role: Role, area: &str) -> Access {
    Access { actor: Actor::staff(account, role, area), purpose: Purpose::ServiceDelivery }
}

/// The rows a session refers to, and the ids of a child and a plan.
pub(crate) struct Ground {
    pub(crate) account: Uuid,
    pub(crate) child: Uuid,
    pub(crate) plan: Uuid,
    pub(crate) room: Uuid,
}

/// Saves an account, a child with its key, a plan and a room. Envelopes hold `text`.
pub(crate) async fn ground(store: &Store, text: &str) -> Ground {
    let ids: Vec<Uuid> = (0..5).map(|_| Uuid::now_v7()).collect();
    let ground = Ground { account: ids[0], child: ids[1], plan: ids[2], room: ids[3] };
    store.create_file_key(ground.child).await.unwrap();
    let work = store.work(&coordinator()).await.unwrap();
    let files = [ground.child];
    let db = work.db();
    let account = account::Model {
        id: ground.account,
        version: 1,
        role: "coordinator".into(),
        area: "north".into(),
        state: "active".into(),
        login_token: ground.account.as_bytes().to_vec(),
        totp_last_step: 0,
        failed_attempts: 0,
        locked_until: 0,
        created_at: NOW,
        proposed_at: None,
        sealed: Vec::new(),
    };
    let account = work.seal(account, &files, &text).await.unwrap();
    insert(&db, account).await.unwrap();
    let child = child::Model {
        id: ground.child,
        version: 1,
        state: "open".into(),
        area: "north".into(),
        social_worker_id: ground.account,
        retention_month: "2044-05".into(),
        created_at: NOW,
        sealed: Vec::new(),
    };
    let child = work.seal(child, &files, &text).await.unwrap();
    insert(&db, child).await.unwrap();
    let plan = contact_plan::Model {
        id: ground.plan,
        version: 1,
        child_id: ground.child,
        author_id: ground.account,
        state: "active".into(),
        created_at: NOW,
        review_due: None,
        sealed: Vec::new(),
    };
    let plan = work.seal(plan, &files, &text).await.unwrap();
    insert(&db, plan).await.unwrap();
    let place = venue::Model {
        id: ids[4],
        version: 1,
        name: "V1".into(),
        area: "north".into(),
        address: None,
        directions: None,
        open: "{}".into(),
        closed_at: None,
    };
    work.wrote(place.id, 1, &place);
    insert(&db, place).await.unwrap();
    let room = room::Model {
        id: ground.room,
        version: 1,
        venue_id: ids[4],
        name: "R1".into(),
        features: "[]".into(),
        closed_at: None,
    };
    work.wrote(room.id, 1, &room);
    insert(&db, room).await.unwrap();
    drop(db);
    work.commit("test.ground", NOW).await.unwrap();
    ground
}

/// Saves a session within a piece of work.
pub(crate) async fn session(work: &Work, ground: &Ground) -> SessionId {
    let id = Uuid::now_v7();
    let row = session::Model {
        id,
        version: 1,
        room_id: ground.room,
        supervisor_id: ground.account,
        second_id: None,
        day: 20_790,
        start_minute: 600,
        end_minute: 660,
        state: "planned".into(),
        flagged: None,
        write_up_until: None,
        created_at: NOW,
        sealed: Vec::new(),
    };
    let row = work.seal(row, &[ground.child], &"a session").await.unwrap();
    insert(&work.db(), row).await.unwrap();
    SessionId(id)
}

/// Saves a person sealed for these files.
pub(crate) async fn person(store: &Store, files: &[Uuid], text: &str) -> person::Model {
    let id = Uuid::now_v7();
    let work = store.work(&coordinator()).await.unwrap();
    let row = person::Model { id, version: 1, canonical_id: id, created_at: NOW, sealed: Vec::new() };
    let row = work.seal(row, files, &text).await.unwrap();
    insert(&work.db(), row.clone()).await.unwrap();
    work.commit("test.person", NOW).await.unwrap();
    row
}
