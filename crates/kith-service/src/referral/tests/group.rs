//! Brothers and sisters on one referral (handbook section 3 "siblings", sections 4 and 5): said once what is of all, asked of
//! each what is their own, and a file for each when it is accepted.

use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::catalogue::Topic;
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId, ReferralId};
use kith_domain::listed::ReferralList;
use kith_domain::referral::{Ending, ReferralState, Section};
use kith_domain::retention::RecordCategory;
use kith_domain::same::{LinkDecision, MatchAnswer, Pair};
use kith_domain::verification::{CallFacts, Item, Outcome};
use kith_store::ChildState;
use uuid::Uuid;

use super::kept_of;
use crate::testing::{Colleague, TestService};
use crate::{Desk, ServiceError};
use kith_domain::allocation::ChangeWorker;

const ORCHARD_LANE: &str = "4 Orchard Lane, Nenebridge NB2 7QT";

/// A referral of three, with who works on it.
struct Three {
    test: TestService,
    worker: Colleague,
    coordinator: Colleague,
    id: ReferralId,
    /// Robin, Jay who lives with Robin, and Sam who lives elsewhere.
    children: [ChildId; 3],
    /// The mother, the father, and the uncle, who is Sam's father.
    family: [PersonId; 3],
    _dir: tempfile::TempDir,
}

impl Three {
    async fn written() -> Three {
        let dir = tempfile::tempdir().unwrap();
        let test = TestService::open(dir.path()).await.unwrap();
        let worker = test.colleague(Role::SocialWorker, "north", "sw").await.unwrap();
        let coordinator = test.colleague(Role::Coordinator, "north", "co").await.unwrap();
        let family = [(); 3].map(|()| PersonId(Uuid::now_v7()));
        let (id, children) = test.written_group(&worker, family).await.unwrap();
        Three { test, worker, coordinator, id, children, family, _dir: dir }
    }

    async fn verified() -> Three {
        let three = Three::written().await;
        three.writes().submit_referral(three.id).await.unwrap();
        three.test.verify(&three.coordinator, three.id).await.unwrap();
        three
    }

    fn writes(&self) -> Desk {
        self.test.desk(&self.worker, Purpose::ServiceDelivery)
    }

    fn decides(&self) -> Desk {
        self.test.desk(&self.coordinator, Purpose::ServiceDelivery)
    }

    async fn version(&self) -> i64 {
        self.writes().referral(self.id).await.unwrap().referral.version
    }

    async fn answer(&self, pair: Pair, decision: LinkDecision) -> Result<(), ServiceError> {
        let said = MatchAnswer { pair, decision, why: "The number".to_owned() };
        self.decides().answer_match(self.id, &said).await
    }
}

fn ending() -> Ending {
    Ending { reason: "Placed with her father".to_owned(), looked_after: Some(false) }
}

fn code<T>(result: Result<T, ServiceError>) -> &'static str {
    match result.err() {
        Some(ServiceError::Refused(refusal)) => refusal.code,
        Some(other) => panic!("{other}"),
        None => panic!("not refused"),
    }
}

