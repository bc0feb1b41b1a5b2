//! Whoever writes to the database past Kith is noticed: every column of every table, rows taken away, copied, exchanged and
//! put back as they were (the administrator of the database, `SECURITY.md`).

use std::fs;
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::stream;
use jiff::civil::date;
use kith_domain::access::Capacity;
use kith_domain::breach::{Breach, BreachKind, BreachState, Suspicion};
use kith_domain::contact_refusal::{ContactRefusal, RefusalState, RefusedContact};
use kith_domain::document::DocumentFacts;
use kith_domain::hand_over::{HandOverBody, HandsOver};
use kith_domain::ids::{
    AccountId, AllocationId, ArchiveBagId, BreachId, CertificateId, ChildId, ContactRefusalId, DestructionItemId,
    DestructionListId, DocumentId, HandOverId, HoldId, NoticeId, OrderId, PackFileId, PackPartId, PackVolumeId,
    PersonId, PersonLinkId, RequestId, ResearchId, SignInId,
};
use kith_domain::notice::NoticeKind;
use kith_domain::order::{Order, OrderFacts, OrderState};
use kith_domain::pack::{AccountVolume, Line, PackBody, PackFile, PackPart, PackState, PackVolumeBody, PartKind};
use kith_domain::register::RegisterState;
use kith_domain::retention::{
    CertificateBody, CertificateState, DestructionBody, FileKept, HoldBody, HoldKind, ItemBody, ItemState, ListState,
    RecordCategory,
};
use kith_domain::rights::{Asked, Asker, Channel, Right, RightsRequest};
use kith_domain::same::LinkDecision;
use kith_domain::session::{Slot, Stood, What};
use kith_files::samples::pdf;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use uuid::Uuid;

use super::archive::insert_transfer;
use super::cases::{Whole, account, whole};
use super::register::version;
use super::research::insert_figures;
use super::sharing::insert_what_is_shared;
use super::{NOW, coordinator, somebody};
use crate::ledger::rows::{LOGGED, NOT_LOGGED};
use crate::testing::{Engine, Fixture, copy_dir, run};
use crate::{
    AccountInPack, Allocation, Certificate, Child, ContactOrder, DestructionItem, DestructionList, Document,
    FileInPack, HandOver, HoldFile, LegalHold, Notice, OrderBody, Pack, PartInPack, PersonLink, PersonRequest,
    RefusalOfContact, Settings, SignIn, Store, StoreError, SuspectedBreach, Verifying, VolumeOfPack, Work, each_engine,
    engine, verify_ledger,
};

/// Columns that no digest holds, with what notices a change of them.
const ELSEWHERE: [(&str, &str, &str); 8] = [
    ("ledger_entry", "after", "the keyed hash of the row, asked when it is signed and when it is shown"),
    ("ledger_entry", "lane", "the keyed hash of the row, asked when it is signed and when it is shown"),
    ("ledger_entry", "number", "the same"),
    ("ledger_entry", "mac", "is itself asked then"),
    ("sign_in", "last_seen_at", "the keyed hash of the row, asked whenever it is used"),
    ("sign_in", "mac", "is itself asked whenever the row is used"),
    ("allocation", "mac", "is itself asked before anything that is allocated is shown"),
    ("session_child", "mac", "is itself asked before the session is shown"),
];

