//! The family picture: who sees the child how often, who must not, who is kept apart (handbook sections 3, 6 and 7; the
//! field's convention is that of `McGoldrick`, Gerson and Petry).

use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::allocation::ChangeWorker;
use kith_domain::catalogue::Group;
use kith_domain::fact::{AddMember, ChangeFacts};
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId, ReferralId, StatementId};
use uuid::Uuid;

use super::{InPicture, PictureView};
use crate::fact::Whose;
use crate::testing::{CaseInHand, Colleague, TestService};
use crate::{Desk, ServiceError};

async fn opened() -> CaseInHand {
    CaseInHand::open("fp", Purpose::ServiceDelivery).await
}

fn told(pairs: &[(&str, &str)]) -> Fields {
    let source = [("told_by", "Dora Finch, carer"), ("told_how", "phone"), ("told_since", "2026-11-20")];
    pairs.iter().chain(&source).copied().collect()
}

fn row(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().copied().collect()
}

fn svg(view: &PictureView) -> String {
    view.picture.as_ref().map(|of| of.svg("p", "t", "d")).unwrap_or_default()
}

fn of<'a>(view: &'a PictureView, name: &str) -> &'a InPicture {
    view.people.iter().find(|of| of.name == name).unwrap_or_else(|| panic!("{name} is not in the picture"))
}

/// Says of a child what is on a list.
async fn say(desk: &Desk, child: ChildId, group: Group, list: &str, rows: Vec<Fields>) {
    let whose = Whose { child, person: None };
    let view = desk.facts(whose, group).await.unwrap();
    let mut typed = told(&[]);
    typed.set_rows(list, rows);
    let command =
        ChangeFacts::read(group, &typed, view.born(group), date(2026, 11, 24)).unwrap_or_else(|_| panic!("read"));
    desk.change_facts(whose, StatementId(Uuid::now_v7()), view.version, &command).await.unwrap();
}

async fn add(desk: &Desk, child: ChildId, name: (&str, &str), relationship: &str) -> PersonId {
    let id = PersonId(Uuid::now_v7());
    let typed = told(&[
        ("given_name", name.0),
        ("family_name", name.1),
        ("relationship", relationship),
        ("entitlement", "none"),
        ("parental_responsibility", "no"),
        ("may_attend", "yes"),
        ("risk_marker", "none"),
    ]);
    let command = AddMember::read(&typed, None, date(2026, 11, 24)).unwrap_or_else(|_| panic!("read"));
    desk.add_member(child, id, &command).await.unwrap();
    id
}

#[tokio::test]
async fn the_picture_says_how_often_by_the_plan_who_must_not_attend_and_never_the_address() {
    // Handbook section 3, "persons barred"; section 7, "for each family member the frequency".
    let g = opened().await;
    let desk = g.coordinator();
    let before = desk.family_picture(g.case.child).await.unwrap();
    assert!(!before.planned);
    assert_eq!(of(&before, "Joe Marsh").sees, ["May attend. No contact is planned or ordered."]);
    g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    let view = desk.family_picture(g.case.child).await.unwrap();
    assert!(view.planned);
    let ann = of(&view, "Ann Marsh");
    assert_eq!(
        ann.sees,
        [
            "By the plan: at least twice a week, 90 minutes each; Tuesday and Thursday, 10:00 to 11:30, every week; supervised: \
          within sight and hearing throughout; from 24 November 2026 on."
        ]
    );
    assert!(!ann.barred);
    let len = of(&view, "Len Marsh");
    assert!(len.barred);
    assert_eq!(
        (len.relationship.as_str(), len.sees.as_slice()),
        ("Aunt or uncle", &["Must not attend".to_owned()][..])
    );
    let drawn = svg(&view);
    for words in ["Sees: at least", "Must not attend", "Robin Marsh", "With Priya Dale:", "kith-genogram__bar"] {
        assert!(drawn.contains(words), "{words}: {drawn}");
    }
    assert_eq!(view.told[0], "Ann Marsh and Joe Marsh are parents of Robin Marsh.");
    let all = format!("{drawn} {:?}", view.told);
    for hidden in ["Orchard", "NB2", "01632"] {
        assert!(!all.contains(hidden), "{hidden} is confidential");
    }
}

