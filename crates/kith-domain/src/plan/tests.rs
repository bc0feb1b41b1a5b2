//! Frequencies, patterns and arrangements as people write them, and what they come to.

use super::*;
use crate::calendar::ClosedDay;
use jiff::civil::date;
use uuid::Uuid;

fn fields(pairs: &[(&str, &str)]) -> Fields {
    let whole = [
        ("with", "018f0000-0000-7000-8000-000000000001"),
        ("bound", "at_least"),
        ("count", "2"),
        ("per", "week"),
        ("weekday", "2"),
        ("weekday", "4"),
        ("start", "10:00"),
        ("minutes", "90"),
        ("from", "2026-11-24"),
        ("court_ordered", "yes"),
        ("supervision", "supervised"),
        ("mode", "in_person"),
    ];
    let given: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    whole.into_iter().filter(|(name, _)| !given.contains(name)).chain(pairs.iter().copied()).collect()
}

fn read(pairs: &[(&str, &str)]) -> Result<Arrangement, Vec<Problem>> {
    Arrangement::read(ArrangementId(Uuid::nil()), &fields(pairs), &ServiceCalendar::default(), date(2026, 11, 24))
}

fn whole(pairs: &[(&str, &str)]) -> Arrangement {
    read(pairs).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn proposed(line: &Arrangement, from: Date, to: Date) -> Vec<Date> {
    line.propose(from, to, &ServiceCalendar::default()).into_iter().map(|proposed| proposed.day).collect()
}

fn wrong(pairs: &[(&str, &str)]) -> Vec<String> {
    read(pairs).err().unwrap_or_default().into_iter().map(|problem| problem.field).collect()
}

#[test]
fn tuesdays_and_thursdays_at_ten() {
    // Handbook section 7: "pattern (e.g. Tuesdays and Thursdays 10:00–11:30)".
    let line = whole(&[]);
    assert_eq!(line.pattern.to_string(), "Tuesday and Thursday at 10:00, every week");
    assert_eq!(line.frequency.to_string(), "at least twice a week");
    let days = proposed(&line, date(2026, 11, 23), date(2026, 12, 4));
    assert_eq!(days, [date(2026, 11, 24), date(2026, 11, 26), date(2026, 12, 1), date(2026, 12, 3)]);
}

#[test]
fn the_form_of_an_arrangement_reads_back_to_it() {
    let line = whole(&[("to", "2027-03-31"), ("rules", "No photographs."), ("start", "09:15")]);
    let read = Arrangement::read(line.id, &line.fields(), &ServiceCalendar::default(), date(2026, 11, 24));
    assert!(read.is_ok_and(|read| read == line));
}

#[test]
fn reviewed_at_least_every_three_months() {
    // Handbook section 7.
    assert_eq!(review_due(date(2026, 11, 24), 3), date(2027, 2, 24));
    assert_eq!(review_due(date(2026, 11, 30), 3), date(2027, 2, 28));
}

#[test]
fn every_second_week_counts_from_the_first_week() {
    let line =
        whole(&[("every_weeks", "2"), ("count", "1"), ("per", "fortnight"), ("weekday", "1"), ("from", "2026-11-25")]);
    let days = proposed(&line, date(2026, 11, 23), date(2026, 12, 31));
    assert_eq!(days, [date(2026, 12, 7), date(2026, 12, 21)]);
}

#[test]
fn a_bank_holiday_is_proposed_with_its_reason() {
    let line = whole(&[("weekday", "5"), ("weekday", "1")]);
    let training = ClosedDay { day: date(2026, 12, 21), name: "Staff training".into() };
    let calendar = ServiceCalendar { closed: vec![training], school_terms: Vec::new() };
    let proposed = line.propose(date(2026, 12, 21), date(2027, 1, 1), &calendar);
    let shut: Vec<_> = proposed.into_iter().filter_map(|p| p.shut).collect();
    assert_eq!(shut, ["Staff training", "Christmas Day", "Boxing Day", "New Year’s Day"]);
}

#[test]
fn a_pattern_that_cannot_keep_the_order_is_named() {
    let problems = read(&[("count", "3")]).err().unwrap_or_default();
    assert_eq!(problems[0].field, "weekday");
    assert!(read(&[("count", "3"), ("bound", "at_most")]).is_ok());
    assert!(read(&[("count", "2"), ("per", "month"), ("every_weeks", "4")]).is_ok());
    assert!(read(&[("count", "3"), ("per", "month"), ("every_weeks", "4")]).is_err());
}

#[test]
fn once_a_month_can_be_the_first_saturday() {
    // Handbook section 7: "frequency (N per … month)"; every four weeks gives two in some month.
    let once = [("count", "1"), ("per", "month"), ("bound", "exactly"), ("weekday", "6")];
    let with = |more: &[(&'static str, &'static str)]| once.iter().chain(more).copied().collect::<Vec<_>>();
    let line = whole(&with(&[("of_month", "1")]));
    assert_eq!(line.pattern.to_string(), "Saturday at 10:00, first of the month");
    let days = proposed(&line, date(2026, 11, 24), date(2027, 2, 28));
    assert_eq!(days, [date(2026, 12, 5), date(2027, 1, 2), date(2027, 2, 6)]);
    assert_eq!(wrong(&with(&[("every_weeks", "4")])), ["weekday"]);
    let last = whole(&with(&[("of_month", "last")]));
    assert_eq!(proposed(&last, date(2026, 11, 24), date(2026, 12, 31)), [date(2026, 11, 28), date(2026, 12, 26)]);
    assert_eq!(wrong(&with(&[("of_month", "1"), ("every_weeks", "2")])), ["every_weeks"]);
}

#[test]
fn every_day_is_asked_of_the_days_on_which_the_service_works() {
    // Handbook section 19: "Every day" is every day on which the service works.
    let daily = [("count", "1"), ("per", "day")];
    let days = |last: &'static str| {
        let weekdays = ["1", "2", "3", "4", "5", last].map(|day| ("weekday", day));
        daily.into_iter().chain(weekdays).collect::<Vec<_>>()
    };
    assert!(read(&days("6")).is_ok());
    assert_eq!(wrong(&days("5")), ["weekday"], "nothing on Saturday");
}

