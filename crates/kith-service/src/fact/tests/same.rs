//! One human being in several files, and a referral of somebody who is held already.

use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::catalogue::Group;
use kith_domain::fact::{AddMember, ChangeFacts};
use kith_domain::form::Fields;
use kith_domain::ids::{PersonId, SessionId};
use kith_domain::risk::{AssessmentState, VoidReason};
use kith_domain::same::{DecideSame, LinkDecision, MatchAnswer, Pair, PartSame};
use kith_store::ChildState;
use uuid::Uuid;

use super::{code, new, told};
use crate::fact::Whose;
use crate::session::Booking;
use crate::testing::{Colleague, Ground, TestService};
use crate::{Desk, ServiceError};

async fn two() -> (tempfile::TempDir, TestService, Ground, Ground) {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let (one, other) = (test.ground("1").await.unwrap(), test.ground("2").await.unwrap());
    (dir, test, one, other)
}

fn parting(typed: &Fields) -> PartSame {
    PartSame::read(typed).unwrap_or_else(|_| panic!("read"))
}

fn read(group: Group, typed: &Fields) -> ChangeFacts {
    ChangeFacts::read(group, typed, None, date(2026, 11, 26)).unwrap_or_else(|_| panic!("read"))
}

fn said(other: PersonId, decision: LinkDecision) -> DecideSame {
    DecideSame { other, decision, why: "The social worker knows both".into(), sure: false }
}

async fn same(desk: &Desk, one: &Ground, other: PersonId) -> Result<(), ServiceError> {
    desk.decide_same(one.child, one.mother, &said(other, LinkDecision::Same)).await
}

fn session() -> SessionId {
    SessionId(Uuid::now_v7())
}

fn words(result: Result<(), ServiceError>) -> String {
    match result {
        Err(ServiceError::Invalid(problems)) => {
            problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; ")
        }
        Err(other) => other.to_string(),
        Ok(()) => "done".into(),
    }
}

fn why(text: &str) -> Fields {
    [("why", text)].into_iter().collect()
}

#[tokio::test]
async fn a_mother_of_two_children_in_two_files_is_in_one_room_at_a_time_and_it_is_said_where() {
    // Handbook section 8: no person twice at once. She is one human being, however many referrals named her.
    let (_dir, test, amara, robin) = two().await;
    let desk = test.at_work(&amara.coordinator);
    same(&desk, &amara, robin.mother).await.unwrap();
    same(&desk, &amara, robin.mother).await.unwrap();
    desk.book_session(session(), amara.plan, amara.line, amara.thursday()).await.unwrap();
    let refused = desk.book_session(session(), robin.plan, robin.line, robin.thursday()).await;
    assert_eq!(
        words(refused),
        "Ruth Adeyemi is at another session from 10:00 to 11:30 in Willow, Elm House, with Amara. Choose another time"
    );
    // Told apart again, they are two people who can be in two rooms.
    desk.part(amara.child, amara.mother, robin.mother, &parting(&why("Another Ruth"))).await.unwrap();
    desk.book_session(session(), robin.plan, robin.line, robin.thursday()).await.unwrap();
    // And now they cannot be one without a word.
    assert_eq!(code(same(&desk, &amara, robin.mother).await), "same.two_places");
    let look = desk.look();
    let beings = look.canonical_persons(&[amara.mother, robin.mother]).await.unwrap();
    assert_ne!(beings[&amara.mother], beings[&robin.mother], "nothing was changed");
}

#[tokio::test]
async fn what_was_booked_before_two_were_recognised_is_taken_by_the_one_they_are() {
    let (_dir, test, amara, robin) = two().await;
    let desk = test.at_work(&amara.coordinator);
    desk.book_session(session(), amara.plan, amara.line, amara.thursday()).await.unwrap();
    same(&desk, &amara, robin.mother).await.unwrap();
    let refused = desk.book_session(session(), robin.plan, robin.line, robin.thursday()).await;
    assert!(words(refused).starts_with("Ruth Adeyemi is at another session from 10:00"));
    let slot = kith_domain::session::Slot { start_minute: 720, end_minute: 810, ..robin.thursday().slot };
    let later = Booking { slot, ..robin.thursday() };
    desk.book_session(session(), robin.plan, robin.line, later).await.unwrap();
}

