//! The store of the measurement: an account of the sandbox, posts that are planned and posts that went out.
#![expect(clippy::disallowed_methods, reason = "it ages the store from outside")]

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use roost_core::clock::{Clock as _, SystemClock, UnixMillis};
use rusqlite::Connection;

use super::{Arguments, Profile};
use crate::bench::program::sandbox;
use crate::run::process::Process;
use crate::{command, project};

/// Between two planned posts, and from now to the first of them.
const APART_MS: i64 = 10 * 60_000;
const LEAD_MS: i64 = 60 * 60_000;
/// Long enough ahead that none of these is planned when the store has been aged.
const LATER_MS: i64 = 10 * 365 * 86_400_000;

/// The store, with the sandbox that stands in for X.
pub(super) struct Stored {
    data: PathBuf,
    sandbox_url: String,
    _folder: tempfile::TempDir,
    _sandbox: Process,
}

impl Stored {
    pub(super) fn make(arguments: Arguments) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("stored-").tempdir_in(project::bench())?;
        let at = folder.path();
        let data = at.join("roost");
        std::fs::create_dir(&data)?;
        let is_shipped = arguments.profile == Profile::Release;
        let (sandbox, sandbox_url) = sandbox(is_shipped, at)?;

        let file = at.join("posts.json");
        std::fs::write(&file, import_of(arguments.stored, arguments.planned))?;
        let roost = |words: &[&str]| {
            let mut roost = Command::new(arguments.program("roost"));
            roost.args(words).arg("--data").arg(&data).env_remove("ROOST_RELAY_URL");
            roost
        };
        let login = ["login", "--sandbox", &sandbox_url, "--handle", "ada"];
        command::output(&mut roost(&login))?;
        let file = file.to_str().context("a path that is no text")?;
        command::output(&mut roost(&["import", file]))?;
        age(&data, arguments.planned)?;
        Ok(Self { data, sandbox_url, _folder: folder, _sandbox: sandbox })
    }

    /// What the desktop finds in its environment.
    pub(super) fn environment(&self) -> Vec<(String, String)> {
        vec![
            ("ROOST_DATA_DIR".to_owned(), self.data.display().to_string()),
            ("ROOST_SANDBOX_URL".to_owned(), self.sandbox_url.clone()),
        ]
    }
}

/// Lets all but the planned posts have gone out.
fn age(data: &std::path::Path, planned: u32) -> Result<()> {
    let store = Connection::open(data.join("roost.db"))?;
    store.execute(
        "UPDATE scheduled_post SET status = 'posted', posted_at = scheduled_at
         WHERE seq > (SELECT min(seq) + ?1 - 1 FROM scheduled_post)",
        [planned],
    )?;
    Ok(())
}

/// An import file: texts of some 140 characters that differ, each with one of a hundred words to search for.
fn import_of(stored: u32, planned: u32) -> String {
    let now = SystemClock.now().0;
    let mut text = String::from("{\"posts\":[");
    for number in 0..stored {
        let ahead = if number < planned { LEAD_MS } else { LATER_MS };
        let at = UnixMillis(now + ahead + i64::from(number) * APART_MS);
        let comma = if number == 0 { "" } else { "," };
        // Writing to a String can't fail.
        let _ = write!(
            text,
            "{comma}\n{{\"content\":\"{number} w{:02} {}\",\"scheduledAt\":\"{at}\"}}",
            number % 100,
            "what a calendar that never forgets would say of it ".repeat(3).trim()
        );
    }
    text.push_str("\n]}");
    text
}
