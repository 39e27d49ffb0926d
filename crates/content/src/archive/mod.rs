//! Safe reading of zip archives.
//!
//! Names never reach a file system: an [`Archive`] is a table of paths, and each file is a stream of bytes that are
//! counted while they are inflated. Headers are trusted only where both copies agree and the bytes confirm them.
//! What is wrong is a finding; an archive whose structure cannot be trusted at all is not opened.

mod code_page;
mod end;
mod hrefs;
mod inflate;
mod names;
mod table;

pub use inflate::{FileFault, InflateStream};

use self::code_page::Reading;
use super::Limits;
use super::findings::{Code, Findings};
use crate::instead;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek, SeekFrom};
use zip::ZipArchive;
use zip::read::{ArchiveOffset, Config};

/// An archive that has been examined: its files by path.
#[derive(Debug)]
pub struct Archive<R> {
    zip: ZipArchive<R>,
    files: BTreeMap<String, ArchiveEntry>,
    limits: Limits,
    /// Bytes inflated so far, over all files.
    inflated: u64,
}

/// One file of an archive.
#[derive(Debug, Clone, Copy)]
struct ArchiveEntry {
    index: usize,
    /// In bytes, as both headers say; inflating verifies it.
    size: u64,
    /// In bytes, within the archive.
    compressed: u64,
}

impl<R: Read + Seek> Archive<R> {
    /// Examines `source`. `None` when it cannot be read as an archive, for a reason that is then among `findings`.
    ///
    /// # Errors
    /// Only those of `source` itself.
    pub fn open(mut source: R, limits: Limits, findings: &mut Findings) -> io::Result<Option<Self>> {
        if !begins_like_a_zip(&mut source, findings)? {
            return Ok(None);
        }
        match end::promised_entries(&mut source)? {
            None => {
                let message = "The end of the archive is missing: the upload is only the first part of a .zip file.";
                findings.add(Code::ZipTruncated, "", message);
                return Ok(None);
            }
            Some(entries) if entries > limits.entries => {
                let message = format!("The archive has {entries} entries; {} are the most.", limits.entries);
                findings.add(Code::ZipTooManyEntries, "", message);
                return Ok(None);
            }
            Some(_) => {}
        }
        let Some(mut zip) = open(source, &limits, findings) else { return Ok(None) };
        if zip.is_empty() {
            findings.add(Code::ZipEmpty, "", "The archive is empty.");
            return Ok(None);
        }
        if !structure_is_sound(&mut zip, findings) {
            return Ok(None);
        }
        let legacy = table::legacy_names(&zip);
        let named = if legacy.is_empty() { BTreeSet::new() } else { hrefs::of(&mut zip, &limits) };
        let files = table::of(&zip, Reading::of(&legacy, &named), &limits, findings);
        Ok(Some(Self { zip, files, limits, inflated: 0 }))
    }

    /// The paths of all files with their sizes in bytes, in the order of the paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, u64)> {
        self.files.iter().map(|(path, entry)| (path.as_str(), entry.size))
    }

    /// The size of the file at `path` in bytes, as its headers say; 0 when there is none. Inflating verifies it.
    pub fn size(&self, path: &str) -> u64 {
        self.files.get(path).map_or(0, |entry| entry.size)
    }

    /// The bytes of the file at `path`, as a stream that fails where they exceed a limit or differ from the headers.
    ///
    /// # Errors
    /// A [`FileFault`] when there is no such file or it cannot be inflated.
    pub fn inflate<'a>(&'a mut self, path: &'a str) -> Result<InflateStream<'a, R>, FileFault> {
        let missing = || FileFault::new(Code::FileMissing, path, "The file is not in the archive.");
        let entry = *self.files.get(path).ok_or_else(missing)?;
        let file = self.zip.by_index(entry.index).map_err(|error| inflate::unreadable(path, &error))?;
        Ok(InflateStream::new(file, path, entry, &self.limits, &mut self.inflated))
    }

    /// All bytes of the file at `path`, at most `most` of them.
    ///
    /// # Errors
    /// A [`FileFault`] when the file is missing, larger than `most`, exceeds a limit, or differs from its headers.
    pub fn read(&mut self, path: &str, most: u64) -> Result<Vec<u8>, FileFault> {
        if self.files.get(path).is_some_and(|entry| entry.size > most) {
            return Err(FileFault::new(Code::ManifestTooLarge, path, format!("The file is larger than {most} bytes.")));
        }
        let mut bytes = Vec::new();
        let mut stream = self.inflate(path)?;
        stream.read_to_end(&mut bytes).map_err(|error| FileFault::of(path, error))?;
        Ok(bytes)
    }
}

/// Whether the first bytes are those of a zip with nothing before it; if not, reports what they are.
fn begins_like_a_zip<R: Read + Seek>(source: &mut R, findings: &mut Findings) -> io::Result<bool> {
    const LONGEST: u64 = 300;
    let mut head = Vec::new();
    source.seek(SeekFrom::Start(0))?;
    source.by_ref().take(LONGEST).read_to_end(&mut head)?;
    let zip = head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06");
    if !zip {
        let (code, what) = instead::by_first_bytes(&head);
        findings.add(code, "", what);
    }
    Ok(zip)
}

/// The archive, whose directory is first read under a budget so that no directory can fill the memory.
fn open<R: Read + Seek>(mut source: R, limits: &Limits, findings: &mut Findings) -> Option<ZipArchive<R>> {
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    let budget = Budget { source: &mut source, left: limits.directory };
    let opened = match ZipArchive::with_config(config, budget) {
        Ok(_) => ZipArchive::with_config(config, source),
        Err(error) => Err(error),
    };
    match opened {
        Ok(zip) => Some(zip),
        Err(error) => {
            findings.add(Code::ZipDamaged, "", format!("The directory of the archive cannot be read ({error})."));
            None
        }
    }
}

/// A source of which only so many bytes may be read.
struct Budget<'a, R> {
    source: &'a mut R,
    left: u64,
}

impl<R: Read> Read for Budget<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !buffer.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its names take up more room than they may"));
        }
        let read = self.source.by_ref().take(self.left).read(buffer)?;
        self.left = self.left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

impl<R: Seek> Seek for Budget<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}

/// Whether each entry has its own bytes and its two headers agree. What disagrees could show one file to a scanner
/// and another one to a learner.
fn structure_is_sound<R: Read + Seek>(zip: &mut ZipArchive<R>, findings: &mut Findings) -> bool {
    if zip.has_duplicate_names() {
        findings.add(Code::ZipNameTwice, "", "The archive lists one name twice.");
        return false;
    }
    match zip.has_overlapping_entries() {
        Ok(false) => {}
        Ok(true) => {
            findings.add(Code::ZipOverlap, "", "Entries of the archive share bytes.");
            return false;
        }
        Err(error) => {
            findings.add(Code::ZipDamaged, "", format!("An entry of the archive cannot be read ({error})."));
            return false;
        }
    }
    if zip.validate_header_consistency().is_err() {
        let message = "The directory of the archive and its entries contradict each other.";
        findings.add(Code::ZipHeadersDiffer, "", message);
        return false;
    }
    true
}
