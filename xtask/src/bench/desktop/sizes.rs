//! What the window's files weigh, compressed as a server would.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::at_most;
use crate::bench::Row;
use crate::{command, project};

/// JavaScript and CSS together, kB.
const WHOLE_KB: f64 = 250.0;
/// What the first view needs of them, kB.
const FIRST_VIEW_KB: f64 = 130.0;

/// Weighs what `npm run build` wrote.
pub(super) fn measure() -> Result<Vec<Row>> {
    let dist = project::root().join("ui/dist");
    let page = std::fs::read_to_string(dist.join("index.html"))
        .context("ui/dist is not there: run `npm run build` in ui/ first")?;
    let (mut whole, mut first) = (0.0, 0.0);
    for file in std::fs::read_dir(dist.join("assets"))? {
        let path = file?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !has_extension(&path, &["js", "css"]) {
            continue;
        }
        let size = compressed(&path)?;
        whole += size;
        // The page names its script, and all that this imports at once.
        if page.contains(&format!("/assets/{name}\"")) {
            first += size;
        }
    }
    Ok(vec![
        at_most("JavaScript and CSS, gzip", "kB", whole, WHOLE_KB),
        at_most("of this for the first view", "kB", first, FIRST_VIEW_KB),
    ])
}

fn has_extension(path: &Path, wanted: &[&str]) -> bool {
    path.extension().and_then(|it| it.to_str()).is_some_and(|it| wanted.contains(&it))
}

/// The size of a file after gzip, kB.
fn compressed(path: &Path) -> Result<f64> {
    let gzip = command::output(Command::new("gzip").args(["-9", "-c"]).arg(path))?;
    Ok(f64::from(u32::try_from(gzip.stdout.len())?) / 1000.0)
}
