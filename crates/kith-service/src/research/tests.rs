//! Figures for planning and research, from asking to their end (handbook section 12).

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar::instant_ms;
use kith_domain::fact::{Doubt, RaiseDoubt};
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, ConsentId, ResearchId, StatementId};
use kith_domain::research::{Extract, RequestFacts, ResearchState, Variable};
use kith_domain::sharing::Consent;
use kith_store::StoreError;
use uuid::Uuid;

use crate::fact::Whose;
use crate::testing::{Colleague, Ground, REGISTER, TestService, words};
use crate::{Desk, ServiceError};

const SEPTEMBER: Date = date(2026, 9, 15);

struct House {
    test: TestService,
    ground: Ground,
    officer: Colleague,
    _dir: tempfile::TempDir,
}

async fn house() -> House {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let ground = test.ground("r").await.unwrap();
    let officer = test.colleague(Role::DataProtection, "", "dpo").await.unwrap();
    House { test, ground, officer, _dir: dir }
}

fn asked(pairs: &[(&str, &str)]) -> Fields {
    let usual = [
        ("title", "Who comes"),
        ("for_what", "planning"),
        ("question", "How old the children are"),
        ("with", "The managers"),
        ("shape", "table"),
        ("unit", "children"),
        ("rows", "child.sex"),
        ("from", "2026-07-01"),
        ("until", "2026-09-30"),
        ("expires_on", "2026-12-31"),
    ];
    let mut fields: Fields = usual.into_iter().collect();
    for (name, value) in pairs {
        fields.set(*name, *value);
    }
    fields
}

fn of(values: &[(&'static str, &'static str)], many: usize) -> Vec<Vec<(&'static str, &'static str)>> {
    vec![values.to_vec(); many]
}

impl House {
    fn desk(&self, who: &Colleague) -> Desk {
        self.test.desk(who, Purpose::ServicePlanning)
    }

    fn manager(&self) -> Desk {
        self.desk(&self.ground.manager)
    }

    async fn seen(&self, day: Date, values: &[(&'static str, &'static str)], many: usize) -> Vec<ChildId> {
        self.test.seen_on(&self.ground, day, &of(values, many)).await.unwrap()
    }

    async fn ask(&self, pairs: &[(&str, &str)]) -> Result<ResearchId, ServiceError> {
        let service = &self.test.service;
        let facts = RequestFacts::read(&asked(pairs), service.today(), |of| service.is_counted(of))?;
        let id = ResearchId(Uuid::now_v7());
        self.manager().ask_for_figures(id, &facts).await?;
        Ok(id)
    }

    /// Somebody says of these children that they are not to be in research.
    async fn refuse(&self, children: &[ChildId]) {
        let no = [
            ("whose", "child"),
            ("what", "research"),
            ("answer", "refused"),
            ("said_by", "The mother"),
            ("authority", "parental"),
            ("evidence", "spoken"),
            ("on", "2026-11-20"),
        ];
        let delivery = self.test.desk(&self.ground.coordinator, Purpose::ServiceDelivery);
        for child in children {
            let consent = Consent::read(&no.into_iter().collect(), date(2026, 11, 24)).ok().unwrap();
            delivery.add_consent(*child, ConsentId(Uuid::now_v7()), &consent).await.unwrap();
        }
    }

    /// They objected to figures, and it was upheld.
    async fn object(&self, children: &[ChildId]) {
        let asked = kith_domain::rights::Asked::read(
            &[
                ("right", "objection"),
                ("asker", "parent"),
                ("name", "The mother"),
                ("about", "The child"),
                ("address", "4 Mill Lane"),
                ("what", "No figures"),
            ]
            .into_iter()
            .collect(),
            false,
            date(2026, 11, 24),
        );
        let asked = asked.ok().unwrap();
        let by = kith_domain::sharing::ByRequest { asked: &asked, note: "So", today: date(2026, 11, 24) };
        let delivery = self.test.desk(&self.ground.coordinator, Purpose::ServiceDelivery);
        for child in children {
            delivery.add_consent(*child, ConsentId(Uuid::now_v7()), &by.objected(None, None)).await.unwrap();
        }
    }

