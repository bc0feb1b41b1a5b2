//! The phone call item by item.

use super::*;
use uuid::Uuid;

fn form() -> ReferralDraft {
    let member = FamilyDraft { id: PersonId(Uuid::from_u128(7)), fields: Fields::default() };
    ReferralDraft { family: vec![member], ..ReferralDraft::default() }
}

fn answered(item: Item, outcome: Outcome) -> Answered {
    let of = item.of_form(&form());
    Answered { item: item.code(), outcome, by: AccountId(Uuid::nil()), at_ms: 0, of, old: None, new: None }
}

fn call(reached: bool) -> Call {
    Call {
        caller: AccountId(Uuid::nil()),
        called: String::new(),
        number: String::new(),
        at_ms: 0,
        minutes: 9,
        reached,
        outcome: None,
        call_back_ms: None,
        note: None,
    }
}

#[test]
fn everything_the_handbook_lists_is_asked() {
    // Handbook section 5: identity and date of birth, legal status and orders, who may attend, who must not, the
    // risk marker of each adult, placement and confidentiality, allergies and medication, emergency contacts.
    let form = form();
    let person = form.family[0].id;
    for item in [
        Item::of_all(Topic::Identity),
        Item::of_all(Topic::Legal),
        Item::of_all(Topic::Placement),
        Item::of_all(Topic::Health),
        Item::of_all(Topic::Emergency),
        Item::of_person(Topic::Attendance, person),
        Item::of_person(Topic::Risk, person),
    ] {
        assert!(Item::of(&form).contains(&item));
        assert_eq!(Item::from_code(&item.code()), Some(item));
    }
}

#[test]
fn not_known_blocks_until_asked_again_or_a_manager_decides() {
    let form = form();
    let mut verification = Verification { calls: vec![call(true)], ..Verification::default() };
    verification.answers = Item::of(&form).into_iter().map(|item| answered(item, Outcome::Confirmed)).collect();
    assert!(verification.missing(&form, None).is_empty());
    verification.answers.push(answered(Item::of_all(Topic::Health), Outcome::NotKnown));
    assert_eq!(verification.missing(&form, None).len(), 1);
    let by = AccountId(Uuid::nil());
    verification.accepted_despite = Some(Override { by, at_ms: 0, reason: "Hospital letter to follow".into() });
    assert!(verification.missing(&form, None).is_empty());
}

#[test]
fn an_answer_is_about_what_the_form_said_then() {
    // Handbook section 5: what was verified is what is accepted.
    let mut form = form();
    let mut verification = Verification { calls: vec![call(true)], ..Verification::default() };
    verification.answers = Item::of(&form).into_iter().map(|item| answered(item, Outcome::Confirmed)).collect();
    form.child = [("has_allergies", "yes"), ("allergies", "Bee stings")].into_iter().collect();
    assert!(verification.answer(Item::of_all(Topic::Health), &form).is_none(), "changed after it was confirmed");
    assert!(
        verification.answer(Item::of_all(Topic::Identity), &form).is_some(),
        "the rest of the section is as it was"
    );
    assert_eq!(verification.missing(&form, None), ["1 item has not been asked yet"]);
    assert_eq!(verification.missing(&form, Some(1)).len(), 2, "called before it was sent again");
}

#[test]
fn a_correction_stands_beside_the_words_of_the_social_worker() {
    // Handbook section 5: "old and new both kept". Section 3: who gave each fact.
    let mut form = form();
    form.child = [("allergies", "Bee stings"), ("school", "Hill School")].into_iter().collect();
    let corrected: Fields = [("allergies", "Wasp stings"), ("school", "Hill School")].into_iter().collect();
    let mut verification = Verification::default();
    let of: Fields = [("allergies", "Wasp stings")].into_iter().collect();
    verification.answers.push(Answered {
        of,
        old: Some(form.child.clone()),
        new: Some(corrected.clone()),
        ..answered(Item::of_all(Topic::Health), Outcome::Corrected)
    });
    assert!(verification.as_corrected(&form).child == corrected);
    assert_eq!(form.child.get("allergies"), "Bee stings", "the form is the social worker's");
    // What they change elsewhere takes no correction away; what they change themselves is asked again.
    form.child.set("school", "Lake School");
    let now = verification.as_corrected(&form);
    assert_eq!((now.child.get("allergies"), now.child.get("school")), ("Wasp stings", "Lake School"));
    assert!(verification.answer(Item::of_all(Topic::Health), &now).is_some());
    form.child.set("allergies", "Hornets");
    let now = verification.as_corrected(&form);
    assert_eq!(now.child.get("allergies"), "Hornets");
    assert!(verification.answer(Item::of_all(Topic::Health), &now).is_none());
}

