//! Refusing contact: the sessions it stands in the way of, who is told and when, what ends it.

use jiff::civil::{Date, date};
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::contact_refusal::{Recipient, RefusalState, RefusedContact};
use kith_domain::form::Fields;
use kith_domain::ids::{ContactRefusalId, PersonId, SessionId};
use kith_domain::session::SessionState;
use uuid::Uuid;

use super::RefuseContact;
use crate::ServiceError;
use crate::testing::CaseInHand;

/// Day 1.
const MONDAY: Date = date(2026, 11, 23);

struct Booked {
    g: CaseInHand,
    /// On day 4, with the mother.
    within: SessionId,
    /// On day 8, with the mother.
    after: SessionId,
    /// On day 2, with the father.
    father: SessionId,
}

/// A child with sessions booked, on Monday 23 November 2026 at ten.
async fn booked() -> Booked {
    let g = CaseInHand::open("r", Purpose::ServiceDelivery).await;
    g.test.clock.move_to(calendar::instant_ms(MONDAY, 600));
    let (mother, father) = (g.case.mother, g.case.father);
    for person in [mother, father] {
        g.test.approved_assessment(&g.case, person).await.unwrap();
    }
    let line = g.test.active_plan(&g.case, &[mother, father]).await.unwrap();
    let book =
        async |person, day| g.test.session_row(&g.case, line, &[person], day, SessionState::Confirmed).await.unwrap();
    let within = book(mother, date(2026, 11, 26)).await;
    let after = book(mother, date(2026, 12, 1)).await;
    let father = book(father, date(2026, 11, 24)).await;
    Booked { g, within, after, father }
}

fn refused(person: PersonId, began: Date) -> RefusedContact {
    RefusedContact {
        person,
        began,
        decided_by: "Maud Ferris, service manager".into(),
        reasons: "You came to the last visit after drinking.".into(),
        urgency: "The next visit was on Thursday.".into(),
        for_the_child: Some("Mum was not well enough to see you.".into()),
        child_not_told: None,
    }
}

impl Booked {
    async fn refuse(&self, began: Date) -> Result<(ContactRefusalId, usize), ServiceError> {
        let id = ContactRefusalId(Uuid::now_v7());
        let (child, refused) = (self.g.case.child, refused(self.g.case.mother, began));
        self.g.coordinator().refuse_contact(&RefuseContact { id, child, refused }).await.map(|flagged| (id, flagged))
    }

    async fn flag(&self, session: SessionId) -> Option<String> {
        self.g.coordinator().look().session(session).await.unwrap().flagged
    }

    fn clock_to(&self, day: Date) {
        self.g.test.clock.move_to(calendar::instant_ms(day, 600));
    }
}

fn fields(pairs: &[(&str, &str)], date: Option<(&str, Date)>) -> Fields {
    let mut fields: Fields = pairs.iter().copied().collect();
    if let Some((name, day)) = date {
        fields.set_date(name, day);
    }
    fields
}

fn wrong<T>(result: Result<T, ServiceError>) -> Vec<String> {
    match result {
        Err(ServiceError::Invalid(problems)) => problems.into_iter().map(|problem| problem.field).collect(),
        Err(ServiceError::Refused(refusal)) => vec![refusal.code.to_owned()],
        Err(error) => vec![format!("{error:?}")],
        Ok(_) => Vec::new(),
    }
}

#[tokio::test]
async fn it_marks_what_is_booked_in_its_days_and_nothing_else() {
    // Handbook section 6, of what endangers a booked session: "flagged, not silently kept"; s34(6): seven days.
    let b = booked().await;
    let (id, flagged) = b.refuse(MONDAY).await.unwrap();
    assert_eq!(flagged, 1);
    assert_eq!(b.flag(b.within).await.as_deref(), Some("contact_refused"));
    assert_eq!((b.flag(b.after).await, b.flag(b.father).await), (None, None));
    let view = b.g.coordinator().contact_refusal(id).await.unwrap();
    assert_eq!(view.sessions.iter().map(|session| session.id).collect::<Vec<_>>(), [b.within]);
    assert!(b.g.kinds(&b.g.case.supervisor).await.contains(&"session.flagged"));
    for colleague in [&b.g.case.social_worker, &b.g.case.manager] {
        assert!(b.g.kinds(colleague).await.contains(&"refusal.began"));
    }
}