    /// Asked by the manager, approved by the officer, counted.
    async fn made(&self, pairs: &[(&str, &str)]) -> (ResearchId, Extract) {
        let id = self.ask(pairs).await.unwrap();
        self.desk(&self.officer).decide_figures(id, true, &words("It is needed")).await.unwrap();
        self.test.service.do_waiting_work().await.unwrap();
        (id, self.manager().request_for_figures(id).await.unwrap().extract.unwrap())
    }
}

fn column(extract: &Extract, place: usize) -> Vec<String> {
    extract.lines.iter().map(|line| line[place].clone()).collect()
}

#[tokio::test]
async fn what_one_asked_and_another_approved_is_counted_and_gone_after_its_day() {
    let house = house().await;
    house.seen(SEPTEMBER, &[("sex", "female")], 7).await;
    house.seen(SEPTEMBER, &[("sex", "male")], 12).await;
    // In another month: not counted.
    house.seen(date(2026, 10, 1), &[("sex", "male")], 6).await;
    let id = house.ask(&[]).await.unwrap();
    let told = house.test.desk(&house.officer, Purpose::ServiceDelivery).notices().await.unwrap();
    assert!(told.iter().any(|notice| notice.kind.code() == "research.asked"));

    let other = house.test.colleague(Role::Manager, "south", "other").await.unwrap();
    for who in [&house.ground.manager, &other] {
        let own = house.desk(who).decide_figures(id, true, &words("Yes")).await;
        assert!(matches!(own, Err(ServiceError::Refused(_))), "the officer decides what a manager asks");
    }
    for role in [Role::SocialWorker, Role::Coordinator, Role::Supervisor, Role::Auditor, Role::Administrator] {
        let who = house.test.colleague(role, "north", &format!("x{}", role.code())).await.unwrap();
        assert!(matches!(house.desk(&who).research(1).await, Err(ServiceError::Forbidden)), "{role:?}");
    }
    let officer = house.desk(&house.officer);
    officer.decide_figures(id, true, &words("It is needed")).await.unwrap();
    assert!(matches!(officer.decide_figures(id, false, &words("No")).await, Err(ServiceError::Refused(_))));
    house.test.service.do_waiting_work().await.unwrap();

    let view = house.manager().request_for_figures(id).await.unwrap();
    let extract = view.extract.unwrap();
    assert_eq!(extract.columns, ["Sex", "Number"]);
    // Nobody is "Not known yet" or "Not said": nought is fewer than five.
    assert_eq!(column(&extract, 0), ["Female", "Male", "Not known yet", "Not said", "All"]);
    assert_eq!(column(&extract, 1), ["Withheld", "12", "Withheld", "Withheld", "19"]);
    assert!(house.desk(&other).request_for_figures(id).await.unwrap().extract.is_none(), "whoever asked has it");

    house.test.clock.move_to(instant_ms(date(2026, 12, 31), 23 * 60 + 59));
    house.test.service.do_waiting_work().await.unwrap();
    assert!(house.manager().request_for_figures(id).await.unwrap().extract.is_some(), "its last day is a whole day");
    house.test.clock.move_to(instant_ms(date(2027, 1, 1), 0));
    assert!(house.manager().request_for_figures(id).await.unwrap().extract.is_none(), "before the job came round");
    house.test.service.do_waiting_work().await.unwrap();
    let after = house.manager().request_for_figures(id).await.unwrap();
    assert_eq!(after.request.state, ResearchState::Ended);
    assert!(after.request.body.ended_ms.is_some() && after.extract.is_none());
    let look = officer.look();
    assert!(look.research_extract(id).await.unwrap().is_none());
    let key = house.test.service.store().create_file_key(id.0).await;
    assert!(matches!(key, Err(StoreError::Destroyed)), "its key is gone for good");
}

