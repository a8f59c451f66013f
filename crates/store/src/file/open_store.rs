//! A store over its file, or in memory.

use std::path::Path;
use std::sync::{Arc, Mutex};

use roost_core::clock::Clock;
use roost_sqlite::Pool;

use crate::error::Error;
use crate::options::Options;
use crate::store::{Inner, Store};

/// Readers kept open between reads; more are opened when more threads read at once.
const IDLE_READERS: usize = 4;

impl Store {
    /// Opens the store at `path`, and makes it when there never was one. See `file` for
    /// what is checked first.
    ///
    /// # Errors
    /// Every way in which a file can be missing, damaged, foreign, newer, locked or read-only is
    /// told apart; the file is left as it was.
    pub fn open(path: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        Self::open_with(path, clock, Options::default())
    }

    /// The same with other limits.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(
        path: impl AsRef<Path>,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Result<Self, Error> {
        let path = path.as_ref();
        let opened = super::open(path, clock.as_ref(), &options)?;
        let settings = options.settings();
        Ok(Self::of(Inner {
            readers: Some(Pool::new(path, &settings, IDLE_READERS)),
            writer: Mutex::new(opened.writer),
            file: Some(opened.shared_lock),
            clock,
            store_id: opened.store_id,
            options,
            settings,
        }))
    }

    /// Returns a store that is gone with its last handle; for tests.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn open_in_memory(clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let options = Options::default();
        let (writer, store_id) = super::open_in_memory(clock.as_ref(), &options)?;
        let (writer, settings) = (Mutex::new(writer), options.settings());
        let (readers, file) = (None, None);
        Ok(Self::of(Inner { readers, writer, file, clock, store_id, options, settings }))
    }
}
