//! The public notice, read by everybody without signing in; and the other papers of the register, for those who answer for it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use kith_domain::access::Purpose;
use kith_domain::privacy_notice::Edition;
use kith_service::ServiceError;
use kith_service::privacy_notice::{KEPT_BY, NoticeBlock, PrivacyNotice};
use serde::Deserialize;

use crate::app::App;
use crate::error::Answer;
use crate::person::Signed;
use crate::report::pdf;
use crate::ui::{Page, render};

#[derive(Template)]
#[template(path = "privacy_notice/show.html")]
struct NoticePage {
    page: Page,
    notice: PrivacyNotice,
    /// The other editions and languages: address, words, whether it is this one, the words' language.
    ways: Vec<(String, String, bool, String)>,
    /// Whether it is set in larger letters.
    large: bool,
    pdf: String,
    text: String,
}

#[derive(Template)]
#[template(path = "privacy_notice/alone.html")]
struct NoticeAlone<'a> {
    notice: &'a PrivacyNotice,
    authority: &'a str,
}

/// A notice as a page of its own that needs nothing beside it.
pub fn notice_alone(notice: &PrivacyNotice, authority: &str) -> String {
    NoticeAlone { notice, authority }.render().unwrap_or_default()
}

/// Which edition, in which language.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    edition: String,
    #[serde(default)]
    lang: String,
}

impl Wanted {
    /// The edition and the language; the whole notice and English for what there is not.
    fn read(&self, app: &App) -> (Edition, String) {
        let edition = Edition::from_code(&self.edition).unwrap_or(Edition::Standard);
        let known = app.service.register().notice_languages();
        let language = known.into_iter().map(|(code, _)| code).find(|code| *code == self.lang);
        (edition, language.unwrap_or_else(|| "en".to_owned()))
    }
}

fn address(at: &str, edition: Edition, language: &str) -> String {
    format!("{at}?edition={}&lang={language}", edition.code())
}

/// GET /privacy
pub(crate) async fn show(State(app): State<App>, Query(wanted): Query<Wanted>) -> Answer {
    let (edition, language) = wanted.read(&app);
    let register = app.service.register();
    let mut ways = Vec::new();
    for (code, _) in register.notice_languages() {
        for other in Edition::ALL {
            let title = register.privacy_notice(*other, &code).title;
            let here = *other == edition && code == language;
            ways.push((address("/privacy", *other, &code), title, here, code.clone()));
        }
    }
    render(&NoticePage {
        page: Page::outside(&app, "Privacy notice"),
        notice: register.privacy_notice(edition, &language),
        ways,
        large: edition != Edition::Standard,
        pdf: address("/privacy/notice.pdf", edition, &language),
        text: address("/privacy/notice.txt", edition, &language),
    })
}

/// GET /privacy/notice.pdf
pub(crate) async fn paper(State(app): State<App>, Query(wanted): Query<Wanted>) -> Answer {
    let (edition, language) = wanted.read(&app);
    let bytes = app.service.notice_paper(edition, &language).await?;
    Ok(pdf(bytes, &format!("privacy-notice-{}-{language}", edition.code())))
}

