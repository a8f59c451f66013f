//! What is being done with imports at this moment, so that a host can ask how far it is, and give it up.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use super::lock::lock;

/// How far something is that is being done with an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportProgressNow {
    /// What is being done; none where nothing of that name is.
    pub step: Option<ImportStepName>,
    /// How many bytes, rows or posts are done.
    pub done: u64,
    /// All of them.
    pub of: u64,
}

/// What is being done with an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ImportStepName {
    /// The bytes of the sources are read.
    Reading,
    /// Rows are judged.
    Judging,
    /// Posts are written.
    Writing,
}

/// What is being done, by the names that hosts ask for.
#[derive(Debug, Default)]
pub(crate) struct Works(Mutex<HashMap<String, Arc<Progress>>>);

#[derive(Debug, Default)]
struct Progress {
    is_given_up: AtomicBool,
    now: Mutex<ImportProgressNow>,
}

/// Something that is being done; nobody can ask for it any more once it is dropped.
#[derive(Debug)]
pub(crate) struct Work {
    works: Arc<Works>,
    name: Option<String>,
    progress: Arc<Progress>,
}

impl Works {
    /// Begins something that can be asked for by its name; without one it only runs.
    pub(crate) fn begin(self: &Arc<Self>, name: Option<String>) -> Work {
        let progress = Arc::new(Progress::default());
        if let Some(name) = &name {
            lock(&self.0).insert(name.clone(), progress.clone());
        }
        Work { works: self.clone(), name, progress }
    }

    /// Returns how far something is.
    pub(crate) fn now(&self, name: &str) -> ImportProgressNow {
        let progress = lock(&self.0).get(name).cloned();
        progress.map(|progress| *lock(&progress.now)).unwrap_or_default()
    }

    /// Has something end without a result, as soon as it looks up; returns how far it is.
    pub(crate) fn give_up(&self, name: &str) -> ImportProgressNow {
        if let Some(progress) = lock(&self.0).get(name) {
            progress.is_given_up.store(true, Ordering::SeqCst);
        }
        self.now(name)
    }
}

impl Work {
    /// Notes how far it is, and answers whether to go on.
    pub(crate) fn at(&self, step: ImportStepName, done: u64, of: u64) -> ControlFlow<()> {
        *lock(&self.progress.now) = ImportProgressNow { step: Some(step), done, of };
        if self.progress.is_given_up.load(Ordering::SeqCst) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let Some(name) = &self.name else { return };
        let mut works = lock(&self.works.0);
        // Another of that name may have begun since.
        if works.get(name).is_some_and(|it| Arc::ptr_eq(it, &self.progress)) {
            works.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_can_be_asked_for_and_given_up_until_it_is_over() {
        let works = Arc::new(Works::default());
        let work = works.begin(Some("one".to_owned()));
        assert!(work.at(ImportStepName::Reading, 3, 10).is_continue());
        let now = ImportProgressNow { step: Some(ImportStepName::Reading), done: 3, of: 10 };
        assert_eq!(works.now("one"), now);
        assert_eq!(works.give_up("another"), ImportProgressNow::default());
        assert!(work.at(ImportStepName::Judging, 1, 2).is_continue());
        works.give_up("one");
        assert!(work.at(ImportStepName::Judging, 2, 2).is_break());
        drop(work);
        assert_eq!(works.now("one"), ImportProgressNow::default());
    }

    #[test]
    fn a_later_one_of_the_same_name_is_not_forgotten_with_the_first() {
        let works = Arc::new(Works::default());
        let first = works.begin(Some("one".to_owned()));
        let second = works.begin(Some("one".to_owned()));
        drop(first);
        assert!(second.at(ImportStepName::Writing, 1, 2).is_continue());
        assert_eq!(works.now("one").done, 1);
    }
}