/// What is held about somebody who asks: a pack with a file, a part and a volume, and a way to take it.
pub(super) async fn insert_pack(work: &Work, id: RequestId, child: ChildId, author: AccountId) {
    let (state, body) = (PackState::Deciding, PackBody::default());
    let mut pack = Pack { id, version: 0, author, state, created_ms: NOW, gone_ms: None, body };
    let body = PackFile {
        people: Vec::new(),
        is_child: true,
        stands: "The child of the file".into(),
        gave: false,
        own_names: Vec::new(),
        names: Vec::new(),
        sources: Vec::new(),
        done: 0,
    };
    let file = FileInPack { id: PackFileId(Uuid::now_v7()), version: 0, pack: id, child, body };
    work.insert_pack(&mut pack, &mut [file]).await.unwrap();
    let body = PackPart {
        title: "What is known".into(),
        at_ms: NOW,
        lines: vec![Line::new("Name", "Robin")],
        by_name: false,
        theirs: None,
        found: Vec::new(),
        marks: Vec::new(),
        document: None,
    };
    let (number, kind) = (1, PartKind::Facts);
    let (source, undecided) = (child.0, 0);
    let mut part = PartInPack {
        id: PackPartId(Uuid::now_v7()),
        version: 0,
        pack: id,
        child,
        number,
        kind,
        source,
        undecided,
        body,
    };
    work.insert_part(&mut part).await.unwrap();
    let body = PackVolumeBody { pdf: String::new(), length: 0, digest: String::new(), parts: (1, 1) };
    let mut volume = VolumeOfPack { id: PackVolumeId(Uuid::now_v7()), version: 0, pack: id, child, number, body };
    work.insert_volume(&mut volume).await.unwrap();
    let body = AccountVolume { volume: volume.body.clone(), parts: Vec::new() };
    let (id_of, version, number) = (PackVolumeId(Uuid::now_v7()), 0, 2);
    let mut own = AccountInPack { id: id_of, version, pack: id, account: author, number, body };
    work.insert_account_in_pack(&mut own).await.unwrap();
    let body = HandOverBody::new(String::new());
    let mut way = HandOver::new(HandOverId(Uuid::now_v7()), HandsOver::Pack(id), author, NOW, NOW + 1, body);
    work.insert_hand_over(&mut way).await.unwrap();
}

/// What the data protection officer keeps: a request, and something that may have happened.
pub(super) async fn insert_what_the_officer_keeps(
    work: &Work,
    reporter: AccountId,
    request: RequestId,
    breach: BreachId,
) {
    let asked = Asked {
        right: Right::Access,
        asker: Asker::Themselves,
        channel: Channel::Letter,
        received: date(2026, 11, 23),
        name: "Ann Marsh".into(),
        address: Some("4 Mill Lane".into()),
        email: None,
        phone: None,
        about: None,
        birth: None,
        former_names: None,
        what: "All of it".into(),
        needs: None,
    };
    let mut row = PersonRequest::new(request, NOW, Some(20_811), RightsRequest::new(asked));
    work.insert_person_request(&mut row).await.unwrap();
    let suspicion = Suspicion {
        kind: BreachKind::Lost,
        what: "A bag".into(),
        whose: "Two families".into(),
        aware: date(2026, 11, 23).at(9, 0, 0, 0),
        done: None,
    };
    let mut row = SuspectedBreach {
        id: breach,
        version: 0,
        reporter,
        state: BreachState::Suspected,
        created_ms: NOW,
        due_ms: Some(NOW + 72 * 3_600_000),
        body: Breach::new(suspicion),
    };
    work.insert_breach(&mut row).await.unwrap();
}

