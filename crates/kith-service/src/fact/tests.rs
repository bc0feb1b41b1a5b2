//! Facts with a source and a past, changed on the file after acceptance.

mod same;

use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::catalogue::Group;
use kith_domain::fact::{AddMember, ChangeFacts, Doubt, EndMember, FactStanding, RaiseDoubt, Statement, Subject};
use kith_domain::form::Fields;
use kith_domain::ids::{PersonId, StatementId};
use kith_domain::risk::{AssessmentState, VoidReason};
use kith_domain::session::SessionState;
use uuid::Uuid;

use super::{FactsView, Saved, Whose};
use crate::ServiceError;
use crate::testing::CaseInHand;

const TODAY: jiff::civil::Date = date(2026, 11, 24);

async fn opened() -> CaseInHand {
    CaseInHand::open("a", Purpose::ServiceDelivery).await
}

fn new() -> StatementId {
    StatementId(Uuid::now_v7())
}

fn told(pairs: &[(&str, &str)]) -> Fields {
    let source = [("told_by", "Dora Finch, carer"), ("told_how", "phone"), ("told_since", "2026-11-20")];
    pairs.iter().chain(&source).copied().collect()
}

fn read(group: Group, typed: &Fields) -> ChangeFacts {
    ChangeFacts::read(group, typed, None, TODAY).unwrap_or_else(|_| panic!("read"))
}

fn moved() -> Fields {
    told(&[("placement_type", "U4"), ("address", "9 Mill Row, Nenebridge NB1 4AB"), ("confidential", "no")])
}

impl CaseInHand {
    fn child(&self) -> Whose {
        Whose { child: self.case.child, person: None }
    }
    fn person(&self, person: PersonId) -> Whose {
        Whose { child: self.case.child, person: Some(person) }
    }
    async fn view(&self, whose: Whose, group: Group) -> FactsView {
        self.desk(&self.case.social_worker).facts(whose, group).await.unwrap()
    }
    async fn change(&self, whose: Whose, group: Group, typed: &Fields) -> Result<Saved, ServiceError> {
        let view = self.view(whose, group).await;
        let command = ChangeFacts::read(group, typed, view.born(group), self.test.service.today())?;
        self.desk(&self.case.social_worker).change_facts(whose, new(), view.version, &command).await
    }
    async fn state(&self, id: kith_domain::ids::AssessmentId) -> (AssessmentState, Option<VoidReason>) {
        let look = self.desk(&self.case.coordinator).look();
        let of = look.assessment(id).await.unwrap();
        (of.state, of.body.void_reason)
    }
}

fn code<T>(result: Result<T, ServiceError>) -> String {
    match result {
        Err(ServiceError::Refused(refusal)) => refusal.code.to_owned(),
        Err(ServiceError::Invalid(problems)) => {
            problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>().join(" ")
        }
        Err(error) => format!("{error:?}"),
        Ok(_) => "done".to_owned(),
    }
}

#[tokio::test]
async fn what_stood_is_kept_with_who_said_it_and_until_when() {
    // Handbook section 3 "sources: who gave each fact and when"; section 5 "old and new both kept".
    let g = opened().await;
    g.change(g.child(), Group::Placement, &moved()).await.unwrap();
    let view = g.view(g.child(), Group::Placement).await;
    assert_eq!(view.values.get("address"), "9 Mill Row, Nenebridge NB1 4AB");
    let placement = view.child.body.placement.as_ref().unwrap();
    assert_eq!(placement.address, "9 Mill Row, Nenebridge NB1 4AB", "the file says it too");
    let address = view.history.iter().find(|history| history.item.code == "address").unwrap();
    let [now, before] = &address.said[..] else { panic!("two values stood") };
    assert_eq!((now.since, now.until), (Some(date(2026, 11, 20)), None));
    assert!(now.source.contains("Dora Finch, carer") && now.source.contains("by phone"), "{}", now.source);
    assert_eq!(before.values.get("address"), "4 Orchard Lane, Nenebridge NB2 7QT");
    assert_eq!(before.until, Some(date(2026, 11, 20)));
    assert!(before.source.contains("on the referral"), "{}", before.source);
    assert!(before.beside.iter().any(|words| words.starts_with("Confirmed")), "the call confirmed it: for ever");
}

