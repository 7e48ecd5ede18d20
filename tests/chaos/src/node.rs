//! The child process of a scenario: a worker, a coordinator, or a producer or consumer of events.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::http::HttpServerOptions;
use natsgen_runtime::{DedupOptions, ServeOptions};
use tokio::io::AsyncReadExt as _;
use varpulis_sdk::types::WorkerId;
use varpulis_sdk::worker_node::WorkerNode;

use crate::Failure;
use crate::child::{READY, REPLACED};
use crate::cli::{Node, WorkerArguments};
use crate::connection::{options, worker_key};
use crate::coordinator;
use crate::event_processes;
use crate::journal::Journal;
use crate::recording_worker::{Recorder, RecordingWorker};

/// Runs a child process until standard input ends.
pub(crate) async fn run(node: &Node) -> Result<(), Failure> {
    match node {
        Node::Worker(arguments) => run_worker(arguments).await,
        Node::Coordinator(arguments) => coordinator::run(arguments).await,
        Node::EventProducer(arguments) => event_processes::produce(arguments).await,
        Node::EventConsumer(arguments) => event_processes::consume(arguments).await,
    }
}

async fn run_worker(arguments: &WorkerArguments) -> Result<(), Failure> {
    let serving = ServeOptions::new().concurrency(arguments.concurrency);
    let journal = Journal::open(&arguments.journal)?;
    let service = RecordingWorker(Recorder::Journal(Arc::new(journal)));
    let connection = options(&arguments.url)
        .ping_interval(Duration::from_millis(arguments.ping_interval))
        .connect()
        .await?;
    let id = WorkerId::try_from(arguments.id.as_str())?;
    let key = worker_key(&id)?;
    let mut node = WorkerNode::new(id, key, service)
        .serve_options(serving)
        .deduplicate(DedupOptions::new().requests(arguments.deduplicated))
        .handler_threads(arguments.threads)
        .drain_limit(Duration::from_secs(1))
        .pauses(Duration::from_millis(50), Duration::from_millis(500));
    if let (Some(listen), Some(address)) = (&arguments.listen, &arguments.address) {
        node = node
            .http(listen, HttpServerOptions::new())
            .address(address.as_str().try_into()?);
    }
    let running = node.start(&connection).await?;
    println!("{READY}");
    tokio::select! {
        closed = until_input_closes() => {
            closed?;
            running.shutdown().await;
        }
        () = running.replaced() => {
            running.shutdown().await;
            println!("{REPLACED}");
            until_input_closes().await?;
        }
    }
    Ok(())
}

/// Waits for the end of standard input.
async fn until_input_closes() -> Result<(), Failure> {
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}
