//! The worker role with the sample engine.

mod role;

use natsgen_runtime::Connection;
use varpulis_sample::{RunningWorker as Running, SampleWorker};
use varpulis_sdk::types::{ApiKey, WorkerId};

/// A program whose outputs depend on the events before.
const STATEFUL: &str = "var highest = 0 stream W = X .where(n > highest) .set(highest: n)";

async fn start(
    connection: &Connection,
    id: WorkerId,
    api_key: ApiKey,
    max_pipelines: u32,
) -> Running {
    let worker = SampleWorker::new(connection, id, max_pipelines, Vec::new());
    worker.start(connection, api_key).await.unwrap()
}
