use jiff::civil::date;
use uuid::Uuid;

use super::*;

fn statement(n: u128, standing: FactStanding, values: &[(&str, &str)]) -> Statement {
    Statement {
        id: StatementId(Uuid::from_u128(n)),
        subject: Subject::Child { child: ChildId(Uuid::from_u128(1)) },
        recorded_ms: i64::try_from(n).unwrap_or(0),
        by: AccountId(Uuid::nil()),
        source: Source::Told { channel: Channel::SocialWorker },
        said_by: "Grace Lewis".into(),
        since: None,
        standing,
        values: values.iter().copied().collect(),
        note: None,
        takes_back: None,
    }
}

fn id(n: u128) -> StatementId {
    StatementId(Uuid::from_u128(n))
}

#[test]
fn a_correction_keeps_what_it_corrected() {
    // Handbook section 5: "old and new both kept".
    let said = statement(1, FactStanding::Said, &[("allergies", "Peanuts"), ("school", "Hill School")]);
    let corrected = statement(2, FactStanding::Corrected, &[("allergies", "Bee stings")]);
    let facts = Facts::of([&corrected, &said]);
    let allergies = facts.get("allergies").expect("it was said");
    assert_eq!(allergies.now.value, ["Bee stings"]);
    assert_eq!((allergies.now.said, allergies.now.verified), (id(2), Some(id(2))));
    assert_eq!(allergies.past.len(), 1);
    assert_eq!((allergies.past[0].value.as_slice(), allergies.past[0].said), (&["Peanuts".to_owned()][..], id(1)));
    assert_eq!(facts.known().values.get("school"), "Hill School");
}

#[test]
fn confirming_changes_no_value_and_answers_what_nobody_knew() {
    let said = statement(1, FactStanding::Said, &[("allergies", "Peanuts")]);
    let unknown = statement(2, FactStanding::NotKnown, &[("allergies", "Peanuts")]);
    let confirmed = statement(3, FactStanding::Confirmed, &[("allergies", "Peanuts")]);
    assert!(Facts::of([&said, &unknown]).known().not_known.contains("allergies"));
    let facts = Facts::of([&said, &unknown, &confirmed]);
    let fact = facts.get("allergies").expect("it was said");
    assert_eq!((fact.now.said, fact.now.verified, fact.now.not_known), (id(1), Some(id(3)), None));
    assert!(fact.past.is_empty());
}

#[test]
fn a_form_sent_again_does_not_answer_what_nobody_knew() {
    let said = statement(1, FactStanding::Said, &[("allergies", "Peanuts")]);
    let unknown = statement(2, FactStanding::NotKnown, &[("allergies", "Peanuts")]);
    let mut again = statement(3, FactStanding::Said, &[("allergies", "Peanuts")]);
    again.source = Source::Form { referral: ReferralId(Uuid::nil()) };
    assert!(Facts::of([&said, &unknown, &again]).known().not_known.contains("allergies"));
}

#[test]
fn a_dispute_stands_beside_the_value_and_goes_with_it() {
    // Handbook section 14, rectification: "record the dispute beside the entry".
    let said = statement(1, FactStanding::Said, &[("concerns", "Shouting")]);
    let disputed = statement(2, FactStanding::Disputed, &[("concerns", "Shouting")]);
    let facts = Facts::of([&said, &disputed]);
    assert_eq!(facts.known().values.get("concerns"), "Shouting");
    assert!(facts.known().disputed.contains("concerns"));
    let changed = statement(3, FactStanding::Said, &[("concerns", "None known")]);
    let facts = Facts::of([&said, &disputed, &changed]);
    assert!(facts.known().disputed.is_empty());
    assert_eq!(facts.get("concerns").map(|fact| fact.past[0].disputed.clone()), Some(vec![id(2)]));
}

#[test]
fn what_was_taken_back_counts_no_more() {
    let said = statement(1, FactStanding::Said, &[("phone", "01632 960 001")]);
    let wrong = statement(2, FactStanding::Said, &[("phone", "01632 960 002")]);
    let mut back = statement(3, FactStanding::Said, &[]);
    back.takes_back = Some(id(2));
    assert_eq!(Facts::of([&said, &wrong, &back]).known().values.get("phone"), "01632 960 001");
}

#[test]
fn a_value_can_be_taken_away_and_is_still_in_the_past() {
    let before: Fields = [("school", "Hill School")].into_iter().collect();
    let gone = changed(&before, &Fields::default());
    assert!(gone.has("school", ""));
    let said = statement(1, FactStanding::Said, &[("school", "Hill School")]);
    let mut left = statement(2, FactStanding::Said, &[]);
    left.values = gone;
    let facts = Facts::of([&said, &left]);
    assert!(facts.known().values.all("school").is_empty());
    assert_eq!(facts.get("school").map(|fact| fact.past.len()), Some(1));
}

#[test]
fn dates_are_settled_into_one_value_and_open_again_into_their_boxes() {
    let mut form: Fields = [("given_name", " Amara "), ("school", "")].into_iter().collect();
    form.set_date("dob", date(2019, 3, 14));
    let values = settled(&form);
    assert_eq!(values.iter().collect::<Vec<_>>(), [("dob", "2019-03-14"), ("given_name", "Amara")]);
    assert_eq!(settled(&unsettled(&values)), values);
}

#[test]
fn nothing_is_known_of_tomorrow_or_from_before_birth() {
    let (today, born) = (date(2026, 11, 25), Some(Birth::On { day: date(2019, 3, 14) }));
    for (since, good) in
        [(date(2026, 11, 25), true), (date(2026, 11, 26), false), (date(2019, 3, 14), true), (date(2019, 3, 13), false)]
    {
        let problem = since_problem("since", since, born, today);
        assert_eq!(problem.is_none(), good, "{since}");
        assert!(problem.is_none_or(|problem| problem.field == "since-day"));
    }
}

/// A small generator, so that a failure is the same on every machine (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

#[test]
fn the_order_in_which_statements_are_read_changes_nothing_and_nothing_said_is_lost() {
    let mut numbers = Numbers(20_261_125);
    for _ in 0..300 {
        let count = 1 + numbers.below(12);
        let mut all: Vec<Statement> = (1..=count)
            .map(|n| {
                let standings = FactStanding::ALL;
                let standing = standings[usize::try_from(numbers.below(standings.len() as u64)).unwrap_or(0)];
                let item = ["a", "b"][usize::from(numbers.below(2) == 1)];
                let value = ["", "x", "y", "z"][usize::try_from(numbers.below(4)).unwrap_or(0)];
                statement(u128::from(n), standing, &[(item, value)])
            })
            .collect();
        let facts = Facts::of(&all);
        // Every value that was ever said stands or is in the past.
        let says = |s: &&Statement| !matches!(s.standing, FactStanding::Disputed | FactStanding::Restricted);
        for said in all.iter().filter(says) {
            for (item, value) in said.values.iter() {
                let fact = facts.get(item).expect("said");
                assert!(fact.past.iter().chain([&fact.now]).any(|held| held.value == [value]));
            }
        }
        for n in (1..all.len()).rev() {
            let other = usize::try_from(numbers.below(n as u64 + 1)).unwrap_or(0);
            all.swap(n, other);
        }
        assert!(Facts::of(&all) == facts, "read in another order");
    }
}
