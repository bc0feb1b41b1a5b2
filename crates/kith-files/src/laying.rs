//! Sealing something that is made or comes in piece by piece, and laying it down at the same time.

use bytes::Bytes;
use kith_vault::{FileKey, PIECE, PIECES_HEAD, PieceSealer};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::depot::Sink;
use crate::{Depot, FileFault};

/// Asked before each piece: whether there is still room.
pub type HasRoom<'r> = Box<dyn Fn() -> bool + Send + Sync + 'r>;

/// Something that is being laid down. It holds a piece at a time; dropped before its end it is not there.
pub struct Laying<'d> {
    depot: &'d Depot,
    object: Uuid,
    has_room: HasRoom<'d>,
    sealer: PieceSealer,
    key: FileKey,
    sink: Sink,
    hash: Sha256,
    piece: Vec<u8>,
    length: u64,
}

/// Something that was laid down. No Debug: it has the key.
pub struct Laid {
    /// The name it is laid down by.
    pub object: Uuid,
    /// Its length, bytes.
    pub length: u64,
    /// SHA-256 of the sealed bytes.
    pub digest: [u8; 32],
    /// The key of its pieces, to be sealed where whoever may read it finds it.
    pub key: FileKey,
}

impl<'d> Laying<'d> {
    /// Begins to lay something down by a name, of an authority whose code is bound into every piece.
    pub async fn begin(
        depot: &'d Depot,
        authority: &str,
        object: Uuid,
        has_room: HasRoom<'d>,
    ) -> Result<Self, FileFault> {
        let (sealer, key) = PieceSealer::new(authority, object)?;
        let (sink, hash, piece) = (depot.sink(object), Sha256::new(), Vec::with_capacity(PIECE));
        let mut laying = Self { depot, object, has_room, sealer, key, sink, hash, piece, length: 0 };
        laying.put(PIECES_HEAD.to_vec()).await?;
        Ok(laying)
    }

    /// The next bytes, so many as there are.
    pub async fn give(&mut self, mut some: Bytes) -> Result<(), FileFault> {
        self.length += some.len() as u64;
        while !some.is_empty() {
            // A full piece waits until something follows it: the last is sealed as the last.
            if self.piece.len() == PIECE {
                self.check_room()?;
                let sealed = self.sealer.seal(&self.piece, false)?;
                self.put(sealed).await?;
                self.piece.clear();
            }
            let now = some.split_to(some.len().min(PIECE - self.piece.len()));
            self.piece.extend_from_slice(&now);
        }
        Ok(())
    }

    /// Its end: durable when this returns. When it fails nothing is there.
    pub async fn finish(mut self) -> Result<Laid, FileFault> {
        let last = match self.check_room() {
            Ok(()) => self.sealer.seal(&self.piece, true).map_err(FileFault::from),
            Err(fault) => Err(fault),
        };
        let put = match last {
            Ok(last) => self.put(last).await,
            Err(fault) => Err(fault),
        };
        if let Err(fault) = put {
            self.abort().await;
            return Err(fault);
        }
        if let Err(fault) = self.sink.finish().await {
            // It may be there although its end was not confirmed.
            let _ = self.depot.delete(self.object).await;
            return Err(fault);
        }
        let digest = self.hash.finalize().into();
        Ok(Laid { object: self.object, length: self.length, digest, key: self.key })
    }

    /// It is not wanted: nothing of it stays.
    pub async fn abort(self) {
        self.sink.abort().await;
    }

    fn check_room(&self) -> Result<(), FileFault> {
        if (self.has_room)() { Ok(()) } else { Err(FileFault::NoRoom) }
    }

    async fn put(&mut self, some: Vec<u8>) -> Result<(), FileFault> {
        self.hash.update(&some);
        self.sink.put(some.into()).await
    }
}
