//! Those who use a cluster all the time: they register, command workers through coordinators, and call workers.

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
use crate::commander::{Commander, Pipelines};
use crate::coordinators::Desks;
use crate::ledger::{End, Ledger, Promise};
use crate::lives::Lives;
use crate::registrants::{self, Registered, Registrant};
use crate::round::Round;
use crate::witness::Witness;

/// How many register, how many command, and how many call each worker.
const EACH: u64 = 6;

/// How long a caller of a worker waits, and thinks at most before the next call.
const TIMEOUT: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(40);

/// How much longer than its timeout a call may take on a busy machine before it counts as one without end.
const GRACE: Duration = Duration::from_secs(30);

/// The inboxes of those who register.
const INBOXES: &str = "_INBOX_registrants";

/// Those who use a cluster all the time.
pub(crate) struct Crowd {
    is_over: Arc<AtomicBool>,
    registering: JoinSet<Result<Vec<Registered>, Failure>>,
    commanding: JoinSet<Pipelines>,
    calling: JoinSet<Result<(), Failure>>,
    witness: Witness,
}

/// Puts events into a pipeline of a worker, without a coordinator. Unlike pipelines, they leave nothing behind.
struct Injector {
    client: WorkerClient,
    worker: WorkerId,
    ledger: Arc<Ledger>,
    is_over: Arc<AtomicBool>,
    chance: Rng,
}

/// What they did.
pub(crate) struct Deeds {
    registered: Vec<Registered>,
    pipelines: Vec<Pipelines>,
}

impl Crowd {
    /// Begins. So many workers are registered at most.
    pub(crate) async fn start(
        round: &mut Round,
        url: &str,
        desks: &Desks,
        workers: &[Lives],
        most: usize,
    ) -> Result<Self, Failure> {
        let mut crowd = Self {
            is_over: Arc::default(),
            registering: JoinSet::new(),
            commanding: JoinSet::new(),
            calling: JoinSet::new(),
            witness: Witness::start(url, INBOXES).await?,
        };
        let options = NatsOptions::new(url).inbox_prefix(INBOXES);
        let connection = options.connect().await?;
        for _ in 0..EACH {
            let registrant = Registrant {
                client: registrants::client(&connection),
                ledger: Arc::clone(&round.ledger),
                is_over: Arc::clone(&crowd.is_over),
                chance: round.chance.fork(),
                most,
            };
            crowd.registering.spawn(registrant.run());
            let commander = Commander::new(round, desks, &crowd.is_over);
            crowd.commanding.spawn(commander.run());
        }
        let connection = NatsOptions::new(url).connect().await?;
        for worker in workers {
            for _ in 0..EACH {
                let options = CallOptions::new().timeout(TIMEOUT);
                let injector = Injector {
                    client: WorkerClient::new(&connection).with_options(options),
                    worker: worker.hand.id.clone(),
                    ledger: Arc::clone(&round.ledger),
                    is_over: Arc::clone(&crowd.is_over),
                    chance: round.chance.fork(),
                };
                crowd.calling.spawn(injector.run());
            }
        }
        Ok(crowd)
    }

    /// Has all of them come to an end.
    pub(crate) async fn stop(mut self, round: &mut Round) -> Result<Deeds, Failure> {
        self.is_over.store(true, Ordering::SeqCst);
        let mut deeds = Deeds {
            registered: registrants::ended(self.registering).await?,
            pipelines: Vec::new(),
        };
        while let Some(pipelines) = self.commanding.join_next().await {
            deeds.pipelines.push(pipelines?);
        }
        while let Some(called) = self.calling.join_next().await {
            called??;
        }
        let (answered, twice) = self.witness.tell().await?;
        round.count("registrations_seen_answered", answered);
        match twice {
            0 => Ok(deeds),
            _ => Err(format!("{twice} registrations were answered twice").into()),
        }
    }
}

impl Injector {
    /// Goes on until it is over.
    async fn run(mut self) -> Result<(), Failure> {
        while !self.is_over.load(Ordering::SeqCst) {
            let number = self.ledger.ask(Promise::Once);
            let request = InjectRequest {
                pipeline_id: "p".parse()?,
                event_type: number.to_string().try_into()?,
                fields: EventFields::default(),
            };
            let injecting = self.client.inject(&self.worker, &request);
            if let Ok(injected) = timeout(TIMEOUT + GRACE, injecting).await {
                let end = match injected {
                    Ok(_) => End::Acknowledged,
                    Err(error) => End::of(&error.failure),
                };
                self.ledger.end(number, end);
            }
            sleep(PAUSE.mul_f64(self.chance.f64())).await;
        }
        Ok(())
    }
}

impl Deeds {
    /// Whether a registry that coordinators showed has all pipelines that were acknowledged.
    pub(crate) fn check(&self, shown: &Value) -> Result<(), String> {
        self.pipelines
            .iter()
            .try_for_each(|pipelines| pipelines.check(shown))
    }

    /// Enters what a registry has that coordinators showed, and that was checked.
    pub(crate) fn settle(&self, round: &mut Round, shown: &Value) {
        registrants::settle(&self.registered, shown, &round.ledger);
        let kept = self.pipelines.iter().map(Pipelines::acknowledged).sum();
        round.count("pipelines_kept", kept);
        let in_doubt = self.pipelines.iter().map(|known| known.in_doubt(shown));
        round.count("pipelines_left_in_doubt", in_doubt.sum());
        let acknowledged = |registered: &&Registered| registered.end == Some(End::Acknowledged);
        let count = self.registered.iter().filter(acknowledged).count();
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        round.count("registrations_acknowledged", count);
    }
}
