//! Sharing by its pages: from the file to the driver, refused without an agreement, withdrawn, recalled; and every way out.

use axum::http::StatusCode;
use jiff::civil::date;
use kith_domain::access::Role;
use kith_domain::session::SessionState;
use kith_service::sharing::EXPORTS;
use kith_service::testing::AcceptedChild;

use crate::testing::{House, Seen, Visitor};

async fn house() -> (House, AcceptedChild, Visitor, Visitor) {
    let house = House::open().await;
    let case = house.test.accepted_child("s").await.expect("a case");
    let coordinator = house.sign_in(&case.coordinator).await;
    let officer = house.visitor(Role::DataProtection, "", "dpo").await;
    (house, case, coordinator, officer)
}

/// An agreement with a party, as the officer writes it, signed by both. `items` by their keys.
async fn agreed(officer: &mut Visitor, party: &str, kind: &str, items: &[&str]) {
    let new = officer.get("/sharing/agreements/new").await;
    let mut typed = vec![("party", party), ("kind", kind), ("purposes", "service_delivery")];
    typed.extend(items.iter().map(|item| ("items", *item)));
    for day in [
        [("from-day", "1"), ("from-month", "1"), ("from-year", "2026")],
        [("until-day", "31"), ("until-month", "12"), ("until-year", "2026")],
        [("review_on-day", "1"), ("review_on-month", "12"), ("review_on-year", "2026")],
    ] {
        typed.extend(day);
    }
    let mut page = officer.submit_and_follow(&new, "/sharing/agreements", &typed).await;
    assert!(page.text().contains("Not signed by both"), "{}", page.text());
    for side in ["council", "party"] {
        let signed = [
            ("side", side),
            ("name", "Joan Whitlock"),
            ("role", "Director"),
            ("on-day", "1"),
            ("on-month", "1"),
            ("on-year", "2026"),
        ];
        let here = page.read().links().into_iter().find(|(_, to)| to.ends_with("/end")).expect("a way").1;
        page = officer.submit_and_follow(&page, here.trim_end_matches("/end"), &signed).await;
    }
    assert!(page.text().contains("In force"), "{}", page.text());
}

