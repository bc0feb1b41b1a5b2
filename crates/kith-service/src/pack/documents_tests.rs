//! Documents of a pack: somebody looks through each, and it goes along as it is or stays (UK GDPR Art 15(3): "a copy of the personal
//! data undergoing processing").

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use kith_domain::access::Purpose;
use kith_domain::document::DocumentFacts;
use kith_domain::ids::{DocumentId, RequestId};
use kith_domain::pack::{PackState, PartKind};
use kith_domain::rights::HeldSubject;
use kith_files::samples::{pdf_of, png};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::set::PackedDocument;
use super::tests::{begun, decide_all, officer, robin, typed, worked};
use crate::document::{NewDocument, Of};
use crate::hand_over::HandedWhat;
use crate::testing::{AcceptedChild, TestService};
use crate::{Desk, ServiceError};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

async fn added(test: &TestService, case: &AcceptedChild, name: &str, bytes: Vec<u8>) -> DocumentId {
    let desk = test.desk(&case.coordinator, Purpose::ServiceDelivery);
    let of = Of::Child(case.child);
    let taken = desk.take_in(of, stream::iter([Ok::<_, ()>(Bytes::from(bytes))])).await.unwrap();
    let id = DocumentId(Uuid::now_v7());
    let facts = DocumentFacts { name: name.to_owned(), ..DocumentFacts::sealed_order(name) };
    desk.add_document(of, &NewDocument { id, facts, taken }).await.unwrap();
    id
}

async fn read(mut document: PackedDocument) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(piece) = document.content.next().await {
        whole.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(whole.len() as u64, document.length);
    whole
}

/// The numbers of the parts that are about documents.
async fn numbers(officer: &Desk, id: RequestId) -> Vec<i64> {
    let mut numbers = Vec::new();
    for number in 1.. {
        let Ok(part) = officer.pack_part(id, number).await else { break };
        if part.part.kind == PartKind::Document {
            numbers.push(number);
        }
    }
    numbers
}

async fn decide(officer: &Desk, id: RequestId, number: i64, enclosed: &str) -> Result<(), ServiceError> {
    let version = officer.pack_part(id, number).await?.part.version.to_string();
    let form = typed(&[("do", "enclose"), ("version", &version), ("enclosed", enclosed)]);
    officer.change_pack_part(id, number, &form).await
}

async fn prepare(officer: &Desk, id: RequestId) -> Result<(), ServiceError> {
    officer.take_request_step(id, &typed(&[("kind", "prepared"), ("words", "Here it is")])).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_goes_along_once_somebody_decided_that_it_does() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = robin(&test).await;
    let (officer, second) = (officer(&test, "officer").await, officer(&test, "second").await);
    let whole = pdf_of(150_000);
    added(&test, &case, "Anns letter.pdf", whole.clone()).await;
    added(&test, &case, "drawing.png", png()).await;
    let (id, _) = begun(&test, &officer, "self", vec![HeldSubject { file: case.child, person: None }]).await;
    let [letter, drawing] = numbers(&officer, id).await[..] else { panic!("two documents") };
    decide_all(&officer, id, "keep").await;
    // Nothing leaves because it was not looked at.
    let refused = prepare(&officer, id).await.unwrap_err();
    assert!(matches!(refused, ServiceError::Refused(ref of) if of.code == "pack.undecided"), "{refused:?}");
    assert_eq!(officer.pack(id, true, 1).await.unwrap().undecided, 2);
    assert_eq!(read(officer.pack_document(id, letter).await.unwrap()).await, whole);
    assert!(
        matches!(decide(&officer, id, letter, "perhaps").await, Err(ServiceError::Invalid(of)) if of[0].field == "enclosed")
    );
    let sessions = officer.pack_part(id, 1).await.unwrap().part;
    assert_ne!(sessions.kind, PartKind::Document);
    assert!(decide(&officer, id, 1, "whole").await.is_err(), "there is no document");
    decide(&officer, id, letter, "whole").await.unwrap();
    decide(&officer, id, drawing, "another").await.unwrap();
    prepare(&officer, id).await.unwrap();
    worked(&test).await;

    let pack = second.pack(id, false, 1).await.unwrap().pack.unwrap();
    assert_eq!(pack.state, PackState::Ready);
    let [enclosed] = &pack.body.documents[..] else { panic!("one goes along") };
    assert_eq!((enclosed.part, enclosed.length), (letter, whole.len() as u64));
    assert_eq!(enclosed.name, format!("document-{letter}.pdf"), "a name that says nothing of anybody");
    assert_eq!(enclosed.digest, hex::encode(Sha256::digest(&whole)));
    let data = second.pack_data(id).await.unwrap();
    let parts = data["parts"].as_array().unwrap();
    let part = |number: i64| parts.iter().find(|part| part["number"] == number).unwrap();
    assert_eq!(part(letter)["document"]["sha256"], enclosed.digest);
    assert!(part(drawing)["document"].is_null());
    assert!(part(letter)["lines"].to_string().contains(&format!("Enclosed as {}", enclosed.name)));
    let schedule = second.pack_schedule(id).await.unwrap();
    let kept: Vec<_> =
        schedule.lines.iter().filter(|line| line.removal.words.contains("The document itself")).collect();
    assert!(matches!(kept[..], [line] if line.part.0 == drawing && line.by != "Nobody yet"));

    second.take_request_step(id, &typed(&[("kind", "released"), ("words", "Sent")])).await.unwrap();
    let new = officer.make_hand_over(id).await.unwrap();
    let service = &test.service;
    assert!(matches!(service.handed_document(new.id, "", letter).await, Err(ServiceError::NotFound)));
    let kept = service.open_hand_over(new.id, &new.code, HOME).await.unwrap();
    let handed = service.handed(new.id, &kept).await.unwrap();
    assert!(matches!(handed.what, HandedWhat::Pack(_, documents) if documents.len() == 1));
    assert_eq!(read(service.handed_document(new.id, &kept, letter).await.unwrap()).await, whole);
    for other in [drawing, 1, 0, 9_999] {
        let refused = service.handed_document(new.id, &kept, other).await;
        assert!(matches!(refused, Err(ServiceError::NotFound)), "{other} does not go along");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_was_taken_off_meanwhile_does_not_go_along_and_the_pack_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = robin(&test).await;
    let officer = officer(&test, "officer").await;
    let document = added(&test, &case, "letter.pdf", pdf_of(2_000)).await;
    let (id, _) = begun(&test, &officer, "self", vec![HeldSubject { file: case.child, person: None }]).await;
    decide_all(&officer, id, "keep").await;
    let number = numbers(&officer, id).await[0];
    decide(&officer, id, number, "whole").await.unwrap();
    let coordinator = test.desk(&case.coordinator, Purpose::ServiceDelivery);
    coordinator.take_off_document(document, "Of another family").await.unwrap();
    assert!(matches!(officer.pack_document(id, number).await, Err(ServiceError::Store(_) | ServiceError::NotFound)));
    prepare(&officer, id).await.unwrap();
    worked(&test).await;
    let pack = officer.pack(id, false, 1).await.unwrap().pack.unwrap();
    assert!(pack.state == PackState::Ready && pack.body.documents.is_empty());
    let data = officer.pack_data(id).await.unwrap().to_string();
    assert!(data.contains("It was taken off and is not held any more") && !data.contains("Enclosed as"), "{data}");
}
