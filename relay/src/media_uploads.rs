//! Which files are on their way to X at this moment, and whether any may be to come.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use crate::rows::media_upload::MediaKey;

/// Posts that are due and whose files go to X at a time.
const DUE_AT_ONCE: usize = 2;

type Single = tokio::sync::Mutex<()>;

/// The uploads to X of this process.
#[derive(Debug)]
pub(crate) struct MediaUploads {
    running: Mutex<HashMap<MediaKey, Weak<Single>>>,
    due: Semaphore,
    may_be_waiting: AtomicBool,
    staged: Notify,
}

impl MediaUploads {
    /// Returns the uploads of a process whose ledger holds posts with media, or none.
    pub(crate) fn new(may_be_waiting: bool) -> Self {
        Self {
            running: Mutex::default(),
            due: Semaphore::new(DUE_AT_ONCE),
            may_be_waiting: AtomicBool::new(may_be_waiting),
            staged: Notify::new(),
        }
    }

    /// Returns the lock of one upload: its holder is the only one that sends the file.
    pub(crate) fn lock_of(&self, key: &MediaKey) -> Arc<Single> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(single) = running.get(key).and_then(Weak::upgrade) {
            return single;
        }
        running.retain(|_, single| single.strong_count() > 0);
        let single = Arc::new(Single::default());
        running.insert(key.clone(), Arc::downgrade(&single));
        single
    }

    /// Waits until the files of one more post that is due may go to X.
    pub(crate) async fn slot_for_due(&self) -> SemaphorePermit<'_> {
        self.due.acquire().await.expect("it is never closed")
    }

    /// Whether the ledger may hold posts with media.
    pub(crate) fn may_be_waiting(&self) -> bool {
        self.may_be_waiting.load(Ordering::Relaxed)
    }

    /// A post with media was staged.
    pub(crate) fn note_staged(&self) {
        self.may_be_waiting.store(true, Ordering::Relaxed);
        self.staged.notify_one();
    }

    /// Waits until a post with media is staged.
    pub(crate) async fn staged(&self) {
        self.staged.notified().await;
    }
}
