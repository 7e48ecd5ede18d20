//! A coordinator that does what it is told on standard input.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::Fault;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::task::JoinSet;
use varpulis_sdk::coordinator_node::{CoordinatorNode, DispatchError, RunningCoordinatorNode};
use varpulis_sdk::replica::{Registry, ReplicaOptions, WorkerRecord};
use varpulis_sdk::types::{Deployment, EventFields, EventType, NodeId, PipelineName};
use varpulis_sdk::worker::DeployRequest;

use crate::Failure;
use crate::child::READY;
use crate::cli::CoordinatorArguments;
use crate::commander::ABSENT;
use crate::node::{API_KEY, connect};
use crate::replicas::members;

/// How long it waits for whichever node leads.
const PATIENCE: Duration = Duration::from_secs(4);

/// How long a worker may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(3);

/// Is a coordinator until standard input ends.
///
/// Each line is a number and an order, and is answered by a line with the number: `show` by what is current, as JSON,
/// `look` by what it knows, and `deploy PIPELINE`, `inject PIPELINE CALL` and `undeploy PIPELINE` by what came of it.
pub(crate) async fn run(arguments: &CoordinatorArguments) -> Result<(), Failure> {
    let id = NodeId::try_from(arguments.id)?;
    let replica = ReplicaOptions::new(id, &arguments.store)
        .heartbeat(Duration::from_millis(100))
        .election(Duration::from_millis(500), Duration::from_secs(1))
        // Often enough that one that was away gets a snapshot.
        .snapshot_after(400)
        .keep(100);
    let connection = connect(&arguments.url).await?;
    let running = CoordinatorNode::new(API_KEY.try_into()?, replica)
        .members(members(arguments.members)?)
        .heartbeat_interval(Duration::from_secs(1))
        .patience(PATIENCE)
        .command_limit(COMMAND_LIMIT)
        .start(&connection)
        .await?;
    println!("{READY}");
    let running = Arc::new(running);
    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    let mut tasks = JoinSet::new();
    while let Some(line) = orders.next_line().await? {
        // Those that have ended are kept until somebody looks.
        while tasks.try_join_next().is_some() {}
        let running = Arc::clone(&running);
        tasks.spawn(async move {
            if let Some((number, order)) = line.split_once(' ') {
                println!("{number} {}", follow(&running, order).await);
            }
        });
    }
    tasks.shutdown().await;
    let running = Arc::into_inner(running).ok_or("the coordinator is still in use")?;
    running.shutdown().await;
    Ok(())
}

async fn follow(running: &RunningCoordinatorNode, order: &str) -> String {
    let replica = running.replica();
    let words: Vec<_> = order.split(' ').collect();
    match words[..] {
        ["show"] => match replica.current(show).await {
            Ok(shown) => shown.to_string(),
            Err(error) => json!({ "error": error.to_string() }).to_string(),
        },
        ["look"] => {
            let health = replica.health();
            json!({ "leader": health.leader.map(|leader| leader.get()), "term": health.term, "failure": health.failure }).to_string()
        }
        _ => match command(running, &words).await {
            Ok(end) => end,
            Err(failure) => format!("confused {failure}"),
        },
    }
}

/// Commands workers: what came of it.
async fn command(running: &RunningCoordinatorNode, words: &[&str]) -> Result<String, Failure> {
    let [verb, pipeline, rest @ ..] = words else {
        return Err("no such order".into());
    };
    let name = PipelineName::try_from(*pipeline)?;
    match (*verb, rest) {
        ("deploy", []) => {
            let source = "".try_into()?;
            let deployed = running.deploy(&DeployRequest { name, source }).await;
            Ok(end(deployed.map(drop)))
        }
        ("inject", [call]) => {
            let kind = EventType::try_from(*call)?;
            let injected = running.inject(&name, kind, EventFields::default()).await;
            Ok(end(injected.map(drop)))
        }
        ("undeploy", []) => Ok(end(running.undeploy(&name).await.map(drop))),
        _ => Err("no such order".into()),
    }
}

fn end<F: Fault>(dispatched: Result<(), DispatchError<F>>) -> String {
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

/// What all coordinators must agree on.
fn show(registry: &Registry) -> Value {
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
    json!({
        "workers": registry.workers().map(worker).collect::<Map<_, _>>(),
        "deployments": registry.deployments().map(deployment).collect::<Map<_, _>>(),
    })
}
