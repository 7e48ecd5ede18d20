//! Founds a cluster, or waits until another node founds it.
//!
//! Only the member with the smallest number founds the cluster, after all other members have answered that their stores
//! are empty and that they will join. So no two clusters are founded, and a node that lost its store founds none.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use natsgen_runtime::{CallOptions, Connection};
use openraft::BasicNode;
use tokio::time::sleep;

use super::error::ReplicaError;
use super::identity::{Ending, Identity};
use super::known_state::KnownState;
use super::type_config::Raft;
use crate::raft::{RaftClient, StatusReply, StatusRequest};
use crate::types::{ClusterId, NodeId};

/// How long a member may take to answer.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Founds a cluster of configured members.
pub(super) struct Founder {
    identity: Arc<Identity>,
    raft: Raft,
    client: RaftClient,
    members: BTreeMap<u64, BasicNode>,
    /// Whether members that do not answer count as members that agree: real Varpulis peers have no status.
    accepts_unidentified: bool,
}

/// The state of a node that has asked the other members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Founding {
    /// The node is in a cluster.
    Done,
    /// Some members do not answer, or another member founds the cluster.
    Waiting,
}

impl Founder {
    pub(super) fn new(
        identity: Arc<Identity>,
        raft: Raft,
        connection: &Connection,
        members: BTreeMap<u64, BasicNode>,
        accepts_unidentified: bool,
    ) -> Self {
        let options = CallOptions::new().timeout(TIMEOUT);
        Self {
            identity,
            raft,
            client: RaftClient::new(connection).options(options),
            members,
            accepts_unidentified,
        }
    }

    /// Asks the other members once, and founds the cluster if all agree.
    ///
    /// # Errors
    /// If the store of this node was lost, or the node has stopped.
    pub(super) async fn attempt(&self) -> Result<Founding, ReplicaError> {
        let own = self.identity.node();
        if !KnownState::read(&self.raft, own.get()).await?.is_empty() {
            self.identity.set_missing(Vec::new());
            return Ok(Founding::Done);
        }
        if !self.have_agreed(None).await? || self.members.keys().next() != Some(&own.get()) {
            return Ok(Founding::Waiting);
        }
        // No member is in a cluster. From now on, they join no other cluster.
        let cluster = self.identity.found().await?;
        if !self.have_agreed(Some(&cluster)).await? {
            return Ok(Founding::Waiting);
        }
        self.raft.initialize(self.members.clone()).await?;
        Ok(Founding::Done)
    }

    /// Asks whether all other members are in no cluster. With `cluster`, asks whether all will join this cluster.
    async fn have_agreed(&self, cluster: Option<&ClusterId>) -> Result<bool, ReplicaError> {
        let own = self.identity.node();
        let mut missing = Vec::new();
        for (member, reply) in self.ask(cluster).await {
            let Some(reply) = reply else {
                missing.extend((!self.accepts_unidentified).then_some(member));
                continue;
            };
            let is_same = reply.cluster_id.is_some() && reply.cluster_id == self.identity.cluster();
            if !reply.empty && !is_same && reply.voters.contains(&own) {
                self.identity.end(Ending::StoreLost(member));
                return Err(ReplicaError::StoreLost { node: own, member });
            }
            if !reply.empty || (cluster.is_some() && !is_same) {
                missing.push(member);
            }
        }
        let have_agreed = missing.is_empty();
        self.identity.set_missing(missing);
        Ok(have_agreed)
    }

    /// Makes attempts until the node is in a cluster.
    pub(super) async fn run(self, pause: Duration) {
        loop {
            sleep(pause).await;
            match self.attempt().await {
                Ok(Founding::Waiting) => {}
                // The first message of the cluster arrived during the attempt.
                Ok(Founding::Done) | Err(ReplicaError::Membership(_)) => return,
                Err(error) => {
                    tracing::error!(%error, "a raft node cannot found or join its cluster");
                    return;
                }
            }
        }
    }

    /// The replies of the other members.
    async fn ask(&self, cluster: Option<&ClusterId>) -> Vec<(NodeId, Option<StatusReply>)> {
        let request = StatusRequest {
            process: Some(self.identity.process()),
            founds: cluster.cloned(),
        };
        let own = self.identity.node().get();
        let others = self.members.keys().filter(|id| **id != own);
        let asking = others.filter_map(|id| NodeId::try_from(*id).ok());
        let asking = asking.map(async |id| (id, self.client.status(id, &request).await.ok()));
        join_all(asking).await
    }
}
