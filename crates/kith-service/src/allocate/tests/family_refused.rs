//! A supervisor who must not have a family, by a manager's word or their own.

use jiff::civil::date;
use kith_domain::access::Capacity;
use kith_domain::allocation::{Refuse, WhyRefused};

use super::{case, code};
use crate::testing::Colleague;

#[tokio::test]
async fn a_supervisor_who_must_not_have_the_family_leaves_the_sessions_marked() {
    let c = case().await;
    let body = kith_domain::session::SessionBody::default();
    let state = kith_domain::session::SessionState::Confirmed;
    let session = c.test.stands(&c.ground, date(2026, 11, 26), state, body).await.unwrap();
    let manager = c.desk(&c.ground.manager);
    let refuse = Refuse { who: c.ground.supervisor.id, why: WhyRefused::Unsafe, words: "Threatened at home".into() };
    manager.refuse_file(c.ground.child, &refuse).await.unwrap();
    let view = manager.session(session).await.unwrap();
    assert_eq!(view.session.flagged.as_deref(), Some("supervisor_refused"));
    assert_eq!(code(c.desk(&c.ground.supervisor).session(session).await), "not_found");
}

#[tokio::test]
async fn a_supervisor_says_from_the_session_that_they_must_not_have_the_family() {
    // Handbook section 2: who is related to a family has nothing to do with its file.
    let c = case().await;
    let body = || kith_domain::session::SessionBody::default();
    let state = kith_domain::session::SessionState::Confirmed;
    let session = c.test.stands(&c.ground, date(2026, 11, 26), state, body()).await.unwrap();
    let later = c.test.stands(&c.ground, date(2026, 12, 3), state, body()).await.unwrap();
    let refuse = |who: &Colleague| Refuse { who: who.id, why: WhyRefused::Related, words: "My sister’s boy".into() };
    let supervisor = c.desk(&c.ground.supervisor);
    let other = &c.ground.second;
    assert_eq!(code(c.desk(other).refuse_family(session, &refuse(other)).await), "not_found", "not their session");
    assert_eq!(code(supervisor.refuse_family(session, &refuse(other)).await), "not_found", "of oneself alone");
    for _ in 0..2 {
        supervisor.refuse_family(session, &refuse(&c.ground.supervisor)).await.unwrap();
    }
    assert_eq!(code(supervisor.session(session).await), "not_found");
    let coordinator = c.desk(&c.ground.coordinator);
    for session in [session, later] {
        let view = coordinator.session(session).await.unwrap();
        assert_eq!(view.session.flagged.as_deref(), Some("supervisor_refused"));
    }
    let told = c.kinds(&c.ground.coordinator).await;
    assert_eq!(told.iter().filter(|kind| **kind == "session.refused").count(), 1, "once: {told:?}");
    assert!(c.kinds(&c.ground.manager).await.contains(&"file.refused"));
    let all = coordinator.allocations(c.ground.child).await.unwrap();
    assert!(all.iter().any(|of| of.capacity == Capacity::Refused && of.account == c.ground.supervisor.id));
}

#[tokio::test]
async fn what_was_written_stays_when_its_supervisor_must_not_have_the_family() {
    let c = case().await;
    let session = c.test.started(&c.ground).await.unwrap();
    let supervisor = c.desk(&c.ground.supervisor);
    supervisor.write_entry(session, crate::testing::observed("Amara ran to her mother")).await.unwrap();
    let refuse =
        Refuse { who: c.ground.supervisor.id, why: WhyRefused::Related, words: "I know the grandmother".into() };
    supervisor.refuse_family(session, &refuse).await.unwrap();
    assert_eq!(code(supervisor.record(session).await), "not_found");
    let written = c.desk(&c.ground.coordinator).look().entries_of(session).await.unwrap().0;
    assert!(!written.is_empty(), "her words are there");
    assert!(c.kinds(&c.ground.coordinator).await.contains(&"session.refused"));
}