/// GET /privacy/notice.txt
pub(crate) async fn text(State(app): State<App>, Query(wanted): Query<Wanted>) -> Answer {
    let (edition, language) = wanted.read(&app);
    let text = app.service.register().privacy_notice(edition, &language).plain(false).to_string();
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

#[derive(Template)]
#[template(path = "privacy_notice/paper.html")]
struct PaperPage {
    page: Page,
    notice: PrivacyNotice,
    pdf: String,
}

/// A paper of the register by the word in its address; nothing for another word.
async fn paper_of(signed: &Signed, name: &str) -> Result<PrivacyNotice, ServiceError> {
    let desk = signed.desk(Purpose::Accountability);
    let register = desk.register().await?;
    Ok(match name {
        "record-of-processing" => register.record_of_processing(),
        "impact-facts" => register.impact_facts(),
        "referral-slip" => register.referral_slip(),
        _ => return Err(ServiceError::NotFound),
    })
}

/// GET /register/papers/{name}
pub(crate) async fn register_page(signed: Signed, Path(name): Path<String>) -> Answer {
    let notice = paper_of(&signed, &name).await?;
    let pdf = format!("/register/papers/{name}/pdf");
    render(&PaperPage { page: Page::new(&signed, "Paper of the register", "/register").back("/register"), notice, pdf })
}

/// GET /register/papers/{name}/pdf
pub(crate) async fn register_paper(signed: Signed, Path(name): Path<String>) -> Answer {
    let notice = paper_of(&signed, &name).await?;
    let bytes = notice.paper(signed.app.service.register()).await?;
    Ok(pdf(bytes, &name))
}

#[derive(Template)]
#[template(path = "privacy_notice/promises.html")]
struct PromisesPage {
    page: Page,
    /// What the notice says, who makes it true, how.
    promises: Vec<(Vec<String>, &'static str, &'static str, &'static str)>,
}

/// GET /register/promises: each statement of the notice with what makes it true.
pub(crate) async fn promises(signed: Signed) -> Answer {
    let desk = signed.desk(Purpose::Accountability);
    let notice = desk.register().await?.privacy_notice(Edition::Standard, "en");
    let said = |code: &str| -> Vec<String> {
        let blocks = notice.sections.iter().flat_map(|section| &section.blocks);
        let statements = blocks.flat_map(|block| match block {
            NoticeBlock::Paragraph(said) => vec![said],
            NoticeBlock::Bullets(all) | NoticeBlock::Numbers(all) => all.iter().collect(),
            NoticeBlock::Lines(_) | NoticeBlock::Table { .. } => Vec::new(),
        });
        statements.filter(|said| said.code == code).map(|said| said.text.clone()).collect()
    };
    render(&PromisesPage {
        page: Page::new(&signed, "What keeps each promise", "/register").back("/register"),
        promises: KEPT_BY.iter().map(|line| (said(line.code), line.by.label(), line.how, line.code)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use kith_domain::access::Role;
    use kith_service::privacy_notice::KEPT_BY;

    use crate::testing::{House, Visitor};

    #[tokio::test(flavor = "multi_thread")]
    async fn the_notice_is_read_by_everybody_in_each_edition_and_language() {
        // UK GDPR Art 12(1), 13 and 14: given in an accessible form, also to a child; the notice itself.
        let house = House::open().await;
        let mut stranger = Visitor { router: house.router.clone(), cookie: String::new() };
        for (query, words) in [
            ("", "This notice explains what personal data (information) we hold about you"),
            ("?edition=easy&lang=en", "Some children do not live with their family"),
            ("?edition=children", "Somebody is in the room with you"),
            ("?lang=cy", "Mae’r hysbysiad hwn yn esbonio"),
            ("?edition=children&lang=cy", "Mae rhywun yn yr ystafell gyda ti"),
            ("?edition=none&lang=xx", "This notice explains"),
        ] {
            let page = stranger.get(&format!("/privacy{query}")).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.text().contains(words), "{query}: {}", page.text());
            let text = stranger.get(&format!("/privacy/notice.txt{query}")).await;
            assert!(String::from_utf8_lossy(&text.body).contains(words), "{query}");
        }
        let draft = stranger.get("/privacy?lang=cy").await;
        assert!(draft.text().contains("Cyfieithiad drafft"), "an unchecked translation says so");
        let paper = stranger.get("/privacy/notice.pdf?edition=children&lang=cy").await;
        assert!(paper.status == StatusCode::OK && paper.body.starts_with(b"%PDF-"));
        let again = stranger.get("/privacy/notice.pdf?edition=children&lang=cy").await;
        assert_eq!(paper.body, again.body);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn papers_of_the_register_are_for_those_who_answer_for_it() {
        let house = House::open().await;
        for (role, may) in [(Role::DataProtection, true), (Role::SocialWorker, false)] {
            let mut visitor = house.visitor(role, "north", role.code()).await;
            for (paper, words) in [
                ("papers/record-of-processing", "Purpose: service delivery"),
                ("papers/impact-facts", "Of special categories (Art 9)"),
                ("papers/referral-slip", "What happens with this information"),
                ("promises", KEPT_BY[0].how),
            ] {
                let page = visitor.get(&format!("/register/{paper}")).await;
                assert_eq!(page.status, if may { StatusCode::OK } else { StatusCode::FORBIDDEN }, "{role:?} {paper}");
                assert!(!may || page.text().contains(words), "{paper}: {}", page.text());
            }
            let pdf = visitor.get("/register/papers/record-of-processing/pdf").await;
            assert_eq!(pdf.body.starts_with(b"%PDF-"), may);
        }
    }
}
