//! Signing in: name, password and code; the signed-in browser; signing out.

use std::net::IpAddr;

use kith_domain::access::{Access, Actor, Purpose};
use kith_domain::ids::{AccountId, SignInId};
use kith_domain::notice::NoticeKind;
use kith_store::{Account, AccountState, SignIn};
use totp_rs::{Builder, Secret, Totp};
use uuid::Uuid;

use crate::door::WRONG_MAX;
use crate::hashing::Lane;
use crate::password::verify_password;
use crate::{Service, ServiceError};

mod device;
pub use device::{DEVICE_DAYS, DEVICES_MAX};

/// Wrong attempts after which strangers have to wait before they can try an account again.
const ATTEMPTS_MAX: i64 = 5;
/// For how long after the fifth, the sixth, the seventh and every further one. A browser that has signed in to the account
/// before does not wait.
const LOCKED_MS: [i64; 4] = [60_000, 5 * 60_000, 15 * 60_000, 60 * 60_000];
/// How long an ended sign-in is remembered, so that a form sent from a stale tab can be given back.
const REMEMBERED_MS: i64 = 24 * 3_600_000;
/// How far clocks of servers may be apart.
pub(crate) const AHEAD_MS: i64 = 60_000;
/// A sign-in in use is noted at most this often.
const TOUCH_MS: i64 = 60_000;

const WRONG: &str = "The sign-in name, password or code is not right. Check them and try again. After five wrong attempts there is a wait of a minute, and then longer each time";
const USED: &str = "This code has been used already. Wait for the next one and try again";
const ENDED: &str = "The password was wrong five times, so you have been signed out here. Nothing was signed. Type it once more: you \
     are asked to sign in, and then you get back what you typed";

/// What a person signs in with.
pub struct Attempt {
    /// Sign-in name.
    pub login: String,
    /// Password.
    pub password: String,
    /// Six-digit code.
    pub code: String,
    /// The address it comes from.
    pub from: IpAddr,
    /// What the browser keeps from having signed in before, see [`SignedIn::device`]; empty when it has nothing.
    pub device: String,
    /// What kind of browser it is, see [`kith_domain::browser::kind`].
    pub browser: String,
}

/// A browser that has just been signed in.
pub struct SignedIn {
    /// The sign-in.
    pub id: SignInId,
    /// The cookie's secret; nothing else knows it.
    pub secret: String,
    /// Whose.
    pub account: AccountId,
    /// For the browser to keep for [`DEVICE_DAYS`]: it says that this account has signed in there.
    pub device: String,
}

/// Who is behind a cookie.
pub struct Person {
    /// The sign-in.
    pub sign_in: SignInId,
    /// Who acts.
    pub actor: Actor,
    /// Their name.
    pub name: String,
    /// When the password was last asked for again in this sign-in, UTC milliseconds.
    pub stepped_up_ms: Option<i64>,
}

/// The second thing, beside the password, that somebody has shown.
#[derive(Clone)]
pub(crate) enum Factor {
    /// The authenticator: a code of this step.
    Step(i64),
    /// A recovery code, by its hash.
    Recovery(String),
}

impl Factor {
    /// Notes in the account that it was used; `false` when it was used before: each works once.
    pub(crate) fn is_spent_on(&self, account: &mut Account) -> bool {
        match self {
            Factor::Step(step) if account.totp_last_step < *step => {
                account.totp_last_step = *step;
                true
            }
            Factor::Step(_) => false,
            Factor::Recovery(hash) => {
                let left = &mut account.body.credentials.recovery;
                let before = left.len();
                left.retain(|other| other != hash);
                left.len() < before
            }
        }
    }
}

/// The browser that is let in.
struct At {
    /// What the access log says of the address, see [`Service::origin`].
    from: Uuid,
    /// Whether it has signed in to the account before.
    known: bool,
    /// What it is to keep, see [`SignedIn::device`].
    device: String,
    /// Its kind.
    browser: String,
}

