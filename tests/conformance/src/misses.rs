//! The known failures and their reasons.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The list of known failures. The tests of this crate check that it is complete.
#[derive(Debug, Deserialize)]
pub struct Misses {
    /// The reasons by the name of a test, of a group in which all tests fail, or of a file in which all tests fail.
    pub wrong: BTreeMap<String, String>,
    /// The reason why a format is not asserted, by the file of the suite.
    pub unasserted: BTreeMap<String, String>,
}

/// The content of `misses.json`.
///
/// # Panics
/// If the file has another shape.
pub static MISSES: LazyLock<Misses> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../misses.json")).expect("misses.json is a list of misses")
});
