//! Writes to the registry from outside the cluster.

use std::time::Duration;

use natsgen_runtime::{Backoff, CallError, CallOptions, Connection, Failure};
use tokio::time::{Instant, sleep};

use crate::raft::{RaftClient, WriteFault, WriteReply, WriteRequest};
use crate::types::{ApiKey, Command, NodeId};

/// The longest pause before another attempt while no node is the leader. Shorter than an election. `Backoff` shortens it
/// by a random part, so that clients do not all retry at once.
const PAUSE: Duration = Duration::from_millis(100);

/// Writes to the registry of a cluster, through the current leader. A clone starts with the same leader.
#[derive(Clone, Debug)]
pub struct RegistryClient {
    client: RaftClient,
    nodes: Vec<NodeId>,
    /// The last known leader.
    leader: NodeId,
    api_key: Option<ApiKey>,
    timeout: Duration,
}

impl RegistryClient {
    /// Creates a client of the cluster that these nodes belong to. It finds leaders that are not in the list through
    /// them. A write waits up to ten seconds. Returns nothing if `nodes` is empty.
    #[must_use]
    pub fn new(connection: &Connection, nodes: &[NodeId]) -> Option<Self> {
        Some(Self {
            client: RaftClient::new(connection),
            leader: *nodes.first()?,
            nodes: nodes.to_vec(),
            api_key: None,
            timeout: Duration::from_secs(10),
        })
    }

    /// Sets the API key of the nodes, see [`ReplicaOptions::write_key`](super::ReplicaOptions::write_key).
    #[must_use]
    pub fn api_key(mut self, key: ApiKey) -> Self {
        self.api_key = Some(key);
        self
    }

    /// Sets how long a write waits, elections included.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Commits and applies `command`. It is sent again only if it was certainly not executed.
    ///
    /// # Errors
    /// The error of the last node when the time is over. At once if the outcome is unknown or another node would return
    /// the same error.
    pub async fn write(&mut self, command: Command) -> Result<WriteReply, CallError<WriteFault>> {
        let deadline = Instant::now() + self.timeout;
        let mut request = WriteRequest::new(command);
        request.api_key.clone_from(&self.api_key);
        let mut nodes = self.nodes.clone().into_iter().cycle();
        let mut backoff = Backoff::new(PAUSE, PAUSE);
        let mut attempts = 0;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let client = self.client.clone();
            let client = client.options(CallOptions::new().timeout(left));
            let error = match client.write(self.leader, &request).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let next = match next(&error) {
                Next::Node(leader) => Some(leader),
                Next::Any => None,
                Next::Stop => return Err(error),
            };
            attempts += 1;
            // An attempt with too little time for a reply would turn a known outcome into an unknown outcome.
            if Instant::now() + 2 * PAUSE >= deadline {
                return Err(error);
            }
            if next.is_none() || attempts % self.nodes.len() == 0 {
                sleep(backoff.pause()).await;
            }
            self.leader = next.or_else(|| nodes.next()).unwrap_or(self.leader);
        }
    }
}

/// The next step after an error.
enum Next {
    /// Tries the leader that the last node named.
    Node(NodeId),
    /// Tries another node.
    Any,
    /// Stops: the command may have been executed, or never will be.
    Stop,
}

fn next(error: &CallError<WriteFault>) -> Next {
    match (error.fault(), &error.failure) {
        (Some(WriteFault::NotLeader(leader)), _) => leader.parse().map_or(Next::Any, Next::Node),
        (None, Failure::NotDelivered(_)) if error.is_retryable() => Next::Any,
        // This includes a node that was the leader or stops: the command may be in its log.
        _ => Next::Stop,
    }
}
