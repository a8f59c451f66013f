//! Where things lie.

use std::path::{Path, PathBuf};

/// The project's root folder.
pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A program of this project, built for development.
pub(crate) fn binary(name: &str) -> PathBuf {
    target().join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// A program of this project, built as it is shipped.
pub(crate) fn release(name: &str) -> PathBuf {
    target().join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Where benches keep their files: on the disk that holds the project.
pub(crate) fn bench() -> PathBuf {
    target().join("bench")
}

/// Material of others to test against, beside the project; absent on most machines.
pub(crate) fn reference_data() -> PathBuf {
    root().join("../shared/data")
}

/// Where the tools of the contract tests are installed.
pub(crate) fn contract_tools() -> PathBuf {
    target().join("contract")
}
