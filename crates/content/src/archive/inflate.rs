//! Inflating one file, counting as it goes.

use super::ArchiveEntry;
use crate::Limits;
use crate::findings::{Code, Findings, cut};
use std::io::{self, Read};
use zip::read::ZipFile;
use zip::result::ZipError;

/// What is wrong with the bytes of one file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct FileFault {
    pub code: Code,
    /// The file.
    pub path: String,
    /// A plain sentence.
    pub message: String,
}

impl FileFault {
    pub(super) fn new(code: Code, path: &str, message: impl Into<String>) -> Self {
        Self { code, path: cut(path), message: message.into() }
    }

    /// The fault that an [`InflateStream`] of `path` reported, or a general one for an error of the source.
    pub fn of(path: &str, error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(fault) => fault,
            Err(error) => damaged(path, &error),
        }
    }

    /// Adds it to the report.
    pub fn report(self, findings: &mut Findings) {
        findings.add(self.code, self.path, self.message);
    }
}

fn damaged(path: &str, error: &dyn std::fmt::Display) -> FileFault {
    FileFault::new(Code::ZipDamaged, path, cut(&format!("The file cannot be unzipped ({error}).")))
}

/// The fault of an entry that cannot even be begun.
pub(super) fn unreadable(path: &str, error: &ZipError) -> FileFault {
    damaged(path, error)
}

/// Whether the crate stopped because more bytes came than were declared. It says so only in its message; should that change,
/// the file is still refused, as damaged.
fn is_too_long(error: &io::Error) -> bool {
    error.to_string().contains("declared uncompressed size")
}

/// The bytes of one file as they are inflated. Reading fails, and stays failed, with a [`FileFault`] inside the
/// [`io::Error`], once more bytes come than the headers declared or than the limits allow.
pub struct InflateStream<'a, R: Read> {
    file: ZipFile<'a, R>,
    path: &'a str,
    entry: ArchiveEntry,
    limits: &'a Limits,
    read: u64,
    total: &'a mut u64,
}

impl<'a, R: Read> InflateStream<'a, R> {
    pub(super) fn new(
        file: ZipFile<'a, R>,
        path: &'a str,
        entry: ArchiveEntry,
        limits: &'a Limits,
        total: &'a mut u64,
    ) -> Self {
        Self { file, path, entry, limits, read: 0, total }
    }

    /// What is wrong with what has been read so far.
    fn fault(&self) -> Option<FileFault> {
        let Self { read, entry, limits, .. } = self;
        let fault = |code, message: String| Some(FileFault::new(code, self.path, message));
        if *read > limits.file || *self.total > limits.total {
            let message = format!(
                "The files are too large: {} bytes each and {} bytes together are the most.",
                limits.file, limits.total
            );
            return fault(Code::ZipTooLarge, message);
        }
        if *read > limits.ratio_from && read / limits.ratio > entry.compressed {
            let message = format!("The file grows from {} to more than {read} bytes.", entry.compressed);
            return fault(Code::ZipRatio, message);
        }
        if *read > entry.size {
            return Some(self.longer_than_declared());
        }
        None
    }

    fn longer_than_declared(&self) -> FileFault {
        let message = format!("The archive says that the file has {} bytes, and it has more.", self.entry.size);
        FileFault::new(Code::ZipSizeDiffers, self.path, message)
    }
}

impl<R: Read> Read for InflateStream<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(fault) = self.fault() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, fault));
        }
        let read = self.file.read(buffer).map_err(|error| {
            let fault = if is_too_long(&error) { self.longer_than_declared() } else { damaged(self.path, &error) };
            io::Error::new(io::ErrorKind::InvalidData, fault)
        })?;
        let bytes = u64::try_from(read).unwrap_or(u64::MAX);
        self.read = self.read.saturating_add(bytes);
        *self.total = self.total.saturating_add(bytes);
        let short = read == 0 && !buffer.is_empty() && self.read < self.entry.size;
        let fault = if short {
            let message =
                format!("The archive says that the file has {} bytes, and it has {}.", self.entry.size, self.read);
            Some(FileFault::new(Code::ZipSizeDiffers, self.path, message))
        } else {
            self.fault()
        };
        match fault {
            Some(fault) => Err(io::Error::new(io::ErrorKind::InvalidData, fault)),
            None => Ok(read),
        }
    }
}
