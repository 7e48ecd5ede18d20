//! A pipeline of a worker never finishes an event, and thousands of events wait behind. Other pipelines of the worker
//! continue, and the pipeline can be undeployed.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{CallOptions, NatsOptions};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use varpulis_sdk::types::WorkerId;
use varpulis_sdk::worker::{InjectRequest, UndeployRequest, WorkerClient};

use crate::Failure;
use crate::attacked::Attacked;
use crate::history::{Guarantee, History, Outcome};
use crate::recording_worker::HANGING;
use crate::round::Round;

/// The deadline of the events that wait.
const DEADLINE: Duration = Duration::from_secs(4);

/// How long the worker may take to end the pipeline, its grace time included.
const UNDEPLOY_LIMIT: Duration = Duration::from_secs(30);

/// Extra time for a call on a busy machine, before the call counts as unfinished.
const GRACE: Duration = Duration::from_secs(30);

/// Injects events into a worker directly.
#[derive(Clone)]
struct Injector {
    client: WorkerClient,
    worker: WorkerId,
    history: Arc<History>,
}

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut target = Attacked::start(round).await?;
    let url = target.cluster.server()?.url();
    let connection = NatsOptions::new(&url).connect().await?;
    let client = WorkerClient::new(&connection);
    let injector = Injector {
        client: client.clone().options(CallOptions::new().timeout(DEADLINE)),
        worker: "w1".parse()?,
        history: Arc::clone(&round.history),
    };
    let mut waiting = JoinSet::new();
    for _ in 0..=round.size(20_000, 5_000) {
        let injector = injector.clone();
        waiting.spawn(async move { injector.inject(HANGING).await });
    }
    let end = Instant::now() + DEADLINE * 2;
    let mut last = None;
    while Instant::now() < end {
        last = injector.inject("free").await;
        let count = match last {
            Some(Outcome::Acknowledged) => "other_events_acknowledged",
            _ => "other_events_failed",
        };
        round.count(count, 1);
        sleep(Duration::from_millis(100)).await;
    }
    if last != Some(Outcome::Acknowledged) {
        return Err(format!("the worker still refuses other events: {last:?}").into());
    }
    let options = CallOptions::new().timeout(UNDEPLOY_LIMIT);
    let request = UndeployRequest::new(HANGING.parse()?);
    let client = client.options(options);
    client.undeploy(&injector.worker, &request).await?;
    while let Some(outcome) = waiting.join_next().await {
        outcome?;
    }
    target.finish(round).await
}

impl Injector {
    async fn inject(&self, pipeline: &str) -> Option<Outcome> {
        let number = self.history.begin(Guarantee::AtMostOnce);
        let event = number.to_string().try_into().ok()?;
        let request = InjectRequest::new(pipeline.parse().ok()?, event);
        let call = self.client.inject(&self.worker, &request);
        let outcome = match timeout(DEADLINE + GRACE, call).await.ok()? {
            Ok(_) => Outcome::Acknowledged,
            Err(error) => Outcome::of(&error.failure),
        };
        self.history.finish(number, outcome);
        Some(outcome)
    }
}
