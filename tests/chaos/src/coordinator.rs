//! A coordinator process that takes commands from standard input.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use natsgen_runtime::Fault;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::task::JoinSet;
use varpulis_sdk::coordinator_node::{
    CoordinatorNode, DispatchError, HttpWorkers, RunningCoordinatorNode,
};
use varpulis_sdk::replica::{Registry, ReplicaOptions, WorkerRecord};
use varpulis_sdk::types::{Deployment, EventFields, EventType, NodeId, PipelineName};
use varpulis_sdk::worker::DeployRequest;

use crate::Failure;
use crate::child::READY;
use crate::cli::CoordinatorArguments;
use crate::connection::{API_KEY, connect, worker_keys};
use crate::pipeline_client::ABSENT;
use crate::replicas::members;

/// How long it waits for a leader.
const REGISTRY_TIMEOUT: Duration = Duration::from_secs(4);

/// The time limit of a worker.
const COMMAND_LIMIT: Duration = Duration::from_secs(3);

/// Runs a coordinator until standard input ends.
///
/// Each input line holds a number and a command. The reply is a line with the same number. `describe` returns the current
/// registry as JSON, `look` returns the local Raft health, `clock` returns the time of day in seconds, and `deploy PIPELINE`, `inject PIPELINE CALL` and `undeploy
/// PIPELINE` return their outcome.
pub(crate) async fn run(arguments: &CoordinatorArguments) -> Result<(), Failure> {
    let id = NodeId::try_from(arguments.id)?;
    let replica = ReplicaOptions::new(id, &arguments.store)
        .heartbeat(Duration::from_millis(100))
        .election(Duration::from_millis(500), Duration::from_secs(1))
        // Small, so that a restarted coordinator needs a snapshot.
        .snapshot_after(400)
        .keep(100);
    let connection = connect(&arguments.url).await?;
    let running = CoordinatorNode::new(API_KEY.try_into()?, replica)
        .worker_keys(worker_keys()?)
        .members(members(arguments.members)?)
        .heartbeat_interval(Duration::from_secs(1))
        .registry_timeout(REGISTRY_TIMEOUT)
        .command_limit(COMMAND_LIMIT)
        .http_workers(HttpWorkers::new().host("127.0.0.1"))
        .start(&connection)
        .await?;
    println!("{READY}");
    let running = Arc::new(running);
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut tasks = JoinSet::new();
    while let Some(line) = lines.next_line().await? {
        // Removes finished tasks from the set.
        while tasks.try_join_next().is_some() {}
        let running = Arc::clone(&running);
        tasks.spawn(async move {
            if let Some((number, command)) = line.split_once(' ') {
                println!("{number} {}", reply_to(&running, command).await);
            }
        });
    }
    tasks.shutdown().await;
    let running = Arc::into_inner(running).ok_or("the coordinator is still in use")?;
    running.shutdown().await;
    Ok(())
}

async fn reply_to(running: &RunningCoordinatorNode, command: &str) -> String {
    let replica = running.replica();
    let words: Vec<_> = command.split(' ').collect();
    match words[..] {
        ["show"] => match replica.current(describe).await {
            Ok(registry) => registry.to_string(),
            Err(error) => json!({ "error": error.to_string() }).to_string(),
        },
        ["clock"] => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            now.unwrap_or_default().as_secs().to_string()
        }
        ["look"] => {
            let health = replica.health();
            json!({ "leader": health.leader.map(|leader| leader.get()), "term": health.term, "failure": health.failure }).to_string()
        }
        _ => match execute(running, &words).await {
            Ok(outcome) => outcome,
            Err(failure) => format!("error {failure}"),
        },
    }
}

/// Executes a command for a pipeline, and returns its outcome.
async fn execute(running: &RunningCoordinatorNode, words: &[&str]) -> Result<String, Failure> {
    let [verb, pipeline, rest @ ..] = words else {
        return Err("unknown command".into());
    };
    let name = PipelineName::try_from(*pipeline)?;
    match (*verb, rest) {
        ("deploy", []) => {
            let source = "".try_into()?;
            let deployed = running.deploy(&DeployRequest::new(name, source)).await;
            Ok(outcome(deployed.map(drop)))
        }
        ("inject", [call]) => {
            let kind = EventType::try_from(*call)?;
            let injected = running.inject(&name, kind, EventFields::default()).await;
            Ok(outcome(injected.map(drop)))
        }
        ("undeploy", []) => Ok(outcome(running.undeploy(&name).await.map(drop))),
        _ => Err("unknown command".into()),
    }
}

fn outcome<F: Fault>(dispatched: Result<(), DispatchError<F>>) -> String {
    match dispatched {
        Ok(()) => "acknowledged".to_owned(),
        Err(
            error @ (DispatchError::OutcomeUnknown { .. }
            | DispatchError::Superseded { .. }
            | DispatchError::Unrecorded { .. }),
        ) => format!("unknown {error}"),
        Err(DispatchError::NoSuchPipeline(_)) => ABSENT.to_owned(),
        Err(error) => format!("refused {error}"),
    }
}

/// The part of the registry on which all coordinators must agree.
fn describe(registry: &Registry) -> Value {
    let worker = |worker: &WorkerRecord| {
        let registration = &worker.registration;
        let instance = registration.instance.as_ref().map(ToString::to_string);
        (
            registration.id.to_string(),
            json!([worker.status.as_str(), instance]),
        )
    };
    let deployment = |deployment: &Arc<Deployment>| {
        let state = deployment.state.as_str();
        let worker = deployment.worker_id.to_string();
        (deployment.pipeline.to_string(), json!([state, worker]))
    };
    // The workload creates no entries of these kinds.
    let foreign = registry.migrations().len()
        + registry.connectors().len()
        + registry.models().len()
        + registry.checkpoints().len();
    json!({
        "foreign": foreign,
        "workers": registry.workers().map(worker).collect::<Map<_, _>>(),
        "deployments": registry.deployments().map(deployment).collect::<Map<_, _>>(),
    })
}