#[test]
fn fifty_two_a_year_can_be_typed() {
    let line = whole(&[("count", "52"), ("per", "year"), ("bound", "exactly"), ("weekday", "2")]);
    assert_eq!(line.frequency.to_string(), "exactly 52 times a year");
    assert_eq!(wrong(&[("count", "367"), ("per", "year")]), ["count"]);
}

#[test]
fn a_pattern_that_gives_more_than_at_most_is_refused() {
    let once = [("count", "1"), ("bound", "at_most"), ("weekday", "1"), ("weekday", "3"), ("weekday", "5")];
    assert_eq!(wrong(&once), ["weekday"]);
    assert!(read(&[("count", "1"), ("bound", "at_most"), ("weekday", "1")]).is_ok());
}

#[test]
fn a_pattern_without_a_possible_day_is_refused() {
    // Wednesday 25 to Saturday 28 November has no Tuesday; Friday 25 December is shut.
    assert_eq!(wrong(&[("weekday", "2"), ("count", "1"), ("from", "2026-11-25"), ("to", "2026-11-28")]), ["weekday"]);
    assert_eq!(wrong(&[("weekday", "5"), ("count", "1"), ("from", "2026-12-25"), ("to", "2026-12-26")]), ["weekday"]);
}

#[test]
fn letters_have_no_clock_time_and_no_length() {
    let letters = [("mode", "letterbox"), ("count", "1"), ("per", "month"), ("start", ""), ("minutes", "")];
    let with = |more: &[(&'static str, &'static str)]| letters.iter().chain(more).copied().collect::<Vec<_>>();
    let line = whole(&with(&[("weekday", "")]));
    assert_eq!((line.pattern.start_minute, line.minutes, line.term(line.from, None).minutes), (None, 0, None));
    assert!(proposed(&line, date(2026, 11, 24), date(2026, 12, 31)).is_empty());
    let video = whole(&[("mode", "video"), ("start", "")]);
    assert_eq!((video.pattern.start_minute, video.minutes), (None, 90));
    assert_eq!(wrong(&[("start", "")]), ["start"], "in person somebody has to be there");
}