#[tokio::test]
async fn three_children_of_one_referral_have_a_file_each_with_what_is_said_of_all_and_what_is_their_own() {
    let three = Three::verified().await;
    let [robin, jay, sam] = three.children;
    let desk = three.decides();
    let waiting = desk.referrals_of_area(ReferralList::default(), 1).await.unwrap().paged.rows;
    assert_eq!(waiting[0].view.referral.body.children_names(), "Robin Marsh, Jay Marsh and Sam Marsh");
    assert_eq!(desk.accept_referral(three.id).await.unwrap(), robin);
    assert_eq!(desk.accept_referral(three.id).await.unwrap(), robin, "accepted twice is accepted once");
    assert_eq!(desk.my_files(None, 1).await.unwrap().total, 3);
    let mut orders = Vec::new();
    for (child, name, address) in
        [(robin, "Robin Marsh", ORCHARD_LANE), (jay, "Jay Marsh", ORCHARD_LANE), (sam, "Sam Marsh", "9 High Street")]
    {
        let file = desk.file(child).await.unwrap();
        assert_eq!((file.child.state, file.child.name().as_str()), (ChildState::Open, name));
        assert_eq!(file.child.body.known.values.get("address"), address, "{name}");
        assert_eq!(file.child.body.known.values.get("emergency_name"), "Priya Dale", "said of all");
        assert_eq!(file.referrals.len(), 1, "{name}");
        let doubts = kith_store::not_verified(&file.child, &file.family);
        assert_eq!(doubts, "", "{name}: the call was about each");
        let people: Vec<PersonId> = file.family.iter().map(|of| of.person.id).collect();
        assert_eq!(people, three.family, "the same human beings");
        let uncle = file.family.iter().find(|of| of.person.id == three.family[2]).unwrap();
        assert_eq!(uncle.relation.may_attend, child == sam, "{name}: how he stands to each");
        orders.extend(file.orders.iter().map(|order| order.id));
        // Found by the name of any.
        let found = desk.search(name, 1).await.unwrap().rows;
        assert!(found.iter().any(|found| found.child.id == child), "{name}");
    }
    orders.dedup();
    assert_eq!(orders.len(), 1, "one order, about the three");
}

#[tokio::test]
async fn what_is_a_childs_own_is_asked_and_corrected_of_that_child() {
    let three = Three::written().await;
    let [_, jay, sam] = three.children;
    three.writes().submit_referral(three.id).await.unwrap();
    let desk = three.decides();
    desk.begin_verification(three.id).await.unwrap();
    desk.record_call(three.id, &CallFacts { minutes: 20, reached: true, ..CallFacts::default() }).await.unwrap();
    let items = desk.verification(three.id).await.unwrap().items;
    let health = |child| Item::of_all(Topic::Health).for_sibling(child);
    assert!(items.contains(&health(jay)) && items.contains(&health(sam)));
    assert_eq!(items.iter().filter(|item| item.topic == Topic::Legal).count(), 1, "said once, asked once");
    let form = desk.referral(three.id).await.unwrap().referral.body;
    let mut typed = health(jay).section_of(&form).unwrap();
    typed.set("has_allergies", "yes");
    typed.set("allergies", "Bee stings");
    desk.correct_item(three.id, health(jay), &typed, None).await.unwrap();
    // The number of another child on the referral is one child on it twice.
    let identity = Item::of_all(Topic::Identity).for_sibling(sam);
    let mut twice = identity.section_of(&form).unwrap();
    twice.set("care_first", "CF-204418");
    let refused = desk.correct_item(three.id, identity, &twice, None).await;
    assert!(matches!(refused, Err(ServiceError::Invalid(of)) if of[0].field == "care_first"));
    for item in desk.verification(three.id).await.unwrap().items {
        if item != health(jay) {
            desk.answer_item(three.id, item, Outcome::Confirmed, None).await.unwrap();
        }
    }
    desk.accept_referral(three.id).await.unwrap();
    let allergies = async |child| desk.file(child).await.unwrap().child.body.facts.and_then(|facts| facts.allergies);
    assert_eq!(allergies(jay).await.as_deref(), Some("Bee stings"));
    assert_eq!((allergies(three.children[0]).await, allergies(sam).await), (None, None));
}

#[tokio::test]
async fn what_is_said_of_all_stays_readable_when_a_brothers_key_is_destroyed_and_what_was_his_does_not() {
    let three = Three::verified().await;
    let [robin, jay, sam] = three.children;
    let desk = three.decides();
    desk.accept_referral(three.id).await.unwrap();
    // The first child's: who stands first on the form is no exception.
    three.test.destroyed(robin).await.unwrap();
    let form = desk.referral(three.id).await.unwrap().referral.body;
    assert_eq!((form.child_name().as_str(), form.children_names().as_str()), ("", "Jay Marsh, Sam Marsh and one more"));
    assert_eq!(form.legal.get("case_number"), "ED26C00417");
    assert_eq!(form.family.len(), 3);
    assert_eq!(form.for_child(jay).placement.get("address"), ORCHARD_LANE, "lived with him");
    let answers = desk.verification(three.id).await.unwrap();
    let answered = |item: Item| answers.verification.answers_to(item).count();
    assert_eq!(answered(Item::of_all(Topic::Health)), 0, "his alone");
    assert_eq!(answered(Item::of_all(Topic::Health).for_sibling(sam)), 1);
    assert_eq!(answered(Item::of_all(Topic::Legal)), 1);
    assert_eq!(answers.verification.calls.len(), 1);
    assert_eq!(desk.file(jay).await.unwrap().orders.len(), 1);
}

