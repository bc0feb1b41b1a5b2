//! Where documents are kept: a directory, or a store that speaks S3.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _};
use kith_vault::{FileKey, PIECES_HEAD, PieceOpener, SEALED_PIECE};
use object_store::aws::AmazonS3Builder;
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, RetryConfig};
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use crate::FileFault;

/// How much is held before it is written to a directory.
const DIRECTORY_PART: usize = 256 * 1024;
/// The shortest part that S3 takes, but for the last.
const S3_PART: usize = 5 * 1024 * 1024;

/// Where documents are to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesAt {
    /// In a directory, which is there and for its owner only.
    Directory(PathBuf),
    /// In a directory that several servers have: `file:///srv/kith-files`. In a bucket: `s3://bucket/prefix`, or `https://host:port/bucket/prefix` of a store that speaks S3. Credentials and
    /// region come from the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`).
    Url(String),
}

impl FilesAt {
    /// The directory, where it is one.
    pub fn directory(&self) -> Option<PathBuf> {
        match self {
            Self::Directory(directory) => Some(directory.clone()),
            Self::Url(url) => url.strip_prefix("file://").filter(|path| path.starts_with('/')).map(PathBuf::from),
        }
    }
}

/// Where sealed documents are kept.
#[derive(Clone)]
pub struct Depot {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    part: usize,
    /// The directory, where it is one.
    directory: Option<PathBuf>,
}

impl Depot {
    /// Opens it; nothing is asked of it yet. [`FileFault::Depot`] says what is wrong with the setting.
    pub fn open(at: &FilesAt) -> Result<Self, FileFault> {
        match at {
            FilesAt::Directory(directory) => Self::in_directory(directory.clone()),
            FilesAt::Url(url) => match at.directory() {
                Some(directory) => Self::in_directory(directory),
                None => s3(url),
            },
        }
    }

    fn in_directory(directory: PathBuf) -> Result<Self, FileFault> {
        let store = LocalFileSystem::new_with_prefix(&directory)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), prefix: Path::default(), part: DIRECTORY_PART, directory: Some(directory) })
    }

    fn path(&self, object: Uuid) -> Path {
        self.prefix.clone().join(object.simple().to_string())
    }

    pub(crate) fn sink(&self, object: Uuid) -> Sink {
        // One part at a time: how much is held for one document is known.
        let writer = BufWriter::with_capacity(Arc::clone(&self.store), self.path(object), self.part);
        let own = self.directory.as_ref().map(|directory| directory.join(object.simple().to_string()));
        Sink { writer: writer.with_max_concurrency(1), own }
    }

    /// The document that was laid down, piece by piece. The first piece is read and opened before this returns:
    /// [`FileFault::Gone`] if there is nothing, [`FileFault::Altered`] if it is not what was laid down. So do the later ones say.
    pub async fn open_document(
        &self,
        authority: &str,
        object: Uuid,
        key: FileKey,
    ) -> Result<impl Stream<Item = Result<Bytes, FileFault>> + Send + use<>, FileFault> {
        let sealed = self.store.get(&self.path(object)).await?.into_stream();
        let opener = PieceOpener::new(key, authority, object);
        let mut pieces = Pieces { sealed, opener, held: BytesMut::new(), begun: false, ended: false };
        let first = pieces.next().await?;
        let later = futures_util::stream::unfold(pieces, |mut pieces| async move {
            pieces.next().await.transpose().map(|piece| (piece, pieces))
        });
        Ok(futures_util::stream::iter(first.map(Ok)).chain(later))
    }

    /// The sealed bytes of a document, for who compares them with what the log says of them.
    pub async fn sealed(&self, object: Uuid) -> Result<BoxStream<'static, Result<Bytes, FileFault>>, FileFault> {
        Ok(self.store.get(&self.path(object)).await?.into_stream().map(|some| Ok(some?)).boxed())
    }

    /// Takes a document away; one that is not there already is no error.
    pub async fn delete(&self, object: Uuid) -> Result<(), FileFault> {
        match self.store.delete(&self.path(object)).await.map_err(FileFault::from) {
            Ok(()) | Err(FileFault::Gone) => Ok(()),
            Err(fault) => Err(fault),
        }
    }
}

