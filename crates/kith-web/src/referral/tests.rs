//! The referral by its pages: written, left, sent, and what it refuses.

use axum::http::StatusCode;
use kith_domain::access::Role;

use crate::testing::{House, Seen, Visitor};

mod group;

pub(crate) const CHILD: &[(&str, &str)] = &[
    ("given_name", "Siân"),
    ("family_name", "Brackenhurst"),
    ("birth_kind", "on"),
    ("dob-day", "27"),
    ("dob-month", "3"),
    ("dob-year", "2019"),
    ("sex", "female"),
    ("care_first", "CF-204417"),
    ("language", "Welsh"),
    ("interpreter", "no"),
    ("has_allergies", "no"),
];
pub(crate) const PLACEMENT: &[(&str, &str)] = &[
    ("placement_type", "U4"),
    ("address", "4 Quarrel Lane, Nenebridge NB3 9ZZ"),
    ("confidential", "yes"),
    ("confidential_from", "The father"),
    ("carer", "Odette Farrowby"),
    ("carer_phone", "01632 960 111"),
];
pub(crate) const LEGAL: &[(&str, &str)] = &[
    ("legal_status", "C1"),
    ("court", "Family Court at Nenebridge"),
    ("case_number", "NB26C00417"),
    ("order_date-day", "2"),
    ("order_date-month", "11"),
    ("order_date-year", "2026"),
];
pub(crate) const MOTHER: &[(&str, &str)] = &[
    ("given_name", "Carys"),
    ("family_name", "Brackenhurst"),
    ("relationship", "mother"),
    ("parental_responsibility", "yes"),
    ("entitlement", "a"),
    ("may_attend", "yes"),
    ("risk_marker", "none"),
];
pub(crate) const CONTACT: &[(&str, &str)] = &[
    ("wanted.0.sees", "own"),
    ("wanted.0.bound", "at_least"),
    ("wanted.0.count", "2"),
    ("wanted.0.per", "week"),
    ("wanted.0.mode", "in_person"),
    ("wanted.0.minutes", "90"),
    ("wanted.0.court_ordered", "yes"),
    ("wanted.0.supervision", "supervised"),
];
pub(crate) const RISK: &[(&str, &str)] =
    &[("concerns", "None known"), ("emergency_name", "Odette Farrowby"), ("emergency_phone", "01632 960 111")];

/// The address of a referral that was begun: its first section is opened at once.
pub(crate) fn address(begun: &Seen) -> String {
    begun.leads_to().trim_end_matches("/sections/child").to_owned()
}

