//! The one door to destruction: what is left, what a brother keeps, and that data and keys agree whatever was killed or put back.

use kith_domain::ids::{AccountId, CertificateId, ChildId, HoldId, PersonId};
use kith_domain::retention::{CertificateBody, CertificateState, HoldBody, HoldKind, RecordCategory};
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use super::referrals::{Two, two};
use super::{NOW, coordinator};
use crate::testing::{Engine, Fixture, copy_dir, for_its_owner, run};
use crate::{Certificate, Child, HoldFile, LegalHold, STAFF_FILE, Store, StoreError, each_engine, each_home};

const TODAY: i64 = 20_781;

fn certificate(child: ChildId) -> Certificate {
    Certificate {
        id: CertificateId(Uuid::now_v7()),
        version: 0,
        child,
        list: None,
        state: CertificateState::Begun,
        destroyed_ms: NOW,
        gone_day: TODAY + 90,
        body: CertificateBody {
            child,
            category: Some(RecordCategory::CaseFile),
            month: "2026-10".into(),
            proposed_by: None,
            proposed_ms: NOW,
            approvals: Vec::new(),
            archived: None,
        },
    }
}

pub(super) async fn begin(store: &Store, child: ChildId) {
    let work = store.work(&coordinator()).await.unwrap();
    work.begin_destruction(&mut certificate(child), TODAY).await.unwrap();
    work.commit("destruction.begun", NOW).await.unwrap();
}

pub(super) async fn opened(fixture: &Fixture) -> (Store, Two) {
    let store = fixture.open().await;
    store.create_file_key(STAFF_FILE).await.unwrap();
    let two = two(&store).await;
    (store, two)
}

/// What is found of a file by its tokens, and whether its key is there.
async fn left(fixture: &Fixture, child: ChildId) -> (i64, bool) {
    let tokens =
        fixture.count(&format!("SELECT count(*) AS n FROM token WHERE child_id = {}", fixture.id(child.0))).await;
    (tokens, wrapped(fixture, child).await.is_some())
}

async fn wrapped(fixture: &Fixture, child: ChildId) -> Option<Vec<u8>> {
    let keys = fixture.raw_keys().await;
    let ask = "SELECT wrapped FROM file_key WHERE file_id = $1";
    let of = Statement::from_sql_and_values(keys.get_database_backend(), ask, [child.0.into()]);
    let found = keys.query_one_raw(of).await.unwrap().unwrap().try_get("", "wrapped").unwrap();
    keys.close_by_ref().await.unwrap();
    found
}