/// What somebody who is signed in typed in a field that is secret.
pub(crate) struct Guess {
    field: &'static str,
    /// Under what it is counted.
    pub(crate) counter: u128,
    /// Which one it is since the last right one, from 1.
    times: u32,
}

impl Service {
    /// Signs a browser in. Every attempt waits its turn first (see [`crate::door`]) and is counted before the password is
    /// looked at, so that a hundred at once are a hundred attempts; a right one gives the count back. Wrong attempts are
    /// entered in the ledger, and the fifth tells the owner. The answer does not say which part was wrong, nor whether there
    /// is such a name.
    pub async fn sign_in(&self, attempt: Attempt) -> Result<SignedIn, ServiceError> {
        let address = self.address_key(attempt.from);
        // Whether a browser is known to the account is known when that was read; until then only that it was to somebody.
        let browser = self.browser_key(&attempt.device);
        let (stranger, name) = match browser {
            Some(browser) => (None, browser),
            None => (Some(address), self.door_key("door name", attempt.login.trim().to_lowercase().as_bytes())),
        };
        self.wait_at_door(stranger, name).await?;
        let now_ms = self.real_now_ms();
        let desk = self.own_desk(Purpose::Administration);
        let look = desk.look();
        let found = look.account_by_login(&attempt.login).await?;
        look.done("sign_in.begin", self.now_ms()).await?;
        let device = found.as_ref().and_then(|account| self.known_device(&attempt.device, account));
        let from = self.origin(attempt.from);
        let counted = match (&found, device) {
            (Some(_), Some(device)) => Some(self.door().count(device, now_ms).into()).filter(|n| *n <= ATTEMPTS_MAX),
            (Some(account), None) => self.count(account.id, from).await?,
            (None, _) => {
                // As much is written for a name that is not there.
                self.store().refused_from(&desk.access, "sign_in.attempted", None, Some(from), self.now_ms()).await?;
                None
            }
        };
        let stored = found.as_ref().and_then(|account| account.body.credentials.password_hash.clone());
        // A name that is not there costs the same time as one that is.
        let lane = Lane::Door(device.unwrap_or(address));
        let matches = verify_password(lane, stored, attempt.password).await?;
        let (Some(account), Some(attempts)) = (found, counted) else {
            self.store().refused_from(&desk.access, "sign_in.failed", None, Some(from), self.now_ms()).await?;
            return Err(ServiceError::SignIn(WRONG));
        };
        let factor = self.second_factor(&account, &attempt.code);
        if let Some(factor) = factor.filter(|_| matches) {
            let kept = self.keep_device(&attempt.device, &account)?;
            let at = At { from, known: device.is_some(), device: kept, browser: attempt.browser };
            let signed_in = self.let_in(account, factor, at).await?;
            if let Some(device) = device {
                self.door().right(device);
            }
            return Ok(signed_in);
        }
        let subject = Some(account.id.0);
        self.store().refused_from(&desk.access, "sign_in.failed", subject, Some(from), self.now_ms()).await?;
        if attempts % ATTEMPTS_MAX == 0 {
            self.tell_of_attempts(account.id).await?;
        }
        Err(ServiceError::SignIn(WRONG))
    }

    /// Tells somebody, and those who watch over the account, that others try to sign in as them.
    async fn tell_of_attempts(&self, account: AccountId) -> Result<(), ServiceError> {
        let desk = self.own_desk(Purpose::Administration);
        desk.change("sign_in.told", |work| {
            let desk = &desk;
            async move {
                let account = work.account(account).await?;
                desk.tell_of_account(&work, &account, NoticeKind::AccountLocked).await
            }
        })
        .await
    }

    /// What the access log says of an address: a keyed hash, by which attempts from one place are seen to be that.
    pub(crate) fn origin(&self, from: IpAddr) -> Uuid {
        let octets = match from.to_canonical() {
            IpAddr::V4(four) => hex::encode(four.octets()),
            IpAddr::V6(six) => hex::encode(six.octets()),
        };
        self.store().asked_word("address", &octets)
    }

