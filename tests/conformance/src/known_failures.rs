//! The known failures and their reasons.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The list of known failures. The tests of this crate check that it is complete.
#[derive(Debug, Deserialize)]
pub struct KnownFailures {
    /// The reasons by the name of a test, of a group in which all tests fail, or of a file in which all tests fail.
    pub wrong: BTreeMap<String, String>,
    /// The reason why a format is not asserted, by the file of the suite.
    pub unasserted: BTreeMap<String, String>,
}

/// The content of `known_failures.json`.
///
/// # Panics
/// If the file has another shape.
pub static KNOWN_FAILURES: LazyLock<KnownFailures> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../known_failures.json"))
        .expect("known_failures.json lists the known failures")
});
