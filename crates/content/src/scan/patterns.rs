//! The patterns that are searched for in one file.

use regex::bytes::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What a file is, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Page,
    Script,
    Style,
    /// Compiled, so that nothing can be found in it.
    Program,
}

impl Kind {
    pub(super) fn of(path: &str) -> Option<Self> {
        let (_, ending) = path.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "html" | "htm" | "xhtml" => Some(Self::Page),
            "js" | "mjs" | "cjs" | "json" => Some(Self::Script),
            "css" => Some(Self::Style),
            "swf" | "wasm" | "class" | "jar" => Some(Self::Program),
            _ => None,
        }
    }
}

/// Something that a file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Act {
    /// Names an element of SCORM that reports completion.
    NamesStatus,
    /// Keeps its state as JSON.
    KeepsJson,
    OpensWindow,
    PlaysSound,
}

/// What was found in one file.
#[derive(Debug, Default)]
pub(super) struct Finds {
    pub(super) acts: BTreeSet<Act>,
    /// Addresses on other servers.
    pub(super) scripts: Vec<String>,
    pub(super) frames: Vec<String>,
    pub(super) styles: Vec<String>,
    pub(super) media: Vec<String>,
    pub(super) calls: Vec<String>,
    pub(super) links: Vec<String>,
    /// The value of `cmi.core.score.max`, where it is set to a number that is not 100.
    pub(super) maximum: Option<String>,
}

impl Finds {
    pub(super) fn of(kind: Kind, bytes: &[u8]) -> Self {
        let mut finds = Self::default();
        if matches!(kind, Kind::Page | Kind::Script) {
            finds.note(Act::NamesStatus, STATUS.is_match(bytes));
            finds.maximum = targets(&MAXIMUM, bytes).into_iter().find(|value| value.parse() != Ok(100.0_f64));
            finds.note(Act::KeepsJson, STATE_AS_JSON.is_match(bytes));
            finds.calls = targets(&CALL, bytes);
        }
        // What a comment holds is not loaded, such as the script for browsers of long ago. Old pages have their own scripts
        // in comments too, which are run: so what scripts say was searched before.
        let loaded = if kind == Kind::Page { COMMENT.replace_all(bytes, &b" "[..]) } else { bytes.into() };
        let bytes = &*loaded;
        if kind == Kind::Page {
            finds.scripts = targets(&SCRIPT, bytes);
            finds.frames = targets(&FRAME, bytes);
            finds.media = targets(&EXTERNAL_MEDIA, bytes);
            finds.links = targets(&ANCHOR, bytes);
            finds.note(Act::OpensWindow, OPENS_WINDOW.is_match(bytes));
            let is_heard = MEDIA.find_iter(bytes).any(|tag| is_heard(tag.as_bytes()));
            finds.note(Act::PlaysSound, is_heard);
        }
        if matches!(kind, Kind::Page | Kind::Style) {
            finds.styles = [&LINK, &IMPORT, &FONT].into_iter().flat_map(|pattern| targets(pattern, bytes)).collect();
        }
        finds
    }

    fn note(&mut self, act: Act, found: bool) {
        if found {
            self.acts.insert(act);
        }
    }
}

/// Whether a media element plays sound by itself.
fn is_heard(tag: &[u8]) -> bool {
    AUTOPLAY.is_match(tag) && !MUTED.is_match(tag)
}

/// The most addresses of one kind that are kept of one file.
const MOST: usize = 100;

fn targets(pattern: &Regex, bytes: &[u8]) -> Vec<String> {
    let found = pattern.captures_iter(bytes).filter_map(|captures| captures.name("target"));
    found.take(MOST).map(|target| String::from_utf8_lossy(target.as_bytes()).into_owned()).collect()
}

/// The server of the first address in a file, without those that only name a format.
pub(super) fn first_address(bytes: &[u8]) -> Option<String> {
    targets(&ADDRESS, bytes).into_iter().find(|server| !server.ends_with("w3.org"))
}

