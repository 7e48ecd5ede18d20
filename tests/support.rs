//! Helpers for several tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The Rust files below `folder`, by path.
pub(crate) fn rust_files(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.expect("directory entry").path();
        if path.is_dir() {
            files.append(&mut rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("readable file");
            files.insert(path.display().to_string(), text);
        }
    }
    files
}
