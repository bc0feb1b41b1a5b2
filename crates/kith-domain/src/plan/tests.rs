//! Frequencies, patterns and arrangements as people write them, and what they come to.

use super::*;
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
    Arrangement::read(ArrangementId(Uuid::nil()), &fields(pairs), date(2026, 11, 24))
}

fn whole(pairs: &[(&str, &str)]) -> Arrangement {
    read(pairs).unwrap_or_else(|problems| panic!("{problems:?}"))
}

#[test]
fn tuesdays_and_thursdays_at_ten() {
    // Handbook section 7: "pattern (e.g. Tuesdays and Thursdays 10:00–11:30)".
    let line = whole(&[]);
    assert_eq!(line.pattern.to_string(), "Tuesday and Thursday at 10:00, every week");
    assert_eq!(line.frequency.to_string(), "at least twice a week");
    let days: Vec<Date> = line.propose(date(2026, 11, 23), date(2026, 12, 4)).iter().map(|p| p.day).collect();
    assert_eq!(days, [date(2026, 11, 24), date(2026, 11, 26), date(2026, 12, 1), date(2026, 12, 3)]);
}

#[test]
fn the_form_of_an_arrangement_reads_back_to_it() {
    let line = whole(&[("to", "2027-03-31"), ("rules", "No photographs."), ("start", "09:15")]);
    let read = Arrangement::read(line.id, &line.fields(), date(2026, 11, 24));
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
    let days: Vec<Date> = line.propose(date(2026, 11, 23), date(2026, 12, 31)).iter().map(|p| p.day).collect();
    assert_eq!(days, [date(2026, 12, 7), date(2026, 12, 21)]);
}

#[test]
fn a_bank_holiday_is_proposed_with_its_reason() {
    let line = whole(&[("weekday", "5"), ("weekday", "1")]);
    let shut: Vec<_> = line.propose(date(2026, 12, 21), date(2027, 1, 1)).iter().filter_map(|p| p.shut).collect();
    assert_eq!(shut, ["Christmas Day", "Boxing Day", "New Year’s Day"]);
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
fn due_counts_whole_spans_only() {
    let weekly = Frequency { bound: Bound::AtLeast, count: 2, per: Per::Week };
    assert_eq!(weekly.due(date(2026, 11, 2), date(2026, 11, 8)), 2);
    assert_eq!(weekly.due(date(2026, 11, 2), date(2026, 11, 7)), 0);
    assert_eq!(weekly.due(date(2026, 11, 2), date(2026, 11, 29)), 8);
    let monthly = Frequency { bound: Bound::Exactly, count: 1, per: Per::Month };
    assert_eq!(monthly.due(date(2026, 1, 31), date(2026, 3, 30)), 2);
    let at_most = Frequency { bound: Bound::AtMost, count: 5, per: Per::Week };
    assert_eq!(at_most.due(date(2026, 11, 2), date(2026, 11, 29)), 0);
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
