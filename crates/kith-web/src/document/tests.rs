//! Documents by their pages: added, listed, shown, and refused with what was typed kept (the desk's list of bad input; OWASP ASVS
//! 5.0, 5.2 to 5.4).

use axum::http::StatusCode;
use kith_domain::access::Role;
use kith_files::samples::{docx, docx_bomb, docx_with, jpeg, pdf, pdf_of, pdf_with, png, program};
use kith_service::testing::AcceptedChild;

use crate::testing::{House, Seen, Visitor};

async fn house() -> (House, AcceptedChild, Visitor) {
    let house = House::open().await;
    let case = house.test.accepted_child("d").await.expect("a case");
    let coordinator = house.sign_in(&case.coordinator).await;
    (house, case, coordinator)
}

const SAID: [(&str, &str); 2] = [("kind", "care_plan"), ("description", "Plan of May 2026")];

impl Visitor {
    async fn added(&mut self, list: &str, file: (&str, &[u8])) -> Seen {
        let page = self.get(list).await;
        let done = self.upload(&page, "/documents", &SAID, file).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        self.get(&done.location).await
    }
}

/// The ways to documents that a page shows.
fn ways(page: &Seen) -> Vec<String> {
    page.read().links().into_iter().map(|(_, to)| to).filter(|to| to.starts_with("/documents/")).collect()
}