/// The tools by which a page or a manifest is signed, as they are written, each with its version.
pub(crate) fn signatures(bytes: &[u8]) -> impl Iterator<Item = (String, String)> {
    SIGNATURE.captures_iter(bytes).filter_map(|found| {
        let text = |name: &str| Some(String::from_utf8_lossy(found.name(name)?.as_bytes()).into_owned());
        let version = text("late").or_else(|| text("early"))?;
        Some((text("tool").or_else(|| text("name"))?, version.trim_end_matches('.').to_owned()))
    })
}

macro_rules! pattern {
    ($name:ident, $text:literal) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($text).expect("a pattern is a pattern"));
    };
}

// Some wrappers write the element's name after "cmi.core." of their own, and SCORM 2004 wrappers name theirs.
pattern!(STATUS, r"lesson_status|completion_status|success_status");
pattern!(MAXIMUM, r#"cmi\.core\.score\.max["'`]\s*,\s*["'`]?(?<target>[0-9]+(?:\.[0-9]+)?)["'`]?\s*\)"#);
pattern!(STATE_AS_JSON, r#"(?s)cmi\.suspend_data["'`]\s*,\s*JSON\.stringify\("#);
pattern!(SCRIPT, r#"(?is-u)<script\b[^>]{0,500}?\bsrc\s*=\s*["']?(?<target>(?:https?:)?//[^"'\s>]+)"#);
pattern!(FRAME, r#"(?is-u)<i?frame\b[^>]{0,500}?\bsrc\s*=\s*["']?(?<target>(?:https?:)?//[^"'\s>]+)"#);
pattern!(
    EXTERNAL_MEDIA,
    r#"(?is-u)<(?:img|video|audio|source|embed|object)\b[^>]{0,500}?\b(?:src|data)\s*=\s*["']?(?<target>(?:https?:)?//[^"'\s>]+)"#
);
pattern!(ANCHOR, r#"(?is-u)<a\b[^>]{0,500}?\bhref\s*=\s*["']?(?<target>https?://[^"'\s>]+)"#);
// Only calls whose address is written out: a name in a comment or a license calls nobody.
pattern!(
    CALL,
    r#"(?i-u)(?:\bfetch|\bimportScripts|\bsendBeacon|\bnew\s+(?:WebSocket|EventSource)|\.open)\s*\(\s*(?:["'`](?:GET|POST|PUT)["'`]\s*,\s*)?["'`](?<target>(?:https?|wss?)://[^"'`\s]+)"#
);
pattern!(
    LINK,
    r#"(?is-u)<link\b(?:[^>]{0,500}?\brel\s*=\s*["']?stylesheet["']?[^>]{0,500}?\bhref\s*=\s*["']?(?<target>(?:https?:)?//[^"'\s>]+))"#
);
pattern!(IMPORT, r#"(?i-u)@import\s+(?:url\(\s*)?["']?(?<target>(?:https?:)?//[^"'\s)]+)"#);
pattern!(FONT, r#"(?is-u)@font-face\s*\{[^}]{0,2000}?url\(\s*["']?(?<target>(?:https?:)?//[^"'\s)]+)"#);
pattern!(
    OPENS_WINDOW,
    r#"(?is-u)<body\b[^>]{0,500}?\bonload\s*=\s*(?:"[^"]{0,500}?\bwindow\.open\s*\(|'[^']{0,500}?\bwindow\.open\s*\()"#
);
pattern!(
    SIGNATURE,
    r"(?ix-u)
    (?<tool>storyline)(?:\ 360)?[^<>]{0,80}-->\s*<!--\s*version:\s*(?<late>[0-9][0-9.]*)
    | (?<name>storyline|lectora|exelearning|ispring\ suite|captivate)(?:\ online|\ publisher|\ inspire)?
      \ (?:v\ ?)?(?<early>[0-9][0-9.]*)"
);
pattern!(ADDRESS, r"(?i-u)\bhttps?://(?<target>[a-z0-9.-]+\.[a-z]{2,})");
pattern!(COMMENT, r"(?s-u)<!--.*?-->");
pattern!(MEDIA, r"(?is-u)<(?:audio|video)\b[^>]{0,500}>");
pattern!(AUTOPLAY, r"(?is-u)\sautoplay\b");
// A muted video may play: browsers let it.
pattern!(MUTED, r"(?is-u)\smuted\b");

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Finds {
        Finds::of(Kind::Page, text.as_bytes())
    }

    #[test]
    fn addresses_on_other_servers_are_found_by_what_they_load() {
        let found = page(
            r#"<script defer src="https://cdn.example/a.js"></script><SCRIPT SRC=//cdn.example/b.js></SCRIPT>
               <!--[if lt IE 9]><script src="https://old.example/shiv.js"></script><![endif]-->
               <script src="local.js"></script><script>var x = "https://not.example/loaded.js";</script>
               <iframe title="x" src='http://video.example/e'></iframe><frame src=inner.html>
               <link rel="stylesheet" href="https://fonts.example/css"><link rel="canonical" href="https://me.example/">
               <style>@import url("//fonts.example/i.css"); @font-face { font-family: x; src: url(https://f.example/x.woff) }
               body { background: url(https://i.example/not-a-font.png) }</style>"#,
        );
        assert_eq!(found.scripts, ["https://cdn.example/a.js", "//cdn.example/b.js"]);
        assert_eq!(found.frames, ["http://video.example/e"]);
        assert_eq!(found.links, [""; 0]);
        assert_eq!(found.styles, ["https://fonts.example/css", "//fonts.example/i.css", "https://f.example/x.woff"]);
    }

    #[test]
    fn what_is_shown_called_and_linked_elsewhere_is_found() {
        let found = page(
            r##"<img alt="" src="//img.example/a.png"><img src="own.png"><video><source src='http://v.example/a.mp4'></video>
               <a class="x" href="https://lms.example/course">More</a><a href="#top">Up</a>
               <script>fetch("https://api.example/x"); var a = "https://not.example/called";</script>"##,
        );
        assert_eq!(found.media, ["//img.example/a.png", "http://v.example/a.mp4"]);
        assert_eq!(found.links, ["https://lms.example/course"]);
        assert_eq!(found.calls, ["https://api.example/x"]);
        let script = Finds::of(
            Kind::Script,
            br#"// see https://docs.example/
            r.open('POST', "http://track.example/p"); new WebSocket(`wss://live.example`); w.open("page.html"); fetch(url)"#,
        );
        assert_eq!(script.calls, ["http://track.example/p", "wss://live.example"]);
    }

    #[test]
    fn what_scripts_say_to_the_run_time_is_found() {
        let script = |text: &str| Finds::of(Kind::Script, text.as_bytes());
        assert!(script(r#"set("cmi.core.lesson_status","completed")"#).acts.contains(&Act::NamesStatus));
        assert!(script("p='cmi.core.';s(p+'lesson_status')").acts.contains(&Act::NamesStatus));
        assert!(!script("console.log('completed')").acts.contains(&Act::NamesStatus));
        assert_eq!(script(r#"LMSSetValue("cmi.core.score.max", "10")"#).maximum.as_deref(), Some("10"));
        assert_eq!(script(r#"LMSSetValue("cmi.core.score.max", 100)"#).maximum, None);
        assert_eq!(script(r#"LMSSetValue("cmi.core.score.max", max)"#).maximum, None);
        assert!(script(r#"LMSSetValue("cmi.suspend_data", JSON.stringify(state))"#).acts.contains(&Act::KeepsJson));
        assert!(
            !script(r#"LMSSetValue("cmi.suspend_data", state); log(JSON.stringify(x))"#).acts.contains(&Act::KeepsJson)
        );
    }

    #[test]
    fn windows_and_sound_on_load_are_found() {
        assert!(page(r#"<body class="a" onload="go(); window.open('course.html')">"#).acts.contains(&Act::OpensWindow));
        assert!(!page(r#"<body onload="go()"><a onclick="window.open('x')">"#).acts.contains(&Act::OpensWindow));
        assert!(page(r#"<audio src="a.mp3" autoplay></audio>"#).acts.contains(&Act::PlaysSound));
        assert!(!page(r#"<audio src="a.mp3" controls></audio>"#).acts.contains(&Act::PlaysSound));
        assert!(!page(r#"<video src="a.mp4" autoplay muted loop></video>"#).acts.contains(&Act::PlaysSound));
    }
}
