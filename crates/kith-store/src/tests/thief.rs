//! Whoever has everything - the data, an earlier copy of it, the key store, the master key - tries to read what was destroyed
//! (handbook section 11; NIST SP 800-88: erasure by key).

use std::collections::BTreeMap;

use kith_vault::{FileKey, MasterKeyFile, Place};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, EntityTrait, IdenStatic, Iterable, ModelTrait, PrimaryKeyToColumn, Statement,
    Value,
};
use uuid::Uuid;

use super::destroying::{begin, opened};
use crate::testing::Fixture;
use crate::{each_home, entity, row};

/// What is sealed in the data, wherever: the table, the row, its version, what stands in the clear beside it, and the envelope.
struct Sealed {
    table: &'static str,
    row: Uuid,
    version: i64,
    clear: Vec<u8>,
    envelope: Vec<u8>,
}

impl Sealed {
    /// Whether it opens with one of these keys.
    fn opens(&self, authority: &str, keys: &BTreeMap<Uuid, FileKey>) -> bool {
        let place = Place { authority, table: self.table, row: self.row, version: self.version, clear: &self.clear };
        kith_vault::open(&place, &self.envelope, |file| keys.get(&file).cloned()).is_ok()
    }

    /// For whose files it was sealed.
    fn files(&self) -> Vec<Uuid> {
        kith_vault::files_of(&self.envelope).unwrap()
    }
}

async fn sealed_in<E>(db: &DatabaseConnection, found: &mut Vec<Sealed>)
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let id = E::PrimaryKey::iter().next().unwrap().into_column();
    let sealed = E::Column::iter().find(|column| column.as_str() == "sealed").unwrap();
    for model in E::find().all(db).await.unwrap() {
        let (Value::Uuid(Some(row)), Value::Bytes(Some(envelope))) = (model.get(id), model.get(sealed)) else {
            continue;
        };
        let (clear, version) = (row::clear(&model), row::version_of(&model).unwrap_or_default());
        found.push(Sealed { table: E::default().table_name(), row, version, clear, envelope });
    }
}

/// Everything that is sealed of children and families.
async fn all_sealed(fixture: &Fixture) -> Vec<Sealed> {
    let db = fixture.raw().await;
    let mut found = Vec::new();
    macro_rules! of {
        ($($table:ident),+) => {$(sealed_in::<entity::$table::Entity>(&db, &mut found).await;)+};
    }
    of!(
        child,
        person,
        relationship,
        statement,
        referral,
        verification,
        risk_assessment,
        contact_order,
        contact_plan,
        session,
        record,
        entry,
        report,
        document,
        contact_refusal,
        consent,
        disclosure,
        disclosure_enclosed,
        disclosure_paper,
        allocation,
        pack_file,
        pack_part
    );
    db.close_by_ref().await.unwrap();
    found
}

/// Every key that whoever has the data, the key store and the master key has.
async fn all_keys(fixture: &Fixture) -> BTreeMap<Uuid, FileKey> {
    let masters = MasterKeyFile::load(&fixture.directory().join("master.key")).unwrap();
    let db = fixture.raw_keys().await;
    let ask = Statement::from_string(
        db.get_database_backend(),
        "SELECT file_id, wrapped FROM file_key WHERE wrapped IS NOT NULL",
    );
    let authority = fixture.settings().authority;
    let mut keys = BTreeMap::new();
    for row in db.query_all_raw(ask).await.unwrap() {
        let (file, wrapped): (Uuid, Vec<u8>) =
            (row.try_get("", "file_id").unwrap(), row.try_get("", "wrapped").unwrap());
        keys.insert(
            file,
            masters.unwrap(["file key", &authority, &file.to_string()].join("\0").as_bytes(), &wrapped).unwrap(),
        );
    }
    db.close_by_ref().await.unwrap();
    keys
}

each_home! {
    async fn with_every_key_that_is_left_none_of_its_words_open_and_the_brother_s_do(fixture: &Fixture) {
        let (store, two) = opened(fixture).await;
        let authority = fixture.settings().authority;
        let (keys, earlier) = (all_keys(fixture).await, all_sealed(fixture).await);
        let closed = earlier.iter().find(|of| !of.opens(&authority, &keys)).map(|of| of.table);
        assert_eq!(closed, None, "as long as the keys are there all of it opens");
        let alone = |of: &Sealed| of.files() == [two.robin.0];
        let both = |of: &Sealed| of.files().contains(&two.robin.0) && of.files().contains(&two.jay.0);
        assert!(earlier.iter().any(alone) && earlier.iter().any(both));
        begin(&store, two.robin).await;
        store.destroy_file(two.robin).await.unwrap();
        let keys = all_keys(fixture).await;
        assert!(!keys.contains_key(&two.robin.0));
        let later = all_sealed(fixture).await;
        for of in earlier.iter().chain(later.iter().filter(|of| of.table != "child")) {
            assert_eq!(of.opens(&authority, &keys), !alone(of), "{} {}", of.table, of.row);
        }
        store.close().await.unwrap();
    }
}
