//! What is copied to a server.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::peer;
use crate::command;
use crate::project;

const BYTES_PER_MB: f64 = 1e6;

/// `roost-relay` without its symbols, MB.
pub(super) fn ours(folder: &Path) -> Result<f64> {
    let stripped = folder.join("roost-relay");
    let program = project::release("roost-relay");
    let mut strip = std::process::Command::new("strip");
    command::output(strip.arg("-o").arg(&stripped).arg(program))?;
    file(&stripped)
}

/// Node and the peer's packages, without what compiling left behind; MB.
pub(super) fn peer() -> Result<f64> {
    let node = command::output(
        std::process::Command::new("node")
            .args(["-p", "require('fs').realpathSync(process.execPath)"]),
    )?;
    let node = String::from_utf8(node.stdout)?;
    Ok(file(Path::new(node.trim()))? + tree(&peer::source().join("node_modules"))?)
}

fn file(path: &Path) -> Result<f64> {
    let size = std::fs::metadata(path).with_context(|| format!("{} is missing", path.display()))?;
    #[expect(clippy::cast_precision_loss, reason = "programs are far smaller than 2^52 bytes")]
    Ok(size.len() as f64 / BYTES_PER_MB)
}

/// The files below a folder. The sources and objects of compiled packages are left out, which a
/// careful person would not copy either.
fn tree(folder: &Path) -> Result<f64> {
    let mut sum = 0.0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (kind, path) = (entry.file_type()?, entry.path());
        let left_behind = ["deps", "src", "obj", "obj.target"];
        let compiled = path.components().any(|part| part.as_os_str() == "better-sqlite3");
        let skip = compiled && left_behind.iter().any(|name| path.ends_with(name));
        if kind.is_dir() && !skip {
            sum += tree(&path)?;
        } else if kind.is_file() {
            sum += file(&path)?;
        }
    }
    Ok(sum)
}
