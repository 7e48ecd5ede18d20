//! Raft nodes of this SDK and of the published crates in a cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use natsgen_runtime::{NatsOptions, Side, codec};
use natsgen_testing::NatsServer;
use serde_json::{Value, json};
use varpulis_sdk::replica::{Health, Replica, ReplicaOptions, Role};
use varpulis_sdk::types::{Command, NodeId};

use crate::Error;
use crate::peer::Peer;
use crate::table::{Table, Verdict, ensure, eventually};

const CROSSING: &str = "our raft <-> their raft";

/// Far more than an election takes.
const LIMIT: Duration = Duration::from_secs(20);

/// A cluster with nodes of both.
struct Mixed {
    server: NatsServer,
    ours: BTreeMap<u64, Replica>,
    theirs: BTreeMap<u64, Peer>,
}

impl Mixed {
    /// Founds a cluster with these nodes of the published crates and of this SDK.
    async fn founded(theirs: &[u64], ours: &[u64]) -> Result<Self, Error> {
        let mut cluster = Self {
            server: NatsServer::start()?,
            ours: BTreeMap::new(),
            theirs: BTreeMap::new(),
        };
        for id in theirs {
            cluster.start_theirs(*id).await?;
        }
        for id in ours {
            cluster.start_ours(*id).await?;
        }
        let ids = theirs.iter().chain(ours);
        if let Some(founder) = cluster.theirs.values().next() {
            let ids: Vec<_> = ids.collect();
            founder.order(&json!({ "found": ids })).await?;
        } else if let Some(founder) = cluster.ours.values().next() {
            let members = ids.map(|id| Ok((node(*id)?, address()?)));
            let members = members.collect::<Result<BTreeMap<_, _>, Error>>()?;
            founder.initialize(members).await?;
        }
        cluster.leader().await?;
        Ok(cluster)
    }

    async fn start_theirs(&mut self, id: u64) -> Result<(), Error> {
        let node = Peer::start(&["node", &self.server.url(), &id.to_string()]).await?;
        self.theirs.insert(id, node);
        Ok(())
    }

    async fn start_ours(&mut self, id: u64) -> Result<(), Error> {
        let connection = NatsOptions::new(&self.server.url()).connect().await?;
        let options = ReplicaOptions::memory(node(id)?)
            .heartbeat(Duration::from_millis(100))
            .election(Duration::from_millis(500), Duration::from_secs(1))
            .keep(0)
            .timeout(LIMIT)
            .accept_unidentified(true);
        let replica = Replica::start(options, &connection).await?;
        self.ours.insert(id, replica);
        Ok(())
    }

    /// The leader, once there is one.
    async fn leader(&self) -> Result<u64, Error> {
        let mut leader = None;
        let is_led = async || {
            let mut ours = self.ours.iter();
            leader = ours
                .find(|(_, node)| node.health().role == Role::Leader)
                .map(|(id, _)| *id);
            for (id, node) in &self.theirs {
                if state(node).await["leads"] == true {
                    leader = Some(*id);
                }
            }
            leader.is_some()
        };
        eventually("leader", LIMIT, is_led).await?;
        leader.ok_or_else(|| "no leader".into())
    }

    /// Commits a command at the leader. Returns its index.
    async fn write(&self, command: &Value) -> Result<u64, Error> {
        let leader = self.leader().await?;
        match self.ours.get(&leader) {
            Some(node) => Ok(node.write(our_command(command)?).await?.log_id.index.get()),
            None => {
                let written = self.theirs[&leader]
                    .order(&json!({ "write": command }))
                    .await?;
                written.as_u64().ok_or_else(|| "no index".into())
            }
        }
    }

    /// Waits until all nodes have applied the entry at `index`.
    async fn applied(&self, index: u64) -> Result<(), Error> {
        for (id, node) in &self.theirs {
            let has_applied = async || state(node).await["applied"].as_u64() >= Some(index);
            eventually(
                &format!("entry {index} at their node {id}"),
                LIMIT,
                has_applied,
            )
            .await?;
        }
        for (id, node) in &self.ours {
            let has_applied = async || node.health().last_applied >= Some(index);
            let applied = eventually("entry", LIMIT, has_applied).await;
            applied.map_err(|_| {
                let health = node.health();
                format!("our node {id} does not apply entry {index}: {health:?}")
            })?;
        }
        Ok(())
    }
}

/// The state of a node of the published crates; null if it does not answer.
async fn state(node: &Peer) -> Value {
    node.order(&json!({ "state": null }))
        .await
        .unwrap_or_default()
}

fn our_command(json: &Value) -> Result<Command, Error> {
    Ok(codec::decode(json.to_string().as_bytes(), Side::Request)?)
}

fn node(id: u64) -> Result<NodeId, Error> {
    Ok(NodeId::try_from(id)?)
}

fn address() -> Result<varpulis_sdk::types::RaftNode, Error> {
    Ok(varpulis_sdk::types::RaftNode::new("".try_into()?))
}

