//! Answers of a server.

use bytes::Bytes;

use crate::transport::Headers;

/// Headers and payload of an answer.
pub(super) type Answer = (Headers, Bytes);
