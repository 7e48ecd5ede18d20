//! Every message and named type of the protocol.

use varpulis_sdk::{coordinator, raft, types, worker};

use super::codec::{Codec, codec};

/// All messages, by their names in the corpora.
pub(crate) const MESSAGES: &[Codec] = include!("../vectors/types/varpulis.rs");