fn option(page: &Seen, name: &str, words: &str) -> String {
    let html = String::from_utf8_lossy(&page.body).into_owned();
    let label = html.split("<input").find(|part| part.contains(&format!("name=\"{name}\"")) && part.contains(words));
    let label = label.unwrap_or_else(|| panic!("no {words} among {name}: {}", page.text()));
    label.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_file_to_the_driver_and_asked_back() {
    let (house, case, mut coordinator, mut officer) = house().await;
    let line = house.test.active_plan(&case, &[case.mother]).await.expect("a plan");
    let day = date(2026, 12, 1);
    house.test.session_row(&case, line, &[case.mother], day, SessionState::Confirmed).await.expect("a session");
    let driver = ["child.given_name", "child.birth", "placement.address", "child.allergies", "child.emergency_phone"];
    agreed(&mut officer, "Nene Cars", "driver", &driver).await;
    let new = coordinator.get(&format!("/children/{}/disclosures/new", case.child)).await;
    let (to, session) = (option(&new, "to", "Nene Cars"), option(&new, "session", "Tuesday 1 December 2026"));
    let ask = [
        ("to", to.as_str()),
        ("recipient", "Anil Sawyer"),
        ("purpose", "service_delivery"),
        ("session", &session),
        ("related", "nobody"),
    ];
    let without = coordinator
        .submit(
            &new,
            "/check",
            &[("to", "driver"), ("purpose", "service_delivery"), ("session", &session), ("related", "nobody")],
        )
        .await;
    assert!(without.text().contains("There is no information sharing agreement"), "{}", without.text());
    assert!(!without.text().contains("Give exactly this"));
    let check = coordinator.submit(&new, "/check", &ask).await;
    let text = check.text();
    assert!(text.contains("Robin") && text.contains("4 Orchard Lane") && text.contains("01632 960 112"), "{text}");
    let sent = coordinator.confirm_and_follow(&check, "/disclosures", &[]).await;
    assert!(sent.text().contains("Kept as what went"), "{}", sent.text());
    let here = sent.read().links().into_iter().find(|(_, to)| to.ends_with("/recall")).expect("a way").1;
    let here = here.trim_end_matches("/recall").to_owned();
    let paper = coordinator.get(&format!("{here}/disclosure.pdf")).await;
    assert!(paper.body.starts_with(b"%PDF-"));
    let wrong = coordinator.submit(&sent, "/file", &[("how", "key"), ("key", "age1nonsense")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("This is not a key that a file can be encrypted for"), "{}", wrong.text());
    let file =
        coordinator.submit(&sent, "/file", &[("how", "passphrase"), ("password", "seven quiet boats at noon")]).await;
    assert!(file.body.starts_with(b"age-encryption.org/v1"));
    // The data protection officer sees what went to whom, and no name.
    let log = officer.get("/sharing/log?kind=driver").await;
    assert!(log.text().contains("Nene Cars, Anil Sawyer, file") && !log.text().contains("Robin"), "{}", log.text());
    assert!(!officer.get("/sharing/log?kind=police").await.text().contains("Nene Cars"));
    let recall = coordinator.get(&format!("{here}/recall")).await;
    let back = coordinator.submit_and_follow(&recall, "/recall", &[("why", "The wrong driver")]).await;
    assert!(
        back.text().contains("Asked back") && !back.text().contains("It was given to them on paper"),
        "{}",
        back.text()
    );
    let answer = [
        ("outcome", "destroyed"),
        ("said_by", "Joan Whitlock"),
        ("on-day", "24"),
        ("on-month", "11"),
        ("on-year", "2026"),
    ];
    let answered = coordinator.submit_and_follow(&back, "/answer", &answer).await;
    assert!(answered.text().contains("They say that they destroyed it"), "{}", answered.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_written_down_and_withdrawn_between_choosing_and_sending() {
    let (_house, case, mut coordinator, mut officer) = house().await;
    agreed(&mut officer, "Hill School", "school", &["child.given_name", "child.family_name", "child.birth"]).await;
    let file = coordinator.get(&format!("/children/{}", case.child)).await;
    assert!(file.read().links().iter().any(|(_, to)| to.ends_with("/sharing")), "a way from the file");
    let new = coordinator.get(&format!("/children/{}/consents/new", case.child)).await;
    let nothing = coordinator.submit(&new, "/consents", &[]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let typed = [
        ("whose", "child"),
        ("what", "sharing"),
        ("recipient", "school"),
        ("answer", "given"),
        ("on-day", "2"),
        ("on-month", "11"),
        ("on-year", "2026"),
        ("said_by", "Ann Marsh, mother"),
        ("authority", "parental"),
        ("evidence", "signed"),
    ];
    let kept = coordinator.submit_and_follow(&new, "/consents", &typed).await;
    assert!(kept.text().contains("Said by Ann Marsh, mother on 2 November 2026"), "{}", kept.text());
    let begin = coordinator.get(&format!("/children/{}/disclosures/new", case.child)).await;
    let to = option(&begin, "to", "Hill School");
    let check = coordinator
        .submit(&begin, "/check", &[("to", &to), ("purpose", "service_delivery"), ("related", "nobody")])
        .await;
    assert!(check.text().contains("Give exactly this"), "{}", check.text());
    let way = kept.read().links().into_iter().find(|(_, to)| to.ends_with("/withdraw")).expect("a way").1;
    let ask = coordinator.get(&way).await;
    let said = [("said_by", "Ann Marsh"), ("authority", "parental"), ("evidence", "spoken")];
    let withdrawn = coordinator.submit_and_follow(&ask, "/withdraw", &said).await;
    assert!(withdrawn.text().contains("Nothing goes from now on that rests on it"), "{}", withdrawn.text());
    let late = coordinator.submit_confirmed(&check, "/disclosures", &[]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        late.text().contains("Consent was withdrawn") && !late.text().contains("Give exactly this"),
        "{}",
        late.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demand_by_law_is_decided_by_another_manager() {
    let (house, case, mut coordinator, _) = house().await;
    let new = coordinator.get(&format!("/children/{}/demands/new", case.child)).await;
    let typed = [
        ("kind", "police"),
        ("who", "DC Halloran, Nenedale Police"),
        ("power", "Children Act 1989 s47(9)"),
        ("asks", "Where the child lives"),
        ("items", "placement.address"),
        ("received-day", "24"),
        ("received-month", "11"),
        ("received-year", "2026"),
    ];
    let entered = coordinator.submit(&new, "/demands", &typed).await;
    let here = entered.leads_to().to_owned();
    let entered = coordinator.get(&here).await;
    assert!(
        entered.text().contains("Waits for a manager") && !entered.text().contains("Your decision"),
        "{}",
        entered.text()
    );
    let mut manager = house.sign_in(&case.manager).await;
    assert!(manager.get("/").await.text().contains("A demand for information by law waits"));
    let page = manager.get(&here).await;
    let decided =
        manager.confirm_and_follow(&page, &here, &[("decision", "approve"), ("why", "s47 is under way")]).await;
    assert!(decided.text().contains("Approved"), "{}", decided.text());
    let begin = coordinator
        .get(&format!(
            "/children/{}/disclosures/new?demand={}",
            case.child,
            here.rsplit('/').next().unwrap_or_default()
        ))
        .await;
    let to = option(&begin, "to", "DC Halloran");
    let check = coordinator
        .submit(&begin, "/check", &[("to", &to), ("purpose", "official_reporting"), ("related", "nobody")])
        .await;
    assert!(check.text().contains("4 Orchard Lane") && !check.text().contains("Marsh, "), "{}", check.text());
}

/// The notice: "Information will not be sold, rented or provided to anyone else": there is no way out that is not in the list of
/// exports, where each has its purposes.
#[test]
fn every_route_that_gives_out_a_file_is_in_the_list_of_exports() {
    let source = include_str!("../router.rs");
    let routes: Vec<&str> = source.split(".route(").skip(1).filter_map(|rest| rest.split('"').nth(1)).collect();
    let gives = |route: &&&str| {
        let ends = ["/content", "/paper", "/file"].iter().any(|end| route.ends_with(end));
        ends || [
            ".pdf",
            ".json",
            ".csv",
            ".txt",
            ".tar",
            "/letters/",
            "/volumes/",
            "/enclosed/",
            "/papers/",
            "/notices/{to}",
            "/pdf",
        ]
        .iter()
        .any(|part| route.contains(part))
    };
    let listed: Vec<&str> = EXPORTS.iter().flat_map(|export| export.routes.iter().copied()).collect();
    for route in routes.iter().filter(gives) {
        assert!(listed.contains(route), "{route} gives something out and is not in the list of exports");
    }
    for route in &listed {
        assert!(routes.contains(route), "{route} is in the list and not there");
    }
    for export in EXPORTS {
        assert_eq!(export.action.is_empty(), export.purposes.is_empty(), "{}", export.what);
    }
}