/// `McGoldrick`, Gerson and Petry: a man is a square, a woman a circle; who is neither by what is known is not drawn as either.
#[tokio::test]
async fn a_relative_has_the_shape_of_the_sex_that_was_said() {
    let g = opened().await;
    let desk = g.coordinator();
    let circles = async || svg(&desk.family_picture(g.case.child).await.unwrap()).matches("<circle").count();
    let before = circles().await;
    let whose = Whose { child: g.case.child, person: Some(g.case.uncle) };
    for (said, more) in [("female", 1), ("not_known", 0), ("male", 0)] {
        let view = desk.facts(whose, Group::Contact).await.unwrap();
        let mut typed = view.values.clone();
        for (name, value) in told(&[("sex", said)]).iter() {
            typed.set(name, value);
        }
        let born = view.born(Group::Contact);
        let command = ChangeFacts::read(Group::Contact, &typed, born, date(2026, 11, 24));
        let command = command.unwrap_or_else(|_| panic!("read"));
        desk.change_facts(whose, StatementId(Uuid::now_v7()), view.version, &command).await.unwrap();
        assert_eq!(circles().await, before + more, "{said}");
    }
}

#[tokio::test]
async fn people_who_are_kept_apart_are_joined_by_words_and_a_line() {
    // Handbook section 3, considerations and constraints: "keep-apart pairs".
    let g = opened().await;
    let desk = g.desk(&g.case.social_worker);
    let (mother, father) = (g.case.mother.to_string(), g.case.father.to_string());
    let rows = vec![
        row(&[("one", &mother), ("other", &father), ("why", "Non-molestation order")]),
        row(&[("one", &mother), ("other_name", "Gary Pell"), ("why", "")]),
    ];
    say(&desk, g.case.child, Group::Rules, "keep_apart", rows).await;
    let view = desk.family_picture(g.case.child).await.unwrap();
    assert_eq!(of(&view, "Ann Marsh").apart, ["Joe Marsh (Non-molestation order)", "Gary Pell"]);
    assert_eq!(of(&view, "Joe Marsh").apart, ["Ann Marsh (Non-molestation order)"]);
    let picture = view.picture.as_ref().unwrap();
    assert_eq!((picture.drawn.apart.len(), picture.drawn.apart_words.len()), (1, 1));
    assert!(svg(&view).contains("Kept apart from Gary"), "who is not in the family has words and no shape");
    assert!(view.told.contains(&"Ann Marsh and Joe Marsh must be kept apart.".to_owned()));
}

#[tokio::test]
async fn what_is_not_recorded_is_not_drawn_as_known() {
    // A step-parent is somebody's partner and a grandparent somebody's parent, and whose is not recorded.
    let g = opened().await;
    let desk = g.desk(&g.case.social_worker);
    for (name, relationship) in
        [("Dale", "step_parent"), ("Bertha", "grandparent"), ("Olu", "friend"), ("Gwen", "guardian"), ("Mo", "father")]
    {
        add(&desk, g.case.child, (name, "Ridley"), relationship).await;
    }
    let rows = vec![row(&[("name", "Zoe Ridley"), ("lives", "not_known"), ("seen", "no"), ("note", "Aged 14")])];
    say(&desk, g.case.child, Group::Siblings, "siblings", rows).await;
    let view = desk.family_picture(g.case.child).await.unwrap();
    let told: Vec<&String> = view.told.iter().filter(|words| words.contains("parent")).collect();
    assert_eq!(told, ["Ann Marsh is parent of Robin Marsh."], "of two fathers nobody says which");
    let zoe = of(&view, "Zoe Ridley");
    assert_eq!(zoe.relationship, "Brother or sister");
    assert!(zoe.barred && zoe.why == ["Aged 14"], "{:?}", zoe.sees);
    assert_eq!(view.people.len(), 9);
}

/// Robin, Jay who lives with Robin, and Sam who lives elsewhere and has another father; accepted.
struct Three {
    test: TestService,
    worker: Colleague,
    coordinator: Colleague,
    children: [ChildId; 3],
    _dir: tempfile::TempDir,
}

