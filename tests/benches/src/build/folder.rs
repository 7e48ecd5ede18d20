//! The folders of the measured packages.

use std::path::{Path, PathBuf};

/// The folder of the packages and their build output.
pub(super) fn directory() -> PathBuf {
    workspace().join("target/benches")
}

/// The root of this workspace.
pub(super) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
