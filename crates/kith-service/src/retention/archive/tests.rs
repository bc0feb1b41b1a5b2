//! From a mark on a list to the certificate: what is in the bag, what must have happened before the file is destroyed, what stops it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use jiff::Span;
use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::document::DocumentFacts;
use kith_domain::form::Fields;
use kith_domain::ids::{ArchiveTransferId, DestructionItemId, DestructionListId, DocumentId};
use kith_domain::pack::PartKind;
use kith_domain::retention::{HoldKind, ItemState, ListState, ToArchive, TransferState};
use kith_files::samples::pdf;
use kith_store::StoreError;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::document::{NewDocument, Of};
use crate::retention::tests::{AFTER, Opened, opened, rule, work};
use crate::testing::words;
use crate::{Desk, ServiceError};

/// Python that has the Library of Congress's `bagit` and `fastjsonschema`, see `./test`.
const PYTHON: &str = "KITH_BAGIT_PYTHON";
const VALIDATE: &str = "
import glob, json, sys
import bagit, fastjsonschema
bagit.Bag(sys.argv[1]).validate()
check = fastjsonschema.compile(json.load(open(sys.argv[1] + '/data/volume.schema.json')))
volumes = glob.glob(sys.argv[1] + '/data/volume-*.json')
assert volumes
for volume in volumes:
    check(json.load(open(volume)))
";

fn asked(pairs: &[(&str, &str)]) -> ToArchive {
    let mut typed: Fields = [
        ("archive", "Nenedale Archives"),
        ("asked_by", "Hazel Quill, county archivist"),
        ("basis", "law"),
        ("law", "Local Government Act 1972 s224"),
        ("why", "One file in a hundred is kept"),
    ]
    .into_iter()
    .collect();
    for (name, value) in pairs {
        typed.set(*name, *value);
    }
    ToArchive::read(&typed).ok().unwrap()
}

/// A file with a session and a document, on a list on which it is marked.
async fn marked(pairs: &[(&str, &str)]) -> (Opened, DestructionListId, DestructionItemId) {
    let o = opened().await;
    let case = &o.g.case;
    o.g.test.approved_assessment(case, case.mother).await.unwrap();
    let plan = o.g.test.active_plan(case, &[case.mother]).await.unwrap();
    o.g.test.held_session(case, plan, &[case.mother], date(2026, 11, 10)).await.unwrap();
    let (desk, of) = (o.g.coordinator(), Of::Child(case.child));
    let taken = desk.take_in(of, stream::iter([Ok::<_, ()>(Bytes::from(pdf()))])).await.unwrap();
    let facts = DocumentFacts::sealed_order("order.pdf");
    desk.add_document(of, &NewDocument { id: DocumentId(Uuid::now_v7()), facts, taken }).await.unwrap();
    o.at(AFTER);
    let list = o.propose().await.unwrap();
    let item = o.officer().destruction_list(list).await.unwrap().items[0].item.id;
    o.officer().mark_for_archive(item, &asked(pairs)).await.unwrap();
    (o, list, item)
}

async fn approve(o: &Opened, list: DestructionListId) {
    assert_eq!(o.manager().approve_list(list).await.unwrap(), ListState::Proposed);
    assert_eq!(o.desk(&o.other).approve_list(list).await.unwrap(), ListState::Approved);
}

impl Opened {
    async fn transfer(&self, list: DestructionListId) -> ArchiveTransferId {
        self.officer().destruction_list(list).await.unwrap().items[0].transfer.as_ref().unwrap().id
    }

    async fn state(&self, id: ArchiveTransferId) -> TransferState {
        self.officer().archive_transfer(id).await.unwrap().transfer.state
    }
}

async fn fetch(desk: &Desk, id: ArchiveTransferId) -> Result<Vec<u8>, ServiceError> {
    let (file, content) = desk.fetch_bag(id).await?;
    let pieces: Vec<Bytes> = content.map(Result::unwrap).collect().await;
    let bytes = pieces.concat();
    let ends = if let Some(length) = file.length {
        assert_eq!(length, bytes.len() as u64);
        "tar"
    } else {
        "tar.age"
    };
    assert_eq!(file.name, format!("kith-{}.{ends}", id.reference()));
    Ok(bytes)
}

fn receipt(o: &Opened, digest: &str) -> Fields {
    let mut typed: Fields =
        [("reference", "NA/2096/17"), ("said_by", "Hazel Quill"), ("digest", digest)].into_iter().collect();
    typed.set_date("on", o.g.test.service.today());
    typed
}

