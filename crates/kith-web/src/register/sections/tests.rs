//! The register changed in forms, by somebody who has never seen its text (UK GDPR Art 30(1), 38 and 39).

use axum::http::StatusCode;
use kith_domain::access::Role;
use kith_domain::register::RegisterSection;
use kith_service::testing::PASSWORD;

use crate::testing::{House, Seen, Visitor};

async fn begun(officer: &mut Visitor) -> String {
    let list = officer.get("/register/versions").await;
    let begun = officer.submit(&list, "/register/versions", &[]).await;
    begun.leads_to().split('?').next().unwrap_or_default().to_owned()
}

/// Where in the draft a link of these words leads.
fn link(seen: &Seen, words: &str) -> String {
    let mut links = seen.read().links().into_iter().filter(|(_, to)| to.contains("/sections/"));
    links.find(|(said, _)| said == words).map_or_else(|| panic!("{words}: {}", seen.text()), |(_, to)| to)
}

const PROCESSOR: [(&str, &str); 4] =
    [("name", "Quayside Post"), ("does", "Sends letters"), ("place", "United Kingdom"), ("contract", "CT-2026-7")];

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_changes_a_rule_and_puts_in_a_processor_and_a_manager_reads_it_in_words() {
    let house = House::open().await;
    let mut officer = house.visitor(Role::DataProtection, "", "officer").await;
    let mut manager = house.visitor(Role::Manager, "north", "manager").await;
    let at = begun(&mut officer).await;
    let draft = officer.get(&at).await;
    assert!(draft.text().contains("It says the same as version 1"), "{}", draft.text());
    let retention = officer.get(&link(&draft, "Retention")).await;
    let rule = link(
        &retention,
        "All records relating to the creation and maintenance of care plans for looked after children",
    );
    let page = officer.get(&rule).await;
    let empty = officer.submit(&page, &rule, &[("rule", " "), ("name", "Care plans")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text().contains("Enter how long they are kept"), "{}", empty.text());
    let saved = officer.submit_and_follow(&empty, &rule, &[("rule", "75 years, and 5 more where a court asks")]).await;
    assert!(saved.text().contains("Care plans 75 years, and 5 more where a court asks Changed"), "{}", saved.text());
    let processors = officer.get(&format!("{at}/sections/processors")).await;
    let page = officer.get(&link(&processors, "Put in a processor")).await;
    let new = format!("{at}/sections/processors/new");
    let wrong = officer.submit(&page, &new, &PROCESSOR[..3]).await;
    assert!(
        wrong.text().contains("Enter the contract") && String::from_utf8_lossy(&wrong.body).contains("Quayside Post")
    );
    let saved = officer.submit_and_follow(&wrong, &new, &PROCESSOR).await;
    assert!(saved.text().contains("Quayside Post Sends letters. United Kingdom. CT-2026-7 New"), "{}", saved.text());
    let draft = officer.get(&at).await;
    for words in ["Retention 2 changes", "Processors 3 changes", "Settings As in force"] {
        assert!(draft.text().contains(words), "{words}: {}", draft.text());
    }
    let today = [("from-day", "24"), ("from-month", "11"), ("from-year", "2026"), ("why", "The contract is signed")];
    officer.submit(&draft, &format!("{at}/propose"), &today).await;
    // What is proposed is no draft any more: its parts lead back to it.
    assert_eq!(officer.get(&rule).await.leads_to(), at);
    let page = manager.get(&at).await;
    for words in [
        "Care plans: how long they are kept",
        "75 years from the date of birth of the child",
        "Quayside Post: the contract Not there CT-2026-7",
    ] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    let decision = [("decision", "approve"), ("why", "It was agreed")];
    let asked = manager.submit(&page, &at, &decision).await;
    manager.submit(&asked, &at, &[("confirm_password", PASSWORD)]).await;
    let notice = manager.get("/privacy").await;
    assert!(notice.text().contains("75 years, and 5 more where a court asks"), "{}", notice.text());
    let record = manager.get("/register/papers/record-of-processing").await;
    assert!(record.text().contains("Quayside Post"), "{}", record.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_part_and_row_has_a_form_that_saves_as_it_stands() {
    let house = House::open().await;
    let mut officer = house.visitor(Role::DataProtection, "", "officer").await;
    let at = begun(&mut officer).await;
    for section in RegisterSection::ALL {
        let here = format!("{at}/sections/{}", section.code());
        let seen = officer.get(&here).await;
        assert_eq!(seen.status, StatusCode::OK, "{section:?}");
        let mut forms = Vec::new();
        if section.list().is_some() || *section == RegisterSection::Items {
            let rows =
                seen.read().links().into_iter().map(|(_, to)| to).filter(|to| to.starts_with(&format!("{here}/")));
            let (new, rows): (Vec<String>, Vec<String>) = rows.partition(|to| to.ends_with("/new"));
            // The register that is shipped has every purpose that Kith knows.
            let can = section.list().is_some() && *section != RegisterSection::Purposes;
            assert_eq!(new.len(), usize::from(can), "{section:?}");
            for to in &new {
                assert_eq!(officer.get(to).await.status, StatusCode::OK);
            }
            // The closed days of the register that is shipped are none.
            assert!(!rows.is_empty() || *section == RegisterSection::ClosedDays, "{section:?}");
            forms.extend(rows.into_iter().take(3));
        } else {
            forms.push(here.clone());
        }
        for form in forms {
            let page = officer.get(&form).await;
            let saved = officer.submit(&page, &form, &[]).await;
            assert_eq!(saved.status, StatusCode::SEE_OTHER, "{form}: {}", saved.text());
            if section.list().is_some() {
                assert_eq!(officer.get(&format!("{form}/remove")).await.status, StatusCode::OK, "{form}");
            }
        }
    }
    assert!(officer.get(&at).await.text().contains("It says the same as version 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_colleague_saved_meanwhile_stands_beside_what_was_typed() {
    let house = House::open().await;
    let mut one = house.visitor(Role::DataProtection, "", "one").await;
    let mut other = house.visitor(Role::DataProtection, "", "other").await;
    let at = begun(&mut one).await;
    let form = format!("{at}/sections/settings");
    let (mine, theirs) = (one.get(&form).await, other.get(&form).await);
    other.submit(&theirs, &form, &[("sign_within_hours", "26")]).await;
    let late = one.submit(&mine, &form, &[("sign_within_hours", "27")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text().contains("What you typed 27 What they saved 26"), "{}", late.text());
    let saved = one.submit(&late, &form, &[]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "seen, it is written over on purpose");
    assert!(one.get(&at).await.text().contains("A record is signed within 24 hours 27 hours"));
    // A row that a colleague took out meanwhile.
    let row = format!("{at}/sections/areas/rows/south");
    let mine = one.get(&row).await;
    let ask = other.get(&format!("{row}/remove")).await;
    let gone = other.submit_and_follow(&ask, &format!("{row}/remove"), &[]).await;
    assert!(gone.text().contains("Taken out of the draft"), "{}", gone.text());
    let late = one.submit(&mine, &row, &[("name", "The south")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "its code is asked again");
    let again = one.submit(&late, &row, &[("short_code", "south")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text());
    one.submit(&again, &row, &[]).await;
    assert!(one.get(&at).await.text().contains("The south: name of the area South Nenedale The south"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_speaks_against_a_draft_leads_to_the_row_that_it_is_about() {
    let house = House::open().await;
    house.test.accepted_child("north").await.expect("a child");
    let mut officer = house.visitor(Role::DataProtection, "", "officer").await;
    let mut manager = house.visitor(Role::Manager, "north", "manager").await;
    let at = begun(&mut officer).await;
    let item = format!("{at}/sections/items/rows/child.constraints");
    let page = officer.get(&item).await;
    let none: Vec<(&str, &str)> = vec![("purposes", "")];
    let refused = officer.submit(&page, &item, &none).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "an empty value is no purpose");
    let seen = page.read().form(&item).expect("a form");
    let unticked: Vec<(String, String)> = seen
        .filled(&[])
        .into_iter()
        .filter(|(name, _)| *name != "purposes")
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let unticked: Vec<(&str, &str)> = unticked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let saved = officer.post(&item, &unticked).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    let draft = officer.get(&at).await;
    assert_eq!(link(&draft, "items, child.constraints"), item);
    assert!(draft.text().contains("What is held, and what for 1 thing against it"), "{}", draft.text());
    assert!(!draft.text().contains("From which day is it to be in force?"));
    let part = officer.get(&format!("{at}/sections/items")).await;
    assert_eq!(link(&part, "items, child.constraints"), item);
    // Who does not write is led nowhere and lets nothing in.
    let seen = manager.get(&at).await;
    assert!(!seen.read().links().iter().any(|(_, to)| to.contains("/sections/")));
    assert_eq!(manager.get(&item).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purpose_that_was_taken_out_can_be_put_in_again() {
    let house = House::open().await;
    let mut officer = house.visitor(Role::DataProtection, "", "officer").await;
    let at = begun(&mut officer).await;
    let purposes = format!("{at}/sections/purposes");
    let remove = format!("{purposes}/rows/service_planning/remove");
    let ask = officer.get(&remove).await;
    assert!(ask.text().contains("items may be read for this purpose: they no longer may be"), "{}", ask.text());
    let list = officer.submit_and_follow(&ask, &remove, &[]).await;
    let page = officer.get(&link(&list, "Put in a purpose")).await;
    assert_eq!(page.read().choices("short_code"), ["service_planning"], "those that are there are not offered");
    let new = format!("{purposes}/new");
    let purpose = [("short_code", "service_planning"), ("name", "Planning"), ("legal_basis", "UK GDPR Art 89")];
    let list = officer.submit_and_follow(&page, &new, &purpose).await;
    assert!(list.text().contains("Planning UK GDPR Art 89 Changed"), "{}", list.text());
    // Without the purpose that everybody works for it is no register.
    let remove = format!("{purposes}/rows/administration/remove");
    let ask = officer.get(&remove).await;
    let refused = officer.submit(&ask, &remove, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("without it nobody can work"), "{}", refused.text());
}
