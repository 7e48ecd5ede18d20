//! Detects a second process with the number of this node.
//!
//! A node asks its own subject. All processes with its number receive the request. Others answer at once, and the node
//! answers itself after a pause.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{CallOptions, Connection};
use tokio::time::{Instant, sleep};

use super::error::ReplicaError;
use super::identity::Identity;
use crate::raft::{RaftClient, StatusReply, StatusRequest};

/// The least time for an answer.
const LEAST_TIMEOUT: Duration = Duration::from_secs(1);

/// Asks for other processes with the number of a node.
pub(super) struct DuplicateDetector {
    identity: Arc<Identity>,
    client: RaftClient,
    pause: Duration,
}

impl DuplicateDetector {
    /// `pause` is the time after which the node answers itself.
    pub(super) fn new(identity: Arc<Identity>, connection: &Connection, pause: Duration) -> Self {
        let options = CallOptions::new().timeout(LEAST_TIMEOUT.max(4 * pause));
        Self {
            identity,
            client: RaftClient::new(connection).options(options),
            pause,
        }
    }

    /// Returns once no other process answers. Among several processes that start, the first returns after `limit`.
    ///
    /// # Errors
    /// If a process that started earlier answers for as long as `limit`.
    pub(super) async fn wait_until_alone(&self, limit: Duration) -> Result<(), ReplicaError> {
        let deadline = Instant::now() + limit;
        loop {
            match self.ask().await {
                // Without an answer of the node itself, the connection has failed. The node then reaches no other node.
                None => return Ok(()),
                Some(reply) => {
                    self.identity.meet(&reply.process);
                    let is_behind = self.identity.has_met_earlier(4 * self.pause);
                    let is_over = Instant::now() >= deadline;
                    if is_over && is_behind {
                        let node = self.identity.node();
                        return Err(ReplicaError::DuplicateNode { node });
                    }
                    if is_over || (self.identity.is_own(&reply.process) && !is_behind) {
                        return Ok(());
                    }
                }
            }
            sleep(self.pause).await;
        }
    }

    /// Asks at once, because a busy process may have answered too late at the start, and then from time to time.
    pub(super) async fn run(self, interval: Duration) {
        loop {
            if let Some(reply) = self.ask().await {
                self.identity.meet(&reply.process);
            }
            sleep(interval).await;
        }
    }

    async fn ask(&self) -> Option<StatusReply> {
        let request = StatusRequest {
            process: Some(self.identity.process()),
            founds: None,
        };
        let reply = self.client.status(self.identity.node(), &request).await;
        reply.ok()
    }
}