    /// Lets in who has shown password and code of the account as it was read, if it still is the same.
    async fn let_in(&self, read: Account, factor: Factor, at: At) -> Result<SignedIn, ServiceError> {
        let actor = Actor::staff(read.id, read.role, read.area.clone());
        let desk = self.desk(actor, Purpose::Administration);
        let secret = random_secret()?;
        let now_ms = self.real_now_ms();
        let sign_in = SignIn {
            id: SignInId(Uuid::now_v7()),
            account: read.id,
            secret_hash: self.cookie_hash(&secret),
            created_ms: now_ms,
            seen_ms: now_ms,
            ended_ms: None,
            stepped_up_ms: None,
            browser: Some(at.browser),
        };
        desk.change("sign_in.success", |work| {
            let (sign_in, read, factor) = (sign_in.clone(), read.clone(), factor.clone());
            let desk = &desk;
            async move {
                let mut account = work.account(read.id).await?;
                // Closed or invited again while the password was looked at.
                let (now, then) = (&account.body.credentials, &read.body.credentials);
                let same = (&now.password_hash, &now.totp_secret) == (&then.password_hash, &then.totp_secret);
                if account.state != AccountState::Active || !same {
                    return Err(ServiceError::SignIn(WRONG));
                }
                if !factor.is_spent_on(&mut account) {
                    return Err(ServiceError::SignIn(USED));
                }
                if let Factor::Recovery(_) = factor {
                    desk.tell_of_account(&work, &account, NoticeKind::AccountRecoveryUsed).await?;
                }
                // What strangers tried goes on counting when the owner signs in at a browser of theirs.
                if !at.known {
                    account.failed_attempts = 0;
                    account.locked_until_ms = 0;
                }
                work.came_from(at.from);
                work.save_account(&mut account).await?;
                work.forget_sign_ins(now_ms - REMEMBERED_MS).await?;
                work.insert_sign_in(&sign_in).await?;
                Ok(())
            }
        })
        .await?;
        Ok(SignedIn { id: sign_in.id, secret, account: read.id, device: at.device })
    }

    /// Counts an attempt of a stranger; `None` when it is one too many, and then it is not to be looked at. The fifth and
    /// each further one locks the account to strangers, longer each time, and is itself still looked at.
    async fn count(&self, id: AccountId, from: Uuid) -> Result<Option<i64>, ServiceError> {
        let now_ms = self.real_now_ms();
        self.own_desk(Purpose::Administration)
            .change("sign_in.attempted", |work| async move {
                let mut account = work.account(id).await?;
                work.came_from(from);
                if account.locked_until_ms > now_ms {
                    work.changed("account", id.0, account.version);
                    return Ok(None);
                }
                account.failed_attempts += 1;
                if let Ok(over) = usize::try_from(account.failed_attempts - ATTEMPTS_MAX) {
                    account.locked_until_ms = now_ms + LOCKED_MS[over.min(LOCKED_MS.len() - 1)];
                }
                work.save_account(&mut account).await?;
                Ok(Some(account.failed_attempts))
            })
            .await
    }

    /// Who is behind a cookie's secret; `None` when it has ended, was idle too long, or the account was closed.
    pub async fn recognise(&self, secret: &str) -> Result<Option<Person>, ServiceError> {
        let now_ms = self.real_now_ms();
        let access = Access { actor: Actor::system(), purpose: Purpose::Administration };
        let hash = self.cookie_hash(secret);
        let found = self.store().look(&access).sign_in_and_staff(&hash).await?;
        let Some((sign_in, staff, register)) = found else { return Ok(None) };
        self.follow_register_to(register).await?;
        // Role, area and state are those of the database now, whichever server changed them.
        if !self.directory().is_of(staff) {
            self.read_directory().await?;
            self.directory().set_of(staff);
        }
        let live = self.is_live(&sign_in);
        let Some(card) = self.card(sign_in.account).filter(|card| card.active && live) else { return Ok(None) };
        if now_ms - sign_in.seen_ms > TOUCH_MS {
            self.store().touch_sign_in(&sign_in, now_ms).await?;
        }
        let actor = Actor::staff(card.id, card.role, card.area).at(sign_in.id);
        let stepped_up_ms = sign_in.stepped_up_ms;
        Ok(Some(Person { sign_in: sign_in.id, actor, name: card.name, stepped_up_ms }))
    }

