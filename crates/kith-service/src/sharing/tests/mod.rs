//! Sharing by the service: what is refused, what goes, what is asked again in the transaction that sends.

mod collect;
mod enclosed;

use age::secrecy::ExposeSecret;
use jiff::civil::{Date, date};
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar::instant_ms;
use kith_domain::fact::{Doubt, RaiseDoubt};
use kith_domain::form::Fields;
use kith_domain::ids::{ConsentId, DemandId, DisclosureId, RequestId, SharingAgreementId, StatementId};
use kith_domain::pack::PartKind;
use kith_domain::rights::HeldSubject;
use kith_domain::session::SessionState;
use kith_domain::sharing::{AgreementFacts, Consent, RecipientKind, ShareWith, StatutoryDemand, Stays, To, package};
use uuid::Uuid;

use super::{EXPORTS, For};
use crate::fact::Whose;
use crate::policy::Resource as R;
use crate::testing::{AcceptedChild, Colleague, TestService, words};
use crate::{Desk, ServiceError};

const TODAY: Date = date(2026, 11, 24);

struct House {
    test: TestService,
    case: AcceptedChild,
    officer: Colleague,
    _dir: tempfile::TempDir,
}

async fn house() -> House {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = test.accepted_child("s").await.unwrap();
    let officer = test.colleague(Role::DataProtection, "", "dpo").await.unwrap();
    House { test, case, officer, _dir: dir }
}

impl House {
    fn desk(&self, who: &Colleague, purpose: Purpose) -> Desk {
        self.test.desk(who, purpose)
    }

    /// An agreement with such a party, signed by both, that covers its whole package.
    async fn agreement(&self, kind: RecipientKind, until: Date) -> SharingAgreementId {
        let of = package(kind);
        let facts = AgreementFacts {
            party: "Nene Cars".into(),
            kind,
            purposes: of.purposes.to_vec(),
            items: of.items().map(str::to_owned).collect(),
            papers: of.papers.to_vec(),
            from: date(2026, 1, 1),
            until,
            review_on: date(2026, 6, 1),
            key: None,
            document: None,
            terms: None,
        };
        let id = SharingAgreementId(Uuid::now_v7());
        let desk = self.desk(&self.officer, Purpose::Accountability);
        desk.write_agreement(id, None, &facts).await.unwrap();
        for side in ["council", "party"] {
            let mut typed: Fields =
                [("side", side), ("name", "Maud Ferris"), ("role", "Director")].into_iter().collect();
            typed.set_date("on", date(2026, 1, 1));
            desk.sign_agreement_of_sharing(id, &typed).await.unwrap();
        }
        id
    }

    async fn consent(&self, recipient: RecipientKind) -> ConsentId {
        let mut typed: Fields = [
            ("whose", "child"),
            ("what", "sharing"),
            ("recipient", recipient.code()),
            ("answer", "given"),
            ("said_by", "Ann Marsh, mother"),
            ("authority", "parental"),
            ("evidence", "signed"),
        ]
        .into_iter()
        .collect();
        typed.set_date("on", date(2026, 11, 2));
        let (id, said) = (ConsentId(Uuid::now_v7()), Consent::read(&typed, TODAY).ok().unwrap());
        self.desk(&self.case.coordinator, Purpose::ServiceDelivery)
            .add_consent(self.case.child, id, &said)
            .await
            .unwrap();
        id
    }

    async fn withdraw(&self, id: ConsentId) {
        let typed: Fields =
            [("said_by", "Ann Marsh"), ("authority", "parental"), ("evidence", "spoken")].into_iter().collect();
        let desk = self.desk(&self.case.coordinator, Purpose::ServiceDelivery);
        desk.withdraw_consent(id, ConsentId(Uuid::now_v7()), &typed).await.unwrap();
    }

    async fn sent(&self, desk: &Desk, ask: &ShareWith) -> Result<DisclosureId, ServiceError> {
        let seen = desk.weigh_disclosure(self.case.child, ask).await?.seen;
        let id = DisclosureId(Uuid::now_v7());
        desk.disclose(id, self.case.child, ask, &seen).await.map(|()| id)
    }
}

fn to(to: To, purpose: Purpose) -> ShareWith {
    ShareWith {
        to,
        recipient: None,
        purpose,
        related: None,
        session: None,
        enclosed: Vec::new(),
        alone: false,
        reason: None,
    }
}

