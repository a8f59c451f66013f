//! `docs/benchmarks.md`: the figures of the last run, with where and when they were measured.

use std::fmt::Write as _;
use std::process::Command;

use anyhow::{Context as _, Result};
use roost_core::clock::{Clock as _, SystemClock};

use super::Row;
use crate::command;
use crate::project;

/// Puts the figures of `part` in the place of those that the page holds.
pub(crate) fn write(part: &str, rows: &[Row]) -> Result<()> {
    let path = project::root().join("docs/benchmarks.md");
    let page = std::fs::read_to_string(&path)
        .with_context(|| format!("{} can't be read", path.display()))?;
    let (begin, end) = (format!("<!-- {part} -->\n"), format!("<!-- /{part} -->"));
    let start = page.find(&begin).map(|at| at + begin.len());
    let stop = page.find(&end);
    let (start, stop) = start
        .zip(stop)
        .filter(|(start, stop)| start <= stop)
        .with_context(|| format!("{} has no place for \"{part}\"", path.display()))?;
    let figures = figures(rows)?;
    let page = [&page[..start], &figures, &page[stop..]].concat();
    std::fs::write(&path, page).with_context(|| format!("{} can't be written", path.display()))
}

fn figures(rows: &[Row]) -> Result<String> {
    let mut text = format!("\n`{}`, {}.\n\n", asked(), circumstances()?);
    text.push_str("| figure | unit | ours | limit | peer | times as good as the peer | goal |\n");
    text.push_str("| --- | --- | ---: | ---: | ---: | ---: | --- |\n");
    for row in rows {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{}", row.markdown());
    }
    text.push('\n');
    Ok(text)
}

/// The command as it was given; how the figures are printed makes no difference to them.
fn asked() -> String {
    let words = std::env::args().skip(1).filter(|word| word != "--json");
    ["cargo xtask".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
}

/// When, of which state of the project, on what.
fn circumstances() -> Result<String> {
    let say = |program: &str, arguments: &[&str]| -> Result<String> {
        let output = command::output(&mut command::command(program, arguments, project::root()))?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let day = SystemClock.now().to_string();
    let day = day.split('T').next().unwrap_or_default();
    let commit = say("git", &["rev-parse", "--short", "HEAD"])?;
    let cores = std::thread::available_parallelism()?;
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let processor = field(&read("/proc/cpuinfo"), "model name").unwrap_or_default();
    let memory = field(&read("/proc/meminfo"), "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok())
        .map(|kib| format!("{} GB of memory", kib * 1024 / 1_000_000_000))
        .unwrap_or_default();
    let system = command::output(Command::new("uname").arg("-sr")).map(|output| output.stdout);
    let system = String::from_utf8_lossy(&system.unwrap_or_default()).trim().to_owned();
    Ok(format!("{day}, commit {commit}; {processor}, {cores} cores, {memory}, {system}"))
}