each_home! {
    /// Handbook section 11: "the keys are destroyed"; a record about several children stays until the last child's date.
    async fn a_file_that_was_destroyed_is_nowhere_and_the_brother_s_stays(fixture: &Fixture) {
        let (store, two) = opened(fixture).await;
        assert!(left(fixture, two.robin).await.0 > 0, "found by its tokens");
        let key = wrapped(fixture, two.robin).await.unwrap();
        assert!(matches!(store.destroy_file(two.jay).await, Err(StoreError::NotFound)), "no certificate, no door");
        begin(&store, two.robin).await;
        store.destroy_file(two.robin).await.unwrap();
        store.destroy_file(two.robin).await.unwrap();
        assert_eq!(left(fixture, two.robin).await, (0, false));
        let files = [fixture.directory().join("keys.sqlite"), fixture.directory().join("keys.sqlite-wal")];
        for bytes in files.iter().filter_map(|path| std::fs::read(path).ok()) {
            assert!(!bytes.windows(key.len()).any(|part| part == key), "the key is in no file, however wrapped");
        }
        let look = store.look(&coordinator());
        assert!(matches!(look.child(two.robin).await, Err(StoreError::Destroyed)));
        let area = look.file_scope(two.robin).await.unwrap().unwrap().area;
        assert!(!area.chars().all(char::is_alphanumeric), "no code of an area: {area}");
        assert!(look.is_destroyed(two.robin).await.unwrap() && !look.is_destroyed(two.jay).await.unwrap());
        // The brother's: what was said of both is there, and nothing of the other.
        let of = look.referrals_of(two.jay).await.unwrap();
        assert_eq!((of.len(), of[0].body.child_name().as_str()), (1, ""));
        assert_eq!(of[0].body.legal.get("court"), "Eddington");
        assert!(look.referrals_of(two.robin).await.unwrap().is_empty());
        assert_eq!(look.referral_scope(two.referral).await.unwrap().unwrap().held.len(), 1);
        assert!(left(fixture, two.jay).await.0 > 0);
        look.done("test.read", NOW).await.unwrap();
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        let whole = fixture.verify().await;
        assert!(whole.is_ok(), "{:?}", whole.err());
    }

    async fn who_is_killed_between_the_data_and_the_key_finds_it_at_the_next_start(fixture: &Fixture) {
        let (store, two) = opened(fixture).await;
        begin(&store, two.robin).await;
        assert_eq!(left(fixture, two.robin).await, (0, true));
        store.close().await.unwrap();
        let store = fixture.open().await;
        assert_eq!(left(fixture, two.robin).await, (0, false));
        assert!(left(fixture, two.jay).await.1);
        store.close().await.unwrap();
    }

    /// A backup of older keys beside the data, and of older data beside the keys (docs/operating.md, "Backups").
    async fn a_backup_brings_back_nothing_that_either_side_knows_to_be_destroyed(fixture: &Fixture) {
        let (store, two) = opened(fixture).await;
        let before = wrapped(fixture, two.robin).await.unwrap();
        begin(&store, two.robin).await;
        store.destroy_file(two.robin).await.unwrap();
        store.close().await.unwrap();
        drop(store);
        let keys = fixture.raw_keys().await;
        let back = format!("UPDATE file_key SET wrapped = {} WHERE file_id = {}", fixture.bytes(&before), fixture.id(two.robin.0));
        keys.execute_unprepared(&back).await.unwrap();
        keys.close_by_ref().await.unwrap();
        assert!(left(fixture, two.robin).await.1, "the older keys are back");
        let store = fixture.open().await;
        assert!(!left(fixture, two.robin).await.1, "and are destroyed again");
        assert_eq!(store.destroyed_again(), 1);

        // The other way round: the data knows nothing of what the keys know.
        store.destroy_file_key(two.jay.0).await.unwrap();
        assert!(left(fixture, two.jay).await.0 > 0);
        store.close().await.unwrap();
        drop(store);
        let store = fixture.open().await;
        assert_eq!(left(fixture, two.jay).await, (0, false));
        let look = store.look(&coordinator());
        let found = look.certificate_of(two.jay).await.unwrap().unwrap();
        assert_eq!((found.state, found.body.category), (CertificateState::Done, None));
        look.done("test.read", NOW).await.unwrap();
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        assert!(fixture.verify().await.is_ok());
    }
}

/// A backup of data and keys that are both older: what was written down in the second place is newer than either.
#[test]
fn an_older_copy_of_data_and_keys_together_brings_nothing_back() {
    run(Engine::Sqlite, async |fixture| {
        let (store, two) = opened(fixture).await;
        store.close().await.unwrap();
        drop(store);
        let earlier = tempfile::tempdir().unwrap();
        copy_dir(fixture.directory(), earlier.path());
        let store = fixture.open().await;
        begin(&store, two.robin).await;
        store.destroy_file(two.robin).await.unwrap();
        store.close().await.unwrap();
        drop(store);
        let list = std::fs::read(fixture.directory().join("checkpoints/destroyed")).unwrap();
        std::fs::remove_dir_all(fixture.directory()).unwrap();
        copy_dir(earlier.path(), fixture.directory());
        for_its_owner(fixture.directory());
        assert!(
            left(fixture, two.robin).await.1,
            "the older keys are back, and the older data knows of no certificate"
        );
        std::fs::write(fixture.directory().join("checkpoints/destroyed"), list).unwrap();
        let store = fixture.open().await;
        assert_eq!((left(fixture, two.robin).await, store.destroyed_again()), ((0, false), 1));
        assert!(left(fixture, two.jay).await.1);
        assert!(matches!(store.look(&coordinator()).child(two.robin).await, Err(StoreError::Destroyed)));
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        assert!(fixture.verify().await.is_ok());
    });
}

/// On `SQLite` one waits for the other; on `PostgreSQL` both are under way at once, and the engine lets one of them through.
#[test]
fn of_a_hold_and_a_destruction_at_the_same_moment_one_is_begun_again() {
    run(Engine::Postgres, async |fixture| {
        let (store, two) = opened(fixture).await;
        let destroys = store.work(&coordinator()).await.unwrap();
        let holds = store.work(&coordinator()).await.unwrap();
        assert!(destroys.holds_on(two.robin).await.unwrap().is_empty());
        assert!(!holds.is_destroyed(two.robin).await.unwrap());
        let first = destroys.begin_destruction(&mut certificate(two.robin), TODAY).await;
        let mut of = hold(HoldKind::File, Some(two.robin.0), two.worker, &[two.robin]);
        let second = holds.insert_hold(&mut of).await;
        let first = if first.is_ok() { destroys.commit("destruction.begun", NOW).await } else { first };
        let second = if second.is_ok() { holds.commit("hold.set", NOW).await } else { second };
        let again = |done: &Result<(), StoreError>| matches!(done, Err(StoreError::Retry));
        assert!(again(&first) || again(&second), "{first:?} {second:?}");
        let look = store.look(&coordinator());
        let (held, gone) = (look.holds_on(two.robin).await.unwrap(), look.is_destroyed(two.robin).await.unwrap());
        assert_ne!(!held.is_empty(), gone, "both, or neither");
        store.close().await.unwrap();
    });
}

