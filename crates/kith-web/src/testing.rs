//! For route tests: a visitor with a cookie jar who reads pages and sends their forms as a browser without JavaScript
//! would.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use kith_domain::access::Role;
use kith_service::testing::{Colleague, PASSWORD, REGISTER, TestService};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::reading::{PageRead, encoded};
use crate::{App, Front, router};

/// A service with its pages, in a temporary directory.
pub(crate) struct House {
    pub(crate) test: TestService,
    pub(crate) router: Router,
    _dir: TempDir,
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::open_with(REGISTER).await
    }

    /// With the text of another register than the one that is shipped.
    pub(crate) async fn open_with(register: &str) -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let test = TestService::open_with(dir.path(), register).await.expect("a service");
        let router = router(App { service: test.service.clone(), demo: None, front: Front::default() });
        Self { test, router, _dir: dir }
    }

    /// The same pages reached in another way.
    pub(crate) fn router_with(&self, front: Front) -> Router {
        router(App { service: self.test.service.clone(), demo: None, front })
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
    pub(crate) headers: axum::http::HeaderMap,
}

impl Visitor {
    /// Reads a page.
    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Sends fields as they are, without those of any page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(encoded(fields))).await
    }

    /// Sends fields as the recorder's script does, which reads JSON.
    pub(crate) async fn post_for_json(&mut self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json");
        let seen = self.send(request, Body::from(encoded(fields))).await;
        (seen.status, String::from_utf8_lossy(&seen.body).into_owned())
    }

    /// Fills in the form of a page that goes to `action` (its end is enough) and sends it; what the page already holds
    /// is sent too, `fields` take the place of fields of the same name.
    pub(crate) async fn submit(&mut self, page: &Seen, action: &str, fields: &[(&str, &str)]) -> Seen {
        let form = page.read().form(action);
        let form =
            form.unwrap_or_else(|| panic!("no form to {action} on this page ({}): {}", page.status, page.text()));
        self.post(&form.action, &form.filled(fields)).await
    }

    /// Sends a page's form that asks for the password again, gives it when it is asked for, and says what came of it.
    pub(crate) async fn submit_confirmed(&mut self, page: &Seen, action: &str, fields: &[(&str, &str)]) -> Seen {
        let seen = self.submit(page, action, fields).await;
        if seen.status != StatusCode::FORBIDDEN {
            return seen;
        }
        assert!(seen.text().contains("Nothing has been done yet"), "{action}: {}", seen.text());
        self.submit(&seen, action, &[("confirm_password", PASSWORD)]).await
    }

    /// The same, and follows to where it leads.
    pub(crate) async fn confirm_and_follow(&mut self, page: &Seen, action: &str, fields: &[(&str, &str)]) -> Seen {
        let seen = self.submit_confirmed(page, action, fields).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{action}: {}", seen.text());
        let to = seen.location.clone();
        self.get(&to).await
    }

    /// Sends a page's form and follows to where it leads; the form must have been taken.
    pub(crate) async fn submit_and_follow(&mut self, page: &Seen, action: &str, fields: &[(&str, &str)]) -> Seen {
        let seen = self.submit(page, action, fields).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{action}: {}", seen.text());
        let to = seen.location.split('#').next().unwrap_or_default().to_owned();
        self.get(&to).await
    }

    /// Fills in the form of a page and sends it with a file, as a browser does (RFC 7578): the file stands last.
    pub(crate) async fn upload(
        &mut self,
        page: &Seen,
        action: &str,
        fields: &[(&str, &str)],
        file: (&str, &[u8]),
    ) -> Seen {
        let form = page.read().form(action);
        let form =
            form.unwrap_or_else(|| panic!("no form to {action} on this page ({}): {}", page.status, page.text()));
        let mut body = Vec::new();
        for (name, value) in form.filled(fields).iter().filter(|(name, _)| *name != "file") {
            body.extend(
                format!("--xXx\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes(),
            );
        }
        let (name, content) = file;
        body.extend(
            format!(
                "--xXx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            )
            .into_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--xXx--\r\n");
        self.send_parts(&form.action, body).await
    }

    /// Sends a body in parts, whole or not.
    pub(crate) async fn send_parts(&mut self, path: &str, body: Vec<u8>) -> Seen {
        let request = Request::post(path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=xXx");
        self.send(request, Body::from(body)).await
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Seen {
        let length = axum::body::HttpBody::size_hint(&body).exact().unwrap_or_default();
        let request = request.header(header::CONTENT_LENGTH, length).header(header::COOKIE, self.cookie.clone());
        let request = request.body(body).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let new = cookie.split(';').next().unwrap_or_default();
            let name = new.split('=').next().unwrap_or_default();
            let others =
                self.cookie.split("; ").filter(|kept| kept.split('=').next() != Some(name) && !kept.is_empty());
            self.cookie = others.chain([new]).collect::<Vec<_>>().join("; ");
        }
        let location = parts.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body").to_vec();
        Seen { status: parts.status, location: location.to_owned(), body, headers: parts.headers }
    }
}

impl Seen {
    /// The page as read.
    pub(crate) fn read(&self) -> PageRead {
        PageRead::new(&self.body)
    }

    /// The page's text with spaces folded.
    pub(crate) fn text(&self) -> String {
        self.read().text()
    }

    /// The address it leads to, without its query.
    pub(crate) fn leads_to(&self) -> &str {
        self.location.split('?').next().unwrap_or_default()
    }
}