    /// Whether a sign-in has not ended and was not idle or there for too long.
    pub(crate) fn is_live(&self, sign_in: &SignIn) -> bool {
        let now_ms = self.real_now_ms();
        let idle_ms = self.register().idle_minutes() * 60_000;
        let whole_ms = self.register().sign_in_hours() * 3_600_000;
        // What is to come was not lived through: a clock that was set back lets nobody stay longer.
        let to_come = sign_in.created_ms.max(sign_in.seen_ms) > now_ms + AHEAD_MS;
        let over = now_ms - sign_in.seen_ms > idle_ms || now_ms - sign_in.created_ms > whole_ms;
        sign_in.ended_ms.is_none() && !to_come && !over
    }

    /// What a code shows of an account: that the authenticator is at hand, or one of the recovery codes that are left.
    pub(crate) fn second_factor(&self, account: &Account, code: &str) -> Option<Factor> {
        let credentials = &account.body.credentials;
        let secret = credentials.totp_secret.as_deref();
        if let Some(step) = secret.and_then(|secret| totp_step(secret, code, self.real_now_ms())) {
            return Some(Factor::Step(step));
        }
        let hash = self.recovery_hash(account, code);
        credentials.recovery.contains(&hash).then_some(Factor::Recovery(hash))
    }

    /// Whether a cookie's secret is of a sign-in that was made here and is remembered, ended or not.
    pub async fn was_signed_in(&self, secret: &str) -> Result<bool, ServiceError> {
        let access = Access { actor: Actor::system(), purpose: Purpose::Administration };
        Ok(self.store().look(&access).sign_in_by_secret(&self.cookie_hash(secret)).await?.is_some())
    }

    /// Whose sign-in that was, ended or not, as long as it is remembered: to give a form back to the person who typed it.
    pub async fn whose_sign_in(&self, id: SignInId) -> Result<Option<AccountId>, ServiceError> {
        let access = Access { actor: Actor::system(), purpose: Purpose::Administration };
        Ok(self.store().look(&access).sign_in(id).await?.map(|sign_in| sign_in.account))
    }

    /// Signs a browser out.
    pub async fn sign_out(&self, person: &Person) -> Result<(), ServiceError> {
        let Some(account) = person.actor.account else { return Ok(()) };
        let (id, now_ms) = (person.sign_in, self.real_now_ms());
        let desk = self.desk(person.actor.clone(), Purpose::Administration);
        desk.change("sign_in.ended", |work| async move {
            work.end_sign_ins(account, Some(id), now_ms).await?;
            Ok(())
        })
        .await
    }

    /// Asks for the actor's password again, before a signature. Wrong ones are counted for this sign-in alone: who guesses
    /// at the sign-in page stops nobody from signing, and who guesses here stops nobody from signing in. The fifth in a row
    /// ends the sign-in, so that nobody finds out a password at an unattended desk.
    pub(crate) async fn confirm_password(&self, actor: &Actor, password: &str) -> Result<(), ServiceError> {
        if password.is_empty() {
            return Err(ServiceError::field("password", "Enter your password: it is your signature"));
        }
        let id = actor.account.ok_or(ServiceError::Forbidden)?;
        let guess = self.guess(actor, "password")?;
        let access = Access { actor: actor.clone(), purpose: Purpose::Administration };
        let look = self.store().look(&access);
        let account = look.account(id).await?;
        look.done("sign_in.step_up", self.now_ms()).await?;
        if verify_password(Lane::Known, account.body.credentials.password_hash, password.to_owned()).await? {
            self.door().right(guess.counter);
            return Ok(());
        }
        Err(self.guessed_wrong(actor, &guess, "The password is not right. Type it again").await?)
    }

