//! A record from its signature to its acceptance, or to its release without one.

use kith_domain::record::RecordState;
use kith_domain::record::{Addendum, Verdict};

use super::*;
use crate::record::Signing;
use crate::testing::steady;

fn with_password(password: &str) -> Signing {
    Signing { password: password.into(), late_reason: None }
}

fn accepts() -> Verdict {
    Verdict { accepted: true, comment: None }
}

fn addendum(about: Option<EntryId>, reason: &str, text: &str) -> Addendum {
    Addendum { about, reason: reason.into(), text: text.into() }
}

#[tokio::test]
async fn a_leaver_s_record_is_released_as_what_it_is() {
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let manager = test.at_work(&ground.manager);
    for who in [&ground.supervisor, &ground.coordinator, &ground.worker] {
        assert_eq!(refused(test.at_work(who).release_record(id, "Left").await), "not found", "{:?}", who.actor.role);
    }
    assert_eq!(points(manager.release_record(id, " ").await), ["reason"]);
    assert!(refused(manager.release_record(id, "Left").await).contains("still here and has time to sign"));
    test.clock_to(date(2026, 11, 27), 691);
    for _ in 0..2 {
        manager.release_record(id, "Sam has left the service").await.unwrap();
    }
    let view = manager.record(id).await.unwrap();
    assert_eq!((view.record.state, view.signatures.len()), (RecordState::Released, 0));
    let paper = super::super::record_paper_of(&view, test.service.register());
    assert!(paper.released.contains("Sam has left the service") && paper.signatures.is_empty());
    assert!(test.at_work(&ground.worker).record(id).await.is_ok(), "read like a signed one");
    let desk = test.at_work(&ground.supervisor);
    assert!(refused(desk.write_entry(id, observed("More")).await).contains("released without a signature"));
}

