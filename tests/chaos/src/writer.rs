//! Clients that write to the registry and record each operation.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{CallError, CallOptions, Connection, NoAnswer, Retry};
use tokio::time::timeout;
use varpulis_sdk::raft::{RaftClient, WriteFault, WriteReply, WriteRequest};
use varpulis_sdk::replica::{RegistryClient, Replica, ReplicaError};
use varpulis_sdk::types::{Command, CommandReply, NodeId};

use crate::Failure;
use crate::history::{Guarantee, History, Outcome};
use crate::replicas::{WRITE_TIMEOUT, numbered};

/// Extra time for a write on a busy machine, before the write counts as unfinished.
const GRACE: Duration = Duration::from_secs(30);

/// The way of a command to the leader.
pub(crate) enum Writer {
    /// Through a node, which forwards to the leader. A new leader may write the command again.
    Proposing(Arc<Replica>),
    /// Through a client that follows the leader as long as the command was certainly not executed.
    Following(RegistryClient),
    /// Through a client that retries at a single node under the same request id.
    Retrying(RaftClient, NodeId),
}

impl Writer {
    /// A client that finds the leader among `nodes`.
    pub(crate) fn following(connection: &Connection, nodes: &[NodeId]) -> Option<Self> {
        let client = RegistryClient::new(connection, nodes)?;
        Some(Self::Following(client.timeout(WRITE_TIMEOUT)))
    }

    /// A client that retries at `node`.
    pub(crate) fn retrying(connection: &Connection, node: NodeId) -> Self {
        let retry = Retry::new(u32::MAX)
            .pauses(Duration::from_millis(10), Duration::from_millis(100))
            .deduplicated();
        let options = CallOptions::new().timeout(WRITE_TIMEOUT).retry(retry);
        Self::Retrying(RaftClient::new(connection).options(options), node)
    }

    /// Whether a command may be written more than once.
    pub(crate) fn may_repeat(&self) -> bool {
        matches!(self, Self::Proposing(_))
    }

    /// Writes a unique command. Returns its number and its outcome; the outcome is `None` if the write does not finish.
    pub(crate) async fn write(
        &mut self,
        history: &History,
    ) -> Result<(u64, Option<Outcome>), Failure> {
        let number = history.begin(Guarantee::AtMostOnce);
        let write = self.send(numbered(number)?);
        let Ok(outcome) = timeout(WRITE_TIMEOUT + GRACE, write).await else {
            return Ok((number, None));
        };
        history.finish(number, outcome);
        Ok((number, Some(outcome)))
    }

    async fn send(&mut self, command: Command) -> Outcome {
        match self {
            Self::Proposing(replica) => match replica.propose(command).await {
                Ok(reply) => reply_outcome(&reply),
                Err(error) => replica_outcome(&error),
            },
            Self::Following(client) => match client.write(command).await {
                Ok(reply) => reply_outcome(&reply),
                Err(error) => call_outcome(&error),
            },
            Self::Retrying(client, node) => {
                match client.write(*node, &WriteRequest::new(command)).await {
                    Ok(reply) => reply_outcome(&reply),
                    Err(error) => call_outcome(&error),
                }
            }
        }
    }
}

fn reply_outcome(reply: &WriteReply) -> Outcome {
    match reply.outcome {
        CommandReply::Ok => Outcome::Acknowledged,
        _ => Outcome::Mismatched,
    }
}

/// The outcome that an error of a node stands for.
fn replica_outcome(error: &ReplicaError) -> Outcome {
    match error {
        ReplicaError::NoLeader(_) | ReplicaError::NotLeader { .. } | ReplicaError::NoQuorum(_) => {
            Outcome::Refused
        }
        ReplicaError::Unanswered(_) | ReplicaError::LeadershipLost => {
            Outcome::Unknown(NoAnswer::TimedOut)
        }
        _ => Outcome::Mismatched,
    }
}

fn call_outcome(error: &CallError<WriteFault>) -> Outcome {
    match error.fault() {
        None => Outcome::of(&error.failure),
        Some(WriteFault::NotLeader(_)) => Outcome::Refused,
        Some(WriteFault::LeadershipLost) => Outcome::Unknown(NoAnswer::TimedOut),
        Some(_) => Outcome::Mismatched,
    }
}
