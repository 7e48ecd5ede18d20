//! What is known to be wrong, and why.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The list of what is wrong; the tests of this crate hold it to be complete.
#[derive(Debug, Deserialize)]
pub struct Misses {
    /// Why tests are wrong: by the name of a test, of a group of which all tests are, or of such a file.
    pub wrong: BTreeMap<String, String>,
    /// Why a format is not asserted, by the suite's file.
    pub unasserted: BTreeMap<String, String>,
}

/// What `misses.json` says.
///
/// # Panics
/// When it is not what it should be.
pub static MISSES: LazyLock<Misses> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../misses.json")).expect("misses.json is a list of misses")
});
