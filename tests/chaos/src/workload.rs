//! The workload of a cluster: clients that register workers, command workers through coordinators, and call workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastrand::Rng;
use natsgen_runtime::{CallOptions, NatsOptions};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use varpulis_sdk::types::{EventFields, WorkerId};
use varpulis_sdk::worker::{InjectRequest, WorkerClient};

use crate::Failure;
use crate::coordinators::Channels;
use crate::history::{Guarantee, History, Outcome};
use crate::pipeline_client::{self, PipelineClient, Pipelines};
use crate::registration_client::{self, Registration, RegistrationClient};
use crate::reply_counter::ReplyCounter;
use crate::round::Round;
use crate::worker::Worker;

/// The number of clients that register workers, that command pipelines, and that call each worker.
const CLIENTS: u64 = 6;

/// The timeout of a call to a worker, and the longest pause before the next call.
const TIMEOUT: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(40);

/// Extra time for a call on a busy machine, before the call counts as unfinished.
const GRACE: Duration = Duration::from_secs(30);

/// The inbox prefix of the registration clients.
const INBOXES: &str = "_INBOX_registrants";

/// Clients that use a cluster until they are stopped.
pub(crate) struct Workload {
    is_over: Arc<AtomicBool>,
    registering: JoinSet<Result<Vec<Registration>, Failure>>,
    commanding: JoinSet<Pipelines>,
    calling: JoinSet<Result<(), Failure>>,
    replies: ReplyCounter,
}

/// Injects events into a pipeline of a worker directly. Unlike a deployment, an event leaves no state behind.
struct Injector {
    client: WorkerClient,
    worker: WorkerId,
    history: Arc<History>,
    is_over: Arc<AtomicBool>,
    rng: Rng,
}

/// The results of the workload.
pub(crate) struct Results {
    registered: Vec<Registration>,
    pipelines: Vec<Pipelines>,
}

impl Workload {
    /// Starts all clients. Together they register at most `limit` workers.
    pub(crate) async fn start(
        round: &mut Round,
        url: &str,
        channels: &Channels,
        workers: &[Worker],
        limit: usize,
    ) -> Result<Self, Failure> {
        let mut workload = Self {
            is_over: Arc::default(),
            registering: JoinSet::new(),
            commanding: JoinSet::new(),
            calling: JoinSet::new(),
            replies: ReplyCounter::start(url, INBOXES).await?,
        };
        let options = NatsOptions::new(url).inbox_prefix(INBOXES);
        let connection = options.connect().await?;
        for _ in 0..CLIENTS {
            let client = RegistrationClient {
                client: registration_client::client(&connection),
                history: Arc::clone(&round.history),
                is_over: Arc::clone(&workload.is_over),
                rng: round.rng.fork(),
                limit,
            };
            workload.registering.spawn(client.run());
            let client = PipelineClient::new(round, channels, &workload.is_over);
            workload.commanding.spawn(client.run());
        }
        let connection = NatsOptions::new(url).connect().await?;
        // The others serve their commands over HTTP, and only coordinators know their addresses.
        let over_nats = workers.iter().filter(|worker| worker.config.http.is_none());
        for worker in over_nats {
            for _ in 0..CLIENTS {
                let options = CallOptions::new().timeout(TIMEOUT);
                let injector = Injector {
                    client: WorkerClient::new(&connection).options(options),
                    worker: worker.config.id.clone(),
                    history: Arc::clone(&round.history),
                    is_over: Arc::clone(&workload.is_over),
                    rng: round.rng.fork(),
                };
                workload.calling.spawn(injector.run());
            }
        }
        Ok(workload)
    }

    /// Stops all clients and collects their results.
    ///
    /// # Errors
    /// If a registration was answered twice although no foreign peer repeated it.
    pub(crate) async fn stop(
        mut self,
        round: &mut Round,
        is_replayed: bool,
    ) -> Result<Results, Failure> {
        self.is_over.store(true, Ordering::SeqCst);
        let mut results = Results {
            registered: registration_client::collect(self.registering).await?,
            pipelines: Vec::new(),
        };
        while let Some(pipelines) = self.commanding.join_next().await {
            results.pipelines.push(pipelines?);
        }
        while let Some(called) = self.calling.join_next().await {
            called??;
        }
        let (answered, twice) = self.replies.finish().await?;
        round.count("registrations_seen_answered", answered);
        match twice {
            0 => Ok(results),
            _ if is_replayed => Ok(results),
            _ => Err(format!("{twice} registrations were answered twice").into()),
        }
    }
}

impl Injector {
    /// Runs until the workload is stopped.
    async fn run(mut self) -> Result<(), Failure> {
        while !self.is_over.load(Ordering::SeqCst) {
            let number = self.history.begin(Guarantee::AtMostOnce);
            let mut request = InjectRequest::new("p".parse()?, number.to_string().try_into()?);
            request.fields = EventFields::default();
            let call = self.client.inject(&self.worker, &request);
            if let Ok(reply) = timeout(TIMEOUT + GRACE, call).await {
                let outcome = match reply {
                    Ok(_) => Outcome::Acknowledged,
                    Err(error) => Outcome::of(&error.failure),
                };
                self.history.finish(number, outcome);
            }
            sleep(PAUSE.mul_f64(self.rng.f64())).await;
        }
        Ok(())
    }
}

impl Results {
    /// Checks that a registry reported by coordinators holds all acknowledged registrations and pipelines, and nothing
    /// foreign. `workers` are registered beside the workers of the workload.
    pub(crate) fn check<'a>(
        &self,
        registry: &Value,
        workers: impl Iterator<Item = &'a WorkerId>,
    ) -> Result<(), String> {
        for pipelines in &self.pipelines {
            pipelines.check(registry)?;
        }
        pipeline_client::expect_known(registry)?;
        registration_client::check(&self.registered, registry, workers)
    }

    /// Records the operations that are visible in a checked registry.
    pub(crate) fn record(&self, round: &mut Round, registry: &Value) {
        registration_client::record(&self.registered, registry, &round.history);
        let kept = self.pipelines.iter().map(Pipelines::acknowledged).sum();
        round.count("pipelines_kept", kept);
        let uncertain = self.pipelines.iter().map(|known| known.uncertain(registry));
        round.count("pipelines_left_uncertain", uncertain.sum());
        let acknowledged =
            |registered: &&Registration| registered.outcome == Some(Outcome::Acknowledged);
        let count = self.registered.iter().filter(acknowledged).count();
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        round.count("registrations_acknowledged", count);
    }
}
