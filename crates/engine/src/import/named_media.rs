//! The files that rows name, as a session asks for them: what is in the library, and what a commit took in.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use roost_core::post::{MediaDigest, MediaRef};
use roost_import::surroundings::{FindMedia, NamedMedia};
use roost_store::{Media, Store};

/// The files that rows name, as a session asks for them.
pub(super) struct StoredMedia {
    store: Store,
    /// What was taken in, or why not, by what a row names.
    taken: HashMap<String, NamedMedia>,
}

impl StoredMedia {
    /// Returns what the library has, before anything was taken in.
    pub(super) fn of(store: &Store) -> Arc<Self> {
        Self::after(store, HashMap::new())
    }

    /// Returns what the library has, after what rows name was taken in, or could not be.
    pub(super) fn after(store: &Store, taken: HashMap<String, NamedMedia>) -> Arc<Self> {
        Arc::new(Self { store: store.clone(), taken })
    }
}

impl FindMedia for StoredMedia {
    fn find(&self, source: &str) -> Option<NamedMedia> {
        if let Some(taken) = self.taken.get(source) {
            return Some(taken.clone());
        }
        // An export names a file by its digest.
        let digest: MediaDigest = Path::new(source).file_stem()?.to_str()?.parse().ok()?;
        let media = self.store.read(|store| store.media_of_digest(digest)).ok().flatten()?;
        Some(NamedMedia::Here(here(&media)))
    }
}

/// Returns what a part says of a file, but for its description.
pub(super) fn here(media: &Media) -> MediaRef {
    MediaRef { media_id: media.id, alt_text: None, file: media.file() }
}
