//! A person at a terminal: what is typed when a command asks.

use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use super::system::System;

/// The longest that a question is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the person waits for on the screen, and what is typed then.
pub(super) struct Answer<'a> {
    pub(super) when: &'a str,
    pub(super) typed: &'a str,
}

/// Runs a line on a terminal and answers its questions in turn. Returns all that stood on the screen.
pub(super) fn talk(
    system: &System,
    user: &str,
    line: &str,
    answers: &[Answer<'_>],
) -> Result<String> {
    let quoted = line.replace('\'', "'\\''");
    let on_terminal = format!("script --quiet --return --command '{quoted}' /dev/null");
    let mut child = system
        .shell(user, &on_terminal)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut keyboard = child.stdin.take().context("no keyboard")?;
    let mut screen = child.stdout.take().context("no screen")?;
    let (sender, shown) = mpsc::channel();
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = screen.read(&mut piece) {
            if sender.send(String::from_utf8_lossy(&piece[..read]).into_owned()).is_err() {
                return;
            }
        }
    });
    let (mut all, mut unread) = (String::new(), 0);
    for answer in answers {
        let deadline = Instant::now() + PATIENCE;
        while !all[unread..].contains(answer.when) {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(piece) = shown.recv_timeout(left) else {
                let _ = child.kill();
                let _ = child.wait();
                bail!("\"{line}\" did not ask \"{}\": {all}", answer.when);
            };
            all.push_str(&piece);
        }
        unread = all.len();
        writeln!(keyboard, "{}", answer.typed)?;
    }
    all.extend(shown.iter());
    let status = child.wait()?;
    ensure!(status.success(), "on {} \"{line}\" failed ({status}): {all}", system.name());
    Ok(all)
}