/// The files of a tar file (POSIX.1-1988 ustar).
fn untar(tar: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let (mut files, mut rest) = (BTreeMap::new(), tar);
    while rest[0] != 0 {
        let text = |from: usize, to: usize| {
            String::from_utf8(rest[from..to].iter().copied().take_while(|byte| *byte != 0).collect()).unwrap()
        };
        let length = usize::from_str_radix(&text(124, 136), 8).unwrap();
        files.insert(text(0, 100), rest[512..512 + length].to_vec());
        rest = &rest[512 + length.div_ceil(512) * 512..];
    }
    assert_eq!(rest, [0; 1024]);
    files
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// What RFC 8493 section 3 asks of a valid bag; returns the payload by its path below `data/`.
fn payload(tar: &[u8], name: &str) -> BTreeMap<String, Vec<u8>> {
    let files = untar(tar);
    let of = |path: &str| String::from_utf8(files[&format!("{name}/{path}")].clone()).unwrap();
    assert_eq!(of("bagit.txt"), "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
    let mut listed = 0;
    for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
        for line in of(manifest).lines() {
            let (digest, path) = line.split_once("  ").unwrap();
            assert_eq!(digest, hex::encode(Sha256::digest(&files[&format!("{name}/{path}")])), "{path}");
            listed += 1;
        }
    }
    assert_eq!(listed + 1, files.len(), "every file but the list of the lists stands in one");
    let below = format!("{name}/data/");
    files.into_iter().filter_map(|(path, bytes)| Some((path.strip_prefix(&below)?.to_owned(), bytes))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_to_the_archive_and_is_destroyed_only_when_the_archive_has_it() {
    // The notice: "after which time it is archived or securely destroyed"; handbook section 11: "a BagIt bag with fixity and a readable
    // PDF/A plus JSON"; section 13: "Every disclosure is logged: what, to whom, why, on what basis, by whom, and a hash of what was sent".
    let (o, list, item) = marked(&[]).await;
    let child = o.g.case.child;
    // What was approved before it was marked was something else.
    assert_eq!(o.manager().approve_list(list).await.unwrap(), ListState::Proposed);
    assert_eq!(rule(o.manager().mark_for_archive(item, &asked(&[])).await), "forbidden");
    let second = o.g.test.colleague(Role::DataProtection, "", "second").await.unwrap();
    assert_eq!(rule(o.desk(&second).mark_for_archive(item, &asked(&[])).await), "destruction.not_yours");
    o.officer().mark_for_archive(item, &asked(&[("why", "It is the hundredth")])).await.unwrap();
    assert_eq!(o.officer().destruction_list(list).await.unwrap().line.approvals, 0);
    let id = o.transfer(list).await;
    assert_eq!(rule(fetch(&o.officer(), id).await), "archive.gone");
    approve(&o, list).await;
    assert_eq!(rule(o.officer().mark_for_archive(item, &asked(&[])).await), "destruction.decided");
    work(&o.g.test).await;

    assert_eq!(o.stands(list).await, (ListState::Approved, vec![ItemState::Listed]));
    assert_eq!(o.state(id).await, TransferState::Made);
    assert!(o.g.kinds(&o.officer).await.contains(&"archive.ready"));
    assert_eq!(o.officer().retention().await.unwrap().transfers.len(), 1);
    assert_eq!(rule(o.propose().await), "destruction.none", "it is on a list already");
    let early = o.officer().archive_has_it(id, &receipt(&o, &"ab".repeat(32))).await;
    assert_eq!(rule(early), "archive.not_fetched");
    for who in [&o.g.case.manager, &o.g.case.coordinator, &o.g.case.social_worker] {
        assert_eq!(rule(fetch(&o.desk(who), id).await), "not found");
    }
    let tar = fetch(&o.officer(), id).await.unwrap();
    assert!(!o.g.kinds(&o.officer).await.contains(&"archive.ready"), "put away");
    let digest = hex::encode(Sha256::digest(&tar));

    let name = format!("kith-{}", id.reference());
    let files = payload(&tar, &name);
    let paths: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(paths.len(), 5, "{paths:?}");
    assert_eq!(paths[0], "about.txt");
    assert_eq!(paths[2..], ["volume-1.json", "volume-1.pdf", "volume.schema.json"]);
    assert_eq!(files[paths[1]], pdf(), "a document as it was added");
    let volume: Value = serde_json::from_slice(&files["volume-1.json"]).unwrap();
    let kinds: Vec<&str> = volume["parts"].as_array().unwrap().iter().map(|of| of["kind"].as_str().unwrap()).collect();
    for kind in ["facts", "referral", "call", "order", "risk", "plan", "session", "document", "staff", "looks"] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
    assert!(kinds.iter().all(|kind| PartKind::from_code(kind).is_some()));
    let said = volume.to_string();
    assert!(said.contains("Robin") && said.contains("Marsh") && said.contains(paths[1]), "nobody’s name is taken out");
    let paper = &files["volume-1.pdf"];
    // ISO 19005-2, 6.6.4: version and conformance level identification; ISO 14289-1, 5.
    for marker in
        ["<pdfaid:part>2</pdfaid:part>", "<pdfaid:conformance>A</pdfaid:conformance>", "<pdfuaid:part>1</pdfuaid:part>"]
    {
        assert!(contains(paper, marker), "{marker}");
    }
    let outside: String = untar(&tar).keys().cloned().collect::<Vec<_>>().join(" ")
        + &String::from_utf8_lossy(&untar(&tar)[&format!("{name}/bag-info.txt")]);
    assert!(outside.contains(&id.reference()) && !outside.contains("Robin") && !outside.contains("Marsh"), "{outside}");

    let other = o.officer().archive_has_it(id, &receipt(&o, &"ab".repeat(32))).await;
    assert_eq!(rule(other), "digest", "another digest is another bag, or one in which a byte was changed");
    work(&o.g.test).await;
    assert!(o.g.coordinator().file(child).await.is_ok(), "fetched is not received");
    assert_eq!(rule(o.manager().archive_has_it(id, &receipt(&o, &digest)).await), "forbidden");
    o.officer().archive_has_it(id, &receipt(&o, &digest)).await.unwrap();
    work(&o.g.test).await;

    assert_eq!(o.stands(list).await, (ListState::Done, vec![ItemState::Destroyed]));
    assert_eq!(rule(o.g.coordinator().file(child).await), "not found");
    assert_eq!(o.g.kept_files(), 0, "neither its documents nor its bag lie there");
    assert_eq!(rule(fetch(&o.officer(), id).await), "archive.gone");
    let view = o.officer().destruction_list(list).await.unwrap();
    let certificate = &view.certificates[0];
    let said = format!("{:?} {:?} {}", certificate.facts, certificate.words, certificate.json(&o.g.test.service));
    for words in ["Nenedale Archives", "NA/2096/17", "Local Government Act 1972 s224", digest.as_str(), "4 May 2096"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("Robin") && !said.contains("Marsh"), "{said}");
    let kept = o.officer().archive_transfer(id).await.unwrap();
    assert_eq!(kept.transfer.body.fetched.len(), 1, "what went to whom is read when the file is gone");
    o.g.test.service.sequence().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_seals_from_the_archive_is_in_no_part_of_the_bag() {
    let mut typed: Vec<(&str, &str)> = vec![("left_out_why", "It was promised to the foster carer")];
    typed.push(("left_out", "document"));
    let (o, list, _) = marked(&typed).await;
    let id = o.transfer(list).await;
    approve(&o, list).await;
    work(&o.g.test).await;
    let tar = fetch(&o.officer(), id).await.unwrap();
    let files = payload(&tar, &format!("kith-{}", id.reference()));
    assert!(files.keys().all(|path| !path.starts_with("documents/")), "{:?}", files.keys());
    let volume: Value = serde_json::from_slice(&files["volume-1.json"]).unwrap();
    assert!(volume["parts"].as_array().unwrap().iter().all(|part| part["kind"] != "document"));
    let about = String::from_utf8(files["about.txt"].clone()).unwrap();
    assert!(about.contains("Left out of it: document. Why: It was promised"), "{about}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_cut_short_is_run_again_and_makes_one_bag() {
    let (o, list, _) = marked(&[]).await;
    let id = o.transfer(list).await;
    approve(&o, list).await;
    let service = &o.g.test.service;
    let own = service.own_desk(Purpose::Archiving);
    // At every tenth step somebody pulls the plug, until it has come to its end.
    let mut cut = 0;
    for steps in (0..).step_by(10) {
        let jobs = service.store().lease(service.now_ms(), 1, 20).await.unwrap();
        let Some(job) = jobs.iter().find(|job| job.kind == super::MAKE) else { break };
        let mut making = Box::pin(own.make_bag(job));
        let mut done = false;
        for _ in 0..steps {
            if let std::task::Poll::Ready(made) = futures_util::poll!(&mut making) {
                made.unwrap();
                done = true;
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(making);
        // Until its lease has run out.
        o.g.test.clock.move_to(service.now_ms() + 10);
        if done || cut == 8 {
            break;
        }
        cut += 1;
        let state = o.state(id).await;
        assert!(matches!(state, TransferState::Making | TransferState::Made), "{state:?}");
    }
    assert!(cut > 0);
    work(&o.g.test).await;
    let view = o.officer().archive_transfer(id).await.unwrap();
    assert_eq!((view.transfer.state, view.transfer.body.made.len()), (TransferState::Made, 1));
    assert!(!payload(&fetch(&o.officer(), id).await.unwrap(), &format!("kith-{}", id.reference())).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_set_meanwhile_stops_the_bag_its_way_and_the_destruction() {
    // Handbook section 11: "a legal hold stops destruction, and its lifting never destroys by itself".
    let (o, list, _) = marked(&[]).await;
    let id = o.transfer(list).await;
    approve(&o, list).await;
    let hold = o.hold(&o.officer, HoldKind::File).await.unwrap();
    work(&o.g.test).await;
    assert_eq!(o.stands(list).await, (ListState::Done, vec![ItemState::Held]));
    let stopped = o.officer().archive_transfer(id).await.unwrap().transfer;
    assert_eq!((stopped.state, stopped.body.made.len()), (TransferState::Stopped, 0));

    o.officer().lift_hold(hold, &words("It was settled")).await.unwrap();
    let list = o.propose().await.unwrap();
    let item = o.officer().destruction_list(list).await.unwrap().items[0].item.id;
    o.officer().mark_for_archive(item, &asked(&[])).await.unwrap();
    approve(&o, list).await;
    work(&o.g.test).await;
    let id = o.transfer(list).await;
    let hold = o.hold(&o.officer, HoldKind::File).await.unwrap();
    assert_eq!(rule(fetch(&o.officer(), id).await), "archive.held");
    o.officer().lift_hold(hold, &words("It was settled")).await.unwrap();
    let digest = hex::encode(Sha256::digest(fetch(&o.officer(), id).await.unwrap()));
    let hold = o.hold(&o.officer, HoldKind::File).await.unwrap();
    // That the archive has it is true whatever stands against the end of the file.
    o.officer().archive_has_it(id, &receipt(&o, &digest)).await.unwrap();
    work(&o.g.test).await;
    assert_eq!(o.stands(list).await, (ListState::Done, vec![ItemState::Held]));
    assert_eq!(o.state(id).await, TransferState::Received);
    assert!(o.g.coordinator().file(o.g.case.child).await.is_ok());

    o.officer().lift_hold(hold, &words("It was settled")).await.unwrap();
    let list = o.approved().await;
    work(&o.g.test).await;
    assert_eq!(o.stands(list).await, (ListState::Done, vec![ItemState::Destroyed]));
    let view = o.officer().destruction_list(list).await.unwrap();
    assert!(format!("{:?}", view.certificates[0].facts).contains(&digest), "and its certificate says so");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bag_is_gone_after_its_days_and_can_be_made_again_or_the_transfer_stopped() {
    let (o, list, item) = marked(&[]).await;
    let id = o.transfer(list).await;
    approve(&o, list).await;
    work(&o.g.test).await;
    assert_eq!(o.g.kept_files(), 2, "the document and the bag");
    o.at(AFTER.checked_add(Span::new().days(o.g.test.service.register().archive_bag_days())).unwrap());
    assert_eq!(rule(fetch(&o.officer(), id).await), "archive.gone", "before the job came round");
    work(&o.g.test).await;
    assert_eq!(o.g.kept_files(), 1);
    let first = o.officer().archive_transfer(id).await.unwrap();
    assert!(!first.is_there && first.may_keep && first.transfer.state == TransferState::Made);
    o.officer().make_bag_again(id).await.unwrap();
    work(&o.g.test).await;
    fetch(&o.officer(), id).await.unwrap();
    // Nobody was destroyed by waiting, and whoever proposed can stop it.
    assert_eq!(rule(o.officer().take_off_list(item, &words("No")).await), "destruction.decided");
    assert_eq!(rule(o.manager().stop_archive(id, &words("No")).await), "forbidden");
    o.officer().stop_archive(id, &words("The archive does not want it")).await.unwrap();
    work(&o.g.test).await;
    assert_eq!(o.stands(list).await, (ListState::Done, vec![ItemState::TakenOff]));
    assert_eq!(o.g.kept_files(), 1);
    for refused in [o.officer().stop_archive(id, &words("No")).await, o.officer().make_bag_again(id).await] {
        assert_eq!(rule(refused), "archive.decided");
    }
    let list = o.propose().await.unwrap();
    let item = o.officer().destruction_list(list).await.unwrap().items[0].item.id;
    o.officer().mark_for_archive(item, &asked(&[])).await.unwrap();
    o.officer().unmark_for_archive(item, &words("In error")).await.unwrap();
    assert_eq!(rule(o.officer().unmark_for_archive(item, &words("In error")).await), "destruction.decided");
    approve(&o, list).await;
    work(&o.g.test).await;
    assert_eq!(o.stands(list).await, (ListState::Done, vec![ItemState::Destroyed]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bag_is_encrypted_for_the_archive_and_its_digest_is_of_what_they_open() {
    let identity = age::x25519::Identity::generate();
    let key = identity.to_public().to_string();
    let (o, list, item) = marked(&[("key", &key)]).await;
    assert_eq!(rule(o.officer().mark_for_archive(item, &asked(&[("key", "age1nonsense")])).await), "key");
    let id = o.transfer(list).await;
    approve(&o, list).await;
    work(&o.g.test).await;
    let sealed = fetch(&o.officer(), id).await.unwrap();
    assert!(sealed.starts_with(b"age-encryption.org/v1"));
    let tar = age::decrypt(&identity, &sealed).unwrap();
    assert!(!payload(&tar, &format!("kith-{}", id.reference())).is_empty());
    let of_sealed = hex::encode(Sha256::digest(&sealed));
    assert_eq!(rule(o.officer().archive_has_it(id, &receipt(&o, &of_sealed)).await), "digest");
    o.officer().archive_has_it(id, &receipt(&o, &hex::encode(Sha256::digest(&tar)))).await.unwrap();
    let body = o.officer().archive_transfer(id).await.unwrap().transfer.body;
    assert_eq!(body.fetched[0].key.as_deref(), Some(key.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bag_that_came_to_nothing_leaves_no_key_and_nothing_that_lies_there() {
    let (o, list, _) = marked(&[]).await;
    approve(&o, list).await;
    let service = &o.g.test.service;
    let own = service.own_desk(Purpose::Archiving);
    let jobs = service.store().lease(service.now_ms(), 3_600_000, 20).await.unwrap();
    let job = jobs.iter().find(|job| job.kind == super::MAKE).unwrap();
    // Laid down, and before it is kept a hold is set.
    let mut making = Box::pin(own.make_bag(job));
    while o.g.kept_files() < 2 {
        assert!(futures_util::poll!(&mut making).is_pending(), "it is not kept yet");
        tokio::task::yield_now().await;
    }
    o.hold(&o.officer, HoldKind::File).await.unwrap();
    making.await.unwrap();
    work(&o.g.test).await;
    assert_eq!(o.g.kept_files(), 1, "the document alone");
    let key = service.store().create_file_key(job.id).await;
    assert!(matches!(key, Err(StoreError::Destroyed)), "it was there, and it is gone");
}

/// The validator of the Library of Congress, and a validator of JSON Schema, where `./test` put them.
#[tokio::test(flavor = "multi_thread")]
async fn bagit_finds_the_bag_whole_and_a_changed_byte_in_it() {
    let Some(python) = std::env::var_os(PYTHON) else {
        eprintln!("{PYTHON} is not set: the bag is not shown to bagit");
        return;
    };
    let (o, list, _) = marked(&[]).await;
    let id = o.transfer(list).await;
    approve(&o, list).await;
    work(&o.g.test).await;
    let tar = fetch(&o.officer(), id).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    for (path, bytes) in untar(&tar) {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let bag = dir.path().join(format!("kith-{}", id.reference()));
    let validate = |bag: &Path| Command::new(&python).args(["-c", VALIDATE]).arg(bag).output().unwrap();
    let whole = validate(&bag);
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
    let volume = bag.join("data/volume-1.pdf");
    let mut bytes = std::fs::read(&volume).unwrap();
    bytes[1_000] ^= 1;
    std::fs::write(&volume, bytes).unwrap();
    let changed = validate(&bag);
    let said = String::from_utf8_lossy(&changed.stderr).into_owned();
    assert!(!changed.status.success() && said.contains("volume-1.pdf"), "{said}");
}
