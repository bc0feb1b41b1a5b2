//! The file that the master key lies in.
//!
//! ```text
//! kith-master-key 1
//! id 5f0c2d9e81ab3746
//! key <32 bytes in base64>
//! ```
//!
//! The id is the first eight bytes of SHA-256 over a label and the key: it names the key without telling it, and shows
//! a damaged file at once. While the master key is being replaced by another, the file has both, one pair of lines after the
//! other; which of them wraps is said where the wrapped keys are.

use crate::{FileKey, MasterKey, VaultError, wrapped_by};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

const HEADING: &str = "kith-master-key 1";
/// Longest file read; a sound one with two keys is a fifth of it.
const LONGEST: u64 = 1024;

/// What a master key file holds: one master key, or two while the one is replaced by the other. In memory after being read
/// from a file that only its owner may read.
#[derive(Clone, Debug)]
pub struct MasterKeyFile {
    keys: Vec<MasterKey>,
}

impl MasterKeyFile {
    /// Reads `path`, or makes a new master key there (mode 0600) if there is no such file.
    ///
    /// For setting up an authority; a service that already has records should use [`load`](Self::load), because a new
    /// key cannot open anything an earlier one wrapped. Errors as for `load`, and [`VaultError::KeyFileIo`] if the
    /// file cannot be written.
    pub fn load_or_create(path: &Path) -> Result<Self, VaultError> {
        match Self::load(path) {
            Err(VaultError::KeyFileMissing { .. }) => Self::create(path, MasterKey::generate()?),
            loaded => loaded,
        }
    }

    /// Reads `path`, and never makes a file.
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
        let mut keys = Vec::with_capacity(1);
        loop {
            let id = match (lines.next(), keys.is_empty()) {
                (None, false) => return Ok(Self { keys }),
                (line, first) => line.and_then(|line| line.strip_prefix("id ")).ok_or(if first {
                    "its second line gives no id"
                } else {
                    "more follows after the key"
                })?,
            };
            let key = lines.next().and_then(|line| line.strip_prefix("key ")).ok_or("its third line gives no key")?;
            let key = Zeroizing::new(STANDARD.decode(key).map_err(|_| "its key is not base64")?);
            let key = FileKey::from_slice(&key).map_err(|_| "its key is not 32 bytes long")?;
            let master = MasterKey::of(key);
            if master.id() != id {
                return Err("its id is not the id of its key");
            }
            keys.push(master);
        }
    }

    /// Writes a master key into a new file (mode 0600), durably. [`VaultError::KeyFileIo`] if there is a file already.
    pub fn create(path: &Path, master: MasterKey) -> Result<Self, VaultError> {
        let unwritable = |source| VaultError::KeyFileIo { path: path.to_owned(), action: "write", source };
        let keys = Self { keys: vec![master] };
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(unwritable)?;
        keys.write(file, path).map_err(|source| {
            // Half a key file would stop the next start; nothing has been wrapped by this key yet.
            let _ = fs::remove_file(path);
            unwritable(source)
        })?;
        Ok(keys)
    }

    /// Writes these master keys in the place of those that are in the file, in one step: whoever reads it, even after a power
    /// cut, finds the one or the other. The same owner and mode 0600.
    pub fn replace(path: &Path, keys: Vec<MasterKey>) -> Result<Self, VaultError> {
        let unwritable = |source| VaultError::KeyFileIo { path: path.to_owned(), action: "write", source };
        // A link stays a link.
        let place = fs::canonicalize(path).map_err(unwritable)?;
        let keys = Self { keys };
        let beside = beside(&place);
        let written = fs::remove_file(&beside).or_else(|error| match error.kind() {
            ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        });
        let written = written.and_then(|()| {
            let before = fs::metadata(&place)?;
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
            // Who rotates may be root, and who serves is not.
            std::os::unix::fs::fchown(&file, Some(before.uid()), Some(before.gid()))?;
            keys.write(file, &beside)?;
            fs::rename(&beside, &place)?;
            File::open(folder_of(&place))?.sync_all()
        });
        written.map_err(|source| {
            let _ = fs::remove_file(&beside);
            unwritable(source)
        })?;
        Ok(keys)
    }

    /// Writes the file and waits until it and its entry in the folder are on the disk: a key lost in a power cut would
    /// take with it everything sealed meanwhile.
    fn write(&self, mut file: File, path: &Path) -> io::Result<()> {
        let mut text = Zeroizing::new(String::with_capacity(LONGEST.try_into().unwrap_or_default()));
        text.push_str(HEADING);
        text.push('\n');
        for master in &self.keys {
            let key = Zeroizing::new(STANDARD.encode(master.key().as_bytes()));
            for part in ["id ", master.id(), "\nkey ", &key, "\n"] {
                text.push_str(part);
            }
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        File::open(folder_of(path))?.sync_all()
    }

    /// The master keys, at least one.
    pub fn keys(&self) -> &[MasterKey] {
        &self.keys
    }

    /// The master key of an id.
    pub fn get(&self, id: &str) -> Option<&MasterKey> {
        self.keys.iter().find(|key| key.id() == id)
    }

    /// Unwraps what one of these wrapped, see [`MasterKey::unwrap`].
    pub fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<FileKey, VaultError> {
        let id = wrapped_by(wrapped)?;
        match self.get(&id) {
            Some(key) => key.unwrap(context, wrapped),
            None => Err(self.other(id)),
        }
    }

    /// The error for a key that none of these wrapped.
    pub fn other(&self, wrapped_by: String) -> VaultError {
        let loaded: Vec<&str> = self.keys.iter().map(MasterKey::id).collect();
        VaultError::OtherMasterKey { wrapped_by, loaded: loaded.join(" and ") }
    }
}

