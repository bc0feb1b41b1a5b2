//! A draft changed row by row (UK GDPR Art 5(2), 24, 30).

use kith_domain::access::{Purpose, Role};
use kith_domain::form::Fields;
use kith_domain::ids::RegisterVersionId;
use kith_domain::register::{RegisterRow, RegisterSection, RegisterText};
use uuid::Uuid;

use crate::register::{DraftText, RowAt, seen};
use crate::testing::{Colleague, REGISTER, TestService};
use crate::{Desk, ServiceError};

struct House {
    test: TestService,
    officers: [Colleague; 2],
    id: RegisterVersionId,
    _dir: tempfile::TempDir,
}

async fn house() -> House {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let one = test.colleague(Role::DataProtection, "", "one").await.unwrap();
    let other = test.colleague(Role::DataProtection, "", "other").await.unwrap();
    let id = RegisterVersionId(Uuid::now_v7());
    let desk = test.desk(&one, Purpose::Accountability);
    desk.begin_register_version(id, &RegisterText::new(REGISTER)).await.unwrap();
    House { test, officers: [one, other], id, _dir: dir }
}

impl House {
    fn desk(&self, who: usize) -> Desk {
        self.test.desk(&self.officers[who], Purpose::Accountability)
    }

    async fn draft(&self) -> DraftText {
        self.desk(0).register_version(self.id).await.unwrap().draft().unwrap()
    }

    async fn key(&self, section: RegisterSection, title: &str) -> String {
        self.draft().await.rows(section).into_iter().find(|row| row.title == title).unwrap().key
    }

    /// Sends a form that was opened as `shown` with what was typed over it.
    async fn send(
        &self,
        who: usize,
        (section, row): (RegisterSection, Option<&str>),
        shown: &Fields,
        typed: &[(&str, &str)],
    ) -> Result<(), ServiceError> {
        let mut fields = shown.clone();
        for (name, value) in typed {
            fields.set(*name, *value);
        }
        let read = RegisterRow::read(section, row.is_some(), &fields)?;
        let mark = seen(shown);
        self.desk(who).write_register_row(self.id, RowAt { section, row, seen: &mark }, &read).await
    }

    async fn changed(&self) -> Vec<String> {
        let view = self.desk(0).register_version(self.id).await.unwrap();
        view.changes.into_iter().map(|of| of.entry).collect()
    }
}

fn wrong(of: Result<(), ServiceError>) -> (String, String) {
    match of {
        Err(ServiceError::Invalid(problems)) => (problems[0].field.clone(), problems[0].message.clone()),
        Err(other) => panic!("{other}"),
        Ok(()) => panic!("it was done"),
    }
}

const PROCESSOR: [(&str, &str); 4] =
    [("name", "Quayside Post"), ("does", "Sends letters"), ("place", "United Kingdom"), ("contract", "CT-2026-7")];