#[tokio::test]
async fn nobody_is_linked_to_themselves_to_the_child_or_to_a_file_that_is_not_theirs() {
    let (_dir, test, amara, robin) = two().await;
    let desk = test.at_work(&amara.coordinator);
    assert_eq!(code(same(&desk, &amara, amara.mother).await), "same.itself");
    assert_eq!(code(same(&desk, &amara, PersonId(amara.child.0)).await), "same.child");
    let nobody = same(&desk, &amara, PersonId(Uuid::now_v7())).await;
    assert!(matches!(nobody, Err(ServiceError::NotFound)));
    let south = test.colleague(Role::Coordinator, "south", "south").await.unwrap();
    for who in [&south, &robin.worker] {
        let refused = same(&test.at_work(who), &amara, robin.mother).await;
        assert!(matches!(refused, Err(ServiceError::NotFound)));
    }
    // Two rows of one family, one barred: which is right?
    assert_eq!(code(same(&desk, &amara, amara.barred).await), "same.barred_here");
}

#[tokio::test]
async fn who_is_barred_in_one_file_and_expected_in_another_is_asked_about_and_then_weighed_again() {
    // The barred father of one file is not "no risk" in the next.
    let (_dir, test, amara, robin) = two().await;
    let desk = test.at_work(&amara.coordinator);
    let booked = session();
    desk.book_session(booked, amara.plan, amara.line, amara.thursday()).await.unwrap();
    let refused = same(&desk, &amara, robin.barred).await;
    assert_eq!(code(refused), "sure");
    assert_eq!(desk.look().session(booked).await.unwrap().flagged, None, "nothing was changed");
    let sure = DecideSame { sure: true, ..said(robin.barred, LinkDecision::Same) };
    desk.decide_same(amara.child, amara.mother, &sure).await.unwrap();
    assert_eq!(desk.look().session(booked).await.unwrap().flagged.as_deref(), Some("barred_elsewhere"));
    let assessments = desk.look().assessments_of(amara.child).await.unwrap();
    assert!(assessments.iter().all(|of| of.state == AssessmentState::Void));
    assert!(assessments.iter().all(|of| of.body.void_reason == Some(VoidReason::NewRisk)));
    // Shown in the file that did not know, with whose file it is to who may read that.
    let file = desk.file(amara.child).await.unwrap();
    let known = &file.elsewhere[&amara.mother];
    assert!(known[0].barred && known[0].child.as_ref().is_some_and(|(id, _)| *id == robin.child));
    let worker = test.at_work(&amara.worker).file(amara.child).await.unwrap();
    assert!(worker.elsewhere[&amara.mother][0].child.is_none(), "another family is named to nobody else");
    // And nobody books them before it is weighed.
    let friday = kith_domain::session::Slot { day: date(2026, 11, 27), ..amara.thursday().slot };
    let again =
        desk.book_session(session(), amara.plan, amara.line, Booking { slot: friday, ..amara.thursday() }).await;
    assert!(words(again).contains("must not attend in the file of another child. Assess the risk for Amara first"));
}

#[tokio::test]
async fn parted_again_both_are_as_they_were_and_what_was_said_since_is_asked_for() {
    let (_dir, test, amara, robin) = two().await;
    let desk = test.at_work(&amara.coordinator);
    let name = async |of: &Ground| {
        let family = test.at_work(&of.coordinator).look().family(of.child).await.unwrap();
        let mother = family.iter().find(|relative| relative.person.id == of.mother).unwrap();
        (mother.name(), mother.person.body.phone.clone())
    };
    let before = (name(&amara).await, name(&robin).await);
    test.clock_to(date(2026, 11, 24), 600);
    same(&desk, &amara, robin.mother).await.unwrap();
    test.clock_to(date(2026, 11, 24), 660);
    let whose = Whose { child: amara.child, person: Some(amara.mother) };
    let typed = told(&[("given_name", "Ruth"), ("family_name", "Adeyemi"), ("phone", "01632 960 477")]);
    let version = desk.facts(whose, Group::Contact).await.unwrap().version;
    let id = new();
    desk.change_facts(whose, id, version, &read(Group::Contact, &typed)).await.unwrap();
    assert_eq!(name(&robin).await.1.as_deref(), Some("01632 960 477"), "one human being has one phone number");

    let part = async |typed: &Fields| desk.part(amara.child, amara.mother, robin.mother, &parting(typed)).await;
    let since = desk.said_since(amara.child, amara.mother, robin.mother).await.unwrap();
    assert_eq!(since.iter().map(|said| said.id).collect::<Vec<_>>(), [id]);
    assert_eq!(code(part(&why("Two sisters")).await), format!("of-{id}"), "asked for, not guessed");
    let mut answered = why("Two sisters");
    answered.set(format!("of-{id}"), "other");
    part(&answered).await.unwrap();
    let after = (name(&amara).await, name(&robin).await);
    assert_eq!(after.0, before.0);
    assert_eq!(after.1, (before.1.0, Some("01632 960 477".to_owned())));
}

