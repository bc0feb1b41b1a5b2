//! A contact service's long life, accelerated: births, deaths, moves, orders, requests, withdrawals, holds, destructions, staff who
//! come and go, versions of the register; and after each day a look at whether a promise is broken.
//!
//! It is the program that lives: the services that people use, on a store of its own in a directory, with the program's clock put
//! forward. What it did the simulation writes into notes of its own ([`notes`]), and holds what is on disk and what pages are
//! given against its own small reading of the handbook ([`promise`]), never against the program's rules.
//!
//! # Why days without an event may be left out
//!
//! "After each day" holds although most days are not visited. What a page, a list, a destruction or a clock answers depends on what
//! is stored and on today. Nothing is stored but by somebody who does something or by a job that has become due; and today only
//! matters where it is compared with a day: the last day of a file, the last day of a request, the day of a hold's review, the
//! first of a month on which Kith proposes by itself. So between two days on which something happens, a job is due or one of these
//! days comes, every answer stays as it is. Visited are all days on which something happens or a job is due (which is asked of the
//! database itself, so that a clock that the program starts and the story knows nothing of is visited too), the last day of each
//! file and the day after it, the last day of each open request and the day after, the day of each review, and each first of a
//! month while a file waits that nothing keeps.

mod act;
mod chance;
mod check;
mod disk;
#[cfg(feature = "testing")]
mod meddle;
mod notes;
mod promise;
mod story;
mod town;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use kith_domain::calendar::{in_london, instant_ms};
use kith_service::{Clock, MovableClock, Register, Service, ServiceError, Setup};
use kith_store::{Settings, StoreError, create_private};

#[cfg(feature = "testing")]
pub use meddle::{Meddle, live_meddled};
pub use promise::{Broken, Promise};

use chance::Chance;
use disk::Disk;
use notes::Notes;
use promise::plus;
use story::{Agenda, BEGINS, Family};
use town::Town;

/// The register that is shipped.
pub const REGISTER: &str = include_str!("../../../config/kith.toml");

/// What is to be lived through.
pub struct Plan {
    /// A directory that is not there, or empty and its owner's alone.
    pub data: PathBuf,
    /// The story: the same seed tells the same.
    pub seed: u64,
    /// How many children are referred.
    pub children: usize,
    /// For how many years.
    pub years: i16,
    /// The text of the authority's register.
    pub register: String,
}

/// What happened, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The last day that was lived through.
    pub until: Date,
    /// Days on which something happened or was due.
    pub days: u64,
    /// Births that became known.
    pub births: u64,
    /// Deaths written down.
    pub deaths: u64,
    /// Children referred.
    pub referred: u64,
    /// Changes on files: moves, orders, adults, restrictions.
    pub changes: u64,
    /// Consents that were withdrawn.
    pub withdrawn: u64,
    /// Requests of people.
    pub requests: u64,
    /// Requests that ended.
    pub requests_ended: u64,
    /// Legal holds.
    pub holds: u64,
    /// Lists that were proposed.
    pub lists: u64,
    /// Files destroyed.
    pub destroyed: u64,
    /// Members of staff who were replaced.
    pub comings: u64,
    /// Versions of the register.
    pub registers: u64,
    /// Single questions that were asked of the disk or of a page.
    pub checks: u64,
    /// Entries of the access log, verified at the end.
    pub entries: u64,
    /// The promises that were broken: the life ends with the first day on which there is one.
    pub broken: Vec<Broken>,
}

