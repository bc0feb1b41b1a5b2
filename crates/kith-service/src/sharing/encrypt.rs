//! Files that a recipient alone can open: the format of age (C2SP, age-encryption.org/v1), for a key or a passphrase.

use age::secrecy::SecretString;
use kith_domain::sharing::DeliveryWay;

use crate::ServiceError;

/// The fewest characters of a passphrase: it is guessed at without anybody noticing.
const PASSPHRASE_MIN: usize = 16;
const BROKEN: ServiceError = ServiceError::Broken("a file could not be encrypted");

/// For whom a file is encrypted. No Debug: a passphrase is a secret.
pub enum For {
    /// Who has the identity of this key.
    Key(String),
    /// Who is told this passphrase, another way than the file goes.
    Passphrase(String),
}

impl For {
    /// How the file goes.
    pub const fn way(&self) -> DeliveryWay {
        match self {
            For::Key(_) => DeliveryWay::Key,
            For::Passphrase(_) => DeliveryWay::Passphrase,
        }
    }

    /// The key, where there is one.
    pub fn key(&self) -> Option<String> {
        match self {
            For::Key(key) => Some(key.trim().to_owned()),
            For::Passphrase(_) => None,
        }
    }
}

/// The recipient of a key, or what is wrong with it.
pub(super) fn read_key(key: &str) -> Result<age::x25519::Recipient, ServiceError> {
    let key = key.trim();
    if key.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
        return Err(ServiceError::field(
            "key",
            "This is a secret key, which nobody but the recipient may have. Tell them to make a new pair and to send the public key, \
             which begins with age1",
        ));
    }
    key.parse().map_err(|_| {
        ServiceError::field(
            "key",
            "This is not a key that a file can be encrypted for. It begins with age1 and has 62 characters: ask the recipient for it \
             again. Nothing was encrypted",
        )
    })
}

/// Encrypts bytes. A passphrase is stretched for about a second.
pub(super) async fn encrypt(whom: &For, bytes: Vec<u8>) -> Result<Vec<u8>, ServiceError> {
    match whom {
        For::Key(key) => {
            let recipient = read_key(key)?;
            age::encrypt(&recipient, &bytes).map_err(|_| BROKEN)
        }
        For::Passphrase(passphrase) => {
            if passphrase.chars().count() < PASSPHRASE_MIN {
                let words = format!(
                    "Enter at least {PASSPHRASE_MIN} characters, such as five words that do not belong together"
                );
                return Err(ServiceError::field("password", words));
            }
            let recipient = age::scrypt::Recipient::new(SecretString::from(passphrase.clone()));
            let made = tokio::task::spawn_blocking(move || age::encrypt(&recipient, &bytes));
            made.await.map_err(|_| BROKEN)?.map_err(|_| BROKEN)
        }
    }
}
