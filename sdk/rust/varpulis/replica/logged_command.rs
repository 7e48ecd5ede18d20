//! Commands in the form of log entries: any JSON.
//!
//! Other implementations write values that no client of this SDK may send. Such an entry keeps its place in the log, and
//! this node replicates it unchanged.

use natsgen_runtime::{DecodeError, Encode, EncodeError, Side, Value, codec};

use crate::types::Command;

/// Reads a command of a log entry.
pub(super) fn read_logged(value: &Value) -> Result<Command, DecodeError> {
    let json = codec::encode(value).map_err(|error| DecodeError {
        pointer: error.pointer,
        reason: error.reason,
    })?;
    codec::decode(&json, Side::Request)
}

/// Whether this version does not know the kind of a command that it could not read. A node that skips such a command
/// would have another registry than the nodes that know it.
pub(super) fn is_unknown_kind(error: &DecodeError) -> bool {
    error.pointer.is_empty()
}

/// A typed value as any JSON.
pub(crate) fn value_of(typed: &impl Encode) -> Result<Value, EncodeError> {
    let json = codec::encode(typed)?;
    codec::decode(&json, Side::Request).map_err(|error| EncodeError {
        pointer: error.pointer,
        reason: error.reason,
    })
}
