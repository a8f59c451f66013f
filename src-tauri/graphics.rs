//! How WebKitGTK brings the window to the screen.
//!
//! Its DMA-BUF renderer leaves the window blank with some graphics drivers, mostly before version
//! 2.48. Roost switches it off there, unless the person set the variable. A start that never
//! painted is remembered, and the next one tries the other way.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tauri::plugin::{Builder, TauriPlugin};
use tauri::{Manager as _, Wry};

use crate::environment;

/// WebKitGTK reads it when the first web view is made.
const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
/// Tells the program that it set the switch itself.
const SET_BY_ROOST: &str = "ROOST_SET_DMABUF_RENDERER";
/// From this version on the renderer is trusted.
const TRUSTED_FROM: (u32, u32) = (2, 48);
/// Where the last start is remembered, in the data folder.
const FILE: &str = "graphics.json";

/// A start of the window, as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Start {
    webkit: String,
    dmabuf: bool,
    painted: bool,
}

/// Starts the program again with the switch set, where the renderer is not to be used. Returns
/// where nothing is to be changed.
#[cfg(target_os = "linux")]
pub(crate) fn prepare() {
    use std::os::unix::process::CommandExt as _;
    if std::env::var_os(SWITCH).is_some() {
        return;
    }
    let Ok(webkit) = tauri::webview_version() else { return };
    let last = file().and_then(|file| read(&file));
    if uses_dmabuf(&webkit, last.as_ref()) {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    // A variable cannot be set safely in a process that runs; the new image begins with it.
    let error = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(SWITCH, "1")
        .env(SET_BY_ROOST, "1")
        .exec();
    tracing::warn!(%error, "{SWITCH} could not be set");
}

#[cfg(not(target_os = "linux"))]
pub(crate) const fn prepare() {}

/// Returns whether the renderer is used with this version, given the start before.
fn uses_dmabuf(webkit: &str, last: Option<&Start>) -> bool {
    let usual = version(webkit).is_some_and(|version| version >= TRUSTED_FROM);
    match last.filter(|last| last.webkit == webkit) {
        Some(last) if last.painted => last.dmabuf,
        // The window stayed blank, or the program ended before: the other way, in turn.
        Some(last) => !last.dmabuf,
        None => usual,
    }
}

/// Returns the first two numbers of a version such as 2.48.3.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split('.').map_while(|number| number.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

/// Remembers each start until its first paint. It comes after the single-instance plugin, so that
/// a second start, which shows the first one's window, is none.
pub(crate) fn plugin() -> TauriPlugin<Wry> {
    Builder::new("graphics")
        .setup(|app, _| {
            app.manage(Memory::begin());
            Ok(())
        })
        .build()
}

/// The start that is under way; none where the person chose the renderer.
pub(crate) struct Memory(Option<(PathBuf, Start)>);

impl Memory {
    fn begin() -> Self {
        let chosen_by_person =
            environment::word(SWITCH).is_some() && environment::word(SET_BY_ROOST).is_none();
        let Some(file) = file().filter(|_| cfg!(target_os = "linux") && !chosen_by_person) else {
            return Self(None);
        };
        let Ok(webkit) = tauri::webview_version() else { return Self(None) };
        let start = Start { webkit, dmabuf: environment::word(SWITCH).is_none(), painted: false };
        write(&file, &start);
        Self(Some((file, start)))
    }

    /// The window shows something: this way works here.
    pub(crate) fn painted(&self) {
        if let Some((file, start)) = &self.0 {
            write(file, &Start { painted: true, ..start.clone() });
        }
    }
}

fn file() -> Option<PathBuf> {
    let chosen = environment::word("ROOST_DATA_DIR").map(PathBuf::from);
    Some(chosen.or_else(roost_local::data_dir)?.join(FILE))
}

fn read(file: &Path) -> Option<Start> {
    serde_json::from_slice(&std::fs::read(file).ok()?).ok()
}

/// What cannot be remembered costs a blank window at the most, and never a start.
fn write(file: &Path, start: &Start) {
    let written = serde_json::to_vec(start).map_err(std::io::Error::other).and_then(|text| {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(file, text)
    });
    if let Err(error) = written {
        tracing::warn!(%error, "the way of drawing could not be remembered");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(webkit: &str, dmabuf: bool, painted: bool) -> Start {
        Start { webkit: webkit.to_owned(), dmabuf, painted }
    }

    #[test]
    fn an_old_webkit_does_without_the_renderer_and_a_new_one_uses_it() {
        for (webkit, uses) in
            [("2.38.6", false), ("2.47.9", false), ("2.48.0", true), ("2.50.1", true), ("?", false)]
        {
            assert_eq!(uses_dmabuf(webkit, None), uses, "{webkit}");
        }
    }

    #[test]
    fn a_start_that_never_painted_is_followed_by_the_other_way_and_what_painted_stays() {
        let webkit = "2.50.1";
        let mut dmabuf = uses_dmabuf(webkit, None);
        assert!(dmabuf);
        dmabuf = uses_dmabuf(webkit, Some(&start(webkit, dmabuf, false)));
        assert!(!dmabuf, "the first way stayed blank");
        dmabuf = uses_dmabuf(webkit, Some(&start(webkit, dmabuf, true)));
        assert!(!dmabuf, "the other way works");
        assert!(uses_dmabuf("2.52.0", Some(&start(webkit, dmabuf, true))), "another WebKit");
    }

    #[test]
    fn a_start_is_remembered_as_blank_until_it_painted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("made/graphics.json");
        let first = start("2.50.1", true, false);
        write(&file, &first);
        assert_eq!(read(&file), Some(first.clone()));
        Memory(Some((file.clone(), first))).painted();
        assert_eq!(read(&file), Some(start("2.50.1", true, true)));
        std::fs::write(&file, "half").unwrap();
        assert_eq!(read(&file), None);
    }
}
