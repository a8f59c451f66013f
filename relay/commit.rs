// What `build.rs` of the programs have in common; each includes this file.

use std::process::Command;

/// Returns the version, with the commit in what is built for others.
fn version() -> String {
    println!("cargo:rerun-if-env-changed=ROOST_COMMIT");
    let build = commit().map_or("built for development".to_owned(), |it| format!("commit {it}"));
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    format!("{version} ({build})")
}

/// Returns the commit that the builder names, or that a release is built from. A build for
/// development has none: it would be built anew after every commit.
fn commit() -> Option<String> {
    if let Some(named) = std::env::var("ROOST_COMMIT").ok().filter(|named| !named.is_empty()) {
        return Some(named);
    }
    if std::env::var("PROFILE").as_deref() != Ok("release") {
        return None;
    }
    let head = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    println!("cargo:rerun-if-changed={head}");
    let changed = if git(&["status", "--porcelain"])?.is_empty() { "" } else { ", changed" };
    Some(git(&["rev-parse", "--short=12", "HEAD"])? + changed)
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