#[tokio::test]
async fn the_social_worker_and_those_of_the_area_change_a_file_and_nobody_else() {
    // Handbook section 2: need to know comes from allocation.
    let g = opened().await;
    for who in [&g.case.social_worker, &g.case.coordinator, &g.case.manager] {
        assert!(g.desk(who).facts(g.child(), Group::School).await.is_ok(), "{:?}", who.actor.role);
    }
    let south = g.test.colleague(Role::Coordinator, "south", "south").await.unwrap();
    let other = g.test.colleague(Role::SocialWorker, "north", "other").await.unwrap();
    for who in [&g.case.supervisor, &south, &other] {
        let typed = told(&[("school", "Lake School")]);
        let refused = g.desk(who).change_facts(g.child(), new(), 0, &read(Group::School, &typed)).await;
        assert!(matches!(refused, Err(ServiceError::NotFound)), "{:?}", who.actor.role);
    }
    let stranger = g.person(PersonId(Uuid::now_v7()));
    let refused = g.desk(&g.case.social_worker).facts(stranger, Group::Contact).await;
    assert!(matches!(refused, Err(ServiceError::NotFound)), "nobody of this family");
}

#[tokio::test]
async fn two_who_change_the_same_see_both_and_two_who_change_other_things_do_not_meet() {
    let g = opened().await;
    let shown = g.view(g.child(), Group::School).await.version;
    let desk = g.desk(&g.case.coordinator);
    let lake = told(&[("school", "Lake School")]);
    g.change(g.child(), Group::Hearing, &told(&[("hearing_about", "Final hearing")])).await.unwrap();
    desk.change_facts(g.child(), new(), shown, &read(Group::School, &lake)).await.unwrap();
    let hill = told(&[("school", "Hill School")]);
    let refused =
        g.desk(&g.case.social_worker).change_facts(g.child(), new(), shown, &read(Group::School, &hill)).await;
    let Err(ServiceError::Conflict { theirs, version }) = refused else { panic!("a conflict shows both") };
    assert_eq!(theirs.get("school"), "Lake School");
    g.desk(&g.case.social_worker).change_facts(g.child(), new(), version, &read(Group::School, &hill)).await.unwrap();
    let school = g.view(g.child(), Group::School).await;
    assert_eq!(school.values.get("school"), "Hill School");
    assert_eq!(school.history[0].said.len(), 2, "what the other said is kept");
}

#[tokio::test]
async fn sent_twice_it_is_one_change_and_nothing_different_is_no_change() {
    let g = opened().await;
    let (id, shown) = (new(), g.view(g.child(), Group::School).await.version);
    let desk = g.desk(&g.case.social_worker);
    let lake = told(&[("school", "Lake School")]);
    for _ in 0..2 {
        desk.change_facts(g.child(), id, shown, &read(Group::School, &lake)).await.unwrap();
    }
    assert_eq!(g.view(g.child(), Group::School).await.version, shown + 1);
    assert_eq!(code(g.change(g.child(), Group::School, &lake).await), "fact.nothing_different");
}

#[tokio::test]
async fn a_fact_of_the_future_or_from_before_the_birth_is_refused() {
    let g = opened().await;
    for (since, wrong) in [("2026-11-25", "told_since-day"), ("2021-05-02", "told_since-day"), ("2021-05-03", "done")] {
        let mut typed = told(&[("school", since)]);
        typed.set("told_since", since);
        assert_eq!(code(g.change(g.child(), Group::School, &typed).await), wrong, "{since}");
    }
    // A phone number was the mother's before the child was born.
    let mut typed = told(&[("given_name", "Ann"), ("family_name", "Marsh"), ("phone", "01632 960 471")]);
    typed.set("told_since", "2015-01-01");
    assert_eq!(code(g.change(g.person(g.case.mother), Group::Contact, &typed).await), "done");
}

