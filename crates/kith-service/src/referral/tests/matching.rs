//! Who may be held already, and finding whoever is: what people type, and what referrals bring.

use kith_domain::access::{Purpose, Role};
use kith_domain::fact::AddMember;
use kith_domain::form::Fields;
use kith_domain::ids::PersonId;
use kith_domain::referral::{ReferralState, Section};
use kith_domain::same::{LinkDecision, MatchAnswer};
use uuid::Uuid;

use super::begun;
use crate::testing::TestService;
use crate::{Desk, ServiceError};

fn family() -> [PersonId; 3] {
    [(); 3].map(|()| PersonId(Uuid::now_v7()))
}

async fn opened() -> (tempfile::TempDir, TestService) {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    (dir, test)
}

async fn found(desk: &Desk, text: &str) -> Vec<(String, Vec<String>, Option<ReferralState>)> {
    let rows = desk.search(text, 1).await.unwrap().rows;
    rows.into_iter().map(|row| (row.name, row.why, row.referral.map(|(_, state)| state))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_child_referred_by_two_workers_on_one_day_is_seen_and_not_joined_before_there_is_a_file() {
    let (_dir, test) = opened().await;
    let coordinator = test.colleague(Role::Coordinator, "north", "co").await.unwrap();
    let (one, two) = (
        test.colleague(Role::SocialWorker, "north", "one").await.unwrap(),
        test.colleague(Role::SocialWorker, "north", "two").await.unwrap(),
    );
    let first = test.sent_referral(&one, family()).await.unwrap();
    let second = test.verified_referral(&two, &coordinator, family()).await.unwrap();
    let desk = test.desk(&coordinator, Purpose::ServiceDelivery);
    let matches = desk.matches(second).await.unwrap().matches;
    let of = matches.iter().find(|of| of.referral == Some(first)).expect("the other referral");
    assert!(of.why.iter().any(|why| why == "same identifier"), "{:?}", of.why);
    let answer = async |decision: LinkDecision| {
        let said = MatchAnswer { pair: of.pair, decision, why: "Two workers, one child".into() };
        desk.answer_match(second, &said).await
    };
    let refused = answer(LinkDecision::Same).await;
    assert!(matches!(&refused, Err(ServiceError::Invalid(problems)) if problems[0].field == "decision"));
    answer(LinkDecision::Undecided).await.unwrap();
    // Once the first one has a file, the second one joins it.
    test.verify(&coordinator, first).await.unwrap();
    let child = desk.accept_referral(first).await.unwrap();
    answer(LinkDecision::Same).await.unwrap();
    assert_eq!(desk.accept_referral(second).await.unwrap(), child);
    assert_eq!(found(&desk, "Robin").await.len(), 1, "one child, once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_who_is_a_child_in_care_is_shown_as_both_and_joined_to_neither() {
    let (_dir, test) = opened().await;
    let (case, ground) = (test.accepted_child("a").await.unwrap(), test.ground("").await.unwrap());
    let desk = test.at_work(&ground.coordinator);
    let robin = desk.look().child(case.child).await.unwrap();
    let facts = robin.body.facts.as_ref().unwrap();
    let mut typed: Fields = [
        ("given_name", facts.name.given.as_str()),
        ("family_name", facts.name.family.as_str()),
        ("relationship", "mother"),
        ("parental_responsibility", "yes"),
        ("entitlement", "a"),
        ("may_attend", "yes"),
        ("risk_marker", "none"),
        ("told_by", "Dora Finch, carer"),
        ("told_how", "phone"),
        ("told_since", "2026-11-20"),
    ]
    .into_iter()
    .collect();
    typed.set_date("birth_date", facts.birth.latest());
    let parent = PersonId(Uuid::now_v7());
    let member = AddMember::read(&typed, None, test.service.today()).unwrap_or_else(|_| panic!("read"));
    desk.add_member(ground.child, parent, &member).await.unwrap();
    let view = desk.same_person(ground.child, parent).await.unwrap();
    assert_eq!(view.children.iter().map(|(_, child, _)| *child).collect::<Vec<_>>(), [case.child]);
    assert!(view.likely.iter().all(|of| of.relative.person.id.0 != case.child.0));
    // And when the child is referred.
    let id = test.verified_referral(&case.social_worker, &case.coordinator, family()).await.unwrap();
    let matches = desk.matches(id).await.unwrap();
    assert!(matches.both.iter().any(|of| of.child == ground.child && of.name == facts.name.full()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_box_finds_a_child_once_with_why_and_a_draft_for_its_writer_alone() {
    let (_dir, test) = opened().await;
    let case = test.accepted_child("a").await.unwrap();
    let desk = test.desk(&case.coordinator, Purpose::ServiceDelivery);
    let child = desk.look().child(case.child).await.unwrap();
    let values = &child.body.known.values;
    let (carer, phone) = (values.get("carer").to_owned(), values.get("carer_phone").to_owned());
    let international = phone.replacen('0', "+44 (0)", 1);
    let number = values.get("care_first").trim_start_matches("CF-").to_owned();
    let case_number = values.get("case_number").to_owned();
    for (text, why) in [
        ("len marsh", "aunt or uncle: Len Marsh".to_owned()),
        (carer.as_str(), format!("carer: {carer}")),
        (international.as_str(), "carer’s phone number".to_owned()),
        (number.as_str(), "Care First number".to_owned()),
        (case_number.as_str(), "court case number".to_owned()),
    ] {
        let rows = found(&desk, text).await;
        assert_eq!(rows.len(), 1, "{text}: {rows:?}");
        let said = |said: &String| said.eq_ignore_ascii_case(&why) || said.contains(&why);
        assert!(rows[0].1.iter().any(said), "{text}: {rows:?}");
    }
    assert_eq!(found(&desk, &child.id.reference().to_lowercase()).await.len(), 1, "the file’s reference");
    let with_birth = format!("{} {}", child.first_name(), child.body.facts.as_ref().unwrap().birth.label());
    assert_eq!(found(&desk, &with_birth).await.len(), 1, "{with_birth}");

    // A draft is its writer's alone; whoever decides finds it when it is sent, and when it was withdrawn.
    let draft: Fields = [("given_name", "Quenby"), ("family_name", "Zoffany")].into_iter().collect();
    begun(&test, &case.social_worker, Section::Child, &draft).await;
    let worker = test.desk(&case.social_worker, Purpose::ServiceDelivery);
    assert_eq!(
        found(&worker, "zoffany").await,
        [("Quenby Zoffany".to_owned(), Vec::new(), Some(ReferralState::Draft))]
    );
    assert!(found(&desk, "zoffany").await.is_empty());
    let other = test.colleague(Role::SocialWorker, "north", "other").await.unwrap();
    assert!(found(&test.desk(&other, Purpose::ServiceDelivery), "zoffany").await.is_empty());
    test.sent_referral(&other, family()).await.unwrap();
    let states: Vec<Option<ReferralState>> = found(&desk, "Marsh").await.into_iter().map(|row| row.2).collect();
    assert!(states.contains(&None) && states.contains(&Some(ReferralState::Submitted)), "{states:?}");
}
