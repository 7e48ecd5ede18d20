//! Writes to the registry from anywhere, whoever leads.

use std::time::Duration;

use natsgen_runtime::{CallError, CallOptions, Connection, Failure};
use tokio::time::{Instant, sleep};

use crate::raft::{RaftClient, WriteFault, WriteReply, WriteRequest};
use crate::types::{Command, NodeId};

/// How long to wait before another round when no node leads: less than an election takes.
const PAUSE: Duration = Duration::from_millis(100);

/// Writes to the registry of a cluster, whichever node leads. A clone starts from the same leader.
#[derive(Clone, Debug)]
pub struct RegistryClient {
    client: RaftClient,
    nodes: Vec<NodeId>,
    /// Who led last.
    leader: NodeId,
    patience: Duration,
}

impl RegistryClient {
    /// A client of the cluster that these nodes belong to; others that lead are found through them. It waits up to ten
    /// seconds for each write. None without a node.
    #[must_use]
    pub fn new(connection: &Connection, nodes: &[NodeId]) -> Option<Self> {
        Some(Self {
            client: RaftClient::new(connection),
            leader: *nodes.first()?,
            nodes: nodes.to_vec(),
            patience: Duration::from_secs(10),
        })
    }

    /// Waits this long for each write, elections included.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Has `command` committed and applied. It is sent again only as long as it was certainly not executed.
    ///
    /// # Errors
    /// What the last node said when the time was over; at once where the outcome is unknown or another node would say
    /// the same.
    pub async fn write(&mut self, command: Command) -> Result<WriteReply, CallError<WriteFault>> {
        let deadline = Instant::now() + self.patience;
        let request = WriteRequest { command };
        let mut others = self.nodes.clone().into_iter().cycle();
        let mut misses = 0;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let client = self.client.clone();
            let client = client.with_options(CallOptions::new().timeout(left));
            let error = match client.write(self.leader, &request).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let next = match next(&error) {
                Next::Node(leader) => Some(leader),
                Next::Any => None,
                Next::Nobody => return Err(error),
            };
            misses += 1;
            // An attempt without the time to be answered would only make an unknown outcome of a known one.
            if Instant::now() + 2 * PAUSE >= deadline {
                return Err(error);
            }
            if next.is_none() || misses % self.nodes.len() == 0 {
                sleep(PAUSE).await;
            }
            self.leader = next.or_else(|| others.next()).unwrap_or(self.leader);
        }
    }
}

/// Whom to ask next.
enum Next {
    /// The leader that the last one named.
    Node(NodeId),
    /// Another one.
    Any,
    /// Nobody: it may have been executed, or will never be.
    Nobody,
}

fn next(error: &CallError<WriteFault>) -> Next {
    match (error.fault(), &error.failure) {
        (Some(WriteFault::NotLeader(leader)), _) => leader.parse().map_or(Next::Any, Next::Node),
        (None, Failure::NotDelivered(_)) if error.is_retryable() => Next::Any,
        // Among them a node that led or stops: it may have had the command in its log.
        _ => Next::Nobody,
    }
}
