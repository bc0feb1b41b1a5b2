//! A bag as archives take them in: `BagIt` 1.0 (RFC 8493) in a tar file (POSIX.1-1988 ustar), written front to back, so that only one
//! file of it is ever in memory.
//!
//! ```text
//! kith-4F2A-9C1B/bagit.txt               the form
//! kith-4F2A-9C1B/data/…                  the payload
//! kith-4F2A-9C1B/bag-info.txt            whose it is; no personal data but the reference of the transfer
//! kith-4F2A-9C1B/manifest-sha256.txt     the digest of each file of the payload
//! kith-4F2A-9C1B/tagmanifest-sha256.txt  the digest of each of the others
//! ```

use std::fmt::Write as _;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::ServiceError;

/// Bytes of a block of a tar file.
const BLOCK: usize = 512;
/// Most bytes of a name in a tar file.
const NAME_MAX: usize = 100;
/// The longest file that a header can say: eleven octal digits.
const LENGTH_MAX: u64 = 0o777_7777_7777;

/// What stands in `bag-info.txt`.
pub(super) struct BagInfo {
    /// The authority.
    pub(super) organisation: String,
    /// Its address, in one line.
    pub(super) address: String,
    /// Phone and email of who answers.
    pub(super) phone: String,
    /// Email of who answers.
    pub(super) email: String,
    /// The reference of the transfer.
    pub(super) reference: String,
    /// The day on which it was made.
    pub(super) made_on: Date,
}

/// A bag that is being written. Each function returns the next bytes of the tar file.
pub(super) struct BagWriter {
    name: String,
    made_s: i64,
    /// Path in the bag and digest of each file of the payload.
    payload: Vec<(String, String)>,
    octets: u64,
    tags: Vec<(String, String)>,
    now: Option<Now>,
    whole: Sha256,
    length: u64,
}

/// The file that is being written.
struct Now {
    path: String,
    left: u64,
    length: u64,
    digest: Sha256,
}

/// A bag that was written to its end.
pub(super) struct WrittenBag {
    /// SHA-256 of the tar file, hexadecimal.
    pub(super) digest: String,
    /// Its length, bytes.
    pub(super) length: u64,
    /// Files of its payload.
    pub(super) files: usize,
}

const WRONG: ServiceError = ServiceError::Broken("a bag for an archive could not be written");

impl BagWriter {
    /// A bag of a name (its directory in the tar file), made at an instant, UTC milliseconds; with its first bytes.
    pub(super) fn begin(name: String, made_ms: i64) -> Result<(Self, Vec<u8>), ServiceError> {
        let mut bag = Self {
            name,
            made_s: made_ms / 1_000,
            payload: Vec::new(),
            octets: 0,
            tags: Vec::new(),
            now: None,
            whole: Sha256::new(),
            length: 0,
        };
        let form = bag.tag("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")?;
        Ok((bag, form))
    }

    /// Begins a file of the payload, `path` below `data/`, of a length that is known.
    pub(super) fn open(&mut self, path: &str, length: u64) -> Result<Vec<u8>, ServiceError> {
        self.begin_file(format!("data/{path}"), length)
    }

    /// The next bytes of the file.
    pub(super) fn more(&mut self, some: &[u8]) -> Result<(), ServiceError> {
        let now = self.now.as_mut().ok_or(WRONG)?;
        now.left = now.left.checked_sub(some.len() as u64).ok_or(WRONG)?;
        now.digest.update(some);
        self.seen(some);
        Ok(())
    }

    /// Its end. An error if it was shorter than was said: the tar file would be wrong from there on.
    pub(super) fn close(&mut self) -> Result<Vec<u8>, ServiceError> {
        let (path, length, digest, padding) = self.end_file()?;
        self.octets += length;
        self.payload.push((path, digest));
        Ok(padding)
    }

    /// A whole file of the payload.
    pub(super) fn file(&mut self, path: &str, bytes: &[u8]) -> Result<Vec<u8>, ServiceError> {
        let mut out = self.open(path, bytes.len() as u64)?;
        self.more(bytes)?;
        out.extend_from_slice(bytes);
        out.extend(self.close()?);
        Ok(out)
    }

    /// The end of the bag: what is in it, and whose it is.
    pub(super) fn finish(mut self, info: &BagInfo) -> Result<(WrittenBag, Vec<u8>), ServiceError> {
        let files = self.payload.len();
        let lines = [
            ("Source-Organization", info.organisation.clone()),
            ("Organization-Address", info.address.clone()),
            ("Contact-Phone", info.phone.clone()),
            ("Contact-Email", info.email.clone()),
            ("External-Identifier", info.reference.clone()),
            ("Bagging-Date", info.made_on.to_string()),
            ("Payload-Oxum", format!("{}.{files}", self.octets)),
            ("Bag-Software-Agent", format!("Kith {}", env!("CARGO_PKG_VERSION"))),
        ];
        let mut text = String::new();
        for (label, value) in lines.iter().filter(|(_, value)| !value.trim().is_empty()) {
            let _ = writeln!(text, "{label}: {}", one_line(value));
        }
        let mut out = self.tag("bag-info.txt", text.as_bytes())?;
        let of_payload = manifest(&self.payload);
        out.extend(self.tag("manifest-sha256.txt", of_payload.as_bytes())?);
        let of_tags = manifest(&self.tags);
        out.extend(self.tag("tagmanifest-sha256.txt", of_tags.as_bytes())?);
        let end = vec![0; 2 * BLOCK];
        self.seen(&end);
        out.extend(end);
        let written = WrittenBag { digest: hex::encode(self.whole.finalize()), length: self.length, files };
        Ok((written, out))
    }

