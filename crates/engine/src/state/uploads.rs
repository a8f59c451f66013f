//! Which files the relay in use has, which it still needs, and why one did not get there.

use std::collections::{HashMap, HashSet};

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::post::{MediaDigest, MediaFile};

use super::backoff;

/// A file that a post needs on the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) file: MediaFile,
    /// When the first post with it is due.
    pub(crate) due_at: UnixMillis,
}

/// Why a file is not on the relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UploadFailure {
    pub(crate) code: Code,
    pub(crate) message: String,
    /// Whether no later try can do better: the file is gone or damaged, or the relay never takes it.
    pub(crate) is_final: bool,
    next_try: UnixMillis,
    attempts: u32,
}

/// What is known of uploads to the relay in use, in memory only: a start asks anew, which costs a
/// question for each file.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    /// The relay that all this is of.
    relay: String,
    whole: HashSet<MediaDigest>,
    wanted: HashMap<MediaDigest, Wanted>,
    failures: HashMap<MediaDigest, UploadFailure>,
    /// The file that is on its way, and how many of its bytes are there.
    under_way: Option<(MediaDigest, u64)>,
    /// Whether the running loop uploads, so that nobody else needs to.
    pub(crate) is_looked_after: bool,
}

/// How far the uploads are, all together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UploadProgress {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) sent_bytes: u64,
    pub(crate) failure: Option<UploadFailure>,
}

impl Uploads {
    /// Forgets what was known of another relay.
    pub(crate) fn of_relay(&mut self, relay: &str) -> &mut Self {
        if self.relay != relay {
            let is_looked_after = self.is_looked_after;
            *self = Self { relay: relay.to_owned(), is_looked_after, ..Self::default() };
        }
        self
    }

    pub(crate) fn is_whole(&self, digest: MediaDigest) -> bool {
        self.whole.contains(&digest)
    }

    /// Returns why a file did not get to the relay, while that stands.
    pub(crate) fn failure(&self, digest: MediaDigest) -> Option<&UploadFailure> {
        self.failures.get(&digest)
    }

    /// A pass asks anew for what posts need by now.
    pub(crate) fn begin_pass(&mut self) {
        self.wanted.clear();
    }

    /// Notes that a post needs a file.
    pub(crate) fn want(&mut self, wanted: Wanted) {
        let known = self.wanted.entry(wanted.file.sha256).or_insert(wanted);
        known.due_at = known.due_at.min(wanted.due_at);
    }

    /// The relay says that it lacks a file.
    pub(crate) fn lacks(&mut self, digest: MediaDigest) {
        self.whole.remove(&digest);
    }

    /// Returns the file to be uploaded next, the one that is needed soonest.
    pub(crate) fn next(&self, now: UnixMillis) -> Option<Wanted> {
        let is_due = |wanted: &&Wanted| {
            let failure = self.failures.get(&wanted.file.sha256);
            failure.is_none_or(|failure| !failure.is_final && failure.next_try <= now)
        };
        self.wanted.values().filter(is_due).min_by_key(|it| (it.due_at, it.file.sha256)).copied()
    }

    /// Notes how far a file is on its way.
    pub(crate) fn note_sent(&mut self, digest: MediaDigest, bytes: u64) {
        self.under_way = Some((digest, bytes));
    }

    /// Notes that the relay has a file.
    pub(crate) fn note_whole(&mut self, digest: MediaDigest) {
        self.whole.insert(digest);
        self.wanted.remove(&digest);
        self.failures.remove(&digest);
        self.under_way = None;
    }

    /// Notes that a file did not get there, and when it is tried next.
    pub(crate) fn note_failure(
        &mut self,
        digest: MediaDigest,
        (code, message, is_final): (Code, String, bool),
        now: UnixMillis,
    ) {
        self.under_way = None;
        let attempts = self.failures.get(&digest).map_or(0, |it| it.attempts).saturating_add(1);
        let next_try = now.plus(backoff(attempts));
        let failure = UploadFailure { code, message, is_final, next_try, attempts };
        self.failures.insert(digest, failure);
        if is_final {
            self.wanted.remove(&digest);
        }
    }

    /// A file was taken in again: what was final is tried anew.
    pub(crate) fn forget_failure(&mut self, digest: MediaDigest) {
        self.failures.remove(&digest);
    }

    /// Returns how far everything is that is still wanted; `None` when nothing is.
    pub(crate) fn progress(&self) -> Option<UploadProgress> {
        let files = self.wanted.len() as u64;
        let failing = self.wanted.keys().find_map(|digest| self.failures.get(digest));
        (files > 0).then(|| UploadProgress {
            files,
            bytes: self.wanted.values().map(|wanted| wanted.file.bytes).sum(),
            sent_bytes: self.under_way.map_or(0, |(_, bytes)| bytes),
            failure: failing.cloned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roost_core::post::{MediaCategory, MediaKind};

    fn wanted(byte: u8, due_at: i64) -> Wanted {
        let file = MediaFile {
            sha256: MediaDigest([byte; 32]),
            kind: MediaKind::Png,
            category: MediaCategory::Image,
            bytes: 100,
        };
        Wanted { file, due_at: UnixMillis(due_at) }
    }

    #[test]
    fn what_is_needed_soonest_goes_first_and_what_failed_rests() {
        let mut uploads = Uploads::default();
        let now = UnixMillis(0);
        uploads.of_relay("here").want(wanted(1, 2_000));
        uploads.want(wanted(2, 1_000));
        uploads.want(wanted(1, 500));
        assert_eq!(uploads.next(now), Some(wanted(1, 500)));
        let passing = (Code::RelayUnreachable, "no network".to_owned(), false);
        uploads.note_failure(MediaDigest([1; 32]), passing, now);
        assert_eq!(uploads.next(now), Some(wanted(2, 1_000)));
        assert_eq!(uploads.next(UnixMillis(60_000)), Some(wanted(1, 500)));
        uploads.note_whole(MediaDigest([2; 32]));
        assert_eq!(uploads.next(now), None);
        let progress = uploads.progress().unwrap();
        assert_eq!((progress.files, progress.bytes), (1, 100));
        assert_eq!(progress.failure.unwrap().message, "no network");
    }

    #[test]
    fn what_can_not_be_uploaded_is_tried_again_only_when_it_is_taken_in_again() {
        let mut uploads = Uploads::default();
        let digest = MediaDigest([1; 32]);
        uploads.want(wanted(1, 500));
        let gone = (Code::MediaFileMissing, "gone".to_owned(), true);
        uploads.note_failure(digest, gone, UnixMillis(0));
        assert_eq!(uploads.progress(), None);
        uploads.want(wanted(1, 500));
        assert_eq!(uploads.next(UnixMillis(i64::MAX)), None);
        uploads.forget_failure(digest);
        assert!(uploads.next(UnixMillis(0)).is_some());
    }

    #[test]
    fn another_relay_has_none_of_it() {
        let mut uploads = Uploads { is_looked_after: true, ..Uploads::default() };
        uploads.of_relay("here").note_whole(MediaDigest([1; 32]));
        assert!(uploads.of_relay("here").is_whole(MediaDigest([1; 32])));
        assert!(!uploads.of_relay("there").is_whole(MediaDigest([1; 32])));
        assert!(uploads.is_looked_after);
    }
}
