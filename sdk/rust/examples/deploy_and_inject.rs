//! Waits for a worker, deploys a pipeline on it, injects events, and undeploys the pipeline.
//!
//! Start a worker before or after it: `cargo run -- worker`, or the example `worker` of any language. The variable
//! `NATS_URL` names the server, and `WORKER_ID` the worker.

use std::env;
use std::error::Error;
use std::time::Duration;

use natsgen_runtime::{Limited, Map};
use varpulis_sdk::types::{EventFields, InputEvent, OutputEvent, WorkerId};
use varpulis_sdk::worker::{
    DeployFault, DeployRequest, InjectBatchRequest, InjectFault, InjectRequest, UndeployRequest,
    WorkerClient,
};
use varpulis_sdk::{CallOptions, Connection, Retry};

/// Emits an event `Hot` for each reading above 90 degrees.
const PROGRAM: &str = "stream Hot = Reading .where(celsius > 90)";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("NATS_URL").unwrap_or_else(|_| "nats://localhost:4222".to_owned());
    let worker = env::var("WORKER_ID").unwrap_or_else(|_| "w0".to_owned());
    let worker = WorkerId::try_from(worker)?;
    let connection = Connection::nats(&url).await?;

    // Without a worker, a call fails at once. So the client repeats it until the worker has started.
    let pauses = (Duration::from_millis(100), Duration::from_secs(1));
    let options = CallOptions::new()
        .timeout(Duration::from_mins(1))
        .retry(Retry::new(1_000).pauses(pauses.0, pauses.1));
    let workers = WorkerClient::new(&connection).options(options);
    println!("waiting for worker {worker}");
    let request = DeployRequest::new("alerts".try_into()?, PROGRAM.try_into()?);
    let pipeline = workers.deploy(&worker, &request).await?;
    let status = pipeline.status.as_str();
    println!("pipeline {} is {status}", pipeline.name);

    // A reply contains the events that the pipeline emits.
    for celsius in [85.5, 105.5] {
        let mut request = InjectRequest::new(pipeline.id.clone(), "Reading".try_into()?);
        request.fields = reading(celsius)?;
        let reply = workers.inject(&worker, &request).await?;
        println!("{celsius} emits {}", describe(&reply.output_events));
    }
    let mut events = Vec::new();
    for celsius in [20.5, 95.5, 120.5] {
        let mut event = InputEvent::new("Reading".try_into()?);
        event.fields = reading(celsius)?;
        events.push(event);
    }
    let request = InjectBatchRequest::new(pipeline.id.clone(), events.try_into()?);
    let reply = workers.inject_batch(&worker, &request).await?;
    let (sent, failed) = (reply.events_sent, reply.events_failed);
    println!("a batch has {sent} processed and {failed} failed events");
    println!("the batch emits {}", describe(&reply.output_events));

    // An error that the operation declares is a fault. Its type lists all codes.
    let request = DeployRequest::new("mistake".try_into()?, "stream Hot Reading".try_into()?);
    match workers.deploy(&worker, &request).await {
        Err(error) if matches!(error.fault(), Some(DeployFault::PipelineParse(_))) => {
            println!("a wrong program is refused: pipeline_parse");
        }
        result => println!("unexpected: {:?}", result?),
    }

    let request = UndeployRequest::new(pipeline.id.clone());
    workers.undeploy(&worker, &request).await?;
    println!("pipeline {} is undeployed", pipeline.name);
    let request = InjectRequest::new(pipeline.id, "Reading".try_into()?);
    match workers.inject(&worker, &request).await {
        Err(error) if matches!(error.fault(), Some(InjectFault::PipelineNotFound(_))) => {
            println!("a further event is refused: pipeline_not_found");
        }
        result => println!("unexpected: {:?}", result?),
    }
    connection.close().await;
    Ok(())
}

/// The fields of a reading.
fn reading(celsius: f64) -> Result<EventFields, Box<dyn Error>> {
    let fields: Map = [("celsius", celsius)].into_iter().collect();
    Ok(EventFields(Limited::new(fields)?))
}

/// The types and temperatures of events.
fn describe(events: &[OutputEvent]) -> String {
    if events.is_empty() {
        return "nothing".to_owned();
    }
    let describe = |event: &OutputEvent| {
        let fields = event.fields.as_ref();
        let celsius = fields.and_then(|fields| fields.0.get("celsius")?.as_f64());
        format!("{} {}", event.event_type, celsius.unwrap_or(f64::NAN))
    };
    events.iter().map(describe).collect::<Vec<_>>().join(", ")
}
