//! The seven days of s34(6), day by day, and what is asked of the forms.

use jiff::civil::{Date, date};
use uuid::Uuid;

use super::*;

const FRIDAY: Date = date(2026, 11, 27);

fn typed() -> Fields {
    let person = Uuid::from_u128(7).to_string();
    let mut fields: Fields = [
        ("person", person.as_str()),
        ("decided_by", "Maud Ferris, service manager"),
        ("reasons", "You came to the last visit after drinking."),
        ("urgency", "The next visit was tomorrow."),
        ("tell_child", "yes"),
        ("for_the_child", "Dad was not well enough to see you."),
    ]
    .into_iter()
    .collect();
    fields.set_date("began", FRIDAY);
    fields
}

fn read(fields: &Fields) -> Result<RefusedContact, Vec<String>> {
    RefusedContact::read(fields, FRIDAY).map_err(|problems| problems.into_iter().map(|problem| problem.field).collect())
}

fn whole() -> ContactRefusal {
    ContactRefusal::new(RefusedContact::read(&typed(), FRIDAY).unwrap_or_else(|_| panic!("it is whole")))
}

#[test]
fn the_first_day_counts_and_the_seventh_is_the_last() {
    // Children Act 1989 s34(6)(b)(ii): "does not last for more than seven days"; handbook section 7: day 5 and day 7.
    let refused = whole().refused;
    let words = |day| refused.clock(day).words();
    assert_eq!(words(date(2026, 11, 26)), "Not begun");
    assert_eq!(words(FRIDAY), "Day 1 of 7");
    assert_eq!((refused.warned_on(), words(date(2026, 12, 1))), (date(2026, 12, 1), "Day 5 of 7".to_owned()));
    assert_eq!((refused.last_day(), words(date(2026, 12, 3))), (date(2026, 12, 3), "Day 7 of 7".to_owned()));
    assert_eq!(words(date(2026, 12, 4)), "Ran out yesterday");
    assert_eq!(words(date(2026, 12, 6)), "Ran out 3 days ago");
    assert!(!refused.clock(date(2026, 11, 30)).presses() && refused.clock(date(2026, 12, 1)).presses());
}

#[test]
fn it_never_stands_longer_than_seven_days() {
    let mut refusal = whole();
    assert!(refusal.refuses(FRIDAY) && refusal.refuses(date(2026, 12, 3)));
    assert!(!refusal.refuses(date(2026, 11, 26)) && !refusal.refuses(date(2026, 12, 4)), "also when nobody ended it");
    let by = AccountId(Uuid::from_u128(1));
    let resume = EndRefusal::Resume { on: date(2026, 12, 1), note: None };
    let state = refusal.end(RefusalState::Running, resume.clone(), FRIDAY, by, 0);
    assert_eq!(state, Ok(RefusalState::Resumed));
    assert!(refusal.refuses(date(2026, 11, 30)) && !refusal.refuses(date(2026, 12, 1)));
    let again = refusal.end(RefusalState::Resumed, resume, FRIDAY, by, 0);
    assert_eq!(again.map_err(|refusal| refusal.code), Err("refusal.ended"));
    let mut mistaken = whole();
    let mistake = EndRefusal::Mistake { why: "Another child".into() };
    assert!(mistaken.end(RefusalState::Running, mistake, FRIDAY, by, 0).is_ok());
    assert!(!mistaken.refuses(FRIDAY), "what was a mistake refuses nothing");
}

#[test]
fn a_decision_says_who_why_why_now_and_what_the_child_reads() {
    // Regulation 8(3): decision, date, reasons, duration; handbook section 7: "only in urgency".
    assert!(read(&typed()).is_ok());
    let empty: Vec<String> = read(&Fields::default()).err().unwrap_or_default();
    assert_eq!(empty, ["person", "began-day", "decided_by", "reasons", "urgency", "tell_child"]);
    let mut silent = typed();
    silent.set("for_the_child", " ");
    assert_eq!(read(&silent).err(), Some(vec!["for_the_child".into()]));
    silent.set("tell_child", "no");
    assert_eq!(read(&silent).err(), Some(vec!["child_not_told".into()]));
    silent.set("child_not_told", "Robin is two.");
    assert!(read(&silent).is_ok_and(|refused| refused.for_the_child.is_none()));
    for wrong in [date(2026, 11, 28), date(2026, 9, 27)] {
        let mut fields = typed();
        fields.set_date("began", wrong);
        assert_eq!(read(&fields).err(), Some(vec!["began-day".into()]), "{wrong}");
    }
}

#[test]
fn who_must_be_told_is_asked_for_until_they_are() {
    let mut refusal = whole();
    assert_eq!(refusal.to_be_told(), [Recipient::Person, Recipient::Child, Recipient::Reviewing]);
    let mut fields: Fields = [("to", "person"), ("how", "hand")].into_iter().collect();
    let by = AccountId(Uuid::from_u128(1));
    let given = |fields: &Fields, refusal: &ContactRefusal| {
        NoticeGiven::read(fields, &refusal.refused, FRIDAY, by, 0)
            .map_err(|problems| problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>())
    };
    fields.set_date("on", date(2026, 11, 26));
    assert_eq!(given(&fields, &refusal), Err(vec!["on-day".into()]), "before it began");
    fields.set_date("on", date(2026, 11, 28));
    assert_eq!(given(&fields, &refusal), Err(vec!["on-day".into()]), "in the future");
    fields.set_date("on", FRIDAY);
    refusal.notices.extend(given(&fields, &refusal));
    assert_eq!(refusal.to_be_told(), [Recipient::Child, Recipient::Reviewing]);
    fields.set("to", "iro");
    assert_eq!(given(&fields, &refusal), Err(vec!["name".into()]));
    fields.set("name", "Ines Whitlow");
    assert!(given(&fields, &refusal).is_ok());
}

#[test]
fn contact_goes_on_the_day_after_the_seventh_at_the_latest() {
    let refused = whole().refused;
    let end = |how: &str, on: Option<Date>, today| {
        let mut fields: Fields = [("how", how)].into_iter().collect();
        if let Some(on) = on {
            fields.set_date("resumed_on", on);
        }
        EndRefusal::read(&fields, &refused, today)
            .map(|_| ())
            .map_err(|problems| problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>())
    };
    assert_eq!(end("resumed", Some(date(2026, 12, 4)), date(2026, 12, 3)), Ok(()));
    assert_eq!(end("resumed", Some(date(2026, 12, 5)), date(2026, 12, 3)), Err(vec!["resumed_on-day".into()]));
    assert_eq!(end("resumed", Some(date(2026, 12, 8)), date(2026, 12, 8)), Ok(()), "written down as it was, too late");
    assert_eq!(end("resumed", Some(FRIDAY), date(2026, 12, 3)), Err(vec!["resumed_on-day".into()]));
    assert_eq!(end("ordered", None, date(2026, 12, 3)), Err(vec!["order".into()]));
    assert_eq!(end("mistaken", None, date(2026, 12, 3)), Err(vec!["why".into()]));
    assert_eq!(end("running", None, date(2026, 12, 3)), Err(vec!["how".into()]));
}
