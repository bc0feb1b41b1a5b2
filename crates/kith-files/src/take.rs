//! A document that comes in: looked through, scanned, sealed and laid down at once, or none of it.

use std::io::{self, Read};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use kith_vault::FileKey;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::check::check;
use crate::laying::{Laid, Laying};
use crate::{Clamd, Depot, FileFault, Media};

/// Longest document, bytes (handbook section 4: 20 MiB).
pub const BYTES_MAX: u64 = 20 * 1024 * 1024;

/// How a document is taken in.
pub struct Taking<'t> {
    /// Where it is laid down.
    pub depot: &'t Depot,
    /// The scanner; `None` where there is none.
    pub clamd: Option<&'t Clamd>,
    /// The code of the authority, bound into every piece.
    pub authority: &'t str,
    /// The name it is laid down by, of this one attempt.
    pub object: Uuid,
    /// Asked before each piece: whether there is still room.
    pub has_room: &'t (dyn Fn() -> bool + Send + Sync),
}

/// A document that was laid down. No Debug: it has the key.
pub struct Taken {
    /// The name it is laid down by.
    pub object: Uuid,
    /// What it is.
    pub media: Media,
    /// Its length, bytes.
    pub length: u64,
    /// SHA-256 of the sealed bytes.
    pub digest: [u8; 32],
    /// The key of its pieces, to be sealed where whoever may read it finds it.
    pub key: FileKey,
}

impl Taking<'_> {
    /// Takes in a document to its end. When this fails nothing is kept; when it is dropped, what had come in is not there.
    ///
    /// Holds a few pieces at a time. Errors of `source` are [`FileFault::Interrupted`].
    pub async fn take<E>(
        &self,
        source: impl Stream<Item = Result<Bytes, E>> + Send + Unpin,
    ) -> Result<Taken, FileFault> {
        let has_room = Box::new(|| (self.has_room)());
        let mut laying = Laying::begin(self.depot, self.authority, self.object, has_room).await?;
        match self.through(source, &mut laying).await {
            Ok(media) => {
                let Laid { object, length, digest, key } = laying.finish().await?;
                Ok(Taken { object, media, length, digest, key })
            }
            Err(fault) => {
                laying.abort().await;
                if let FileFault::Unscanned { why } = &fault {
                    tracing::error!(why, "a document could not be scanned and was not taken");
                }
                Err(fault)
            }
        }
    }

    async fn through<E>(
        &self,
        mut source: impl Stream<Item = Result<Bytes, E>> + Send + Unpin,
        laying: &mut Laying<'_>,
    ) -> Result<Media, FileFault> {
        let (feed, eater) = mpsc::channel(2);
        let checking = tokio::task::spawn_blocking(move || check(&mut Fed { fed: eater, now: Bytes::new() }));
        let mut scan = match self.clamd {
            Some(clamd) => Some(clamd.begin().await?),
            None => None,
        };
        let mut length = 0;
        while let Some(some) = source.next().await {
            let Ok(some) = some else { return Err(FileFault::Interrupted) };
            length += some.len() as u64;
            if length > BYTES_MAX {
                return Err(FileFault::TooLong);
            }
            if !some.is_empty() && feed.send(some.clone()).await.is_err() {
                // Enough was seen.
                break;
            }
            if let Some(scan) = &mut scan {
                scan.give(&some).await?;
            }
            laying.give(some).await?;
        }
        drop(feed);
        let media = checking.await.map_err(|_| FileFault::Damaged)??;
        if let Some(scan) = scan {
            scan.end().await?;
        }
        Ok(media)
    }
}

/// What comes in, for a reader that waits for it.
struct Fed {
    fed: mpsc::Receiver<Bytes>,
    now: Bytes,
}

impl Read for Fed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.now.is_empty() {
            self.now = self.fed.blocking_recv().unwrap_or_default();
        }
        let some = self.now.split_to(self.now.len().min(into.len()));
        into[..some.len()].copy_from_slice(&some);
        Ok(some.len())
    }
}