#[test]
fn an_arrangement_reads_back_as_a_sentence() {
    let line = whole(&[("when", "term_time"), ("to", "2027-03-31")]);
    assert_eq!(
        line.sentence("Ann Marsh"),
        "Ann Marsh: at least twice a week, 90 minutes each, in school term time; Tuesday and Thursday, 10:00 to 11:30, \
         every week; in person; supervised: within sight and hearing throughout; from 24 November 2026 to 31 March 2027; \
         by order of the court."
    );
}

mod agreement {
    use super::*;
    use crate::codes::Entitlement;
    use crate::delivery::Term;
    use crate::order::{Order, OrderFacts, OrderTerm};
    use crate::session::{Hours, Week};
    use std::collections::HashMap;

    const NINE_TO_SEVEN: Week = [Some(Hours { start_minute: 540, end_minute: 1140 }); 6];

    fn mother() -> PersonId {
        PersonId(Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0001))
    }

    fn order() -> Order {
        let owed = Term {
            from: date(2026, 11, 2),
            to: None,
            bound: Bound::AtLeast,
            count: 3,
            per: Per::Week,
            anchor: Anchor::Calendar,
            minutes: Some(90),
            when: When::Always,
        };
        Order {
            facts: OrderFacts {
                court: "Family Court at Eddington".into(),
                case_number: "ED26C00417".into(),
                made_on: date(2026, 11, 2),
                ends_on: Some(date(2027, 5, 1)),
                forbids: None,
                words: None,
            },
            terms: vec![OrderTerm { id: TermId(Uuid::nil()), with: vec![mother()], owed, mode: Mode::InPerson }],
            ended: None,
            earlier: Vec::new(),
            source: String::new(),
        }
    }

    fn fields_wrong(lines: Vec<Arrangement>, assessed: Option<Supervision>, may_attend: bool) -> Vec<&'static str> {
        let order = order();
        let terms: Vec<OrderedTerm> = order.terms.iter().map(|term| OrderedTerm { order: &order, term }).collect();
        let grounds = Grounds {
            begun_on: date(2026, 11, 24),
            going_on: &[],
            venues: &[NINE_TO_SEVEN],
            calendar: &ServiceCalendar::default(),
            terms: &terms,
            assessed: &assessed.map(|level| (mother(), level)).into_iter().collect::<HashMap<_, _>>(),
            family: &[(mother(), "Ann Marsh".into(), may_attend, Entitlement::Parent)],
        };
        let plan = ContactPlan { arrangements: lines, ..ContactPlan::default() };
        check(&plan, &grounds).problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn what_stands_against_a_line_is_named_before_it_is_agreed() {
        // A mother assessed as supervised, unsupervised until half past eight in a venue that shuts at seven, from 2020.
        let mut line = whole(&[("start", "18:30"), ("minutes", "120"), ("supervision", "unsupervised")]);
        line.from = date(2020, 1, 1);
        let wrong = fields_wrong(vec![line], Some(Supervision::Supervised), true);
        assert_eq!(wrong, ["from-day", "start", "supervision"]);
        assert!(fields_wrong(vec![whole(&[])], Some(Supervision::Supervised), true).is_empty());
        assert_eq!(fields_wrong(vec![whole(&[])], None, false), ["with"], "barred since");
    }

    #[test]
    fn a_line_that_serves_an_order_keeps_what_it_says() {
        let serves = ("serves", "00000000-0000-0000-0000-000000000000");
        let three = [("weekday", "1"), ("weekday", "3"), ("weekday", "5"), serves, ("to", "2027-05-01")];
        let with = |more: &[(&'static str, &'static str)]| three.iter().chain(more).copied().collect::<Vec<_>>();
        assert!(fields_wrong(vec![whole(&with(&[]))], None, true).is_empty());
        assert_eq!(fields_wrong(vec![whole(&with(&[("minutes", "60")]))], None, true), ["minutes"]);
        assert_eq!(fields_wrong(vec![whole(&with(&[("mode", "video")]))], None, true), ["mode"]);
        let endless = whole(&[("weekday", "1"), ("weekday", "3"), ("weekday", "5"), serves]);
        assert_eq!(fields_wrong(vec![endless], None, true), ["to-day"], "the order ends before the plan");
        let two = whole(&[serves, ("to", "2027-05-01")]);
        assert_eq!(fields_wrong(vec![two.clone()], None, true), ["weekday"]);
        let saturday = whole(&[("weekday", "6"), ("count", "1"), serves, ("to", "2027-05-01")]);
        assert!(fields_wrong(vec![two, saturday], None, true).is_empty(), "together they give three");
    }

    #[test]
    fn an_ordered_contact_that_no_line_serves_is_said() {
        let order = order();
        let terms: Vec<OrderedTerm> = order.terms.iter().map(|term| OrderedTerm { order: &order, term }).collect();
        let grounds = Grounds {
            begun_on: date(2026, 11, 24),
            going_on: &[],
            venues: &[NINE_TO_SEVEN],
            calendar: &ServiceCalendar::default(),
            terms: &terms,
            assessed: &HashMap::new(),
            family: &[(mother(), "Ann Marsh".into(), true, Entitlement::Parent)],
        };
        let notes = check(&ContactPlan::default(), &grounds).notes;
        assert!(notes[0].contains("Family Court at Eddington of 2 November 2026: Ann Marsh, at least 3 times a week"));
        assert!(notes[1].starts_with("Ann Marsh is entitled to contact"));
    }
}

