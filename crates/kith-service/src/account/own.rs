//! One’s own account: password, authenticator, recovery codes, where one is signed in, what was told of it lately.

use kith_domain::account::ChangePassword;
use kith_domain::ids::SignInId;
use kith_domain::notice::NoticeKind;
use kith_store::{Account, NextTotp, Notice};

use crate::password::hash_password;
use crate::sign_in::{Factor, Person, new_totp_secret, random_code, totp_step};
use crate::{Desk, Service, ServiceError};

/// How many recovery codes are made.
const RECOVERY_CODES: usize = 10;
/// Characters of a recovery code: 120 bits, so that a keyed hash keeps it (OWASP ASVS 5.0, 6.5.2).
const RECOVERY_CHARS: usize = 24;
/// How long an authenticator is set up.
const SETTING_UP_MS: i64 = 15 * 60_000;

/// One’s own account.
pub struct OwnAccount {
    /// The account.
    pub account: Account,
    /// Where one is signed in, the last used first.
    pub devices: Vec<Device>,
    /// What was told of it lately, newest first.
    pub told: Vec<Notice>,
}

/// A browser in which one is signed in.
pub struct Device {
    /// The sign-in.
    pub id: SignInId,
    /// The kind of browser in words.
    pub browser: String,
    /// Since when, UTC milliseconds.
    pub since_ms: i64,
    /// When last used, to a minute, UTC milliseconds.
    pub seen_ms: i64,
    /// Whether it is this one.
    pub here: bool,
}

/// An authenticator that is being set up.
pub struct SettingUp {
    /// Sign-in name.
    pub login: String,
    /// Its secret.
    pub totp_secret: String,
}

impl Service {
    /// The keyed hash of a recovery code of an account.
    pub(crate) fn recovery_hash(&self, account: &Account, code: &str) -> String {
        let code = crate::sign_in::read_code(code);
        hex::encode(self.web_mac("recovery", format!("{} {code}", account.id).as_bytes()))
    }
}

const WRONG_CODE: &str =
    "The code is not right. Type the six digits that your authenticator shows now, or one of your recovery codes";

impl Desk {
    /// One’s own account.
    pub async fn own_account(&self, person: &Person) -> Result<OwnAccount, ServiceError> {
        let me = self.me()?;
        let look = self.look();
        let account = look.account(me).await?;
        let sign_ins = look.sign_ins(me).await?;
        let told = look.told_of(me, me.0).await?;
        look.done("account.own_read", self.now_ms()).await?;
        let device = |of: kith_store::SignIn| Device {
            id: of.id,
            browser: of.browser.as_deref().map_or_else(|| "A browser".to_owned(), kith_domain::browser::words),
            since_ms: of.created_ms,
            seen_ms: of.seen_ms,
            here: of.id == person.sign_in,
        };
        let devices = sign_ins.into_iter().filter(|of| self.service.is_live(of)).map(device).collect();
        Ok(OwnAccount { account, devices, told })
    }

    /// Another password. It ends every other sign-in.
    pub async fn change_password(&self, person: &Person, command: &ChangePassword) -> Result<(), ServiceError> {
        let me = self.me()?;
        self.service.confirm_password(self.actor(), &command.present).await?;
        let look = self.look();
        let account = look.account(me).await?;
        look.done("account.own_read", self.now_ms()).await?;
        self.service.password_is_good("new_password", &command.new, &account).await?;
        let hash = hash_password(command.new.clone()).await?;
        let (here, now_ms) = (person.sign_in, self.service.real_now_ms());
        let confirmed = account.body.credentials.password_hash;
        self.change("account.password_changed", |work| {
            let (hash, confirmed) = (hash.clone(), confirmed.clone());
            async move {
                let mut account = work.account(me).await?;
                if account.body.credentials.password_hash != confirmed {
                    return Err(ServiceError::Forbidden);
                }
                account.body.credentials.password_hash = Some(hash);
                work.save_account(&mut account).await?;
                work.end_other_sign_ins(me, here, now_ms).await?;
                self.tell_of_account(&work, &account, NoticeKind::AccountPassword).await
            }
        })
        .await
    }

    /// The authenticator that is being set up in this sign-in, if one is.
    pub async fn authenticator_setting_up(&self, person: &Person) -> Result<Option<SettingUp>, ServiceError> {
        let me = self.me()?;
        let look = self.look();
        let account = look.account(me).await?;
        look.done("account.own_read", self.now_ms()).await?;
        let login = account.body.login.clone();
        Ok(self.next_totp(&account, person).map(|next| SettingUp { login, totp_secret: next.secret }))
    }

    fn next_totp(&self, account: &Account, person: &Person) -> Option<NextTotp> {
        let next = account.body.credentials.next_totp.clone()?;
        (next.sign_in == person.sign_in && next.until_ms > self.service.real_now_ms()).then_some(next)
    }

