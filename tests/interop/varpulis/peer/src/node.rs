//! A Raft node. The published crates have a client for Raft over NATS and no server; this module adds the server.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::StreamExt as _;
use openraft::network::{RPCOption, RaftNetwork as _, RaftNetworkFactory as _};
use openraft::raft::VoteRequest;
use openraft::{Config, Vote};
use serde::Serialize;
use serde_json::{Value, json};
use varpulis_cluster::nats_transport::{connect_nats, subject_raft_wildcard};
use varpulis_cluster::raft::network::NatsNetworkFactory;
use varpulis_cluster::raft::{
    ClusterCommand, RaftBootstrapResult, RaftNode, VarpulisRaft, bootstrap_with_network,
};

use crate::{Error, execute};

/// Takes part in a cluster.
pub(crate) async fn run(url: &str, id: u64) -> Result<(), Error> {
    let client = connect_nats(url).await?;
    let config = Config {
        heartbeat_interval: 100,
        election_timeout_min: 500,
        election_timeout_max: 1_000,
        max_in_snapshot_log_to_keep: 0,
        ..Config::default()
    };
    let network = NatsNetworkFactory::new(client.clone());
    let node = bootstrap_with_network(id, Arc::new(config), network.clone()).await?;
    let mut requests = client.subscribe(subject_raft_wildcard(id)).await?;
    client.flush().await?;
    let raft = Arc::clone(&node.raft);
    tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            let Some(reply) = request.reply else { continue };
            let rpc = request.subject.rsplit('.').next().unwrap_or_default();
            let answer = answer(&raft, rpc, &request.payload).await;
            let answer = answer.unwrap_or_else(|error| json!({ "error": error.to_string() }));
            // A lost connection ends the loop as well.
            let _ = client.publish(reply, answer.to_string().into()).await;
        }
    });
    execute(json!({}), async |order| obey(&node, &network, &order).await).await
}

async fn answer(raft: &VarpulisRaft, rpc: &str, payload: &[u8]) -> Result<Value, Error> {
    match rpc {
        "vote" => value(raft.vote(serde_json::from_slice(payload)?).await?),
        "append" => value(
            raft.append_entries(serde_json::from_slice(payload)?)
                .await?,
        ),
        "snapshot" => value(
            raft.install_snapshot(serde_json::from_slice(payload)?)
                .await?,
        ),
        other => Err(format!("unknown command: {other}").into()),
    }
}

fn value(reply: impl Serialize) -> Result<Value, Error> {
    Ok(serde_json::to_value(reply)?)
}

/// Executes an order: an object with a single member, which names the action.
async fn obey(
    node: &RaftBootstrapResult,
    network: &NatsNetworkFactory,
    order: &Value,
) -> Result<Value, Error> {
    let raft = &node.raft;
    let (action, input) = order
        .as_object()
        .and_then(|order| order.iter().next())
        .ok_or("no action")?;
    let number = input.as_u64().unwrap_or_default();
    match action.as_str() {
        "found" => {
            let ids = input.as_array().ok_or("no ids")?;
            let ids = ids.iter().filter_map(Value::as_u64);
            let members: BTreeMap<_, _> = ids.map(|id| (id, RaftNode::default())).collect();
            raft.initialize(members).await?;
        }
        "write" => {
            let command: ClusterCommand = serde_json::from_value(input.clone())?;
            return Ok(json!(raft.client_write(command).await?.log_id.index));
        }
        "add" => drop(raft.add_learner(number, RaftNode::default(), false).await?),
        "snapshot" => {
            raft.trigger().snapshot().await?;
            let mut metrics = raft.metrics();
            while metrics.borrow().snapshot.is_none() {
                metrics.changed().await?;
            }
            raft.trigger().purge_log(number).await?;
        }
        "vote" => {
            let mut factory = network.clone();
            let mut peer = factory.new_client(number, &RaftNode::default()).await;
            let request = VoteRequest::new(Vote::new(1, raft.metrics().borrow().id), None);
            let option = RPCOption::new(std::time::Duration::from_secs(5));
            return Ok(json!(peer.vote(request, option).await?.vote_granted));
        }
        "state" => return state(node),
        other => return Err(format!("unknown action {other}").into()),
    }
    Ok(Value::Null)
}

fn state(node: &RaftBootstrapResult) -> Result<Value, Error> {
    let metrics = node.raft.metrics();
    let metrics = metrics.borrow();
    let registry = node
        .shared_state
        .read()
        .map_err(|error| error.to_string())?;
    let workers: Vec<_> = registry.workers.keys().collect();
    let groups: Vec<_> = registry.pipeline_groups.keys().collect();
    Ok(json!({
        "leads": metrics.current_leader == Some(metrics.id) && metrics.running_state.is_ok(),
        "runs": metrics.running_state.is_ok(),
        "applied": metrics.last_applied.map(|last| last.index),
        "workers": workers,
        "groups": groups,
    }))
}