#[tokio::test]
async fn a_change_of_placement_voids_every_assessment_drafts_too_and_flags_what_is_booked() {
    // Handbook section 6: "void at once after a serious incident, a new order, a change of placement or a new adult".
    let g = opened().await;
    let approved = g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    let assess = g.test.desk(&g.case.coordinator, Purpose::Assessment);
    let draft = kith_domain::ids::AssessmentId(Uuid::now_v7());
    let draft = assess.begin_assessment(g.case.child, g.case.father, draft).await.unwrap();
    let line = g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    let day = date(2026, 11, 26);
    let booked = g.test.session_row(&g.case, line, &[g.case.mother], day, SessionState::Confirmed).await.unwrap();

    let would = g.view(g.child(), Group::Placement).await.endangered.unwrap();
    assert_eq!((would.assessments.len(), would.sessions), (2, 1), "said before it is saved");
    let saved = g.change(g.child(), Group::Placement, &moved()).await.unwrap();
    assert_eq!((saved.voided.assessments, saved.voided.flagged), (2, 1));
    for id in [approved, draft] {
        assert_eq!(g.state(id).await, (AssessmentState::Void, Some(VoidReason::PlacementMove)));
    }
    let session = g.desk(&g.case.coordinator).look().session(booked).await.unwrap();
    assert_eq!(session.flagged.as_deref(), Some("assessment_void"));
}

#[tokio::test]
async fn a_phone_number_of_the_carer_voids_nothing() {
    let g = opened().await;
    let approved = g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    let typed = told(&[("carer", "Priya Dale"), ("carer_phone", "01632 960 113")]);
    let saved = g.change(g.child(), Group::Carer, &typed).await.unwrap();
    assert_eq!(saved, Saved::default());
    assert_eq!(g.state(approved).await.0, AssessmentState::Approved);
}

fn attends(answer: &str) -> Fields {
    told(&[
        ("relationship", "father"),
        ("parental_responsibility", "yes"),
        ("entitlement", "a"),
        ("may_attend", answer),
    ])
}

#[tokio::test]
async fn who_must_not_attend_any_more_is_barred_at_once_and_what_is_booked_is_flagged() {
    let g = opened().await;
    let line = g.test.active_plan(&g.case, &[g.case.father]).await.unwrap();
    let day = date(2026, 11, 26);
    let booked = g.test.session_row(&g.case, line, &[g.case.father], day, SessionState::Confirmed).await.unwrap();
    let saved = g.change(g.person(g.case.father), Group::Attendance, &attends("no")).await.unwrap();
    assert_eq!((saved.voided.assessments, saved.voided.flagged), (0, 1));
    let look = g.desk(&g.case.coordinator).look();
    assert_eq!(look.session(booked).await.unwrap().flagged.as_deref(), Some("must_not_attend"));
    let family = look.family(g.case.child).await.unwrap();
    let father = family.iter().find(|relative| relative.person.id == g.case.father).unwrap();
    assert!(!father.relation.may_attend);
}

