//! The examination of an upload, from its bytes to its report.

use super::archive::{Archive, FileFault};
use super::findings::{Code, Findings, cut};
use super::href::Paths;
use super::outline::Outline;
use super::package::{File, Package};
use super::recognize::{self, Recognition};
use super::report::{ImportReport, Severity};
use super::scan::Scan;
use super::standards::{self, Manifest, Standard};
use super::xml::{self, Document, Node, Oddity, Position, XmlError};
use super::{Limits, instead, tool};
use base::hash::Sha256;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

/// The result of an examination.
#[derive(Debug, Clone, PartialEq)]
pub struct Examination {
    pub report: ImportReport,
    /// Present exactly when the report accepts it.
    pub package: Option<Package>,
    /// The folder of the archive that holds the manifest, with its final `/`; empty at the top.
    pub root: String,
}

/// Examines an upload: a zip, or a bare manifest. Every byte of an acceptable package is inflated once and counted.
///
/// # Errors
/// Only those of `source` itself; whatever is wrong with its bytes is in the report.
pub fn examine<R: Read + Seek>(mut source: R, limits: &Limits) -> io::Result<Examination> {
    let mut findings = Findings::default();
    let length = source.seek(SeekFrom::End(0))?;
    if length > limits.upload {
        let message = format!("The upload has {length} bytes; {} are the most.", limits.upload);
        findings.add(Code::ZipTooLarge, "", message);
        return Ok(ExaminationState::default().finish(findings));
    }
    if let Some(bytes) = bare_xml(&mut source, limits)? {
        return Ok(examine_bare(&bytes, findings));
    }
    match Archive::open(source, *limits, &mut findings)? {
        Some(archive) => Ok(examine_archive(archive, limits, findings)),
        None => Ok(ExaminationState::default().finish(findings)),
    }
}

/// What an examination has found so far.
#[derive(Default)]
struct ExaminationState {
    recognized: Option<Recognition>,
    manifest: Option<Manifest>,
    tool: Option<&'static str>,
    tool_version: Option<String>,
    files: BTreeMap<String, File>,
    root: String,
}

impl ExaminationState {
    fn finish(self, findings: Findings) -> Examination {
        let accepted = !findings.refuse();
        let (standard, edition) = match self.recognized {
            Some(Recognition { standard, edition }) => (Some(standard), edition),
            None => (None, None),
        };
        let items = self.manifest.as_ref().map(|manifest| manifest.outline.items()).unwrap_or_default();
        let title = self.manifest.as_ref().map(|manifest| manifest.title.clone());
        let files = self.files;
        let package =
            self.manifest.filter(|_| accepted).map(|Manifest { title, outline }| Package { title, outline, files });
        let report = ImportReport {
            accepted: package.is_some(),
            kind: standard,
            edition,
            title,
            tool: self.tool.map(str::to_owned),
            tool_version: self.tool_version,
            items,
            findings: findings.finish(self.tool),
        };
        Examination { report, package, root: self.root }
    }
}

/// The whole upload, if it is XML rather than an archive.
fn bare_xml<R: Read + Seek>(source: &mut R, limits: &Limits) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    source.seek(SeekFrom::Start(0))?;
    source.by_ref().take(64).read_to_end(&mut head)?;
    let first =
        head.iter().find(|byte| !matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xff | 0xfe) && !byte.is_ascii_whitespace());
    if first != Some(&b'<') {
        return Ok(None);
    }
    source.by_ref().take(limits.manifest.saturating_sub(64)).read_to_end(&mut head)?;
    Ok(Some(head))
}

fn examine_bare(bytes: &[u8], mut findings: Findings) -> Examination {
    let mut examination = ExaminationState::default();
    if instead::is_web_page(bytes) {
        findings.add(Code::WebExport, "", "The upload is a single web page, not a package.");
        return examination.finish(findings);
    }
    if let Some(document) = read_manifest(bytes, "", &mut findings) {
        examination.recognized = recognize::standard(&document, "", &mut findings);
        if let Some(recognized) = &examination.recognized {
            let paths = Paths::default();
            // A manifest without its package lacks every file; that is reported once, not for each.
            let mut alone = Findings::default();
            let manifest = read_outline(&document, recognized.standard, "", &paths, &mut alone);
            let is_scorm = matches!(recognized.standard, Standard::Scorm12 | Standard::Scorm2004);
            if is_scorm || alone.has(Code::LaunchFileMissing) {
                findings.add(Code::ManifestAlone, "", "The upload is a manifest without the files that it names.");
            } else {
                refuse_what_cannot_start(&manifest.outline, &mut alone);
            }
            if !is_scorm {
                findings.take_but(alone, Code::LaunchFileMissing);
            }
            examination.manifest = Some(manifest);
            say_whether_played(recognized, &mut findings);
        }
    }
    examination.finish(findings)
}

