//! Which tool made a package, by the marks that tools leave: names of files, and words in the manifest.

use super::findings::Code;
use super::scan;

/// A tool and its marks; one mark is enough.
struct Mark {
    tool: &'static str,
    /// A file, or with a final `/` a folder, somewhere in the package; in lower case.
    files: &'static [&'static str],
    /// Words in the manifest's text or in the start page; in lower case.
    words: &'static [&'static str],
}

/// The more particular come first, since tools build on each other's players.
const MARKS: &[Mark] = &[
    Mark {
        tool: "Articulate Rise",
        files: &["scormcontent/lib/rise/", "scormcontent/lib/main.bundle.js"],
        words: &["articulate rise"],
    },
    Mark {
        tool: "Articulate Storyline",
        files: &["story_content/", "story.html", "html5/data/js/"],
        words: &["articulate storyline"],
    },
    Mark {
        tool: "Articulate Studio",
        files: &["presentation_content/", "quiz_content/", "engage_content/"],
        words: &["articulate presenter"],
    },
    Mark {
        tool: "Adobe Captivate",
        files: &["assets/js/cpxhrloader.js", "assets/js/cpm.js", "cpmanifest.json"],
        words: &["captivate"],
    },
    Mark {
        tool: "iSpring",
        files: &["data/browsersupport.js", "res/data/player.js", "ispring_player/"],
        words: &["ispring"],
    },
    Mark {
        tool: "Adapt",
        files: &["adapt/js/adapt.min.js", "libraries/modernizr.adapt.js", "course/config.json"],
        words: &["adapt framework", "adaptlearning"],
    },
    Mark {
        tool: "eXeLearning",
        files: &["contentv3.xml", "content.xsd", "exe_jquery.js", "libs/exe_atools/", "common_i18n.js"],
        words: &["exelearning"],
    },
    Mark { tool: "Lectora", files: &["trivantis.js", "trivantis-utils.js"], words: &["lectora", "trivantis"] },
    Mark {
        tool: "Camtasia",
        files: &["techsmith-smart-player.min.js", "scripts/techsmith-smart-player.min.js"],
        words: &["camtasia"],
    },
    Mark { tool: "Xerte", files: &["xenith.js", "template.xwd", "models_html5/"], words: &["xerte"] },
    Mark { tool: "Elucidat", files: &["elucidat.js"], words: &["elucidat"] },
    Mark { tool: "Easygenerator", files: &["publishsettings.js"], words: &["easygenerator"] },
    Mark { tool: "DominKnow", files: &["dkplayer/", "dki/"], words: &["dominknow"] },
    Mark { tool: "Gomo", files: &["gomo.js"], words: &["gomo learning"] },
    Mark { tool: "Evolve", files: &["evolve.css", "evolve/js/"], words: &["intellum evolve", "evolveauthoring"] },
    Mark { tool: "3DVista", files: &["tdvplayer.js", "lib/tdvplayer.js"], words: &["3dvista"] },
    Mark { tool: "ActivePresenter", files: &["rlplayer.js", "js/rlplayer.js"], words: &["activepresenter"] },
    Mark { tool: "H5P", files: &["h5p.json", "js/h5p.js"], words: &["h5p.org"] },
    Mark { tool: "Enduring", files: &[], words: &["made for enduring"] },
];

/// The version of `tool`, where `bytes` are signed with it.
pub(super) fn version(tool: &str, bytes: &[u8]) -> Option<String> {
    let tool = tool.to_lowercase();
    let is_it = |name: &str| name.split(' ').next().is_some_and(|word| tool.contains(&word.to_lowercase()));
    scan::signatures(bytes).find(|(name, _)| is_it(name)).map(|(_, version)| version)
}