impl Three {
    async fn open() -> Three {
        let dir = tempfile::tempdir().unwrap();
        let test = TestService::open(dir.path()).await.unwrap();
        let worker = test.colleague(Role::SocialWorker, "north", "sw").await.unwrap();
        let coordinator = test.colleague(Role::Coordinator, "north", "co").await.unwrap();
        let family = [(); 3].map(|()| PersonId(Uuid::now_v7()));
        let (id, children): (ReferralId, _) = test.written_group(&worker, family).await.unwrap();
        let desk = test.desk(&worker, Purpose::ServiceDelivery);
        let joe = row(&[
            ("relationship", "step_parent"),
            ("entitlement", "none"),
            ("parental_responsibility", "no"),
            ("may_attend", "yes"),
            ("risk_marker", "none"),
        ]);
        let version = desk.referral(id).await.unwrap().referral.version;
        desk.save_relation(id, (children[2], family[1]), Some(&joe), version).await.unwrap();
        desk.submit_referral(id).await.unwrap();
        test.verify(&coordinator, id).await.unwrap();
        test.desk(&coordinator, Purpose::ServiceDelivery).accept_referral(id).await.unwrap();
        Three { test, worker, coordinator, children, _dir: dir }
    }

    async fn seen(&self, who: &Colleague, child: ChildId) -> Result<PictureView, ServiceError> {
        self.test.desk(who, Purpose::ServiceDelivery).family_picture(child).await
    }
}

#[tokio::test]
async fn half_siblings_hang_from_their_own_parents_and_each_home_is_told() {
    // Handbook section 3: "sibling groups: who lives where, who may see whom, who is placed together".
    let three = Three::open().await;
    let view = three.seen(&three.coordinator, three.children[0]).await.unwrap();
    assert_eq!(of(&view, "Jay Marsh").relationship, "Sister");
    assert_eq!(of(&view, "Sam Marsh").relationship, "Half-sister");
    assert_eq!(of(&view, "Len Marsh").relationship, "Aunt or uncle; father of Sam");
    assert_eq!(
        view.told,
        [
            "Ann Marsh and Joe Marsh are parents of Jay Marsh and Robin Marsh.",
            "Ann Marsh and Len Marsh are parents of Sam Marsh.",
            "Robin Marsh and Jay Marsh live together with Priya Dale: foster care, long term (U4).",
            "Sam Marsh lives with Olu Barnes: foster care, long term (U4).",
        ]
    );
    assert!(!svg(&view).contains("High Street"));
}

#[tokio::test]
async fn of_a_sibling_whose_file_the_reader_may_not_see_there_is_what_this_file_says_and_no_more() {
    let three = Three::open().await;
    let [robin, _, sam] = three.children;
    let other = three.test.colleague(Role::SocialWorker, "north", "other").await.unwrap();
    let given = ChangeWorker { to: other.id, reason: "Nearer to her school".to_owned() };
    let coordinates = three.test.desk(&three.coordinator, Purpose::ServiceDelivery);
    coordinates.change_social_worker(sam, &given).await.unwrap();
    let view = three.seen(&three.worker, robin).await.unwrap();
    let names = |view: &PictureView| view.people.iter().map(|of| of.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&view), ["Ann Marsh", "Joe Marsh", "Len Marsh", "Jay Marsh"]);
    assert!(!svg(&view).contains("Sam") && !svg(&view).contains("Olu"), "{}", svg(&view));

    let rows =
        vec![row(&[("name", "Sam Marsh"), ("lives", "placed"), ("seen", "supervised"), ("note", "Once a month")])];
    say(&three.test.desk(&three.worker, Purpose::ServiceDelivery), robin, Group::Siblings, "siblings", rows).await;
    let view = three.seen(&three.worker, robin).await.unwrap();
    let words = of(&view, "Sam Marsh");
    assert_eq!(words.relationship, "Brother or sister", "her sex and her father are in her file");
    assert_eq!(words.sees, ["May see each other, supervised", "Once a month"]);
    assert!(!svg(&view).contains("Olu") && !svg(&view).contains("father of Sam"));
    // Whoever may read both sees her once, with both.
    let whole = three.seen(&three.coordinator, robin).await.unwrap();
    assert_eq!(names(&whole).iter().filter(|name| *name == "Sam Marsh").count(), 1);
    assert_eq!(of(&whole, "Sam Marsh").relationship, "Half-sister");

    for who in [&other, &three.test.colleague(Role::Coordinator, "south", "south").await.unwrap()] {
        assert!(matches!(three.seen(who, robin).await, Err(ServiceError::NotFound)));
    }
}
