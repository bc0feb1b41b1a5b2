//! A pack from a request to its code: what is collected, what is taken out, who may.

use std::net::IpAddr;

use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::catalogue::Group;
use kith_domain::fact::ChangeFacts;
use kith_domain::form::Fields;
use kith_domain::ids::{RequestId, StatementId};
use kith_domain::pack::{PackState, PartKind};
use kith_domain::rights::HeldSubject;
use uuid::Uuid;

use super::PackView;
use crate::fact::Whose;
use crate::hand_over::HandedWhat;
use crate::testing::{AcceptedChild, TestService};
use crate::{Desk, ServiceError};

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

pub(super) fn typed(fields: &[(&str, &str)]) -> Fields {
    fields.iter().copied().collect()
}

/// A request whose asker is known, about somebody of whom an officer said where they are held.
async fn request_about(officer: &Desk, asker: &str, subjects: Vec<HeldSubject>) -> RequestId {
    request_for(officer, "access", asker, subjects).await
}

async fn request_for(officer: &Desk, right: &str, asker: &str, subjects: Vec<HeldSubject>) -> RequestId {
    let id = RequestId(Uuid::now_v7());
    let mut form = typed(&[
        ("right", right),
        ("asker", asker),
        ("channel", "letter"),
        ("received-day", "20"),
        ("received-month", "11"),
        ("received-year", "2026"),
        ("name", "Ann Marsh"),
        ("address", "4 Mill Lane, Nenebridge"),
        ("what", "Everything"),
    ]);
    if asker == "parent" {
        form.set("about", "Robin Marsh");
    }
    officer.enter_request(id, &form).await.unwrap();
    for kind in ["identity_settled", "authority_settled", "child_considered"] {
        let _ = officer.take_request_step(id, &typed(&[("kind", kind), ("words", "Seen")])).await;
    }
    officer.found_for_test(id, subjects).await.unwrap();
    id
}

pub(crate) async fn worked(test: &TestService) {
    while test.service.do_waiting_work().await.unwrap() > 0 {}
}

pub(crate) async fn officer(test: &TestService, name: &str) -> Desk {
    let colleague = test.colleague(Role::DataProtection, "", name).await.unwrap();
    test.desk(&colleague, Purpose::Accountability)
}

/// Robin's file with two sessions that the mother came to, and one with the father.
pub(crate) async fn robin(test: &TestService) -> AcceptedChild {
    let case = test.accepted_child("one").await.unwrap();
    test.approved_assessment(&case, case.mother).await.unwrap();
    test.approved_assessment(&case, case.father).await.unwrap();
    let line = test.active_plan(&case, &[case.mother, case.father]).await.unwrap();
    for day in [date(2026, 11, 24), date(2026, 11, 26)] {
        test.held_session(&case, line, &[case.mother], day).await.unwrap();
    }
    test.held_session(&case, line, &[case.father], date(2026, 12, 1)).await.unwrap();
    case
}

pub(crate) async fn begun(
    test: &TestService,
    officer: &Desk,
    asker: &str,
    subjects: Vec<HeldSubject>,
) -> (RequestId, PackView) {
    let id = request_about(officer, asker, subjects).await;
    officer.begin_pack(id).await.unwrap();
    officer.begin_pack(id).await.unwrap();
    worked(test).await;
    let view = officer.pack(id, false, 1).await.unwrap();
    assert!(view.pack.as_ref().is_some_and(|pack| pack.state == PackState::Deciding));
    (id, view)
}

async fn texts(officer: &Desk, id: RequestId) -> Vec<(PartKind, String)> {
    let mut all = Vec::new();
    for number in 1.. {
        let Ok(part) = officer.pack_part(id, number).await else { break };
        let lines: Vec<String> =
            part.part.body.lines.iter().map(|line| format!("{}: {}", line.label, line.text)).collect();
        all.push((part.part.kind, lines.join("\n")));
    }
    all
}

