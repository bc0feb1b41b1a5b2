//! Files that a recipient alone can open: the format of age (C2SP, age-encryption.org/v1), for a key or a passphrase, or a PDF that
//! any reader of PDFs opens with a password (ISO 32000-2, standard security handler of revision 6: AES-256).

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex, PoisonError};

use age::secrecy::SecretString;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use kith_domain::sharing::DeliveryWay;
use kith_store::StoreError;
use lopdf::encryption::crypt_filters::{Aes256CryptFilter, CryptFilter};
use lopdf::{Document, EncryptionState, EncryptionVersion, Permissions};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

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
pub(crate) fn read_key(key: &str) -> Result<age::x25519::Recipient, ServiceError> {
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

/// A file with the name under which it is given out.
type Named = (String, Vec<u8>);

/// Encrypts a paper; with whole papers `beside` it all of them as one ZIP, of which for a reader of PDFs each opens with the password by
/// itself. A passphrase is stretched for about a second.
pub(super) async fn encrypt(whom: &For, paper: Named, beside: Vec<Named>) -> Result<Vec<u8>, ServiceError> {
    let several = !beside.is_empty();
    let files: Vec<Named> = std::iter::once(paper).chain(beside).collect();
    let one = |mut files: Vec<Named>| {
        if several { zipped(&files) } else { Ok(files.pop().map(|(_, bytes)| bytes).unwrap_or_default()) }
    };
    match whom {
        For::Key(key) => {
            let recipient = read_key(key)?;
            let bytes = one(files)?;
            age::encrypt(&recipient, &bytes).map_err(|_| BROKEN)
        }
        For::Passphrase(passphrase) => {
            long_enough("password", passphrase)?;
            let bytes = one(files)?;
            let recipient = age::scrypt::Recipient::new(SecretString::from(passphrase.clone()));
            let made = tokio::task::spawn_blocking(move || age::encrypt(&recipient, &bytes));
            made.await.map_err(|_| BROKEN)?.map_err(|_| BROKEN)
        }
        For::Pdf(password) => {
            long_enough("pdf_password", password)?;
            let password = password.clone();
            let made = tokio::task::spawn_blocking(move || {
                let sealed = |(name, bytes): Named| match with_password(&bytes, &password) {
                    Ok(sealed) => Ok((name, sealed)),
                    // What we set ourselves can be sealed; what somebody added may be no PDF, or one that is made otherwise.
                    Err(_) if several => Err(no_password(&name)),
                    Err(error) => Err(error),
                };
                files.into_iter().map(sealed).collect::<Result<Vec<Named>, ServiceError>>()
            });
            one(made.await.map_err(|_| BROKEN)??)
        }
    }
}

/// Several files as one, which every system opens (ZIP): stored and not packed, since PDFs and pictures are packed already. Nothing
/// in it says when or by whom it was made.
fn zipped(files: &[Named]) -> Result<Vec<u8>, ServiceError> {
    let stored = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::DEFAULT);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, stored).map_err(|_| BROKEN)?;
        zip.write_all(bytes).map_err(|_| BROKEN)?;
    }
    Ok(zip.finish().map_err(|_| BROKEN)?.into_inner())
}

/// Where age writes to, so that what it has written can be given out before there is more.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Bytes {
        Bytes::from(std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Encrypts what comes piece by piece for a key (age), and gives it out piece by piece.
pub(crate) fn encrypted_for<S>(
    key: &str,
    content: S,
) -> Result<impl Stream<Item = Result<Bytes, StoreError>> + Send + use<S>, ServiceError>
where
    S: Stream<Item = Result<Bytes, StoreError>> + Send + 'static,
{
    let recipient = read_key(key)?;
    let written = Written::default();
    let sealed = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient));
    let writer = sealed.map_err(|_| BROKEN)?.wrap_output(written.clone()).map_err(|_| BROKEN)?;
    // The last piece of a cipher stream says that it is the last: one that was cut short does not open.
    let begun = (Box::pin(content), Some(writer), written);
    Ok(futures_util::stream::unfold(begun, |(mut content, mut writer, written)| async move {
        let mut open = writer.take()?;
        let cut = || StoreError::Unavailable { place: "encryption".to_owned(), why: "it could not go on".to_owned() };
        let given = match content.next().await {
            Some(Ok(piece)) => match open.write_all(&piece) {
                Ok(()) => {
                    writer = Some(open);
                    Ok(written.take())
                }
                Err(_) => Err(cut()),
            },
            Some(Err(error)) => Err(error),
            None => open.finish().map(|_| written.take()).map_err(|_| cut()),
        };
        Some((given, (content, writer, written)))
    }))
}

fn no_password(name: &str) -> ServiceError {
    let words = format!(
        "{name} cannot be given a password. Choose an age file, or make an address and a code. Nothing was made"
    );
    ServiceError::field("how", words)
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