    /// Counts what somebody who is signed in types in a field that is secret, before it is looked at.
    pub(crate) fn guess(&self, actor: &Actor, field: &'static str) -> Result<Guess, ServiceError> {
        let id = actor.account.ok_or(ServiceError::Forbidden)?;
        let counter = self.door_key(field, actor.sign_in.map_or(id.0, |sign_in| sign_in.0).as_bytes());
        let times = self.door().count(counter, self.real_now_ms());
        if times > WRONG_MAX { Err(ServiceError::field(field, ENDED)) } else { Ok(Guess { field, counter, times }) }
    }

    /// Enters that it was wrong; the last one of a row ends the sign-in. What to tell the person.
    pub(crate) async fn guessed_wrong(
        &self,
        actor: &Actor,
        guess: &Guess,
        words: &'static str,
    ) -> Result<ServiceError, ServiceError> {
        let id = actor.account.ok_or(ServiceError::Forbidden)?;
        let access = Access { actor: actor.clone(), purpose: Purpose::Administration };
        self.store().refused(&access, "sign_in.step_up", Some(id.0), self.now_ms()).await?;
        if guess.times < WRONG_MAX {
            return Ok(ServiceError::field(guess.field, words));
        }
        if let Some(sign_in) = actor.sign_in {
            let now_ms = self.real_now_ms();
            let desk = self.desk(actor.clone(), Purpose::Administration);
            let end = |work: kith_store::Work| async move { Ok(work.end_sign_ins(id, Some(sign_in), now_ms).await?) };
            desk.change("sign_in.ended", end).await?;
        }
        Ok(ServiceError::field(guess.field, ENDED))
    }

    /// What is kept of a cookie's secret.
    fn cookie_hash(&self, secret: &str) -> Vec<u8> {
        self.web_mac("sign-in", secret.as_bytes()).to_vec()
    }

    /// The code that an authenticator shows now for a secret: the demo service shows it to a stranger who has none.
    pub fn code_now(&self, totp_secret: &str) -> Option<String> {
        let totp = totp(totp_secret)?;
        Some(totp.generate(u64::try_from(self.real_now_ms() / 1000).ok()?).to_string())
    }
}

fn totp(secret: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).build().ok()
}

/// The step (RFC 6238) that a code belongs to, one before or after now included.
pub(crate) fn totp_step(secret: &str, code: &str, now_ms: i64) -> Option<i64> {
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let seconds = u64::try_from(now_ms / 1000).ok()?;
    i64::try_from(totp(secret)?.check(&code, seconds)?).ok()
}

/// A new TOTP secret in base32 (160 bits, RFC 4226 section 4).
pub(crate) fn new_totp_secret() -> Result<String, ServiceError> {
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes).map_err(|_| ServiceError::Broken("the machine gives no random numbers"))?;
    Ok(Secret::from(bytes.to_vec()).to_base32())
}

/// 256 random bits as text for a cookie or an invitation.
pub(crate) fn random_secret() -> Result<String, ServiceError> {
    use base64::Engine;
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| ServiceError::Broken("the machine gives no random numbers"))?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}

/// Letters and digits of a code that a person types, without those that look like others (Crockford's base32).
const CODE_LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A random code of so many characters, five bits each, in groups of four.
pub(crate) fn random_code(chars: usize) -> Result<String, ServiceError> {
    let mut bytes = vec![0_u8; chars];
    getrandom::fill(&mut bytes).map_err(|_| ServiceError::Broken("the machine gives no random numbers"))?;
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(CODE_LETTERS[usize::from(byte & 31)])).collect();
    Ok(letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// A code as it was made, from how somebody typed it: in whatever case, with or without the hyphens, `O` for `0`.
pub(crate) fn read_code(typed: &str) -> String {
    let letters = typed.chars().filter(char::is_ascii_alphanumeric).map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    });
    letters.collect()
}

#[cfg(test)]
mod tests;
