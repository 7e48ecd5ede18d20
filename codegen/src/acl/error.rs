//! Errors of permissions.

use std::fmt;

/// The reason why there are no permissions: a message and its help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclError {
    message: String,
    help: String,
}

impl AclError {
    pub(super) fn new(message: String, help: impl Into<String>) -> Self {
        Self {
            message,
            help: help.into(),
        }
    }
}

impl fmt::Display for AclError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  help: {}", self.message, self.help)
    }
}

impl std::error::Error for AclError {}