#[tokio::test]
async fn nothing_with_the_person_is_confirmed_in_its_days() {
    let b = booked().await;
    let (id, _) = b.refuse(MONDAY).await.unwrap();
    let desk = b.g.coordinator();
    assert_eq!(wrong(desk.confirm_session(b.within).await), ["session.not_ready"]);
    let seen = desk.session(b.within).await.unwrap().missing.join(". ");
    assert!(seen.contains("refused until 29 November 2026"), "{seen}");
    assert!(desk.session(b.after).await.unwrap().missing.is_empty());
    let resumed = fields(&[("how", "resumed")], Some(("resumed_on", date(2026, 11, 25))));
    desk.end_refusal(id, &resumed).await.unwrap();
    assert_eq!(b.flag(b.within).await.as_deref(), Some("contact_refused"), "until somebody has looked at it again");
    desk.confirm_session(b.within).await.unwrap();
    assert_eq!(b.flag(b.within).await, None);
    assert_eq!(wrong(desk.end_refusal(id, &resumed).await), ["refusal.ended"]);
    assert!(b.g.kinds(&b.g.case.social_worker).await.contains(&"refusal.ended"));
}

#[tokio::test]
async fn its_clock_warns_on_day_five_demands_on_day_seven_and_says_that_it_has_run_out() {
    // Handbook section 7: "Kith starts the clock, warns at day 5, and at day 7 demands either resumption or the s34(4) order".
    let b = booked().await;
    b.refuse(MONDAY).await.unwrap();
    let told = async || {
        b.g.test.service.do_waiting_work().await.unwrap();
        let mut kinds = b.g.kinds(&b.g.case.manager).await;
        kinds.retain(|kind| kind.starts_with("refusal.") && *kind != "refusal.began");
        kinds
    };
    b.clock_to(date(2026, 11, 26));
    assert_eq!(told().await, [""; 0]);
    b.clock_to(date(2026, 11, 27));
    assert_eq!(told().await, ["refusal.day_five"]);
    b.clock_to(date(2026, 11, 29));
    assert_eq!(told().await, ["refusal.day_seven", "refusal.day_five"]);
    b.clock_to(date(2026, 11, 30));
    assert_eq!(told().await, ["refusal.run_out", "refusal.day_seven", "refusal.day_five"]);
    // It stands in the way of nothing any more, whether somebody has ended it or not.
    assert!(b.g.coordinator().session(b.after).await.unwrap().missing.is_empty());
}

#[tokio::test]
async fn once_ended_its_clock_is_silent() {
    let b = booked().await;
    let (id, _) = b.refuse(MONDAY).await.unwrap();
    let mistake = fields(&[("how", "mistaken"), ("why", "It was about another child.")], None);
    b.g.coordinator().end_refusal(id, &mistake).await.unwrap();
    b.clock_to(date(2026, 11, 30));
    b.g.test.service.do_waiting_work().await.unwrap();
    assert!(!b.g.kinds(&b.g.case.manager).await.contains(&"refusal.run_out"));
    let papers = b.g.coordinator().refusal_notice(id, Recipient::Person).await;
    assert!(matches!(papers, Err(ServiceError::NotFound)), "no notice of what was a mistake");
    b.refuse(date(2026, 11, 30)).await.unwrap();
}

#[tokio::test]
async fn who_is_entitled_can_be_refused_and_not_twice_in_a_row() {
    let b = booked().await;
    let desk = b.g.coordinator();
    let choice = desk.new_refusal(b.g.case.child).await.unwrap();
    let entitled: Vec<PersonId> = choice.entitled.iter().map(|(id, _)| *id).collect();
    assert!(entitled.contains(&b.g.case.mother) && entitled.contains(&b.g.case.father));
    assert!(!entitled.contains(&b.g.case.uncle), "he is not entitled, and must not attend");
    let uncle = RefuseContact {
        id: ContactRefusalId(Uuid::now_v7()),
        child: b.g.case.child,
        refused: refused(b.g.case.uncle, MONDAY),
    };
    assert_eq!(wrong(desk.refuse_contact(&uncle).await), ["person"]);
    let (id, _) = b.refuse(MONDAY).await.unwrap();
    let again = RefuseContact { id, child: b.g.case.child, refused: refused(b.g.case.mother, MONDAY) };
    assert_eq!(desk.refuse_contact(&again).await.unwrap(), 0, "sent twice it is one");
    b.clock_to(date(2026, 11, 30));
    assert_eq!(wrong(b.refuse(date(2026, 11, 30)).await), ["began-day"], "fourteen days are not seven");
    b.clock_to(date(2026, 12, 1));
    b.refuse(date(2026, 12, 1)).await.unwrap();
}

