//! Installs what the player and the certificates need from npm, exactly as `web/package-lock.json` pins it, to embed it in the program.
//!
//! npm runs no script of any package, checks every package against the lock's hash, and runs again only when the lock
//! changes.

#[path = "build/built_from.rs"]
mod built_from;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

/// The files that npm reads.
const INPUTS: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// What the program embeds: the file in the package, and its name in `OUT_DIR`.
const EMBEDDED: [(&str, &str); 15] = [
    ("scorm-again/dist/esm/scorm12.min.js", "scorm12.js"),
    ("@expo-google-fonts/source-serif-4/400Regular/SourceSerif4_400Regular.ttf", "main-regular.ttf"),
    ("@expo-google-fonts/source-serif-4/600SemiBold/SourceSerif4_600SemiBold.ttf", "main-strong.ttf"),
    ("@expo-google-fonts/source-serif-4/400Regular_Italic/SourceSerif4_400Regular_Italic.ttf", "main-italic.ttf"),
    ("@expo-google-fonts/scheherazade-new/400Regular/ScheherazadeNew_400Regular.ttf", "arabic-regular.ttf"),
    ("@expo-google-fonts/scheherazade-new/600SemiBold/ScheherazadeNew_600SemiBold.ttf", "arabic-strong.ttf"),
    ("@expo-google-fonts/noto-serif-hebrew/400Regular/NotoSerifHebrew_400Regular.ttf", "hebrew-regular.ttf"),
    ("@expo-google-fonts/noto-serif-hebrew/600SemiBold/NotoSerifHebrew_600SemiBold.ttf", "hebrew-strong.ttf"),
    (
        "@expo-google-fonts/noto-serif-devanagari/400Regular/NotoSerifDevanagari_400Regular.ttf",
        "devanagari-regular.ttf",
    ),
    (
        "@expo-google-fonts/noto-serif-devanagari/600SemiBold/NotoSerifDevanagari_600SemiBold.ttf",
        "devanagari-strong.ttf",
    ),
    ("@expo-google-fonts/noto-sans-thai/400Regular/NotoSansThai_400Regular.ttf", "thai-regular.ttf"),
    ("@expo-google-fonts/noto-sans-thai/600SemiBold/NotoSansThai_600SemiBold.ttf", "thai-strong.ttf"),
    // Of the large ones a single weight, between the two.
    ("@expo-google-fonts/noto-sans-sc/500Medium/NotoSansSC_500Medium.ttf", "chinese.ttf"),
    ("@expo-google-fonts/noto-sans-jp/500Medium/NotoSansJP_500Medium.ttf", "japanese.ttf"),
    ("@expo-google-fonts/noto-sans-kr/500Medium/NotoSansKR_500Medium.ttf", "korean.ttf"),
];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    built_from::emit();
    for input in INPUTS {
        println!("cargo::rerun-if-changed=web/{input}");
    }
    match install_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            println!("cargo::error={sentence}");
            ExitCode::FAILURE
        }
    }
}

fn install_all() -> Result<(), String> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo gave no OUT_DIR")?);
    let work = out.join("web");
    fs::create_dir_all(&work).map_err(|error| format!("cannot create {}: {error}", work.display()))?;
    for input in INPUTS {
        copy(&Path::new("web").join(input), &work.join(input))?;
    }
    install(&work)?;
    for (from, to) in EMBEDDED {
        copy(&work.join("node_modules").join(from), &out.join(to))?;
    }
    remove_fonts(&work.join("node_modules/@expo-google-fonts"))
}

/// Removes the font files of the packages, which have been copied: with the other weights they take 250 MB. What the packages
/// say of their licenses stays.
fn remove_fonts(folder: &Path) -> Result<(), String> {
    let failed = |error| format!("cannot clear {}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            remove_fonts(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "ttf") {
            fs::remove_file(&path).map_err(failed)?;
        }
    }
    Ok(())
}

fn install(work: &Path) -> Result<(), String> {
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let run = Command::new(npm).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(work).output();
    let output = run.map_err(|error| {
        format!("npm cannot be started ({error}): install Node.js 20 or later with npm, which the build takes the player's library from")
    })?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    let message = message.lines().filter(|line| line.contains("error")).collect::<Vec<_>>().join(" | ");
    Err(format!(
        "npm ci could not install what web/package-lock.json names; check the network and the registry: {message}"
    ))
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to)
        .map(|_| ())
        .map_err(|error| format!("cannot copy {} to {}: {error}", from.display(), to.display()))
}