/// Where a file is written before it takes the place of another.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
        let made = &made.keys()[0];
        let wrapped = made.wrap(b"file 1", &FileKey::from_bytes([3; 32])).unwrap();
        assert_eq!(wrapped_by(&wrapped).unwrap(), made.id());
        for read in [MasterKeyFile::load(&path).unwrap(), MasterKeyFile::load_or_create(&path).unwrap()] {
            assert_eq!(read.keys()[0].id(), made.id());
            assert_eq!(read.unwrap(b"file 1", &wrapped).unwrap().as_bytes(), &[3; 32]);
        }
        assert_eq!(made.id().len(), 16);
        let again = MasterKeyFile::create(&path, MasterKey::generate().unwrap());
        assert!(matches!(again, Err(VaultError::KeyFileIo { action: "write", .. })), "nothing is written over");
    }

    #[test]
    fn a_file_holds_the_old_and_the_new_key_while_one_replaces_the_other() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("master.key");
        let old = MasterKeyFile::load_or_create(&path).unwrap().keys()[0].clone();
        let new = MasterKey::generate().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        // What a write that was cut short left.
        fs::write(folder.path().join("master.key.new"), "half").unwrap();
        MasterKeyFile::replace(&link, vec![old.clone(), new.clone()]).unwrap();
        assert!(link.is_symlink() && !path.is_symlink());
        assert!(!folder.path().join("master.key.new").exists());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        let both = MasterKeyFile::load(&path).unwrap();
        let key = FileKey::generate().unwrap();
        for master in [&old, &new] {
            let wrapped = master.wrap(b"file 1", &key).unwrap();
            assert_eq!(both.unwrap(b"file 1", &wrapped).unwrap().as_bytes(), key.as_bytes());
        }
        MasterKeyFile::replace(&path, vec![new.clone()]).unwrap();
        let alone = MasterKeyFile::load(&path).unwrap();
        let wrapped = old.wrap(b"file 1", &key).unwrap();
        match alone.unwrap(b"file 1", &wrapped) {
            Err(VaultError::OtherMasterKey { wrapped_by, loaded }) => {
                assert_eq!((wrapped_by.as_str(), loaded.as_str()), (old.id(), new.id()));
            }
            other => panic!("{other:?}"),
        }
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
        let zeros = format!("{}\n{}\nkey {}", line(0), line(1), STANDARD.encode([0; crate::keys::KEY]));
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
}
