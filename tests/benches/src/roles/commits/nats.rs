//! The replicas of this project, each on a connection of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use natsgen_runtime::NatsOptions;
use tempfile::TempDir;
use tokio::time::timeout;
use varpulis_sdk::replica::{Replica, ReplicaOptions};
use varpulis_sdk::types::{NodeId, RaftNode};

use super::{Commands, ELECTION_LIMIT, NODES};
use crate::Failure;
use crate::contender::Call;

/// Commits commands through the leader.
#[derive(Clone, Debug)]
pub(super) struct Nats {
    leader: Arc<Replica>,
    commands: Commands,
    /// Keeps the followers running.
    _followers: Arc<Vec<Replica>>,
    /// Dropped last.
    _folder: Arc<TempDir>,
}

impl Nats {
    /// Starts a cluster over the server at `url`.
    ///
    /// # Errors
    /// If a node does not start, or no leader is elected.
    pub(super) async fn start(url: &str) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let mut members = BTreeMap::new();
        let mut nodes = Vec::new();
        for number in 1..=NODES {
            let id = NodeId::try_from(number)?;
            let addr = format!("nats-{number}").try_into()?;
            members.insert(id, RaftNode::new(addr));
            let options = ReplicaOptions::new(id, folder.path().join(number.to_string()));
            let connection = NatsOptions::new(url).connect().await?;
            nodes.push(Replica::start(options, &connection).await?);
        }
        let first = nodes.remove(0);
        first.initialize(members).await?;
        let mut metrics = first.metrics();
        let leads = metrics.wait_for(|metrics| metrics.state.is_leader());
        timeout(ELECTION_LIMIT, leads).await??;
        Ok(Self {
            leader: Arc::new(first),
            commands: Commands::default(),
            _followers: Arc::new(nodes),
            _folder: Arc::new(folder),
        })
    }
}

impl Call for Nats {
    async fn call(&self) -> Result<(), Failure> {
        self.leader.write(self.commands.next()?).await?;
        Ok(())
    }
}