#[tokio::test(flavor = "multi_thread")]
async fn two_at_one_draft_write_over_nothing_that_they_have_not_seen() {
    let house = house().await;
    let rule = (RegisterSection::Retention, Some("care_plan"));
    let shown = house.draft().await.shown(rule.0, rule.1).unwrap();
    house.send(0, rule, &shown, &[("rule", "Until the 75th birthday")]).await.unwrap();
    // Another part of the same draft, opened before: no conflict, and what the colleague wrote stays.
    let settings = (RegisterSection::Settings, None);
    let figures = house.draft().await.shown(settings.0, settings.1).unwrap();
    house
        .send(
            0,
            (RegisterSection::Areas, Some("north")),
            &house.draft().await.shown(RegisterSection::Areas, Some("north")).unwrap(),
            &[("name", "The north")],
        )
        .await
        .unwrap();
    house.send(1, settings, &figures, &[("sign_within_hours", "48")]).await.unwrap();
    // The same row, as it was before the colleague wrote.
    let late = house.send(1, rule, &shown, &[("rule", "For 80 years")]).await;
    let Err(ServiceError::Conflict { theirs, .. }) = late else { panic!("what nobody saw is written over") };
    assert_eq!(theirs.get("rule"), "Until the 75th birthday");
    house.send(1, rule, &theirs, &[("rule", "For 80 years")]).await.unwrap();
    let changed = house.changed().await;
    assert_eq!(changed.len(), 3, "{changed:?}");
    assert_eq!(changed[2], "A record is signed within");
    let drafted = house.desk(0).register_version(house.id).await.unwrap().version.body.drafted_by;
    assert_eq!(drafted.len(), 2, "whoever wrote a row had a hand in it");
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_twice_it_is_there_once_and_another_of_its_name_is_refused() {
    let house = house().await;
    let new = (RegisterSection::Processors, None);
    house.send(0, new, &Fields::default(), &PROCESSOR).await.unwrap();
    house.send(0, new, &Fields::default(), &PROCESSOR).await.unwrap();
    let titles: Vec<String> = house.draft().await.rows(new.0).into_iter().map(|row| row.title).collect();
    assert_eq!(titles, ["Five Arches Hosting", "Nene Valley Mail", "Quayside Post"]);
    let other = [&PROCESSOR[..3], &[("contract", "CT-2026-8")]].concat();
    assert_eq!(
        wrong(house.send(0, new, &Fields::default(), &other).await),
        ("name".to_owned(), "There is a processor of this name already: change that one".to_owned())
    );
    // Nor is one renamed to another's name.
    let key = house.key(new.0, "Nene Valley Mail").await;
    let shown = house.draft().await.shown(new.0, Some(&key)).unwrap();
    let (field, _) = wrong(house.send(0, (new.0, Some(&key)), &shown, &[("name", "Quayside Post")]).await);
    assert_eq!(field, "name");
    house.send(0, (new.0, Some(&key)), &shown, &[("name", "Nene Post")]).await.unwrap();
    assert_eq!(house.draft().await.rows(new.0)[1].title, "Nene Post");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_form_cannot_know_is_wrong_is_said_of_the_field_and_nothing_is_saved() {
    let house = house().await;
    let measure = (RegisterSection::Measures, Some("training"));
    let shown = house.draft().await.shown(measure.0, measure.1).unwrap();
    let (field, words) = wrong(house.send(0, measure, &shown, &[("kept_by", "nobody")]).await);
    assert!(field == "kept_by" && words.contains("is no promise that Kith keeps"), "{field}: {words}");
    let item = (RegisterSection::Items, Some("child.birth"));
    let shown = house.draft().await.shown(item.0, item.1).unwrap();
    let (field, words) = wrong(house.send(0, item, &shown, &[("purposes", "assessment")]).await);
    // Who typed it into a referral reads it there; rules stand on it.
    assert!(field == "purposes" && words.contains("must be read for “service_delivery” too"), "{field}: {words}");
    let (field, words) = wrong(
        house
            .send(
                0,
                (RegisterSection::SchoolTerms, None),
                &Fields::default(),
                &[("from", "2026-09-10"), ("to", "2026-09-20")],
            )
            .await,
    );
    assert!(field == "from" && words.contains("must begin after the one before it"), "{field}: {words}");
    assert!(house.changed().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purpose_goes_from_the_items_that_are_read_for_it() {
    let house = house().await;
    let take = |who: usize, section: RegisterSection, row: &'static str| {
        let house = &house;
        async move {
            let mark = seen(&house.draft().await.shown(section, Some(row)).unwrap_or_default());
            house.desk(who).take_out_register_row(house.id, RowAt { section, row: Some(row), seen: &mark }).await
        }
    };
    let stale = RowAt { section: RegisterSection::Purposes, row: Some("service_planning"), seen: "other" };
    let unseen = house.desk(0).take_out_register_row(house.id, stale).await;
    assert!(matches!(unseen, Err(ServiceError::Conflict { .. })));
    take(0, RegisterSection::Purposes, "service_planning").await.unwrap();
    take(1, RegisterSection::Purposes, "service_planning").await.unwrap();
    let draft = house.draft().await;
    let shown = draft.shown(RegisterSection::Items, Some("child.ethnicity")).unwrap();
    assert_eq!(shown.all("purposes"), ["assessment", "official_reporting", "service_delivery"]);
    // Handbook section 12: without it nobody can work.
    let (field, words) = wrong(take(0, RegisterSection::Purposes, "administration").await);
    assert!(field == "row" && words.contains("without it nobody can work"), "{field}: {words}");
    take(0, RegisterSection::Areas, "south").await.unwrap();
    let (_, words) = wrong(take(0, RegisterSection::Areas, "north").await);
    assert_eq!(words, "There must be an area at least: put another in first");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_officer_writes_and_only_at_a_draft() {
    let house = house().await;
    let manager = house.test.colleague(Role::Manager, "north", "manager").await.unwrap();
    let section = RegisterSection::Areas;
    let shown = house.draft().await.shown(section, Some("north")).unwrap();
    let read = RegisterRow::read(section, true, &shown).unwrap();
    let mark = seen(&shown);
    let at = RowAt { section, row: Some("north"), seen: &mark };
    let desk = house.test.desk(&manager, Purpose::Accountability);
    assert!(matches!(desk.write_register_row(house.id, at, &read).await, Err(ServiceError::Forbidden)));
    assert!(matches!(desk.take_out_register_row(house.id, at).await, Err(ServiceError::Forbidden)));
    house.desk(0).withdraw_register_version(house.id).await.unwrap();
    let refused = house.desk(0).write_register_row(house.id, at, &read).await;
    assert!(matches!(refused, Err(ServiceError::Refused(refusal)) if refusal.code == "register.not_a_draft"));
}