#[tokio::test]
async fn somebody_expected_tomorrow_with_children_of_both_files_is_not_told_apart_before_that_is_settled() {
    let (_dir, test, amara, robin) = two().await;
    let desk = test.at_work(&amara.coordinator);
    same(&desk, &amara, robin.mother).await.unwrap();
    let under = |of: &Ground| crate::session::Under { plan: of.plan, line: of.line };
    let booked = session();
    desk.book_together(booked, &[under(&amara), under(&robin)], amara.thursday(), None).await.unwrap();
    assert_eq!(desk.look().people_in(booked).await.unwrap(), [amara.mother], "she comes once");
    desk.confirm_session(booked).await.unwrap();
    let refused = desk.part(amara.child, amara.mother, robin.mother, &parting(&why("Another Ruth"))).await;
    assert_eq!(code(refused), "same.expected");
    let view = test.at_work(&amara.supervisor).session(booked).await.unwrap();
    assert!(view.known().all(|of| of.coming.len() == 1 && of.coming[0].valid.is_some()), "each by their own file");
}

#[tokio::test]
async fn a_referral_of_a_child_who_is_held_joins_the_file_and_its_family_is_not_doubled() {
    // Handbook section 4: likely matches are shown with why, and nothing is joined by itself.
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = test.accepted_child("a").await.unwrap();
    let assessed = test.approved_assessment(&case, case.mother).await.unwrap();
    let worker = test.colleague(Role::SocialWorker, "north", "again").await.unwrap();
    let members = [(); 3].map(|()| PersonId(Uuid::now_v7()));
    let id = test.verified_referral(&worker, &case.coordinator, members).await.unwrap();
    let desk = test.desk(&case.coordinator, Purpose::ServiceDelivery);
    let matches = desk.matches(id).await.unwrap().matches;
    let referred = desk.referral(id).await.unwrap().referral.child;
    let child = Pair::Child { referred, held: case.child };
    let of_child = matches.iter().find(|of| of.pair == child).unwrap();
    assert_eq!(of_child.why.len(), 3, "name, number and birth: {:?}", of_child.why);
    let uncle = Pair::Person { member: members[2], held: case.uncle };
    assert!(matches.iter().any(|of| of.pair == uncle && of.risk), "who must not attend there");

    let answer = async |pair: Pair, decision: &str| {
        let typed: Fields = [("pair", pair.code().as_str()), ("decision", decision), ("why", "Said on the phone")]
            .into_iter()
            .collect();
        desk.answer_match(id, &MatchAnswer::read(&typed).unwrap()).await
    };
    answer(child, "undecided").await.unwrap();
    answer(child, "same").await.unwrap();
    for (member, held) in members.into_iter().zip([case.mother, case.father, case.uncle]) {
        answer(Pair::Person { member, held }, "same").await.unwrap();
    }
    let stranger = Pair::Child { referred, held: kith_domain::ids::ChildId(Uuid::now_v7()) };
    assert!(matches!(answer(stranger, "same").await, Err(ServiceError::NotFound)));

    assert_eq!(desk.accept_referral(id).await.unwrap(), case.child);
    assert_eq!(desk.accept_referral(id).await.unwrap(), case.child, "accepted twice is accepted once");
    let file = desk.file(case.child).await.unwrap();
    assert_eq!((file.referrals.len(), file.family.len()), (2, 3));
    assert_eq!(file.child.social_worker, worker.id, "who referred has the child now");
    assert_eq!(desk.my_files(None, 1).await.unwrap().total, 1, "one child, one file");
    assert_eq!(desk.look().child(referred).await.unwrap().state, ChildState::Joined);
    let whose = Whose { child: case.child, person: None };
    let names = desk.facts(whose, Group::Identity).await.unwrap().history;
    assert!(!names.is_empty());
    let state = desk.look().assessment(assessed).await.unwrap().state;
    assert_eq!(state, AssessmentState::Approved, "nothing in it was different");
    assert!(test.desk(&worker, Purpose::ServiceDelivery).referral(id).await.is_ok());
}

