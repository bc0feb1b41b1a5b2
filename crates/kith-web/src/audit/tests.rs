//! The access log by its page: a refused look is found, and nobody's family is named.

use axum::http::StatusCode;
use kith_domain::access::Role;
use kith_service::audit::PAGE_ENTRIES;

use crate::referral::tests::written;
use crate::testing::{House, Seen, Visitor};

/// The words of the table's rows that hold `words`.
fn rows(seen: &Seen, words: &str) -> Vec<String> {
    let html = String::from_utf8_lossy(&seen.body).into_owned();
    // What stands before the first row is no row.
    html.split("<tr").skip(1).filter(|row| row.contains(words)).map(str::to_owned).collect()
}

/// A referral of somebody else's family that a stranger has tried to see, and its id.
async fn refused_look(house: &House) -> (String, Visitor) {
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let (referral, _) = written(&mut worker).await;
    let mut stranger = house.visitor(Role::SocialWorker, "south", "stranger").await;
    assert_eq!(stranger.get(&referral).await.status, StatusCode::NOT_FOUND);
    (referral.rsplit('/').next().unwrap_or_default().to_owned(), stranger)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_look_at_another_family_is_in_the_log() {
    let house = House::open().await;
    let (referral, _) = refused_look(&house).await;
    let mut auditor = house.visitor(Role::Auditor, "", "auditor.one").await;
    let seen = auditor.get(&format!("/audit?record={referral}")).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.text());
    let refused = rows(&seen, "Refused");
    assert_eq!(refused.len(), 1, "{}", seen.text());
    for words in ["referral.read", "Referral: read", "Service delivery", "Social worker", "Asked for", &referral] {
        assert!(refused[0].contains(words), "{words}: {}", refused[0]);
    }
    assert!(rows(&seen, "referral.").len() > 1, "what its own worker did is there too: {}", seen.text());

    // The whole log too, and nowhere a word about the family, in no address either.
    let all = auditor.get("/audit").await;
    assert_eq!(rows(&all, "Refused").len(), 1);
    // Reading the log is itself in the log.
    assert!(!rows(&all, "ledger.read").is_empty());
    for page in [&seen, &all] {
        let html = String::from_utf8_lossy(&page.body);
        for name in ["Brackenhurst", "Siân", "Carys", "Farrowby", "Quarrel Lane"] {
            assert!(!html.contains(name), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_is_narrowed_by_person_and_day_and_paged() {
    let house = House::open().await;
    let (referral, mut stranger) = refused_look(&house).await;
    for _ in 0..PAGE_ENTRIES {
        stranger.get(&format!("/referrals/{referral}")).await;
    }
    let mut auditor = house.visitor(Role::Auditor, "", "auditor.one").await;
    let page = auditor.get("/audit").await;
    let refused = auditor.get("/audit?record=0000-0000").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("There is no file with this reference"), "{}", refused.text());
    let staff = page.read().options("who");
    let card = house.test.service.colleagues(Role::SocialWorker).into_iter().find(|card| card.area == "south");
    let card = card.expect("the stranger");
    assert!(staff.iter().any(|(id, words)| *id == card.id.to_string() && words.starts_with(&card.name)), "{staff:?}");

    let today = house.test.service.today();
    let asked = format!(
        "/audit?record=&who={}&day-day={}&day-month={}&day-year={}",
        card.id,
        today.day(),
        today.month(),
        today.year()
    );
    let first = auditor.get(&asked).await;
    let who = |seen: &Seen| rows(seen, "<td").iter().filter(|row| !row.contains(&card.name)).count();
    assert_eq!((rows(&first, "Refused").len(), who(&first)), (PAGE_ENTRIES, 0), "{}", first.text());
    let older = first.read().links().into_iter().find(|(words, _)| words == "Older entries").expect("a next page").1;
    let next = auditor.get(&older).await;
    assert_eq!((rows(&next, "Refused").len(), who(&next)), (1, 0), "{}", next.text());
    assert_eq!(rows(&next, "sign_in.success").len(), 1, "{}", next.text());
    assert_eq!(next.read().options("who"), first.read().options("who"));
    assert!(next.text().contains("Newest entries") && !next.text().contains("Older entries"), "{}", next.text());

    let only = auditor.get(&format!("/audit?who={}&outcome=refused", card.id)).await;
    assert_eq!((rows(&only, "Refused").len(), rows(&only, "Done").len()), (PAGE_ENTRIES, 0), "{}", only.text());
    let older = only.read().links().into_iter().find(|(words, _)| words == "Older entries").expect("a next page").1;
    let rest = auditor.get(&older).await;
    assert_eq!((rows(&rest, "Refused").len(), rows(&rest, "Done").len()), (1, 0), "{}", rest.text());

    let never = auditor.get(&format!("/audit?who={}&day=2020-01-01", card.id)).await;
    assert!(never.text().contains("No entries"), "{}", never.text());
    for (wrong, words) in [("record=x", "Record must be an id"), ("day=2026-02-30", "Day must be a real date")] {
        let seen = auditor.get(&format!("/audit?{wrong}")).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(seen.text().contains(words) && rows(&seen, "ledger.").is_empty(), "{wrong}: {}", seen.text());
    }
    assert_eq!(auditor.get("/audit?before=-1").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_says_how_far_the_signed_tree_is() {
    let house = House::open().await;
    let mut officer = house.visitor(Role::DataProtection, "", "dpo").await;
    assert!(officer.get("/audit").await.text().contains("to be taken in"));
    house.test.service.sequence().await.expect("sequenced");
    let text = officer.get("/audit").await.text();
    assert!(!text.contains("0 entries are in the signed tree"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_is_for_nobody_else() {
    let house = House::open().await;
    for role in Role::STAFF {
        let may = matches!(role, Role::Auditor | Role::DataProtection);
        let mut visitor = house.visitor(role, "north", role.code()).await;
        // What is asked for wrongly is refused before it is looked at.
        for (address, answer) in [("/audit", StatusCode::OK), ("/audit?record=x", StatusCode::UNPROCESSABLE_ENTITY)] {
            let expected = if may { answer } else { StatusCode::FORBIDDEN };
            assert_eq!(visitor.get(address).await.status, expected, "{role:?} {address}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_searched_for_somebody_is_asked_by_a_form_and_the_name_is_in_no_address() {
    let house = House::open().await;
    let mut coordinator = house.visitor(Role::Coordinator, "north", "co").await;
    let list = coordinator.get("/children").await;
    coordinator.submit(&list, "/children", &[("name", "Quillfeather")]).await;
    let mut officer = house.visitor(Role::DataProtection, "", "dpo").await;
    let log = officer.get("/audit").await;
    assert!(log.read().links().iter().any(|(_, to)| to == "/audit/searches"));
    let page = officer.get("/audit/searches").await;
    let found = officer.submit(&page, "/audit/searches", &[("name", "quillfeather")]).await;
    assert_eq!(found.status, StatusCode::OK);
    assert!(
        found.text().contains("Searched for a file") && found.text().contains("Just these words"),
        "{}",
        found.text()
    );
    let none = officer.submit(&page, "/audit/searches", &[("name", "Nobody At All")]).await;
    assert!(none.text().contains("No searches"), "{}", none.text());
    let wrong = officer.submit(&page, "/audit/searches", &[("name", "")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(coordinator.get("/audit/searches").await.status, StatusCode::FORBIDDEN);
}
