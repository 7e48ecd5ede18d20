//! Replies of a server.

use bytes::Bytes;

use crate::transport::Headers;

/// Headers and payload of a reply.
pub(super) type Answer = (Headers, Bytes);
