//! Somebody at a browser without JavaScript, over HTTP: reads pages, fills in their forms, follows where they lead.

use std::io::Read;

use kith_web::reading::{PageRead, encoded};
use ureq::Agent;
use ureq::http::Response;

use crate::output::Failure;

/// Largest answer that is read, in bytes: a report with its pictures and room to spare.
const ANSWER_BYTES: u64 = 64 * 1024 * 1024;

/// Somebody at a browser.
pub struct Walker {
    agent: Agent,
    base: String,
    cookie: Option<String>,
}

/// What came back.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The address it was read from, or leads to.
    pub at: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The page as read.
    pub fn page(&self) -> PageRead {
        PageRead::new(&self.body)
    }

    /// Its address without query and anchor.
    pub fn path(&self) -> &str {
        self.at.split(['?', '#']).next().unwrap_or_default()
    }

    /// Fails unless the page says something.
    pub fn says(self, words: &str) -> Result<Self, Failure> {
        let text = self.page().text();
        if text.contains(words) {
            Ok(self)
        } else {
            Err(Failure(format!("the page {} does not say “{words}” (status {})", route(&self.at), self.status)))
        }
    }
}

/// An address with its ids left out, for messages.
fn route(at: &str) -> String {
    let path = at.split('?').next().unwrap_or_default();
    path.split('/').map(|part| if part.len() == 36 { "…" } else { part }).collect::<Vec<_>>().join("/")
}

impl Walker {
    /// Somebody new at a service's address, such as `http://127.0.0.1:8080`.
    pub fn at(base: &str) -> Self {
        let config = Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
        Self { agent: config.into(), base: base.to_owned(), cookie: None }
    }

    /// Somebody whose browser holds a cookie already.
    pub fn signed_in(base: &str, cookie: &str) -> Self {
        Self { cookie: Some(cookie.to_owned()), ..Self::at(base) }
    }

    /// The cookie that the browser holds.
    pub fn cookie(&self) -> String {
        self.cookie.clone().unwrap_or_default()
    }

    /// Sends fields as the script does and reads the JSON that comes back.
    pub fn post_json(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<serde_json::Value, Failure> {
        let mut request =
            self.agent.post(format!("{}{path}", self.base)).header("content-type", "application/x-www-form-urlencoded");
        request = request.header("accept", "application/json");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let answer = request.send(encoded(fields).as_bytes())?;
        let answer = self.take(answer, path)?;
        Ok(serde_json::from_slice(&answer.body)?)
    }

    /// Reads a page; following where it leads.
    pub fn get(&mut self, path: &str) -> Result<Answer, Failure> {
        let mut path = path.split('#').next().unwrap_or_default().to_owned();
        for _ in 0..5 {
            let mut request = self.agent.get(format!("{}{path}", self.base));
            if let Some(cookie) = &self.cookie {
                request = request.header("cookie", cookie);
            }
            let answer = self.take(request.call()?, &path)?;
            if !(300..400).contains(&answer.status) {
                return Ok(answer);
            }
            answer.at.split('#').next().unwrap_or_default().clone_into(&mut path);
        }
        Err(Failure(format!("the page {} leads in circles", route(&path))))
    }

    /// Sends fields; does not follow.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Answer, Failure> {
        let mut request =
            self.agent.post(format!("{}{path}", self.base)).header("content-type", "application/x-www-form-urlencoded");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let answer = request.send(encoded(fields).as_bytes())?;
        self.take(answer, path)
    }

    /// Fills in the form of a page whose address ends so, sends it and follows. The form must be taken.
    pub fn submit(&mut self, from: &Answer, action: &str, fields: &[(&str, &str)]) -> Result<Answer, Failure> {
        let page = from.page();
        let form = page.form(action).ok_or_else(|| {
            Failure(format!("the page {} has no form to {action} (status {})", route(&from.at), from.status))
        })?;
        let sent = self.post(&form.action, &form.filled(fields))?;
        if (300..400).contains(&sent.status) {
            let to = sent.at.clone();
            return self.get(&to);
        }
        if sent.status < 300 {
            return Ok(sent);
        }
        Err(Failure(format!("{} answered {}: {}", route(&form.action), sent.status, problem(&sent))))
    }

    fn take(&mut self, mut answer: Response<ureq::Body>, path: &str) -> Result<Answer, Failure> {
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        if let Some(cookie) = header("set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        let at = header("location").unwrap_or_else(|| path.to_owned());
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        answer.body_mut().as_reader().take(ANSWER_BYTES).read_to_end(&mut body)?;
        Ok(Answer { status, at, body })
    }
}

/// What a page that refuses says: its title and first words.
fn problem(answer: &Answer) -> String {
    let text = answer.page().text();
    let from = text.find("There is a problem").unwrap_or(0);
    text.get(from..).unwrap_or(&text).chars().take(300).collect()
}
