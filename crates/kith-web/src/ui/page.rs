//! The page around a page: who is signed in, where they can go, the demo's banner.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use kith_domain::access::Role;
use kith_domain::calendar;
use kith_service::referral::MARKING;
use kith_store::StoreError;

use crate::app::App;
use crate::error::Answer;
use crate::person::Signed;

/// The page around a page. Titles say what a page is and never who it is about: a browser keeps them, so they are words of
/// the program and nothing that was typed.
pub(crate) struct Page {
    /// The title, also the page's h1 unless the template has its own.
    pub(crate) title: &'static str,
    /// Whether something on the page is wrong, which the title says first.
    pub(crate) error: bool,
    /// The authority.
    pub(crate) authority: String,
    /// How the service is called.
    pub(crate) service: String,
    /// Name and role of the person who is signed in.
    pub(crate) person: Option<(String, String)>,
    /// How what is on it is to be kept, for a print-out.
    pub(crate) marking: &'static str,
    /// As of when it is, for a print-out.
    pub(crate) at: String,
    /// An opaque id of the person.
    pub(crate) person_id: String,
    /// Where they can go: address, words, whether they are there.
    pub(crate) nav: Vec<(&'static str, &'static str, bool)>,
    /// The token of forms.
    pub(crate) csrf: String,
    /// Minutes until sign-out.
    pub(crate) idle_minutes: i64,
    /// The demo's clock; `None` outside the demo.
    pub(crate) demo_clock: Option<String>,
    /// Whether the demo's clock can be put forward here.
    pub(crate) demo_controls: bool,
    /// Why nothing can be changed, if it is so.
    pub(crate) only_reads: Option<&'static str>,
    /// On which day the access log was begun anew, if that was lately.
    pub(crate) log_begun_anew: Option<String>,
    /// Where "Back" goes.
    pub(crate) back: Option<String>,
    /// What has just been done.
    pub(crate) done: Option<&'static str>,
}

impl Page {
    /// A page of a signed-in person. `here` is the address of the part of the service it belongs to.
    pub(crate) fn new(signed: &Signed, title: &'static str, here: &str) -> Self {
        let mut page = Self::outside(&signed.app, title);
        page.person = Some((signed.person.name.clone(), signed.role().label().to_owned()));
        // The account and not the sign-in: somebody who signs in again is still the same person to the recorder's script.
        page.person_id = signed.actor().account.map(|account| account.to_string()).unwrap_or_default();
        page.csrf.clone_from(&signed.csrf);
        page.nav = nav(signed.role()).into_iter().map(|(to, words)| (to, words, to == here)).collect();
        page.demo_controls = signed.app.demo.is_some();
        page
    }

    /// A page for somebody who is not signed in.
    pub(crate) fn outside(app: &App, title: &'static str) -> Self {
        let register = app.service.register();
        Self {
            title,
            error: false,
            authority: register.authority().name.clone(),
            service: register.authority().service.clone(),
            person: None,
            marking: MARKING,
            at: calendar::long_instant(app.service.now_ms()),
            person_id: String::new(),
            nav: Vec::new(),
            csrf: String::new(),
            idle_minutes: register.idle_minutes(),
            demo_clock: app.demo_clock(),
            demo_controls: false,
            only_reads: app.service.only_reads().map(|why| match why {
                StoreError::LogStopped => "the access log cannot be signed",
                _ => "the disk of Kith is nearly full",
            }),
            log_begun_anew: app
                .service
                .log_begun_anew_ms()
                .map(|ms| calendar::long_date(calendar::in_london(ms).date())),
            back: None,
            done: None,
        }
    }

    /// With a way back.
    pub(crate) fn back(mut self, to: impl Into<String>) -> Self {
        self.back = Some(to.into());
        self
    }

    /// With the word that something is wrong in the title, as GOV.UK asks for.
    pub(crate) fn with_error(mut self, error: bool) -> Self {
        self.error = error;
        self
    }

    /// With a banner of what has just been done, from the query's `done`.
    pub(crate) fn with_done(mut self, done: Option<&'static str>) -> Self {
        self.done = done;
        self
    }
}

fn nav(role: Role) -> Vec<(&'static str, &'static str)> {
    match role {
        Role::SocialWorker => vec![("/", "Home"), ("/referrals", "Referrals"), ("/children", "Children")],
        Role::Coordinator => {
            vec![
                ("/", "Home"),
                ("/referrals", "Referrals"),
                ("/children", "Children"),
                ("/plans", "Plans"),
                ("/diary", "Diary"),
                ("/approvals", "Approvals"),
            ]
        }
        Role::Manager => {
            vec![
                ("/", "Home"),
                ("/referrals", "Referrals"),
                ("/children", "Children"),
                ("/plans", "Plans"),
                ("/diary", "Diary"),
                ("/approvals", "Approvals"),
                ("/reviews", "Reviews"),
            ]
        }
        Role::Supervisor => vec![("/", "Home"), ("/my-day", "My day"), ("/diary", "Diary")],
        Role::DataProtection => vec![
            ("/", "Home"),
            ("/requests", "Requests"),
            ("/breaches", "Breaches"),
            ("/retention", "Retention"),
            ("/sharing", "Sharing"),
            ("/research", "Research"),
            ("/register", "Register"),
            ("/audit", "Access log"),
        ],
        Role::Auditor => vec![("/", "Home"), ("/audit", "Access log"), ("/register", "Register")],
        Role::Administrator => {
            vec![
                ("/", "Home"),
                ("/admin/accounts", "Accounts"),
                ("/admin/venues", "Venues"),
                ("/admin/hours", "Working hours"),
                ("/register", "Register"),
            ]
        }
        Role::System => Vec::new(),
    }
}

/// A state in a word, with its colour.
pub(crate) struct Tag {
    /// The modifier of `kith-tag`.
    pub(crate) kind: &'static str,
    /// The word.
    pub(crate) words: String,
}

/// A step of the case.
pub(crate) struct Step {
    /// Its name.
    pub(crate) name: &'static str,
    /// `done`, `current` or `to-come`.
    pub(crate) state: &'static str,
    /// What to say under it.
    pub(crate) words: String,
}

/// The stages of a case, of which `reached` are done and the next is under way.
pub(crate) fn stages(reached: usize) -> Vec<Step> {
    const NAMES: [&str; 8] = ["Referral", "Verification", "Risk", "Plan", "Sessions", "Record", "Review", "Report"];
    let step = |(index, name): (usize, &'static str)| match index.cmp(&reached) {
        std::cmp::Ordering::Less => Step { name, state: "done", words: "Done".into() },
        std::cmp::Ordering::Equal => Step { name, state: "current", words: "Now".into() },
        std::cmp::Ordering::Greater => Step { name, state: "to-come", words: "To come".into() },
    };
    NAMES.into_iter().enumerate().map(step).collect()
}

/// A page as an answer.
pub(crate) fn render(template: &impl Template) -> Answer {
    render_with(StatusCode::OK, template)
}

/// A page as an answer with a status, such as 422 when something typed is wrong.
pub(crate) fn render_with(status: StatusCode, template: &impl Template) -> Answer {
    let body = template.render().map_err(|_| kith_service::ServiceError::Broken("a page could not be made"))?;
    Ok((status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response())
}

/// After a form was taken: go and see (303), so that loading again sends nothing twice.
#[expect(clippy::unnecessary_wraps, reason = "handlers end with it, as they do with `render`")]
pub(crate) fn see_other(to: &str) -> Answer {
    Ok(axum::response::Redirect::to(to).into_response())
}
