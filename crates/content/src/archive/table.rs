//! From the entries of an archive to a table of paths.

use super::ArchiveEntry;
use super::code_page::Reading;
use super::names;
use crate::Limits;
use crate::findings::{Code, Findings, cut};
use std::collections::{BTreeMap, BTreeSet};
use zip::read::ZipFileEntry;
use zip::{CompressionMethod, ZipArchive};

/// The names of which the code page is not stated.
pub(super) fn legacy_names<R: std::io::Read + std::io::Seek>(zip: &ZipArchive<R>) -> Vec<Vec<u8>> {
    let metadata = zip.metadata();
    let entries = (0..metadata.len()).filter_map(|index| metadata.entry(index).ok());
    entries.filter(is_legacy).map(|entry| entry.name_raw().to_vec()).collect()
}

/// The files by path; names of which the code page is not stated are read by `reading`. An entry that is not allowed is
/// left out, with a finding.
pub(super) fn of<R: std::io::Read + std::io::Seek>(
    zip: &ZipArchive<R>,
    reading: Reading,
    limits: &Limits,
    findings: &mut Findings,
) -> BTreeMap<String, ArchiveEntry> {
    let metadata = zip.metadata();
    let entries = || (0..metadata.len()).filter_map(|index| Some((index, metadata.entry(index).ok()?)));
    let mut table = Table {
        reading,
        limits,
        findings,
        files: BTreeMap::new(),
        folders: BTreeSet::new(),
        folded: BTreeMap::new(),
        total: 0,
        remarks: Remarks::default(),
    };
    for (index, entry) in entries() {
        table.add(index, &entry);
    }
    table.finish()
}

/// Whether the name is neither flagged as UTF-8 nor happens to be.
fn is_legacy(entry: &ZipFileEntry<'_>) -> bool {
    const UTF8: u16 = 1 << 11;
    entry.flags().as_u16() & UTF8 == 0 && std::str::from_utf8(entry.name_raw()).is_err()
}

struct Table<'a> {
    reading: Reading,
    limits: &'a Limits,
    findings: &'a mut Findings,
    files: BTreeMap<String, ArchiveEntry>,
    /// Every folder, in lower case: those of entries, and those above a file.
    folders: BTreeSet<String>,
    /// The files by their path in lower case.
    folded: BTreeMap<String, String>,
    /// Bytes, as declared.
    total: u64,
    remarks: Remarks,
}

/// What is reported of files, after everything that refuses the archive.
#[derive(Default)]
struct Remarks {
    guessed: Vec<String>,
    not_portable: Vec<String>,
    scripts: Vec<String>,
    dropped: Vec<String>,
}

