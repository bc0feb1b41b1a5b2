//! Somebody who is held and is written otherwise is found without being opened.

use kith_domain::fact::Subject;
use kith_domain::form::Fields;
use kith_domain::ids::ChildId;
use kith_linkage::{Question, SHOWN, Typed};
use uuid::Uuid;

use super::cases::{said, whole};
use super::{NOW, coordinator};
use crate::{Child, ChildBody, ChildState, Earlier, Store, child_compared, each_engine};

const HELD: [(&str, &str); 8] = [
    ("given_name", "Elizabeth Ann"),
    ("family_name", "Smith-Joyce"),
    ("former_names", "Elizabeth Whitfield"),
    ("birth_kind", "on"),
    ("dob", "2015-03-07"),
    ("sex", "female"),
    ("care_first", "CF-004512"),
    ("carer", "Odile Brandt"),
];

fn with(changes: &[(&str, &str)]) -> Fields {
    let mut values: Fields = HELD.into_iter().collect();
    for (item, value) in changes {
        values.set(*item, *value);
    }
    values
}

async fn held(store: &Store) -> ChildId {
    let (ids, id) = (whole(store).await, ChildId(Uuid::now_v7()));
    store.create_file_key(id.0).await.unwrap();
    let statement = said(ids.worker, Subject::Child { child: id }, with(&[]));
    let work = store.work(&coordinator()).await.unwrap();
    let mut child = Child {
        id,
        version: 0,
        state: ChildState::Open,
        area: "north".into(),
        social_worker: ids.worker,
        earlier: Earlier::default(),
        created_ms: NOW,
        body: ChildBody::default(),
    };
    work.insert_child(&mut child).await.unwrap();
    work.add_statement(&statement).await.unwrap();
    work.commit("test.child", NOW).await.unwrap();
    id
}

/// Under which files a question finds, and how likely the first is.
async fn asked(store: &Store, values: &Fields) -> Vec<(ChildId, f64)> {
    let question = Question::new(&child_compared(values), 30_000);
    let look = store.look(&coordinator());
    let found = look.in_question(&question).await.unwrap();
    let children = look.children(&found.iter().map(|hit| hit.child).collect::<Vec<_>>()).await.unwrap();
    look.done("test.asked", NOW).await.unwrap();
    let likely =
        |child: &Child| Some((child.id, question.likely(&child_compared(&child.body.known.values))?.probability));
    children.iter().filter_map(likely).collect()
}

each_engine! {
    // "Former name, swapped day and month, misspelling, nickname, hyphen, changed number are found."
    async fn a_child_who_is_written_otherwise_is_found_and_likely(fixture: &Fixture) {
        let store = fixture.open().await;
        let id = held(&store).await;
        for changes in [
            &[("family_name", "Whitfield"), ("former_names", ""), ("care_first", "")][..],
            &[("dob", "2015-07-03"), ("care_first", "")],
            &[("family_name", "Smyth Joice"), ("former_names", ""), ("care_first", "")],
            &[("given_name", "Lizzie"), ("former_names", ""), ("care_first", "")],
            &[("family_name", "Joyce"), ("former_names", ""), ("care_first", "")],
            &[("family_name", "Smith Joyce"), ("former_names", ""), ("care_first", "")],
            &[("care_first", "4512"), ("former_names", "")],
            &[("care_first", "CF-004521"), ("former_names", "")],
            &[("given_name", "Smith-Joyce"), ("family_name", "Elizabeth Ann"), ("former_names", ""), ("care_first", "")],
        ] {
            let found = asked(&store, &with(changes)).await;
            assert!(found.iter().any(|(child, likely)| *child == id && *likely >= SHOWN), "{changes:?}: {found:?}");
        }
        // Twins are two: the name and sex differ.
        let twin = with(&[("given_name", "Rowan"), ("former_names", ""), ("care_first", ""), ("sex", "male")]);
        assert!(asked(&store, &twin).await.iter().all(|(child, likely)| *child != id || *likely < SHOWN));
        store.close().await.unwrap();
    }

    // "One box for any of reference, Care First number with or without prefix, name with date of birth, carer, former name."
    async fn one_box_finds_by_whatever_is_known(fixture: &Fixture) {
        let store = fixture.open().await;
        let id = held(&store).await;
        let finds = async |text: &str| {
            let look = store.look(&coordinator());
            let found = look.search(&Typed::read(text), text).await.unwrap();
            look.done("test.searched", NOW).await.unwrap();
            found.iter().any(|hit| hit.child == id)
        };
        for text in [
            "elizabeth", "Smith-Joyce", "smithjoyce liz", "whitfield", "CF-004512", "4512", "cf 4512", "Brandt", "odile brandt",
            "Joyce 7/3/2015", "7 March 2015", "joyce 07.03.15", &id.reference(), "Joyce 4512",
        ] {
            assert!(finds(text).await, "{text}");
        }
        for text in ["Joyce 8/4/2015", "4513", "Margaret", "", "Joyce 4513"] {
            assert!(!finds(text).await, "{text}");
        }
        store.close().await.unwrap();
    }

    // Files stored by an earlier Kith, which knew no marks, are found by them once the server has started.
    async fn what_an_earlier_kith_stored_is_made_findable_by_marks(fixture: &Fixture) {
        let store = fixture.open().await;
        let id = held(&store).await;
        let work = store.work(&coordinator()).await.unwrap();
        work.index(id, id.0, &store.blind().name_tokens("Elizabeth Ann Smith-Joyce")).await.unwrap();
        work.changed("child", id.0, 1);
        work.commit("test.earlier", NOW).await.unwrap();
        assert!(asked(&store, &with(&[])).await.is_empty());
        store.attend_to_keys().await.unwrap();
        assert_eq!(asked(&store, &with(&[])).await.len(), 1);
        // Once is enough.
        let made = "SELECT count(*) AS n FROM ledger_entry WHERE body LIKE '%index.marks_renewed%'";
        store.attend_to_keys().await.unwrap();
        assert_eq!(fixture.count(made).await, 1);
        // A destroyed file is found by nothing.
        store.destroy_file_key(id.0).await.unwrap();
        assert!(asked(&store, &with(&[])).await.is_empty());
        store.close().await.unwrap();
    }
}
