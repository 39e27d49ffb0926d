//! Blobs: each has the bytes that its name says.

use super::{Error, Examination, Progress};
use base::hash::Sha256;
use store::{Store, StoreError};

/// How many names are read at once.
const PAGE: usize = 500;

/// How many bytes of a blob are read at once.
const PIECE: u64 = 1 << 20;

impl Examination<'_> {
    /// Every blob of the store, whichever provider it belongs to.
    pub(super) async fn blobs(&mut self) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = match self.archive.blobs_after(after, PAGE).await {
                Ok(page) => page,
                Err(StoreError::Failed(error)) => {
                    self.differs(format!("The blobs cannot be listed: {error}."));
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            };
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(*last);
            for name in page {
                self.examined.blobs += 1;
                match hash_of_blob(self.archive, name).await {
                    Ok(Some(found)) if found == name => {}
                    Ok(Some(_)) => self.differs(format!("Blob {name} was changed: its bytes have another hash.")),
                    Ok(None) => self.differs(format!("Blob {name} is gone.")),
                    Err(StoreError::Failed(error)) => self.differs(format!("Blob {name} cannot be read: {error}.")),
                    Err(error) => return Err(error.into()),
                }
            }
            (self.progress)(Progress::Blobs(self.examined.blobs));
        }
    }
}

/// The hash of a blob's bytes, read in pieces.
pub(in crate::service::verification) async fn hash_of_blob<S: Store + ?Sized>(
    store: &S,
    name: Sha256,
) -> Result<Option<Sha256>, StoreError> {
    let Some(length) = store.blob_len(name).await? else { return Ok(None) };
    let mut hasher = Sha256::hasher();
    let mut from = 0;
    while from < length {
        let Some(piece) = store.blob(name, from..from + PIECE).await? else { return Ok(None) };
        if piece.is_empty() {
            break;
        }
        hasher.update(&piece);
        from += PIECE;
    }
    Ok(Some(hasher.finish()))
}
