//! A document is laid down sealed and whole or not at all, and comes back only as it was laid down.

use std::convert::Infallible;
use std::path::Path;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use kith_vault::{FileKey, SEALED_PIECE};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::samples::{docx, jpeg, pdf, pdf_of, png, program};
use crate::{BYTES_MAX, Clamd, Depot, FileFault, FilesAt, Media, Taken, Taking};

struct Place {
    dir: TempDir,
    depot: Depot,
    clamd: Option<Clamd>,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let depot = Depot::open(&FilesAt::Directory(dir.path().to_path_buf())).unwrap();
        Self { dir, depot, clamd: None }
    }

    async fn take(&self, bytes: &[u8]) -> Result<Taken, FileFault> {
        self.take_while(bytes, &|| true).await
    }

    async fn take_while(&self, bytes: &[u8], has_room: &(dyn Fn() -> bool + Send + Sync)) -> Result<Taken, FileFault> {
        let parts: Vec<Result<Bytes, Infallible>> =
            bytes.chunks(10_007).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
        let (depot, clamd) = (&self.depot, self.clamd.as_ref());
        Taking { depot, clamd, authority: "nene", object: Uuid::new_v4(), has_room }.take(stream::iter(parts)).await
    }

    async fn read(&self, object: Uuid, key: &FileKey) -> Result<Vec<u8>, FileFault> {
        let mut pieces = Box::pin(self.depot.open_document("nene", object, key.clone()).await?);
        let mut whole = Vec::new();
        while let Some(piece) = pieces.next().await {
            whole.extend_from_slice(&piece?);
        }
        Ok(whole)
    }

    fn files(&self) -> usize {
        std::fs::read_dir(self.dir.path()).unwrap().count()
    }

    fn file(&self, object: Uuid) -> std::path::PathBuf {
        self.dir.path().join(object.simple().to_string())
    }
}

#[tokio::test]
async fn what_is_taken_comes_back_as_it_was_and_lies_there_sealed() {
    let place = Place::new();
    let piece = 64 * 1024;
    let mut many = vec![(docx(), Media::Docx), (jpeg(), Media::Jpeg), (png(), Media::Png), (pdf(), Media::Pdf)];
    // Around the ends of pieces, and longer than what is held at once.
    let own = pdf_of(0).len();
    many.extend([piece - 1, piece, piece + 1, 2 * piece, 3_000_000].map(|length| (pdf_of(length - own), Media::Pdf)));
    for (whole, media) in many {
        let taken = place.take(&whole).await.unwrap();
        assert_eq!((taken.media, taken.length), (media, whole.len() as u64));
        assert_eq!(place.read(taken.object, &taken.key).await.unwrap(), whole);
        let sealed = std::fs::read(place.file(taken.object)).unwrap();
        assert_eq!(taken.digest, <[u8; 32]>::from(Sha256::digest(&sealed)));
        assert!(!sealed.windows(8).any(|part| part == &whole[8..16]), "in the clear");
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(place.file(taken.object)).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
        assert!(matches!(place.read(taken.object, &FileKey::from_bytes([7; 32])).await, Err(FileFault::Altered)));
        place.depot.delete(taken.object).await.unwrap();
        place.depot.delete(taken.object).await.unwrap();
        assert!(matches!(place.read(taken.object, &taken.key).await, Err(FileFault::Gone)));
    }
    assert_eq!(place.files(), 0);
}

#[tokio::test]
async fn what_is_refused_or_cut_off_leaves_nothing() {
    let place = Place::new();
    assert!(matches!(place.take(&program()).await, Err(FileFault::Program)));
    assert!(matches!(place.take(b"").await, Err(FileFault::Empty)));
    let longest = usize::try_from(BYTES_MAX).unwrap();
    assert!(matches!(place.take(&pdf_of(longest)).await, Err(FileFault::TooLong)));
    assert!(matches!(place.take(&pdf_of(2_000_000)[..1_500_000]).await, Err(FileFault::CutShort)));
    assert!(matches!(place.take_while(&pdf_of(2_000_000), &|| false).await, Err(FileFault::NoRoom)));
    let cut = [Ok(Bytes::from(pdf_of(900_000))), Err(())];
    let taking =
        Taking { depot: &place.depot, clamd: None, authority: "nene", object: Uuid::new_v4(), has_room: &|| true };
    assert!(matches!(taking.take(stream::iter(cut)).await, Err(FileFault::Interrupted)));
    assert_eq!(place.files(), 0, "nothing is half kept");
    assert!(place.take(&pdf_of(longest - pdf_of(0).len() - 20)).await.is_ok(), "20 MiB are taken");
}

#[tokio::test]
async fn what_is_altered_exchanged_or_cut_short_is_not_given_out() {
    let place = Place::new();
    let (one, other) = (place.take(&pdf_of(200_000)).await.unwrap(), place.take(&pdf_of(200_000)).await.unwrap());
    let path = place.file(one.object);
    let whole = std::fs::read(&path).unwrap();
    let altered = async |with: &[u8]| {
        std::fs::write(&path, with).unwrap();
        assert!(matches!(place.read(one.object, &one.key).await, Err(FileFault::Altered)));
    };
    let mut bit = whole.clone();
    bit[100_000] ^= 1;
    altered(&bit).await;
    altered(&std::fs::read(place.file(other.object)).unwrap()).await;
    // At the end of a piece, where nothing but the mark of the last tells.
    altered(&whole[..5 + SEALED_PIECE]).await;
    altered(&whole[..whole.len() - 1]).await;
    altered(&[&whole[..], b"more"].concat()).await;
    altered(&[&whole[..5], &whole[5 + SEALED_PIECE..]].concat()).await;
    altered(b"").await;
    std::fs::write(&path, &whole).unwrap();
    assert!(place.read(one.object, &one.key).await.is_ok());
}

