use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

use super::step::Untaken;
use super::*;
use crate::form::Fields;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn asked(right: Right, asker: Asker, received: &str) -> RightsRequest {
    RightsRequest::new(Asked {
        right,
        asker,
        channel: Channel::Letter,
        received: day(received),
        name: "Ann Marsh".to_owned(),
        address: Some("4 Mill Lane".to_owned()),
        email: None,
        phone: None,
        about: (asker != Asker::Themselves).then(|| "Robin Marsh".to_owned()),
        birth: None,
        former_names: None,
        what: "All of it".to_owned(),
        needs: None,
    })
}

fn account(number: u128) -> AccountId {
    AccountId(Uuid::from_u128(number))
}

fn step(kind: StepKind, on: &str) -> Step {
    Step::of(kind, day(on), "so".to_owned(), Some(account(1)), 0)
}

/// Takes steps, each written down on its day; the code of the first that is refused.
fn take(request: &mut RightsRequest, steps: &[(StepKind, &str)]) -> Result<(), &'static str> {
    for (kind, on) in steps {
        match request.take(step(*kind, on), day(on), &ServiceCalendar::default()) {
            Ok(()) => {}
            Err(Untaken::Refused(refusal)) => return Err(refusal.code),
            Err(Untaken::Wrong(_)) => return Err("wrong"),
        }
    }
    Ok(())
}

fn due(request: &RightsRequest, today: &str) -> Option<Date> {
    request.due(day(today), &ServiceCalendar::default()).map(|due| due.day)
}

#[test]
fn the_month_is_counted_as_the_handbook_s_examples_are() {
    // Handbook section 15: one calendar month; a weekend or bank holiday: the next working day.
    for (received, until) in [("2027-01-31", "2027-03-01"), ("2026-11-25", "2026-12-29"), ("2027-09-03", "2027-10-04")]
    {
        assert_eq!(due(&asked(Right::Access, Asker::Themselves, received), received), Some(day(until)), "{received}");
    }
}

#[test]
fn a_pause_moves_the_day_and_an_extension_is_told_within_the_first_month() {
    // Handbook section 15: "While identity or a needed clarification is awaited the clock does not run."
    let mut request = asked(Right::Access, Asker::Themselves, "2027-02-01");
    assert_eq!(due(&request, "2027-02-01"), Some(day("2027-03-01")));
    take(&mut request, &[(StepKind::IdentityAsked, "2027-02-03")]).unwrap();
    assert_eq!(request.state(), RequestState::Waiting);
    // Asked on the third, it is as if it came today.
    assert_eq!(due(&request, "2027-02-05"), Some(day("2027-03-03")));
    assert_eq!(due(&request, "2027-02-10"), Some(day("2027-03-08")));
    take(&mut request, &[(StepKind::ClarificationAsked, "2027-02-08"), (StepKind::IdentitySettled, "2027-02-10")])
        .unwrap();
    assert_eq!(request.state(), RequestState::Waiting, "what they mean is awaited still");
    take(&mut request, &[(StepKind::ClarificationCame, "2027-02-15")]).unwrap();
    assert_eq!((request.state(), request.paused_days(day("2027-06-01"))), (RequestState::Open, 12));
    assert_eq!(due(&request, "2027-02-20"), Some(day("2027-03-15")), "1 March and 12 days is a Saturday");
    // UK GDPR Art 12(3): extended by two further months, told within the first.
    let late = take(&mut request.clone(), &[(StepKind::Extended, "2027-03-16")]);
    assert_eq!(late, Err("request.too_late"));
    take(&mut request, &[(StepKind::Extended, "2027-03-15")]).unwrap();
    assert_eq!(due(&request, "2027-03-20"), Some(day("2027-05-13")));
    assert_eq!(take(&mut request, &[(StepKind::Extended, "2027-03-16")]), Err("request.extended"));
}

#[test]
fn a_complaint_is_acknowledged_within_thirty_days() {
    // Data Protection Act 2018 s164A; handbook section 14.
    let mut complaint = asked(Right::Complaint, Asker::Themselves, "2026-11-02");
    assert_eq!(due(&complaint, "2026-11-02"), Some(day("2026-12-02")));
    assert_eq!(take(&mut complaint.clone(), &[(StepKind::Extended, "2026-11-05")]), Err("request.complaint"));
    take(&mut complaint, &[(StepKind::Acknowledged, "2026-11-05")]).unwrap();
    assert_eq!(due(&complaint, "2026-11-06"), None);
    take(&mut complaint, &[(StepKind::Released, "2026-11-20")]).unwrap();
    assert_eq!(complaint.state(), RequestState::Answered);
}