fn hold(kind: HoldKind, subject: Option<Uuid>, author: AccountId, children: &[ChildId]) -> LegalHold {
    LegalHold {
        id: HoldId(Uuid::now_v7()),
        version: 0,
        kind,
        subject,
        author,
        set_ms: NOW,
        review_day: TODAY + 30,
        lifted_ms: None,
        body: HoldBody {
            children: children.to_vec(),
            name: None,
            asked_by: "Legal".into(),
            why: "A claim".into(),
            reviews: Vec::new(),
            lifted: None,
        },
    }
}

each_engine! {
    /// Handbook section 11: "a legal hold (inquiry, litigation, open rights request) stops destruction".
    async fn what_a_hold_keeps_is_worked_out_when_it_is_asked(fixture: &Fixture) {
        let (store, two) = opened(fixture).await;
        let other = ChildId(Uuid::now_v7());
        store.create_file_key(other.0).await.unwrap();
        let person = PersonId(Uuid::now_v7());
        let work = store.work(&coordinator()).await.unwrap();
        let file = work.child(two.jay).await.unwrap();
        work.insert_child(&mut Child { id: other, version: 0, ..file }).await.unwrap();
        work.add_relative(two.robin, person, NOW).await.unwrap();
        work.commit("test.family", NOW).await.unwrap();
        let all = [two.robin, two.jay, other];
        let kept = async || {
            let look = store.look(&coordinator());
            let mut kept = Vec::new();
            for child in all {
                kept.push(!look.holds_on(child).await.unwrap().is_empty());
            }
            kept
        };
        assert_eq!(kept().await, [false, false, false]);
        for (kind, subject, keeps) in [
            (HoldKind::File, Some(two.jay.0), [false, true, false]),
            (HoldKind::Family, Some(two.jay.0), [true, true, false]),
            (HoldKind::Referral, Some(two.referral.0), [true, true, false]),
            (HoldKind::Person, Some(person.0), [true, false, false]),
            (HoldKind::Theme, None, [false, false, false]),
        ] {
            let mut of = hold(kind, subject, two.worker, if subject.is_some() { &all[..2] } else { &[] });
            let work = store.work(&coordinator()).await.unwrap();
            work.insert_hold(&mut of).await.unwrap();
            work.commit("hold.set", NOW).await.unwrap();
            assert_eq!(kept().await, keeps, "{kind:?}");
            let look = store.look(&coordinator());
            let by = look.kept_by(of.id).await.unwrap();
            assert_eq!(all.map(|child| by.contains(&child)), keeps, "{kind:?}");
            // What comes later is kept too.
            let work = store.work(&coordinator()).await.unwrap();
            match kind {
                HoldKind::Person => work.add_relative(other, person, NOW).await.unwrap(),
                HoldKind::Theme => {
                    let file = HoldFile { child: other, added_ms: NOW, by: two.worker };
                    assert!(work.add_to_theme(of.id, file).await.unwrap());
                    assert!(!work.add_to_theme(of.id, file).await.unwrap());
                }
                _ => work.changed("legal_hold", of.id.0, of.version),
            }
            work.commit("test.later", NOW).await.unwrap();
            if matches!(kind, HoldKind::Person | HoldKind::Theme) {
                assert!(kept().await[2], "{kind:?}");
            }
            let work = store.work(&coordinator()).await.unwrap();
            of.lifted_ms = Some(NOW + 1);
            work.save_hold(&mut of).await.unwrap();
            work.commit("hold.lifted", NOW).await.unwrap();
            assert_eq!(kept().await, [false, false, false], "{kind:?}");
        }
        let look = store.look(&coordinator());
        assert_eq!((look.holds(false).await.unwrap().len(), look.holds(true).await.unwrap().len()), (0, 5));
        look.done("test.read", NOW).await.unwrap();
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        assert!(fixture.verify().await.is_ok());
    }
}