#[tokio::test]
async fn a_child_taken_off_leaves_the_others_and_nothing_said_is_lost() {
    let three = Three::verified().await;
    let [robin, jay, sam] = three.children;
    let desk = three.decides();
    desk.take_child_off_referral(three.id, sam, &ending()).await.unwrap();
    desk.take_child_off_referral(three.id, sam, &ending()).await.unwrap();
    let view = desk.referral(three.id).await.unwrap();
    assert_eq!(view.referral.body.taken_off.len(), 1, "taken off twice is taken off once");
    assert_eq!(view.referral.body.taken_off[0].own.child.get("care_first"), "CF-204419", "what was typed is kept");
    // Handbook section 19: every record has a category and a date, hers from the day she was taken off.
    assert_eq!(kept_of(&view).last(), Some(&(RecordCategory::NotAccepted, date(2029, 11, 24))));
    let file = desk.look().child(sam).await.unwrap();
    assert_eq!((file.state, file.retention_month()), (ChildState::Referred, "2029-11"));
    assert_eq!(desk.verification(three.id).await.unwrap().missing, Vec::<String>::new(), "the others were verified");

    // The first child as well: the next one is first, and nothing that was asked of him is asked again.
    desk.take_child_off_referral(three.id, robin, &ending()).await.unwrap();
    let view = desk.referral(three.id).await.unwrap();
    assert_eq!((view.referral.child, view.referral.body.child_name().as_str()), (jay, "Jay Marsh"));
    assert_eq!(desk.verification(three.id).await.unwrap().missing, Vec::<String>::new());
    let answers = desk.verification(three.id).await.unwrap().verification;
    let of_robin = Item::of_all(Topic::Health).for_sibling(robin);
    assert_eq!(answers.answers_to(of_robin).count(), 1, "kept for ever");
    assert_eq!(code(desk.take_child_off_referral(three.id, jay, &ending()).await), "referral.last_child");
    assert_eq!(desk.accept_referral(three.id).await.unwrap(), jay);
    assert_eq!(desk.file(jay).await.unwrap().child.body.known.values.get("address"), ORCHARD_LANE);
    assert_eq!(code(desk.take_child_off_referral(three.id, jay, &ending()).await), "referral.wrong_state");
    assert_eq!(desk.my_files(None, 1).await.unwrap().total, 1);

    // A page of a child who was taken off meanwhile is told so, and is given back what was typed.
    let three = Three::written().await;
    let sam = (three.children[2], Section::Child);
    let writes = three.writes();
    writes.take_child_off_referral(three.id, sam.0, &ending()).await.unwrap();
    let late = writes.save_sibling(three.id, sam, &Fields::default(), three.version().await).await;
    assert_eq!(code(late), "referral.child_taken_off");
}

