//! Documents on orders, files and referrals: who may, what is kept, what is not (handbook section 4; OWASP ASVS 5.0, 5.2 and 5.4).

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::document::{DocumentFacts, DocumentKind};
use kith_domain::ids::{DocumentId, OrderId};
use kith_domain::order::OrderFacts;
use kith_files::samples::{pdf, pdf_of, png, program};
use kith_store::StoreError;
use uuid::Uuid;

use super::{NewDocument, Of};
use crate::order::AddOrder;
use crate::testing::CaseInHand;
use crate::{Desk, ServiceError};

fn facts() -> DocumentFacts {
    DocumentFacts {
        kind: DocumentKind::CarePlan,
        description: Some("Plan of May".into()),
        about: None,
        name: "plan.pdf".into(),
    }
}

async fn take(desk: &Desk, of: Of, bytes: &[u8]) -> Result<NewDocument, ServiceError> {
    let parts: Vec<Result<Bytes, ()>> = bytes.chunks(60_000).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
    let taken = desk.take_in(of, stream::iter(parts)).await?;
    Ok(NewDocument { id: DocumentId(Uuid::now_v7()), facts: facts(), taken })
}

async fn read(desk: &Desk, id: DocumentId) -> Result<Vec<u8>, ServiceError> {
    let (_, content) = desk.document_content(id).await?;
    let mut content = Box::pin(content);
    let mut whole = Vec::new();
    while let Some(piece) = content.next().await {
        whole.extend_from_slice(&piece?);
    }
    Ok(whole)
}

fn order(g: &CaseInHand, id: OrderId) -> AddOrder {
    let facts = OrderFacts {
        court: "Family Court at Eddington".into(),
        case_number: "ED26C00417".into(),
        made_on: date(2026, 11, 23),
        ends_on: None,
        forbids: None,
        words: None,
    };
    AddOrder { id, children: vec![g.case.child], facts }
}

#[tokio::test]
async fn a_document_of_the_file_is_read_by_whoever_reads_the_file_and_by_nobody_else() {
    let g = CaseInHand::open("d", Purpose::ServiceDelivery).await;
    let (desk, of) = (g.coordinator(), Of::Child(g.case.child));
    let new = take(&desk, of, &pdf_of(200_000)).await.unwrap();
    desk.add_document(of, &new).await.unwrap();
    desk.add_document(of, &new).await.unwrap();
    let worker = g.desk(&g.case.social_worker);
    assert_eq!(worker.documents(of).await.unwrap().documents.len(), 1, "sent twice it is one");
    assert_eq!(read(&worker, new.id).await.unwrap(), pdf_of(200_000));
    let south = g.test.colleague(Role::Coordinator, "south", "south-d").await.unwrap();
    let supervisor = g.test.colleague(Role::Supervisor, "north", "sup-d").await.unwrap();
    for stranger in [&south, &supervisor] {
        let stranger = g.desk(stranger);
        assert!(matches!(stranger.documents(of).await, Err(ServiceError::NotFound)));
        assert!(matches!(stranger.document(new.id).await, Err(ServiceError::NotFound)));
        assert!(matches!(read(&stranger, new.id).await, Err(ServiceError::NotFound)));
        assert!(matches!(take(&stranger, of, &pdf()).await, Err(ServiceError::NotFound)));
    }
    assert!(matches!(desk.document(DocumentId(Uuid::now_v7())).await, Err(ServiceError::NotFound)));
}

