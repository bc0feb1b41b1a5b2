//! Files that a recipient alone can open: the format of age (C2SP, age-encryption.org/v1), for a key or a passphrase, or a PDF that
//! any reader of PDFs opens with a password (ISO 32000-2, standard security handler of revision 6: AES-256).

use std::collections::BTreeMap;
use std::sync::Arc;

use age::secrecy::SecretString;
use kith_domain::sharing::DeliveryWay;
use lopdf::encryption::crypt_filters::{Aes256CryptFilter, CryptFilter};
use lopdf::{Document, EncryptionState, EncryptionVersion, Permissions};

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
    /// Who is told this password, another way than the file goes, and has nothing but a reader of PDFs.
    Pdf(String),
}

impl For {
    /// How the file goes.
    pub const fn way(&self) -> DeliveryWay {
        match self {
            For::Key(_) => DeliveryWay::Key,
            For::Passphrase(_) => DeliveryWay::Passphrase,
            For::Pdf(_) => DeliveryWay::Pdf,
        }
    }

    /// The key, where there is one.
    pub fn key(&self) -> Option<String> {
        match self {
            For::Key(key) => Some(key.trim().to_owned()),
            For::Passphrase(_) | For::Pdf(_) => None,
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
            long_enough("password", passphrase)?;
            let recipient = age::scrypt::Recipient::new(SecretString::from(passphrase.clone()));
            let made = tokio::task::spawn_blocking(move || age::encrypt(&recipient, &bytes));
            made.await.map_err(|_| BROKEN)?.map_err(|_| BROKEN)
        }
        For::Pdf(password) => {
            long_enough("pdf_password", password)?;
            let password = password.clone();
            let made = tokio::task::spawn_blocking(move || with_password(&bytes, &password));
            made.await.map_err(|_| BROKEN)?
        }
    }
}

fn long_enough(field: &str, words: &str) -> Result<(), ServiceError> {
    if words.chars().count() >= PASSPHRASE_MIN {
        return Ok(());
    }
    let words = format!("Enter at least {PASSPHRASE_MIN} characters, such as five words that do not belong together");
    Err(ServiceError::field(field, words))
}

/// A PDF that opens with a password. Everything in it is sealed, its title too; who opened it may do with it what they like, since
/// what a file forbids its reader is a request and no lock.
fn with_password(pdf: &[u8], password: &str) -> Result<Vec<u8>, ServiceError> {
    let mut document = Document::load_mem(pdf).map_err(|_| BROKEN)?;
    let (mut key, mut owner) = ([0; 32], [0; 32]);
    for random in [&mut key, &mut owner] {
        getrandom::fill(random).map_err(|_| BROKEN)?;
    }
    let name = b"StdCF".to_vec();
    let filter: Arc<dyn CryptFilter> = Arc::new(Aes256CryptFilter);
    let state = EncryptionState::try_from(EncryptionVersion::V5 {
        encrypt_metadata: true,
        crypt_filters: BTreeMap::from([(name.clone(), filter)]),
        file_encryption_key: &key,
        stream_filter: name.clone(),
        string_filter: name,
        owner_password: &hex::encode(owner),
        user_password: password,
        permissions: Permissions::all(),
    });
    document.encrypt(&state.map_err(|_| BROKEN)?).map_err(|_| BROKEN)?;
    let mut file = Vec::new();
    document.save_to(&mut file).map_err(|_| BROKEN)?;
    Ok(file)
}
