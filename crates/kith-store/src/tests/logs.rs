//! No value of a row, and no password, gets into a log, even with every level switched on.

use std::fmt::{Debug, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

use super::{coordinator, ground, person};
use crate::{Store, each_engine};

/// Whether anything is recorded now: the subscriber is that of every test of this process.
static RECORDING: AtomicBool = AtomicBool::new(false);
/// Everything that was logged while recording.
static LOGGED: Mutex<String> = Mutex::new(String::new());

/// Held while recording: the engines' two tests must not switch it off for each other.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

struct Everything;

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0, "{}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Everything {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        RECORDING.load(Ordering::Relaxed)
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Fields(&mut LOGGED.lock().unwrap()));
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Fields(&mut LOGGED.lock().unwrap()));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut Fields(&mut LOGGED.lock().unwrap()));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

each_engine! {
    async fn nothing_of_a_row_and_no_password_is_logged(fixture: &Fixture) {
        let _one = ONE_AT_A_TIME.lock().await;
        // An error means that the same test set it for the other engine.
        let _ = tracing::subscriber::set_global_default(Everything);
        let mut settings = fixture.settings();
        let password = "hunter2-and-more";
        settings.database_url = settings.database_url.map(|url| {
            let (user, server) = url.split_once('@').expect("a URL with a user");
            if user.matches(':').count() > 1 { url } else { format!("{user}:{password}@{server}") }
        });
        RECORDING.store(true, Ordering::Relaxed);
        tracing::trace!(control = "the test can see what is logged");
        let store = Store::open(settings).await.unwrap();
        let ground = ground(&store, "Zephyrine").await;
        let saved = person(&store, &[ground.child], "Oddsworth").await;
        let look = store.look(&coordinator());
        let _: String = look.open(&saved).await.unwrap();
        drop(look);
        // What the engine refuses it explains with values.
        let work = store.work(&coordinator()).await.unwrap();
        let refused = crate::row::insert(&work.db(), saved.clone()).await.unwrap_err();
        tracing::error!(%refused, ?refused);
        drop(work);
        store.close().await.unwrap();
        RECORDING.store(false, Ordering::Relaxed);
        let logged = LOGGED.lock().unwrap().clone();
        assert!(logged.contains("the test can see"));
        let id = saved.id.to_string();
        for secret in [password, "Zephyrine", "Oddsworth", "2044-05", "INSERT INTO", id.as_str()] {
            let line = logged.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret} was logged");
        }
    }
}