#[tokio::test]
async fn a_sibling_referral_is_returned_changed_sent_again_and_withdrawn() {
    let three = Three::verified().await;
    let [_, jay, sam] = three.children;
    let (desk, writes) = (three.decides(), three.writes());
    desk.return_referral(three.id, &ending()).await.unwrap();
    writes.take_child_off_referral(three.id, sam, &ending()).await.unwrap();
    let form = writes.referral(three.id).await.unwrap().referral.body;
    let mut own = form.sibling(jay).unwrap().child.clone();
    own.set("has_allergies", "yes");
    own.set("allergies", "Eggs");
    for _ in 0..2 {
        writes.save_sibling(three.id, (jay, Section::Child), &own, three.version().await).await.unwrap();
    }
    let ada = ChildId(Uuid::now_v7());
    let typed: Fields = [("given_name", "Ada")].into_iter().collect();
    writes.save_sibling(three.id, (ada, Section::Child), &typed, three.version().await).await.unwrap();
    let refused = writes.submit_referral(three.id).await;
    let named = |of: &[kith_domain::form::Problem]| of.iter().all(|problem| problem.message.starts_with("Ada: "));
    assert!(matches!(&refused, Err(ServiceError::Invalid(of)) if of.len() == 2 && named(of)), "{refused:?}");
    writes.take_child_off_referral(three.id, ada, &ending()).await.unwrap();
    writes.submit_referral(three.id).await.unwrap();
    desk.begin_verification(three.id).await.unwrap();
    let missing = desk.verification(three.id).await.unwrap().missing;
    // The call before was of another form, and his allergies are other ones.
    assert_eq!(missing, ["1 item has not been asked yet"]);
    writes.withdraw_referral(three.id, &ending()).await.unwrap();
    let view = writes.referral(three.id).await.unwrap();
    assert_eq!((view.referral.state, view.kept.len()), (ReferralState::Withdrawn, 4), "each child has a date");
}

#[tokio::test]
async fn one_of_three_is_held_already_and_only_for_that_one_the_referral_joins_the_file() {
    let three = Three::verified().await;
    let [robin, jay, sam] = three.children;
    let case = three.test.accepted_child("a").await.unwrap();
    let desk = three.decides();
    let matches = desk.matches(three.id).await.unwrap().matches;
    let pair = |referred| Pair::Child { referred, held: case.child };
    assert!(matches.iter().any(|of| of.pair == pair(robin) && of.on_form == "Robin Marsh"));
    three.answer(pair(robin), LinkDecision::Same).await.unwrap();
    for (member, held) in three.family.into_iter().zip([case.mother, case.father, case.uncle]) {
        three.answer(Pair::Person { member, held }, LinkDecision::Same).await.unwrap();
    }
    assert_eq!(desk.accept_referral(three.id).await.unwrap(), case.child);
    assert_eq!(desk.my_files(None, 1).await.unwrap().total, 3, "no file twice");
    let file = desk.file(case.child).await.unwrap();
    assert_eq!((file.family.len(), file.referrals.len(), file.child.social_worker), (3, 2, three.worker.id));
    for child in [jay, sam] {
        let file = desk.file(child).await.unwrap();
        assert_eq!(file.family[0].name(), "Ann Marsh");
        let beings = desk.look().canonical_persons(&[file.family[0].person.id, case.mother]).await.unwrap();
        assert_eq!(beings[&file.family[0].person.id], beings[&case.mother], "their mother is his mother");
    }
    // It was another child after all: his brother and sister stay as they are.
    let why: Fields = [("why", "Cousins of one name")].into_iter().collect();
    assert_eq!(code(desk.part_referral(three.id, jay, &why).await), "referral.not_joined");
    assert_eq!(desk.part_referral(three.id, case.child, &why).await.unwrap(), robin);
    let view = desk.referral(three.id).await.unwrap();
    assert_eq!(view.referral.children(), three.children);
    assert_eq!(desk.file(robin).await.unwrap().child.name(), "Robin Marsh");
    assert_eq!(desk.file(case.child).await.unwrap().referrals.len(), 1);
    assert_eq!(desk.file(jay).await.unwrap().referrals.len(), 1);
}