fn examine_archive<R: Read + Seek>(mut archive: Archive<R>, limits: &Limits, mut findings: Findings) -> Examination {
    let mut examination = ExaminationState::default();
    let all: Vec<String> = archive.files().map(|(path, _)| path.to_owned()).collect();
    let mut candidates = recognize::manifests(all.iter().map(String::as_str));
    if candidates.is_empty() {
        instead::report(&mut archive, &all, &mut findings);
        return examination.finish(findings);
    }
    skip_foreign_manifests(&mut archive, &mut candidates, limits, &mut findings);
    let can_start = |path: &str| can_start(&mut archive, &all, path, limits);
    let Some(manifest) = recognize::manifest(&candidates, can_start, &mut findings) else {
        return examination.finish(findings);
    };
    let (root, file) =
        manifest.rsplit_once('/').map_or((String::new(), manifest), |(root, file)| (format!("{root}/"), file));
    let inside: Vec<&str> = all.iter().filter_map(|path| path.strip_prefix(root.as_str())).collect();
    examination.root.clone_from(&root);

    let bytes = match archive.read(manifest, limits.manifest) {
        Ok(bytes) => bytes,
        Err(fault) => {
            fault.report(&mut findings);
            return examination.finish(findings);
        }
    };
    examination.tool = tool::detect(&inside, &String::from_utf8_lossy(&bytes));
    examination.tool_version = examination.tool.and_then(|tool| tool::version(tool, &bytes));
    let Some(document) = read_manifest(&bytes, file, &mut findings) else {
        examination.recognized = recognize::by_words(file, &bytes);
        return examination.finish(findings);
    };
    examination.recognized = recognize::standard(&document, file, &mut findings);
    if let Some(recognized) = examination.recognized.clone() {
        let paths = Paths::of(inside.iter().copied());
        let manifest = read_outline(&document, recognized.standard, file, &paths, &mut findings);
        refuse_what_cannot_start(&manifest.outline, &mut findings);
        examination.manifest = Some(manifest);
        if !findings.refuse() {
            let mut scan = Scan::of(examination.tool);
            match weigh(&mut archive, &root, &inside, &mut scan) {
                Ok(files) => examination.files = files,
                Err(fault) => fault.report(&mut findings),
            }
            examination.tool_version = examination.tool_version.take().or(scan.tool_version.take());
            if let Some(manifest) = &examination.manifest {
                scan.report(&manifest.outline, &mut findings);
            }
        }
        say_whether_played(&recognized, &mut findings);
    }
    examination.finish(findings)
}

/// Leaves out the manifests at the front that are readable and follow no standard of ours, such as an IMS Common
/// Cartridge, where a folder below has one that does.
fn skip_foreign_manifests<R: Read + Seek>(
    archive: &mut Archive<R>,
    candidates: &mut Vec<&str>,
    limits: &Limits,
    findings: &mut Findings,
) {
    const MOST_TRIED: usize = 20;
    let mut is_ours = |path: &str| {
        let bytes = archive.read(path, limits.manifest).ok()?;
        let document = xml::read(&bytes).ok()?;
        Some(recognize::standard(&document, path, &mut Findings::default()).is_some())
    };
    let Some((foreign, rest)) = candidates.split_first() else { return };
    if rest.is_empty() || is_ours(foreign) != Some(false) {
        return;
    }
    let below = rest
        .iter()
        .take(MOST_TRIED)
        .position(|path| recognize::folder(path) != recognize::folder(foreign) && is_ours(path) == Some(true));
    let Some(skipped) = below else { return };
    let ours = rest.get(skipped).copied().unwrap_or_default();
    let message = format!(
        "The manifest {} is not of SCORM, cmi5 or Tin Can; the package in the folder \"{}\" is read instead.",
        cut(foreign),
        cut(recognize::folder(ours))
    );
    findings.add(Code::ManifestForeign, *foreign, message);
    candidates.drain(..=skipped);
}

/// Whether the package whose manifest is at `path` has a page that can be started.
fn can_start<R: Read + Seek>(archive: &mut Archive<R>, all: &[String], path: &str, limits: &Limits) -> bool {
    let mut unsaid = Findings::default();
    let Ok(bytes) = archive.read(path, limits.manifest) else { return false };
    let Ok(document) = xml::read(&bytes) else { return false };
    let Some(recognized) = recognize::standard(&document, path, &mut unsaid) else { return false };
    let (root, file) = path.rsplit_once('/').map_or((String::new(), path), |(root, file)| (format!("{root}/"), file));
    let paths = Paths::of(all.iter().filter_map(|path| path.strip_prefix(root.as_str())));
    read_outline(&document, recognized.standard, file, &paths, &mut unsaid).outline.can_start()
}

