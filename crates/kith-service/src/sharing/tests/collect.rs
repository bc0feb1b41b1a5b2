//! What is taken with an address and a code, and a PDF with a password.

use std::net::{IpAddr, Ipv4Addr};

use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar::instant_ms;
use kith_domain::catalogue::by_key;
use kith_domain::fact::{Doubt, RaiseDoubt};
use kith_domain::ids::{DemandId, DisclosureId, HandOverId, StatementId};
use kith_domain::notice::NoticeKind;
use kith_domain::sharing::{DeliveryWay, RecipientKind, ShareWith, StatutoryDemand, To};
use lopdf::{Document, LoadOptions};
use uuid::Uuid;

use super::{TODAY, code, house, to};
use crate::audit::LogQuery;
use crate::fact::Whose;
use crate::hand_over::{HandedWhat, NewHandOver};
use crate::sharing::For;
use crate::testing::words;
use crate::{Desk, Service, ServiceError};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
const DELIVERY: Purpose = Purpose::ServiceDelivery;

fn learning() -> ShareWith {
    to(To::Kind(RecipientKind::Learning), DELIVERY)
}

async fn opened(service: &Service, way: &NewHandOver) -> Option<String> {
    match service.open_hand_over(way.id, &way.code, HOME).await {
        Ok(kept) => Some(kept),
        Err(ServiceError::Invalid(problems)) => {
            assert_eq!(problems[0].field, "code");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

async fn ways_it_went(desk: &Desk, id: DisclosureId) -> Vec<DeliveryWay> {
    desk.disclosure(id).await.unwrap().disclosure.body.deliveries.iter().map(|of| of.way).collect()
}

/// Whether somebody was told such a thing.
async fn told(desk: &Desk, kind: NoticeKind) -> bool {
    desk.notices().await.unwrap().iter().any(|of| of.kind == kind)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recipient_takes_it_once_with_the_code_and_only_then_was_it_given() {
    // Handbook section 13, delivery: "a portal link with a one-time code".
    let house = house().await;
    let service = &house.test.service;
    let desk = house.desk(&house.case.coordinator, DELIVERY);
    let id = house.sent(&desk, &learning()).await.unwrap();
    let first = desk.make_collect(id).await.unwrap();
    let way = desk.make_collect(id).await.unwrap();
    assert_eq!(opened(service, &first).await, None, "another was made in its place");
    assert!(service.open_hand_over(way.id, "0000-0000-0000", HOME).await.is_err());
    assert!(ways_it_went(&desk, id).await.is_empty(), "nobody has taken it");
    let kept = opened(service, &way).await.expect("the right code");
    assert_eq!(opened(service, &way).await, None, "once");
    assert_eq!(ways_it_went(&desk, id).await, [DeliveryWay::Link]);
    let handed = service.handed(way.id, &kept).await.unwrap();
    let paper = desk.disclosure_paper(id).await.unwrap();
    assert!(matches!(handed.what, HandedWhat::Disclosure(length, _) if length == paper.len() as u64));
    assert_eq!(service.handed_paper(way.id, &kept).await.unwrap(), paper, "byte for byte");
    assert!(service.handed_volume(way.id, &kept, 1).await.is_err(), "it is no pack");
    let other = kept.replace('.', ".0");
    assert!(matches!(service.handed_paper(way.id, &other).await, Err(ServiceError::NotFound)), "another browser");
    house.test.clock.move_to(instant_ms(date(2026, 11, 26), 600));
    assert!(matches!(service.handed_paper(way.id, &kept).await, Err(ServiceError::NotFound)), "a day later");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_back_or_restricted_meanwhile_is_given_to_nobody() {
    let house = house().await;
    let service = &house.test.service;
    let desk = house.desk(&house.case.coordinator, DELIVERY);
    let id = house.sent(&desk, &learning()).await.unwrap();
    let (way, taken) = (desk.make_collect(id).await.unwrap(), house.sent(&desk, &learning()).await.unwrap());
    let open = desk.make_collect(taken).await.unwrap();
    let kept = opened(service, &open).await.unwrap();
    desk.recall_disclosure(taken, &words("The wrong office")).await.unwrap();
    assert!(service.handed_paper(open.id, &kept).await.is_err(), "what was opened and asked back cannot be taken");
    assert_eq!(code(&desk.make_collect(taken).await), "disclosure.recalled");
    house.test.clock.move_to(instant_ms(date(2026, 11, 25), 600));
    let doubt = RaiseDoubt { doubt: Doubt::Restricted, by: "The mother".into(), why: "It is disputed".into() };
    let whose = Whose { child: house.case.child, person: None };
    let manager = house.desk(&house.case.manager, DELIVERY);
    let went = desk.disclosure(id).await.unwrap().disclosure.body;
    let mut restricted = 0;
    // What protects somebody cannot be restricted.
    for item in went.went().filter(|of| of.person.is_none()).filter_map(|of| by_key(of.item.as_deref()?)) {
        let done = manager.raise_doubt(whose, item, StatementId(Uuid::now_v7()), &doubt).await;
        restricted += usize::from(done.is_ok());
    }
    assert_ne!(restricted, 0);
    assert_eq!(opened(service, &way).await, None, "UK GDPR Art 18: what is restricted is not passed on");
    assert!(ways_it_went(&desk, id).await.is_empty());
    assert!(told(&desk, NoticeKind::CollectStopped).await, "whoever made the way learns that it did not go");
    assert_eq!(code(&desk.make_collect(id).await), "sharing.changed", "and no other is made of what is not true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_withdrawn_before_the_code_is_typed_stops_it() {
    // Handbook section 13: "Withdrawn consent stops the next one at once".
    let house = house().await;
    let desk = house.desk(&house.case.coordinator, DELIVERY);
    let party = house.agreement(RecipientKind::School, date(2026, 12, 31)).await;
    let consent = house.consent(RecipientKind::School).await;
    let id = house.sent(&desk, &to(To::Party(party), DELIVERY)).await.unwrap();
    let way = desk.make_collect(id).await.unwrap();
    house.withdraw(consent).await;
    assert_eq!(opened(&house.test.service, &way).await, None);
    assert!(ways_it_went(&desk, id).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agreement_that_was_ended_before_the_code_is_typed_stops_it() {
    let house = house().await;
    let desk = house.desk(&house.case.coordinator, DELIVERY);
    let party = house.agreement(RecipientKind::School, date(2026, 12, 31)).await;
    house.consent(RecipientKind::School).await;
    let id = house.sent(&desk, &to(To::Party(party), DELIVERY)).await.unwrap();
    let way = desk.make_collect(id).await.unwrap();
    house.desk(&house.officer, Purpose::Accountability).end_agreement(party, &words("Bought")).await.unwrap();
    assert_eq!(opened(&house.test.service, &way).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answered_demand_can_be_taken_and_a_destroyed_file_cannot() {
    let house = house().await;
    let service = &house.test.service;
    let desk = house.desk(&house.case.manager, Purpose::OfficialReporting);
    let demand = StatutoryDemand {
        kind: RecipientKind::Police,
        who: "DC Halloran, Nenedale Police".into(),
        power: "Children Act 1989 s47(9)".into(),
        asks: "Where the child lives".into(),
        items: vec!["placement.address".into()],
        papers: Vec::new(),
        received: TODAY,
        decided: None,
    };
    let demanded = DemandId(Uuid::now_v7());
    desk.enter_demand(house.case.child, demanded, &demand).await.unwrap();
    let other = house.test.colleague(Role::Manager, "north", "other").await.unwrap();
    let other = house.desk(&other, Purpose::OfficialReporting);
    other.decide_demand(demanded, true, &words("s47 is under way")).await.unwrap();
    let id = house.sent(&desk, &to(To::Demand(demanded), Purpose::OfficialReporting)).await.unwrap();
    let coordinator = house.desk(&house.case.coordinator, DELIVERY);
    assert!(coordinator.make_collect(id).await.is_err(), "for the purpose for which it went, and no other");
    let way = desk.make_collect(id).await.unwrap();
    let kept = opened(service, &way).await.expect("answered, and still theirs");
    service.handed_paper(way.id, &kept).await.unwrap();
    let way = desk.make_collect(id).await.unwrap();
    house.test.destroyed(house.case.child).await.unwrap();
    assert_eq!(opened(service, &way).await, None, "the same answer as a wrong code");
    assert!(matches!(service.handed_paper(way.id, &kept).await, Err(ServiceError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_lock_it_and_whoever_made_it_is_told() {
    let house = house().await;
    let desk = house.desk(&house.case.coordinator, DELIVERY);
    let id = house.sent(&desk, &learning()).await.unwrap();
    let way = desk.make_collect(id).await.unwrap();
    for _ in 0..5 {
        assert!(house.test.service.open_hand_over(way.id, "1111-1111-1111", HOME).await.is_err());
    }
    assert_eq!(opened(&house.test.service, &way).await, None);
    assert!(told(&desk, NoticeKind::CollectLocked).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_opens_with_its_password_and_says_nothing_without_it() {
    // ISO 32000-2, 7.6.4: the standard security handler of revision 6.
    let house = house().await;
    let desk = house.desk(&house.case.coordinator, DELIVERY);
    let id = house.sent(&desk, &learning()).await.unwrap();
    let short = desk.encrypted_disclosure(id, &For::Pdf("short".into())).await;
    assert!(matches!(short, Err(ServiceError::Invalid(problems)) if problems[0].field == "pdf_password"));
    let password = "saith cwch tawel, gyda’r nos";
    let file = desk.encrypted_disclosure(id, &For::Pdf(password.into())).await.unwrap();
    let open = |password: &str| {
        let options = LoadOptions { password: Some(password.to_owned()), ..LoadOptions::default() };
        Document::load_mem_with_options(&file, options)
    };
    assert!(open("seven quiet boats at noon").is_err());
    let opened = open(password).unwrap();
    let pages: Vec<u32> = opened.get_pages().into_keys().collect();
    let plain = Document::load_mem(&desk.disclosure_paper(id).await.unwrap()).unwrap();
    let said = opened.extract_text(&pages).unwrap();
    assert!(said.contains("Robin") && said == plain.extract_text(&pages).unwrap(), "{said}");
    for word in [&b"Robin"[..], b"Nenedale", b"Kith"] {
        assert!(!file.windows(word.len()).any(|there| there == word), "not even in its title");
    }
    assert_eq!(ways_it_went(&desk, id).await, [DeliveryWay::Pdf]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_try_is_in_the_access_log_also_at_an_address_that_is_none() {
    let house = house().await;
    let nowhere = HandOverId(Uuid::new_v4());
    assert!(house.test.service.open_hand_over(nowhere, "1111-1111-1111", HOME).await.is_err());
    let auditor = house.test.colleague(Role::Auditor, "", "auditor").await.unwrap();
    let of = LogQuery { record: Some(nowhere.to_string()), ..LogQuery::default() };
    let log = house.desk(&auditor, Purpose::Accountability).access_log(&of).await.unwrap();
    assert_eq!(log.entries.iter().map(|of| of.entry.action.as_str()).collect::<Vec<_>>(), ["hand_over.code_tried"]);
}
