//! The authority's master key in a file of its own.
//!
//! ```text
//! kith-master-key 1
//! id 5f0c2d9e81ab3746
//! key <32 bytes in base64>
//! ```
//!
//! The id is the first eight bytes of SHA-256 over a label and the key: it names the key without telling it, and shows
//! a damaged file at once.

use crate::{
    FileKey, KeyWrapper, VaultError,
    aead::{self, NONCE, TAG},
    encode::Encoded,
    keys::KEY,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};
use zeroize::Zeroizing;

const HEADING: &str = "kith-master-key 1";
const ID: usize = 8;
/// Longest file read; a sound one is a third of it.
const LONGEST: u64 = 256;
/// First byte of every wrapped key: version 1, AES-256-GCM.
const ALGORITHM: u8 = 1;

/// The master key, held in memory after being read from a file that only its owner may read.
pub struct MasterKeyFile {
    key: FileKey,
    fingerprint: [u8; ID],
    id: String,
}

impl fmt::Debug for MasterKeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKeyFile").field("id", &self.id).finish_non_exhaustive()
    }
}

impl MasterKeyFile {
    /// Reads the master key from `path`, or makes a new one there (mode 0600) if there is no such file.
    ///
    /// For setting up an authority; a service that already has records should use [`load`](Self::load), because a new
    /// key cannot open anything an earlier one wrapped. Errors as for `load`, and [`VaultError::KeyFileIo`] if the
    /// file cannot be written.
    pub fn load_or_create(path: &Path) -> Result<Self, VaultError> {
        match Self::load(path) {
            Err(VaultError::KeyFileMissing { .. }) => Self::create(path),
            loaded => loaded,
        }
    }

    /// Reads the master key from `path`, and never makes one.
    ///
    /// Refuses a file that group or others can reach ([`VaultError::KeyFileExposed`]) and one that is not a sound key
    /// file ([`VaultError::KeyFileMalformed`]). A systemd credential, in the folder that `CREDENTIALS_DIRECTORY` names,
    /// may show group read: systemd admits the service's user by an access control list, whose mask takes the place of
    /// the group's bits.
    pub fn load(path: &Path) -> Result<Self, VaultError> {
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY");
        Self::load_with(path, credentials.as_deref().map(Path::new))
    }

    fn load_with(path: &Path, credentials: Option<&Path>) -> Result<Self, VaultError> {
        let unreadable = |source: io::Error| match source.kind() {
            ErrorKind::NotFound => VaultError::KeyFileMissing { path: path.to_owned() },
            _ => VaultError::KeyFileIo { path: path.to_owned(), action: "read", source },
        };
        let malformed = |why| VaultError::KeyFileMalformed { path: path.to_owned(), why };

        // Looked at before it is opened, because opening a pipe waits for its writer.
        if !fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(malformed("it is not an ordinary file"));
        }
        let file = File::open(path).map_err(unreadable)?;
        let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o7777;
        let is_credential = credentials.is_some_and(|folder| path.parent() == Some(folder));
        let forbidden = if is_credential { 0o037 } else { 0o077 };
        if mode & forbidden != 0 {
            return Err(VaultError::KeyFileExposed { path: path.to_owned(), mode });
        }
        let mut text = Zeroizing::new(Vec::with_capacity(LONGEST.try_into().unwrap_or_default()));
        file.take(LONGEST).read_to_end(&mut text).map_err(unreadable)?;
        let text = std::str::from_utf8(&text).map_err(|_| malformed("it is not text"))?;
        Self::parse(text).map_err(malformed)
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let mut lines = text.lines();
        if lines.next() != Some(HEADING) {
            return Err("its first line is not `kith-master-key 1`");
        }
        let id = lines.next().and_then(|line| line.strip_prefix("id ")).ok_or("its second line gives no id")?;
        let key = lines.next().and_then(|line| line.strip_prefix("key ")).ok_or("its third line gives no key")?;
        if lines.next().is_some() {
            return Err("more follows after the key");
        }
        let key = Zeroizing::new(STANDARD.decode(key).map_err(|_| "its key is not base64")?);
        let key = FileKey::from_slice(&key).map_err(|_| "its key is not 32 bytes long")?;
        let master = Self::of(key);
        if master.id == id { Ok(master) } else { Err("its id is not the id of its key") }
    }

    fn create(path: &Path) -> Result<Self, VaultError> {
        let unwritable = |source| VaultError::KeyFileIo { path: path.to_owned(), action: "write", source };
        let master = Self::of(FileKey::generate()?);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(unwritable)?;
        master.write(file, path).map_err(|source| {
            // Half a key file would stop the next start; nothing has been wrapped by this key yet.
            let _ = fs::remove_file(path);
            unwritable(source)
        })?;
        Ok(master)
    }

    /// Writes the file and waits until it and its entry in the folder are on the disk: a key lost in a power cut would
    /// take with it everything sealed meanwhile.
    fn write(&self, mut file: File, path: &Path) -> io::Result<()> {
        let key = Zeroizing::new(STANDARD.encode(self.key.as_bytes()));
        let text = Zeroizing::new(format!("{HEADING}\nid {}\nkey {}\n", self.id, *key));
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }

    fn of(key: FileKey) -> Self {
        let hash = Sha256::new().chain_update(b"kith master key id\0").chain_update(key.as_bytes()).finalize();
        let mut fingerprint = [0; ID];
        fingerprint.copy_from_slice(&hash[..ID]);
        Self { key, fingerprint, id: hex::encode(fingerprint) }
    }

    fn associated(&self, context: &[u8]) -> Vec<u8> {
        Encoded::new("kith file key").bytes(&[ALGORITHM]).bytes(&self.fingerprint).bytes(context).into_bytes()
    }
}