#[test]
fn a_request_is_answered_only_when_identity_and_authority_are_settled() {
    // Handbook section 14: "Identity is checked before anything leaves"; a parent needs parental responsibility and the child's
    // interest and competence considered; a solicitor written authority.
    let on = "2027-02-03";
    let mut parent = asked(Right::Access, Asker::Parent, "2027-02-01");
    for needed in [StepKind::IdentitySettled, StepKind::AuthoritySettled, StepKind::ChildConsidered] {
        assert_eq!(take(&mut parent, &[(StepKind::Prepared, on)]), Err("request.missing"), "{needed:?}");
        assert_eq!(take(&mut parent, &[(StepKind::Released, on)]), Err("request.unprepared"));
        take(&mut parent, &[(needed, on)]).unwrap();
    }
    take(&mut parent, &[(StepKind::Prepared, on)]).unwrap();
    assert_eq!(parent.state(), RequestState::Ready);
    let mut solicitor = asked(Right::Access, Asker::Solicitor, "2027-02-01");
    take(&mut solicitor, &[(StepKind::IdentitySettled, on)]).unwrap();
    assert_eq!(solicitor.missing(day(on)), ["See the person’s written authority to the solicitor"]);
    // Somebody of nine asks for themselves: they may, and it is considered how.
    let mut nine = asked(Right::Access, Asker::Themselves, "2027-02-01");
    nine.asked.birth = Some(date(2018, 1, 1));
    take(&mut nine, &[(StepKind::IdentitySettled, on)]).unwrap();
    assert!(nine.missing(day(on)).first().is_some_and(|words| words.contains("the child’s own view")));
    let mut grown = asked(Right::Access, Asker::Themselves, "2027-02-01");
    grown.asked.birth = Some(date(1990, 1, 1));
    take(&mut grown, &[(StepKind::IdentitySettled, on), (StepKind::Prepared, on)]).unwrap();
}

#[test]
fn a_second_person_releases_or_gives_it_back() {
    // Handbook section 15: "a second person checks before release".
    let on = "2027-02-03";
    let mut request = asked(Right::Access, Asker::Themselves, "2027-02-01");
    take(&mut request, &[(StepKind::IdentitySettled, on), (StepKind::Prepared, on)]).unwrap();
    assert_eq!(take(&mut request, &[(StepKind::Released, on)]), Err("request.second_person"));
    assert_eq!(take(&mut request, &[(StepKind::Extended, on)]), Err("request.ready"));
    let by_second = |kind| Step { by: Some(account(2)), ..step(kind, on) };
    request.take(by_second(StepKind::GivenBack), day(on), &ServiceCalendar::default()).unwrap();
    assert_eq!(request.state(), RequestState::Open);
    take(&mut request, &[(StepKind::Prepared, on)]).unwrap();
    request.take(by_second(StepKind::Released), day(on), &ServiceCalendar::default()).unwrap();
    assert_eq!(request.state(), RequestState::Answered);
    assert_eq!(take(&mut request, &[(StepKind::Refused, on)]), Err("request.closed"));
}

#[test]
fn steps_are_taken_in_an_order_that_can_be() {
    let today = "2027-02-05";
    let mut request = asked(Right::Rectification, Asker::Themselves, "2027-02-03");
    assert_eq!(take(&mut request, &[(StepKind::ClarificationCame, today)]), Err("request.not_asked"));
    assert_eq!(take(&mut request, &[(StepKind::AuthoritySettled, today)]), Err("request.own"));
    let mut wrong = |kind, on: &str| request.take(step(kind, on), day(today), &ServiceCalendar::default());
    assert!(matches!(wrong(StepKind::Acknowledged, "2027-02-02"), Err(Untaken::Wrong(_))), "before it came");
    assert!(matches!(wrong(StepKind::Acknowledged, "2027-02-06"), Err(Untaken::Wrong(_))), "to come");
    wrong(StepKind::IdentityAsked, "2027-02-05").unwrap();
    assert!(matches!(wrong(StepKind::IdentitySettled, "2027-02-04"), Err(Untaken::Wrong(_))), "before it was asked");
}

