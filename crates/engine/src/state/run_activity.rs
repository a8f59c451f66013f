//! What the running loop does at this moment, written beside the store. A loop that ends by itself
//! writes that it stopped; whatever else the next start finds there tells of an end that nobody planned.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use roost_core::clock::UnixMillis;
use serde::{Deserialize, Serialize};

/// What a loop does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Activity {
    /// It ended by itself.
    Stopped,
    /// It waits for the next moment at which something is to be done.
    Waiting,
    /// It hands posts over.
    HandingOver,
    /// It asks for missing results.
    AskingForResults,
}

/// An activity and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NotedActivity {
    pub(crate) activity: Activity,
    pub(crate) since: UnixMillis,
}

/// Where the loop of this process notes its activity; nowhere while none runs.
#[derive(Debug, Default)]
pub(crate) struct RunActivity(Mutex<Place>);

#[derive(Debug, Default)]
struct Place {
    file: Weak<File>,
    noted: Option<Activity>,
}

/// A note has this length, so that one write replaces it whole, in bytes.
const NOTE_BYTES: usize = 96;

impl RunActivity {
    /// Notes from now on in `file`, as long as its owner keeps it, and returns what was noted last.
    pub(crate) fn begin(&self, file: &Arc<File>, now: UnixMillis) -> Option<NotedActivity> {
        // One that can't be read, or is of another release, tells nothing.
        let before = read(file).ok().flatten();
        *self.place() = Place { file: Arc::downgrade(file), noted: None };
        self.note(Activity::Waiting, now);
        before
    }

    /// Notes what the loop does from now on. That it can't be written stops no work.
    pub(crate) fn note(&self, activity: Activity, now: UnixMillis) {
        let mut place = self.place();
        let Some(file) = place.file.upgrade().filter(|_| place.noted != Some(activity)) else {
            return;
        };
        place.noted = Some(activity);
        if let Err(error) = write(&file, NotedActivity { activity, since: now }) {
            tracing::warn!(%error, "what is being done could not be noted beside the store");
        }
    }

    fn place(&self) -> std::sync::MutexGuard<'_, Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(mut file: &File) -> io::Result<Option<NotedActivity>> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(NOTE_BYTES as u64).read_to_string(&mut text)?;
    Ok(serde_json::from_str(text.trim()).ok())
}

fn write(mut file: &File, noted: NotedActivity) -> io::Result<()> {
    let note = serde_json::to_string(&noted)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(format!("{note:<width$}\n", width = NOTE_BYTES - 1).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_being_done_is_found_by_the_next_and_a_stop_is_too() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Arc::new(roost_private_files::open(&folder.path().join("running")).unwrap());
        let (file, running) = (open(), RunActivity::default());
        assert_eq!(running.begin(&file, UnixMillis(1)), None, "the first start");
        running.note(Activity::AskingForResults, UnixMillis(2));
        running.note(Activity::HandingOver, UnixMillis(1_803_840_600_000));
        drop(file);
        running.note(Activity::Stopped, UnixMillis(4));

        let (file, next) = (open(), RunActivity::default());
        let found = next.begin(&file, UnixMillis(5)).unwrap();
        let expected =
            NotedActivity { activity: Activity::HandingOver, since: UnixMillis(1_803_840_600_000) };
        assert_eq!(found, expected, "after the lock was let go nothing is noted");
        next.note(Activity::Stopped, UnixMillis(6));
        let found = RunActivity::default().begin(&open(), UnixMillis(7)).unwrap();
        assert_eq!(found.activity, Activity::Stopped);
    }
}