#[tokio::test]
async fn the_same_mother_in_a_second_referral_is_one_human_being_with_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = test.accepted_child("a").await.unwrap();
    let worker = test.colleague(Role::SocialWorker, "north", "again").await.unwrap();
    let members = [(); 3].map(|()| PersonId(Uuid::now_v7()));
    let id = test.verified_referral(&worker, &case.coordinator, members).await.unwrap();
    let desk = test.desk(&case.coordinator, Purpose::ServiceDelivery);
    let pair = Pair::Person { member: members[0], held: case.mother };
    let typed: Fields =
        [("pair", pair.code().as_str()), ("decision", "same"), ("why", "Same date of birth")].into_iter().collect();
    desk.answer_match(id, &MatchAnswer::read(&typed).unwrap()).await.unwrap();
    let child = desk.accept_referral(id).await.unwrap();
    assert_ne!(child, case.child, "another child");
    let beings = desk.look().canonical_persons(&[members[0], case.mother]).await.unwrap();
    assert_eq!(beings[&members[0]], beings[&case.mother]);
    let view = desk.same_person(child, members[0]).await.unwrap();
    assert_eq!(view.linked.iter().map(|of| of.child).collect::<Vec<_>>(), [case.child]);
}

#[tokio::test]
async fn a_referral_that_joined_the_wrong_file_is_taken_out_again_and_both_are_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = test.accepted_child("a").await.unwrap();
    let worker = test.colleague(Role::SocialWorker, "north", "again").await.unwrap();
    let members = [(); 3].map(|()| PersonId(Uuid::now_v7()));
    test.clock_to(date(2026, 11, 24), 600);
    let id = test.verified_referral(&worker, &case.coordinator, members).await.unwrap();
    let desk = test.desk(&case.coordinator, Purpose::ServiceDelivery);
    let referred = desk.referral(id).await.unwrap().referral.child;
    for pair in [Pair::Child { referred, held: case.child }, Pair::Person { member: members[0], held: case.mother }] {
        let typed: Fields =
            [("pair", pair.code().as_str()), ("decision", "same"), ("why", "The number")].into_iter().collect();
        desk.answer_match(id, &MatchAnswer::read(&typed).unwrap()).await.unwrap();
    }
    let before = desk.look().child(case.child).await.unwrap().body.known;
    desk.accept_referral(id).await.unwrap();
    assert_eq!(desk.file(case.child).await.unwrap().family.len(), 5, "father and uncle were not recognised");
    let whose = Whose { child: case.child, person: None };
    let version = desk.facts(whose, Group::School).await.unwrap().version;
    let told_since = new();
    let lake = told(&[("school", "Lake School")]);
    desk.change_facts(whose, told_since, version, &read(Group::School, &lake)).await.unwrap();

    let asked = desk.parting(id, case.child).await.unwrap();
    assert_eq!(asked.said.iter().map(|said| said.id).collect::<Vec<_>>(), [told_since]);
    assert_eq!(
        code(desk.part_referral(id, case.child, &why("Twins")).await),
        format!("of-{told_since}"),
        "asked for, not guessed"
    );
    let mut answered = why("Twins");
    answered.set(format!("of-{told_since}"), "other");
    assert_eq!(desk.part_referral(id, case.child, &answered).await.unwrap(), referred);

    let file = desk.file(case.child).await.unwrap();
    assert!(file.child.body.known.values == before.values, "as it was");
    assert_eq!((file.family.len(), file.referrals.len(), file.child.social_worker), (3, 1, case.social_worker.id));
    let other = desk.file(referred).await.unwrap();
    assert_eq!((other.child.name(), other.family.len(), other.referrals.len()), ("Robin Marsh".to_owned(), 3, 1));
    assert_eq!(other.child.body.facts.as_ref().and_then(|facts| facts.school.as_deref()), Some("Lake School"));
    assert!(other.family.iter().any(|of| of.person.id == case.mother), "the mother is the same, of both");
    assert_eq!(code(desk.part_referral(id, case.child, &answered).await), "referral.not_joined");
}

