//! The master key as a running program has it: read from its file, and read again when a key turns up that another one wrapped.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{PoisonError, RwLock};

use kith_vault::{FileKey, MasterKeyFile, VaultError};

use crate::StoreError;

/// What says that the rest is the name of a systemd credential.
const CREDENTIAL: &str = "credential:";

/// Where the master key is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MasterKeyPlace {
    /// `master.key` in the data directory, beside what it opens.
    #[default]
    InData,
    /// A file.
    File(PathBuf),
    /// A credential that systemd puts into the folder that `CREDENTIALS_DIRECTORY` names; it is never written.
    Credential(String),
}

impl FromStr for MasterKeyPlace {
    type Err = StoreError;

    /// A path, or `credential:NAME`. What looks like a key itself is refused, and not repeated.
    fn from_str(text: &str) -> Result<Self, StoreError> {
        let is_key = text.contains('\n')
            || text.starts_with("kith-master-key")
            || (text.len() == 44 && text.ends_with('=') && !text.contains(['.', '-', '_']))
            || (text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if is_key {
            return Err(StoreError::MasterKeyItself);
        }
        match text.strip_prefix(CREDENTIAL) {
            Some(name) if name.is_empty() || name.starts_with('.') || name.contains('/') => {
                Err(StoreError::Credential { name: name.to_owned(), why: "that is no name of one" })
            }
            Some(name) => Ok(Self::Credential(name.to_owned())),
            None if text.is_empty() => Err(StoreError::Credential { name: String::new(), why: "no file is named" }),
            None => Ok(Self::File(PathBuf::from(text))),
        }
    }
}

impl fmt::Display for MasterKeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InData => f.write_str("master.key in the data directory"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Credential(name) => write!(f, "{CREDENTIAL}{name}"),
        }
    }
}

impl MasterKeyPlace {
    /// The file. [`StoreError::Credential`] when systemd gives this program none.
    pub fn path(&self, data: &Path) -> Result<PathBuf, StoreError> {
        self.path_in(data, std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from).as_deref())
    }

    fn path_in(&self, data: &Path, credentials: Option<&Path>) -> Result<PathBuf, StoreError> {
        match self {
            Self::InData => Ok(data.join("master.key")),
            Self::File(path) => Ok(path.clone()),
            Self::Credential(name) => match credentials {
                Some(directory) => Ok(directory.join(name)),
                None => Err(StoreError::Credential {
                    name: name.clone(),
                    why: "systemd gives this program no credentials: add LoadCredential= to its unit",
                }),
            },
        }
    }

    /// Whether it lies in the data directory, beside what it opens.
    pub fn is_beside(&self, data: &Path) -> bool {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        match self {
            Self::InData => true,
            Self::File(path) => real(path).starts_with(real(data)),
            Self::Credential(_) => false,
        }
    }

    /// Whether it can be written: a new one is made there at the first start, and put there by a rotation.
    pub(crate) fn is_ours(&self) -> bool {
        !matches!(self, Self::Credential(_))
    }
}

/// The master keys of a file.
pub(crate) struct Masters {
    path: PathBuf,
    known: RwLock<MasterKeyFile>,
}

impl Masters {
    /// Reads the file. With `create` one that is not there is made.
    pub(crate) fn load(path: &Path, create: bool) -> Result<Self, StoreError> {
        let known = if create { MasterKeyFile::load_or_create(path) } else { MasterKeyFile::load(path) };
        let known = known.map_err(|error| match error {
            VaultError::KeyFileMissing { path } => StoreError::MasterKeyMissing { path },
            error => error.into(),
        })?;
        Ok(Self { path: path.to_path_buf(), known: RwLock::new(known) })
    }

    /// The file, as it was read last.
    pub(crate) fn known(&self) -> MasterKeyFile {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the file again.
    pub(crate) fn reread(&self) -> Result<(), VaultError> {
        let keys = MasterKeyFile::load(&self.path)?;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// Wraps under the master key of this id.
    pub(crate) fn wrap(&self, master: &str, context: &[u8], key: &FileKey) -> Result<Vec<u8>, VaultError> {
        if self.known().get(master).is_none() {
            self.reread()?;
        }
        let known = self.known();
        known.get(master).ok_or_else(|| known.other(master.to_owned()))?.wrap(context, key)
    }

    /// Unwraps; reads the file again for a key that none of those known wrapped.
    pub(crate) fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<FileKey, VaultError> {
        // A guard that lives on would keep the file from being read again.
        let first = self.known.read().unwrap_or_else(PoisonError::into_inner).unwrap(context, wrapped);
        match first {
            Err(VaultError::OtherMasterKey { .. }) => {
                self.reread()?;
                self.known.read().unwrap_or_else(PoisonError::into_inner).unwrap(context, wrapped)
            }
            done => done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // "`--master-key FILE|credential:NAME` (systemd)"; KITH_MASTER_KEY holds the same kind of reference, never the key itself.
    #[test]
    fn a_place_is_a_file_or_a_credential_and_never_the_key_itself() {
        let read = |text: &str| text.parse::<MasterKeyPlace>();
        assert_eq!(read("/safe/master.key").unwrap(), MasterKeyPlace::File("/safe/master.key".into()));
        assert_eq!(read("credential:kith.key").unwrap(), MasterKeyPlace::Credential("kith.key".into()));
        for text in ["credential:", "credential:../etc/passwd", "credential:a/b", "credential:.hidden", ""] {
            assert!(matches!(read(text), Err(StoreError::Credential { .. })), "{text}");
        }
        let base64 = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";
        for text in [base64, &"ab".repeat(32), "kith-master-key 1\nid x\nkey y", "kith-master-key 1"] {
            let error = read(text).unwrap_err();
            assert!(matches!(error, StoreError::MasterKeyItself) && !error.to_string().contains(text), "{error}");
        }
    }

    #[test]
    fn a_credential_is_in_the_folder_that_systemd_names() {
        let data = Path::new("/var/lib/kith");
        let place = MasterKeyPlace::Credential("master.key".into());
        let found = place.path_in(data, Some(Path::new("/run/credentials/kith.service"))).unwrap();
        assert_eq!(found, Path::new("/run/credentials/kith.service/master.key"));
        let told = place.path_in(data, None).unwrap_err().to_string();
        assert!(told.contains("LoadCredential="), "{told}");
        assert!(!place.is_beside(data) && MasterKeyPlace::InData.is_beside(data));
        assert!(MasterKeyPlace::File("/var/lib/kith/keys/master.key".into()).is_beside(data));
        assert!(!MasterKeyPlace::File("/var/lib/kith-keys/master.key".into()).is_beside(data));
    }
}
