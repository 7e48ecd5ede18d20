//! Validation of commands before they enter the log.

use natsgen_runtime::{Connection, DecodeError, EncodeError, Side, Value, codec};
use openraft::raft::AppendEntriesRequest;
use openraft::{EntryPayload, LeaderId};

use super::bounds::MAX_NUMBER;
use super::convert::Convert;
use super::error::ReplicaError;
use super::logged_command::{read_logged, value_of};
use super::network::HEADERS;
use super::type_config::{Entry, LogId, TypeConfig, Vote};
use crate::raft::AppendRequest;
use crate::types::Command;

/// Refuses commands that could not be sent to other nodes, or that other nodes could not read. Once in the log, such a
/// command would stop replication for good.
#[derive(Clone)]
pub(super) struct CommandValidator(Connection);

impl CommandValidator {
    pub(super) fn new(connection: &Connection) -> Self {
        Self(connection.clone())
    }

    /// Returns the command in the form of log entries, and the size of a message that contains only this command, in
    /// bytes.
    pub(super) fn check(&self, command: &Command) -> Result<(Value, usize), ReplicaError> {
        let inadmissible = |error: EncodeError| ReplicaError::Inadmissible(error.to_string());
        let logged = value_of(command).map_err(inadmissible)?;
        let unreadable = |error: DecodeError| ReplicaError::Inadmissible(error.to_string());
        read_logged(&logged).map_err(unreadable)?;
        let message = largest_message(logged.clone()).to_wire()?;
        let bytes = codec::encode(&message).map_err(inadmissible)?;
        let (size, limit) = (bytes.len() + HEADERS, self.0.max_payload());
        if size > limit {
            let reason = format!("{size} bytes are too large for a message, the limit is {limit}");
            return Err(ReplicaError::Inadmissible(reason));
        }
        codec::decode::<AppendRequest>(&bytes, Side::Request)
            .map(|_| (logged, size))
            .map_err(unreadable)
    }
}

/// The largest message that contains only this command.
fn largest_message(command: Value) -> AppendEntriesRequest<TypeConfig> {
    let leader = LeaderId::new(MAX_NUMBER, MAX_NUMBER);
    let log_id = LogId::new(leader, MAX_NUMBER);
    AppendEntriesRequest {
        vote: Vote::new_committed(MAX_NUMBER, MAX_NUMBER),
        prev_log_id: Some(log_id),
        entries: vec![Entry {
            log_id,
            payload: EntryPayload::Normal(vec![command]),
        }],
        leader_commit: Some(log_id),
    }
}
