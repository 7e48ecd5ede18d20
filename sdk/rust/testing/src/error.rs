//! The error of this crate.

use std::{fmt, io};

/// The reason why no server is available, with advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestServerError(pub(crate) String);

impl TestServerError {
    pub(crate) fn io(what: &str, error: &io::Error) -> Self {
        Self(format!("{what}: {error}"))
    }

    pub(crate) fn is_port_in_use(&self) -> bool {
        self.0.contains("ports tried")
    }
}

impl fmt::Display for TestServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TestServerError {}