impl Table<'_> {
    fn add(&mut self, index: usize, entry: &ZipFileEntry<'_>) {
        let name = self.name(entry);
        if entry.is_dir() && matches!(name.as_str(), "./" | ".\\") {
            // The folder that was zipped, as some tools list it.
            return;
        }
        let path = match names::path(&name, self.limits) {
            Ok(path) => path,
            Err(names::NameError { code, because }) => {
                self.findings.add(code, name.as_str(), format!("An entry of the archive {because}."));
                return;
            }
        };
        if entry.is_dir() {
            self.folders.insert(path.to_lowercase());
            return;
        }
        if let Some((code, message)) = unreadable(entry).or_else(|| self.too_large(entry)) {
            self.findings.add(code, path, message);
            return;
        }
        if names::is_junk(&path) {
            self.remarks.dropped.push(path);
            return;
        }
        if let Some(other) = self.folded.insert(path.to_lowercase(), path.clone()) {
            let message = format!("The archive has this name twice; the other is written \"{}\".", cut(&other));
            self.findings.add(Code::ZipNameTwice, path, message);
            return;
        }
        self.remark(&path, is_legacy(entry));
        self.files.insert(path, ArchiveEntry { index, size: entry.size(), compressed: entry.compressed_size() });
    }

    fn name(&self, entry: &ZipFileEntry<'_>) -> String {
        // A name that cannot be decoded is shown by replacement characters, and found to be unreadable later.
        let decoded = entry.name().unwrap_or_else(|_| String::from_utf8_lossy(entry.name_raw()));
        if is_legacy(entry) { self.reading.page.decode_lossy(entry.name_raw()) } else { decoded.into_owned() }
    }

    fn too_large(&mut self, entry: &ZipFileEntry<'_>) -> Option<(Code, String)> {
        let size = entry.size();
        self.total = self.total.saturating_add(size);
        if size > self.limits.file || self.total > self.limits.total {
            let message = format!(
                "The files are too large: {} bytes each and {} bytes together are the most.",
                self.limits.file, self.limits.total
            );
            return Some((Code::ZipTooLarge, message));
        }
        let fits = size <= self.limits.ratio_from || size / self.limits.ratio <= entry.compressed_size();
        let message =
            || format!("The file grows from {} to {size} bytes when it is unzipped.", entry.compressed_size());
        (!fits).then(|| (Code::ZipRatio, message()))
    }

    fn remark(&mut self, path: &str, legacy: bool) {
        if legacy {
            self.remarks.guessed.push(path.to_owned());
        }
        if names::is_not_portable(path) {
            self.remarks.not_portable.push(path.to_owned());
        }
        if names::is_server_script(path) {
            self.remarks.scripts.push(path.to_owned());
        }
    }

    fn finish(mut self) -> BTreeMap<String, ArchiveEntry> {
        self.refuse_files_that_are_folders();
        let Reading { page, is_confirmed } = self.reading;
        let Remarks { guessed, not_portable, scripts, dropped } = std::mem::take(&mut self.remarks);
        let page = page.name;
        if is_confirmed {
            let what = format!(
                "The name is not in UTF-8 and was read as {page}, in which the files that the manifest names exist"
            );
            self.say(Code::NameEncodingFound, &guessed, &what);
        } else {
            self.say(Code::NameEncodingGuessed, &guessed, &format!("The name is not in UTF-8 and was read as {page}"));
        }
        self.say(Code::NameNotPortable, &not_portable, "Windows cannot keep a file of this name");
        self.say(Code::ServerScript, &scripts, "The file is a program for another kind of server");
        self.say(Code::FileDropped, &dropped, "The file was left out: courses have no use for it");
        self.files
    }

    fn refuse_files_that_are_folders(&mut self) {
        let mut folders = std::mem::take(&mut self.folders);
        for path in self.folded.keys() {
            let ends = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
            folders.extend(ends.map(str::to_owned));
        }
        for (folded, path) in &self.folded {
            if folders.contains(folded) {
                let message = "The name is both a file and a folder of the archive.";
                self.findings.add(Code::ZipNameConflict, path.as_str(), message);
            }
        }
    }

    /// Reports `what` for each of `paths`.
    fn say(&mut self, code: Code, paths: &[String], what: &str) {
        for path in paths {
            self.findings.add(code, path.as_str(), format!("{what}."));
        }
    }
}

/// Why an entry is not a file whose bytes can be read, if so.
fn unreadable(entry: &ZipFileEntry<'_>) -> Option<(Code, String)> {
    const TYPE: u32 = 0o170_000;
    const REGULAR: u32 = 0o100_000;
    if entry.is_symlink() {
        return Some((Code::ZipSymlink, "The entry is a symbolic link.".to_owned()));
    }
    if entry.unix_mode().is_some_and(|mode| !matches!(mode & TYPE, 0 | REGULAR)) {
        return Some((Code::ZipNotAFile, "The entry is neither a file nor a folder.".to_owned()));
    }
    if entry.encrypted() {
        return Some((Code::ZipEncrypted, "The file is encrypted.".to_owned()));
    }
    match entry.compression() {
        CompressionMethod::Stored | CompressionMethod::Deflated => None,
        other => Some((Code::ZipMethod, format!("The file is packed by a method that is not read here ({other})."))),
    }
}
