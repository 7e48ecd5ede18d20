//! Writers to the registry that keep the books.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{CallError, CallOptions, Connection, NoAnswer, Retry};
use tokio::time::timeout;
use varpulis_sdk::raft::{RaftClient, WriteFault, WriteReply, WriteRequest};
use varpulis_sdk::replica::{RegistryClient, Replica, ReplicaError};
use varpulis_sdk::types::{Command, CommandReply, NodeId};

use crate::Failure;
use crate::ledger::{End, Ledger, Promise};
use crate::replicas::{PATIENCE, numbered};

/// How much longer than its patience a write may take on a busy machine before it counts as one without end.
const GRACE: Duration = Duration::from_secs(30);

/// How a command gets to the leader.
pub(crate) enum Writer {
    /// By a node, which has it written by whichever one leads. A new leader may write it once more.
    Proposing(Arc<Replica>),
    /// By a client that follows the leader as long as certainly nothing was done.
    Following(RegistryClient),
    /// By a client that asks one node, and asks it again under the same id.
    Insisting(RaftClient, NodeId),
}

impl Writer {
    /// Follows whichever of `nodes` leads.
    pub(crate) fn following(connection: &Connection, nodes: &[NodeId]) -> Option<Self> {
        let client = RegistryClient::new(connection, nodes)?;
        Some(Self::Following(client.with_patience(PATIENCE)))
    }

    /// Asks `node`.
    pub(crate) fn insisting(connection: &Connection, node: NodeId) -> Self {
        let retry = Retry::new(u32::MAX)
            .pauses(Duration::from_millis(10), Duration::from_millis(100))
            .remembered();
        let options = CallOptions::new().timeout(PATIENCE).retry(retry);
        Self::Insisting(RaftClient::new(connection).with_options(options), node)
    }

    /// Whether a command may be written more than once.
    pub(crate) fn may_repeat(&self) -> bool {
        matches!(self, Self::Proposing(_))
    }

    /// Writes something that nothing else is like: its number, and what came of it if it came to an end.
    pub(crate) async fn write(&mut self, ledger: &Ledger) -> Result<(u64, Option<End>), Failure> {
        let number = ledger.ask(Promise::Once);
        let writing = self.send(numbered(number)?);
        let Ok(end) = timeout(PATIENCE + GRACE, writing).await else {
            return Ok((number, None));
        };
        ledger.end(number, end);
        Ok((number, Some(end)))
    }

    async fn send(&mut self, command: Command) -> End {
        match self {
            Self::Proposing(replica) => match replica.propose(command).await {
                Ok(reply) => said(&reply),
                Err(error) => proposed(&error),
            },
            Self::Following(client) => match client.write(command).await {
                Ok(reply) => said(&reply),
                Err(error) => called(&error),
            },
            Self::Insisting(client, node) => {
                match client.write(*node, &WriteRequest { command }).await {
                    Ok(reply) => said(&reply),
                    Err(error) => called(&error),
                }
            }
        }
    }
}

fn said(reply: &WriteReply) -> End {
    match reply.outcome {
        CommandReply::Ok => End::Acknowledged,
        _ => End::Confused,
    }
}

/// What an error of a node says of the command.
fn proposed(error: &ReplicaError) -> End {
    match error {
        ReplicaError::NoLeader(_) | ReplicaError::NotLeader { .. } | ReplicaError::NoQuorum(_) => {
            End::Refused
        }
        ReplicaError::Unanswered(_) | ReplicaError::LeadershipLost => {
            End::Unknown(NoAnswer::TimedOut)
        }
        _ => End::Confused,
    }
}

fn called(error: &CallError<WriteFault>) -> End {
    match error.fault() {
        None => End::of(&error.failure),
        Some(WriteFault::NotLeader(_)) => End::Refused,
        Some(WriteFault::LeadershipLost) => End::Unknown(NoAnswer::TimedOut),
        Some(WriteFault::CommandInadmissible(_) | WriteFault::RaftStopped(_)) => End::Confused,
    }
}
