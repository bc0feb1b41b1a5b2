//! Consents, agreements, demands and what went: put in and read on both engines.

use jiff::civil::date;
use kith_domain::access::Purpose;
use kith_domain::ids::{ConsentId, DemandId, DisclosureId, SharingAgreementId};
use kith_domain::sharing::{
    AgreementFacts, AgreementState, Authority, Basis, Consent, ConsentAnswer, ConsentFor, DemandState, DisclosureBody,
    Evidence, RecipientKind, SharingAgreement, StatutoryDemand,
};
use uuid::Uuid;

use super::cases::{Whole, whole};
use super::{NOW, coordinator};
use crate::{AgreementOfSharing, ConsentSaid, DemandByLaw, Disclosure, StoreError, Work, each_engine};

/// A paper of more than one part.
fn enclosed() -> Vec<u8> {
    (0..1024 * 1024 + 7_u32).map(|n| n.to_le_bytes()[0]).collect()
}

/// What is there of sharing: a consent, an agreement, a demand that was answered.
pub(crate) async fn insert_what_is_shared(work: &Work, ids: &Whole) {
    let on = date(2026, 11, 23);
    let said = Consent {
        person: None,
        what: ConsentFor::Sharing,
        recipient: Some(RecipientKind::School),
        items: Vec::new(),
        answer: ConsentAnswer::Given,
        said_by: "Ann Marsh".into(),
        authority: Authority::Parental,
        evidence: Evidence::Signed,
        document: None,
        on,
        note: None,
    };
    let id = ConsentId(Uuid::now_v7());
    let mut row = ConsentSaid { id, version: 0, child: ids.child, author: ids.worker, created_ms: NOW, body: said };
    work.add_consent(&mut row).await.unwrap();
    let facts = AgreementFacts {
        party: "Nene Cars".into(),
        kind: RecipientKind::Police,
        purposes: vec![Purpose::Assessment],
        items: vec!["child.given_name".into()],
        papers: Vec::new(),
        from: on,
        until: on,
        review_on: on,
        key: None,
        document: None,
        terms: None,
    };
    let id = SharingAgreementId(Uuid::now_v7());
    let mut agreement = AgreementOfSharing {
        id,
        version: 0,
        line: id,
        author: ids.worker,
        kind: RecipientKind::Police,
        state: AgreementState::Draft,
        created_ms: NOW,
        from_day: 20_780,
        until_day: 20_900,
        review_day: 20_850,
        body: SharingAgreement { facts, signatures: Vec::new(), reviews: Vec::new(), ended: None },
    };
    work.insert_sharing_agreement(&mut agreement).await.unwrap();
    let body = StatutoryDemand {
        kind: RecipientKind::Police,
        who: "A constable".into(),
        power: "Children Act 1989 s47(9)".into(),
        asks: "Where they live".into(),
        items: vec!["placement.address".into()],
        papers: Vec::new(),
        received: on,
        decided: None,
    };
    let (id, state) = (DemandId(Uuid::now_v7()), DemandState::Answered);
    let mut demand = DemandByLaw { id, version: 0, child: ids.child, author: ids.worker, state, created_ms: NOW, body };
    work.insert_demand(&mut demand).await.unwrap();
    let mut sent = Disclosure {
        id: DisclosureId(Uuid::now_v7()),
        version: 0,
        child: ids.child,
        author: ids.worker,
        agreement: Some(agreement.id),
        demand: Some(demand.id),
        kind: RecipientKind::Police,
        created_ms: NOW,
        recalled_ms: Some(NOW + 1),
        body: DisclosureBody {
            recipient: "A constable".into(),
            kind: RecipientKind::Police,
            purpose: Purpose::OfficialReporting,
            basis: Basis::Law,
            power: None,
            related: None,
            session: None,
            parts: Vec::new(),
            enclosed: Vec::new(),
            alone: false,
            reason: None,
            digest: String::new(),
            length: 4,
            seen: String::new(),
            deliveries: Vec::new(),
            recalled: None,
            told: Vec::new(),
        },
    };
    work.insert_disclosure(&mut sent, b"%PDF").await.unwrap();
    work.insert_enclosed(sent.id, ids.child, 1, &enclosed()).await.unwrap();
}

each_engine! {
    async fn what_went_is_found_by_file_and_by_recipient_and_its_paper_is_what_it_was(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let work = store.work(&coordinator()).await.unwrap();
        insert_what_is_shared(&work, &ids).await;
        work.commit("test.shared", NOW).await.unwrap();
        let look = store.look(&coordinator());
        let sent = look.disclosures_of(ids.child).await.unwrap();
        assert_eq!((sent.len(), look.count_disclosures_of(ids.child).await.unwrap()), (1, 1));
        assert_eq!(look.disclosure_paper(sent[0].id).await.unwrap(), b"%PDF");
        assert_eq!(look.enclosed_paper(sent[0].id, 1).await.unwrap(), enclosed(), "byte for byte, in two rows");
        assert!(matches!(look.enclosed_paper(sent[0].id, 2).await, Err(StoreError::NotFound)));
        assert_eq!(look.child_of_disclosure(sent[0].id).await.unwrap(), Some(ids.child));
        assert_eq!(look.child_of_disclosure(DisclosureId(Uuid::nil())).await.unwrap(), None);
        for (kind, many) in [(None, 1), (Some(RecipientKind::Police), 1), (Some(RecipientKind::School), 0)] {
            let (rows, total) = look.disclosures_to(kind, (10, 0)).await.unwrap();
            assert_eq!((rows.len(), total), (many, many as u64), "{kind:?}");
        }
        let agreement = sent[0].agreement.unwrap();
        assert!(look.is_used(agreement).await.unwrap());
        assert_eq!(look.sharing_agreements(false).await.unwrap().len(), 1);
        assert!(look.sharing_agreements(true).await.unwrap().is_empty());
        assert!(look.agreements_with(RecipientKind::Police).await.unwrap().is_empty(), "it is not signed");
        let consents = look.consents_of(ids.child).await.unwrap();
        assert_eq!(consents.len(), 1);
        assert_eq!(look.child_of_consent(consents[0].id).await.unwrap(), Some(ids.child));
        let demand = look.demands_of(ids.child).await.unwrap().remove(0);
        look.done("test.looked", NOW).await.unwrap();
        // Two who decide at once: the second is told.
        let decide = async || {
            let work = store.work(&coordinator()).await.unwrap();
            let mut row = demand.clone();
            row.state = DemandState::Refused;
            work.save_demand(&mut row).await?;
            work.commit("test.decided", NOW).await
        };
        decide().await.unwrap();
        assert!(matches!(decide().await, Err(StoreError::Conflict)));
        store.close().await.unwrap();
    }
}