#[test]
fn a_frequency_of_zero_and_a_crooked_start_are_refused() {
    assert!(read(&[("count", "0")]).is_err());
    assert_eq!(read(&[("start", "10:10")]).err().unwrap_or_default()[0].field, "start");
}

#[test]
fn a_plan_is_agreed_before_it_starts() {
    assert!(PlanState::Draft.after(PlanMove::Start).is_err());
    assert_eq!(PlanState::Agreed.after(PlanMove::Start), Ok(PlanState::Active));
    assert!(PlanState::Ended.after(PlanMove::Resume).is_err());
    assert!(ContactPlan::default().ready().is_err());
}

#[test]
fn a_letter_has_neither_supervision_nor_a_journey_and_its_sentence_says_none() {
    let letters = [
        ("mode", "letterbox"),
        ("count", "1"),
        ("per", "month"),
        ("start", ""),
        ("minutes", ""),
        ("weekday", ""),
        ("supervision", ""),
        ("transport", "By car"),
    ];
    let line = whole(&letters);
    assert_eq!((line.transport.as_deref(), line.minutes), (None, 0));
    assert!(!line.sentence("Ann").contains("supervised"), "{}", line.sentence("Ann"));
    assert_eq!(wrong(&[("supervision", "")]), ["supervision"], "in a room somebody says how near staff are");
}

#[test]
fn what_changed_between_two_plans_is_told_by_arrangement() {
    let named = |people: &[PersonId]| if people.is_empty() { String::new() } else { "Ann".to_owned() };
    let plan = |arrangements: Vec<Arrangement>| ContactPlan { arrangements, ..ContactPlan::default() };
    let at = |id: u128, pairs: &[(&str, &str)]| Arrangement { id: ArrangementId(Uuid::from_u128(id)), ..whole(pairs) };
    let before = plan(vec![at(1, &[]), at(2, &[("rules", "No photographs.")]), at(3, &[("start", "14:00")])]);
    assert!(before.changed_since(&before, named).is_empty());
    let now = plan(vec![at(1, &[("minutes", "60")]), at(2, &[("rules", "No gifts.")]), at(4, &[("start", "16:00")])]);
    let changes = now.changed_since(&before, named);
    let [longer, rules, new, gone] = changes.as_slice() else { panic!("{changes:?}") };
    assert!(longer.starts_with("Changed. Ann: at least twice a week, 60 minutes each"), "{longer}");
    assert!(longer.contains("Before: Ann: at least twice a week, 90 minutes each"), "{longer}");
    assert_eq!(rules, "With Ann, changed: the rules");
    assert!(new.starts_with("New. Ann:") && new.contains("16:00"), "{new}");
    assert!(gone.starts_with("No longer. Ann:") && gone.contains("14:00"), "{gone}");
}