#[tokio::test]
async fn figures_that_differ_by_one_child_from_last_month_s_are_withheld() {
    let house = house().await;
    house.seen(SEPTEMBER, &[("sex", "female")], 20).await;
    house.seen(SEPTEMBER, &[("sex", "male")], 12).await;
    house.seen(SEPTEMBER, &[("sex", "not_known")], 8).await;
    house.seen(SEPTEMBER, &[("sex", "")], 9).await;
    let (_, before) = house.made(&[]).await;
    assert_eq!(column(&before, 1), ["20", "12", "8", "9", "49"]);
    // One more boy in the next month; and enough others that nothing else is told apart.
    house.seen(date(2026, 10, 15), &[("sex", "male")], 1).await;
    house.seen(date(2026, 10, 15), &[("sex", "female")], 6).await;
    let (id, after) = house.made(&[("until", "2026-10-31")]).await;
    let of_boys = &column(&after, 1)[1];
    assert_eq!(of_boys, "Withheld");
    assert_eq!(column(&after, 1)[0], "26");
    let view = house.manager().request_for_figures(id).await.unwrap();
    assert!(view.request.body.made.unwrap().beside_earlier);
    // The first one ends: what was read in it is remembered all the same.
    let (_, again) = house.made(&[("until", "2026-10-31"), ("title", "Once more")]).await;
    assert_eq!(column(&again, 1)[1], "Withheld");
}

#[tokio::test]
async fn lines_have_pseudonyms_that_join_nothing_and_say_only_what_five_share() {
    let house = house().await;
    house.seen(SEPTEMBER, &[("given_name", "Zebedee"), ("dob", "2014-02-03"), ("religion", "Quaker")], 6).await;
    house.seen(SEPTEMBER, &[("dob", "2020-05-06"), ("sex", "male")], 2).await;
    let wanted = [("shape", "lines"), ("first", "child.birth"), ("second", "child.sex"), ("third", "child.religion")];
    let (_, one) = house.made(&wanted).await;
    assert_eq!(one.columns, ["Pseudonym", "Age on the last day", "Sex", "Religion or belief"]);
    assert_eq!(one.lines.len(), 6, "two alone are left out");
    for line in &one.lines {
        assert_eq!(line[1..], ["10 to 15", "Female", "Something is noted"]);
    }
    let (_, other) = house.made(&wanted).await;
    let pseudonyms = |of: &Extract| column(of, 0).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(pseudonyms(&one).len(), 6);
    assert!(pseudonyms(&one).is_disjoint(&pseudonyms(&other)), "the same children, under other pseudonyms");
    let all = format!("{:?}{:?}", one.lines, other.lines);
    for word in ["Zebedee", "Adeyemi", "2014", "Quaker", "CF100"] {
        assert!(!all.contains(word), "{word}");
    }
    let sorted = {
        let mut lines = one.lines.clone();
        lines.sort();
        lines
    };
    assert_eq!(one.lines, sorted, "their order says nothing");
}

#[tokio::test]
async fn who_said_no_to_research_is_not_in_it_and_what_is_restricted_is_not_said() {
    let house = house().await;
    let children = house.seen(SEPTEMBER, &[("ethnicity", "WBRI")], 15).await;
    house.refuse(&children[..5]).await;
    let research = [("for_what", "research"), ("rows", "area")];
    let (_, extract) = house.made(&research).await;
    assert_eq!(column(&extract, 1).last().unwrap(), "10");
    // Restricting is a manager's.
    let manager = house.test.desk(&house.ground.manager, Purpose::ServiceDelivery);
    let item = kith_domain::catalogue::by_key("child.ethnicity").unwrap();
    let doubt = RaiseDoubt { doubt: Doubt::Restricted, by: "The mother".into(), why: "It is being looked at".into() };
    for child in &children[5..10] {
        let whose = Whose { child: *child, person: None };
        manager.raise_doubt(whose, item, StatementId(Uuid::now_v7()), &doubt).await.unwrap();
    }
    let (_, extract) = house.made(&[("rows", "child.ethnicity")]).await;
    let counts: Vec<(String, String)> = column(&extract, 0).into_iter().zip(column(&extract, 1)).collect();
    // Of fifteen five are not said to be White any more; they are withheld, since the groups of nobody could be had from them.
    for (group, count) in [("White", "10"), ("Not said", "Withheld"), ("Not stated", "Withheld"), ("All", "15")] {
        assert!(counts.contains(&(group.to_owned(), count.to_owned())), "{counts:?}");
    }
}

