//! The known failures and their reasons.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The content of `known_failures.json`: the reasons by the name of a test, of a group in which all tests fail, or of a
/// file in which all tests fail. The tests of this crate check that the list is complete.
///
/// # Panics
/// If the file has another shape.
pub static KNOWN_FAILURES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../known_failures.json"))
        .expect("known_failures.json lists the known failures")
});