/// A clamd that answers what it is told to, and finds `bad` wherever it is.
async fn clamd(answer: &'static str) -> Clamd {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut wire, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut command = [0; 10];
                wire.read_exact(&mut command).await.unwrap();
                assert_eq!(&command, b"zINSTREAM\0");
                let mut seen = Vec::new();
                loop {
                    let length = wire.read_u32().await.unwrap();
                    if length == 0 {
                        break;
                    }
                    let mut some = vec![0; usize::try_from(length).unwrap()];
                    wire.read_exact(&mut some).await.unwrap();
                    seen.extend_from_slice(&some);
                }
                let found = seen.windows(13).any(|part| part == b"Test.Harmless");
                let answer = if found { "stream: Kith.Test FOUND" } else { answer };
                let _ = wire.write_all(format!("{answer}\0").as_bytes()).await;
            });
        }
    });
    address.parse().unwrap()
}

#[tokio::test]
async fn what_the_scanner_finds_is_refused_and_nothing_is_kept_unscanned() {
    let mut place = Place::new();
    let bad = pdf_with_words();
    place.clamd = Some(clamd("stream: OK").await);
    assert!(place.take(&pdf_of(300_000)).await.is_ok());
    let found = place.take(&bad).await.err();
    assert!(matches!(&found, Some(FileFault::Harmful { found }) if found == "Kith.Test"), "{found:?}");
    for answer in ["INSTREAM size limit exceeded. ERROR", "", "stream: what is this"] {
        place.clamd = Some(clamd(answer).await);
        assert!(matches!(place.take(&pdf()).await, Err(FileFault::Unscanned { .. })), "{answer}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    place.clamd = Some(nobody.parse().unwrap());
    assert!(matches!(place.take(&pdf()).await, Err(FileFault::Unscanned { .. })), "nobody answers");
    place.clamd = Some("/nowhere/clamd.ctl".parse().unwrap());
    assert!(matches!(place.take(&pdf()).await, Err(FileFault::Unscanned { .. })), "no socket");
    assert_eq!(place.files(), 1);
}

fn pdf_with_words() -> Vec<u8> {
    crate::samples::pdf_with(b"% Test.Harmless\n")
}

#[test]
fn a_url_says_the_bucket_and_never_a_secret() {
    let open = |url: &str| Depot::open(&FilesAt::Url(url.to_owned()));
    for wrong in [
        "bucket",
        "ftp://host/bucket",
        "https://host",
        "https:///bucket",
        "s3://",
        "s3://key:secret@bucket",
        "https://key:secret@host/bucket",
        "https://host/bucket?secret=1",
    ] {
        assert!(matches!(open(wrong), Err(FileFault::Depot(_))), "{wrong}");
    }
    for right in [
        "s3://bucket",
        "s3://bucket/kith/north",
        "https://store.example:9000/bucket/kith",
        "http://127.0.0.1:9000/bucket",
    ] {
        assert!(open(right).is_ok(), "{right}");
    }
    assert!(Path::new("/run").is_absolute());
}

/// Debian's clamd with a signature of our own, for as long as a test runs.
struct RealClamd {
    dir: TempDir,
    running: std::process::Child,
}

impl Drop for RealClamd {
    fn drop(&mut self) {
        let _ = self.running.kill();
        let _ = self.running.wait();
    }
}

/// Where Debian's package clamav-daemon puts it; `./test` installs it where it can be had.
const CLAMD: &str = "/usr/sbin/clamd";

impl RealClamd {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir(at("db")).unwrap();
        // "Test.Harmless" in hexadecimal.
        std::fs::write(at("db").join("kith.ndb"), "Kith.Test.Harmless:0:*:546573742e4861726d6c657373\n").unwrap();
        let settings = format!(
            "LocalSocket {}\nDatabaseDirectory {}\nForeground yes\nStreamMaxLength 25M\n",
            at("clamd.ctl").display(),
            at("db").display()
        );
        std::fs::write(at("clamd.conf"), settings).unwrap();
        let quiet = std::process::Stdio::null;
        let running = std::process::Command::new(CLAMD)
            .arg("-c")
            .arg(at("clamd.conf"))
            .stdout(quiet())
            .stderr(quiet())
            .spawn()
            .expect("clamd starts");
        Self { dir, running }
    }

    fn clamd(&self) -> Clamd {
        Clamd::Socket(self.dir.path().join("clamd.ctl"))
    }
}

#[tokio::test]
async fn the_real_clamd_takes_what_is_harmless_and_finds_a_signature_of_our_own() {
    if !std::path::Path::new(CLAMD).exists() {
        eprintln!("NOT TESTED: a real virus scanner, which takes Debian's package clamav-daemon");
        return;
    }
    let mut place = Place::new();
    let real = RealClamd::start();
    place.clamd = Some(real.clamd());
    // It says when it is there by answering; before that, nothing is taken.
    let begun = std::time::Instant::now();
    while real.clamd().ping().await.is_err() {
        assert!(begun.elapsed() < std::time::Duration::from_mins(1), "clamd did not start");
        tokio::task::yield_now().await;
    }
    assert!(place.take(&pdf_of(2_000_000)).await.is_ok());
    let found = place.take(&pdf_with_words()).await.err();
    assert!(
        matches!(&found, Some(FileFault::Harmful { found }) if found.starts_with("Kith.Test.Harmless")),
        "{found:?}"
    );
    assert_eq!(place.files(), 1);
}