#[test]
fn an_override_is_not_for_what_became_unknown_later() {
    let form = form();
    let mut verification = Verification { calls: vec![call(true)], ..Verification::default() };
    verification.answers = Item::of(&form).into_iter().map(|item| answered(item, Outcome::NotKnown)).collect();
    let by = AccountId(Uuid::nil());
    verification.accepted_despite = Some(Override { by, at_ms: 5, reason: "Hospital letter to follow".into() });
    assert!(verification.missing(&form, None).is_empty());
    verification.answers.push(Answered { at_ms: 6, ..answered(Item::of_all(Topic::Legal), Outcome::NotKnown) });
    assert_eq!(verification.missing(&form, None).len(), 1);
}

#[test]
fn a_call_nobody_answered_verifies_nothing() {
    let form = form();
    let mut verification = Verification { calls: vec![call(false)], ..Verification::default() };
    verification.answers = Item::of(&form).into_iter().map(|item| answered(item, Outcome::Confirmed)).collect();
    assert_eq!(verification.missing(&form, None), ["Record the phone call with the social worker"]);
}

#[test]
fn what_is_a_childs_own_is_asked_of_each_and_what_is_said_of_all_once() {
    // Handbook section 5 lists what must be verified; section 3 what is each child's own.
    let (robin, uncle) = (ChildId(Uuid::from_u128(2)), form().family[0].id);
    let mut form = form();
    let mut sibling = SiblingDraft::new(robin);
    sibling.child = [("given_name", "Robin")].into_iter().collect();
    form.siblings.push(sibling);
    let own = [Topic::Identity, Topic::Health, Topic::Placement];
    for topic in own {
        let item = Item::of_all(topic).for_sibling(robin);
        assert!(Item::of(&form).contains(&item) && Item::of(&form).contains(&Item::of_all(topic)));
        assert_eq!(Item::from_code(&item.code()), Some(item));
    }
    let apart = Item::of_person(Topic::Attendance, uncle).for_sibling(robin);
    assert_eq!(Item::of(&form).len(), 6 + 4);
    form.siblings[0].relations.insert(uncle, [("relationship", "father")].into_iter().collect());
    assert!(Item::of(&form).contains(&apart));
    assert_eq!(Item::from_code(&apart.code()), Some(apart));
    assert_eq!(apart.title(&form), "Somebody without a name yet: who they are, and may they attend, for Robin");

    // A correction of one child's is not one of the other's.
    let mut verification = Verification::default();
    let item = Item::of_all(Topic::Health).for_sibling(robin);
    let old = item.section_of(&form).expect("there");
    let mut new = old.clone();
    new.set("allergies", "Wasp stings");
    let correct = |item: Item, old: &Fields, new: &Fields| Answered {
        item: item.code(),
        old: Some(old.clone()),
        new: Some(new.clone()),
        ..answered(Item::of_all(Topic::Health), Outcome::Corrected)
    };
    verification.answers.push(correct(item, &old, &new));
    let now = verification.as_corrected(&form);
    assert_eq!((now.child.get("allergies"), now.siblings[0].child.get("allergies")), ("", "Wasp stings"));
    // The first child is taken off: what was asked of Robin is asked of the first child from now on.
    let first = ChildId(Uuid::from_u128(1));
    let (without, now_first) = form.without(first, first).expect("Robin stays");
    assert_eq!(now_first, robin);
    verification.first_is_now(first, robin, false);
    assert_eq!(verification.as_corrected(&without).child.get("allergies"), "Wasp stings");
}

