//! `roost check-media`

use std::fs::File;
use std::path::{Path, PathBuf};

use roost_media::{Facts, inspect, unfit_for_x};
use serde::Serialize;

use crate::args::CheckMedia;
use crate::context::Context;
use crate::output::Exit;

/// What is known of the files.
#[derive(Debug, Serialize)]
struct Checked {
    files: Vec<CheckedFile>,
}

/// What is known of one file.
#[derive(Debug, Serialize)]
struct CheckedFile {
    file: PathBuf,
    /// Its MIME type; none when it could not be read.
    mime: Option<&'static str>,
    bytes: Option<u64>,
    width: Option<u32>,
    height: Option<u32>,
    duration_ms: Option<u64>,
    /// Why X would not take it, in words; empty when it does.
    problems: Vec<String>,
    #[serde(skip)]
    is: String,
}

pub(crate) fn run(context: &Context, args: CheckMedia) -> Exit {
    let check = |file| check(file, args.long_videos);
    let document = Checked { files: args.files.into_iter().map(check).collect() };
    let fits = document.files.iter().filter(|file| file.problems.is_empty()).count();
    context.output.result(&document, || people(&document));
    match fits {
        0 => Exit::Failed,
        some if some < document.files.len() => Exit::Partly,
        _ => Exit::Done,
    }
}

fn check(file: PathBuf, long_videos: bool) -> CheckedFile {
    let found = read(&file);
    let (facts, problems) = match &found {
        Ok(facts) => {
            let unfit = unfit_for_x(facts, long_videos);
            (Some(facts), unfit.iter().map(ToString::to_string).collect())
        }
        Err(problem) => (None, vec![problem.clone()]),
    };
    CheckedFile {
        mime: facts.map(|facts| facts.kind.mime()),
        bytes: facts.map(|facts| facts.bytes),
        width: facts.map(|facts| facts.width),
        height: facts.map(|facts| facts.height),
        duration_ms: facts.and_then(Facts::duration_ms),
        problems,
        is: facts.map(what_it_is).unwrap_or_default(),
        file,
    }
}

fn read(path: &Path) -> Result<Facts, String> {
    let file = File::open(path).map_err(|error| format!("The file can't be read: {error}"))?;
    inspect(file).map_err(|unreadable| unreadable.to_string())
}

/// Returns what a file is: "a JPEG of 4000 x 3000 pixels, 2.1 MB".
fn what_it_is(facts: &Facts) -> String {
    let tenths = facts.bytes.div_ceil(100_000);
    let length = facts.duration_ms().map(|ms| format!(", {}.{} s", ms / 1_000, ms % 1_000 / 100));
    format!(
        "{} of {} x {} pixels, {}.{} MB{}",
        facts.kind.name(),
        facts.width,
        facts.height,
        tenths / 10,
        tenths % 10,
        length.unwrap_or_default()
    )
}

fn people(checked: &Checked) -> String {
    let lines = checked.files.iter().map(|file| {
        let name = file.file.display();
        match (file.is.as_str(), file.problems.join(" ").as_str()) {
            (is, "") => format!("{name}: {is}. X takes it."),
            ("", problems) => format!("{name}: {problems}"),
            (is, problems) => format!("{name}: {is}. {problems}"),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}