/// All commands of the published crates. None of them undoes the registration and the group before.
fn commands() -> Vec<Value> {
    let capacity = json!({ "cpu_cores": 8, "pipelines_running": 0, "max_pipelines": 100 });
    let register = |id: &str| json!({ "RegisterWorker": { "id": id, "address": "", "api_key": "k", "capacity": capacity } });
    let connector = json!({ "name": "c", "connector_type": "nats", "params": {} });
    let entry = json!({ "name": "m", "s3_key": "s", "format": "onnx", "inputs": [], "outputs": [],
        "size_bytes": 1, "uploaded_at": "2026-01-01T00:00:00Z" });
    vec![
        register("w0"),
        register("gone"),
        json!({ "DeregisterWorker": { "id": "gone" } }),
        json!({ "WorkerStatusChanged": { "id": "w0", "status": "ready" } }),
        json!({ "WorkerPipelinesUpdated": { "id": "w0", "assigned_pipelines": ["p"] } }),
        json!({ "WorkerMetricsUpdated": { "id": "w0", "events_processed": 5, "pipelines_running": 1, "pipeline_metrics": [], "heartbeat_seq": 9 } }),
        json!({ "GroupDeployed": { "name": "g", "group": { "any": "json" } } }),
        json!({ "GroupDeployed": { "name": "h", "group": {} } }),
        json!({ "GroupUpdated": { "name": "g", "group": { "other": 1 } } }),
        json!({ "GroupRemoved": { "name": "h" } }),
        json!({ "MigrationStarted": { "task": { "id": "m" } } }),
        json!({ "MigrationUpdated": { "id": "m", "status": "completed" } }),
        json!({ "MigrationRemoved": { "id": "m" } }),
        json!({ "ConnectorCreated": { "name": "c", "connector": connector } }),
        json!({ "ConnectorUpdated": { "name": "c", "connector": connector } }),
        json!({ "ConnectorRemoved": { "name": "c" } }),
        json!({ "ScalingPolicySet": { "policy": null } }),
        json!({ "ModelRegistered": { "name": "m", "entry": entry } }),
        json!({ "ModelRemoved": { "name": "m" } }),
    ]
}

/// Commands of the published crates with values that this SDK lets no client enter.
fn foreign_commands() -> Vec<Value> {
    let capacity = json!({ "cpu_cores": 100_000, "pipelines_running": 0, "max_pipelines": 100 });
    let register = |id: &str, key: &str| json!({ "RegisterWorker": { "id": id, "address": "", "api_key": key, "capacity": capacity } });
    let entry = json!({ "name": "m", "s3_key": "s", "format": "onnx", "inputs": [], "outputs": [],
        "size_bytes": 1, "uploaded_at": "yesterday" });
    vec![
        register("host.example.com", "k"),
        register("w1", ""),
        json!({ "WorkerStatusChanged": { "id": "w1", "status": "asleep" } }),
        json!({ "GroupDeployed": { "name": "x".repeat(300), "group": {} } }),
        json!({ "ModelRegistered": { "name": "m", "entry": entry } }),
    ]
}

pub(crate) async fn run(table: &mut Table) {
    table
        .works("their raft client -> our server", "vote", vote())
        .await;
    table
        .works(
            CROSSING,
            "theirs 2, ours 1: election, all commands",
            replication(&[1, 2], &[3]),
        )
        .await;
    table
        .works(
            CROSSING,
            "theirs 1, ours 2: election, all commands",
            replication(&[1], &[2, 3]),
        )
        .await;
    table
        .works(CROSSING, "failover to our node", failover())
        .await;
    table
        .works(CROSSING, "concurrent commands at our leader", concurrent())
        .await;
    table
        .works(CROSSING, "their node joins our cluster", membership())
        .await;
    table
        .works(CROSSING, "commands beyond the limits of clients", foreign())
        .await;
    let reason = "snapshots have another form; the node stays behind and says so";
    table
        .row(
            CROSSING,
            "their snapshot -> our node",
            Verdict::TypedError,
            reason,
            their_snapshot(),
        )
        .await;
    let reason =
        "snapshots have another form; none is sent, and their node runs without the entries before";
    table
        .row(
            CROSSING,
            "our snapshot -> their node",
            Verdict::TypedError,
            reason,
            our_snapshot(),
        )
        .await;
}

async fn vote() -> Result<(), Error> {
    let mut cluster = Mixed::founded_without_leader(&[2]).await?;
    cluster.start_theirs(1).await?;
    let granted = cluster.theirs[&1].order(&json!({ "vote": 2 })).await?;
    ensure(granted == true, &granted)
}

impl Mixed {
    /// Starts nodes of this SDK that are in no cluster.
    async fn founded_without_leader(ours: &[u64]) -> Result<Self, Error> {
        let mut cluster = Self {
            server: NatsServer::start()?,
            ours: BTreeMap::new(),
            theirs: BTreeMap::new(),
        };
        for id in ours {
            cluster.start_ours(*id).await?;
        }
        Ok(cluster)
    }
}