#[tokio::test]
async fn the_sealed_order_is_written_down_with_the_order_or_not_at_all() {
    let g = CaseInHand::open("d", Purpose::ServiceDelivery).await;
    let desk = g.coordinator();
    let id = OrderId(Uuid::now_v7());
    let new = take(&desk, Of::Child(g.case.child), &pdf()).await.unwrap();
    let command = order(&g, id);
    desk.add_order(&command, Some(&new)).await.unwrap();
    desk.add_order(&command, Some(&take(&desk, Of::Child(g.case.child), &pdf()).await.unwrap())).await.unwrap();
    let view = desk.order(id).await.unwrap();
    assert_eq!(view.documents.len(), 1, "sent twice it is one order with one document");
    assert_eq!(view.documents[0].order, Some(id));
    // Afterwards too, by who may write the order, and by nobody who only reads it.
    let more = take(&desk, Of::Order(id), &png()).await.unwrap();
    desk.add_document(Of::Order(id), &more).await.unwrap();
    assert_eq!(desk.documents(Of::Order(id)).await.unwrap().documents.len(), 2);
    assert_eq!(desk.documents(Of::Child(g.case.child)).await.unwrap().documents.len(), 2, "it is in the child's file");
    let worker = g.desk(&g.case.social_worker);
    assert!(!worker.documents(Of::Order(id)).await.unwrap().may_add);
    assert!(matches!(take(&worker, Of::Order(id), &png()).await, Err(ServiceError::NotFound)));
    // An order that is refused keeps nothing of its document.
    let mut nobody = order(&g, OrderId(Uuid::now_v7()));
    nobody.children.clear();
    let lost = take(&desk, Of::Child(g.case.child), &pdf()).await.unwrap();
    assert!(desk.add_order(&nobody, Some(&lost)).await.is_err());
    assert_eq!(g.kept_files(), 2, "what belongs to nothing was let go");
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_said_beside_its_field_and_nothing_is_kept() {
    let g = CaseInHand::open("d", Purpose::ServiceDelivery).await;
    let (desk, of) = (g.coordinator(), Of::Child(g.case.child));
    let Err(ServiceError::Invalid(problems)) = take(&desk, of, &program()).await else { panic!("a program was taken") };
    assert_eq!(problems[0].field, "file");
    assert!(problems[0].message.contains("program"), "{}", problems[0].message);
    g.test.disk_is_full(true);
    let full = take(&desk, of, &pdf()).await.map(drop);
    assert!(matches!(full, Err(ServiceError::Store(StoreError::Full))), "{full:?}");
    g.test.disk_is_full(false);
    assert_eq!(g.kept_files(), 0);
}

#[tokio::test]
async fn a_destroyed_file_takes_its_documents_along() {
    let g = CaseInHand::open("d", Purpose::ServiceDelivery).await;
    let (desk, of) = (g.coordinator(), Of::Child(g.case.child));
    let new = take(&desk, of, &pdf()).await.unwrap();
    desk.add_document(of, &new).await.unwrap();
    assert_eq!(g.kept_files(), 1);
    g.test.destroyed(g.case.child).await.unwrap();
    let gone = read(&desk, new.id).await.map(drop);
    assert!(matches!(gone, Err(ServiceError::NotFound)), "{gone:?}");
    assert_eq!(g.kept_files(), 0, "nothing of it lies there");
}

#[tokio::test]
async fn a_document_that_was_added_in_error_is_taken_off_and_says_why() {
    let g = CaseInHand::open("d", Purpose::ServiceDelivery).await;
    let (desk, of) = (g.coordinator(), Of::Child(g.case.child));
    let new = take(&desk, of, &pdf()).await.unwrap();
    desk.add_document(of, &new).await.unwrap();
    let unsaid = desk.take_off_document(new.id, " ").await;
    assert!(matches!(unsaid, Err(ServiceError::Invalid(_))), "{unsaid:?}");
    let south = g.test.colleague(Role::Coordinator, "south", "south-d").await.unwrap();
    assert!(matches!(g.desk(&south).take_off_document(new.id, "Mine").await, Err(ServiceError::NotFound)));
    desk.take_off_document(new.id, "Another child’s").await.unwrap();
    desk.take_off_document(new.id, "Another child’s").await.unwrap();
    let (document, may) = desk.document(new.id).await.unwrap();
    assert_eq!(document.body.taken_off.map(|off| off.why).as_deref(), Some("Another child’s"));
    assert!(!may);
    assert!(matches!(read(&desk, new.id).await, Err(ServiceError::NotFound)));
    assert_eq!(g.kept_files(), 0, "nothing of it lies there");
    // Who only reads the order takes nothing off it.
    let id = OrderId(Uuid::now_v7());
    let sealed = take(&desk, of, &pdf()).await.unwrap();
    desk.add_order(&order(&g, id), Some(&sealed)).await.unwrap();
    let worker = g.desk(&g.case.social_worker);
    assert!(!worker.document(sealed.id).await.unwrap().1);
    assert!(matches!(worker.take_off_document(sealed.id, "x").await, Err(ServiceError::NotFound)));
}
