//! Changes, told to listeners from the events that every write of a post appends: what this process
//! wrote at once, what another wrote as soon as it is noticed. Each event is told once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roost_core::status::Actor;
use roost_store::{ChangedPost, Error as StoreError, EventKind, Read, Store, Tx};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use crate::view::{Change, ChangeKind, ChangeSource, ChangedPosts, PostsChanged};
use crate::{Error, Result};

/// Changes kept for a slow listener; one that misses some reads everything anew.
const CHANGES_KEPT: usize = 256;

/// The changes of one store, for all clones of an engine.
#[derive(Debug, Clone)]
pub(crate) struct ChangeFeed(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    sender: broadcast::Sender<Change>,
    /// The last event that listeners were told of. Held while events are read.
    told: Mutex<i64>,
    /// The writes of this process that listeners were not told of, by their first event. Nothing else
    /// is waited for while it is held.
    own: Mutex<BTreeMap<i64, OwnWrite>>,
}

#[derive(Debug, Clone, Copy)]
struct OwnWrite {
    last: i64,
    operation: &'static str,
}

impl ChangeFeed {
    /// Returns a feed that tells what is written from now on.
    pub(crate) fn new(store: &Store) -> Result<Self> {
        let told = Mutex::new(store.read(|store| store.last_event())?);
        let sender = broadcast::channel(CHANGES_KEPT).0;
        Ok(Self(Arc::new(Shared { sender, told, own: Mutex::default() })))
    }

    pub(crate) fn publish(&self, change: Change) {
        // Without a listener there is nobody to tell.
        drop(self.0.sender.send(change));
    }

    pub(crate) fn listen(&self) -> Changes {
        Changes { receiver: self.0.sender.subscribe() }
    }

    /// Runs `body` in one transaction and tells what it did to posts. Blocking.
    pub(crate) fn write<T>(
        &self,
        store: &Store,
        operation: &'static str,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut written = None;
        let value = store.try_write(operation, |tx| {
            let value = body(tx)?;
            // Known before it is committed, so that it is never taken for another process's.
            if let Some((first, last)) = tx.written_events()? {
                written = Some(Registered::new(self, first, OwnWrite { last, operation }));
            }
            Ok::<_, Error>(value)
        })?;
        if let Some(written) = written {
            written.committed();
            if let Err(error) = self.catch_up(store) {
                // It is committed; the next look finds it.
                tracing::warn!(%error, "a change could not be told at once");
            }
        }
        Ok(value)
    }

    /// Tells what was written since the last time, by this process or another; returns whether it was
    /// anything. Blocking.
    pub(crate) fn catch_up(&self, store: &Store) -> Result<bool> {
        let mut told = lock(&self.0.told);
        let before = *told;
        let (changes, head) = store.read(|store| {
            let head = store.last_event()?;
            let (mut changes, mut at) = (Vec::new(), before);
            while at < head {
                let (last, operation) = self.next_run(at, head);
                changes.push(changed(store, at, last, operation)?);
                at = last;
            }
            Ok((changes, at))
        })?;
        *told = head;
        lock(&self.0.own).retain(|_, own| own.last > *told);
        let is_news = !changes.is_empty();
        changes.into_iter().for_each(|change| self.publish(Change::Posts(change)));
        Ok(is_news)
    }

    /// Returns the last event of the run after `told`, and the operation of this process that wrote it;
    /// none when another process did.
    fn next_run(&self, told: i64, head: i64) -> (i64, Option<&'static str>) {
        let own = lock(&self.0.own);
        match own.range(told + 1..).next() {
            Some((first, own)) if *first == told + 1 => (own.last.min(head), Some(own.operation)),
            Some((first, _)) => ((first - 1).min(head), None),
            None => (head, None),
        }
    }
}

/// An own write, known until it was told; forgotten when it is not committed.
struct Registered<'f> {
    feed: &'f ChangeFeed,
    first: i64,
    is_committed: bool,
}

impl<'f> Registered<'f> {
    fn new(feed: &'f ChangeFeed, first: i64, own: OwnWrite) -> Self {
        lock(&feed.0.own).insert(first, own);
        Self { feed, first, is_committed: false }
    }

    fn committed(mut self) {
        self.is_committed = true;
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        if !self.is_committed {
            lock(&self.feed.0.own).remove(&self.first);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns what the events after `told` up to `last` changed.
fn changed(
    store: &Read<'_>,
    told: i64,
    last: i64,
    operation: Option<&'static str>,
) -> std::result::Result<PostsChanged, StoreError> {
    let limit = u32::try_from(ChangedPosts::IDS_MAX).unwrap_or(u32::MAX) + 1;
    let events = store.changed_posts(told, last, limit)?;
    let posts = if events.len() > ChangedPosts::IDS_MAX {
        let (first, last) = (store.import_of_event(told + 1)?, store.import_of_event(last)?);
        match first {
            Some(import) if Some(import) == last => ChangedPosts::Import { import },
            _ => ChangedPosts::Many,
        }
    } else {
        let ids: BTreeSet<_> = events.iter().map(|event| event.post_id).collect();
        ChangedPosts::Ids { ids: ids.into_iter().collect() }
    };
    let kinds: BTreeSet<_> = events.iter().flat_map(kinds).collect();
    let by_relay = events.iter().all(|event| event.actor == Actor::Relay);
    let source = match operation {
        None => ChangeSource::AnotherProcess,
        Some(_) if by_relay => ChangeSource::Relay,
        Some(operation) => ChangeSource::ThisProcess { operation: operation.to_owned() },
    };
    Ok(PostsChanged { posts, kinds: kinds.into_iter().collect(), source })
}

fn kinds(event: &ChangedPost) -> impl Iterator<Item = ChangeKind> + use<> {
    let kind = match event.kind {
        EventKind::Created | EventKind::Imported => ChangeKind::Created,
        EventKind::Edited | EventKind::EditTooLate => ChangeKind::Edited,
        EventKind::Tagged => ChangeKind::Tags,
        EventKind::Armed
        | EventKind::Queued
        | EventKind::Withdrawing
        | EventKind::Withdrawn
        | EventKind::WithdrawTooLate
        | EventKind::Outcome
        | EventKind::Status
        | EventKind::GoneFromX
        | EventKind::Decided => ChangeKind::Status,
        EventKind::Deleted => ChangeKind::Deleted,
        EventKind::Restored => ChangeKind::Restored,
    };
    let also = [(event.parts, ChangeKind::Parts), (event.tags, ChangeKind::Tags)];
    let also = also.into_iter().filter(|(is_so, _)| *is_so).map(|(_, kind)| kind);
    std::iter::once(kind).chain(also)
}

/// The changes that a listener has not taken yet.
#[derive(Debug)]
pub struct Changes {
    receiver: broadcast::Receiver<Change>,
}

impl Changes {
    /// Returns the next change, and waits for it; none once the engine is gone. A listener that fell
    /// behind is told [`Change::Everything`] once, and nothing of what it missed.
    pub async fn next(&mut self) -> Option<Change> {
        match self.receiver.recv().await {
            Ok(change) => Some(change),
            Err(RecvError::Lagged(_)) => Some(self.begin_anew()),
            Err(RecvError::Closed) => None,
        }
    }

    /// Returns the next change without waiting; none when there is none now.
    pub fn try_next(&mut self) -> Option<Change> {
        match self.receiver.try_recv() {
            Ok(change) => Some(change),
            Err(TryRecvError::Lagged(_)) => Some(self.begin_anew()),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }

    fn begin_anew(&mut self) -> Change {
        self.receiver = self.receiver.resubscribe();
        Change::Everything
    }
}