pub(crate) async fn decide_all(officer: &Desk, id: RequestId, removed: &str) {
    let view = officer.pack(id, true, 1).await.unwrap();
    for line in view.names.iter().filter(|line| line.open > 0) {
        let name = format!("{}/{}", line.file, line.number);
        officer.decide_of_name(id, &typed(&[("name", &name), ("removed", removed)])).await.unwrap();
    }
    for number in 1.. {
        let Ok(part) = officer.pack_part(id, number).await else { break };
        if part.part.body.by_name && part.part.body.theirs.is_none() {
            officer.change_pack_part(id, number, &typed(&[("do", "theirs")])).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_childs_pack_has_every_kind_of_thing_in_the_file_in_order_of_time() {
    // Handbook section 15: "everything about the person in every file, the access log of their own record, sources".
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = robin(&test).await;
    let officer = officer(&test, "officer").await;
    let child = HeldSubject { file: case.child, person: None };
    let (id, view) = begun(&test, &officer, "parent", vec![child]).await;
    let texts = texts(&officer, id).await;
    for kind in [
        PartKind::Facts,
        PartKind::Referral,
        PartKind::Call,
        PartKind::Risk,
        PartKind::Plan,
        PartKind::Session,
        PartKind::Looks,
    ] {
        assert!(texts.iter().any(|(of, _)| *of == kind), "{}", kind.label());
    }
    assert_eq!(texts.iter().filter(|(of, _)| *of == PartKind::Session).count(), 3);
    assert_eq!(view.files.len(), 1);
    assert_eq!(view.files[0].done.0, view.files[0].done.1);
    let first = texts.iter().position(|(of, _)| *of == PartKind::Referral);
    let last = texts.iter().position(|(of, _)| *of == PartKind::Looks);
    assert!(first < last);
    // The mother, the father and the uncle are proposed, Robin is not, nor is anybody who works there.
    let names: Vec<&str> = view.names.iter().map(|line| line.name.shown.as_str()).collect();
    assert!(
        names.iter().any(|name| name.starts_with("Ann")) && !names.iter().any(|name| name.starts_with("Robin")),
        "{names:?}"
    );
    // Every value of the child that is held is in it.
    let look = officer.service.store().look(&officer.access);
    let held = look.child(case.child).await.unwrap();
    look.done("file.read", officer.now_ms()).await.unwrap();
    let all = texts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n");
    let values = &held.body.known.values;
    for name in values.names() {
        let Some(item) = kith_domain::catalogue::of_value(false, name) else { continue };
        if let Some(words) = kith_domain::catalogue::value_words(item, values, &|id| id.to_owned()) {
            assert!(words.parse::<Uuid>().is_ok() || all.contains(&words), "{}: not in the pack", item.key());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_taken_out_is_in_a_volume_or_in_the_data() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = robin(&test).await;
    let (officer, second) = (officer(&test, "officer").await, officer(&test, "second").await);
    let (id, _) = begun(&test, &officer, "parent", vec![HeldSubject { file: case.child, person: None }]).await;
    let refused = officer.take_request_step(id, &typed(&[("kind", "prepared"), ("words", "Here")])).await.unwrap_err();
    assert!(matches!(refused, ServiceError::Refused(ref of) if of.code == "pack.undecided"), "{refused:?}");
    decide_all(&officer, id, "another").await;
    assert_eq!(officer.pack(id, true, 1).await.unwrap().undecided, 0);
    officer.take_request_step(id, &typed(&[("kind", "prepared"), ("words", "Here it is")])).await.unwrap();
    worked(&test).await;
    let view = second.pack(id, false, 1).await.unwrap();
    assert!(
        view.pack.is_some_and(|pack| pack.state == PackState::Ready && pack.body.digests.len() == view.volumes.len())
    );
    let data = second.pack_data(id).await.unwrap().to_string();
    // "Marsh" is Robin's own name too; "Ann" stands nowhere by itself any more.
    let schedule = second.pack_schedule(id).await.unwrap();
    assert!(schedule.lines.iter().any(|line| line.removal.words.contains("Ann")));
    assert!(!data.contains("Ann "), "what is taken out is in the data");
    let pdf = second.pack_volume(id, 1).await.unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    // It is fixed now, until somebody gives it back.
    let fixed = officer.change_pack_part(id, 1, &typed(&[("do", "theirs")])).await.unwrap_err();
    assert!(matches!(fixed, ServiceError::Refused(ref of) if of.code == "pack.fixed"), "{fixed:?}");
    second.take_request_step(id, &typed(&[("kind", "given_back"), ("words", "Look at part 3")])).await.unwrap();
    let back = officer.pack(id, false, 1).await.unwrap();
    assert!(back.volumes.is_empty() && back.pack.is_some_and(|pack| pack.state == PackState::Deciding));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_is_taken_with_a_code_once_in_one_browser_for_a_day() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = robin(&test).await;
    let (officer, second) = (officer(&test, "officer").await, officer(&test, "second").await);
    let (id, _) =
        begun(&test, &officer, "self", vec![HeldSubject { file: case.child, person: Some(case.mother) }]).await;
    decide_all(&officer, id, "keep").await;
    officer.take_request_step(id, &typed(&[("kind", "prepared"), ("words", "Here it is")])).await.unwrap();
    worked(&test).await;
    assert!(officer.make_hand_over(id).await.is_err(), "a second person releases it first");
    let own = officer.take_request_step(id, &typed(&[("kind", "released"), ("words", "Sent")])).await.unwrap_err();
    assert!(matches!(own, ServiceError::Refused(ref of) if of.code == "request.second_person"), "{own:?}");
    second.take_request_step(id, &typed(&[("kind", "released"), ("words", "Sent")])).await.unwrap();
    let first = officer.make_hand_over(id).await.unwrap();
    let new = officer.make_hand_over(id).await.unwrap();
    let service = &test.service;
    assert!(
        service.open_hand_over(first.id, &first.code, HOME).await.is_err(),
        "the one before opens nothing any more"
    );
    assert!(service.open_hand_over(new.id, "0000-0000-0000", HOME).await.is_err());
    let kept = service.open_hand_over(new.id, &new.code.to_lowercase(), HOME).await.unwrap();
    assert!(service.open_hand_over(new.id, &new.code, HOME).await.is_err(), "a code opens once");
    let handed = service.handed(new.id, &kept).await.unwrap();
    assert!(matches!(handed.what, HandedWhat::Pack(volumes, _) if volumes.len() == 1));
    assert!(service.handed_volume(new.id, &kept, 1).await.unwrap().starts_with(b"%PDF-"));
    assert!(
        service.handed_data(new.id, &kept).await.unwrap()["parts"].as_array().is_some_and(|parts| !parts.is_empty())
    );
    for (other, what) in
        [("", "another browser"), ("1.00", "a made-up mark"), (&*kept.replace('.', "1."), "another time")]
    {
        assert!(matches!(service.handed(new.id, other).await, Err(ServiceError::NotFound)), "{what}");
    }
    assert!(matches!(service.handed(first.id, &kept).await, Err(ServiceError::NotFound)), "another pack");
    test.clock.move_to(test.service.now_ms() + 25 * 3_600_000);
    assert!(matches!(service.handed(new.id, &kept).await, Err(ServiceError::NotFound)), "the day is over");
    // Five wrong codes lock it.
    let another = officer.make_hand_over(id).await.unwrap();
    for _ in 0..kith_domain::hand_over::WRONG_CODES_MAX {
        assert!(service.open_hand_over(another.id, "1111-1111-1111", HOME).await.is_err());
    }
    assert!(service.open_hand_over(another.id, &another.code, HOME).await.is_err(), "locked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_the_family_gets_what_is_about_them_and_what_names_them_is_asked_about() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = robin(&test).await;
    let officer = officer(&test, "officer").await;
    let father = HeldSubject { file: case.child, person: Some(case.father) };
    let (id, view) = begun(&test, &officer, "self", vec![father]).await;
    let mut sessions = Vec::new();
    for number in 1.. {
        let Ok(part) = officer.pack_part(id, number).await else { break };
        if part.part.kind == PartKind::Session {
            sessions.push(part.part.body.by_name);
        }
        // The risk from the mother is not his.
        let of_mother =
            part.part.kind == PartKind::Risk && part.part.body.lines.iter().any(|line| line.label == "Hazard");
        assert!(!of_mother || !part.part.body.by_name);
    }
    assert_eq!(sessions.iter().filter(|by_name| !**by_name).count(), 1, "the session that he came to");
    assert!(view.names.iter().any(|line| line.name.shown.starts_with("Robin")), "the child is somebody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_officer_and_only_once_it_is_known_who_asks() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = robin(&test).await;
    let officer = officer(&test, "officer").await;
    let id = RequestId(Uuid::now_v7());
    let form = typed(&[
        ("right", "access"),
        ("asker", "self"),
        ("channel", "phone"),
        ("received-day", "20"),
        ("received-month", "11"),
        ("received-year", "2026"),
        ("name", "Ann Marsh"),
        ("phone", "01632 960 123"),
        ("what", "Everything"),
    ]);
    officer.enter_request(id, &form).await.unwrap();
    let early = officer.begin_pack(id).await.unwrap_err();
    assert!(matches!(early, ServiceError::Refused(ref of) if of.code == "pack.too_early"), "{early:?}");
    officer.take_request_step(id, &typed(&[("kind", "identity_settled"), ("words", "Passport")])).await.unwrap();
    let nobody = officer.begin_pack(id).await.unwrap_err();
    assert!(matches!(nobody, ServiceError::Refused(ref of) if of.code == "pack.nobody"), "{nobody:?}");
    officer.found_for_test(id, vec![HeldSubject { file: case.child, person: Some(case.mother) }]).await.unwrap();
    let manager = test.desk(&case.manager, Purpose::Accountability);
    assert!(matches!(manager.begin_pack(id).await, Err(ServiceError::Forbidden)));
    officer.begin_pack(id).await.unwrap();
    assert!(matches!(manager.pack(id, false, 1).await, Err(ServiceError::Forbidden)));
    assert!(matches!(manager.pack_volume(id, 1).await, Err(ServiceError::Forbidden)));
    // With somebody held and no pack looked through, there is no answer.
    let none = officer.take_request_step(id, &typed(&[("kind", "prepared"), ("words", "Nothing")])).await.unwrap_err();
    assert!(matches!(none, ServiceError::Refused(ref of) if of.code == "pack.not_ready"), "{none:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_packs_of_one_family_say_where_they_differ() {
    // "Two siblings' packs do not contradict each other."
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = robin(&test).await;
    let officer = officer(&test, "officer").await;
    let child = HeldSubject { file: case.child, person: None };
    let (first, _) = begun(&test, &officer, "parent", vec![child]).await;
    let (other, _) = begun(&test, &officer, "parent", vec![child]).await;
    decide_all(&officer, first, "another").await;
    decide_all(&officer, other, "keep").await;
    let view = officer.pack(first, false, 1).await.unwrap();
    assert!(!view.differing.is_empty());
    let part = officer.pack_part(first, view.differing[0]).await.unwrap();
    assert!(part.differences.iter().all(|(of, difference)| *of == other && difference.taken_out_here));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_gave_themselves_is_data_and_a_table() {
    // UK GDPR Art 20; handbook section 14: "only what the person gave …: JSON and CSV".
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = robin(&test).await;
    let (officer, second) = (officer(&test, "officer").await, officer(&test, "second").await);
    let mother = HeldSubject { file: case.child, person: Some(case.mother) };
    let whose = Whose { child: case.child, person: Some(case.mother) };
    let coordinator = test.desk(&case.coordinator, Purpose::ServiceDelivery);
    let view = coordinator.facts(whose, Group::Contact).await.unwrap();
    let form = typed(&[
        ("given_name", "Ann"),
        ("family_name", "Marsh"),
        ("phone", "01632 960 777"),
        ("told_by", "Ann \"Annie\" Marsh"),
        ("told_how", "person"),
        ("told_since", "2026-11-20"),
    ]);
    let command = ChangeFacts::read(Group::Contact, &form, view.born(Group::Contact), test.service.today());
    let command = command.unwrap_or_else(|problems| panic!("{}", problems[0].message));
    coordinator.change_facts(whose, StatementId(Uuid::now_v7()), view.version, &command).await.unwrap();
    let id = request_for(&officer, "portability", "self", vec![mother]).await;
    officer.begin_pack(id).await.unwrap();
    worked(&test).await;
    let texts = texts(&officer, id).await;
    assert_eq!(texts.len(), 1, "what others said of them is not what they gave");
    assert!(texts[0].1.contains("01632 960 777") && !texts[0].1.contains("on the referral"), "{}", texts[0].1);
    officer.take_request_step(id, &typed(&[("kind", "prepared"), ("words", "Here it is")])).await.unwrap();
    worked(&test).await;
    let table = super::table(&second.pack_data(id).await.unwrap());
    let rows: Vec<&str> = table.split_terminator("\r\n").collect();
    assert_eq!(rows[0], "\"number\",\"title\",\"at\",\"label\",\"text\"");
    assert!(rows.iter().any(|row| row.ends_with("\"Phone number\",\"01632 960 777\"")), "{table}");
    assert!(table.contains("Ann \"\"Annie\"\" Marsh"), "a quotation mark within a field stands twice: {table}");
}
