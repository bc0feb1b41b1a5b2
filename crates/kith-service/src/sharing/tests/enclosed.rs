//! Whole papers beside a disclosure: records, reports and documents, each as it is or not at all (handbook sections 10 and 13).

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use futures_util::stream;
use jiff::civil::{Date, date};
use kith_domain::access::{Purpose, Role};
use kith_domain::document::{DocumentFacts, DocumentKind};
use kith_domain::form::Fields;
use kith_domain::ids::{DemandId, DisclosureId, DocumentId, EntryId, PersonId, ReportId, SessionId, StatementId};
use kith_domain::notice::NoticeKind;
use kith_domain::record::Addendum;
use kith_domain::report::ReportFacts;
use kith_domain::session::{SessionBody, SessionState};
use kith_domain::sharing::{
    Enclosure, EnclosureKind, RecipientKind, ShareWith, StatutoryDemand, Stays, To, WeighedEnclosure,
};
use kith_files::samples::{pdf, pdf_of, png};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{code, to};
use crate::document::{NewDocument, Of};
use crate::hand_over::HandedWhat;
use crate::sharing::{For, PapersOf};
use crate::testing::{Colleague, Ground, PASSWORD, PLACEMENT_ADDRESS, TestService, observed, signature, words};
use crate::{Desk, ServiceError};

const REPORTING: Purpose = Purpose::OfficialReporting;
const DELIVERY: Purpose = Purpose::ServiceDelivery;
const THURSDAY: Date = date(2026, 11, 26);
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
const CHILDREN: To = To::Kind(RecipientKind::Children);

struct Place {
    test: TestService,
    ground: Ground,
    session: SessionId,
    _dir: tempfile::TempDir,
}

/// A child with one signed record, on the day after its session.
async fn place() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let ground = test.ground("").await.unwrap();
    let session = test.signed(&ground).await.unwrap();
    test.clock_to(THURSDAY, 800);
    Place { test, ground, session, _dir: dir }
}

impl Place {
    fn desk(&self, who: &Colleague, purpose: Purpose) -> Desk {
        self.test.desk(who, purpose)
    }

    fn coordinator(&self, purpose: Purpose) -> Desk {
        self.desk(&self.ground.coordinator, purpose)
    }

    async fn report(&self) -> ReportId {
        let facts = ReportFacts { from: date(2026, 11, 2), to: THURSDAY, statement: "I say so.".into() };
        let (desk, id) = (self.coordinator(REPORTING), ReportId(Uuid::now_v7()));
        desk.begin_report(self.ground.child, id, facts.clone()).await.unwrap();
        let version = desk.report(id).await.unwrap().report.version;
        desk.sign_report(id, version, &facts, PASSWORD).await.unwrap();
        id
    }

    async fn document(&self, kind: DocumentKind, bytes: &[u8]) -> DocumentId {
        let (desk, of) = (self.coordinator(DELIVERY), Of::Child(self.ground.child));
        let parts: Vec<Result<Bytes, ()>> = bytes.chunks(60_000).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
        let taken = desk.take_in(of, stream::iter(parts)).await.unwrap();
        let facts =
            DocumentFacts { kind, description: Some("About Amara".into()), about: None, name: "amara.pdf".into() };
        let id = DocumentId(Uuid::now_v7());
        desk.add_document(of, &NewDocument { id, facts, taken }).await.unwrap();
        id
    }

    async fn weighed(&self, ask: &ShareWith) -> Vec<WeighedEnclosure> {
        let desk = self.coordinator(ask.purpose);
        desk.weigh_disclosure(self.ground.child, ask).await.unwrap().enclosed
    }

    async fn stays(&self, ask: &ShareWith) -> Option<Stays> {
        self.weighed(ask).await.remove(0).stays
    }

    async fn sent(&self, ask: &ShareWith) -> Result<DisclosureId, ServiceError> {
        let desk = self.coordinator(ask.purpose);
        let seen = desk.weigh_disclosure(self.ground.child, ask).await?.seen;
        let id = DisclosureId(Uuid::now_v7());
        desk.disclose(id, self.ground.child, ask, &seen).await.map(|()| id)
    }

