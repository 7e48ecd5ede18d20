//! Joins the cluster of a node that sends its first message to a node with an empty store.
//!
//! The message alone does not show whether the store is new or was lost. So the node asks the sender first. A learner
//! has no vote and may join. A voter has voted before, unless the founder announced the cluster.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use natsgen_runtime::{CallOptions, Connection};

use super::identity::{Ending, Identity};
use crate::raft::{RaftClient, StatusRequest};
use crate::types::{ClusterId, NodeId};

/// How long the sender may take to answer.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Joins a cluster, once.
pub(super) struct Joiner {
    identity: Arc<Identity>,
    client: RaftClient,
    is_asking: Arc<AtomicBool>,
    /// Whether a lost store is ignored.
    accepts_unidentified: bool,
}

impl Joiner {
    pub(super) fn new(
        identity: Arc<Identity>,
        connection: &Connection,
        accepts_unidentified: bool,
    ) -> Self {
        let options = CallOptions::new().timeout(TIMEOUT);
        Self {
            identity,
            client: RaftClient::new(connection).options(options),
            is_asking: Arc::default(),
            accepts_unidentified,
        }
    }

    /// Asks the sender of a message of `cluster` in the background, unless another sender is asked.
    pub(super) fn ask(&self, sender: NodeId, cluster: ClusterId) {
        let is_allowed = self.identity.may_join(sender);
        if !is_allowed || self.is_asking.swap(true, Ordering::AcqRel) {
            return;
        }
        let (identity, client) = (Arc::clone(&self.identity), self.client.clone());
        let is_asking = Arc::clone(&self.is_asking);
        let may_vote = self.accepts_unidentified;
        tokio::spawn(async move {
            join(&identity, &client, sender, cluster, may_vote).await;
            is_asking.store(false, Ordering::Release);
        });
    }
}

async fn join(
    identity: &Identity,
    client: &RaftClient,
    sender: NodeId,
    cluster: ClusterId,
    may_vote: bool,
) {
    let request = StatusRequest {
        process: Some(identity.process()),
        founds: None,
    };
    let Ok(reply) = client.status(sender, &request).await else {
        return;
    };
    let is_sender = reply.process.node_id == sender && reply.cluster_id.as_ref() == Some(&cluster);
    // The founder may have announced its cluster meanwhile.
    if !is_sender || identity.cluster().is_some() {
        return;
    }
    let votes = reply.voters.contains(&identity.node());
    if votes && !may_vote {
        identity.end(Ending::StoreLost(sender));
    } else if (votes || reply.learners.contains(&identity.node()))
        && let Err(error) = identity.join(cluster).await
    {
        tracing::error!(%error, "a raft node cannot store its cluster");
    }
}
