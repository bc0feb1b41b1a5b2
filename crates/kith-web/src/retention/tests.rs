//! Retention by its pages: a hold, a list with two approvals, the certificate.

use axum::http::StatusCode;
use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_service::testing::{AcceptedChild, Colleague};

use crate::testing::{House, Seen, Visitor};

struct Opened {
    house: House,
    case: AcceptedChild,
    officer: Visitor,
    other: Colleague,
}

/// A child in contact, on the day after the 75th birthday.
async fn opened() -> Opened {
    let house = House::open().await;
    let case = house.test.accepted_child("r").await.expect("a case");
    let other = house.test.colleague(Role::Manager, "south", "other").await.expect("a colleague");
    let officer = house.visitor(Role::DataProtection, "", "dpo").await;
    house.test.clock.move_to(calendar::instant_ms(date(2096, 5, 4), 600));
    Opened { house, case, officer, other }
}

async fn work(house: &House) {
    for _ in 0..20 {
        if house.test.service.do_waiting_work().await.expect("it works") == 0 {
            return;
        }
    }
}

fn review(day: &str) -> [(&str, &str); 3] {
    [("review_on-day", day), ("review_on-month", "6"), ("review_on-year", "2096")]
}

async fn propose(officer: &mut Visitor) -> Seen {
    let overview = officer.get("/retention").await;
    officer.submit_and_follow(&overview, "/retention/lists", &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_list_to_the_certificate() {
    let Opened { house, case, mut officer, other } = opened().await;
    let mut manager = house.sign_in(&case.manager).await;
    let mut second = house.sign_in(&other).await;
    let list = propose(&mut officer).await;
    for words in ["0 of 2 approvals", "3 May 2096", "75th anniversary", &case.child.reference(), "Withdraw this list"] {
        assert!(list.text().contains(words), "{words}: {}", list.text());
    }
    assert!(list.read().form("/approve").is_none(), "who proposed does not approve");
    let to = list.read().links().into_iter().find(|(_, to)| to.ends_with("/withdraw")).expect("a way").1;
    let to = to.trim_end_matches("/withdraw").to_owned();
    let seen = manager.get(&to).await;
    let once = manager.confirm_and_follow(&seen, "/approve", &[]).await;
    assert!(once.text().contains("You have approved. One more person has to"), "{}", once.text());
    assert!(once.read().form("/approve").is_none(), "once is enough");
    let seen = second.get(&to).await;
    assert!(
        !seen.read().links().iter().any(|(_, to)| to.contains("/children/")),
        "another area’s file is not theirs to read"
    );
    let twice = second.confirm_and_follow(&seen, "/approve", &[]).await;
    assert!(twice.text().contains("Approved by two people"), "{}", twice.text());
    work(&house).await;
    let done = officer.get(&to).await;
    assert!(done.text().contains("1 destroyed"), "{}", done.text());
    let certificate = done.read().links().into_iter().find(|(_, to)| to.contains("/certificates/")).expect("one").1;
    let page = officer.get(&certificate).await;
    for words in
        ["No backup can bring it back from 2 August 2096", "That key was destroyed, and what is left", "May 2096"]
    {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert!(!page.text().contains("Robin") && !page.text().contains("3 May 2096"), "{}", page.text());
    let pdf = officer.get(&format!("{certificate}/certificate.pdf")).await;
    assert!(pdf.status == StatusCode::OK && pdf.body.starts_with(b"%PDF-"));
    let json = officer.get(&format!("{certificate}/certificate.json")).await;
    let said: serde_json::Value = serde_json::from_slice(&json.body).expect("JSON");
    assert_eq!((&said["file"], &said["state"]), (&case.child.0.to_string().into(), &"done".into()));
    let file = manager.get(&format!("/children/{}", case.child)).await;
    assert_eq!(file.status, StatusCode::NOT_FOUND);
    let home = officer.get("/retention").await;
    assert!(home.text().contains(&case.child.reference()), "the certificate is found again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_set_from_the_file_looked_at_again_and_lifted() {
    let Opened { house, case, mut officer, .. } = opened().await;
    let mut manager = house.sign_in(&case.manager).await;
    let file = manager.get(&format!("/children/{}", case.child)).await;
    let way = file.read().links().into_iter().find(|(_, to)| to.contains("/holds/new")).expect("a way").1;
    let new = manager.get(&way).await;
    assert!(
        new.text().contains("Ann Marsh") && new.text().contains("Every file in which a person stands"),
        "{}",
        new.text()
    );
    let typed = [("kind", "person"), ("asked_by", "Legal, M. Ferris"), ("why", "A claim of the mother")];
    let wrong = manager.submit(&new, "/retention/holds", &typed).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("Enter by which day it is looked at again"), "{}", wrong.text());
    let wrong = manager.submit(&wrong, "/retention/holds", &review("3")).await;
    assert!(wrong.text().contains("Choose the person"), "{}", wrong.text());
    let mother = case.mother.to_string();
    let set = manager.submit_and_follow(&wrong, "/retention/holds", &[("person", &mother)]).await;
    for words in ["The hold stands from now on", "A claim of the mother", &case.child.reference()] {
        assert!(set.text().contains(words), "{words}: {}", set.text());
    }
    let file = manager.get(&format!("/children/{}", case.child)).await;
    assert!(file.text().contains("A legal hold stands: nothing of this file may be destroyed"), "{}", file.text());
    let mut coordinator = house.sign_in(&case.coordinator).await;
    let file = coordinator.get(&format!("/children/{}", case.child)).await;
    assert!(file.text().contains("A legal hold stands"), "{}", file.text());
    assert!(file.read().links().iter().all(|(_, to)| !to.contains("/retention")), "and nothing of why");

    let overview = officer.get("/retention").await;
    let none = officer.submit_and_follow(&overview, "/retention/lists", &[]).await;
    assert!(none.text().contains("No file has come to its end"), "{}", none.text());
    let holds = officer.get("/retention/holds").await;
    let wrong = officer.submit(&holds, "/retention/holds/find", &[("reference", "0000-0000")]).await;
    assert!(wrong.text().contains("There is no file of this reference"), "{}", wrong.text());
    let found = officer.submit(&wrong, "/retention/holds/find", &[("reference", &case.child.reference())]).await;
    assert_eq!(found.leads_to(), "/retention/holds/new");
    let new = officer.get(&found.location).await;
    assert!(!new.text().contains("Marsh"), "the data protection officer is shown no name: {}", new.text());

    let hold =
        holds.read().links().into_iter().find(|(_, to)| to.starts_with("/retention/holds/0")).expect("the hold").1;
    let ask = officer.get(&format!("{hold}/review")).await;
    let wrong = officer.submit(&ask, "/review", &[]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut typed = review("20").to_vec();
    typed.push(("why", "The claim goes on"));
    let kept = officer.submit_and_follow(&wrong, "/review", &typed).await;
    assert!(kept.text().contains("The claim goes on") && kept.text().contains("20 June 2096"), "{}", kept.text());
    let ask = officer.get(&format!("{hold}/lift")).await;
    let lifted = officer.submit_and_follow(&ask, "/lift", &[("why", "It was settled")]).await;
    assert!(lifted.text().contains("Nothing has been destroyed by it"), "{}", lifted.text());
    let file = manager.get(&format!("/children/{}", case.child)).await;
    assert!(!file.text().contains("A legal hold stands"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_theme_keeps_the_files_that_are_added_and_a_list_loses_what_is_taken_off() {
    let Opened { house, case, mut officer, .. } = opened().await;
    let list = propose(&mut officer).await;
    let off = list.read().links().into_iter().find(|(_, to)| to.ends_with("/take-off")).expect("a way").1;
    let ask = officer.get(&off).await;
    let wrong = officer.submit(&ask, "/take-off", &[]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let off = officer.submit_and_follow(&wrong, "/take-off", &[("why", "A sister has asked for it")]).await;
    assert!(off.text().contains("A sister has asked for it"), "{}", off.text());
    let ask = officer.get(&format!("{}/withdraw", list_of(&off))).await;
    let gone = officer.submit_and_follow(&ask, "/withdraw", &[("why", "In error")]).await;
    assert!(gone.text().contains("Withdrawn"), "{}", gone.text());

    let new = officer.get("/retention/holds/new").await;
    let mut typed = review("3").to_vec();
    typed.extend([("name", "The Eddington inquiry"), ("asked_by", "The inquiry"), ("why", "It asks for all files")]);
    let theme = officer.submit_and_follow(&new, "/retention/holds", &typed).await;
    assert!(theme.text().contains("The Eddington inquiry"), "{}", theme.text());
    let added = officer.submit_and_follow(&theme, "/files", &[("reference", &case.child.reference())]).await;
    assert!(added.text().contains(&case.child.reference()), "{}", added.text());
    let mut manager = house.sign_in(&case.manager).await;
    let file = manager.get(&format!("/children/{}", case.child)).await;
    assert!(file.text().contains("A legal hold stands"), "{}", file.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_to_an_archive_by_its_pages_and_the_certificate_says_so() {
    let Opened { house, case, mut officer, other } = opened().await;
    let mut manager = house.sign_in(&case.manager).await;
    let mut second = house.sign_in(&other).await;
    let list = propose(&mut officer).await;
    let to = list_of(&list);
    let way = list.read().links().into_iter().find(|(_, to)| to.ends_with("/archive")).expect("a way").1;
    let ask = officer.get(&way).await;
    assert!(!ask.text().contains("Marsh"), "{}", ask.text());
    let wrong = officer.submit(&ask, "/archive", &[("archive", "Nenedale Archives")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let typed = [
        ("asked_by", "Hazel Quill, county archivist"),
        ("basis", "law"),
        ("law", "Local Government Act 1972 s224"),
        ("why", "One in a hundred is kept"),
    ];
    let marked = officer.submit_and_follow(&wrong, "/archive", &typed).await;
    for words in ["It goes to the archive first", "To the archive first", "Nenedale Archives", "Not to the archive"] {
        assert!(marked.text().contains(words), "{words}: {}", marked.text());
    }
    let seen = manager.get(&to).await;
    assert!(seen.text().contains("One file goes to an archive first"), "{}", seen.text());
    manager.confirm_and_follow(&seen, "/approve", &[]).await;
    let seen = second.get(&to).await;
    second.confirm_and_follow(&seen, "/approve", &[]).await;
    work(&house).await;

    let home = officer.get("/retention").await;
    assert!(home.text().contains("On their way to an archive"), "{}", home.text());
    let transfer = home.read().links().into_iter().find(|(_, to)| to.contains("/retention/archive/")).expect("it").1;
    let page = manager.get(&transfer).await;
    assert!(page.read().form("/bag.tar").is_none() && !page.text().contains("Stop it"), "{}", page.text());
    let page = officer.get(&transfer).await;
    assert!(page.read().form("/receipt").is_none(), "nobody has fetched it");
    let bag = officer.submit_confirmed(&page, "/bag.tar", &[]).await;
    assert_eq!(bag.status, StatusCode::OK);
    let name = bag.headers["content-disposition"].to_str().expect("a name").to_owned();
    assert!(name.starts_with("attachment; filename=\"kith-") && name.ends_with(".tar\""), "{name}");
    let id = transfer.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
    let made = house.test.desk(&case.manager, Purpose::Accountability).archive_transfer(id).await.expect("a transfer");
    let made = made.transfer.body.made.last().cloned().expect("a bag");
    assert_eq!(bag.body.len() as u64, made.length);
    let digest = made.digest;

    let page = officer.get(&transfer).await;
    assert!(page.text().contains("With the archive") && !page.text().contains(&digest), "{}", page.text());
    let listed = officer.get(&to).await;
    assert!(listed.text().contains("With the archive"), "{}", listed.text());
    let mut typed = vec![("reference", "NA/2096/17"), ("said_by", "Hazel Quill"), ("on-day", "4"), ("on-month", "5")];
    typed.push(("on-year", "2096"));
    let other = "ab".repeat(32);
    let wrong = officer.submit(&page, "/receipt", &[typed.clone(), vec![("digest", other.as_str())]].concat()).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("This is not the digest of the bag that went"), "{}", wrong.text());
    typed.push(("digest", &digest));
    let received = officer.submit_and_follow(&wrong, "/receipt", &typed).await;
    assert!(received.text().contains("The archive has it"), "{}", received.text());
    work(&house).await;
    let done = officer.get(&to).await;
    let certificate = done.read().links().into_iter().find(|(_, to)| to.contains("/certificates/")).expect("one").1;
    let page = officer.get(&certificate).await;
    for words in ["Nenedale Archives, 4 May 2096", "NA/2096/17", &digest, "Ask there whether you can see it"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert_eq!(manager.get(&format!("/children/{}", case.child)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_is_taken_off_a_bag_is_made_again_and_a_transfer_stopped() {
    let Opened { house, case, mut officer, other } = opened().await;
    let list = propose(&mut officer).await;
    let to = list_of(&list);
    let typed = [
        ("archive", "Nenedale Archives"),
        ("asked_by", "Hazel Quill, county archivist"),
        ("basis", "agreement"),
        ("agreement", "Deposit agreement of 2 May 2090"),
        ("why", "One in a hundred is kept"),
    ];
    let way =
        |page: &Seen, end: &str| page.read().links().into_iter().find(|(_, to)| to.ends_with(end)).expect("a way").1;
    let ask = officer.get(&way(&list, "/archive")).await;
    let marked = officer.submit_and_follow(&ask, "/archive", &typed).await;
    let ask = officer.get(&way(&marked, "/no-archive")).await;
    let wrong = officer.submit(&ask, "/no-archive", &[]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let off = officer.submit_and_follow(&wrong, "/no-archive", &[("why", "In error")]).await;
    assert!(off.text().contains("It does not go to an archive"), "{}", off.text());
    let ask = officer.get(&way(&off, "/archive")).await;
    officer.submit_and_follow(&ask, "/archive", &typed).await;
    for who in [&case.manager, &other] {
        let mut who = house.sign_in(who).await;
        let seen = who.get(&to).await;
        who.confirm_and_follow(&seen, "/approve", &[]).await;
    }
    let home = officer.get("/retention").await;
    let transfer = home.read().links().into_iter().find(|(_, to)| to.contains("/retention/archive/")).expect("it").1;
    let page = officer.get(&transfer).await;
    assert!(page.text().contains("The bag for the archive is being made"), "{}", page.text());
    let again = officer.submit_and_follow(&page, "/again", &[]).await;
    assert!(again.text().contains("The bag is made again"), "{}", again.text());
    work(&house).await;
    let page = officer.get(&transfer).await;
    assert!(page.read().form("/bag.tar").is_some() && page.read().form("/again").is_none(), "{}", page.text());
    let ask = officer.get(&format!("{transfer}/stop")).await;
    let wrong = officer.submit(&ask, "/stop", &[]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let stopped = officer.submit_and_follow(&wrong, "/stop", &[("why", "They do not want it")]).await;
    assert!(stopped.text().contains("Stopped. The file is kept"), "{}", stopped.text());
}

fn list_of(page: &Seen) -> String {
    let to = page.read().links().into_iter().find(|(_, to)| to.ends_with("/withdraw")).expect("a way").1;
    to.trim_end_matches("/withdraw").to_owned()
}
