//! Raft nodes of this process, each behind a proxy of its own and over the same faulty network.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use natsgen_runtime::{Connection, NatsOptions};
use natsgen_testing::NatsServer;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use varpulis_sdk::replica::{Change, Metrics, Registry, Replica, ReplicaOptions};
use varpulis_sdk::types::{Command, MigrationStarted, NodeId, RaftNode};

use crate::Failure;
use crate::network::FaultyNetwork;
use crate::proxy::Proxy;
use crate::round::Round;

/// How long a writer waits for a leader.
pub(crate) const WRITE_TIMEOUT: Duration = Duration::from_secs(3);

/// How long healthy nodes may take to agree.
const AGREEMENT_LIMIT: Duration = Duration::from_secs(30);

/// A cluster of Raft nodes over a single server.
pub(crate) struct Replicas {
    pub(crate) nodes: Vec<Member>,
    pub(crate) network: FaultyNetwork,
    /// The tasks that count the applied commands of each node.
    watchers: JoinSet<()>,
    server: NatsServer,
}

/// A node and its proxy.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) replica: Arc<Replica>,
    pub(crate) connection: Connection,
    pub(crate) proxy: Proxy,
    applied: Arc<Mutex<HashMap<u64, u64>>>,
}

impl Replicas {
    /// Starts `count` nodes with stores on disk that have founded a cluster.
    pub(crate) async fn start(round: &mut Round, count: u64) -> Result<Self, Failure> {
        let mut replicas = Self {
            nodes: Vec::new(),
            network: FaultyNetwork::new(round.rng.fork()),
            watchers: JoinSet::new(),
            server: NatsServer::start()?,
        };
        for id in 1..=count {
            replicas.add(round, id).await?;
        }
        let first = &replicas.nodes[0].replica;
        first.initialize(members(count)?).await?;
        let mut metrics = first.metrics();
        let led = metrics.wait_for(|metrics| metrics.current_leader.is_some());
        led.await?;
        Ok(replicas)
    }

    async fn add(&mut self, round: &Round, id: u64) -> Result<(), Failure> {
        let proxy = Proxy::start(self.server.port()).await?;
        let connection = self.connect(&id.to_string(), &proxy.url()).await?;
        let options = ReplicaOptions::new(NodeId::try_from(id)?, round.path(&format!("node-{id}")))
            .heartbeat(Duration::from_millis(100))
            .election(Duration::from_millis(400), Duration::from_millis(800))
            // Small, so that isolated nodes need snapshots.
            .snapshot_after(400)
            .keep(100)
            .timeout(WRITE_TIMEOUT);
        let replica = Arc::new(Replica::start(options, &connection).await?);
        let applied = Arc::default();
        self.watchers
            .spawn(count_applied(Arc::clone(&replica), Arc::clone(&applied)));
        self.nodes.push(Member {
            name: id.to_string(),
            replica,
            connection,
            proxy,
            applied,
        });
        Ok(())
    }

    /// Connects the peer `name` over the faulty network.
    pub(crate) async fn connect(&self, name: &str, url: &str) -> Result<Connection, Failure> {
        let options = NatsOptions::new(url)
            .inbox_prefix(format!("_INBOX_{name}"))
            .ping_interval(Duration::from_millis(500));
        let transport = options.connect_transport().await?;
        Ok(Connection::over(self.network.wrap(name, transport)))
    }

    /// Connects the peer `name` without a proxy.
    pub(crate) async fn connect_directly(&self, name: &str) -> Result<Connection, Failure> {
        self.connect(name, &self.server.url()).await
    }

    /// The index of the leader, as reported by the first node that knows a leader.
    pub(crate) fn leader(&self) -> Option<usize> {
        let mut leaders = self
            .nodes
            .iter()
            .filter_map(|node| node.replica.health().leader);
        let leader = leaders.next()?.get();
        usize::try_from(leader).ok().map(|leader| leader - 1)
    }

