//! A folder that is gone when its test ends.

use std::path::{Path, PathBuf};

/// A folder of a test.
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    /// Makes an empty folder for the test of this name.
    pub(crate) fn new(test: &str) -> Self {
        let name = format!("roost-import-{test}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // What can't be removed is the system's to remove.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