#[test]
fn nothing_is_held_is_not_said_of_somebody_who_was_found() {
    let on = "2027-02-03";
    let mut request = asked(Right::Access, Asker::Themselves, "2027-02-01");
    let file = ChildId(Uuid::from_u128(7));
    let subject = HeldSubject { file, person: Some(PersonId(Uuid::from_u128(8))) };
    assert_eq!(HeldSubject::from_code(&subject.code()), Some(subject));
    assert_eq!(HeldSubject::from_code(&HeldSubject { file, person: None }.code()).map(|of| of.person), Some(None));
    assert_eq!(HeldSubject::from_code("x/y"), None);
    let found = |subjects| Step { subjects, ..step(StepKind::Found, on) };
    request.take(found(vec![subject]), day(on), &ServiceCalendar::default()).unwrap();
    assert_eq!(take(&mut request, &[(StepKind::NotHeld, on)]), Err("request.held"));
    request.take(found(Vec::new()), day(on), &ServiceCalendar::default()).unwrap();
    take(&mut request, &[(StepKind::NotHeld, on)]).unwrap();
    let typed: Fields = [("kind", "found")].into_iter().collect();
    assert!(Step::read(&typed, day(on), AccountId(Uuid::nil()), 0).is_err(), "on a page of its own");
}

#[test]
fn what_is_wrong_with_a_request_is_named_with_its_field() {
    let today = date(2027, 2, 1);
    let wrong = |fields: &[(&str, &str)], by_staff| -> Vec<String> {
        let fields: Fields = fields.iter().copied().collect();
        Asked::read(&fields, by_staff, today).err().unwrap_or_default().into_iter().map(|wrong| wrong.field).collect()
    };
    assert_eq!(wrong(&[], false), ["right", "asker", "name", "what"]);
    assert_eq!(wrong(&[], true), ["right", "asker", "channel", "received-day", "name", "what"]);
    let own = [("right", "access"), ("asker", "self"), ("name", "Ann Marsh"), ("what", "All of it")];
    assert_eq!(wrong(&own, false), ["address"], "nobody can be answered who cannot be reached");
    let born = [("email", "ann@example.org"), ("birth-day", "2"), ("birth-month", "2"), ("birth-year", "2027")];
    assert_eq!(wrong(&[&own[..], &born[..]].concat(), false), ["birth-day"], "received before the person was born");
    let parent = [("right", "access"), ("asker", "parent"), ("name", "A"), ("what", "b"), ("phone", "01632 960123")];
    assert_eq!(wrong(&parent, false), ["about"]);
}

proptest! {
    /// Whatever is asked and comes, the day never lies before the month from receipt, and a pause never makes it shorter.
    #[test]
    fn a_pause_never_shortens_the_month(received in 0_i64..20_000, gaps in proptest::collection::vec(0_i64..40, 0..6)) {
        let from = calendar::day_of(10_000 + received);
        let mut request = asked(Right::Access, Asker::Themselves, &from.to_string());
        let plain = request.due(from, &ServiceCalendar::default()).unwrap().day;
        let (mut on, mut stopped) = (10_000 + received, 0);
        for (index, gap) in gaps.iter().enumerate() {
            on += gap;
            let kind = if index % 2 == 0 { StepKind::ClarificationAsked } else { StepKind::ClarificationCame };
            stopped += if index % 2 == 1 { *gap } else { 0 };
            take(&mut request, &[(kind, &calendar::day_of(on).to_string())]).unwrap();
        }
        let due = request.due(calendar::day_of(on), &ServiceCalendar::default()).unwrap();
        prop_assert!(due.day >= plain);
        prop_assert_eq!(request.paused_days(calendar::day_of(on)), stopped);
        prop_assert!(ServiceCalendar::default().is_working_day(due.day));
    }
}

#[test]
fn a_request_is_kept_from_the_day_on_which_its_end_was_written_down() {
    // Handbook section 19: what has no statutory period is a setting; a 29 February counts as 1 March in a common year.
    let mut request = asked(Right::Rectification, Asker::Themselves, "2028-02-01");
    assert_eq!((request.closed_on(), request.kept_until(3)), (None, None));
    let withdrawn =
        Step { at_ms: calendar::instant_ms(date(2028, 2, 29), 600), ..step(StepKind::Withdrawn, "2028-02-10") };
    request.take(withdrawn, date(2028, 2, 29), &ServiceCalendar::default()).unwrap();
    take(&mut request, &[(StepKind::Noted, "2028-03-20")]).unwrap();
    assert_eq!(request.closed_on(), Some(date(2028, 2, 29)));
    assert_eq!(request.kept_until(3), Some(date(2031, 3, 1)));
    assert_eq!(collected_until(date(2028, 2, 29), 180), date(2028, 8, 27));
}

