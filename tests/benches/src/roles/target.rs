//! A worker node that is called over NATS.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use natsgen_runtime::{Map, NatsOptions};
use serde_json::{Value, json};
use varpulis_sdk::types::{ApiKey, EventFields, PipelineId, WorkerId};
use varpulis_sdk::worker::{InjectRequest, WorkerClient};
use varpulis_sdk::worker_node::{RunningWorkerNode, WorkerNode};

use super::engine::{Engine, Stuck};
use crate::Failure;
use crate::contender::Call;

/// The number of pipelines of the events. Events of the same pipeline are executed in order.
const PIPELINES: usize = 64;

/// Calls `inject`, each time for the next pipeline.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) client: WorkerClient,
    pub(super) worker: WorkerId,
    requests: Arc<Vec<InjectRequest>>,
    next: Arc<AtomicUsize>,
    /// Keeps the node running.
    _node: Arc<RunningWorkerNode>,
}

impl Target {
    /// Starts a worker node on a connection of its own and connects to it.
    ///
    /// # Errors
    /// If the server at `url` does not answer.
    pub(super) async fn start(url: &str, id: &str) -> Result<(Self, Stuck), Failure> {
        let worker = WorkerId::try_from(id)?;
        let (engine, stuck) = Engine::new();
        let node = WorkerNode::new(worker.clone(), ApiKey::try_from("secret")?, engine)
            // A drain does not wait for stuck commands.
            .drain_limit(Duration::ZERO)
            .start(&NatsOptions::new(url).connect().await?)
            .await?;
        let requests = (0..PIPELINES).map(request).collect::<Result<_, _>>()?;
        let target = Self {
            client: WorkerClient::new(&NatsOptions::new(url).connect().await?),
            worker,
            requests: Arc::new(requests),
            next: Arc::default(),
            _node: Arc::new(node),
        };
        Ok((target, stuck))
    }

    /// The next request.
    pub(super) fn request(&self) -> &InjectRequest {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        &self.requests[turn % PIPELINES]
    }
}

/// An event of about 70 bytes for this pipeline.
fn request(pipeline: usize) -> Result<InjectRequest, Failure> {
    let Value::Object(fields) = json!({ "symbol": "ACME", "price": 101.25, "volume": 1200 }) else {
        unreachable!("an object")
    };
    let mut request = InjectRequest::new(
        PipelineId::try_from(format!("pipeline-{pipeline}"))?,
        "TradeExecuted".try_into()?,
    );
    request.fields = EventFields(Map::from(fields).try_into()?);
    Ok(request)
}

impl Call for Target {
    async fn call(&self) -> Result<(), Failure> {
        let reply = self.client.inject(&self.worker, self.request()).await?;
        if reply.output_events.len() == 1 {
            Ok(())
        } else {
            Err("an event is missing".into())
        }
    }
}