/// A service with at least one row in every table.
async fn everything(store: &Store) -> Whole {
    let ids = whole(store).await;
    let (request, breach) = (RequestId(Uuid::now_v7()), BreachId(Uuid::now_v7()));
    let (figures, bag) = (ResearchId(Uuid::now_v7()), ArchiveBagId(Uuid::now_v7()));
    for id in [request.0, breach.0, figures.0, bag.0] {
        store.create_file_key(id).await.unwrap();
    }
    let work = store.work(&coordinator()).await.unwrap();
    let sign_in = SignIn {
        id: SignInId(Uuid::now_v7()),
        account: ids.worker,
        secret_hash: vec![7; 32],
        created_ms: NOW,
        seen_ms: NOW,
        ended_ms: None,
        stepped_up_ms: None,
        browser: None,
    };
    work.insert_sign_in(&sign_in).await.unwrap();
    for kind in [NoticeKind::RecordSigned, NoticeKind::PlanEnded] {
        let id = NoticeId(Uuid::now_v7());
        let notice = Notice { id, account: ids.worker, kind, subject: ids.session.0, created_ms: NOW };
        work.insert_notice(&notice).await.unwrap();
    }
    let facts = OrderFacts {
        court: "Family Court at Nenedale".into(),
        case_number: "ND26C00001".into(),
        made_on: date(2026, 10, 1),
        ends_on: Some(date(2027, 3, 31)),
        forbids: None,
        words: None,
    };
    let order = Order { facts, terms: Vec::new(), ended: None, earlier: Vec::new(), source: "The referral".into() };
    let mut order = ContactOrder {
        id: OrderId(Uuid::now_v7()),
        version: 0,
        author: ids.worker,
        state: OrderState::Standing,
        created_ms: NOW,
        body: OrderBody { children: vec![ids.child], order },
    };
    work.insert_order(&mut order).await.unwrap();
    let mut refusal = RefusalOfContact {
        id: ContactRefusalId(Uuid::now_v7()),
        version: 0,
        child: ids.child,
        author: ids.worker,
        state: RefusalState::Running,
        created_ms: NOW,
        until_day: 20_784,
        body: ContactRefusal::new(RefusedContact {
            person: ids.person,
            began: date(2026, 11, 23),
            decided_by: "A manager".into(),
            reasons: "Unwell".into(),
            urgency: "Tomorrow".into(),
            for_the_child: None,
            child_not_told: Some("Two years old".into()),
        }),
    };
    work.insert_contact_refusal(&mut refusal).await.unwrap();
    insert_what_the_officer_keeps(&work, ids.worker, request, breach).await;
    insert_what_is_shared(&work, &ids).await;
    insert_figures(&work, ids.worker, figures).await;
    // None in force: this store works by the items that it was opened with.
    for author in [None, Some(ids.worker)] {
        work.insert_register_version(&mut version(RegisterState::Ended, author)).await.unwrap();
    }
    for kind in [HoldKind::File, HoldKind::Theme] {
        let mut hold = LegalHold {
            id: HoldId(Uuid::now_v7()),
            version: 0,
            kind,
            subject: (kind == HoldKind::File).then_some(ids.child.0),
            author: ids.worker,
            set_ms: NOW,
            review_day: 20_900,
            lifted_ms: None,
            body: HoldBody {
                children: if kind == HoldKind::File { vec![ids.child] } else { Vec::new() },
                name: None,
                asked_by: "Legal".into(),
                why: "A claim".into(),
                reviews: Vec::new(),
                lifted: None,
            },
        };
        work.insert_hold(&mut hold).await.unwrap();
        if kind == HoldKind::Theme {
            let file = HoldFile { child: ids.child, added_ms: NOW, by: ids.worker };
            work.add_to_theme(hold.id, file).await.unwrap();
        }
    }
    let kept = FileKept { category: RecordCategory::CaseFile, until: date(2026, 10, 1), rule: "75 years".into() };
    let mut list = DestructionList {
        id: DestructionListId(Uuid::now_v7()),
        version: 0,
        author: Some(ids.worker),
        state: ListState::Proposed,
        created_ms: NOW,
        body: DestructionBody::default(),
    };
    let mut items = [DestructionItem {
        id: DestructionItemId(Uuid::now_v7()),
        version: 0,
        list: list.id,
        child: ids.child,
        state: ItemState::Listed,
        body: ItemBody { kept, off: None },
    }];
    work.insert_list(&mut list, &mut items).await.unwrap();
    insert_transfer(&work, &items[0], ids.worker, bag).await;
    let mut certificate = Certificate {
        id: CertificateId(Uuid::now_v7()),
        version: 0,
        child: ids.child,
        list: Some(list.id),
        state: CertificateState::Begun,
        destroyed_ms: NOW,
        gone_day: 20_900,
        body: CertificateBody {
            child: ids.child,
            category: None,
            month: "2026-10".into(),
            proposed_by: None,
            proposed_ms: NOW,
            approvals: Vec::new(),
            archived: None,
        },
    };
    work.insert_certificate(&mut certificate).await.unwrap();
    insert_pack(&work, request, ids.child, ids.worker).await;
    let taken = work.take_in(stream::iter([Ok::<_, ()>(Bytes::from(pdf()))])).await.unwrap();
    let facts = DocumentFacts::sealed_order("order.pdf");
    let mut document = Document::new(DocumentId(Uuid::now_v7()), ids.worker, &taken, facts, NOW);
    (document.order, document.referral) = (Some(order.id), Some(ids.referral));
    document.body.children.push(ids.child);
    work.insert_document(&mut document).await.unwrap();
    // Somebody else of the family, who was the same human being for a while.
    let other = PersonId(Uuid::now_v7());
    work.add_relative(ids.child, other, NOW).await.unwrap();
    for decision in [LinkDecision::Same, LinkDecision::Another] {
        let link = PersonLink {
            id: PersonLinkId(Uuid::now_v7()),
            pair: (ids.person, other),
            decision,
            by: ids.worker,
            decided_ms: NOW,
            why: "The mother says so".into(),
        };
        work.decide_link(&link).await.unwrap();
    }
    let cover = Allocation {
        id: AllocationId(Uuid::now_v7()),
        child: ids.child,
        account: ids.supervisor,
        capacity: Capacity::Cover,
        from_ms: NOW,
        until_ms: Some(NOW + 9),
        created_ms: NOW,
        created_by: Some(ids.worker),
        reason: Some("On leave".into()),
        ended_ms: None,
    };
    work.allocate(&cover).await.unwrap();
    work.end_allocation(cover.id, Some(ids.worker), NOW + 1).await.unwrap();
    let mut session = work.session(ids.session).await.unwrap();
    let (room, supervisor, second) = (session.room, session.supervisor, session.body.second_supervisor);
    let from = Stood { slot: session.slot, room, supervisor, second };
    session.slot = Slot { day: date(2026, 12, 2), ..session.slot };
    session.body.happened(ids.worker, NOW, What::Moved { from });
    work.save_session(&mut session).await.unwrap();
    work.commit("test.everything", NOW).await.unwrap();
    // The second key of the index.
    store.0.keys.named("blind-index-2").await.unwrap();
    store.take_index_key(2).await.unwrap();
    ids
}