    /// Begins to set up another authenticator: asks for the password and for a code of the present one, or a recovery code.
    pub async fn begin_authenticator(&self, person: &Person, password: &str, code: &str) -> Result<(), ServiceError> {
        let me = self.me()?;
        if password.is_empty() {
            return Err(ServiceError::field("password", "Enter the password that you have now"));
        }
        self.service.confirm_password(self.actor(), password).await?;
        // Counted apart from the password, which was right: whoever knows it and sits there gets five guesses at a code.
        let guess = self.service.guess(self.actor(), "code")?;
        let look = self.look();
        let account = look.account(me).await?;
        look.done("account.own_read", self.now_ms()).await?;
        if self.service.second_factor(&account, code).is_none() {
            return Err(self.service.guessed_wrong(self.actor(), &guess, WRONG_CODE).await?);
        }
        let (secret, now_ms) = (new_totp_secret()?, self.service.real_now_ms());
        let next = NextTotp { secret, sign_in: person.sign_in, until_ms: now_ms + SETTING_UP_MS };
        let code = code.to_owned();
        self.change("account.authenticator_begun", |work| {
            let (next, code) = (next.clone(), code.clone());
            async move {
                let mut account = work.account(me).await?;
                let factor = self.service.second_factor(&account, &code);
                let Some(factor) = factor else { return Err(ServiceError::field("code", WRONG_CODE)) };
                if !factor.is_spent_on(&mut account) {
                    return Err(ServiceError::field("code", "This code has been used already. Wait for the next one"));
                }
                if let Factor::Recovery(_) = factor {
                    self.tell_of_account(&work, &account, NoticeKind::AccountRecoveryUsed).await?;
                }
                account.body.credentials.next_totp = Some(next);
                work.save_account(&mut account).await?;
                Ok(())
            }
        })
        .await?;
        self.service.door().right(guess.counter);
        Ok(())
    }

    /// Puts the authenticator that was set up in the place of the one there was, after a code has shown that it works. It ends
    /// every other sign-in.
    pub async fn finish_authenticator(&self, person: &Person, code: &str) -> Result<(), ServiceError> {
        let me = self.me()?;
        let (here, now_ms) = (person.sign_in, self.service.real_now_ms());
        let code = code.to_owned();
        self.change("account.authenticator_changed", |work| {
            let code = code.clone();
            async move {
                let mut account = work.account(me).await?;
                let Some(next) = self.next_totp(&account, person) else {
                    return Err(ServiceError::rule(
                        "account.setting_up",
                        "Setting up the authenticator took too long. Begin again: the one you have still works",
                    ));
                };
                let Some(step) = totp_step(&next.secret, &code, now_ms) else {
                    return Err(ServiceError::field(
                        "code",
                        "The code is not right. Type the six digits that the new authenticator shows now",
                    ));
                };
                account.totp_last_step = step;
                account.body.credentials.totp_secret = Some(next.secret);
                account.body.credentials.next_totp = None;
                work.save_account(&mut account).await?;
                work.end_other_sign_ins(me, here, now_ms).await?;
                self.tell_of_account(&work, &account, NoticeKind::AccountAuthenticator).await
            }
        })
        .await
    }

    /// Makes recovery codes in the place of those there were; they are shown this once.
    pub async fn new_recovery_codes(&self) -> Result<Vec<String>, ServiceError> {
        let me = self.me()?;
        let codes = (0..RECOVERY_CODES).map(|_| random_code(RECOVERY_CHARS)).collect::<Result<Vec<_>, _>>()?;
        let made = &codes;
        self.change("account.recovery_made", |work| async move {
            let mut account = work.account(me).await?;
            let hashes = made.iter().map(|code| self.service.recovery_hash(&account, code)).collect();
            account.body.credentials.recovery = hashes;
            work.save_account(&mut account).await?;
            self.tell_of_account(&work, &account, NoticeKind::AccountRecoveryMade).await
        })
        .await?;
        Ok(codes)
    }

    /// Chooses which messages this person gets by email: all, or urgent ones alone.
    pub async fn choose_mail(&self, only_urgent: bool) -> Result<(), ServiceError> {
        let me = self.me()?;
        self.change("account.mail_chosen", |work| async move {
            let mut account = work.account(me).await?;
            if account.body.only_urgent_mail == only_urgent {
                work.changed("account", me.0, account.version);
                return Ok(());
            }
            account.body.only_urgent_mail = only_urgent;
            Ok(work.save_account(&mut account).await?)
        })
        .await
    }

    /// Ends one of one’s own sign-ins; [`ServiceError::NotFound`] for one of somebody else.
    pub async fn end_own_sign_in(&self, id: SignInId) -> Result<(), ServiceError> {
        let (me, now_ms) = (self.me()?, self.service.real_now_ms());
        self.change("sign_in.ended", |work| async move {
            if work.sign_in(id).await?.is_none_or(|sign_in| sign_in.account != me) {
                return Err(ServiceError::NotFound);
            }
            work.end_sign_ins(me, Some(id), now_ms).await?;
            Ok(())
        })
        .await
    }

    /// Signs this person out in every browser, this one too.
    pub async fn sign_out_everywhere(&self) -> Result<(), ServiceError> {
        let (me, now_ms) = (self.me()?, self.service.real_now_ms());
        self.change("sign_in.ended_everywhere", |work| async move {
            work.end_sign_ins(me, None, now_ms).await?;
            Ok(())
        })
        .await
    }
}
