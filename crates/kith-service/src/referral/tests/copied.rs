//! A referral that begins with what a file says.

use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::ids::ReferralId;
use kith_domain::referral::{CopyFor, Section};
use uuid::Uuid;

use crate::ServiceError;
use crate::referral::CopyFrom;
use crate::testing::CaseInHand;

#[tokio::test]
async fn a_brothers_referral_begins_with_the_family_of_the_file_and_is_looked_at() {
    let g = CaseInHand::open("c", Purpose::ServiceDelivery).await;
    let worker = g.desk(&g.case.social_worker);
    let from = (CopyFrom::File(g.case.child), CopyFor::Sibling);
    let id = worker.begin_referral(ReferralId(Uuid::now_v7()), Some(from)).await.unwrap();
    let form = worker.referral(id).await.unwrap().referral.body;
    let names: Vec<&str> = form.family.iter().map(|member| member.fields.get("given_name")).collect();
    assert_eq!(names, ["Ann", "Joe", "Len"]);
    let ids = [g.case.mother, g.case.father, g.case.uncle];
    assert!(form.family.iter().all(|member| !ids.contains(&member.id)), "new rows, compared like anybody's");
    assert_eq!((form.child.get("given_name"), form.child.get("family_name")), ("", "Marsh"));
    assert!(form.placement.is_blank(), "a brother may live elsewhere");
    assert_eq!(form.legal.get("court"), "Family Court at Eddington");
    let today = date(2026, 11, 24);
    assert!(form.problems(Section::Legal, today).iter().any(|problem| problem.message.starts_with("This is copied")));
    assert!(matches!(worker.submit_referral(id).await, Err(ServiceError::Invalid(_))), "nobody has looked at it");
}

#[tokio::test]
async fn the_file_of_somebody_elses_child_is_not_copied() {
    let g = CaseInHand::open("c", Purpose::ServiceDelivery).await;
    let other = g.test.colleague(Role::SocialWorker, "north", "other-c").await.unwrap();
    let from = (CopyFrom::File(g.case.child), CopyFor::Same);
    let begun = g.desk(&other).begin_referral(ReferralId(Uuid::now_v7()), Some(from)).await;
    assert!(matches!(begun, Err(ServiceError::NotFound)));
}