async fn rows(db: &DatabaseConnection, sql: &str) -> Vec<Vec<String>> {
    let found = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap();
    let names = |row: &sea_orm::QueryResult| row.column_names();
    found.iter().map(|row| names(row).iter().map(|name| row.try_get("", name).unwrap_or_default()).collect()).collect()
}

/// A data directory in which one thing after another is changed.
struct Copies {
    whole: PathBuf,
    scratch: PathBuf,
    settings: Settings,
}

impl Copies {
    /// What verification finds after a statement that is run past Kith on a fresh copy.
    async fn after(&self, sql: &str) -> Result<(), StoreError> {
        for name in ["kith.sqlite-wal", "kith.sqlite-shm"] {
            drop(fs::remove_file(self.scratch.join(name)));
        }
        fs::copy(self.whole.join("kith.sqlite"), self.scratch.join("kith.sqlite")).unwrap();
        let db = engine::sqlite(&self.scratch.join("kith.sqlite"), engine::Use::Write).await.unwrap();
        db.execute_unprepared("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON").await.unwrap();
        db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        db.close_by_ref().await.unwrap();
        verify_ledger(&Verifying::of(&self.scratch, None)).await?;
        // What the log says of itself is read at the start, and a start takes its time.
        if !sql.contains("ledger_state") {
            return Ok(());
        }
        Store::open(Settings { data: self.scratch.clone(), ..self.settings.clone() }).await?.close().await
    }
}