#[test]
fn what_is_before_the_commissioner_or_a_court_is_contested_until_it_is_decided_there() {
    // UK GDPR Art 77 to 79; Data Protection Act 2018 s165 and s167.
    let on = "2027-02-03";
    let mut request = asked(Right::Rectification, Asker::Themselves, "2027-02-01");
    assert_eq!(take(&mut request, &[(StepKind::Contested, on)]), Err("request.open"));
    take(&mut request, &[(StepKind::Refused, on)]).unwrap();
    assert_eq!(take(&mut request, &[(StepKind::ContestOver, on)]), Err("request.uncontested"));
    for _ in 0..2 {
        take(&mut request, &[(StepKind::Contested, on)]).unwrap();
        assert!(request.is_contested());
        assert_eq!(take(&mut request, &[(StepKind::Contested, on)]), Err("request.contested"));
        take(&mut request, &[(StepKind::ContestOver, on)]).unwrap();
        assert!(!request.is_contested() && request.state() == RequestState::Refused);
    }
    let mut same = asked(Right::Complaint, Asker::Parent, "2027-05-01");
    same.asked.about = Some("marsh ANN".to_owned());
    assert!(same.is_of_same_person(&request));
    same.asked.about = Some("Robin Marsh".to_owned());
    assert!(!same.is_of_same_person(&request));
}

fn decide(right: Right, fields: &[(&str, &str)]) -> Result<Decide, Vec<String>> {
    let base = [("reason", "So"), ("ground", "legal_duty"), ("to", "facts"), ("theirs", "a"), ("ours", "b")];
    // What is named first counts.
    let mut typed: Fields = base.into_iter().collect();
    for (name, value) in fields {
        typed.set(*name, *value);
    }
    let wrong = |problems: Vec<crate::form::Problem>| problems.into_iter().map(|wrong| wrong.field).collect();
    Decide::read(&typed, right, false).map_err(wrong)
}

#[test]
fn what_is_decided_says_what_is_done_why_and_what_was_weighed() {
    // UK GDPR Art 12(4), 16 to 18 and 21; handbook section 14.
    let id = Uuid::from_u128(3).to_string();
    let item = "child.school";
    let wrong = |right, fields: &[(&str, &str)]| decide(right, fields).err().unwrap_or_default();
    for (right, fields, field) in [
        (Right::Erasure, &[("verdict", "upheld")][..], "consents"),
        (Right::Erasure, &[("verdict", "refused"), ("consents", &id)], "consents"),
        (Right::Restriction, &[("verdict", "in_part")], "items"),
        (Right::Restriction, &[("verdict", "refused"), ("items", item)], "items"),
        (Right::Restriction, &[("verdict", "refused"), ("ground", "")], "ground"),
        (Right::Rectification, &[("verdict", "upheld")], "statements"),
        (Right::Rectification, &[("verdict", "in_part"), ("statements", &id)], "items"),
        (Right::Rectification, &[("verdict", "refused")], "items"),
        (Right::Objection, &[("verdict", "upheld"), ("items", item), ("theirs", "")], "theirs"),
        (Right::Objection, &[("verdict", "upheld"), ("items", item), ("ours", "")], "ours"),
        (Right::Objection, &[("verdict", "upheld")], "items"),
        (Right::Objection, &[("verdict", "upheld"), ("to", "sharing")], "recipients"),
        (Right::Objection, &[("verdict", "refused"), ("to", "sharing"), ("recipients", "school")], "recipients"),
        (Right::Objection, &[("verdict", "refused"), ("reason", "")], "reason"),
        (Right::Objection, &[], "verdict"),
    ] {
        assert_eq!(wrong(right, fields), [field], "{right:?} {fields:?}");
    }
    let planning = decide(Right::Objection, &[("verdict", "upheld"), ("to", "planning"), ("items", item)]);
    assert!(planning.is_ok_and(|of| of.items.is_empty() && of.ground.is_none()), "what is not asked for does nothing");
    let disputed = decide(Right::Rectification, &[("verdict", "refused"), ("items", item)]);
    assert!(disputed.is_ok_and(|of| of.items.len() == 1 && of.ground == Some(Ground::LegalDuty)));
    let staff: Fields = [("verdict", "upheld"), ("reason", "So")].into_iter().collect();
    let problems = Decide::read(&staff, Right::Erasure, true).err().unwrap_or_default();
    assert!(problems.iter().all(|wrong| wrong.field == "elsewhere") && problems.len() == 1);
}