#[tokio::test]
async fn another_adult_who_may_attend_voids_the_assessments_and_one_who_must_not_does_not() {
    let g = opened().await;
    let approved = g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    let member = |given: &str, may_attend: &str| {
        let typed = told(&[
            ("given_name", given),
            ("relationship", "grandparent"),
            ("parental_responsibility", "no"),
            ("entitlement", "none"),
            ("may_attend", may_attend),
            ("risk_marker", "none"),
        ]);
        AddMember::read(&typed, None, TODAY).unwrap_or_else(|_| panic!("read"))
    };
    let desk = g.desk(&g.case.social_worker);
    let barred = PersonId(Uuid::now_v7());
    desk.add_member(g.case.child, barred, &member("Otto", "no")).await.unwrap();
    assert_eq!(g.state(approved).await.0, AssessmentState::Approved);
    let grace = PersonId(Uuid::now_v7());
    let added = desk.add_member(g.case.child, grace, &member("Grace", "yes")).await.unwrap();
    assert_eq!(added.voided.assessments, 1);
    assert_eq!(g.state(approved).await, (AssessmentState::Void, Some(VoidReason::NewAdult)));
    desk.add_member(g.case.child, grace, &member("Grace", "yes")).await.unwrap();
    let family = desk.look().family(g.case.child).await.unwrap();
    assert_eq!(family.len(), 5, "sent twice it is one person");
    let child = PersonId(g.case.child.0);
    let refused = desk.add_member(g.case.child, child, &member("Robin", "yes")).await;
    assert!(matches!(refused, Err(ServiceError::NotFound)), "the child is nobody of the child's family");
}

#[tokio::test]
async fn who_is_expected_tomorrow_is_not_taken_out_of_the_family_before_that_is_settled() {
    let g = opened().await;
    let line = g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    let day = date(2026, 11, 25);
    let booked = g.test.session_row(&g.case, line, &[g.case.mother], day, SessionState::Planned).await.unwrap();
    let desk = g.desk(&g.case.social_worker);
    let ended = EndMember::read(&told(&[]), None, TODAY).unwrap_or_else(|_| panic!("read"));
    assert_eq!(code(desk.end_member(g.case.child, g.case.mother, &ended).await), "family.expected");
    g.test.clock_to(date(2026, 11, 26), 600);
    desk.end_member(g.case.child, g.case.mother, &ended).await.unwrap();
    let family = desk.look().family(g.case.child).await.unwrap();
    let mother = family.iter().find(|relative| relative.person.id == g.case.mother).unwrap();
    assert!(mother.relation.ended && !mother.relation.may_attend, "she stays on the file");
    assert_eq!(mother.name(), "Ann Marsh");
    let _ = booked;
}

#[tokio::test]
async fn a_dispute_stands_beside_the_fact_and_is_taken_back_with_why() {
    // Handbook section 14, rectification: "record the dispute beside the entry".
    let g = opened().await;
    let item = Group::School.items().find(|item| item.code == "school").unwrap();
    g.change(g.child(), Group::School, &told(&[("school", "Lake School")])).await.unwrap();
    let desk = g.desk(&g.case.social_worker);
    let command = RaiseDoubt { doubt: Doubt::Disputed, by: "Ann Marsh, mother".into(), why: "He has moved".into() };
    let id = new();
    for _ in 0..2 {
        desk.raise_doubt(g.child(), item, id, &command).await.unwrap();
    }
    let file = desk.file(g.case.child).await.unwrap();
    assert!(
        file.child.body.known.disputed.contains("school") && !file.child.body.known.values.get("school").is_empty()
    );
    let view = g.view(g.child(), Group::School).await;
    assert!(view.history[0].doubts[0].words.contains("Ann Marsh, mother"), "{}", view.history[0].doubts[0].words);
    for _ in 0..2 {
        desk.lift_doubt(g.child(), item, id, "She was mistaken").await.unwrap();
    }
    assert!(desk.file(g.case.child).await.unwrap().child.body.known.disputed.is_empty());
    let past = desk.file_past(g.case.child, None, 1).await.unwrap();
    assert!(past.lines.rows.iter().any(|line| line.taken_back), "what was said stays readable");
}