fn s3(url: &str) -> Result<Depot, FileFault> {
    let wrong = |why: &str| FileFault::Depot(why.to_owned());
    let like = "its URL must look like file:///directory, s3://bucket/prefix or https://host:port/bucket/prefix";
    let (scheme, rest) = url.split_once("://").ok_or_else(|| wrong(like))?;
    if rest.contains(['@', '?', '#']) {
        return Err(wrong("its URL must hold no credentials and no question: they are read from the environment"));
    }
    let (host, inner) = match scheme {
        "s3" => (None, rest),
        "https" | "http" => {
            let (host, inner) = rest.split_once('/').ok_or_else(|| wrong(like))?;
            (Some(format!("{scheme}://{host}")), inner)
        }
        _ => return Err(wrong(like)),
    };
    let (bucket, prefix) = inner.split_once('/').unwrap_or((inner, ""));
    if bucket.is_empty() || host.as_deref().is_some_and(|host| host.ends_with("://")) {
        return Err(wrong(like));
    }
    // TLS by what the database's connection is made with; it is set once for the program.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let retry = RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(20), ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retry);
    if let Some(host) = host {
        builder =
            builder.with_endpoint(host).with_virtual_hosted_style_request(false).with_allow_http(scheme == "http");
    }
    let store = builder.build().map_err(|_| wrong("its setting is not complete: see docs/operating.md, Documents"))?;
    Ok(Depot { store: Arc::new(store), prefix: Path::from(prefix), part: S3_PART, directory: None })
}

/// A document that is being laid down. What is dropped before its end is not there.
pub(crate) struct Sink {
    writer: BufWriter,
    /// The file it becomes, where it becomes one.
    own: Option<PathBuf>,
}

impl Sink {
    pub(crate) async fn put(&mut self, some: Bytes) -> Result<(), FileFault> {
        Ok(self.writer.put(some).await?)
    }

    /// Lays it down: durable when this returns.
    pub(crate) async fn finish(&mut self) -> Result<(), FileFault> {
        self.writer.shutdown().await.map_err(|error| match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => FileFault::NoRoom,
            _ => error
                .downcast::<object_store::Error>()
                .map_or_else(|_| FileFault::Depot("it did not take a document to its end".to_owned()), FileFault::from),
        })?;
        if let Some(own) = &self.own {
            let kept = tokio::fs::set_permissions(own, Permissions::from_mode(0o600)).await;
            kept.map_err(|error| FileFault::Depot(error.kind().to_string()))?;
        }
        Ok(())
    }

    pub(crate) async fn abort(mut self) {
        if let Err(error) = self.writer.abort().await {
            let fault = FileFault::from(error);
            tracing::warn!(%fault, "what had come in of a document that was not taken could not be taken away");
        }
    }
}

/// Sealed bytes, opened piece by piece.
struct Pieces {
    sealed: BoxStream<'static, object_store::Result<Bytes>>,
    opener: PieceOpener,
    held: BytesMut,
    begun: bool,
    ended: bool,
}

impl Pieces {
    async fn next(&mut self) -> Result<Option<Bytes>, FileFault> {
        if self.ended {
            return Ok(None);
        }
        // Whether a piece is the last is known when nothing follows it.
        let wanted = if self.begun { 0 } else { PIECES_HEAD.len() } + SEALED_PIECE;
        let mut last = false;
        while self.held.len() <= wanted {
            let Some(some) = self.sealed.next().await else {
                last = true;
                break;
            };
            self.held.extend_from_slice(&some?);
        }
        if !self.begun {
            if !self.held.starts_with(PIECES_HEAD) {
                return Err(FileFault::Altered);
            }
            drop(self.held.split_to(PIECES_HEAD.len()));
            self.begun = true;
        }
        let piece = self.held.split_to(self.held.len().min(SEALED_PIECE));
        self.ended = last;
        let plain = self.opener.open(&piece, last).map_err(|_| FileFault::Altered)?;
        Ok(Some(Bytes::copy_from_slice(&plain)))
    }
}