    fn tag(&mut self, path: &str, bytes: &[u8]) -> Result<Vec<u8>, ServiceError> {
        let mut out = self.begin_file(path.to_owned(), bytes.len() as u64)?;
        self.more(bytes)?;
        out.extend_from_slice(bytes);
        let (path, _, digest, padding) = self.end_file()?;
        self.tags.push((path, digest));
        out.extend(padding);
        Ok(out)
    }

    fn begin_file(&mut self, path: String, length: u64) -> Result<Vec<u8>, ServiceError> {
        let header = header(&format!("{}/{path}", self.name), length, self.made_s)?;
        if self.now.replace(Now { path, left: length, length, digest: Sha256::new() }).is_some() {
            return Err(WRONG);
        }
        self.seen(&header);
        Ok(header)
    }

    fn end_file(&mut self) -> Result<(String, u64, String, Vec<u8>), ServiceError> {
        let now = self.now.take().filter(|now| now.left == 0).ok_or(WRONG)?;
        let over = usize::try_from(now.length % BLOCK as u64).unwrap_or_default();
        let padding = vec![0; if over == 0 { 0 } else { BLOCK - over }];
        self.seen(&padding);
        Ok((now.path, now.length, hex::encode(now.digest.finalize()), padding))
    }

    fn seen(&mut self, some: &[u8]) {
        self.whole.update(some);
        self.length += some.len() as u64;
    }
}

/// A value of `bag-info.txt` in one line.
fn one_line(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn manifest(files: &[(String, String)]) -> String {
    files.iter().fold(String::new(), |mut text, (path, digest)| {
        let _ = writeln!(text, "{digest}  {path}");
        text
    })
}

/// The header of a file (POSIX.1-1988 ustar): readable by its owner, of nobody.
fn header(name: &str, length: u64, made_s: i64) -> Result<Vec<u8>, ServiceError> {
    if name.len() > NAME_MAX || length > LENGTH_MAX {
        return Err(WRONG);
    }
    let mut block = vec![0; BLOCK];
    let mut put = |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000600\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{length:011o}\0"));
    put(136, &format!("{:011o}\0", made_s.max(0)));
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(block)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn info() -> BagInfo {
        BagInfo {
            organisation: "Nenedale County Council".into(),
            address: "Five Arches House,\nNenebridge".into(),
            phone: "01632 960 361".into(),
            email: "dpo@nenedale.example".into(),
            reference: "4F2A-9C1B".into(),
            made_on: date(2096, 5, 4),
        }
    }

    #[test]
    fn a_bag_is_a_tar_file_with_a_manifest_of_what_is_in_it() {
        // RFC 8493 section 2: bagit.txt, data/, manifest; section 2.2.2: bag-info.txt, Payload-Oxum.
        let (mut bag, mut out) = BagWriter::begin("kith-4F2A-9C1B".into(), 3_987_000_000_000).unwrap();
        out.extend(bag.file("one.txt", b"one").unwrap());
        out.extend(bag.open("documents/two.pdf", 700).unwrap());
        for some in [[7; 400].as_slice(), &[7; 300]] {
            bag.more(some).unwrap();
            out.extend_from_slice(some);
        }
        out.extend(bag.close().unwrap());
        let (written, rest) = bag.finish(&info()).unwrap();
        out.extend(rest);
        assert_eq!((written.length, written.files), (out.len() as u64, 2));
        assert_eq!(written.digest, hex::encode(Sha256::digest(&out)));
        assert_eq!(out.len() % BLOCK, 0);
        let text = String::from_utf8_lossy(&out);
        let one = hex::encode(Sha256::digest(b"one"));
        for needed in [
            "BagIt-Version: 1.0\n",
            "Payload-Oxum: 703.2\n",
            "External-Identifier: 4F2A-9C1B\n",
            "Organization-Address: Five Arches House, Nenebridge\n",
            "Bagging-Date: 2096-05-04\n",
            &format!("{one}  data/one.txt\n"),
            "  data/documents/two.pdf\n",
            "  bag-info.txt\n",
            "  manifest-sha256.txt\n",
        ] {
            assert!(text.contains(needed), "{needed}");
        }
        assert!(!text.contains("  tagmanifest-sha256.txt"));
    }

    #[test]
    fn a_file_that_is_not_as_long_as_was_said_is_no_part_of_a_bag() {
        let (mut bag, _) = BagWriter::begin("kith".into(), 0).unwrap();
        assert!(bag.more(b"x").is_err(), "no file is open");
        bag.open("short", 2).unwrap();
        bag.more(b"x").unwrap();
        assert!(bag.close().is_err());
        bag.open("long", 1).unwrap();
        assert!(bag.more(b"xx").is_err());
        let (mut bag, _) = BagWriter::begin("kith".into(), 0).unwrap();
        assert!(bag.file(&"x".repeat(100), b"").is_err(), "a name that does not fit");
    }
}