    async fn added(&self, text: &str) {
        let addendum = Addendum { about: None, reason: "A slip".into(), text: text.into() };
        let desk = self.desk(&self.ground.supervisor, DELIVERY);
        desk.add_addendum(self.session, EntryId(Uuid::now_v7()), &addendum).await.unwrap();
    }
}

fn with(to_whom: To, purpose: Purpose, enclosed: &[Enclosure]) -> ShareWith {
    ShareWith { enclosed: enclosed.to_vec(), alone: true, ..to(to_whom, purpose) }
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_and_a_report_go_to_the_department_and_the_paper_holds_the_digest_of_each() {
    // Handbook section 13: "Every disclosure is logged: what, to whom, why, on what basis, by whom, and a hash of what was sent."
    let place = place().await;
    let report = place.report().await;
    let papers = [Enclosure::Record(place.session), Enclosure::Report(report)];
    let offered =
        place.coordinator(DELIVERY).share_choices(place.ground.child, PapersOf::default(), &[]).await.unwrap();
    assert_eq!(offered.papers.iter().map(|(of, _)| of.kind()).collect::<Vec<_>>().len(), 2);
    let ask = with(CHILDREN, REPORTING, &papers);
    let id = place.sent(&ask).await.unwrap();
    let desk = place.coordinator(REPORTING);
    let view = desk.disclosure(id).await.unwrap();
    let body = &view.disclosure.body;
    assert!(body.parts.is_empty(), "they go alone");
    assert_eq!(body.went_enclosed().map(|of| of.number).collect::<Vec<_>>(), [1, 2]);
    let paper = desk.disclosure_paper(id).await.unwrap();
    assert_eq!(body.digest, hash(&paper));
    let text = lopdf::Document::load_mem(&paper).unwrap();
    let pages: Vec<u32> = text.get_pages().into_keys().collect();
    let said = text.extract_text(&pages).unwrap();
    // Long words are broken over lines.
    let said: String = said.chars().filter(char::is_ascii_alphanumeric).collect();
    for of in body.went_enclosed() {
        let (name, bytes) = desk.disclosure_enclosed(id, of.number).await.unwrap();
        assert!(bytes.starts_with(b"%PDF-") && !name.to_lowercase().contains("amara"), "{name}");
        assert_eq!(of.digest, hash(&bytes), "byte for byte");
        assert!(said.contains(&of.digest), "the paper holds the digest of {}", of.label);
    }
    // For another purpose nothing of it leaves, and what is no paper of it is not there.
    assert!(place.coordinator(DELIVERY).disclosure_enclosed(id, 1).await.is_err());
    assert!(matches!(desk.disclosure_enclosed(id, 3).await, Err(ServiceError::NotFound)));
    // The data protection officer reads which, and no name.
    let officer = place.test.colleague(Role::DataProtection, "", "dpo").await.unwrap();
    let log = place.desk(&officer, Purpose::Accountability).sharing_log(None, 1).await.unwrap();
    let labels: Vec<&str> = log.rows[0].body.went_enclosed().map(|of| of.label.as_str()).collect();
    assert_eq!(
        labels,
        ["Record of the session on 26 November 2026", "Report for court, 2 November 2026 to 26 November 2026"]
    );
    // As one file for a key, and each with the password for a reader of PDFs.
    let identity = age::x25519::Identity::generate();
    let file = desk.encrypted_disclosure(id, &For::Key(identity.to_public().to_string())).await.unwrap();
    let zip = age::decrypt(&identity, &file).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    let mut given = Vec::new();
    std::io::Read::read_to_end(&mut zip.by_index(0).unwrap(), &mut given).unwrap();
    assert!(zip.len() > 1 && given == paper);
    let file = desk.encrypted_disclosure(id, &For::Pdf("seven quiet boats at noon".into())).await.unwrap();
    assert!(file.starts_with(b"PK\x03\x04") && !file.windows(5).any(|there| there == b"Amara"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_goes_only_if_recipient_purpose_agreement_and_signature_allow_it() {
    let place = place().await;
    let (record, report) = (Enclosure::Record(place.session), Enclosure::Report(place.report().await));
    // "Each recipient gets its package and no field more".
    assert_eq!(place.stays(&with(To::Kind(RecipientKind::Learning), DELIVERY, &[record])).await, Some(Stays::NotGiven));
    assert_eq!(
        code(&place.sent(&with(To::Kind(RecipientKind::Learning), DELIVERY, &[record])).await),
        "sharing.nothing_goes"
    );
    assert_eq!(place.stays(&with(CHILDREN, DELIVERY, &[record])).await, None);
    // A report is for court, and a record is not read to assess.
    assert_eq!(place.stays(&with(CHILDREN, DELIVERY, &[report])).await, Some(Stays::NotForPurpose));
    assert_eq!(place.stays(&with(CHILDREN, Purpose::Assessment, &[record])).await, Some(Stays::NotForPurpose));
    // What is not theirs, or not there.
    let other = place.test.brother(&place.ground, "north").await.unwrap();
    let of_other = with(CHILDREN, DELIVERY, &[Enclosure::Record(SessionId(Uuid::now_v7()))]);
    assert_eq!(place.stays(&of_other).await, Some(Stays::Gone));
    let desk = place.coordinator(DELIVERY);
    let ask = with(CHILDREN, DELIVERY, &[record]);
    let weighed = desk.weigh_disclosure(other.child, &ask).await.unwrap();
    assert_eq!(weighed.enclosed[0].stays, Some(Stays::Gone), "a record of another child");
    // Not signed: it is its supervisor's alone.
    let unsigned = place
        .test
        .stands(&place.ground, date(2026, 11, 19), SessionState::Completed, SessionBody::default())
        .await
        .unwrap();
    assert_eq!(place.stays(&with(CHILDREN, DELIVERY, &[Enclosure::Record(unsigned)])).await, Some(Stays::NotSigned));
    // A document that was taken off, also between choosing and sending.
    let document = place.document(DocumentKind::Letter, &pdf()).await;
    let ask = with(CHILDREN, DELIVERY, &[Enclosure::Document(document)]);
    let ask = ShareWith { reason: Some("I have read it".into()), ..ask };
    let seen = desk.weigh_disclosure(place.ground.child, &ask).await.unwrap().seen;
    desk.take_off_document(document, "The wrong child’s").await.unwrap();
    let late = desk.disclose(DisclosureId(Uuid::now_v7()), place.ground.child, &ask, &seen).await;
    assert_eq!(code(&late), "sharing.nothing_goes");
    assert_eq!(place.stays(&ask).await, Some(Stays::Gone));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_added_before_it_went_stops_it_and_after_it_went_is_told() {
    // UK GDPR Art 19: each recipient is told of a rectification.
    let place = place().await;
    let desk = place.coordinator(DELIVERY);
    let ask = with(CHILDREN, DELIVERY, &[Enclosure::Record(place.session)]);
    let seen = desk.weigh_disclosure(place.ground.child, &ask).await.unwrap().seen;
    place.added("It was her aunt.").await;
    let late = desk.disclose(DisclosureId(Uuid::now_v7()), place.ground.child, &ask, &seen).await;
    assert_eq!(code(&late), "sharing.changed");
    place.test.clock_to(THURSDAY, 810);
    let id = place.sent(&ask).await.expect("as it stands now");
    let early = desk.make_collect(id).await.unwrap();
    place.test.service.open_hand_over(early.id, &early.code, HOME).await.expect("nothing was added yet");
    let way = desk.make_collect(id).await.unwrap();
    place.test.clock_to(THURSDAY, 820);
    place.added("It was in the garden.").await;
    let view = desk.disclosure(id).await.unwrap();
    assert_eq!(view.wrong.len(), 1);
    assert_eq!(view.wrong[0].label, "Record of the session on 26 November 2026");
    assert!(desk.notices().await.unwrap().iter().any(|of| of.kind == NoticeKind::DisclosureWrong));
    assert_eq!(desk.file_sharing(place.ground.child, 1).await.unwrap().to_tell.len(), 1);
    let opened = place.test.service.open_hand_over(way.id, &way.code, HOME).await;
    assert!(opened.is_err(), "what it says now is not what was weighed");
    let mut typed: Fields = [("how", "By phone")].into_iter().collect();
    typed.set_date("on", THURSDAY);
    desk.told_wrong(id, view.wrong[0].statement, &typed).await.unwrap();
    assert!(desk.file_sharing(place.ground.child, 1).await.unwrap().to_tell.is_empty());
    // A later report about the same days stands in the place of one that went.
    let report = place.report().await;
    place.test.clock_to(THURSDAY, 830);
    let id = place.sent(&with(CHILDREN, REPORTING, &[Enclosure::Report(report)])).await.unwrap();
    place.test.clock_to(THURSDAY, 840);
    let later = place.report().await;
    let wrong = desk.disclosure(id).await.unwrap().wrong;
    assert_eq!(wrong.iter().map(|of| of.statement).collect::<Vec<_>>(), [StatementId(later.0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_names_the_address_is_kept_from_who_must_not_know_it() {
    // Handbook section 2: the family must not see "the placement address if it is confidential".
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let ground = test.ground("").await.unwrap();
    let session = test.ended(&ground).await.unwrap();
    let supervisor = test.desk(&ground.supervisor, DELIVERY);
    let street = PLACEMENT_ADDRESS.split(',').next().unwrap();
    supervisor.write_entry(session, observed(&format!("She was taken back to {street}."))).await.unwrap();
    supervisor.sign_record(session, &signature()).await.unwrap();
    let place = Place { test, ground, session, _dir: dir };
    let record = Enclosure::Record(session);
    let to_a_relative = ShareWith { related: Some(place.ground.mother), ..with(CHILDREN, DELIVERY, &[record]) };
    let weighed = place.weighed(&to_a_relative).await.remove(0);
    assert_eq!((weighed.stays, weighed.because_of), (Some(Stays::Confidential), vec!["Placement address"]));
    // The department has the address in its package, the legal service has not.
    assert_eq!(place.stays(&with(CHILDREN, DELIVERY, &[record])).await, None);
    let legal = with(To::Kind(RecipientKind::Legal), REPORTING, &[record]);
    assert_eq!(place.stays(&legal).await, Some(Stays::NotGiven));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_looked_through_by_a_person_and_kept_from_whom_it_is_confidential() {
    let place = place().await;
    let desk = place.coordinator(DELIVERY);
    let document = place.document(DocumentKind::Letter, &pdf()).await;
    let ask = with(CHILDREN, DELIVERY, &[Enclosure::Document(document)]);
    // The address is confidential in this file, and nothing reads a document but people.
    assert_eq!(code(&place.sent(&ask).await), "sharing.reason");
    let ask = ShareWith { reason: Some("It names no address".into()), ..ask };
    let id = place.sent(&ask).await.unwrap();
    let body = desk.disclosure(id).await.unwrap().disclosure.body;
    assert_eq!(body.reason.as_deref(), Some("It names no address"));
    assert_eq!(desk.disclosure_enclosed(id, 1).await.unwrap().1, pdf());
    let way = desk.make_collect(id).await.unwrap();
    let kept = place.test.service.open_hand_over(way.id, &way.code, HOME).await.expect("nothing was changed");
    let handed = place.test.service.handed(way.id, &kept).await.unwrap();
    assert!(matches!(handed.what, HandedWhat::Disclosure(_, beside) if beside.len() == 1));
    assert_eq!(place.test.service.handed_enclosed(way.id, &kept, 1).await.unwrap().1, pdf());
    // Marked afterwards: it goes to nobody of the family.
    let nobody = desk.keep_document_from(document, &[PersonId(Uuid::now_v7())]).await;
    assert!(matches!(nobody, Err(ServiceError::Invalid(_))));
    desk.keep_document_from(document, &[place.ground.mother]).await.unwrap();
    assert_eq!(code(&desk.make_collect(id).await), "sharing.changed");
    let related = ShareWith { related: Some(place.ground.mother), ..ask.clone() };
    assert_eq!(place.stays(&related).await, Some(Stays::Confidential));
    assert_eq!(place.stays(&ask).await, None);
    // A picture has no password; what lies there and is not what was laid down goes nowhere.
    let picture = place.document(DocumentKind::Photograph, &png()).await;
    let both = ShareWith { enclosed: vec![Enclosure::Document(picture)], ..ask };
    let id = place.sent(&both).await.unwrap();
    let refused = desk.encrypted_disclosure(id, &For::Pdf("seven quiet boats at noon".into())).await;
    assert!(matches!(refused, Err(ServiceError::Invalid(problems)) if problems[0].field == "how"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_goes_at_once_than_the_limit_says() {
    let place = place().await;
    let (one, two) = (pdf_of(13 * 1024 * 1024), pdf_of(13 * 1024 * 1024 + 1));
    let papers = [
        Enclosure::Document(place.document(DocumentKind::Other, &one).await),
        Enclosure::Document(place.document(DocumentKind::Other, &two).await),
    ];
    let reason = Some("Looked through".to_owned());
    let ask = ShareWith { reason: reason.clone(), ..with(CHILDREN, DELIVERY, &papers) };
    let refused = place.sent(&ask).await;
    assert_eq!(code(&refused), "sharing.too_much");
    assert!(refused.unwrap_err().to_string().contains("25 MB"), "the limit is said");
    let ask = ShareWith { reason, ..with(CHILDREN, DELIVERY, &papers[..1]) };
    let id = place.sent(&ask).await.expect("one of them");
    assert_eq!(place.coordinator(DELIVERY).disclosure_enclosed(id, 1).await.unwrap().1, one);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demand_names_the_kinds_of_papers_and_a_destroyed_file_has_none() {
    let place = place().await;
    let child = place.ground.child;
    let desk = place.coordinator(REPORTING);
    let demand = StatutoryDemand {
        kind: RecipientKind::Court,
        who: "Family Court at Nenebridge".into(),
        power: "Family Procedure Rules 2010 r 21.2".into(),
        asks: "The records of November".into(),
        items: Vec::new(),
        papers: vec![EnclosureKind::Record],
        received: THURSDAY,
        decided: None,
    };
    let id = DemandId(Uuid::now_v7());
    desk.enter_demand(child, id, &demand).await.unwrap();
    let report = place.report().await;
    let ask = with(To::Demand(id), REPORTING, &[Enclosure::Record(place.session), Enclosure::Report(report)]);
    assert_eq!(code(&place.sent(&ask).await), "sharing.demand_not_approved");
    let manager = place.test.colleague(Role::Manager, "north", "lead").await.unwrap();
    place.desk(&manager, REPORTING).decide_demand(id, true, &words("The court orders it")).await.unwrap();
    let weighed = place.weighed(&ask).await;
    assert_eq!(weighed.iter().map(|of| of.stays).collect::<Vec<_>>(), [None, Some(Stays::NotGiven)]);
    let sent = place.sent(&ask).await.expect("the record alone");
    assert_eq!(desk.disclosure(sent).await.unwrap().disclosure.body.went_enclosed().count(), 1);
    let way = desk.make_collect(sent).await.unwrap();
    place.test.destroyed(child).await.unwrap();
    assert!(place.test.service.open_hand_over(way.id, &way.code, HOME).await.is_err());
    assert!(desk.disclosure_enclosed(sent, 1).await.is_err());
}
