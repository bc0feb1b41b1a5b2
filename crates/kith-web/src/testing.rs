//! For route tests: a visitor with a cookie jar who reads pages and sends their forms as a browser without JavaScript
//! would.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use kith_domain::access::Role;
use kith_service::testing::{Colleague, PASSWORD, TestService};
use scraper::{ElementRef, Html, Selector};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{App, router};

/// A service with its pages, in a temporary directory.
pub(crate) struct House {
    pub(crate) test: TestService,
    pub(crate) router: Router,
    _dir: TempDir,
}

impl House {
    pub(crate) async fn open() -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let test = TestService::open(dir.path()).await.expect("a service");
        let router = router(App { service: test.service.clone(), demo: None });
        Self { test, router, _dir: dir }
    }

    /// Somebody new, signed in.
    pub(crate) async fn visitor(&self, role: Role, area: &str, login: &str) -> Visitor {
        let colleague = self.test.colleague(role, area, login).await.expect("an account");
        self.sign_in(&colleague).await
    }

    /// Somebody signed in. A code works once, so each sign-in puts the clock of sign-in on by half a minute.
    pub(crate) async fn sign_in(&self, colleague: &Colleague) -> Visitor {
        use kith_service::Clock;
        self.test.real_clock.move_to(self.test.real_clock.now_ms() + 30_000);
        let mut visitor = Visitor { router: self.router.clone(), cookie: String::new() };
        let code = self.test.service.code_now(&colleague.totp_secret).expect("a code");
        let seen =
            visitor.post("/sign-in", &[("login", &colleague.login), ("password", PASSWORD), ("code", &code)]).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.text());
        visitor
    }
}

/// Somebody at a browser.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) router: Router,
    pub(crate) cookie: String,
}

/// What came back.
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) body: Vec<u8>,
    #[allow(dead_code, reason = "read by the tests of answers that are not pages")]
    pub(crate) headers: axum::http::HeaderMap,
}

impl Visitor {
    /// Reads a page.
    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Sends fields as they are, without those of any page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let encode = crate::person::encode;
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body.join("&"))).await
    }

    /// Fills in the form of a page that goes to `action` (its end is enough) and sends it; what the page already holds
    /// is sent too, `fields` take the place of fields of the same name.
    pub(crate) async fn submit(&mut self, page: &Seen, action: &str, fields: &[(&str, &str)]) -> Seen {
        let (to, held) = page.form(action);
        let mut all: Vec<(&str, &str)> = held
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !fields.iter().any(|(given, _)| given == name))
            .collect();
        all.extend(fields);
        self.post(&to, &all).await
    }

    /// Sends a page's form and follows to where it leads; the form must have been taken.
    pub(crate) async fn submit_and_follow(&mut self, page: &Seen, action: &str, fields: &[(&str, &str)]) -> Seen {
        let seen = self.submit(page, action, fields).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{action}: {}", seen.text());
        let to = seen.location.split('#').next().unwrap_or_default().to_owned();
        self.get(&to).await
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Seen {
        let request = request.header(header::COOKIE, self.cookie.clone()).body(body).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        if let Some(cookie) = parts.headers.get(header::SET_COOKIE).and_then(|value| value.to_str().ok()) {
            self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        }
        let location = parts.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body").to_vec();
        Seen { status: parts.status, location: location.to_owned(), body, headers: parts.headers }
    }
}

impl Seen {
    /// The page's text with spaces folded.
    pub(crate) fn text(&self) -> String {
        let html = Html::parse_document(&String::from_utf8_lossy(&self.body));
        html.root_element().text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The id at the end of the place it leads to.
    pub(crate) fn leads_to(&self) -> &str {
        self.location.split('?').next().unwrap_or_default()
    }

    /// Where a page's form goes and what it holds, as a browser would send it.
    fn form(&self, action: &str) -> (String, Vec<(String, String)>) {
        let html = Html::parse_document(&String::from_utf8_lossy(&self.body));
        let select = |css: &str| Selector::parse(css).expect("a selector");
        let forms = select("form[method=post]");
        let form = html
            .select(&forms)
            .find(|form| form.attr("action").is_some_and(|to| to.ends_with(action)))
            .unwrap_or_else(|| panic!("no form to {action} on this page ({}): {}", self.status, self.text()));
        let mut held = Vec::new();
        for field in form.select(&select("input[name], textarea[name], select[name]")) {
            let name = field.attr("name").unwrap_or_default().to_owned();
            let kind = field.attr("type").unwrap_or_default();
            let value = match (field.value().name(), kind) {
                ("input", "radio" | "checkbox") if field.attr("checked").is_none() => continue,
                ("textarea", _) => {
                    let text: String = field.text().collect();
                    text.strip_prefix('\n').unwrap_or(&text).to_owned()
                }
                ("select", _) => selected(&field),
                _ => field.attr("value").unwrap_or_default().to_owned(),
            };
            held.push((name, value));
        }
        (form.attr("action").unwrap_or_default().to_owned(), held)
    }
}

fn selected(field: &ElementRef) -> String {
    let options = Selector::parse("option[selected]").expect("a selector");
    field.select(&options).next().and_then(|option| option.attr("value")).unwrap_or_default().to_owned()
}