#[tokio::test]
async fn a_brother_who_is_not_first_joins_his_file_too() {
    let three = Three::verified().await;
    let case = three.test.accepted_child("a").await.unwrap();
    let desk = three.decides();
    // He is called like the child who is held, and born on that day.
    let [robin, jay, sam] = three.children;
    let identity = Item::of_all(Topic::Identity).for_sibling(jay);
    let mut typed = identity.section_of(&desk.referral(three.id).await.unwrap().referral.body).unwrap();
    typed.set("given_name", "Robin");
    typed.set("dob-year", "2021");
    desk.correct_item(three.id, identity, &typed, None).await.unwrap();
    let pair = |referred| Pair::Child { referred, held: case.child };
    for referred in [robin, jay] {
        three.answer(pair(referred), LinkDecision::Same).await.unwrap();
    }
    // Twins of one name are two children.
    assert_eq!(code(desk.accept_referral(three.id).await), "referral.one_child_twice");
    assert_eq!(desk.referral(three.id).await.unwrap().referral.state, ReferralState::BeingVerified, "nothing is lost");
    three.answer(pair(robin), LinkDecision::Another).await.unwrap();
    assert_eq!(desk.accept_referral(three.id).await.unwrap(), robin);
    let view = desk.referral(three.id).await.unwrap();
    assert_eq!(view.referral.children(), [robin, case.child, sam]);
    let answers = desk.verification(three.id).await.unwrap().verification;
    assert_eq!(answers.answers_to(Item::of_all(Topic::Identity).for_sibling(case.child)).count(), 2, "his answers");
    assert_eq!(desk.look().child(jay).await.unwrap().state, ChildState::Joined);
    assert_eq!(desk.file(case.child).await.unwrap().referrals.len(), 2);
    assert_eq!(desk.my_files(None, 1).await.unwrap().total, 3);
}

#[tokio::test]
async fn who_has_one_of_the_children_reads_the_file_and_not_what_is_anothers() {
    // Handbook section 2: need to know comes from allocation.
    let three = Three::verified().await;
    let sam = three.children[2];
    let desk = three.decides();
    desk.accept_referral(three.id).await.unwrap();
    assert_eq!(three.writes().my_referrals(ReferralList::default(), 1).await.unwrap().paged.total, 1);
    assert_eq!(three.writes().file(sam).await.unwrap().referrals.len(), 1);
    let other = three.test.colleague(Role::SocialWorker, "north", "other").await.unwrap();
    let given = ChangeWorker { to: other.id, reason: "Nearer to her school".to_owned() };
    desk.change_social_worker(sam, &given).await.unwrap();
    let theirs = three.test.desk(&other, Purpose::ServiceDelivery);
    let file = theirs.file(sam).await.unwrap();
    assert_eq!((file.referrals.len(), file.child.name().as_str()), (0, "Sam Marsh"));
    for desk in [&theirs, &three.writes()] {
        assert_eq!(code(desk.referral(three.id).await), "referral.other_worker");
        assert_eq!(
            desk.my_referrals(ReferralList::default(), 1).await.unwrap().paged.total,
            0,
            "the list says the same"
        );
    }
    let stranger = three.test.colleague(Role::SocialWorker, "north", "stranger").await.unwrap();
    let stranger = three.test.desk(&stranger, Purpose::ServiceDelivery);
    assert!(matches!(stranger.referral(three.id).await, Err(ServiceError::NotFound)));
}

#[tokio::test]
async fn a_section_that_another_saved_meanwhile_is_shown_and_not_overwritten() {
    let three = Three::written().await;
    let desk = three.writes();
    let jay = (three.children[1], Section::Child);
    let before = three.version().await;
    let own = desk.referral(three.id).await.unwrap().referral.body.sibling(jay.0).unwrap().child.clone();
    let with = |school: &str| {
        let mut own = own.clone();
        own.set("school", school);
        own
    };
    desk.save_sibling(three.id, jay, &with("Hill School"), before).await.unwrap();
    let second = desk.save_sibling(three.id, jay, &with("Lake School"), before).await;
    let Err(ServiceError::Conflict { theirs, .. }) = second else { panic!("not a conflict") };
    assert_eq!(theirs.get("school"), "Hill School");
    // An id that is somebody's file is no child to be added.
    let held = three.test.accepted_child("a").await.unwrap().child;
    let added = desk.save_sibling(three.id, (held, Section::Child), &own, three.version().await).await;
    assert!(matches!(added, Err(ServiceError::NotFound)));
    let first = (three.children[0], Section::Child);
    assert!(matches!(desk.save_sibling(three.id, first, &own, 0).await, Err(ServiceError::NotFound)));
}
