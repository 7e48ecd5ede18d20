//! The worker with the published engine: the tests of the worker role, which the sample engine passes as well, and tests of
//! its connectors, its values and its process.

mod connectors;
mod fixture;
mod process;
#[path = "../../../../rust/sample/tests/role/mod.rs"]
mod role;
mod values;

use natsgen_runtime::Connection;
use varpulis_sdk::types::{ApiKey, WorkerId};
use varpulis_sdk::worker_node::RunningWorkerNode as Running;
use varpulis_worker::EngineWorker;

/// A program whose outputs depend on the events before.
const STATEFUL: &str =
    "stream W = X .window(3) .aggregate(count: count(), first: first(n)) .emit(count: count)";

async fn start(
    connection: &Connection,
    id: WorkerId,
    api_key: ApiKey,
    max_pipelines: u32,
) -> Running {
    let worker = EngineWorker::new(max_pipelines);
    worker.start(id, api_key, connection).await.unwrap()
}
