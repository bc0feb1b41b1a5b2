//! A document that comes in: looked through, scanned, sealed and laid down at once, or none of it.

use std::io::{self, Read};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use kith_vault::{FileKey, PIECE, PIECES_HEAD, PieceSealer};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::check::check;
use crate::depot::Sink;
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
        let mut sink = self.depot.sink(self.object);
        match self.through(source, &mut sink).await {
            Ok((media, length, digest, key)) => {
                if let Err(fault) = sink.finish().await {
                    // It may be there although its end was not confirmed.
                    let _ = self.depot.delete(self.object).await;
                    return Err(fault);
                }
                Ok(Taken { object: self.object, media, length, digest, key })
            }
            Err(fault) => {
                sink.abort().await;
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
        sink: &mut Sink,
    ) -> Result<(Media, u64, [u8; 32], FileKey), FileFault> {
        let (feed, eater) = mpsc::channel(2);
        let checking = tokio::task::spawn_blocking(move || check(&mut Fed { fed: eater, now: Bytes::new() }));
        let mut scan = match self.clamd {
            Some(clamd) => Some(clamd.begin().await?),
            None => None,
        };
        let (mut sealer, key) = PieceSealer::new(self.authority, self.object)?;
        let mut out = Sealed { sink, hash: Sha256::new() };
        out.put(PIECES_HEAD.to_vec()).await?;
        let (mut piece, mut length) = (Vec::with_capacity(PIECE), 0);
        while let Some(some) = source.next().await {
            let Ok(mut some) = some else { return Err(FileFault::Interrupted) };
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
            while !some.is_empty() {
                // A full piece waits until something follows it: the last is sealed as the last.
                if piece.len() == PIECE {
                    if !(self.has_room)() {
                        return Err(FileFault::NoRoom);
                    }
                    out.put(sealer.seal(&piece, false)?).await?;
                    piece.clear();
                }
                let now = some.split_to(some.len().min(PIECE - piece.len()));
                piece.extend_from_slice(&now);
            }
        }
        drop(feed);
        let media = checking.await.map_err(|_| FileFault::Damaged)??;
        if let Some(scan) = scan {
            scan.end().await?;
        }
        if !(self.has_room)() {
            return Err(FileFault::NoRoom);
        }
        out.put(sealer.seal(&piece, true)?).await?;
        Ok((media, length, out.hash.finalize().into(), key))
    }
}

/// Sealed bytes on their way, with their hash.
struct Sealed<'s> {
    sink: &'s mut Sink,
    hash: Sha256,
}

impl Sealed<'_> {
    async fn put(&mut self, some: Vec<u8>) -> Result<(), FileFault> {
        self.hash.update(&some);
        self.sink.put(some.into()).await
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
