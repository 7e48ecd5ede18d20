//! What this program is as a process of a scenario.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Connection, NatsOptions, Remember, ServeOptions};
use tokio::io::AsyncReadExt as _;
use varpulis_sdk::types::WorkerId;
use varpulis_sdk::worker_node::WorkerNode;

use crate::Failure;
use crate::child::{READY, REPLACED};
use crate::cli::{Node, WorkerArguments};
use crate::coordinator;
use crate::journal::Journal;
use crate::journalist::{Journalist, Notes};

/// The key of all roles.
pub(crate) const API_KEY: &str = "secret";

/// How long to wait for a server.
const WAIT: Duration = Duration::from_mins(1);

/// Is this process until standard input ends.
pub(crate) async fn run(node: &Node) -> Result<(), Failure> {
    match node {
        Node::Worker(arguments) => work(arguments).await,
        Node::Coordinator(arguments) => coordinator::run(arguments).await,
    }
}

async fn work(arguments: &WorkerArguments) -> Result<(), Failure> {
    let serving = ServeOptions::new().concurrency(arguments.concurrency);
    let journal = Journal::open(&arguments.journal)?;
    let service = Journalist(Notes::Journal(Arc::new(journal)));
    let connection = options(&arguments.url)
        .ping_interval(Duration::from_millis(arguments.ping_interval))
        .connect()
        .await?;
    let id = WorkerId::try_from(arguments.id.as_str())?;
    let running = WorkerNode::new(id, API_KEY.try_into()?, service)
        .serve_options(serving)
        .deduplicate(Remember::new().requests(arguments.remembered))
        .handler_threads(arguments.threads)
        .drain_limit(Duration::from_secs(1))
        .pauses(Duration::from_millis(50), Duration::from_millis(500))
        .start(&connection)
        .await?;
    println!("{READY}");
    tokio::select! {
        told = told_to_stop() => {
            told?;
            running.shutdown().await;
        }
        () = running.replaced() => {
            running.shutdown().await;
            println!("{REPLACED}");
            told_to_stop().await?;
        }
    }
    Ok(())
}

pub(crate) async fn connect(url: &str) -> Result<Connection, Failure> {
    Ok(options(url).connect().await?)
}

/// Waits for a server that is not up yet.
fn options(url: &str) -> NatsOptions {
    NatsOptions::new(url).wait(WAIT)
}

/// Waits for the end of standard input.
async fn told_to_stop() -> Result<(), Failure> {
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}
