//! The record by its pages: written in the room, saved while it is typed, signed, corrected, reviewed.

use axum::http::StatusCode;
use jiff::civil::date;
use kith_domain::ids::SessionId;
use kith_service::testing::{Ground, PASSWORD};

use crate::testing::{House, Seen};

async fn house() -> (House, Ground) {
    let house = House::open().await;
    let ground = house.test.ground("").await.expect("a child in contact");
    (house, ground)
}

/// A field of the entry form.
fn held(page: &Seen, name: &str) -> String {
    let form = page.read().form("/record").expect("the recorder's form");
    form.held.into_iter().find(|(known, _)| known == name).map(|(_, value)| value).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_run_and_its_record_written_without_javascript() {
    let (house, ground) = house().await;
    let id = house.test.confirmed(&ground).await.expect("confirmed");
    let mut supervisor = house.sign_in(&ground.supervisor).await;
    let page = supervisor.get(&format!("/sessions/{id}")).await;
    assert!(page.read().form("/start").is_none(), "not before its day");
    let token = page.read().forms()[0].filled(&[])[0].1.to_owned();
    let early = supervisor.post(&format!("/sessions/{id}/start"), &[("csrf", &token)]).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert!(early.text().contains("can be started on that day"), "{}", early.text());
    house.test.clock_to(date(2026, 11, 26), 602);
    let page = supervisor.get(&format!("/sessions/{id}")).await;
    let record = supervisor.submit_and_follow(&page, "/start", &[]).await;
    assert!(record.text().contains("Nothing yet") && record.text().contains("In progress"), "{}", record.text());
    assert_eq!(held(&record, "about"), "", "the script fills it in when typing begins");
    let wrong = supervisor.submit(&record, "/record", &[("text", "They built"), ("about", "25:00")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("must be a time of day"), "{}", wrong.text());
    let entry = [("heading", "play"), ("about", "10:02"), ("basis", "seen"), ("text", "They built a tower.")];
    let saved = supervisor.submit_and_follow(&wrong, "/record", &entry).await;
    assert!(
        saved.text().contains("They built a tower.") && saved.text().contains("Written 10:02, during the session"),
        "{}",
        saved.text()
    );
    assert_eq!(held(&saved, "heading"), "play", "the next begins under the last heading");
    // Taken up again and changed: both texts are read once one is another than the first.
    house.test.clock_to(date(2026, 11, 26), 604);
    let entry = kept_entry(&saved);
    let taken_up = supervisor.submit_and_follow(&saved, "/record", &[("press", &format!("change:{entry}"))]).await;
    assert_eq!(held(&taken_up, "text"), "They built a tower.");
    let changed = supervisor.submit_and_follow(&taken_up, "/record", &[("text", "They built two towers.")]).await;
    assert!(changed.text().contains("They built two towers.") && changed.text().contains("Earlier text"));
    // Who came.
    house.test.clock_to(date(2026, 11, 26), 615);
    let came =
        [("arrived-0", "10:00"), ("arrived-1", "10:12"), ("note-1", "The bus"), ("left-1", ""), ("began", "10:00")];
    let wrong = supervisor.submit(&changed, "/record", &[("arrived-1", "10:12"), ("left-1", "9:00")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let saved = supervisor.submit_and_follow(&wrong, "/record", &came).await;
    // The end.
    house.test.clock_to(date(2026, 11, 26), 691);
    let wrong =
        supervisor.submit(&saved, "/record", &[("press", "end"), ("how", "end_early"), ("ended", "11:30")]).await;
    assert!(wrong.text().contains("Enter why it ended early"), "{}", wrong.text());
    let ended = supervisor.submit_and_follow(&wrong, "/record", &[("press", "end"), ("how", "complete")]).await;
    assert!(
        ended.text().contains("The session has ended") && ended.text().contains("Check and sign"),
        "{}",
        ended.text()
    );
    // The signature.
    let sign = supervisor.get(&format!("/sessions/{id}/record/sign")).await;
    assert!(sign.text().contains("Written: 1 during the session"), "{}", sign.text());
    let wrong = supervisor.submit(&sign, "/sign", &[("password", "not mine at all")]).await;
    assert!(wrong.text().contains("The password is not right"), "{}", wrong.text());
    assert!(!String::from_utf8_lossy(&wrong.body).contains("not mine at all"));
    let signed = supervisor.submit_and_follow(&wrong, "/sign", &[("password", PASSWORD)]).await;
    assert!(
        signed.text().contains("Signed and locked") && signed.text().contains("12 minutes late. The bus"),
        "{}",
        signed.text()
    );
    assert!(signed.text().contains("What is read here is what was signed"));
    let paper = supervisor.get(&format!("/sessions/{id}/record.pdf")).await;
    assert!(paper.body.starts_with(b"%PDF"));
    assert_eq!(paper.headers["content-type"], "application/pdf");
    let name = paper.headers["content-disposition"].to_str().unwrap_or_default();
    assert!(name.contains(&id.reference()) && !name.contains("Amara"), "{name}");
}

/// What the script is told of words that are kept.
fn saved_answer(entry: &str, version: i64, written: &str) -> String {
    format!(r#"{{"saved":true,"version":{version},"written":"{written}","entry":"{entry}"}}"#)
}

/// The id of the first entry that stands on the recorder's page.
fn kept_entry(page: &Seen) -> String {
    let html = String::from_utf8_lossy(&page.body).into_owned();
    let (_, rest) = html.split_once("change:").expect("an entry");
    rest.chars().take(36).collect()
}

fn fields<'a>(csrf: &'a str, entry: &'a str, version: &'a str, text: &'a str) -> [(&'a str, &'a str); 6] {
    [("csrf", csrf), ("entry_id", entry), ("version", version), ("heading", "play"), ("about", "10:05"), ("text", text)]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_is_answered_as_components_says() {
    let (house, ground) = house().await;
    let id = house.test.started(&ground).await.expect("started");
    let mut supervisor = house.sign_in(&ground.supervisor).await;
    let page = supervisor.get(&format!("/sessions/{id}/record")).await;
    let html = String::from_utf8_lossy(&page.body).into_owned();
    let to = format!("/sessions/{id}/record");
    assert!(html.contains("data-kith-recorder") && html.contains(&format!("data-autosave=\"{to}\"")));
    let (csrf, entry) = (held(&page, "csrf"), held(&page, "entry_id"));
    let (csrf, entry) = (csrf.as_str(), entry.as_str());
    let saved = supervisor.post_for_json(&to, &fields(csrf, entry, "0", "They built")).await;
    assert_eq!(saved, (StatusCode::OK, saved_answer(entry, 1, "10:02")));
    // The answer was lost on the way: sent again unchanged, answered the same.
    house.test.clock_to(date(2026, 11, 26), 604);
    assert_eq!(supervisor.post_for_json(&to, &fields(csrf, entry, "0", "They built")).await, saved);
    let newer = supervisor.post_for_json(&to, &fields(csrf, entry, "1", "They built a tower")).await;
    assert_eq!(newer, (StatusCode::OK, saved_answer(entry, 2, "10:04")));
    let other = supervisor.post_for_json(&to, &fields(csrf, entry, "1", "Another device")).await;
    assert_eq!(other, (StatusCode::CONFLICT, r#"{"conflict":true}"#.to_owned()));
    let mut mistimed = fields(csrf, entry, "2", "At no time");
    mistimed[4].1 = "25:00";
    let refused = supervisor.post_for_json(&to, &mistimed).await;
    let words = "the time it is about must be a time of day, like 10:00 or 15:30";
    assert_eq!(refused, (StatusCode::UNPROCESSABLE_ENTITY, format!(r#"{{"message":"{words}"}}"#)));
    // The form by the button, after the conflict: both texts, nothing lost.
    let conflict = supervisor.post(&to, &fields(csrf, entry, "1", "Another device")).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(
        conflict.text().contains("They built a tower") && conflict.text().contains("Another device"),
        "{}",
        conflict.text()
    );
    assert_eq!(held(&conflict, "version"), "2");
    let settled = supervisor.submit_and_follow(&conflict, "/record", &[]).await;
    assert!(settled.text().contains("Another device"), "{}", settled.text());
    // Signed out.
    let mut nobody = supervisor.clone();
    nobody.cookie = String::new();
    let gone = nobody.post_for_json(&to, &fields(csrf, entry, "3", "After signing out")).await;
    assert_eq!(gone, (StatusCode::UNAUTHORIZED, r#"{"signed_out":true}"#.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_record_is_not_there_for_anybody_else() {
    let (house, ground) = house().await;
    let id = house.test.ended(&ground).await.expect("ended");
    for who in [&ground.manager, &ground.coordinator, &ground.worker, &ground.second] {
        let mut visitor = house.sign_in(who).await;
        for path in ["record", "record.pdf", "record/sign", "record/addendum"] {
            let seen = visitor.get(&format!("/sessions/{id}/{path}")).await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{:?} {path}", who.actor.role);
        }
    }
    let mut manager = house.sign_in(&ground.manager).await;
    assert!(manager.get("/reviews").await.text().contains("Nothing waits for review"));
    let session = manager.get(&format!("/sessions/{id}")).await;
    assert!(!session.text().contains("Read the record"), "{}", session.text());
}

async fn reviewed(house: &House, ground: &Ground, id: SessionId, fields: &[(&str, &str)]) -> Seen {
    let mut manager = house.sign_in(&ground.manager).await;
    let list = manager.get("/reviews").await;
    let link = list.read().links().into_iter().find(|(words, _)| words.starts_with("Amara")).expect("a record").1;
    assert_eq!(link, format!("/sessions/{id}/record"));
    let record = manager.get(&link).await;
    manager.submit(&record, "/record/review", fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn returned_added_to_signed_again_and_accepted() {
    let (house, ground) = house().await;
    let id = house.test.signed(&ground).await.expect("signed");
    let wrong = reviewed(&house, &ground, id, &[("outcome", "return")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("Enter what should be added"), "{}", wrong.text());
    let back = reviewed(&house, &ground, id, &[("outcome", "return"), ("comment", "Who opened the door?")]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);

    house.test.clock_to(date(2026, 11, 27), 600);
    let mut supervisor = house.sign_in(&ground.supervisor).await;
    let day = supervisor.get("/my-day").await;
    assert!(day.text().contains("Returned with comments: add what was asked for"), "{}", day.text());
    let record = supervisor.get(&format!("/sessions/{id}/record")).await;
    assert!(record.text().contains("Who opened the door?"), "{}", record.text());
    let correct = record.read().links().into_iter().find(|(words, _)| words.starts_with("Correct")).expect("a link").1;
    let form = supervisor.get(&correct).await;
    let wrong = supervisor.submit(&form, "/addendum", &[("text", "Sam opened it.")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(String::from_utf8_lossy(&wrong.body).contains("Sam opened it."), "what was typed stays");
    let added = supervisor.submit_and_follow(&wrong, "/addendum", &[("reason", "Asked in review")]).await;
    assert!(
        added.text().contains("Sam opened it.") && added.text().contains("Amara ran to her mother."),
        "{}",
        added.text()
    );
    // A double click.
    supervisor.submit_and_follow(&wrong, "/addendum", &[("reason", "Asked in review")]).await;
    let sign = supervisor.get(&format!("/sessions/{id}/record/sign")).await;
    let signed = supervisor.submit_and_follow(&sign, "/sign", &[("password", PASSWORD)]).await;
    assert_eq!(signed.text().matches("Sam opened it.").count(), 1, "{}", signed.text());

    let accepted = reviewed(&house, &ground, id, &[("outcome", "accept")]).await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER);
    let mut worker = house.sign_in(&ground.worker).await;
    let read = worker.get(&format!("/sessions/{id}/record")).await;
    assert!(read.text().contains("Accepted") && read.text().contains("Sam opened it."), "{}", read.text());
    assert!(!read.text().contains("Your review") && !read.text().contains("Add an addendum"));
    assert_eq!(supervisor.get(&format!("/sessions/{id}/record")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_is_asked_why_and_shown() {
    let (house, ground) = house().await;
    let id = house.test.ended(&ground).await.expect("ended");
    house.test.clock_to(date(2026, 11, 28), 600);
    let mut supervisor = house.sign_in(&ground.supervisor).await;
    let day = supervisor.get("/my-day").await;
    assert!(day.text().contains("Sign it, and say why it is late"), "{}", day.text());
    let sign = supervisor.get(&format!("/sessions/{id}/record/sign")).await;
    let refused = supervisor.submit(&sign, "/sign", &[("password", PASSWORD)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("past its time"), "{}", refused.text());
    let why = [("password", PASSWORD), ("late_reason", "Called to another family")];
    let signed = supervisor.submit_and_follow(&refused, "/sign", &why).await;
    assert!(signed.text().contains("22 hours late: Called to another family"), "{}", signed.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_signing_the_recorder_s_form_is_refused_and_its_words_are_kept() {
    let (house, ground) = house().await;
    let id = house.test.ended(&ground).await.expect("ended");
    let mut supervisor = house.sign_in(&ground.supervisor).await;
    let tab = supervisor.get(&format!("/sessions/{id}/record")).await;
    let sign = supervisor.get(&format!("/sessions/{id}/record/sign")).await;
    supervisor.submit_and_follow(&sign, "/sign", &[("password", PASSWORD)]).await;
    let words = [("text", "Written in a tab left open"), ("about", "11:40")];
    let refused = supervisor.submit(&tab, "/record", &words).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("signed and locked"), "{}", refused.text());
    assert!(String::from_utf8_lossy(&refused.body).contains("Written in a tab left open"), "nothing typed is lost");
}