#[tokio::test]
async fn planning_beside_research_does_not_show_the_few_who_said_no_to_research() {
    let house = house().await;
    let children = house.seen(SEPTEMBER, &[], 10).await;
    house.refuse(&children[..2]).await;
    let (_, research) = house.made(&[("for_what", "research"), ("rows", "area")]).await;
    assert_eq!(column(&research, 1).last().unwrap(), "8");
    let (_, planning) = house.made(&[("rows", "area")]).await;
    assert_eq!(column(&planning, 1).last().unwrap(), "Withheld", "ten beside eight are two");
}

#[tokio::test]
async fn who_objected_to_figures_is_in_none_for_planning_either() {
    // UK GDPR Art 21(1) and (6); handbook section 14: an objection that is upheld stops the use.
    let house = house().await;
    let children = house.seen(SEPTEMBER, &[], 15).await;
    house.object(&children[..5]).await;
    let (_, planning) = house.made(&[("rows", "area")]).await;
    assert_eq!(column(&planning, 1).last().unwrap(), "10");
}

#[tokio::test]
async fn what_the_register_does_not_give_to_planning_cannot_be_asked() {
    let dir = tempfile::tempdir().unwrap();
    // Religion, taken from what planning may count and put to what the case needs.
    let register = REGISTER.replace("\"child.ethnicity\", \"child.religion\",", "\"child.ethnicity\",");
    let register = register.replace("\"person.religion\",", "\"person.religion\", \"child.religion\",");
    let test = TestService::open_with(dir.path(), &register).await.unwrap();
    let all: Vec<String> = test.service.counted_by().map(Variable::key).collect();
    assert!(all.contains(&"child.birth".to_owned()) && !all.contains(&"child.religion".to_owned()));
    let read = |rows| {
        let of = asked(&[("rows", rows)]);
        let read = RequestFacts::read(&of, test.service.today(), |of| test.service.is_counted(of));
        read.err().unwrap_or_default().into_iter().map(|problem| problem.field).collect::<Vec<_>>()
    };
    assert_eq!(
        (read("child.religion"), read("child.given_name"), read("child.birth")),
        (vec!["rows".to_owned()], vec!["rows".to_owned()], vec![])
    );
}

#[tokio::test]
async fn what_is_ended_before_it_was_counted_is_not_counted() {
    let house = house().await;
    house.seen(SEPTEMBER, &[], 6).await;
    let id = house.ask(&[]).await.unwrap();
    house.desk(&house.officer).decide_figures(id, true, &words("Yes")).await.unwrap();
    house.manager().end_figures(id).await.unwrap();
    house.test.service.do_waiting_work().await.unwrap();
    let view = house.manager().request_for_figures(id).await.unwrap();
    assert!(view.request.state == ResearchState::Ended && view.request.body.made.is_none());
    // Once more does nothing, and nobody else ends it.
    house.manager().end_figures(id).await.unwrap();
    let other = house.test.colleague(Role::Manager, "south", "other").await.unwrap();
    let id = house.ask(&[]).await.unwrap();
    assert!(matches!(house.desk(&other).end_figures(id).await, Err(ServiceError::Refused(_))));
    // What was made is gone at once.
    let (id, _) = house.made(&[("rows", "area")]).await;
    house.desk(&house.officer).end_figures(id).await.unwrap();
    assert!(house.manager().request_for_figures(id).await.unwrap().extract.is_none());
}