#[test]
fn the_next_item_is_the_one_that_waits_after_this_or_the_first_that_was_passed_over() {
    // What was asked for: "one item at a time with the rest in sight".
    let form = form();
    let items = Item::of(&form);
    let mut verification = Verification::default();
    assert_eq!(verification.next(None, &form), Some(items[0]));
    verification.answers.push(answered(items[1], Outcome::Confirmed));
    assert_eq!(verification.next(Some(items[0]), &form), Some(items[2]), "one that is answered is passed over");
    let last = items.last().copied();
    assert_eq!(verification.next(last, &form), Some(items[0]), "from the end back to what was left");
    verification.answers = items.iter().map(|item| answered(*item, Outcome::NotKnown)).collect();
    assert_eq!(verification.next(Some(items[0]), &form), None);
}

#[test]
fn a_correction_takes_the_fields_of_its_item_and_no_others() {
    // What was asked for: "only the field in question is corrected".
    let section: Fields =
        [("has_allergies", "yes"), ("allergies", "Bee stings"), ("school", "Hill School"), ("given_name", "Mia")]
            .into_iter()
            .collect();
    // An answer that was taken away is not sent by a browser at all.
    let typed: Fields = [("has_allergies", "no"), ("school", "Lake School"), ("csrf", "x")].into_iter().collect();
    let now = Item::of_all(Topic::Health).corrected(&section, &typed);
    assert_eq!(
        (now.get("has_allergies"), now.get("allergies"), now.get("school"), now.get("given_name"), now.get("csrf")),
        ("no", "", "Hill School", "Mia", "")
    );
}

#[test]
fn an_attempt_says_why_nobody_was_reached_and_when_to_call_back() {
    // What was asked for: "unreachable and call-back". 24 November 2026, 09:30 in London.
    let now_ms = crate::calendar::instant_ms(jiff::civil::date(2026, 11, 24), 9 * 60 + 30);
    let read = |fields: &[(&str, &str)]| CallFacts::read(&fields.iter().copied().collect(), now_ms);
    let field = |fields: &[(&str, &str)]| read(fields).err().map(|problems| problems[0].field.clone());
    let missed = [("reached", "no"), ("outcome", "message"), ("back_at", "14:00"), ("note", "In court until noon")];
    let call = read(&missed).unwrap_or_default();
    assert_eq!((call.reached, call.outcome), (false, Some(CallOutcome::Message)));
    assert_eq!(call.call_back_ms, Some(now_ms + 270 * 60_000), "today where no day is said");
    let tomorrow = [("reached", "no"), ("back_at", "9:15"), ("back_on", "2026-11-25")];
    assert_eq!(read(&tomorrow).unwrap_or_default().call_back_ms, Some(now_ms + 1_425 * 60_000));
    assert_eq!(field(&[("reached", "no"), ("back_at", "09:00")]).as_deref(), Some("back_at"), "it has passed");
    assert_eq!(field(&[("reached", "no"), ("back_on", "2026-11-25")]).as_deref(), Some("back_at"), "a day alone");
    assert_eq!(field(&[("reached", "no"), ("back_at", "9:00"), ("back_on", "2027-11-25")]).as_deref(), Some("back_on"));
    assert_eq!(field(&[("reached", "yes")]).as_deref(), Some("minutes"));
    assert_eq!(field(&[]).as_deref(), Some("reached"));
}

#[test]
fn one_number_written_in_two_ways_is_one() {
    // Handbook section 5: the number in the staff directory, never the one on the form.
    for other in ["01632 960 101", "(01632) 960101", "+44 1632 960101", "0044 1632 960 101", "+44 (0)1632 960101"] {
        assert!(is_same_number("01632 960101", other), "{other}");
    }
    for other in ["01632 960 102", "+48 1632 960101", "", "4401632960101"] {
        assert!(!is_same_number("01632 960101", other), "{other}");
    }
    let read = |text: &str| read_own_number(&[("own_number", text)].into_iter().collect());
    assert_eq!(read(" 01632 960 199 "), Ok(Some("01632 960 199".to_owned())));
    assert_eq!(read(""), Ok(None));
    assert!(read("ask at the desk").is_err());
}
