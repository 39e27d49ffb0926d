//! The bytes of the attachments that come with statements, stored by their hash (Part 3 §1.5.2).

use super::{App, Error};
use crate::service::records::spool::SpoolFile;
use base::hash::Sha256;
use std::collections::BTreeMap;
use std::io;
use store::{StoreError, StoredStatement};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use xapi::check::Check;
use xapi::fault::Code;
use xapi::intake::{ListedAttachment, StatementBatch};
use xapi::json::Document;
use xapi::trust::Trust;
use xapi::{Fault, Version, attachment, signature};

/// The longest signature that is read, in bytes.
const LONGEST_SIGNATURE: u64 = 4 << 20;

/// How much of an attachment is in memory at once, in bytes.
const PIECE: usize = 64 << 10;

/// The attachments that arrived with statements, in separate files until the statements are found to be valid.
#[derive(Debug, Default)]
pub struct ReceivedAttachments(BTreeMap<Sha256, SpoolFile>);

/// Why the bytes of an attachment were not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentError {
    #[error("X-Experience-API-Hash must be the SHA-256 of the part, in hexadecimal digits")]
    NotAHash,
    #[error("no statement of the request has an attachment with the hash {0}; remove the part")]
    Unreferenced(Sha256),
    #[error("the part that is announced as {announced} has the hash {found}; it was damaged in transit")]
    Differs { announced: Sha256, found: Sha256 },
    #[error("an attachment could not be written: {0}")]
    Io(#[from] io::Error),
}

impl ReceivedAttachments {
    /// Accepts the bytes of one attachment, which is announced by its hash and must belong to a statement of `taken`.
    pub async fn take(
        &mut self,
        app: &App,
        taken: &StatementBatch,
        announced: &str,
        bytes: &mut (dyn AsyncRead + Send + Unpin),
    ) -> Result<(), AttachmentError> {
        let announced: Sha256 = announced.trim().parse().map_err(|_| AttachmentError::NotAHash)?;
        if !taken.enclosed.iter().any(|enclosed| enclosed.sha256() == Some(announced)) {
            return Err(AttachmentError::Unreferenced(announced));
        }
        let (spooled, found) = spool(app, bytes).await?;
        if found != announced {
            return Err(AttachmentError::Differs { announced, found });
        }
        self.0.insert(found, spooled);
        Ok(())
    }

    /// Whether nothing arrived.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Stores all of them. To be called once the statements are known to be acceptable.
    pub(super) async fn keep(&self, app: &App) -> Result<(), StoreError> {
        for spooled in self.0.values() {
            let mut file = File::open(spooled.path()).await.map_err(|error| lost(&error))?;
            app.store.keep_from(&mut file).await?;
        }
        Ok(())
    }

    /// The beginning of one of them, not more than `most` bytes.
    async fn beginning(&self, name: Sha256, most: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(spooled) = self.0.get(&name) else { return Ok(None) };
        let file = File::open(spooled.path()).await.map_err(|error| lost(&error))?;
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes).await.map_err(|error| lost(&error))?;
        Ok(Some(bytes))
    }
}

async fn spool(app: &App, bytes: &mut (dyn AsyncRead + Send + Unpin)) -> io::Result<(SpoolFile, Sha256)> {
    let (spooled, mut file) = SpoolFile::begin(&app.config.data).await?;
    let mut hasher = Sha256::hasher();
    let mut piece = vec![0; PIECE];
    loop {
        let length = bytes.read(&mut piece).await?;
        let Some(read) = piece.get(..length).filter(|read| !read.is_empty()) else { break };
        hasher.update(read);
        file.write_all(read).await?;
    }
    file.flush().await?;
    Ok((spooled, hasher.finish()))
}

fn lost(error: &io::Error) -> StoreError {
    StoreError::Failed(format!("an attachment that had just arrived cannot be read: {error}"))
}

/// Checks that every attachment was sent or has a URL, and that signatures sign their statements.
pub(super) async fn check(app: &App, taken: &StatementBatch, arrived: &ReceivedAttachments) -> Result<(), Error> {
    let mut faults = Vec::new();
    for enclosed in &taken.enclosed {
        let here = enclosed.sha256().filter(|hash| arrived.0.contains_key(hash));
        let wrong = match (here, &enclosed.unsigned) {
            (None, _) if !enclosed.is_elsewhere => Some(missing(enclosed)),
            (Some(hash), Some(unsigned)) => forged(app, arrived, enclosed, hash, *unsigned).await?,
            (None, Some(_)) => {
                Some("a signature must come with its statement, as a part of multipart/mixed".to_owned())
            }
            _ => None,
        };
        faults.extend(wrong.map(|message| Fault { pointer: enclosed.pointer.clone(), code: Code::Rule, message }));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

fn missing(enclosed: &ListedAttachment) -> String {
    format!("the attachment {} has no `fileUrl` and no part of the request; send it as multipart/mixed", enclosed.sha2)
}

async fn forged(
    app: &App,
    arrived: &ReceivedAttachments,
    enclosed: &ListedAttachment,
    hash: Sha256,
    unsigned: Sha256,
) -> Result<Option<String>, Error> {
    if enclosed.content_type != signature::CONTENT_TYPE {
        return Ok(Some(format!("a signature has the content type {}", signature::CONTENT_TYPE)));
    }
    let jws = arrived.beginning(hash, LONGEST_SIGNATURE).await?.unwrap_or_default();
    let trust = app.anchors.as_deref().map(|anchors| Trust { anchors, now: app.clock.now() });
    Ok(signature::check(&jws, unsigned, trust).err().map(|flaw| flaw.to_string()))
}

/// An attachment whose bytes are stored here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAttachment {
    pub name: Sha256,
    /// In bytes.
    pub length: u64,
    pub content_type: String,
}

/// The attachments of `statements` whose bytes are stored here, each once.
pub async fn stored_attachments(app: &App, statements: &[StoredStatement]) -> Result<Vec<StoredAttachment>, Error> {
    let mut held: Vec<StoredAttachment> = Vec::new();
    for (name, content_type) in statements.iter().flat_map(|stored| listed(&stored.bytes)) {
        if held.iter().any(|other| other.name == name) {
            continue;
        }
        if let Some(length) = app.store.blob_len(name).await? {
            held.push(StoredAttachment { name, length, content_type });
        }
    }
    Ok(held)
}

/// Hash and content type of the attachments of a stored statement and of a SubStatement in it.
fn listed(bytes: &[u8]) -> Vec<(Sha256, String)> {
    let Some(document) = std::str::from_utf8(bytes).ok().and_then(|text| Document::read(text).ok()) else {
        return Vec::new();
    };
    let root = document.root();
    let lists = [root.get("attachments"), root.get("object").and_then(|object| object.get("attachments"))];
    let mut check = Check::of_names(Version::V2);
    let attachments = lists.into_iter().flatten().flat_map(|list| attachment::attachments(list, &mut check));
    attachments.filter_map(|found| Some((found.sha2.parse().ok()?, found.content_type.into_owned()))).collect()
}