fn decision(place: Place, verdict: Verdict, acts: Vec<Act>) -> Decision {
    Decision { id: Uuid::now_v7(), place, verdict, interests: None, kept: None, acts }
}

#[test]
fn nothing_is_answered_before_something_is_decided_in_each_place() {
    // Handbook section 14; UK GDPR Art 12(3).
    let (on, calendar) = ("2027-02-03", ServiceCalendar::default());
    let mut request = asked(Right::Restriction, Asker::Themselves, "2027-02-01");
    let file = |id| Place::File(HeldSubject { file: ChildId(Uuid::from_u128(id)), person: None });
    let (one, other, staff) = (file(7), file(8), Place::Account(account(9)));
    for place in [one, staff] {
        assert_eq!(Place::from_code(&place.code()), Some(place));
    }
    let item = Act { kind: ActKind::Restricted, what: "School".into(), item: None, row: Some(Uuid::from_u128(5)) };
    let decided = |place, acts: Vec<Act>, by| Step {
        decision: Some(decision(place, if acts.is_empty() { Verdict::Refused } else { Verdict::Upheld }, acts)),
        by: Some(account(by)),
        ..step(StepKind::Decided, on)
    };
    let code = |request: &mut RightsRequest, step: Step| match request.take(step, day(on), &calendar) {
        Err(Untaken::Refused(refusal)) => refusal.code,
        Err(Untaken::Wrong(_)) => "wrong",
        Ok(()) => "",
    };
    assert_eq!(code(&mut request, decided(one, Vec::new(), 1)), "request.missing", "who they are");
    take(&mut request, &[(StepKind::IdentitySettled, on)]).unwrap();
    assert_eq!(code(&mut request, decided(one, Vec::new(), 1)), "request.other_place", "nobody confirmed it");
    assert_eq!(take(&mut request, &[(StepKind::Released, on)]), Err("request.missing"));
    let subjects = vec![HeldSubject { file: ChildId(Uuid::from_u128(7)), person: None }];
    let found = Step { subjects, accounts: vec![account(9)], ..step(StepKind::Found, on) };
    request.take(found, day(on), &calendar).unwrap();
    assert_eq!(take(&mut request, &[(StepKind::NotHeld, on)]), Err("request.held"));
    assert_eq!(code(&mut request, decided(other, Vec::new(), 1)), "request.other_place", "of the same name only");
    assert_eq!(code(&mut request, decided(one, vec![item.clone()], 9)), "request.yours", "not by who asks");
    assert_eq!(code(&mut request, decided(one, vec![item], 1)), "");
    assert_eq!(take(&mut request, &[(StepKind::Released, on)]), Err("request.missing"), "as a member of staff");
    assert_eq!(code(&mut request, decided(staff, Vec::new(), 1)), "");
    assert!(request.is_decided());
    assert_eq!(take(&mut request, &[(StepKind::Refused, on)]), Err("request.done"));
    take(&mut request, &[(StepKind::Released, on)]).unwrap();
    // UK GDPR Art 18(3): it is lifted when the reason has gone, mostly after the answer.
    let lifted = |id| Step { lifts: Some(StatementId(Uuid::from_u128(id))), ..step(StepKind::Lifted, on) };
    assert_eq!(code(&mut request, lifted(6)), "request.not_restricted");
    assert_eq!(code(&mut request, lifted(5)), "");
    assert_eq!((code(&mut request, lifted(5)), request.restrictions().count()), ("request.not_restricted", 0));
    assert_eq!(request.state(), RequestState::Answered);
    let mut access = asked(Right::Access, Asker::Themselves, "2027-02-01");
    assert_eq!(code(&mut access, decided(one, Vec::new(), 1)), "request.not_decided");
}
