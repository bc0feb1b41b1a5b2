//! What every handler has at hand.

use std::sync::Arc;

use kith_domain::calendar;
use kith_service::{Clock, MovableClock, Service};

use crate::front::Front;

/// The application: the service, and the demo's controls when it is one.
#[derive(Clone)]
pub struct App {
    /// The service.
    pub service: Service,
    /// The demo's controls; `None` outside the demo service.
    pub demo: Option<Arc<Demo>>,
    /// How it is reached.
    pub front: Front,
}

/// The demo service's controls: who can sign in, and the clock a stranger can put forward.
pub struct Demo {
    /// The clock.
    pub clock: Arc<MovableClock>,
    /// Who can sign in.
    pub people: Vec<DemoPerson>,
    /// Called when the clock was put forward, to remember it: a demo that is killed must not go back in time.
    pub moved: Box<dyn Fn() + Send + Sync>,
}

/// Somebody a stranger can sign in as. Invented people only.
pub struct DemoPerson {
    /// Role in words.
    pub role: String,
    /// Name.
    pub name: String,
    /// Sign-in name.
    pub login: String,
    /// Password.
    pub password: String,
    /// Secret of the authenticator that the demo stands in for.
    pub totp_secret: String,
}

impl App {
    /// The demo's clock for its banner.
    pub(crate) fn demo_clock(&self) -> Option<String> {
        self.demo
            .as_ref()
            .map(|demo| calendar::in_london(demo.clock.now_ms()).strftime("%A %-d %B %Y, %H:%M").to_string())
    }
}
