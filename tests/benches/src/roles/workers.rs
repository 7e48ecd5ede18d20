//! A single coordinator, and workers that exist only in its registry.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use natsgen_runtime::{Connection, Limited};
use tokio::time::timeout;
use varpulis_sdk::coordinator::Heartbeat;
use varpulis_sdk::coordinator_node::{CoordinatorNode, RunningCoordinatorNode};
use varpulis_sdk::replica::ReplicaOptions;
use varpulis_sdk::types::{
    ApiKey, Command, NodeId, PipelineMetrics, RaftNode, RegisterWorker, WorkerCapacity, WorkerId,
};

use crate::Failure;

/// The number of concurrent registrations.
const IN_FLIGHT: usize = 1_024;

/// The time limit of the first election.
const ELECTION_LIMIT: Duration = Duration::from_secs(20);

/// Starts a coordinator and waits until it leads.
///
/// # Errors
/// If the coordinator does not start.
pub(super) async fn coordinator(
    replica: ReplicaOptions,
    heartbeat_interval: Duration,
    connection: &Connection,
) -> Result<RunningCoordinatorNode, Failure> {
    let addr = "http://localhost:9100".try_into()?;
    let members = BTreeMap::from([(NodeId::try_from(1)?, RaftNode::new(addr))]);
    let node = CoordinatorNode::new(ApiKey::try_from("secret")?, replica)
        .heartbeat_interval(heartbeat_interval)
        .members(members)
        .start(connection)
        .await?;
    let mut metrics = node.replica().metrics();
    timeout(
        ELECTION_LIMIT,
        metrics.wait_for(|metrics| metrics.state.is_leader()),
    )
    .await??;
    Ok(node)
}

/// Registers `count` workers by proposals, without the cost of requests over NATS.
///
/// # Errors
/// If the registry refuses a worker.
pub(super) async fn register(node: &RunningCoordinatorNode, count: u64) -> Result<(), Failure> {
    stream::iter(0..count)
        .map(|number| async move {
            let command = Command::RegisterWorker(registration(number)?);
            node.replica().propose(command).await?;
            Ok(())
        })
        .buffer_unordered(IN_FLIGHT)
        .try_collect()
        .await
}

/// The heartbeat of a worker that runs a single pipeline.
///
/// # Errors
/// Never in practice.
pub(super) fn heartbeat() -> Result<Heartbeat, Failure> {
    let metrics = PipelineMetrics::new("high-temperature".try_into()?, 1_234_567, 4_321);
    let mut heartbeat = Heartbeat::new(1_234_567, 1);
    heartbeat.pipeline_metrics = Limited::new(vec![metrics])?;
    Ok(heartbeat)
}

/// The id of worker `number`.
///
/// # Errors
/// Never in practice.
pub(super) fn id(number: u64) -> Result<WorkerId, Failure> {
    Ok(WorkerId::try_from(format!("worker-{number:06}"))?)
}

/// The registration of worker `number`.
///
/// # Errors
/// Never in practice.
pub(super) fn registration(number: u64) -> Result<RegisterWorker, Failure> {
    let mut worker = RegisterWorker::new(
        id(number)?,
        format!("http://10.1.2.3:{}", 9_000 + number % 1_000).try_into()?,
        "secret".to_owned().try_into()?,
        WorkerCapacity::new(8, 0, 100),
    );
    worker.instance = Some(format!("{number:016x}").try_into()?);
    Ok(worker)
}