async fn replication(theirs: &[u64], ours: &[u64]) -> Result<(), Error> {
    let cluster = Mixed::founded(theirs, ours).await?;
    let mut last = 0;
    for command in commands() {
        last = cluster.write(&command).await?;
    }
    cluster.applied(last).await?;
    for node in cluster.theirs.values() {
        let state = state(node).await;
        let is_equal = state["workers"] == json!(["w0"]) && state["groups"] == json!(["g"]);
        ensure(is_equal, &state)?;
    }
    for node in cluster.ours.values() {
        let names = node.local(|registry| {
            let workers = registry
                .workers()
                .map(|worker| worker.registration.id.to_string());
            let groups = registry.groups().keys().map(ToString::to_string);
            workers.chain(groups).collect::<Vec<_>>()
        });
        ensure(names == ["w0", "g"], format!("{names:?}"))?;
    }
    Ok(())
}

async fn failover() -> Result<(), Error> {
    let mut cluster = Mixed::founded(&[1], &[2, 3]).await?;
    let first = cluster.write(&commands()[0]).await?;
    cluster.applied(first).await?;
    cluster.theirs.clear();
    let second = cluster.write(&commands()[6]).await?;
    cluster.applied(second).await
}

async fn concurrent() -> Result<(), Error> {
    let mut cluster = Mixed::founded(&[], &[2]).await?;
    join_theirs(&mut cluster, 1).await?;
    let writes = (0..64).map(|number| {
        let name = format!("g{number}");
        let command = json!({ "GroupDeployed": { "name": name, "group": {} } });
        let leader = &cluster.ours[&2];
        async move {
            Ok::<_, Error>(
                leader
                    .write(our_command(&command)?)
                    .await?
                    .log_id
                    .index
                    .get(),
            )
        }
    });
    let written = futures_util::future::try_join_all(writes).await?;
    cluster
        .applied(written.into_iter().max().unwrap_or_default())
        .await
}

/// Adds a node of the published crates to a cluster that our node leads.
async fn join_theirs(cluster: &mut Mixed, id: u64) -> Result<(), Error> {
    cluster.start_theirs(id).await?;
    let leader = &cluster.ours[&2];
    leader.add_learner(node(id)?, address()?).await?;
    let voters = BTreeSet::from([node(2)?, node(id)?]);
    leader.change_membership(&voters).await?;
    Ok(())
}

async fn membership() -> Result<(), Error> {
    let mut cluster = Mixed::founded(&[], &[2]).await?;
    join_theirs(&mut cluster, 1).await?;
    let index = cluster.write(&commands()[0]).await?;
    cluster.applied(index).await?;
    let voters = cluster.ours[&2].health().voters;
    ensure(voters.len() == 2, format!("{voters:?}"))
}

async fn foreign() -> Result<(), Error> {
    let cluster = Mixed::founded(&[1, 2], &[3]).await?;
    if cluster.leader().await? == 3 {
        return Err("our node leads, so that the commands are refused".into());
    }
    let mut last = 0;
    for command in foreign_commands() {
        last = cluster.write(&command).await?;
    }
    last = last.max(cluster.write(&commands()[0]).await?);
    cluster.applied(last).await?;
    let health = cluster.ours[&3].health();
    let is_named = health.without_effect.len() >= 3 && health.unreadable.is_none();
    ensure(is_named && health.failure.is_none(), format!("{health:?}"))
}

async fn their_snapshot() -> Result<(), Error> {
    let mut cluster = Mixed::founded(&[1], &[]).await?;
    let last = cluster.write(&commands()[0]).await?;
    let leader = &cluster.theirs[&1];
    leader.order(&json!({ "snapshot": last })).await?;
    cluster.start_ours(2).await?;
    let leader = &cluster.theirs[&1];
    leader.order(&json!({ "add": 2 })).await?;
    let ours = &cluster.ours[&2];
    let says_so = |health: Health| health.unreadable.is_some();
    eventually("refused snapshot in the health", LIMIT, async || {
        says_so(ours.health())
    })
    .await?;
    let health = ours.health();
    ensure(health.failure.is_none(), format!("{health:?}"))
}

async fn our_snapshot() -> Result<(), Error> {
    let mut cluster = Mixed::founded(&[], &[2]).await?;
    cluster.write(&commands()[0]).await?;
    let leader = &cluster.ours[&2];
    leader.snapshot().await?;
    let is_purged = async || leader.metrics().borrow().purged.is_some();
    eventually("purged log", LIMIT, is_purged).await?;
    cluster.start_theirs(1).await?;
    let (leader, theirs) = (&cluster.ours[&2], &cluster.theirs[&1]);
    let added = leader.add_learner(node(1)?, address()?);
    let waited = tokio::time::timeout(Duration::from_secs(5), added).await;
    ensure(waited.is_err(), format!("{waited:?}"))?;
    let their_state = state(theirs).await;
    ensure(their_state["runs"] == true, &their_state)?;
    let health = leader.health();
    ensure(
        health.role == Role::Leader && health.failure.is_none(),
        format!("{health:?}"),
    )
}