#[tokio::test]
async fn who_is_barred_later_in_one_file_marks_what_is_booked_in_the_other_assessed_or_not() {
    let (_dir, test, amara, robin) = two().await;
    let desk = test.at_work(&amara.coordinator);
    let link = DecideSame { sure: true, ..said(robin.grandmother, LinkDecision::Same) };
    desk.decide_same(amara.child, amara.grandmother, &link).await.unwrap();
    let booked = session();
    desk.book_session(booked, robin.plan, robin.line_without_assessment, robin.thursday()).await.unwrap();
    assert_eq!(desk.look().session(booked).await.unwrap().flagged, None);
    let whose = Whose { child: amara.child, person: Some(amara.grandmother) };
    let version = desk.facts(whose, Group::Attendance).await.unwrap().version;
    let barred = told(&[
        ("relationship", "grandparent"),
        ("parental_responsibility", "no"),
        ("entitlement", "none"),
        ("may_attend", "no"),
    ]);
    desk.change_facts(whose, new(), version, &read(Group::Attendance, &barred)).await.unwrap();
    assert_eq!(desk.look().session(booked).await.unwrap().flagged.as_deref(), Some("barred_elsewhere"));
    let plan = desk.plan(robin.plan).await.unwrap();
    assert!(plan.elsewhere.iter().any(|(person, known)| *person == robin.grandmother && known[0].barred));
    assert!(plan.kept.is_some_and(|kept| kept.rule.contains("75th anniversary")), "and until when the plan is kept");
}

#[tokio::test]
async fn a_child_known_in_another_area_is_told_to_those_of_both_and_nothing_else_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = test.accepted_child("a").await.unwrap();
    let worker = test.colleague(Role::SocialWorker, "south", "south.worker").await.unwrap();
    let south = test.colleague(Role::Coordinator, "south", "south.coordinator").await.unwrap();
    test.sent_referral(&worker, [(); 3].map(|()| PersonId(Uuid::now_v7()))).await.unwrap();
    test.service.do_waiting_work().await.unwrap();
    let told = async |who| -> Vec<(&'static str, Uuid)> {
        let notices = test.at_work(who).notices().await.unwrap();
        notices.into_iter().map(|notice| (notice.kind.code(), notice.subject)).collect()
    };
    assert!(told(&case.manager).await.contains(&("match.here", case.child.0)));
    let here = told(&south).await;
    assert!(here.iter().any(|(kind, _)| *kind == "match.elsewhere"));
    assert!(here.iter().all(|(_, subject)| *subject != case.child.0), "not even which file it is");
}

#[tokio::test]
async fn somebody_added_later_who_is_known_in_another_area_is_told_to_those_of_both() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let (case, north) = (test.accepted_child("a").await.unwrap(), test.ground("").await.unwrap());
    let brother = test.brother(&north, "south").await.unwrap();
    let coordinator = test.colleague(Role::Coordinator, "south", "south.coordinator").await.unwrap();
    let member = |given: &str, last: &str| {
        let typed = told(&[
            ("given_name", given),
            ("family_name", last),
            ("relationship", "friend"),
            ("parental_responsibility", "no"),
            ("entitlement", "none"),
            ("may_attend", "no"),
            ("risk_marker", "none"),
        ]);
        AddMember::read(&typed, None, date(2026, 11, 24)).unwrap_or_else(|_| panic!("read"))
    };
    let of = async |who: &Colleague| -> Vec<(&'static str, Uuid)> {
        let notices = test.at_work(who).notices().await.unwrap();
        notices.into_iter().map(|notice| (notice.kind.code(), notice.subject)).collect()
    };
    let desk = test.at_work(&coordinator);
    desk.add_member(brother.child, PersonId(Uuid::now_v7()), &member("Nobody", "Elsewhere")).await.unwrap();
    test.service.do_waiting_work().await.unwrap();
    assert!(of(&coordinator).await.is_empty());
    let family = test.at_work(&case.manager).look().family(case.child).await.unwrap();
    let barred = family.iter().find(|of| of.relation.is_barred()).expect("somebody who must not attend");
    let name = barred.person.body.name.clone();
    for _ in 0..2 {
        let same = PersonId(Uuid::from_u128(7));
        desk.add_member(brother.child, same, &member(&name.given, &name.family)).await.unwrap();
    }
    test.service.do_waiting_work().await.unwrap();
    assert_eq!(of(&coordinator).await, [("member.elsewhere", brother.child.0)], "not even which file it is");
    assert!(of(&case.manager).await.contains(&("match.here", case.child.0)));
    assert!(of(&case.social_worker).await.iter().all(|(kind, _)| *kind != "match.here"));
}
