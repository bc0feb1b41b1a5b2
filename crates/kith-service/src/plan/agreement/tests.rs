//! The agreement as each reader gets it, and who signed it.

use jiff::civil::date;
use kith_domain::access::Purpose;
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::plan::{AgreementReader, PlanStep};

use crate::ServiceError;
use crate::testing::{CaseInHand, whole_arrangement, words};

/// A plan with a line for the mother and another for the father, whose words name where the child lives.
async fn planned() -> (CaseInHand, kith_domain::ids::PlanId) {
    let g = CaseInHand::open("a", Purpose::ServiceDelivery).await;
    g.test.clock.move_to(calendar::instant_ms(date(2026, 11, 24), 600));
    let (plan, line) = g.test.draft_plan(&g.case, &[g.case.mother]).await.unwrap();
    let desk = g.coordinator();
    let home = desk.look().child(g.case.child).await.unwrap().body.placement.unwrap().address;
    for (id, person) in [(line, g.case.mother), (kith_domain::ids::ArrangementId(uuid::Uuid::now_v7()), g.case.father)]
    {
        let mut typed = whole_arrangement(&[person]);
        typed.set("transport", format!("Fetched from {home}"));
        typed.set("rules", if person == g.case.mother { "No photographs." } else { "No gifts." });
        typed.set("start", if person == g.case.mother { "10:00" } else { "14:00" });
        let version = desk.plan(plan).await.unwrap().plan.version;
        desk.save_arrangement(plan, &desk.read_arrangement(id, &typed).unwrap(), version).await.unwrap();
    }
    (g, plan)
}

fn said(agreement: &super::Agreement) -> String {
    let facts = agreement.parts.iter().flat_map(|(heading, facts)| {
        std::iter::once(heading.clone()).chain(facts.iter().map(|(label, value)| format!("{label}: {value}")))
    });
    facts.chain(agreement.warnings.clone()).chain(agreement.signing.clone()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_parent_reads_what_is_about_them_and_nothing_of_the_other() {
    // Handbook section 2: a parent must not see the other parent's business, nor a confidential placement address.
    let (g, plan) = planned().await;
    let desk = g.coordinator();
    let confidential = desk.plan(plan).await.unwrap().address_confidential();
    assert!(confidential, "the case has a confidential address");
    let (_, mothers) = desk.agreement(plan, AgreementReader::Person(g.case.mother), "en").await.unwrap();
    let text = said(&mothers);
    assert!(text.contains("Robin with Ann Marsh") && text.contains("No photographs."), "{text}");
    for not_theirs in ["Joe Marsh", "No gifts.", "Fetched from"] {
        assert!(!text.contains(not_theirs), "{not_theirs}: {text}");
    }
    let (_, carers) = desk.agreement(plan, AgreementReader::Carer, "en").await.unwrap();
    let text = said(&carers);
    assert!(
        text.contains("Joe Marsh") && text.contains("Fetched from"),
        "who lives with the child knows where: {text}"
    );
    let uncle = AgreementReader::Person(g.case.uncle);
    assert!(matches!(desk.agreement(plan, uncle, "en").await, Err(ServiceError::NotFound)));
}

#[tokio::test]
async fn it_is_read_in_welsh_and_says_that_nobody_checked_the_translation() {
    // Handbook section 7: "in the family's language where a checked translation exists".
    let (g, plan) = planned().await;
    let desk = g.coordinator();
    let mother = AgreementReader::Person(g.case.mother);
    let (_, welsh) = desk.agreement(plan, mother, "cy").await.unwrap();
    insta::assert_snapshot!(said(&welsh));
    assert!(desk.agreement_paper(plan, mother, "cy").await.unwrap().starts_with(b"%PDF-"));
    let (_, unknown) = desk.agreement(plan, mother, "xx").await.unwrap();
    assert_eq!(unknown.language, "en");
}

#[tokio::test]
async fn who_signed_is_written_down_once_the_plan_cannot_be_changed() {
    let (g, plan) = planned().await;
    let desk = g.coordinator();
    let typed = |how: &str, note: &str| {
        let mother = g.case.mother.to_string();
        let mut typed: Fields =
            [("who", mother.as_str()), ("how", how), ("language", "en"), ("note", note)].into_iter().collect();
        typed.set_date("on", date(2026, 11, 24));
        typed
    };
    let early = desk.sign_agreement(plan, &typed("paper", "")).await;
    assert!(matches!(early, Err(ServiceError::Refused(refusal)) if refusal.code == "plan.not_agreed"));
    desk.move_plan(plan, &PlanStep::Agree(words("Ann and Joe"))).await.unwrap();
    let silent = desk.sign_agreement(plan, &typed("not_signed", "")).await;
    assert!(matches!(silent, Err(ServiceError::Invalid(problems)) if problems[0].field == "note"));
    for _ in 0..2 {
        desk.sign_agreement(plan, &typed("paper", "")).await.unwrap();
    }
    let view = desk.plan(plan).await.unwrap();
    assert_eq!(view.plan.body.signatures.len(), 1, "written down twice it is there once");
    let mother = view.agreement_readers().into_iter().next().unwrap();
    assert_eq!((mother.name.as_str(), mother.signed.len()), ("Ann Marsh", 1));
    let mut tomorrow = typed("paper", "");
    tomorrow.set_date("on", date(2026, 11, 25));
    let ahead = desk.sign_agreement(plan, &tomorrow).await;
    assert!(matches!(ahead, Err(ServiceError::Invalid(problems)) if problems[0].field == "on-day"));
    let worker = g.desk(&g.case.social_worker);
    assert!(matches!(worker.sign_agreement(plan, &typed("email", "")).await, Err(ServiceError::NotFound)));
}