    /// Ends all faults of the network and the proxies.
    pub(crate) fn heal(&self) {
        self.network.clear();
        for node in &self.nodes {
            node.proxy.heal();
        }
    }

    /// Waits until all nodes have applied the same log, and returns their registry.
    ///
    /// # Errors
    /// If the nodes do not catch up in time, or if their registries differ.
    pub(crate) async fn agreed(&self) -> Result<Registry, Failure> {
        let deadline = Instant::now() + AGREEMENT_LIMIT;
        let last = loop {
            match self.nodes[0].replica.propose(named("end")?).await {
                Ok(reply) => break reply.log_id.index.get(),
                Err(error) if Instant::now() > deadline => return Err(error.into()),
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        };
        let mut registries = Vec::new();
        for node in &self.nodes {
            let is_there =
                |metrics: &Metrics| metrics.last_applied.is_some_and(|at| at.index >= last);
            let mut metrics = node.replica.metrics();
            let waiting = tokio::time::timeout_at(deadline, metrics.wait_for(is_there));
            let Ok(found) = waiting.await else {
                let health = node.replica.health();
                return Err(format!("node {} is behind {last}: {health:?}", node.name).into());
            };
            found?;
            registries.push(node.replica.local(Registry::clone));
        }
        match registries.iter().position(|other| *other != registries[0]) {
            Some(other) => Err(format!("nodes 1 and {} do not agree", other + 1).into()),
            None => Ok(registries.swap_remove(0)),
        }
    }

    /// The number of applications of each command, as counted by the node with the most.
    pub(crate) fn applications(&self) -> BTreeMap<u64, u64> {
        let mut most = BTreeMap::new();
        for node in &self.nodes {
            let applied = node.applied.lock().unwrap_or_else(PoisonError::into_inner);
            for (number, count) in applied.iter() {
                let known: &mut u64 = most.entry(*number).or_default();
                *known = (*known).max(*count);
            }
        }
        most
    }

    /// Shuts down all nodes. Fails if a node had stopped by itself.
    pub(crate) async fn shutdown(mut self) -> Result<(), Failure> {
        self.watchers.shutdown().await;
        for node in self.nodes {
            if let Some(failure) = node.replica.health().failure {
                return Err(format!("node {} has stopped: {failure}", node.name).into());
            }
            let replica = Arc::into_inner(node.replica).ok_or("a node is still in use")?;
            replica.shutdown().await;
        }
        Ok(())
    }
}

/// The members of a cluster of `count` nodes.
pub(crate) fn members(count: u64) -> Result<BTreeMap<NodeId, RaftNode>, Failure> {
    let member = |id: u64| {
        let addr = format!("http://coordinator-{id}:9100").try_into()?;
        Ok((NodeId::try_from(id)?, RaftNode::new(addr)))
    };
    (1..=count).map(member).collect()
}

/// A command that leaves `number` in the registry and that watchers see at each application.
pub(crate) fn numbered(number: u64) -> Result<Command, Failure> {
    named(&number.to_string())
}

fn named(id: &str) -> Result<Command, Failure> {
    let task = format!(r#"{{"id":"{id}"}}"#).parse()?;
    Ok(Command::MigrationStarted(MigrationStarted::new(task)))
}

/// Counts the applications of each numbered command on a node.
async fn count_applied(replica: Arc<Replica>, applied: Arc<Mutex<HashMap<u64, u64>>>) {
    let mut changes = replica.changes();
    drop(replica);
    while let Some(change) = changes.next().await {
        let Change::Applied(command) = change else {
            // Another node has seen the commands that the snapshot skipped.
            continue;
        };
        let Command::MigrationStarted(start) = &*command else {
            continue;
        };
        let id = start.task.get("id").and_then(|id| id.as_str());
        if let Some(Ok(number)) = id.map(str::parse) {
            let mut applied = applied.lock().unwrap_or_else(PoisonError::into_inner);
            *applied.entry(number).or_default() += 1;
        }
    }
}