/// A wrapped key is the algorithm (one byte), the id of the master key (8 bytes), the nonce (12 bytes), and the key
/// under AES-256-GCM with its tag (48 bytes).
impl KeyWrapper for MasterKeyFile {
    fn id(&self) -> &str {
        &self.id
    }

    fn wrap(&self, context: &[u8], key: &FileKey) -> Result<Vec<u8>, VaultError> {
        let mut wrapped = Vec::with_capacity(1 + ID + NONCE + KEY + TAG);
        wrapped.push(ALGORITHM);
        wrapped.extend_from_slice(&self.fingerprint);
        aead::encrypt_onto(&mut wrapped, &self.key, &self.associated(context), key.as_bytes())?;
        Ok(wrapped)
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<FileKey, VaultError> {
        let malformed = VaultError::Malformed { what: "the wrapped key is cut short" };
        let Some((&algorithm, rest)) = wrapped.split_first() else { return Err(malformed) };
        if algorithm != ALGORITHM {
            return Err(VaultError::UnknownAlgorithm(algorithm));
        }
        let Some((fingerprint, rest)) = rest.split_first_chunk::<ID>() else { return Err(malformed) };
        if *fingerprint != self.fingerprint {
            return Err(VaultError::OtherMasterKey { wrapped_by: hex::encode(fingerprint), loaded: self.id.clone() });
        }
        FileKey::from_slice(&aead::decrypt(&self.key, &self.associated(context), rest)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn written(text: &[u8], mode: u32) -> (TempDir, std::path::PathBuf) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("master.key");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    fn why(text: &[u8]) -> &'static str {
        let (_folder, path) = written(text, 0o600);
        match MasterKeyFile::load_or_create(&path) {
            Err(VaultError::KeyFileMalformed { path: named, why }) if named == path => {
                assert_eq!(fs::read(&path).unwrap(), text, "a damaged file must not be written over");
                why
            }
            other => panic!("{other:?}"),
        }
    }

    fn sound_text() -> String {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("master.key");
        MasterKeyFile::load_or_create(&path).unwrap();
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn a_new_key_is_written_for_its_owner_alone_and_read_again() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("master.key");
        assert!(matches!(MasterKeyFile::load(&path), Err(VaultError::KeyFileMissing { .. })));
        assert!(!path.exists(), "load never creates");

        let made = MasterKeyFile::load_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        let wrapped = made.wrap(b"file 1", &FileKey::from_bytes([3; 32])).unwrap();
        for read in [MasterKeyFile::load(&path).unwrap(), MasterKeyFile::load_or_create(&path).unwrap()] {
            assert_eq!(read.id(), made.id());
            assert_eq!(read.unwrap(b"file 1", &wrapped).unwrap().as_bytes(), &[3; 32]);
        }
        assert_eq!(made.id().len(), 16);
    }

    #[test]
    fn a_key_file_others_can_reach_is_refused() {
        let text = sound_text();
        for mode in [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o644, 0o666] {
            let (_folder, path) = written(text.as_bytes(), mode);
            match MasterKeyFile::load_or_create(&path) {
                Err(VaultError::KeyFileExposed { path: named, mode: told }) => assert_eq!((named, told), (path, mode)),
                other => panic!("{mode:o}: {other:?}"),
            }
        }
        for mode in [0o600, 0o400] {
            let (_folder, path) = written(text.as_bytes(), mode);
            assert!(MasterKeyFile::load(&path).is_ok(), "{mode:o}");
        }
    }

    #[test]
    fn a_systemd_credential_may_show_group_read_and_no_more() {
        let text = sound_text();
        let (folder, path) = written(text.as_bytes(), 0o440);
        assert!(MasterKeyFile::load_with(&path, Some(folder.path())).is_ok());
        assert!(MasterKeyFile::load_with(&path, Some(Path::new("/elsewhere"))).is_err());
        for mode in [0o460, 0o450, 0o444] {
            let (folder, path) = written(text.as_bytes(), mode);
            assert!(MasterKeyFile::load_with(&path, Some(folder.path())).is_err(), "{mode:o}");
        }
    }

    #[test]
    fn a_damaged_key_file_is_refused_with_what_is_wrong() {
        let text = sound_text();
        let line = |n| text.lines().nth(n).unwrap();
        assert_eq!(why(b""), "its first line is not `kith-master-key 1`");
        assert_eq!(why(text.replace("key 1", "key 2").as_bytes()), "its first line is not `kith-master-key 1`");
        assert_eq!(why(&[0xff; 40]), "it is not text");
        assert_eq!(why(HEADING.as_bytes()), "its second line gives no id");
        assert_eq!(why(format!("{}\n{}", line(0), line(1)).as_bytes()), "its third line gives no key");
        assert_eq!(why(&text.as_bytes()[..text.len() - 3]), "its key is not base64");
        assert_eq!(why(format!("{}\n{}\nkey AAAA", line(0), line(1)).as_bytes()), "its key is not 32 bytes long");
        assert_eq!(why(format!("{text}more").as_bytes()), "more follows after the key");
        let zeros = format!("{}\n{}\nkey {}", line(0), line(1), STANDARD.encode([0; KEY]));
        assert_eq!(why(zeros.as_bytes()), "its id is not the id of its key");
    }

    #[test]
    fn a_folder_is_no_key_file_and_no_folder_is_an_error() {
        let folder = TempDir::new().unwrap();
        assert!(matches!(MasterKeyFile::load_or_create(folder.path()), Err(VaultError::KeyFileMalformed { .. })));
        let nowhere = folder.path().join("none").join("master.key");
        assert!(matches!(MasterKeyFile::load_or_create(&nowhere), Err(VaultError::KeyFileIo { action: "write", .. })));
    }

    #[test]
    fn errors_say_the_path_and_what_to_do() {
        let (_folder, path) = written(sound_text().as_bytes(), 0o644);
        let told = MasterKeyFile::load(&path).unwrap_err().to_string();
        assert!(told.contains(&format!("chmod 600 {}", path.display())), "{told}");
        assert!(told.contains("0644"), "{told}");
    }

    #[test]
    fn a_wrapped_key_opens_only_in_its_context_under_its_master_key_unaltered() {
        let master = MasterKeyFile::of(FileKey::generate().unwrap());
        let other = MasterKeyFile::of(FileKey::generate().unwrap());
        let key = FileKey::generate().unwrap();
        let wrapped = master.wrap(b"file 1", &key).unwrap();
        assert_eq!(master.unwrap(b"file 1", &wrapped).unwrap().as_bytes(), key.as_bytes());
        assert!(matches!(master.unwrap(b"file 2", &wrapped), Err(VaultError::Tampered)));
        match other.unwrap(b"file 1", &wrapped) {
            Err(VaultError::OtherMasterKey { wrapped_by, loaded }) => {
                assert_eq!((wrapped_by.as_str(), loaded.as_str()), (master.id(), other.id()));
            }
            result => panic!("{result:?}"),
        }
        for bit in 0..wrapped.len() * 8 {
            let mut altered = wrapped.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(master.unwrap(b"file 1", &altered).is_err(), "bit {bit}");
        }
        for length in 0..wrapped.len() {
            assert!(master.unwrap(b"file 1", &wrapped[..length]).is_err(), "length {length}");
        }
        assert!(!format!("{master:?} {key:?}").contains(&STANDARD.encode(key.as_bytes())));
        assert_eq!(format!("{key:?}"), "FileKey(..)");
    }
}
