//! For tests of this crate and of `kith-web`: a service on a temporary directory, with people in it and a clock that
//! stands.

mod case;
mod diary;
mod ground;
#[cfg(test)]
mod hand;
mod many;

use std::path::Path;
use std::sync::Arc;

use jiff::civil::date;
use kith_domain::access::{Actor, Purpose, Role};
use kith_domain::account::AccountFacts;
use kith_domain::calendar;
use kith_domain::form::Words;
use kith_domain::ids::{AccountId, CertificateId, ChildId, RequestId};
use kith_domain::retention::{CertificateBody, CertificateState};
use kith_domain::rights::{HeldSubject, Step, StepKind};
use kith_store::{AccountState, Certificate, Credentials, Settings};
use uuid::Uuid;

use crate::password::hash_password;
use crate::sign_in::new_totp_secret;
use crate::{Desk, Mail, MovableClock, Register, Service, ServiceError, Setup};

pub use case::{AcceptedChild, whole_arrangement, whole_assessment};
pub use diary::PLACEMENT_ADDRESS;
pub use ground::{Ground, observed, signature, typed};
#[cfg(test)]
pub(crate) use hand::CaseInHand;

/// The password of everybody in a test.
pub const PASSWORD: &str = "four quiet words here";
/// The register that is shipped.
pub const REGISTER: &str = include_str!("../../../config/kith.toml");

/// A text for a snapshot: one word in the place of every id, file reference (`7F3A-90BC`) and digest, which are random.
pub fn steady(text: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut steady = String::new();
    for piece in text.split_inclusive(|c| !word(c)) {
        let end = piece.find(|c| !word(c)).unwrap_or(piece.len());
        let (token, rest) = piece.split_at(end);
        let hex = token.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
        steady.push_str(match (token.len(), hex) {
            (36, true) => "ID",
            (64, true) => "DIGEST",
            (9, true) if token.as_bytes()[4] == b'-' => "REFERENCE",
            _ => token,
        });
        steady.push_str(rest);
    }
    steady
}

/// What a person wrote.
///
/// # Panics
///
/// When there are no words.
pub fn words(text: &str) -> Words {
    Words::new(text).unwrap()
}

/// A service on a temporary directory. It is Tuesday 24 November 2026, 09:00.
pub struct TestService {
    /// The service.
    pub service: Service,
    /// Its clock, which stands until it is moved.
    pub clock: Arc<MovableClock>,
    /// The clock of sign-in.
    pub real_clock: Arc<MovableClock>,
}

/// A member of staff in a test.
#[derive(Clone)]
pub struct Colleague {
    /// The account.
    pub id: AccountId,
    /// Sign-in name.
    pub login: String,
    /// Secret of the authenticator.
    pub totp_secret: String,
    /// Who acts.
    pub actor: Actor,
}

impl TestService {
    /// Opens a service in a directory.
    pub async fn open(dir: &Path) -> Result<Self, ServiceError> {
        Self::open_with(dir, REGISTER).await
    }

    /// Opens a service that sends messages.
    pub async fn open_with_mail(dir: &Path, mail: Mail) -> Result<Self, ServiceError> {
        Self::open_as(dir, REGISTER, Some(mail)).await
    }

    /// Opens a service with the text of another register than the one that is shipped.
    pub async fn open_with(dir: &Path, register: &str) -> Result<Self, ServiceError> {
        Self::open_as(dir, register, None).await
    }

    async fn open_as(dir: &Path, register: &str, mail: Option<Mail>) -> Result<Self, ServiceError> {
        let register = Register::parse(Path::new("kith.toml"), register)
            .map_err(|_| ServiceError::Broken("the register that is shipped is good"))?;
        let now_ms = calendar::instant_ms(date(2026, 11, 24), 9 * 60);
        let clock = Arc::new(MovableClock::standing_at(now_ms));
        let real_clock = Arc::new(MovableClock::standing_at(now_ms));
        let code = register.code().to_owned();
        if dir.exists() {
            kith_store::testing::for_its_owner(dir);
        }
        let of = Settings::of(dir.to_path_buf(), code, register.items().clone());
        let store = Settings { reserve_mib: 0, ..of };
        let setup = Setup { store, register, clock: clock.clone(), real_clock: real_clock.clone(), mail };
        Ok(Self { service: Service::open(setup).await?, clock, real_clock })
    }

    /// Forgets every unwrapped key, so that those which a page needs are kept from one moment on.
    pub fn forget_keys(&self) {
        self.service.store().forget_keys();
    }

    /// A new member of staff, ready to sign in.
    pub async fn colleague(&self, role: Role, area: &str, login: &str) -> Result<Colleague, ServiceError> {
        let id = AccountId(Uuid::now_v7());
        let totp_secret = new_totp_secret()?;
        let credentials = Credentials {
            password_hash: Some(hash_password(PASSWORD.to_owned()).await?),
            totp_secret: Some(totp_secret.clone()),
            ..Credentials::default()
        };
        let facts = AccountFacts {
            name: format!("{} {}", login.to_uppercase(), role.label()),
            login: login.to_owned(),
            role,
            area: area.to_owned(),
            phone: "01632 960 001".to_owned(),
            email: format!("{login}@nenedale.example"),
        };
        self.service
            .own_desk(Purpose::Administration)
            .put_account(id, facts, AccountState::Active, credentials)
            .await?;
        Ok(Colleague { id, login: login.to_owned(), totp_secret, actor: Actor::staff(id, role, area) })
    }

    /// Destroys a file through the door that the service goes through, past those who approve.
    pub async fn destroyed(&self, child: ChildId) -> Result<(), ServiceError> {
        let desk = self.service.own_desk(Purpose::Accountability);
        let today = calendar::day_number(self.service.today());
        let certificate = Certificate {
            id: CertificateId(Uuid::now_v7()),
            version: 0,
            child,
            list: None,
            state: CertificateState::Begun,
            destroyed_ms: self.service.now_ms(),
            gone_day: today,
            body: CertificateBody {
                child,
                category: None,
                month: String::new(),
                proposed_by: None,
                proposed_ms: self.service.now_ms(),
                approvals: Vec::new(),
                archived: None,
            },
        };
        let of = &certificate;
        desk.change(
            "destruction.begun",
            |work| async move { Ok(work.begin_destruction(&mut of.clone(), today).await?) },
        )
        .await?;
        Ok(self.service.store().destroy_file(child).await?)
    }

    /// Asks for so much room on the disk that there is too little, or for none.
    pub fn disk_is_full(&self, full: bool) {
        self.service.store().set_reserve_mib(if full { u64::MAX } else { 0 });
    }

    /// Somebody's desk for a purpose.
    pub fn desk(&self, colleague: &Colleague, purpose: Purpose) -> Desk {
        self.service.desk(colleague.actor.clone(), purpose)
    }
}

impl Desk {
    /// Writes down who of those held a request is about, as `say_who_is_held` does of those whom it found.
    pub async fn found_for_test(&self, id: RequestId, subjects: Vec<HeldSubject>) -> Result<(), ServiceError> {
        let found =
            Step::of(StepKind::Found, self.service.today(), "Found".to_owned(), Some(self.me()?), self.now_ms());
        let step = Step { subjects, ..found };
        let calendar = self.service.register().calendar();
        self.change("request.found", |work| {
            let step = step.clone();
            async move {
                let mut row = work.person_request(id).await?;
                let taken = row.body.take(step, self.service.today(), calendar);
                taken.map_err(|_| ServiceError::Broken("a request of a test does not take this step"))?;
                Ok(work.save_person_request(&mut row).await?)
            }
        })
        .await
    }
}