/// Writes a whole referral; the page of the referral comes back.
pub(crate) async fn written(worker: &mut Visitor) -> (String, Seen) {
    let page = worker.get("/referrals/new").await;
    let begun = worker.submit(&page, "/referrals", &[]).await;
    let referral = address(&begun);
    for (section, fields) in [("child", CHILD), ("placement", PLACEMENT), ("legal", LEGAL), ("risk", RISK)] {
        let page = worker.get(&format!("{referral}/sections/{section}")).await;
        worker.submit_and_follow(&page, &format!("/sections/{section}"), fields).await;
    }
    let page = worker.get(&format!("{referral}/family/new")).await;
    let action =
        page.read().forms().into_iter().map(|form| form.action).find(|to| to.contains("/family/")).expect("a form");
    worker.submit_and_follow(&page, &action, MOTHER).await;
    let page = worker.get(&format!("{referral}/sections/contact")).await;
    worker.submit_and_follow(&page, "/sections/contact", CONTACT).await;
    let seen = worker.get(&referral).await;
    (referral, seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_is_written_section_by_section_and_sent_once() {
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let (referral, seen) = written(&mut worker).await;
    assert!(seen.text().contains("Everything is there"), "{}", seen.text());
    let answers = worker.get(&format!("{referral}/answers")).await;
    assert!(
        answers.text().contains("27 March 2019") && answers.text().contains("Carys Brackenhurst"),
        "{}",
        answers.text()
    );
    let sent = worker.submit(&answers, "/submit", &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    // A double click: the second is taken quietly.
    let again = worker.submit(&answers, "/submit", &[]).await;
    assert_eq!((again.status, again.location), (sent.status, sent.location));
    let refused = worker.get(&format!("{referral}/sections/child")).await;
    assert_eq!(refused.leads_to(), format!("{referral}/answers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_stays_when_it_is_wrong() {
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let page = worker.get("/referrals/new").await;
    let begun = worker.submit(&page, "/referrals", &[]).await;
    let section = format!("{}/sections/child", address(&begun));
    for (name, value, message) in [
        ("dob-day", "31", "that month has 28 days"),
        ("dob-year", "2027", "must be today or in the past"),
        ("care_first", "12 34", "only letters, digits and hyphens"),
    ] {
        let page = worker.get(&section).await;
        let mut fields: Vec<(&str, &str)> = CHILD.iter().filter(|(n, _)| *n != name).copied().collect();
        if name == "dob-day" {
            fields = fields.into_iter().map(|(n, v)| if n == "dob-month" { (n, "2") } else { (n, v) }).collect();
        }
        fields.push((name, value));
        let seen = worker.submit(&page, "/sections/child", &fields).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(seen.text().contains(message), "{name}: {}", seen.text());
        let html = String::from_utf8_lossy(&seen.body).into_owned();
        assert!(html.contains(&format!("value=\"{value}\"")) && html.contains("Brackenhurst"), "{name}");
    }
    let long = "x".repeat(100_000);
    let page = worker.get(&section).await;
    let seen = worker.submit(&page, "/sections/child", &[("given_name", &long)]).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.text().contains("must be 200 characters or fewer. It is 100000"));
    let page = worker.get(&section).await;
    let huge = "x".repeat(3_000_000);
    assert_eq!(
        worker.submit(&page, "/sections/child", &[("given_name", &huge)]).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_people_sees_both_texts_and_loses_nothing() {
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let page = worker.get("/referrals/new").await;
    let begun = worker.submit(&page, "/referrals", &[]).await;
    let section = format!("{}/sections/risk", address(&begun));
    let first = worker.get(&section).await;
    worker.submit_and_follow(&first, "/sections/risk", RISK).await;
    let (one, two) = (worker.get(&section).await, worker.get(&section).await);
    let with = |concerns| [("concerns", concerns), RISK[1], RISK[2]];
    worker.submit_and_follow(&one, "/sections/risk", &with("Seen at the school gate")).await;
    let conflict = worker.submit(&two, "/sections/risk", &with("A neighbour rang twice")).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(conflict.text().contains("Seen at the school gate") && conflict.text().contains("A neighbour rang twice"));
    worker.submit_and_follow(&conflict, "/sections/risk", &[]).await;
    let after = worker.get(&section).await;
    assert!(String::from_utf8_lossy(&after.body).contains("A neighbour rang twice"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_tab_gives_back_what_was_typed_to_its_own_person_only() {
    let house = House::open().await;
    let colleague = house.test.colleague(Role::SocialWorker, "north", "sw1").await.expect("an account");
    let mut worker = house.sign_in(&colleague).await;
    let page = worker.get("/referrals/new").await;
    let begun = worker.submit(&page, "/referrals", &[]).await;
    let section = format!("{}/sections/risk", address(&begun));
    let tab = worker.get(&section).await;
    worker.submit(&tab, "/sign-out", &[]).await;
    let held = worker
        .submit(&tab, "/sections/risk", &[("concerns", "Typed in a stale tab"), ("password", "never kept")])
        .await;
    assert_eq!(held.status, StatusCode::UNAUTHORIZED);
    assert!(held.text().contains("What you typed is kept"));
    assert!(!String::from_utf8_lossy(&held.body).contains("Typed in a stale tab"), "sealed until they are back");

    // Somebody else at the same computer does not see it.
    let other = house.test.colleague(Role::SocialWorker, "north", "sw2").await.expect("an account");
    house.test.real_clock.move_to(kith_service::Clock::now_ms(&*house.test.real_clock) + 30_000);
    let code = house.test.service.code_now(&other.totp_secret).expect("a code");
    let credentials = [("login", "sw2"), ("password", kith_service::testing::PASSWORD), ("code", code.as_str())];
    let mut stranger = worker.clone();
    let seen = stranger.submit(&held, "/sign-in", &credentials).await;
    assert_eq!((seen.status, seen.location.as_str()), (StatusCode::SEE_OTHER, "/"));

    let code = house.test.service.code_now(&colleague.totp_secret).expect("a code");
    let credentials = [("login", "sw1"), ("password", kith_service::testing::PASSWORD), ("code", code.as_str())];
    let back = worker.submit(&held, "/sign-in", &credentials).await;
    assert!(back.text().contains("Typed in a stale tab"), "{}", back.text());
    assert!(!String::from_utf8_lossy(&back.body).contains("never kept"), "a password is typed again");
    worker.submit(&back, "/sections/risk", &[]).await;
    let after = worker.get(&section).await;
    assert!(String::from_utf8_lossy(&after.body).contains("Typed in a stale tab"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_child_and_one_adult_take_at_most_thirty_answers_and_ten_pages() {
    // "One child and one adult: ≤ 30 entries, ≤ 10 page loads when nothing unusual is said, counted by a test." A date is one
    // answer; what a form begins with is none.
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let form_of = |page: &Seen, part: &str| {
        let mut forms = page.read().forms().into_iter();
        forms.find(|form| form.action.contains(part)).map(|form| form.action).expect("the next section stands open")
    };
    let mut page = worker.get("/referrals/new").await;
    page = worker.submit_and_follow(&page, "/referrals", &[]).await;
    let (mut pages, mut answers) = (2, 0);
    let sections: [(&str, &[(&str, &str)]); 6] = [
        (
            "/sections/child",
            &[
                ("given_name", "Robin"),
                ("family_name", "Farrowby"),
                ("dob-day", "3"),
                ("dob-month", "5"),
                ("dob-year", "2021"),
                ("sex", "female"),
                ("care_first", "CF-204499"),
                ("language", "English"),
                ("has_allergies", "no"),
            ],
        ),
        (
            "/family/",
            &[
                ("given_name", "Carys"),
                ("family_name", "Farrowby"),
                ("relationship", "mother"),
                ("parental_responsibility", "yes"),
                ("may_attend", "yes"),
                ("risk_marker", "none"),
            ],
        ),
        (
            "/sections/placement",
            &[
                ("placement_type", "U6"),
                ("address", "4 Quarrel Lane, Nenebridge NB3 9ZZ"),
                ("confidential", "no"),
                ("carer", "Odette Farrowby"),
                ("carer_phone", "01632 960 111"),
            ],
        ),
        (
            "/sections/legal",
            &[
                ("legal_status", "C1"),
                ("court", "Family Court at Nenebridge"),
                ("case_number", "NB26C00417"),
                ("order_date-day", "2"),
                ("order_date-month", "11"),
                ("order_date-year", "2026"),
            ],
        ),
        (
            "/sections/contact",
            &[
                ("wanted.0.count", "2"),
                ("wanted.0.per", "week"),
                ("wanted.0.minutes", "90"),
                ("wanted.0.supervision", "supervised"),
                ("wanted.0.court_ordered", "yes"),
            ],
        ),
        ("/sections/risk", &[("concerns", "None known"), ("emergency_carer", "yes")]),
    ];
    for (part, typed) in sections {
        let action = form_of(&page, part);
        page = worker.submit_and_follow(&page, &action, typed).await;
        pages += 1;
        answers += typed.iter().filter(|(name, _)| !name.ends_with("-month") && !name.ends_with("-year")).count();
    }
    page = worker.submit_and_follow(&page, "/submit", &[]).await;
    pages += 1;
    assert!(page.text().contains("Submitted"), "{}", page.text());
    assert!(answers <= 30 && pages <= 10, "{answers} answers, {pages} pages");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_begun_from_an_earlier_one_is_looked_at_handed_over_and_printed() {
    // "Copy forward from an earlier referral; hand over to a colleague; print and PDF"; "three siblings about 280 entries
    // because everything is typed again".
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let (earlier, _) = written(&mut worker).await;
    let from = earlier.rsplit('/').next().unwrap_or_default().to_owned();
    let page = worker.get("/referrals/new").await;
    let begun = worker.submit(&page, "/referrals", &[("from", &from), ("whom", "sibling")]).await;
    let referral = address(&begun);
    let legal = worker.get(&format!("{referral}/sections/legal")).await;
    assert!(legal.text().contains("This is copied. Check it"), "{}", legal.text());
    assert!(String::from_utf8_lossy(&legal.body).contains("NB26C00417"));
    let child = worker.get(&format!("{referral}/sections/child")).await;
    assert!(!String::from_utf8_lossy(&child.body).contains("CF-204417"), "the number is the first child's own");
    worker.submit_and_follow(&legal, "/sections/legal", &[]).await;
    let legal = worker.get(&format!("{referral}/sections/legal")).await;
    assert!(!legal.text().contains("This is copied. Check it"), "somebody has looked at it");

    let pdf = worker.get(&format!("{referral}/referral.pdf")).await;
    assert!(pdf.status == StatusCode::OK && pdf.body.starts_with(b"%PDF-"));

    let mut other = house.visitor(Role::SocialWorker, "north", "sw2").await;
    let page = worker.get(&format!("{referral}/hand-over")).await;
    let to = page.read().choices("to").into_iter().find(|id| id.len() == 36).expect("a colleague");
    let refused = worker.submit(&page, "/hand-over", &[("to", &to)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "why is asked");
    worker.submit(&page, "/hand-over", &[("to", &to), ("reason", "On leave from Monday")]).await;
    assert_eq!(worker.get(&referral).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.get(&format!("{referral}/sections/child")).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_since_it_was_returned_is_marked() {
    // "Returned: what changed is marked".
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let (referral, _) = written(&mut worker).await;
    let answers = worker.get(&format!("{referral}/answers")).await;
    worker.submit(&answers, "/submit", &[]).await;
    let mut coordinator = house.visitor(Role::Coordinator, "north", "co1").await;
    let page = coordinator.get(&format!("{referral}/return")).await;
    coordinator.submit(&page, "/return", &[("reason", "Which school?"), ("looked_after", "yes")]).await;
    let page = worker.get(&format!("{referral}/sections/child")).await;
    worker.submit(&page, "/sections/child", &[("school", "Millrace School"), ("given_name", "Siân Mair")]).await;
    let text = worker.get(&format!("{referral}/answers")).await.text();
    assert!(text.contains("Millrace School Added since it was returned"), "{text}");
    assert!(text.contains("Siân Mair Changed since it was returned. Before: Siân"), "{text}");
    assert_eq!(text.matches("since it was returned").count(), 2, "and nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_s_referral_is_not_there() {
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let page = worker.get("/referrals/new").await;
    let referral = address(&worker.submit(&page, "/referrals", &[]).await);
    let mut other = house.visitor(Role::SocialWorker, "north", "sw2").await;
    let mut south = house.visitor(Role::Coordinator, "south", "co2").await;
    for path in
        ["", "/sections/child", "/family/new", "/answers", "/referral.pdf", "/hand-over", "/verification", "/return"]
    {
        assert_eq!(other.get(&format!("{referral}{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(south.get(&format!("{referral}{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_its_token_changes_nothing() {
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let seen =
        worker.post("/referrals", &[("id", "018f0000-0000-7000-8000-000000000001"), ("csrf", "forged.token")]).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    assert!(worker.get("/referrals").await.text().contains("You have no referrals"));
}

/// Confirms each item that the call asks next, so many, until none is left.
pub(crate) async fn confirm_the_rest(coordinator: &mut Visitor, mut page: Seen, count: usize) -> Seen {
    for _ in 0..count {
        page = coordinator.submit_and_follow(&page, "/answer", &[("outcome", "confirmed")]).await;
    }
    assert!(page.read().form("/answer").is_none(), "one more is asked: {}", page.text());
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn verified_item_by_item_then_accepted() {
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let (referral, _) = written(&mut worker).await;
    let answers = worker.get(&format!("{referral}/answers")).await;
    worker.submit_and_follow(&answers, "/submit", &[]).await;

    let mut coordinator = house.visitor(Role::Coordinator, "north", "co1").await;
    let verification = format!("{referral}/verification");
    let page = coordinator.get(&verification).await;
    // Nothing is accepted before verification, whoever asks how.
    let csrf = page.read().forms()[0]
        .filled(&[])
        .iter()
        .find(|(name, _)| *name == "csrf")
        .map(|(_, value)| (*value).to_owned());
    let csrf = csrf.expect("a token");
    let early = coordinator.post(&format!("{referral}/accept"), &[("csrf", &csrf)]).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert!(early.text().contains("only after it has been verified by phone"));

    let page = coordinator.submit_and_follow(&page, "/verification", &[]).await;
    let page = coordinator.submit_and_follow(&page, "/call", &[("reached", "yes"), ("minutes", "12")]).await;
    assert!(page.text().contains("spoke for 12 minutes"));
    let page = confirm_the_rest(&mut coordinator, page, 7).await;
    assert!(page.text().contains("Everything has been verified"), "{}", page.text());
    // One is corrected: old and new are both kept.
    let correct = coordinator.get(&format!("{verification}/items/identity")).await;
    let page = coordinator.submit_and_follow(&correct, "/items/identity", &[("dob-day", "28")]).await;
    assert!(page.text().contains("28 March 2019") && page.text().contains("27 March 2019"), "{}", page.text());
    let file = coordinator.submit_and_follow(&page, "/accept", &[]).await;
    assert!(file.text().contains("Siân Brackenhurst") && file.text().contains("28 March 2019"), "{}", file.text());

    // Found by a name without its marks, and by the mother's; not by a coordinator of another area.
    let list = coordinator.get("/children").await;
    for name in ["sian", "brakenhurst", "Carys", "cf-204417", "2019-03-28"] {
        let found = coordinator.submit(&list, "/children", &[("name", name)]).await;
        assert!(found.text().contains("Siân Brackenhurst"), "{name}: {}", found.text());
    }
    let mut south = house.visitor(Role::Coordinator, "south", "co2").await;
    let list = south.get("/children").await;
    assert!(south.submit(&list, "/children", &[("name", "sian")]).await.text().contains("Nobody found"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_register_does_not_name_is_not_asked_and_what_was_typed_is_given_back() {
    let register = kith_service::testing::REGISTER.replacen("\"child.religion\", ", "", 1);
    let house = House::open_with(&register).await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let page = worker.get("/referrals/new").await;
    let begun = worker.submit(&page, "/referrals", &[]).await;
    let section = format!("{}/sections/child", address(&begun));
    let page = worker.get(&section).await;
    assert!(!page.text().contains("Religion or belief") && page.text().contains("Ethnicity"), "{}", page.text());
    // A form that was open while the register was changed still has the field.
    let mut typed = CHILD.to_vec();
    typed.push(("religion", "Quaker"));
    let seen = worker.submit(&page, "/sections/child", &typed).await;
    assert_eq!(seen.status, StatusCode::CONFLICT);
    let text = seen.text();
    assert!(text.contains("“Religion or belief” is not in this authority’s register"), "{text}");
    assert!(text.contains("Quaker") && text.contains("Brackenhurst"), "what was typed is on the page: {text}");
    assert!(!worker.get(&section).await.text().contains("Quaker"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_withdraws_a_referral_reads_for_how_long_it_is_kept() {
    // Handbook section 19, "Retention of what was never accepted". As long as it is not sent three years run from today.
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let (referral, seen) = written(&mut worker).await;
    assert!(
        seen.text().contains("If nothing comes of this referral it is kept until 24 November 2029"),
        "{}",
        seen.text()
    );
    let page = worker.get(&format!("{referral}/withdraw")).await;
    assert!(page.text().contains("Is the child looked after by the council?"));
    let wrong = worker.submit(&page, "/withdraw", &[("reason", ""), ("looked_after", "no")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("reason", "Not in care: an uncle has them"), ("looked_after", "no")];
    worker.submit(&page, "/withdraw", &fields).await;
    let text = worker.get(&referral).await.text();
    assert!(text.contains("This referral is kept until 24 November 2029"), "{text}");
    assert!(text.contains("Referral of a child who is not looked after"), "{text}");
}