/// What to do about a finding, in the words of the tool that made the package. Each is from the vendor's own documentation.
const REMEDIES: &[(&str, Code, &str)] = &[
    (
        "Articulate Storyline",
        Code::CompletionNeverReported,
        "In Storyline, publish again for LMS: choose SCORM 1.2, and under Reporting and Tracking choose what completes the course.",
    ),
    (
        "Articulate Storyline",
        Code::MasteryScoreMissing,
        "Where a quiz decides, track by the quiz result under Reporting and Tracking: Storyline then writes the passing score.",
    ),
    ("Articulate Storyline", Code::StandardNotYetPlayed, "In Storyline, publish again for LMS, and choose SCORM 1.2."),
    (
        "Articulate Rise",
        Code::CompletionNeverReported,
        "In Rise, export again for LMS: choose SCORM 1.2, and a tracking option that says what completes the course.",
    ),
    (
        "Articulate Rise",
        Code::MasteryScoreMissing,
        "Nothing in Rise: it never writes a mastery score. Let the assessment of the activity here decide who has passed.",
    ),
    ("Articulate Rise", Code::StandardNotYetPlayed, "In Rise, export again for LMS, and choose SCORM 1.2."),
    (
        "Adobe Captivate",
        Code::CompletionNeverReported,
        "In Captivate, turn on reporting under Quiz Preferences, choose SCORM 1.2, and publish again.",
    ),
    (
        "Adobe Captivate",
        Code::MasteryScoreMissing,
        "Where a quiz decides, set the passing score in Captivate under Quiz Preferences, and publish again.",
    ),
    (
        "Adobe Captivate",
        Code::StandardNotYetPlayed,
        "In Captivate, choose SCORM 1.2 as the standard under Quiz Preferences, Reporting, and publish again.",
    ),
    (
        "iSpring",
        Code::CompletionNeverReported,
        "In iSpring Suite, publish again for LMS as SCORM 1.2, and set the Completion Requirements.",
    ),
    (
        "iSpring",
        Code::MasteryScoreMissing,
        "Where a quiz decides, require it under Completion Requirements in iSpring Suite's LMS publishing, and publish again.",
    ),
    (
        "iSpring",
        Code::StandardNotYetPlayed,
        "In iSpring Suite, publish again for LMS, and choose SCORM 1.2 as the standard.",
    ),
];

/// What to do about a finding of `code` in a package that `tool` made, where that is known.
pub(super) fn remedy(tool: &str, code: Code) -> Option<&'static str> {
    REMEDIES.iter().find(|(made, about, _)| *made == tool && *about == code).map(|(_, _, remedy)| *remedy)
}

/// The tool that made the package with these files and this manifest, where it can be recognized.
pub(super) fn detect(paths: &[&str], manifest: &str) -> Option<&'static str> {
    let manifest = manifest.to_lowercase();
    let paths: Vec<String> = paths.iter().map(|path| path.to_lowercase()).collect();
    let mark = MARKS.iter().find(|mark| {
        mark.words.iter().any(|word| manifest.contains(word))
            || paths.iter().any(|path| mark.files.iter().any(|file| matches(path, file)))
    });
    mark.map(|mark| mark.tool)
}

/// Whether `path` is `mark`, or is inside it where it is a folder, at the top or anywhere below. Both in lower case.
fn matches(path: &str, mark: &str) -> bool {
    let begins = |at: usize| at == 0 || path.as_bytes().get(at - 1) == Some(&b'/');
    path.match_indices(mark).any(|(at, _)| begins(at) && (mark.ends_with('/') || at + mark.len() == path.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_remedy_is_a_sentence_for_a_tool_that_is_recognized() {
        for (tool, code, remedy) in REMEDIES {
            assert!(MARKS.iter().any(|mark| mark.tool == *tool) && remedy.ends_with('.'), "{tool} {code:?}");
        }
        assert!(super::remedy("iSpring", Code::StandardNotYetPlayed).is_some());
        assert_eq!(super::remedy("iSpring", Code::XmlDtd), None);
    }

    #[test]
    fn the_version_is_read_from_the_signature_of_the_same_tool() {
        for (tool, text, expected) in [
            ("Articulate Storyline", "<!-- Created using Articulate Storyline 2.11 - http://x -->", Some("2.11")),
            ("Articulate Storyline", "<!-- Created using Storyline 360 - http://x  -->", Some("360")),
            (
                "Articulate Storyline",
                "<!-- Created using Storyline 360 x64 - http://x -->\n<!-- version: 3.75.1.0 -->",
                Some("3.75.1.0"),
            ),
            ("Lectora", "<!-- Lectora Online v 3.0.2(18) -->", Some("3.0.2")),
            ("eXeLearning", r#"<meta name="generator" content="eXeLearning 2.8 - exelearning.net">"#, Some("2.8")),
            ("iSpring", "<!-- Created with iSpring -->", None),
            ("Adapt", "<p>Storyline 3 was used before.</p>", None),
        ] {
            assert_eq!(version(tool, text.as_bytes()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn tools_are_recognized_by_their_files_and_words() {
        let of = |paths: &[&str], manifest| detect(paths, manifest);
        assert_eq!(of(&["index_lms.html", "story_content/user.js"], ""), Some("Articulate Storyline"));
        assert_eq!(of(&["scormcontent/lib/rise/a.js", "story.html"], ""), Some("Articulate Rise"));
        assert_eq!(of(&["index.html"], "<!-- Created with eXeLearning -->"), Some("eXeLearning"));
        assert_eq!(of(&["my_story_content/user.js", "history.html"], "<manifest/>"), None);
    }
}