#[tokio::test]
async fn an_order_that_takes_its_place_is_one_of_the_file() {
    let b = booked().await;
    let (id, _) = b.refuse(MONDAY).await.unwrap();
    let desk = b.g.coordinator();
    let stranger = Uuid::now_v7().to_string();
    let order = |order: &str| fields(&[("how", "ordered"), ("order", order)], None);
    assert_eq!(wrong(desk.end_refusal(id, &order(&stranger)).await), ["order"]);
    let known = desk.contact_refusal(id).await.unwrap().orders[0].0.to_string();
    desk.end_refusal(id, &order(&known)).await.unwrap();
    assert_eq!(desk.contact_refusal(id).await.unwrap().refusal.state, RefusalState::Ordered);
}

#[tokio::test]
async fn notices_are_set_and_nothing_confidential_is_in_what_the_person_reads() {
    // Regulation 8(2) and (3); handbook section 2: nobody "must see the placement address if it is confidential".
    let b = booked().await;
    let desk = b.g.coordinator();
    let address = desk.look().child(b.g.case.child).await.unwrap().body.placement.unwrap();
    let mut telling = refused(b.g.case.mother, MONDAY);
    telling.reasons = format!("You went to {}.", address.address);
    let id = ContactRefusalId(Uuid::now_v7());
    let told = desk.refuse_contact(&RefuseContact { id, child: b.g.case.child, refused: telling }).await;
    assert_eq!(wrong(told), if address.confidential { vec!["reasons"] } else { vec![] });
    let id = if address.confidential { b.refuse(MONDAY).await.unwrap().0 } else { id };
    for to in [Recipient::Person, Recipient::Child] {
        assert!(desk.refusal_notice(id, to).await.unwrap().starts_with(b"%PDF-"));
    }
    assert!(matches!(desk.refusal_notice(id, Recipient::Reviewing).await, Err(ServiceError::NotFound)));
    let given = fields(&[("to", "person"), ("how", "hand")], Some(("on", MONDAY)));
    desk.note_given(id, &given).await.unwrap();
    desk.note_given(id, &given).await.unwrap();
    let view = desk.contact_refusal(id).await.unwrap();
    assert_eq!(view.refusal.body.notices.len(), 1, "the same one twice is there once");
    assert_eq!(view.refusal.body.to_be_told(), [Recipient::Child, Recipient::Reviewing]);
}

#[tokio::test]
async fn a_file_of_another_area_is_not_there() {
    let b = booked().await;
    let (id, _) = b.refuse(MONDAY).await.unwrap();
    let south = b.g.test.colleague(Role::Coordinator, "south", "south-r").await.unwrap();
    let desk = b.g.desk(&south);
    assert!(matches!(desk.contact_refusal(id).await, Err(ServiceError::NotFound)));
    assert!(matches!(desk.new_refusal(b.g.case.child).await, Err(ServiceError::NotFound)));
    assert!(matches!(desk.refusal_notice(id, Recipient::Person).await, Err(ServiceError::NotFound)));
    assert!(matches!(desk.end_refusal(id, &Fields::default()).await, Err(ServiceError::NotFound)));
    assert!(matches!(desk.note_given(id, &Fields::default()).await, Err(ServiceError::NotFound)));
    let unknown = ContactRefusalId(Uuid::now_v7());
    assert!(matches!(b.g.coordinator().contact_refusal(unknown).await, Err(ServiceError::NotFound)));
    assert!(b.g.desk(&b.g.case.social_worker).contact_refusal(id).await.unwrap().may_change, "the child's worker may");
}