#[tokio::test]
async fn a_page_of_the_past_opens_nothing_older_and_says_what_was_taken_back_later() {
    let g = opened().await;
    let item = Group::School.items().find(|item| item.code == "school").unwrap();
    g.change(g.child(), Group::School, &told(&[("school", "Lake School")])).await.unwrap();
    let desk = &g.desk(&g.case.social_worker);
    let command = RaiseDoubt { doubt: Doubt::Disputed, by: "Ann Marsh, mother".into(), why: "He has moved".into() };
    let disputed = new();
    desk.raise_doubt(g.child(), item, disputed, &command).await.unwrap();
    let subject = Subject::Child { child: g.case.child };
    let said = desk.look().statements_of(subject).await.unwrap();
    let said = said.iter().find(|of| of.values.get("school") == "Lake School").unwrap();
    let often: Vec<Statement> =
        (1..=60).map(|later| Statement { id: new(), recorded_ms: desk.now_ms() + later, ..said.clone() }).collect();
    desk.change("test.said", |work| {
        let often = often.clone();
        async move { Ok(work.add_statements(&often).await?) }
    })
    .await
    .unwrap();
    g.test.clock_to(date(2026, 11, 26), 600);
    desk.lift_doubt(g.child(), item, disputed, "She was mistaken").await.unwrap();

    let total = desk.file_past(g.case.child, None, 1).await.unwrap().lines.total;
    let before = g.test.service.counts();
    let first = desk.file_past(g.case.child, None, 1).await.unwrap();
    let opened = g.test.service.counts().envelopes - before.envelopes;
    assert!(total > 70 && opened < 60, "{opened} opened of {total} to show 50 with the child and the family");
    assert!(first.lines.rows[0].takes_back && first.lines.rows.iter().all(|line| !line.taken_back));
    let second = desk.file_past(g.case.child, None, 2).await.unwrap();
    let taken_back: Vec<_> = second.lines.rows.iter().filter(|line| line.taken_back).collect();
    assert!(
        matches!(taken_back[..], [line] if line.standing == FactStanding::Disputed),
        "it stands on the page before"
    );
    assert_eq!(first.lines.rows.len() + second.lines.rows.len(), total, "nothing twice and nothing left out");
    let beyond = desk.file_past(g.case.child, None, usize::MAX).await.unwrap();
    assert_eq!((beyond.lines.rows.len(), beyond.lines.total), (0, total));
}

#[tokio::test]
async fn a_restricted_fact_is_shown_to_nobody_who_works_with_the_file_until_it_is_lifted() {
    // Handbook section 14, restriction: "the record stays, use stops".
    let g = opened().await;
    let item = Group::School.items().find(|item| item.code == "school").unwrap();
    let (worker, manager) = (g.desk(&g.case.social_worker), g.desk(&g.case.manager));
    g.change(g.child(), Group::School, &told(&[("school", "Lake School")])).await.unwrap();
    let school = worker.file(g.case.child).await.unwrap().child.body.known.values.get("school").to_owned();
    assert_eq!(school, "Lake School");
    let command = RaiseDoubt { doubt: Doubt::Restricted, by: "Ann Marsh, mother".into(), why: "Being checked".into() };
    assert_eq!(code(worker.raise_doubt(g.child(), item, new(), &command).await), "NotFound", "a manager decides");
    let name = Group::Identity.items().find(|item| item.code == "given_name").unwrap();
    assert_eq!(code(manager.raise_doubt(g.child(), name, new(), &command).await), "fact.protects");
    let id = new();
    manager.raise_doubt(g.child(), item, id, &command).await.unwrap();
    let file = worker.file(g.case.child).await.unwrap();
    assert_eq!(file.child.body.known.values.get("school"), "");
    assert!(file.child.body.known.restricted.contains("school"));
    let view = g.view(g.child(), Group::School).await;
    assert!(view.history[0].is_restricted() && view.history[0].said.is_empty());
    let past = worker.file_past(g.case.child, Some(Group::School), 1).await.unwrap();
    assert!(past.lines.rows.iter().all(|line| line.items.iter().all(|(_, values)| values.is_none())));
    let on = worker.file_on(g.case.child, TODAY).await.unwrap();
    assert_eq!(on.known.values.get("school"), "");
    assert_eq!(code(worker.lift_doubt(g.child(), item, id, "Checked").await), "NotFound");
    manager.lift_doubt(g.child(), item, id, "Checked").await.unwrap();
    assert_eq!(worker.file(g.case.child).await.unwrap().child.body.known.values.get("school"), school);
}