fn header(seen: &Seen, name: &str) -> String {
    seen.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_added_is_listed_and_shown_safely() {
    let (_house, case, mut coordinator) = house().await;
    let list = format!("/children/{}/documents", case.child);
    for (name, bytes, mime, how) in [
        ("Plan Llŷr.pdf", pdf_of(150_000), "application/pdf", "inline"),
        ("a.png", png(), "image/png", "inline"),
        ("a.jpeg", jpeg(), "image/jpeg", "inline"),
        (
            "a\"; x=\"y.docx",
            docx(),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "attachment",
        ),
    ] {
        let page = coordinator.added(&list, (name, &bytes)).await;
        assert!(
            page.text().contains("The document has been added") && page.text().contains("Care plan: Plan of May 2026")
        );
        let way = ways(&page)[0].clone();
        let shown = coordinator.get(&way).await;
        assert!(shown.text().contains("Added"), "{}", shown.text());
        let content = coordinator.get(&format!("{way}/content")).await;
        assert_eq!((content.status, &content.body), (StatusCode::OK, &bytes));
        assert_eq!(header(&content, "content-type"), mime);
        let disposition = header(&content, "content-disposition");
        assert!(disposition.starts_with(how) && !disposition.contains("x=\"y"), "{disposition}");
        let policy = header(&content, "content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("sandbox") && !policy.contains("script"),
            "{policy}"
        );
        assert_eq!(header(&content, "x-content-type-options"), "nosniff");
        assert_eq!(header(&content, "cache-control"), "no-store");
        assert_eq!(header(&content, "content-length"), bytes.len().to_string());
        let saved = coordinator.get(&format!("{way}/content?save=1")).await;
        assert!(header(&saved, "content-disposition").starts_with("attachment"));
    }
    let file = coordinator.get(&format!("/children/{}", case.child)).await;
    assert!(file.text().contains("All 4 documents"), "{}", file.text());
    let page = coordinator.get(&list).await;
    let way = ways(&page)[0].clone();
    let ask = coordinator.get(&format!("{way}/take-off")).await;
    let unsaid = coordinator.submit(&ask, "/take-off", &[]).await;
    assert!(unsaid.text().contains("Enter why it is taken off"), "{}", unsaid.text());
    let off = coordinator.submit_and_follow(&unsaid, "/take-off", &[("reason", "Added twice")]).await;
    assert!(off.text().contains("Taken off") && off.text().contains("Added twice"), "{}", off.text());
    assert_eq!(coordinator.get(&format!("{way}/content")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_attack_is_refused_beside_the_field_and_what_was_typed_stays() {
    let (_house, case, mut coordinator) = house().await;
    let list = format!("/children/{}/documents", case.child);
    let longest = 20 * 1024 * 1024;
    let script = pdf_with(b"4 0 obj << /OpenAction << /S /JavaScript /JS (app.alert) >> >> endobj\n");
    let start = pdf_with(b"4 0 obj << /OpenAction << /S /Launch /F (cmd.exe) >> >> endobj\n");
    for (bytes, words) in [
        (program(), "is a program"),
        (pdf_of(25 * 1024 * 1024), "larger than 20 MB"),
        (docx_bomb(), "unpacks to far more"),
        (docx_with(&[("word/vbaProject.bin", b"x")]), "macros"),
        (script, "contains a script"),
        (start, "starts a program"),
        (png()[..40].to_vec(), "not whole"),
        (Vec::new(), "is empty"),
        (b"<html><script>alert(1)</script>".to_vec(), "is not a PDF"),
    ] {
        assert!(bytes.len() < longest * 2);
        let page = coordinator.get(&list).await;
        let wrong = coordinator.upload(&page, "/documents", &SAID, ("order.pdf", &bytes)).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        assert!(wrong.text().contains(words), "{words}: {}", wrong.text());
        let html = String::from_utf8_lossy(&wrong.body).into_owned();
        assert!(html.contains("Plan of May 2026") && html.contains("href=\"#file\""), "what was typed stays: {words}");
        assert!(ways(&wrong).is_empty(), "nothing was kept: {words}");
    }
    let page = coordinator.get(&list).await;
    let none = coordinator.upload(&page, "/documents", &SAID, ("", b"")).await;
    assert!(none.text().contains("Choose the file"), "{}", none.text());
    let unsaid = coordinator.upload(&page, "/documents", &[("description", "x")], ("a.pdf", &pdf())).await;
    assert!(unsaid.text().contains("what the document is") && unsaid.text().contains("Choose the file again"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_cut_off_or_forged_keeps_nothing() {
    let (house, case, mut coordinator) = house().await;
    let list = format!("/children/{}/documents", case.child);
    let page = coordinator.get(&list).await;
    let form = page.read().form("/documents").expect("a form");
    let token = form.filled(&[]).iter().find(|(name, _)| *name == "csrf").expect("a token").1.to_owned();
    let parts = |token: &str| {
        let field = |name: &str, value: &str| {
            format!("--xXx\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let typed = [field("csrf", token), field("kind", "letter"), field("description", "Kept")].concat();
        let head = "--xXx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n";
        [typed.into_bytes(), head.as_bytes().to_vec(), pdf_of(90_000)].concat()
    };
    let cut = coordinator.send_parts(&list, parts(&token)).await;
    assert_eq!(cut.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(cut.text().contains("did not arrive whole"), "{}", cut.text());
    assert!(String::from_utf8_lossy(&cut.body).contains("Kept"));
    let forged = coordinator.send_parts(&list, [parts("nobody"), b"\r\n--xXx--\r\n".to_vec()].concat()).await;
    assert_ne!(forged.status, StatusCode::SEE_OTHER);
    let mut late = [parts(""), b"\r\n--xXx\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n".to_vec()].concat();
    late.extend([token.as_bytes(), b"\r\n--xXx--\r\n"].concat());
    assert_ne!(
        coordinator.send_parts(&list, late).await.status,
        StatusCode::SEE_OTHER,
        "the token stands before the file"
    );
    let half = coordinator.send_parts(&list, b"--xXx\r\nContent-Disposition: form-da".to_vec()).await;
    assert_eq!(half.status, StatusCode::BAD_REQUEST);
    house.test.disk_is_full(true);
    let full = coordinator.upload(&page, "/documents", &SAID, ("a.pdf", &pdf())).await;
    assert_eq!(full.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(full.text().contains("cannot save at the moment"), "{}", full.text());
    house.test.disk_is_full(false);
    assert!(ways(&coordinator.get(&list).await).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sealed_order_comes_with_the_order_and_afterwards() {
    let (_house, case, mut coordinator) = house().await;
    let new = coordinator.get(&format!("/children/{}/orders/new", case.child)).await;
    let order = [
        ("court", "Family Court at Eddington"),
        ("case_number", "ED26C00417"),
        ("made_on-day", "23"),
        ("made_on-month", "11"),
        ("made_on-year", "2026"),
    ];
    let wrong = coordinator.upload(&new, "/orders", &order, ("order.pdf", &program())).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("is a program"), "{}", wrong.text());
    assert!(String::from_utf8_lossy(&wrong.body).contains("ED26C00417"), "what was typed stays");
    let incomplete = coordinator.upload(&wrong, "/orders", &[("court", "")], ("order.pdf", &pdf())).await;
    assert!(incomplete.text().contains("Choose the file again"), "{}", incomplete.text());
    let court = [("court", "Family Court at Eddington")];
    let done = coordinator.upload(&incomplete, "/orders", &court, ("order.pdf", &pdf())).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let page = coordinator.get(&done.location).await;
    assert!(page.text().contains("Sealed court order"), "{}", page.text());
    let way = ways(&page)[0].clone();
    assert_eq!(coordinator.get(&format!("{way}/content")).await.body, pdf());
    let add = page.read().links().into_iter().find(|(_, to)| to.ends_with("/documents")).expect("a way").1;
    let both = coordinator.added(&add, ("page two.png", &png())).await;
    assert_eq!(ways(&both).len(), 2);
    // Without a file it is an order all the same.
    let new = coordinator.get(&format!("/children/{}/orders/new", case.child)).await;
    let bare = coordinator.upload(&new, "/orders", &order, ("", b"")).await;
    assert_eq!(bare.status, StatusCode::SEE_OTHER, "{}", bare.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_go_with_a_referral_from_its_draft_on() {
    let (house, case, mut coordinator) = house().await;
    let mut worker = house.sign_in(&case.social_worker).await;
    let new = worker.get("/referrals/new").await;
    let begun = worker.submit(&new, "/referrals", &[]).await;
    let referral = worker.get(&crate::referral::tests::address(&begun)).await;
    let list = referral.read().links().into_iter().find(|(_, to)| to.ends_with("/documents")).expect("a way").1;
    let page = worker.added(&list, ("plan.docx", &docx())).await;
    let way = ways(&page)[0].clone();
    let tasks = worker.get(list.trim_end_matches("/documents")).await;
    assert!(tasks.text().contains("Documents that go with it 1 added"), "{}", tasks.text());
    assert_eq!(worker.get(&format!("{way}/content")).await.body, docx());
    // A draft is its writer's.
    assert_eq!(coordinator.get(&way).await.status, StatusCode::NOT_FOUND);
    assert_eq!(coordinator.get(&format!("{way}/content")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(coordinator.get(&list).await.status, StatusCode::NOT_FOUND);
}

/// Handbook section 4: the sealed order goes with the referral; which order a paper is of is said, and what has none is named.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_the_paper_of_an_order() {
    const ORDER: &str = "Interim care order (C1), Family Court at Nenebridge, of 2 November 2026";
    let house = House::open().await;
    let mut worker = house.visitor(Role::SocialWorker, "north", "sw1").await;
    let (referral, _) = crate::referral::tests::written(&mut worker).await;
    let list = format!("{referral}/documents");
    let without = format!("No document here is said to be the paper of: {ORDER}");
    let page = worker.get(&list).await;
    assert!(page.text().contains(&without), "{}", page.text());
    let said = [("kind", "sealed_order"), ("about", ORDER)];
    let done = worker.upload(&page, "/documents", &said, ("order.docx", &docx())).await;
    let page = worker.get(&done.location).await;
    assert!(page.text().contains(&format!("Sealed court order. Paper of: {ORDER}")), "{}", page.text());
    assert!(!page.text().contains(&without));
    assert!(worker.get(&ways(&page)[0]).await.text().contains(&format!("Paper of {ORDER}")));
}
