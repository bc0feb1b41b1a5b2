//! Breaches by their pages: said by a supervisor, taken on by the officer.

use axum::http::StatusCode;
use kith_domain::access::Role;

use crate::testing::House;

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_says_what_happened_and_the_officer_has_the_hours_before_them() {
    let house = House::open().await;
    let mut supervisor = house.visitor(Role::Supervisor, "north", "supervisor").await;
    let home = supervisor.get("/").await;
    let to = home.read().links().into_iter().find(|(words, _)| words == "Something happened to data").expect("a way").1;
    let form = supervisor.get(&to).await;
    let wrong = supervisor.submit(&form, "/breaches", &[("kind", "lost"), ("what", "A bag")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(String::from_utf8_lossy(&wrong.body).contains("A bag"));
    let now = kith_domain::calendar::in_london(house.test.service.now_ms());
    let (day, month, year) = (now.day().to_string(), now.month().to_string(), now.year().to_string());
    let more = [
        ("whose", "Two families"),
        ("aware-day", day.as_str()),
        ("aware-month", month.as_str()),
        ("aware-year", year.as_str()),
        ("aware_time", "00:05"),
    ];
    let sent = supervisor.submit_and_follow(&wrong, "/breaches", &more).await;
    assert!(sent.text().contains("the 72 hours run"), "{}", sent.text());
    let mut officer = house.visitor(Role::DataProtection, "north", "officer").await;
    let list = officer.get("/breaches").await;
    assert!(list.text().contains("hours left"), "{}", list.text());
    let to = list.read().links().into_iter().find(|(words, _)| words == "Something was lost or stolen").expect("it").1;
    let shown = officer.get(&to).await;
    assert!(shown.text().contains("Assess the risk to the people"), "{}", shown.text());
    let wrong = officer.submit(&shown, &to, &[("kind", "assessed"), ("words", "Found again, locked")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("Choose the risk to people") || wrong.text().contains("risk to people"));
    let assessed = officer.submit_and_follow(&wrong, &to, &[("risk", "none"), ("people", "5")]).await;
    assert!(assessed.text().contains("Unlikely to be a risk to anybody, about 5 people"), "{}", assessed.text());
    // What the supervisor's account opened, and what it was refused.
    let nothing = supervisor.get(&format!("/sessions/{}", uuid::Uuid::now_v7())).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    let at = format!("{to}/opened");
    let opened = officer.get(&at).await;
    let html = String::from_utf8_lossy(&opened.body).into_owned();
    let option = html.split("<option value=\"").find(|part| part.contains("SUPERVISOR")).expect("the supervisor");
    let account = option.split('"').next().unwrap_or_default();
    let wrong = officer.submit(&opened, &at, &[("account", account), ("from_time", "00:00")]).await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text().contains("from which it is looked at"));
    let time = [
        ("from-day", day.as_str()),
        ("from-month", month.as_str()),
        ("from-year", year.as_str()),
        ("until-day", day.as_str()),
        ("until-month", month.as_str()),
        ("until-year", year.as_str()),
        ("until_time", "23:59"),
    ];
    let looked = officer.submit_and_follow(&wrong, &at, &time).await;
    for words in ["no file was opened", "Asked for, and refused", "Said to be affected: 0 files"] {
        assert!(looked.text().contains(words), "{words}: {}", looked.text());
    }
    let shown = officer.get(&to).await;
    assert!(shown.text().contains("What this account opened"), "{}", shown.text());
    for paper in ["commissioner", "people"] {
        let pdf = officer.get(&format!("{to}/papers/{paper}")).await;
        assert!(pdf.status == StatusCode::OK && pdf.body.starts_with(b"%PDF-"), "{paper}");
    }
}