/// Why the life could not be lived.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The service did not do what somebody who may asked of it.
    #[error("{day}: somebody {what}{of}, and the service said: {error}")]
    Refused {
        /// On which day; filled in when it is told.
        day: Date,
        /// What they did.
        what: &'static str,
        /// Of which file.
        of: String,
        /// What came back.
        error: String,
    },
    /// Nobody is there who could do it.
    #[error("nobody works here as {0}")]
    Nobody(&'static str),
    /// The register cannot be read.
    #[error("the register: {0}")]
    Register(String),
    /// The service cannot be opened.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The databases on disk cannot be read.
    #[error("on disk: {0}")]
    Disk(#[from] sea_orm::DbErr),
}

/// What somebody did, or why the story stops here.
pub(crate) fn done<T>(what: &'static str, file: Option<usize>, done: Result<T, ServiceError>) -> Result<T, Failure> {
    done.map_err(|error| {
        let of = file.map(|file| format!(" (file {file})")).unwrap_or_default();
        // What is wrong is named by its field: the words of a form could repeat what was typed.
        let error = match error {
            ServiceError::Invalid(problems) => {
                problems.iter().map(|of| of.field.as_str()).collect::<Vec<_>>().join(", ")
            }
            ServiceError::Refused(refusal) => refusal.code.to_owned(),
            other => other.to_string(),
        };
        Failure::Refused { day: Date::default(), what, of, error }
    })
}

/// Everything there is.
pub(crate) struct World {
    plan: Plan,
    chance: Chance,
    /// What is looked at by chance: a story does not change with what is checked in it.
    looks: Chance,
    clock: Arc<MovableClock>,
    service: Service,
    disk: Disk,
    town: Town,
    notes: Notes,
    families: Vec<Family>,
    agenda: Agenda,
    today: Date,
    /// The files whose certificate was looked at.
    certified: BTreeSet<usize>,
    /// The files whose end may be another since it was looked at.
    touched: BTreeSet<usize>,
    /// Whether the page of the requests is to be looked at: something was done about one, or its last day is near.
    looks_at_requests: bool,
    told: Told,
    /// How many entries of the log may be unsigned by now.
    unsigned: u64,
    #[cfg(feature = "testing")]
    meddler: meddle::Meddler,
}

/// Lives through it. `say` is told once in a decade how far it has come. The service is closed at the end; what it left lies in the
/// directory.
pub async fn live(plan: Plan, say: &mut dyn FnMut(&str)) -> Result<Told, Failure> {
    let mut world = World::begin(plan).await?;
    world.live(say).await
}

fn open_settings(data: &Path, register: &Register) -> Settings {
    let of = Settings::of(data.to_path_buf(), register.code().to_owned(), register.items().clone());
    Settings { reserve_mib: 0, ..of }
}

async fn open(data: &Path, register: &str, clock: &Arc<MovableClock>) -> Result<Service, Failure> {
    let register = Register::parse(Path::new("kith.toml"), register);
    let register = register.map_err(|error| Failure::Register(error.to_string()))?;
    let store = open_settings(data, &register);
    let setup = Setup { store, register, clock: clock.clone(), real_clock: clock.clone(), mail: None };
    Ok(Service::open(setup).await?)
}

impl World {
    async fn begin(plan: Plan) -> Result<Self, Failure> {
        let clock = Arc::new(MovableClock::standing_at(instant_ms(BEGINS, 8 * 60)));
        create_private(&plan.data)?;
        let service = open(&plan.data, &plan.register, &clock).await?;
        let disk = Disk::open(&plan.data).await?;
        let mut world = Self {
            chance: Chance::new(plan.seed),
            looks: Chance::new(!plan.seed),
            plan,
            clock,
            service,
            disk,
            town: Town::default(),
            notes: Notes::default(),
            families: Vec::new(),
            agenda: Agenda::default(),
            today: BEGINS,
            certified: BTreeSet::new(),
            touched: BTreeSet::new(),
            looks_at_requests: false,
            told: Told { registers: 1, ..Told::default() },
            unsigned: 0,
            #[cfg(feature = "testing")]
            meddler: meddle::Meddler::default(),
        };
        world.open_the_house().await?;
        world.write_families();
        Ok(world)
    }

    async fn live(&mut self, say: &mut dyn FnMut(&str)) -> Result<Told, Failure> {
        let end = Date::constant(BEGINS.year() + self.plan.years, BEGINS.month(), BEGINS.day());
        let mut decade = BEGINS.year() + 10;
        while let Some(day) = self.next_day().await?.filter(|day| *day < end) {
            while day.year() >= decade {
                let told = &self.told;
                say(&format!(
                    "{decade}: {} children referred, {} requests, {} holds, {} files destroyed, {} checks",
                    told.referred, told.requests, told.holds, told.destroyed, told.checks
                ));
                decade += 10;
            }
            self.day(day).await.map_err(|failure| match failure {
                Failure::Refused { what, of, error, .. } => Failure::Refused { day, what, of, error },
                other => other,
            })?;
            if !self.told.broken.is_empty() {
                break;
            }
        }
        if self.told.broken.is_empty() {
            self.told.until = end;
            self.check_log().await?;
        }
        self.disk.close().await?;
        self.service.close().await?;
        Ok(self.told.clone())
    }

    /// The next day on which something can be different from today.
    async fn next_day(&self) -> Result<Option<Date>, Failure> {
        let tomorrow = plus(self.today, 1);
        let job = self.disk.next_job().await?.map(|due_ms| in_london(due_ms).date());
        let waits = (0..self.notes.files.len()).any(|file| {
            let of = &self.notes.files[file];
            of.gone.is_none() && of.is_over(self.today) && !self.notes.is_listed(file)
        });
        let first =
            Date::constant(self.today.year(), self.today.month(), 1).saturating_add(jiff::Span::new().months(1));
        let first = waits.then_some(first);
        Ok([self.agenda.next_day(), job, first].into_iter().flatten().map(|day| day.max(tomorrow)).min())
    }

    /// Sets the clock to a time of the day, in minutes.
    fn at(&self, minute: i64) {
        #[cfg(feature = "testing")]
        let day = plus(self.today, self.meddler.clock_ahead_days);
        #[cfg(not(feature = "testing"))]
        let day = self.today;
        self.clock.move_to(instant_ms(day, minute));
    }

    /// Time passes between two things that one person does after the other.
    pub(crate) fn a_minute_passes(&self) {
        self.clock.move_to(self.now_ms() + 60_000);
    }

    async fn day(&mut self, day: Date) -> Result<(), Failure> {
        self.today = day;
        self.told.days += 1;
        self.told.until = day;
        self.at(8 * 60);
        #[cfg(feature = "testing")]
        self.meddle_in_the_morning();
        done("lets Kith do what waits", None, self.service.do_waiting_work().await)?;
        self.notice_lists().await?;
        for (minute, event) in (9 * 60..).zip(self.agenda.take(day)) {
            self.at(minute);
            self.happens(event).await?;
        }
        self.at(20 * 60);
        done("lets Kith do what waits", None, self.service.do_waiting_work().await)?;
        self.notice_lists().await?;
        #[cfg(feature = "testing")]
        self.meddle().await?;
        self.check().await?;
        self.sign_now_and_then().await
    }

    /// Signs what is in the log by now: a service does so each second, which is of no matter to what is asked here.
    async fn sign_now_and_then(&mut self) -> Result<(), Failure> {
        self.unsigned += 1;
        if self.unsigned >= 40 {
            self.unsigned = 0;
            self.service.sequence().await?;
        }
        Ok(())
    }

    /// The register gets another version: a day on which nobody works is proclaimed, two years ahead. The data protection officer writes it,
    /// a manager approves it; then the service is stopped and started with the file of its first day, which counts no more.
    async fn another_register(&mut self) -> Result<(), Failure> {
        let day = Date::constant(self.today.year() + 2, 6, 8);
        self.notes.proclaimed.push(day);
        let mut text = self.plan.register.clone();
        for day in &self.notes.proclaimed {
            let _ = write!(text, "\n[[closed_days]]\nday = \"{day}\"\nname = \"Day of celebration\"\n");
        }
        self.approve_register(&text).await?;
        self.service.close().await?;
        self.service = open(&self.plan.data, &self.plan.register, &self.clock).await?;
        self.told.registers += 1;
        Ok(())
    }

    /// Now, as the program has it, UTC milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A promise that was broken.
    pub(crate) fn broken(&mut self, promise: Promise, found: String) {
        self.told.broken.push(Broken { day: self.today, promise, found });
    }

    /// Asks one thing: `found` says what is wrong when it is not so.
    pub(crate) fn ask(&mut self, promise: Promise, is_so: bool, found: impl FnOnce() -> String) {
        self.told.checks += 1;
        if !is_so {
            self.broken(promise, found());
        }
    }
}