#[tokio::test]
async fn signing_asks_for_the_password_and_something_in_it() {
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    assert!(refused(desk.sign_record(id, &signature()).await).contains("End the session"));
    test.clock_to(THURSDAY, 691);
    test.course(&desk, id, &both_came(), Some(600), Some((690, Ended::Complete))).await.unwrap();
    assert!(refused(desk.sign_record(id, &signature()).await).contains("nothing in this record"));
    desk.write_entry(id, text(new_entry(), 0, "Amara ran")).await.unwrap();
    assert_eq!(refused(desk.sign_record(id, &with_password("")).await), "password");
    assert_eq!(refused(desk.sign_record(id, &with_password("not it")).await), "password");
    assert_eq!(refused(test.at_work(&ground.second).sign_record(id, &signature()).await), "not found");
    desk.sign_record(id, &signature()).await.unwrap();
    desk.sign_record(id, &signature()).await.unwrap();
    let view = desk.record(id).await.unwrap();
    assert_eq!(view.signatures.len(), 1);
    assert!(view.signatures[0].intact);
    assert_eq!(view.signatures[0].late_minutes, 0);
    assert_eq!(view.signatures[0].signature.digest.len(), 64);
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_twenty_times_at_once_it_is_signed_once_and_nobody_is_locked_out() {
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let before = desk.record(id).await.unwrap().record.version;
    let sent: Vec<_> = (0..20)
        .map(|_| {
            let desk = desk.clone();
            tokio::spawn(async move { desk.sign_record(id, &signature()).await })
        })
        .collect();
    for answer in sent {
        answer.await.unwrap().unwrap();
    }
    let view = desk.record(id).await.unwrap();
    assert_eq!((view.signatures.len(), view.record.version), (1, before + 1));
    desk.service().confirm_password(desk.actor(), PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_password_is_not_found_out_by_signing() {
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let wrong = || with_password("not it");
    for _ in 0..4 {
        assert_eq!(refused(desk.sign_record(id, &wrong()).await), "password");
    }
    let late = test.desk(&ground.supervisor, Purpose::ServiceDelivery);
    late.service().confirm_password(late.actor(), PASSWORD).await.unwrap();
    for _ in 0..5 {
        assert_eq!(refused(desk.sign_record(id, &wrong()).await), "password", "a right one begins the count again");
    }
    assert_eq!(refused(desk.sign_record(id, &signature()).await), "password", "ended: not even the right one");
    let again = ground.supervisor.actor.clone().at(kith_domain::ids::SignInId(uuid::Uuid::now_v7()));
    test.service.desk(again, Purpose::ServiceDelivery).sign_record(id, &signature()).await.unwrap();
}

#[tokio::test]
async fn late_needs_its_reason_and_is_shown_as_late() {
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    test.clock_to(date(2026, 11, 27), 690 + 180);
    assert!(desk.record(id).await.unwrap().overdue);
    assert!(refused(desk.sign_record(id, &signature()).await).contains("past its time"));
    desk.sign_record(id, &Signing { late_reason: Some("Called to another family".into()), ..signature() })
        .await
        .unwrap();
    let view = desk.record(id).await.unwrap();
    assert_eq!(view.signatures[0].late_minutes, 180);
    assert_eq!(view.signatures[0].signature.late_reason.as_deref(), Some("Called to another family"));
    let awaiting = test.at_work(&ground.manager).records_listed(RecordState::Signed, false, 1).await.unwrap().0.rows;
    assert_eq!((awaiting.len(), awaiting[0].late_minutes, awaiting[0].own), (1, 180, false));
    assert_eq!(awaiting[0].children, "Amara Adeyemi");
}

#[tokio::test]
async fn after_signing_nothing_but_an_addendum() {
    // Handbook section 9: "Signed, it is locked: corrections are addenda beside the first text".
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let first = desk.record(id).await.unwrap().entries().map(|entry| (entry.id, entry.version)).next().unwrap();
    let correction = addendum(Some(first.0), "The clock", "It was 10:05.");
    assert!(refused(desk.add_addendum(id, new_entry(), &correction).await).contains("not signed yet"));
    desk.sign_record(id, &signature()).await.unwrap();
    assert!(refused(desk.write_entry(id, text(first.0, first.1, "Otherwise")).await).contains("signed and locked"));
    assert!(refused(desk.write_entry(id, text(new_entry(), 0, "More")).await).contains("signed and locked"));
    let entry = new_entry();
    desk.add_addendum(id, entry, &correction).await.unwrap();
    desk.add_addendum(id, entry, &correction).await.unwrap();
    test.clock_to(THURSDAY, 720);
    let whole = addendum(None, "Left out", "The carer was Carol.");
    test.at_work(&ground.manager).add_addendum(id, new_entry(), &whole).await.unwrap();
    for who in [&ground.coordinator, &ground.worker] {
        let added = test.at_work(who).add_addendum(id, new_entry(), &whole).await;
        assert_eq!(refused(added), "not found", "{:?}", who.actor.role);
    }
    let view = desk.record(id).await.unwrap();
    let corrected = view.entry(first.0).unwrap();
    assert_eq!(corrected.text.observation.text, "Amara ran to her mother.", "the first text stays");
    assert_eq!(corrected.addenda.len(), 1);
    assert_eq!(view.addenda.len(), 1);
    assert!(view.signatures[0].intact, "what was signed is as it was");
    assert_eq!(told(&test, &ground.supervisor, "record.added_to").await, 1, "by the manager");
}

#[tokio::test]
async fn a_returned_record_is_added_to_and_signed_again() {
    let (_dir, test, ground) = opened().await;
    let id = test.signed(&ground).await.unwrap();
    let (desk, manager) = (test.at_work(&ground.supervisor), test.at_work(&ground.manager));
    for who in [&ground.coordinator, &ground.supervisor, &ground.worker] {
        let reviewed = test.at_work(who).review_record(id, &accepts()).await;
        assert_eq!(refused(reviewed), "not found", "{:?}", who.actor.role);
    }
    let back = Verdict { accepted: false, comment: Some("Who opened the door?".into()) };
    manager.review_record(id, &back).await.unwrap();
    manager.review_record(id, &back).await.unwrap();
    assert_eq!(told(&test, &ground.supervisor, "record.returned").await, 1);
    assert!(refused(manager.review_record(id, &accepts()).await).contains("with its author"));
    test.clock_to(date(2026, 11, 30), 600);
    assert!(refused(desk.sign_record(id, &signature()).await).contains("Add an addendum"), "unanswered");
    let added = addendum(None, "Asked", "Sam opened it.");
    desk.add_addendum(id, new_entry(), &added).await.unwrap();
    test.clock_to(date(2026, 11, 30), 610);
    desk.sign_record(id, &signature()).await.unwrap();
    manager.review_record(id, &accepts()).await.unwrap();
    manager.review_record(id, &accepts()).await.unwrap();
    let view = manager.record(id).await.unwrap();
    assert_eq!(view.record.state, RecordState::Accepted);
    assert_eq!((view.signatures.len(), view.reviews.len()), (2, 2));
    assert!(view.signatures.iter().all(|signature| signature.intact && signature.late_minutes == 0));
    assert_ne!(view.signatures[0].signature.digest, view.signatures[1].signature.digest);
    // The supervisor's need to know has ended.
    assert_eq!(refused(desk.record(id).await), "not found");
}

#[tokio::test]
async fn nobody_reviews_their_own() {
    // Somebody who wrote the record and became a manager since.
    let (_dir, test, ground) = opened().await;
    let id = test.signed(&ground).await.unwrap();
    let mut same = ground.supervisor.clone();
    same.actor = kith_domain::access::Actor::staff(same.id, kith_domain::access::Role::Manager, "north");
    let desk = test.at_work(&same);
    assert!(refused(desk.review_record(id, &accepts()).await).contains("their own record"));
    assert!(desk.records_listed(RecordState::Signed, false, 1).await.unwrap().0.rows[0].own);
    assert!(!desk.record(id).await.unwrap().may_review);
    assert!(
        refused(test.at_work(&ground.coordinator).records_listed(RecordState::Signed, false, 1).await) == "forbidden"
    );
}

#[tokio::test]
async fn a_signature_does_not_hide_what_was_altered_behind_it() {
    let (_dir, test, ground) = opened().await;
    let id = test.signed(&ground).await.unwrap();
    let own = test.service.own_desk(Purpose::ServiceDelivery);
    own.change("test.altered", |work| async move {
        // Past the rules: who came, changed behind the signature.
        let record = work.record(id).await?;
        let mother = record_line(&work, id).await?;
        let content = Content::NotCome { who: mother, reason: "Nobody knows".into(), replaces: None };
        let body = EntryBody { content, device: None };
        let mut entry = Entry::new(new_entry(), id, record.children.clone(), record.author, 0, body);
        work.insert_entry(&mut entry).await?;
        Ok(())
    })
    .await
    .unwrap();
    assert!(!test.at_work(&ground.manager).record(id).await.unwrap().signatures[0].intact);
}

#[tokio::test]
async fn the_paper_holds_what_the_record_holds() {
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let entry = desk.record(id).await.unwrap().entries().map(|entry| entry.id).next().unwrap();
    let mut same_minute = observed("Her mother knelt.");
    same_minute.observation.quotation = true;
    let SavedEntry { version, .. } = desk.write_entry(id, same_minute).await.unwrap();
    assert_eq!(version, 1);
    desk.sign_record(id, &signature()).await.unwrap();
    let correction = addendum(Some(entry), "The clock", "It was 10:05.");
    desk.add_addendum(id, new_entry(), &correction).await.unwrap();
    let view = desk.record(id).await.unwrap();
    let paper = super::super::record_paper_of(&view, test.service.register());
    let lines = &paper.headings[0].entries;
    assert_eq!((lines[0].about.as_str(), lines[1].about.as_str()), ("10:02", "10:02 (2)"), "told apart");
    assert_eq!(lines[0].written, "10:02, during the session");
    assert_eq!(lines[1].written, "11:31, immediately after the session");
    assert_eq!(paper.addenda[0].about, "10:02");
    assert_eq!(paper.attendance[1].relationship, "Mother");
    assert!(paper.facts.iter().any(|fact| fact.value == "Willow, Elm House"));
    assert_eq!(paper.signatures[0].digest, view.signatures[0].signature.digest);
    // Word for word: `INSTA_UPDATE=always cargo nextest run the_paper_holds` writes it anew.
    insta::assert_snapshot!("record", steady(&serde_json::to_string_pretty(&paper).unwrap()));
    let pdf = desk.record_paper(id).await.unwrap();
    assert!(pdf.starts_with(b"%PDF"));
    assert_eq!(pdf, desk.record_paper(id).await.unwrap(), "the same record gives the same bytes");
}