#[tokio::test]
async fn what_is_restricted_is_not_shown_by_the_referral_that_said_it() {
    // Handbook section 14, restriction: "the record stays, use stops".
    let g = opened().await;
    let item = Group::Contact.items().find(|item| item.code == "family_name").unwrap();
    let (worker, coordinator, manager) =
        (g.desk(&g.case.social_worker), g.desk(&g.case.coordinator), g.desk(&g.case.manager));
    let referral = worker.file(g.case.child).await.unwrap().referrals[0].id;
    let names = async || {
        let view = worker.referral(referral).await.unwrap();
        let call = coordinator.verification(referral).await.unwrap();
        let attendance = call.verification.answers.iter().filter(|of| of.item.ends_with(&g.case.mother.to_string()));
        let told: Vec<String> = attendance.map(|of| of.of.get("family_name").to_owned()).collect();
        let on = |form: &kith_domain::referral::ReferralDraft| {
            form.family.iter().map(|member| member.fields.get("family_name").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(on(&view.referral.body), on(&call.form));
        (on(&view.referral.body), told.contains(&"Marsh".to_owned()))
    };
    let marsh = || "Marsh".to_owned();
    assert_eq!(names().await, (vec![marsh(), marsh(), marsh()], true));
    let command = RaiseDoubt { doubt: Doubt::Restricted, by: "Ann Marsh, mother".into(), why: "Being checked".into() };
    let id = new();
    manager.raise_doubt(g.person(g.case.mother), item, id, &command).await.unwrap();
    assert_eq!(names().await, (vec![String::new(), marsh(), marsh()], false), "hers alone");
    manager.lift_doubt(g.person(g.case.mother), item, id, "Checked").await.unwrap();
    assert_eq!(names().await, (vec![marsh(), marsh(), marsh()], true), "it stays as it was sent");
}

#[tokio::test]
async fn the_past_of_a_file_is_everything_that_was_said_and_a_day_shows_what_was_known_then() {
    let g = opened().await;
    g.test.clock_to(date(2026, 11, 26), 600);
    g.change(g.child(), Group::Placement, &moved()).await.unwrap();
    let desk = g.desk(&g.case.coordinator);
    let past = desk.file_past(g.case.child, None, 1).await.unwrap();
    let first = &past.lines.rows[0];
    assert!(first.source.contains("Dora Finch, carer") && first.items.iter().any(|(item, _)| item.code == "address"));
    assert!(past.lines.rows.windows(2).all(|pair| pair[0].at_ms >= pair[1].at_ms), "newest first");
    assert!(past.lines.rows.iter().any(|line| line.about == "Ann Marsh"), "the family too");
    let only = desk.file_past(g.case.child, Some(Group::Placement), 1).await.unwrap();
    assert!(only.lines.total < past.lines.total && only.lines.total >= 2);

    let then = desk.file_on(g.case.child, date(2026, 11, 25)).await.unwrap();
    assert_eq!(then.known.values.get("address"), "4 Orchard Lane, Nenebridge NB2 7QT");
    let now = desk.file_on(g.case.child, date(2026, 11, 26)).await.unwrap();
    assert_eq!(now.known.values.get("address"), "9 Mill Row, Nenebridge NB1 4AB");
    assert!(then.family.iter().any(|(name, _)| name == "Ann Marsh") && then.worker.is_some());
    for wrong in [date(2026, 11, 27), date(2020, 1, 1)] {
        assert_eq!(code(desk.file_on(g.case.child, wrong).await), "day-day");
    }
}