/// `CREATE TABLE` holds what can be changed: the test takes it from there and from nowhere else.
#[test]
fn every_column_of_every_table_that_is_changed_past_kith_is_noticed() {
    run(Engine::Sqlite, async |fixture: &Fixture| {
        let store = fixture.open().await;
        everything(&store).await;
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        let scratch = tempfile::tempdir().unwrap();
        copy_dir(fixture.directory(), scratch.path());
        let copies = Copies {
            whole: fixture.directory().to_path_buf(),
            scratch: scratch.path().to_path_buf(),
            settings: fixture.settings(),
        };
        copies.after("SELECT 1").await.expect("whole before anything is changed");

        let db = engine::sqlite(&fixture.directory().join("kith.sqlite"), engine::Use::Inspect).await.unwrap();
        let tables =
            rows(&db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").await;
        let mut missed = Vec::new();
        for table in tables.iter().map(|row| row[0].as_str()) {
            let of_log = table.starts_with("ledger_");
            if NOT_LOGGED.contains(&table) && !of_log {
                continue;
            }
            assert!(of_log || LOGGED.contains(&table), "{table}: neither is it in the log, nor is it said why not");
            let of = format!("rowid = (SELECT min(rowid) FROM {table})");
            let keyed = rows(&db, &format!("SELECT sql FROM sqlite_master WHERE name = '{table}'")).await;
            let columns = rows(&db, &format!("SELECT name, type FROM pragma_table_info('{table}')")).await;
            let first = &columns[0][0];
            // Tables in the order of their key have no row ids.
            let of = if keyed[0][0].contains("WITHOUT ROWID") {
                let keys = rows(&db, &format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0")).await;
                let keys: Vec<&str> = keys.iter().map(|row| row[0].as_str()).collect();
                let keys = keys.join(", ");
                format!("({keys}) = (SELECT {keys} FROM {table} LIMIT 1)")
            } else {
                of
            };
            let there = rows(&db, &format!("SELECT CAST(count(*) AS TEXT) AS n FROM {table}")).await;
            assert_ne!(there[0][0], "0", "nothing to change in {table}");
            for (column, kind) in columns.iter().map(|row| (row[0].as_str(), row[1].as_str())) {
                if ELSEWHERE.iter().any(|(other, own, _)| (*other, *own) == (table, column)) {
                    continue;
                }
                let other = match kind {
                    "INTEGER" => format!("coalesce({column}, 0) + 1000"),
                    "TEXT" => format!("coalesce({column}, '') || 'x'"),
                    _ => "randomblob(16)".to_owned(),
                };
                if copies.after(&format!("UPDATE {table} SET {column} = {other} WHERE {of}")).await.is_ok() {
                    missed.push(format!("{table}.{column}"));
                }
            }
            if copies.after(&format!("DELETE FROM {table} WHERE {of}")).await.is_ok() {
                missed.push(format!("{table}: a row taken away"));
            }
            let names: Vec<&str> = columns.iter().map(|row| row[0].as_str()).collect();
            let mut others = names.clone();
            let key = match columns[0][1].as_str() {
                "TEXT" => format!("{first} || 'y'"),
                "INTEGER" => format!("{first} + 1000"),
                _ => "randomblob(16)".to_owned(),
            };
            others[0] = &key;
            let (names, others) = (names.join(", "), others.join(", "));
            let unique = match table {
                // Without a place, and long ago: one with a place would be in the way of another.
                "ledger_entry" => others.replace("leaf", "NULL").replace("number", "number + 1000"),
                "account" => others.replace("login_token", "randomblob(16)"),
                "sign_in" => others.replace("secret_hash", "randomblob(16)"),
                "referral_child" => others.replace("referral_id", "randomblob(16)"),
                "relationship" => others.replace("person_id", "randomblob(16)"),
                "archive_transfer" => others.replace("item_id", "randomblob(16)"),
                "document" | "archive_bag" => others.replace("object_id", "randomblob(16)"),
                "pack_part" | "pack_volume" | "pack_account" | "register_version" | "disclosure_enclosed" => {
                    others.replace("number", "number + 1000")
                }
                "destruction_item" | "certificate" | "pack_file" => others.replace("child_id", "randomblob(16)"),
                "entry" => others.replace("root_id", "randomblob(16)"),
                _ => others,
            };
            let own = format!("INSERT INTO {table} ({names}) SELECT {unique} FROM {table} WHERE {of}");
            if copies.after(&own).await.is_ok() {
                missed.push(format!("{table}: a row of one's own"));
            }
        }
        db.close_by_ref().await.unwrap();
        assert!(missed.is_empty(), "nobody noticed: {missed:#?}");
    });
}

each_engine! {
    /// Handbook section 12: "no one without a need may see it". One row of the database is no need.
    async fn a_row_of_one_s_own_opens_no_file(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = everything(&store).await;
        let work = store.work(&coordinator()).await.unwrap();
        let mut stranger = account(kith_domain::access::Role::SocialWorker, "Stranger");
        work.insert_account(&mut stranger).await.unwrap();
        work.commit("test.stranger", NOW).await.unwrap();
        let access = somebody(stranger.id, kith_domain::access::Role::SocialWorker, "south");
        let (mine, child) = (fixture.id(stranger.id.0), fixture.id(ids.child.0));
        let held = async || store.look(&access).at(NOW + 2).held(&[ids.child]).await;
        assert!(held().await.unwrap().is_empty());

        let given = format!(
            "INSERT INTO allocation (id, child_id, account_id, capacity, from_at, created_at, mac) \
             SELECT {}, child_id, {mine}, 'social_worker', from_at, created_at, mac FROM allocation WHERE child_id = {child} AND capacity = 'social_worker'",
            fixture.id(Uuid::now_v7())
        );
        assert_eq!(fixture.tamper(&given).await, 1);
        let altered = |found: Result<(), StoreError>| {
            assert!(matches!(found, Err(StoreError::RowAltered { table: "allocation", .. })), "{found:?}");
        };
        altered(held().await.map(|_| ()));
        altered(store.look(&access).at(NOW + 2).my_children(None, (50, 0)).await.map(|_| ()));
        altered(store.look(&access).at(NOW + 2).find_mine(|blind: &kith_vault::BlindIndex| vec![vec![blind.mark("1")]]).await.map(|_| ()));

        // A child of one's own put into another's session.
        let into = format!("UPDATE session_child SET state = 'added' WHERE child_id = {child}");
        assert_eq!(fixture.tamper(&into).await, 1);
        let found = store.look(&coordinator()).session_scope(ids.session).await.map(|_| ());
        assert!(matches!(found, Err(StoreError::RowAltered { table: "session_child", .. })), "{found:?}");
        store.close().await.unwrap();
    }

    async fn what_is_taken_away_by_kith_itself_is_known_to_the_log(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = everything(&store).await;
        let sister = ChildId(Uuid::now_v7());
        store.create_file_key(sister.0).await.unwrap();
        let work = store.work(&coordinator()).await.unwrap();
        let mut file = Child { id: sister, version: 0, ..work.child(ids.child).await.unwrap() };
        work.insert_child(&mut file).await.unwrap();
        work.add_relative(sister, ids.person, NOW).await.unwrap();
        work.commit("test.sister", NOW).await.unwrap();
        let work = store.work(&coordinator()).await.unwrap();
        work.end_sign_ins(ids.worker, None, NOW + 1).await.unwrap();
        work.forget_sign_ins(NOW + 2).await.unwrap();
        work.forget_relation(sister, ids.person).await.unwrap();
        work.release(ids.session).await.unwrap();
        work.unindex_child(ids.child).await.unwrap();
        work.set_people_in(ids.session, &[]).await.unwrap();
        work.commit("test.taken_away", NOW).await.unwrap();
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        let verified = fixture.verify().await;
        assert!(verified.is_ok(), "{:?}", verified.err());
    }
}
