//! Passes the commit to the build of the program, as `ENDURING_BUILT_FROM`.

use std::env;
use std::process::Command;

/// Release builds name their commit. Others say `development`, so that a new commit alone does not cause a rebuild.
pub(super) fn emit() {
    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let built_from = if release { commit() } else { None };
    println!("cargo::rustc-env=ENDURING_BUILT_FROM={}", built_from.as_deref().unwrap_or("development"));
}

/// The commit that is checked out; `None` outside a repository.
fn commit() -> Option<String> {
    println!("cargo::rerun-if-changed={}", git(&["rev-parse", "--git-path", "logs/HEAD"])?);
    git(&["describe", "--always", "--abbrev=12", "--dirty=-changed"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
