//! The published schemas mean the same in every language: their patterns are tried by Python, Node and Rust.

use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const PYTHON: &str = "
import json, re, sys
patterns, texts = json.load(sys.stdin)
print(json.dumps([[bool(re.search(p, t)) for t in texts] for p in patterns]))
";
const NODE: &str = "
const [patterns, texts] = JSON.parse(require('fs').readFileSync(0));
console.log(JSON.stringify(patterns.map((p) => texts.map((t) => new RegExp(p, 'u').test(t)))));
";

/// Every pattern of the published schemas that is anchored at its end.
fn patterns() -> Vec<String> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("pattern").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|value| collect(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        collect(&serde_json::from_str(&text).unwrap(), &mut found);
    }
    found.sort();
    found.dedup();
    found.retain(|pattern| pattern.ends_with('$'));
    found
}

/// Texts that match some pattern, in some way nearly.
const TEXTS: [&str; 40] = [
    "",
    "1.0",
    "1.0.3",
    "2.0.0",
    "a",
    "af-stroke",
    "en",
    "en-US",
    "zh-Hant-TW",
    "i-klingon",
    "0.75",
    "1.0000",
    "0.5",
    "https://example.com/a",
    "http://example.com:80/",
    "http://[2001:db8::1]/",
    "http://[::ffff:192.0.2.1]",
    "http://[1::2::3]/",
    "http://a:b:1",
    "http://",
    "HTTPS://?x",
    "urn:x",
    "urn:\u{E000}",
    "urn:x?\u{E000}",
    "urn:\u{1F600}",
    "urn:\u{1FFFF}",
    "urn:\u{F0000}",
    "urn:\u{E0001}",
    "x://",
    "a:%2",
    "mailto:a@b.c",
    "mailto:ü@b.c",
    "mailto:\u{E000}@b.c",
    "a@b.c",
    "6690e6c9-3ef0-4ed3-8b37-7f3964730bee",
    "2026-01-15T09:30:00.000Z",
    "P4W",
    "PT1H30.5S",
    "text/plain; charset=x",
    "ebd31e95054c018b10727ccffd2ef2ec3a016ee9",
];

fn judge(program: &str, arguments: &[&str], input: &Value) -> Vec<Vec<bool>> {
    let mut child = Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn patterns_are_read_alike_by_python_node_and_rust() {
    let patterns = patterns();
    assert!(patterns.len() > 10, "{patterns:?}");
    let mut texts: Vec<String> = TEXTS.map(str::to_owned).to_vec();
    texts.extend(TEXTS.map(|text| format!("{text}\n")));
    texts.extend(TEXTS.map(|text| format!("{text}\n\n")));
    let input = json!([patterns, texts]);
    let (python, node) = (judge("python3", &["-c", PYTHON], &input), judge("node", &["-e", NODE], &input));
    let mut matched = 0;
    for (at, pattern) in patterns.iter().enumerate() {
        let schema = jsonschema::draft202012::new(&json!({"pattern": pattern})).unwrap();
        for (text, (python, node)) in texts.iter().zip(python[at].iter().zip(&node[at])) {
            let rust = schema.is_valid(&json!(text));
            assert_eq!((*python, *node), (rust, rust), "{text:?} by {pattern}");
            let free = pattern.contains("[\\s\\S]*");
            assert!(!rust || !text.ends_with('\n') || free, "{text:?} by {pattern}");
            matched += usize::from(rust);
        }
    }
    assert!(matched > 30, "{matched}");
}