fn code(result: &Result<impl Sized, ServiceError>) -> &'static str {
    match result {
        Err(ServiceError::Refused(refusal)) => refusal.code,
        Err(_) => "another error",
        Ok(_) => "done",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_gets_a_session_under_the_agreement_and_its_paper_is_kept_byte_for_byte() {
    let house = house().await;
    let line = house.test.active_plan(&house.case, &[house.case.mother]).await.unwrap();
    let session = house
        .test
        .session_row(&house.case, line, &[house.case.mother], date(2026, 12, 1), SessionState::Confirmed)
        .await
        .unwrap();
    let party = house.agreement(RecipientKind::Driver, date(2026, 12, 31)).await;
    let desk = house.desk(&house.case.coordinator, Purpose::ServiceDelivery);
    let ask = ShareWith { session: Some(session), ..to(To::Party(party), Purpose::ServiceDelivery) };
    let preview = desk.weigh_disclosure(house.case.child, &ask).await.unwrap();
    assert_eq!(preview.blocked, None);
    let words: Vec<&str> = preview.weighed.iter().map(|of| of.words.as_str()).collect();
    assert!(words.contains(&"Robin") && !words.concat().contains("Marsh"), "{words:?}");
    let id = DisclosureId(Uuid::now_v7());
    desk.disclose(id, house.case.child, &ask, &preview.seen).await.unwrap();
    desk.disclose(id, house.case.child, &ask, &preview.seen).await.expect("the same form again");
    let paper = desk.disclosure_paper(id).await.unwrap();
    let view = desk.disclosure(id).await.unwrap();
    let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&paper));
    assert_eq!((view.disclosure.body.digest.as_str(), paper.starts_with(b"%PDF-")), (digest.as_str(), true));
    assert_eq!(desk.file_sharing(house.case.child, 1).await.unwrap().sent.total, 1);
    let officer = house.desk(&house.officer, Purpose::Accountability);
    let log = officer.sharing_log(Some(RecipientKind::Driver), 1).await.unwrap();
    assert_eq!((log.total, log.rows[0].body.digest.as_str()), (1, digest.as_str()));
    assert_eq!(officer.sharing_log(Some(RecipientKind::Police), 1).await.unwrap().total, 0);
    assert!(officer.sharing_agreement(party).await.unwrap().used);
    // For another purpose it does not leave.
    let other = house.desk(&house.case.coordinator, Purpose::Assessment);
    assert!(matches!(other.disclosure_paper(id).await, Err(ServiceError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_agreement_in_force_nothing_leaves_the_council() {
    // The notice: "This process is governed by signed information sharing agreements".
    let house = house().await;
    let desk = house.desk(&house.case.coordinator, Purpose::ServiceDelivery);
    house.consent(RecipientKind::School).await;
    let school = To::Kind(RecipientKind::School);
    let none = house.sent(&desk, &to(school, Purpose::ServiceDelivery)).await;
    assert_eq!(code(&none), "sharing.no_agreement");
    let yesterday = house.agreement(RecipientKind::School, date(2026, 11, 23)).await;
    let ask = to(To::Party(yesterday), Purpose::ServiceDelivery);
    assert_eq!(code(&house.sent(&desk, &ask).await), "sharing.agreement_expired");
    let preview = desk.weigh_disclosure(house.case.child, &ask).await.unwrap();
    assert!(preview.blocked.unwrap().contains("ran out on 23 November 2026"));
    let good = house.agreement(RecipientKind::School, date(2026, 12, 31)).await;
    let ask = to(To::Party(good), Purpose::ServiceDelivery);
    house.sent(&desk, &ask).await.expect("in force, with consent");
    // Ended between choosing and sending.
    let seen = desk.weigh_disclosure(house.case.child, &ask).await.unwrap().seen;
    house.desk(&house.officer, Purpose::Accountability).end_agreement(good, &words("They were bought")).await.unwrap();
    let ended = desk.disclose(DisclosureId(Uuid::now_v7()), house.case.child, &ask, &seen).await;
    assert_eq!(code(&ended), "sharing.agreement_ended");
    let again = house.desk(&house.officer, Purpose::Accountability).end_agreement(good, &words("Again")).await;
    assert_eq!(code(&again), "sharing.agreement_over", "what was ended stays as it is, and nothing takes it away");
    // Within the council no agreement is asked.
    house.sent(&desk, &to(To::Kind(RecipientKind::Learning), Purpose::ServiceDelivery)).await.expect("a department");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_withdrawn_between_choosing_and_sending_stops_it() {
    // Handbook section 13: "Withdrawn consent stops the next one at once".
    let house = house().await;
    let desk = house.desk(&house.case.coordinator, Purpose::ServiceDelivery);
    let party = house.agreement(RecipientKind::School, date(2026, 12, 31)).await;
    let ask = to(To::Party(party), Purpose::ServiceDelivery);
    assert_eq!(code(&house.sent(&desk, &ask).await), "sharing.nothing_goes", "nobody was asked");
    let consent = house.consent(RecipientKind::School).await;
    let first = house.sent(&desk, &ask).await.expect("given");
    let seen = desk.weigh_disclosure(house.case.child, &ask).await.unwrap().seen;
    house.withdraw(consent).await;
    let late = desk.disclose(DisclosureId(Uuid::now_v7()), house.case.child, &ask, &seen).await;
    assert_eq!(code(&late), "sharing.nothing_goes");
    let preview = desk.weigh_disclosure(house.case.child, &ask).await.unwrap();
    assert!(
        preview
            .weighed
            .iter()
            .filter(|of| of.item.is_some())
            .all(|of| of.stays == Some(Stays::Withdrawn) || of.stays == Some(Stays::NotHeld)),
        "each says why"
    );
    desk.disclosure(first).await.expect("forward only: what went before stays as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawn_while_it_is_being_sent_one_of_the_two_comes_first() {
    let house = house().await;
    let desk = house.desk(&house.case.coordinator, Purpose::ServiceDelivery);
    let party = house.agreement(RecipientKind::School, date(2026, 12, 31)).await;
    let ask = to(To::Party(party), Purpose::ServiceDelivery);
    let consent = house.consent(RecipientKind::School).await;
    let seen = desk.weigh_disclosure(house.case.child, &ask).await.unwrap().seen;
    let id = DisclosureId(Uuid::now_v7());
    let (sent, ()) = tokio::join!(desk.disclose(id, house.case.child, &ask, &seen), house.withdraw(consent));
    let sharing = desk.file_sharing(house.case.child, 1).await.unwrap();
    assert_eq!(sharing.sent.total, usize::from(sent.is_ok()));
    if sent.is_err() {
        assert!(["sharing.nothing_goes", "sharing.changed"].contains(&code(&sent)), "{}", code(&sent));
    }
    assert!(house.sent(&desk, &ask).await.is_err(), "and nothing goes from then on");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_bears_on_it_is_asked_again_and_a_change_is_told() {
    let house = house().await;
    let desk = house.desk(&house.case.coordinator, Purpose::ServiceDelivery);
    let ask = to(To::Kind(RecipientKind::Learning), Purpose::ServiceDelivery);
    let seen = desk.weigh_disclosure(house.case.child, &ask).await.unwrap().seen;
    let id = DisclosureId(Uuid::now_v7());
    let wrong = desk.disclose(id, house.case.child, &ask, "somebody else’s").await;
    assert_eq!(code(&wrong), "sharing.changed");
    let item = kith_domain::catalogue::by_key("child.given_name").unwrap();
    let dispute = RaiseDoubt { doubt: Doubt::Disputed, by: "The mother".into(), why: "It is Robyn".into() };
    let whose = Whose { child: house.case.child, person: None };
    desk.disclose(id, house.case.child, &ask, &seen).await.unwrap();
    house.test.clock.move_to(instant_ms(date(2026, 11, 25), 600));
    desk.raise_doubt(whose, item, StatementId(Uuid::now_v7()), &dispute).await.unwrap();
    let view = desk.disclosure(id).await.unwrap();
    assert_eq!(
        view.wrong.iter().map(|of| (of.label.as_str(), of.disputed)).collect::<Vec<_>>(),
        [("First names", true)]
    );
    assert_eq!(desk.file_sharing(house.case.child, 1).await.unwrap().to_tell[0].to_tell, 1);
    let mut typed: Fields = [("how", "By phone, to the school’s office")].into_iter().collect();
    typed.set_date("on", date(2026, 11, 25));
    desk.told_wrong(id, view.wrong[0].statement, &typed).await.unwrap();
    assert!(desk.file_sharing(house.case.child, 1).await.unwrap().to_tell.is_empty());
    // Asked back, with what they answered; and then it is given to nobody any more.
    desk.recall_disclosure(id, &words("It went to the wrong office")).await.unwrap();
    assert_eq!(code(&desk.disclosure_handed_over(id).await), "disclosure.recalled");
    let mut typed: Fields = [("outcome", "destroyed"), ("said_by", "The head’s secretary")].into_iter().collect();
    typed.set_date("on", date(2026, 11, 25));
    desk.answer_recall(id, &typed).await.unwrap();
    assert!(desk.disclosure(id).await.unwrap().disclosure.body.recalled.unwrap().answer.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demand_names_its_power_and_another_manager_approves() {
    // Handbook section 13: "with the legal power named and a manager's approval".
    let house = house().await;
    let desk = house.desk(&house.case.manager, Purpose::OfficialReporting);
    let demand = StatutoryDemand {
        kind: RecipientKind::Police,
        who: "DC Halloran, Nenedale Police".into(),
        power: "Children Act 1989 s47(9)".into(),
        asks: "Where the child lives".into(),
        items: vec!["placement.address".into(), "child.given_name".into()],
        papers: Vec::new(),
        received: TODAY,
        decided: None,
    };
    let id = DemandId(Uuid::now_v7());
    desk.enter_demand(house.case.child, id, &demand).await.unwrap();
    let ask = to(To::Demand(id), Purpose::OfficialReporting);
    assert_eq!(code(&house.sent(&desk, &ask).await), "sharing.demand_not_approved");
    assert_eq!(code(&desk.decide_demand(id, true, &words("s47")).await), "demand.own");
    let other = house.test.colleague(Role::Manager, "north", "other").await.unwrap();
    let other = house.desk(&other, Purpose::OfficialReporting);
    other.decide_demand(id, true, &words("s47 is under way")).await.unwrap();
    assert_eq!(code(&other.decide_demand(id, false, &words("No")).await), "demand.decided");
    let sent = house.sent(&desk, &ask).await.expect("approved");
    let view = desk.disclosure(sent).await.unwrap();
    let went: Vec<&str> = view.disclosure.body.went().filter_map(|of| of.item.as_deref()).collect();
    assert_eq!(went, ["child.given_name", "placement.address"], "what answers it, and nothing else");
    assert_eq!(code(&house.sent(&desk, &ask).await), "sharing.demand_not_approved", "it is answered once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_encrypted_for_a_key_or_a_passphrase_and_for_what_is_no_key_not_at_all() {
    let house = house().await;
    let desk = house.desk(&house.case.coordinator, Purpose::ServiceDelivery);
    let ask = to(To::Kind(RecipientKind::Learning), Purpose::ServiceDelivery);
    let id = house.sent(&desk, &ask).await.unwrap();
    let paper = desk.disclosure_paper(id).await.unwrap();
    let identity = age::x25519::Identity::generate();
    let key = identity.to_public().to_string();
    let file = desk.encrypted_disclosure(id, &For::Key(key.clone())).await.unwrap();
    assert!(file.starts_with(b"age-encryption.org/v1"));
    assert_eq!(age::decrypt(&identity, &file).unwrap(), paper);
    let secret = identity.to_string().expose_secret().to_owned();
    for wrong in ["", "age1qqqq", "the school’s key", &key[..61], &secret] {
        let refused = desk.encrypted_disclosure(id, &For::Key(wrong.to_owned())).await;
        let Err(ServiceError::Invalid(problems)) = refused else { panic!("{wrong}") };
        assert_eq!(problems[0].field, "key");
        assert!(!problems[0].message.contains("age1q") && !problems[0].message.contains(&secret));
    }
    let short = desk.encrypted_disclosure(id, &For::Passphrase("short".into())).await;
    assert!(matches!(short, Err(ServiceError::Invalid(_))));
    let words = "seven quiet boats at noon";
    let file = desk.encrypted_disclosure(id, &For::Passphrase(words.into())).await.unwrap();
    let identity = age::scrypt::Identity::new(words.to_owned().into());
    assert_eq!(age::decrypt(&identity, &file).unwrap(), paper);
    assert_eq!(desk.disclosure(id).await.unwrap().disclosure.body.deliveries.len(), 2, "each is written down");
}

/// Every way out with every purpose (the notice: "Information will not be sold, rented or provided to anyone else, or used for any
/// other purpose"): asked by somebody of every role who has the file, an export is refused for each purpose it is not for.
#[tokio::test(flavor = "multi_thread")]
async fn every_export_with_every_purpose_is_refused_but_for_its_own() {
    let house = house().await;
    let case = &house.case;
    let make = house.desk(&case.coordinator, Purpose::ServiceDelivery);
    let of_department = to(To::Kind(RecipientKind::Learning), Purpose::ServiceDelivery);
    let id = house.sent(&make, &of_department).await.unwrap();
    let line = house.test.active_plan(case, &[case.mother]).await.unwrap();
    let session = house.test.held_session(case, line, &[case.mother], date(2026, 11, 10)).await.unwrap();
    let report = house.desk(&case.coordinator, Purpose::OfficialReporting);
    let referral = make.file(case.child).await.unwrap().referrals[0].id;
    drop(report);
    let scope = |desk: &Desk| {
        let look = desk.look();
        async move { look.file_scope(case.child).await.unwrap().unwrap() }
    };
    let everybody = [&case.social_worker, &case.coordinator, &case.supervisor, &case.manager, &house.officer];
    for export in EXPORTS.iter().filter(|export| !export.action.is_empty()) {
        for purpose in Purpose::ALL {
            let mut may = false;
            for who in everybody {
                let desk = house.desk(who, purpose);
                let file = scope(&desk).await;
                let sessions = desk.look().session_scope(session).await.unwrap().unwrap();
                let referrals = desk.look().referral_scope(referral).await.unwrap().unwrap();
                may |= [R::Service, R::File(&file), R::Session(&sessions), R::Referral(referral.0, &referrals)]
                    .iter()
                    .any(|of| desk.permits(export.action, of));
            }
            // A record is signed before anybody but its author reads it.
            let unsigned = export.action == "record.read" && export.purposes.contains(&purpose);
            assert_eq!(may || unsigned, export.purposes.contains(&purpose), "{} for {purpose:?}", export.what);
        }
    }
    // And as it is asked: the paper of a disclosure, a report, a referral, each for every purpose.
    for purpose in Purpose::ALL {
        let desk = house.desk(&case.coordinator, purpose);
        assert_eq!(desk.disclosure_paper(id).await.is_ok(), purpose == Purpose::ServiceDelivery, "{purpose:?}");
        let key = age::x25519::Identity::generate().to_public().to_string();
        let file = desk.encrypted_disclosure(id, &For::Key(key)).await;
        assert_eq!(file.is_ok(), purpose == Purpose::ServiceDelivery, "{purpose:?}");
        let may_send = package(RecipientKind::Learning).purposes.contains(&purpose);
        let sent = house.sent(&desk, &to(To::Kind(RecipientKind::Learning), purpose)).await;
        assert_eq!(sent.is_ok(), may_send, "{purpose:?}");
        assert_eq!(
            desk.referral_paper(referral, |_| Vec::new()).await.is_ok(),
            purpose == Purpose::ServiceDelivery,
            "{purpose:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_to_whom_is_in_the_pack_of_whom_it_is_about() {
    // UK GDPR Art 15(1)(c): "the recipients … to whom the personal data have been … disclosed".
    let house = house().await;
    let child = house.case.child;
    let make = house.desk(&house.case.coordinator, Purpose::ServiceDelivery);
    house.sent(&make, &to(To::Kind(RecipientKind::Learning), Purpose::ServiceDelivery)).await.unwrap();
    house.consent(RecipientKind::School).await;
    let officer = house.desk(&house.officer, Purpose::Accountability);
    let mut form: Fields = [
        ("right", "access"),
        ("asker", "parent"),
        ("channel", "phone"),
        ("name", "Ann Marsh"),
        ("about", "Robin Marsh"),
        ("address", "4 Mill Lane"),
        ("what", "Everything"),
    ]
    .into_iter()
    .collect();
    form.set_date("received", TODAY);
    let id = RequestId(Uuid::now_v7());
    officer.enter_request(id, &form).await.unwrap();
    for kind in ["identity_settled", "authority_settled", "child_considered"] {
        let step: Fields = [("kind", kind), ("words", "Seen")].into_iter().collect();
        officer.take_request_step(id, &step).await.unwrap();
    }
    officer.found_for_test(id, vec![HeldSubject { file: child, person: None }]).await.unwrap();
    officer.begin_pack(id).await.unwrap();
    while house.test.service.do_waiting_work().await.unwrap() > 0 {}
    let mut said = String::new();
    for number in 1.. {
        let Ok(part) = officer.pack_part(id, number).await else { break };
        if part.part.kind == PartKind::Sharing {
            let lines = part.part.body.lines.iter().map(|line| format!("{}: {}", line.label, line.text));
            said = lines.collect::<Vec<_>>().join("\n");
        }
    }
    assert!(said.contains(RecipientKind::Learning.label()) || said.to_lowercase().contains("learning"), "{said}");
    assert!(said.contains("Consent:") && said.contains("Ann Marsh, mother"), "{said}");
}
