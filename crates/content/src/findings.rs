//! The vocabulary of findings: every code, how severe it is by itself, and what to do about it.

use super::report::{Finding, Instance, Severity};
use super::tool;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $severity:ident, $remedy:literal;)*) => {
        /// What can be said about an upload. `docs/packages.md` explains each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// Every code, in the order in which the documentation lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable text of the code.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// How severe it is, unless the code that finds it says so.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What to do about it, as a plain sentence.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

codes! {
    // The archive.
    NotAZip = "not-a-zip", Error, "Export the course again as a SCORM package and upload the .zip file that the tool wrote, unopened.";
    OtherArchive = "other-archive", Error, "Unpack the archive, zip the folder of the course as a .zip file, and upload that.";
    SingleDocument = "single-document", Error, "Put it into a course with an authoring tool, export that as SCORM 1.2, and upload the .zip file; a document alone reports nothing.";
    SingleMedia = "single-media", Error, "Put the recording into a course with an authoring tool that reports when it was watched, export that as SCORM 1.2, and upload the .zip file.";
    ZipEmpty = "zip-empty", Error, "Export the course again: the archive must hold imsmanifest.xml and the files of the course.";
    ZipTruncated = "zip-truncated", Error, "Copy or export the file again, compare its size with the original, and upload it again.";
    ZipDamaged = "zip-damaged", Error, "Zip the folder of the course again with the tool of your operating system, and upload that file.";
    ZipTooManyEntries = "zip-too-many-entries", Error, "Divide the course into several packages.";
    ZipTooLarge = "zip-too-large", Error, "Make the media smaller, or host long videos elsewhere, and export again.";
    ZipRatio = "zip-ratio", Error, "Remove the file, or replace it by one with real content; nothing that a course needs shrinks that far.";
    ZipSizeDiffers = "zip-size-differs", Error, "Zip the folder of the course again with the tool of your operating system.";
    ZipHeadersDiffer = "zip-headers-differ", Error, "Zip the folder of the course again with the tool of your operating system.";
    ZipOverlap = "zip-overlap", Error, "Zip the folder of the course again with the tool of your operating system.";
    ZipEncrypted = "zip-encrypted", Error, "Zip the folder again without a password.";
    ZipMethod = "zip-method", Error, "Zip the folder again with the ordinary method (deflate).";
    ZipSymlink = "zip-symlink", Error, "Replace the link by the file that it points to, and zip again.";
    ZipNotAFile = "zip-not-a-file", Error, "Zip only ordinary files and folders.";
    PathEscapes = "path-escapes", Error, "Use only paths that stay within the package: no \"..\" that climbs out, no leading slash, no drive letter.";
    PathUnreadable = "path-unreadable", Error, "Rename the file with letters, digits, \"-\" and \"_\", and zip again.";
    PathTooLong = "path-too-long", Error, "Shorten the names of the folders, and zip again.";
    ZipNameTwice = "zip-name-twice", Error, "Keep one of the two files, or give them names that differ by more than upper and lower case.";
    ZipNameConflict = "zip-name-conflict", Error, "Rename the file or the folder.";
    NameNotPortable = "name-not-portable", Warning, "Rename the file if people are to unzip the package on Windows.";
    NameEncodingGuessed = "name-encoding-guessed", Warning, "Zip again with a tool that writes names as UTF-8, or check that the name in the report is right.";
    NameEncodingFound = "name-encoding-found", Info, "Nothing; a tool that writes names as UTF-8 would leave no doubt.";
    FileDropped = "file-dropped", Info, "Nothing: the file is of no use to the course.";
    ServerScript = "server-script", Warning, "Replace what the script did on the old server: here it is never run, and browsers are shown its text.";

    // The manifest as XML.
    ManifestMissing = "manifest-missing", Error, "Zip the contents of the course folder so that imsmanifest.xml is part of the archive, or export again as SCORM.";
    WebExport = "web-export", Error, "Publish the course again for an LMS, as SCORM 1.2, instead of for the web, and upload the .zip file.";
    AiccPackage = "aicc-package", Error, "Export the course again as SCORM 1.2: AICC content reports to a server of its own kind.";
    H5pFile = "h5p-file", Error, "Open the file in an editor that exports H5P content as a SCORM 1.2 package, and upload that.";
    CourseBackup = "course-backup", Error, "Download the SCORM package from the course's activity, or export it again with its authoring tool, and upload that.";
    CommonCartridge = "common-cartridge", Error, "Export the course as SCORM 1.2: a cartridge or a question bank has no pages that report to a learning platform.";
    DispatchPackage = "dispatch-package", Warning, "Ask the provider of the course for the SCORM 1.2 package itself: through a dispatch, its content and its records stay on their server.";
    /// An archive of archives.
    ZipOfPackages = "zip-of-packages", Error, "Unzip it, and upload each of the .zip files in it as its own package.";
    ManifestForeign = "manifest-foreign", Info, "Nothing: the folder that holds the SCORM manifest is taken as the package.";
    ManifestAmbiguous = "manifest-ambiguous", Error, "Upload each course as its own package.";
    ManifestChosen = "manifest-chosen", Info, "Nothing, if the package that is read is the one that was meant; else upload the other one by itself.";
    ManifestAlone = "manifest-alone", Error, "Zip the manifest together with the files that it names, and upload the .zip file.";
    ManifestTooLarge = "manifest-too-large", Error, "Export again; a manifest lists the files of the course and holds no content.";
    ManifestNested = "manifest-nested", Info, "Nothing: the folder that holds the manifest is taken as the package.";
    ManifestUnknown = "manifest-unknown", Error, "Export the course again as SCORM 1.2.";
    XmlMalformed = "xml-malformed", Error, "Open the file in an XML editor, correct it at the place named, and zip again; or export again.";
    XmlDtd = "xml-dtd", Error, "Remove the DOCTYPE line, and write characters such as &nbsp; as &#160;.";
    XmlTooComplex = "xml-too-complex", Error, "Simplify the manifest, or divide the course into several packages.";
    XmlLeadingSpace = "xml-leading-space", Warning, "Remove what is in front of <?xml.";
    XmlEncoding = "xml-encoding", Warning, "Save the manifest as UTF-8 and declare it so.";
    XmlPrefixUnbound = "xml-prefix-unbound", Warning, "Declare the namespace of the prefix on the root element.";

    // What the manifest says.
    StandardNotYetPlayed = "standard-not-yet-played", Warning, "Export the course as SCORM 1.2 if learners are to take it now; the package is stored, and can be played by a later version.";
    SchemaVersionMissing = "schema-version-missing", Warning, "Write <schema>ADL SCORM</schema> and <schemaversion> into the manifest's metadata.";
    SchemaVersionUnknown = "schema-version-unknown", Warning, "Write the version of SCORM as its standard does, such as 1.2.";
    OrganizationMissing = "organization-missing", Error, "Add an organization with at least one item to the manifest.";
    OrganizationDefaultMissing = "organization-default-missing", Warning, "Let the default attribute of <organizations> name an organization that is there.";
    OrganizationIdentifierMissing = "organization-identifier-missing", Warning, "Give the organization an identifier.";
    OrganizationsIgnored = "organizations-ignored", Info, "Nothing, or upload a package for each organization that learners need.";
    ItemsTooMany = "items-too-many", Error, "Divide the course into several packages.";
    TitleMissing = "title-missing", Warning, "Give it a <title>, which learners will see.";
    ItemIdentifierMissing = "item-identifier-missing", Warning, "Give the item an identifier that stays the same in later versions of the course.";
    ItemIdentifierTwice = "item-identifier-twice", Warning, "Give each item its own identifier.";
    ResourceIdentifierTwice = "resource-identifier-twice", Warning, "Give each resource its own identifier.";
    ResourceMissing = "resource-missing", Warning, "Let identifierref name a resource of the manifest, or remove the item.";
    LaunchHrefMissing = "launch-href-missing", Warning, "Give the resource an href that names the file to start.";
    LaunchFileMissing = "launch-file-missing", Warning, "Add the file to the package, or correct the href.";
    LaunchExternal = "launch-external", Warning, "Put the page into the package: a page on another server cannot report to this one.";
    LaunchUnsafe = "launch-unsafe", Error, "Let the href name a file of the package.";
    HrefBackslash = "href-backslash", Warning, "Write paths with \"/\".";
    HrefCase = "href-case", Warning, "Write the name as the file is named, with the same upper and lower case.";
    ScormTypeMissing = "scorm-type-missing", Warning, "Write adlcp:scormtype=\"sco\" on the resource if its page reports progress.";
    ScormTypeSpelling = "scorm-type-spelling", Info, "Write adlcp:scormtype in lower case, as SCORM 1.2 does.";
    FileMissing = "file-missing", Warning, "Add the file, or remove its <file> element.";
    FilesMostlyMissing = "files-mostly-missing", Error, "Zip the whole folder that the tool exported, with every file and folder beside imsmanifest.xml; or export again.";
    DependencyMissing = "dependency-missing", Warning, "Let the dependency name a resource of the manifest.";
    SubmanifestIgnored = "submanifest-ignored", Warning, "Move the items and resources of the inner manifest into the outer one.";
    ValueUnreadable = "value-unreadable", Warning, "Write the value as the standard does; until then it counts as absent.";
    PrerequisitesNotation = "prerequisites-notation", Warning, "Write prerequisites in AICC script (& for and, | for or, ~ for not), or leave them out: here they are shown, and lock nothing.";
    IdNotIri = "id-not-iri", Error, "Write the id as an absolute IRI, such as https://example.org/courses/1.";
    IdTwice = "id-twice", Error, "Give each block, each AU, and each objective an id of its own.";
    ObjectiveMissing = "objective-missing", Warning, "Let idref name an objective of the course, or remove the reference.";
    CourseStructureInvalid = "course-structure-invalid", Error, "Correct the element at the place named, as the schema of the cmi5 course structure has it; or export again.";
    LaunchDataTooLong = "launch-data-too-long", Warning, "Keep adlcp:datafromlms within 255 characters, as SCORM 1.2 requires.";
    // What costs learners their credit later.
    CompletionNeverReported = "completion-never-reported", Warning, "Set the completion of the course in the authoring tool, export for SCORM 1.2, and play the package in a preview to see what it reports.";
    MasteryScoreMissing = "mastery-score-missing", Info, "Where a quiz decides, state its passing score in the tool's export settings, which writes adlcp:masteryscore.";
    ScoreScaleDiffers = "score-scale-differs", Warning, "Let the content report its score from 0 to 100, in percent.";
    ExternalScript = "external-script", Warning, "Put the script into the package: networks of hospitals often block other servers, and then the content may not work or not report.";
    ExternalFrame = "external-frame", Warning, "Put what the frame shows into the package, or ask hospital IT to allow its server: their networks often block others.";
    ExternalStyle = "external-style", Info, "Put the style sheet or the font into the package.";
    ExternalMedia = "external-media", Info, "Put the file into the package: networks of hospitals often block other servers.";
    ExternalCall = "external-call", Warning, "Ask the author what is sent there: learners' data may leave the organization, and networks of hospitals often block other servers.";
    ExternalLink = "external-link", Info, "Check that none of the links leads learners to the author's own learning platform, where nothing is recorded here.";
    MixedContent = "mixed-content", Warning, "Load it by https:, or put it into the package: browsers block it on a page that came by https:.";
    SuspendDataGrows = "suspend-data-grows", Info, "Nothing here; for other systems, keep the state short or compress it.";
    OpensWindowOnLoad = "opens-window-on-load", Warning, "Let the course start in its own page, or open the window by a button that the learner clicks.";
    PlaysSoundOnLoad = "plays-sound-on-load", Info, "Start the sound by a button that the learner clicks.";
}

/// Findings as they are made: those of one code and severity become one, with how many there are and the first places.
#[derive(Debug, Default)]
pub struct Findings {
    /// In the order in which the first of each kind was made.
    kinds: Vec<FindingKind>,
}

/// Everything that was found of one code and severity.
#[derive(Debug)]
struct FindingKind {
    severity: Severity,
    code: Code,
    count: usize,
    /// The first of them: at most [`Findings::PLACES`].
    first: Vec<Instance>,
}

impl Findings {
    /// Of how many findings of one kind the places are kept.
    pub(crate) const PLACES: usize = 5;
    /// How many characters of a text from the package a finding repeats.
    const QUOTED: usize = 160;

    /// Adds a finding as grave as its code.
    pub(crate) fn add(&mut self, code: Code, place: impl Into<String>, message: impl Into<String>) {
        self.add_as(code.severity(), code, place, message);
    }

    /// Adds a finding of another gravity than its code has by itself.
    pub(crate) fn add_as(
        &mut self,
        severity: Severity,
        code: Code,
        place: impl Into<String>,
        message: impl Into<String>,
    ) {
        let instance = Instance { place: cut(&place.into()), message: message.into() };
        self.merge(FindingKind { severity, code, count: 1, first: vec![instance] });
    }

    fn merge(&mut self, more: FindingKind) {
        let is_same = |kind: &&mut FindingKind| kind.severity == more.severity && kind.code == more.code;
        let Some(kind) = self.kinds.iter_mut().find(is_same) else { return self.kinds.push(more) };
        kind.count += more.count;
        kind.first.extend(more.first);
        kind.first.truncate(Self::PLACES);
    }

    /// Takes over the findings of `others` but for those of one code.
    pub(crate) fn take_but(&mut self, others: Self, but: Code) {
        others.kinds.into_iter().filter(|kind| kind.code != but).for_each(|kind| self.merge(kind));
    }

    /// Whether any of them refuses the package.
    pub(crate) fn refuse(&self) -> bool {
        self.kinds.iter().any(|kind| kind.severity == Severity::Error)
    }

    /// Whether one of them has this code.
    pub(crate) fn has(&self, code: Code) -> bool {
        self.kinds.iter().any(|kind| kind.code == code)
    }

    /// Makes every finding of these codes an error: what only warns while something else can be launched.
    pub(crate) fn escalate(&mut self, codes: &[Code]) {
        for mut kind in std::mem::take(&mut self.kinds) {
            if codes.contains(&kind.code) {
                kind.severity = Severity::Error;
            }
            self.merge(kind);
        }
    }

    /// The findings about a package that `tool` made, most severe first, then in the order in which they were made.
    pub(crate) fn finish(self, made: Option<&str>) -> Vec<Finding> {
        let finding = |kind: FindingKind| {
            let mut first = kind.first.into_iter();
            let Instance { place, message } = first.next()?;
            Some(Finding {
                severity: kind.severity,
                code: kind.code.as_str().to_owned(),
                place,
                message,
                remedy: made.and_then(|made| tool::remedy(made, kind.code)).unwrap_or(kind.code.remedy()).to_owned(),
                count: kind.count,
                others: first.collect(),
            })
        };
        let mut list: Vec<Finding> = self.kinds.into_iter().filter_map(finding).collect();
        list.sort_by_key(|finding| finding.severity);
        list
    }
}

/// A text from the package, short enough to be repeated in a sentence and without control characters.
pub(crate) fn cut(text: &str) -> String {
    let mut characters = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut short: String = characters.by_ref().take(Findings::QUOTED).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_written_once_and_has_a_remedy_that_is_a_sentence() {
        let codes: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        for code in Code::ALL {
            let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(code.as_str().chars().all(is_plain), "{code:?}");
            assert!(code.remedy().ends_with('.'), "{code:?}");
        }
    }

    #[test]
    fn what_is_found_many_times_is_one_finding_with_the_first_places() {
        let mut findings = Findings::default();
        for n in 0..10_000 {
            findings.add(Code::FileMissing, format!("{n}"), format!("missing {n}"));
        }
        findings.add(Code::XmlDtd, "imsmanifest.xml", "has a DTD");
        assert!(findings.refuse());
        let list = findings.finish(None);
        let codes: Vec<_> = list.iter().map(|finding| (finding.code.as_str(), finding.count)).collect();
        assert_eq!(codes, [("xml-dtd", 1), ("file-missing", 10_000)]);
        assert_eq!((list[1].place.as_str(), list[1].message.as_str()), ("0", "missing 0"));
        let places: Vec<_> = list[1].others.iter().map(|other| other.place.as_str()).collect();
        assert_eq!(places, ["1", "2", "3", "4"]);
    }

    #[test]
    fn what_becomes_an_error_joins_the_errors_of_its_code() {
        let mut findings = Findings::default();
        findings.add(Code::LaunchFileMissing, "a", "");
        findings.add_as(Severity::Error, Code::LaunchFileMissing, "b", "");
        findings.escalate(&[Code::LaunchFileMissing]);
        let list = findings.finish(None);
        assert_eq!((list.len(), list[0].count, list[0].severity), (1, 2, Severity::Error));
    }

    #[test]
    fn a_place_never_carries_control_characters_or_a_novel() {
        assert_eq!(cut("a\0b"), "a\u{fffd}b");
        assert_eq!(cut(&"d/".repeat(600)).chars().count(), 161);
    }
}
