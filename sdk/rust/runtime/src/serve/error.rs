//! Errors of starting a server.

use std::fmt;

use crate::transport::SubscribeError;

/// A server that did not start.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StartError {
    /// The pattern of the failed subscription.
    pub pattern: String,
    /// The reason.
    pub error: SubscribeError,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot listen to {}", self.pattern)
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
