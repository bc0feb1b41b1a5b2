//! Asking for the password again in a sign-in, before what one person at an unattended desk must not do (OWASP ASVS 5.0, 7.5.3):
//! the administration of accounts, destruction; export and disclosure when they come.

use crate::sign_in::{AHEAD_MS, Person};
use crate::{Service, ServiceError};

/// How long a password that was asked for again is good, in the same sign-in, in milliseconds.
pub const STEP_UP_MS: i64 = 10 * 60_000;

impl Service {
    /// Whether the person gave the password again in this sign-in, at most [`STEP_UP_MS`] ago.
    pub fn has_stepped_up(&self, person: &Person) -> bool {
        let since = person.stepped_up_ms.map(|at| self.real_now_ms() - at);
        since.is_some_and(|since| (-AHEAD_MS..=STEP_UP_MS).contains(&since))
    }

    /// Asks for the password again and keeps in the sign-in that it was right.
    pub async fn step_up(&self, person: &Person, password: &str) -> Result<(), ServiceError> {
        if password.is_empty() {
            return Err(ServiceError::field("password", "Enter your password to go on"));
        }
        self.confirm_password(&person.actor, password).await?;
        let (id, now_ms) = (person.sign_in, self.real_now_ms());
        let desk = self.desk(person.actor.clone(), kith_domain::access::Purpose::Administration);
        desk.change("sign_in.stepped_up", |work| async move {
            let sign_in = work.sign_in(id).await?.filter(|sign_in| sign_in.ended_ms.is_none());
            let mut sign_in = sign_in.ok_or(ServiceError::Forbidden)?;
            sign_in.stepped_up_ms = Some(now_ms);
            work.save_sign_in(&sign_in).await?;
            Ok(())
        })
        .await
    }
}