/// Inflates every file of the package, names it by its bytes, and shows its pages and scripts to `scan`.
fn weigh<R: Read + Seek>(
    archive: &mut Archive<R>,
    root: &str,
    paths: &[&str],
    scan: &mut Scan,
) -> Result<BTreeMap<String, File>, FileFault> {
    let mut buffer = vec![0; 64 << 10];
    let mut files = BTreeMap::new();
    for path in paths {
        let inside = format!("{root}{path}");
        let declared = archive.size(&inside);
        let mut text = scan.wants(path, declared).then(Vec::new);
        let mut stream = archive.inflate(&inside)?;
        let mut hasher = Sha256::hasher();
        let mut size = 0;
        loop {
            match stream.read(&mut buffer).map_err(|error| FileFault::of(path, error))? {
                0 => break,
                read => {
                    let bytes = buffer.get(..read).unwrap_or_default();
                    hasher.update(bytes);
                    if let Some(text) = &mut text {
                        text.extend_from_slice(bytes);
                    }
                    size += u64::try_from(read).unwrap_or_default();
                }
            }
        }
        if let Some(text) = text {
            scan.read(path, &text);
        }
        files.insert((*path).to_owned(), File { sha256: hasher.finish(), size });
    }
    Ok(files)
}

/// The manifest as a tree; what is wrong with it as XML is reported.
fn read_manifest(bytes: &[u8], file: &str, findings: &mut Findings) -> Option<Document> {
    match xml::read(bytes) {
        Ok(document) => {
            for oddity in &document.oddities {
                report_oddity(oddity, file, findings);
            }
            Some(document)
        }
        Err(error) => {
            let code = match error {
                XmlError::Malformed { .. } => Code::XmlMalformed,
                XmlError::Dtd { .. } => Code::XmlDtd,
                XmlError::TooComplex { .. } => Code::XmlTooComplex,
            };
            findings.add(code, position(file, error.place()), cut(&error.to_string()));
            None
        }
    }
}

/// A place in `file`, or in the upload itself where that is the manifest.
fn position(file: &str, Position { line, column }: Position) -> String {
    if file.is_empty() { format!("{line}:{column}") } else { format!("{file}:{line}:{column}") }
}

fn report_oddity(oddity: &Oddity, file: &str, findings: &mut Findings) {
    match oddity {
        Oddity::LeadingSpace => {
            findings.add(Code::XmlLeadingSpace, file, "There is white space before the XML declaration.");
        }
        Oddity::NotAsDeclared { declared } => {
            let message = format!("The file is not {declared}, as it says; titles may show wrong characters.");
            findings.add(Code::XmlEncoding, file, message);
        }
        Oddity::UnboundPrefix { prefix, place } => {
            let message = format!("The prefix \"{}\" is used without a namespace.", cut(prefix));
            findings.add(Code::XmlPrefixUnbound, position(file, *place), message);
        }
    }
}

/// The most items that a package may have; a report shows all of them, and learners find their way among them.
const MOST_ITEMS: usize = 5_000;

fn read_outline(
    document: &Document,
    standard: Standard,
    file: &str,
    paths: &Paths,
    findings: &mut Findings,
) -> Manifest {
    let is_item = |node: &&Node| matches!(node.name.as_str(), "item" | "au" | "block" | "activity");
    let items = document.root.walk().filter(is_item).count();
    if items > MOST_ITEMS {
        let message = format!("The package has {items} items; {MOST_ITEMS} are the most.");
        findings.add(Code::ItemsTooMany, file, message);
        return Manifest { title: file.to_owned(), outline: Outline::empty(standard) };
    }
    standards::read(&document.root, standard, file, paths, findings)
}

/// A package of which some items cannot start is accepted with warnings; one of which none can is refused.
fn refuse_what_cannot_start(outline: &Outline, findings: &mut Findings) {
    if outline.entries().is_empty() || outline.can_start() {
        return;
    }
    let refused_already = findings.refuse();
    let reasons = [Code::LaunchFileMissing, Code::LaunchHrefMissing, Code::LaunchExternal, Code::ResourceMissing];
    findings.escalate(&reasons);
    if !refused_already && !findings.has(Code::LaunchFileMissing) {
        let message = "No item of the package starts a page that is in it.";
        findings.add_as(Severity::Error, Code::LaunchFileMissing, "", message);
    }
}

/// Says of a package that is accepted whether learners can take it now.
fn say_whether_played(recognized: &Recognition, findings: &mut Findings) {
    if recognized.standard.is_played() || findings.refuse() {
        return;
    }
    let name = [recognized.standard.to_string(), recognized.edition.clone().unwrap_or_default()].join(" ");
    let message = format!("This is a {} package. It is stored, and this version cannot play it.", name.trim());
    findings.add(Code::StandardNotYetPlayed, "", message);
}
