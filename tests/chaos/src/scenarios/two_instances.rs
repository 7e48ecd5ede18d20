//! Two running workers share an id under load: the newer instance takes over, and the older instance stops.

use std::time::Duration;

use natsgen_runtime::Connection;
use natsgen_testing::NatsServer;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Failure;
use crate::access::Access;
use crate::caller::Caller;
use crate::child::REPLACED;
use crate::coordinators::{Coordinators, are_ready};
use crate::history::Guarantee;
use crate::journal;
use crate::round::Round;
use crate::worker_config::WorkerConfig;

const CALLERS: usize = 30;

/// Longer than any call takes: each call is retried until it gets a reply.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The longest time before the next instance starts.
const CALM: Duration = Duration::from_millis(800);

/// How long a replaced instance may take to stop.
const LIMIT: Duration = Duration::from_secs(20);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let server = NatsServer::start()?;
    let access = Access::Proxies(server.port());
    let coordinators = Coordinators::start(round, &access, 3).await?;
    // All instances write to the same journal: together they must execute each call once.
    let config = WorkerConfig::new(round, &server.url(), "w1")?;
    let mut worker = config.start().await?;
    let ready = |registry: &Value| are_ready(registry, [&config.id]);
    coordinators.until("a ready worker", ready).await?;
    let connection = Connection::nats(&server.url()).await?;
    let caller = Caller::plain(
        &connection,
        &config.id,
        TIMEOUT,
        Guarantee::AtMostOnce,
        &round.history,
    );
    let stop = watch::Sender::new(false);
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let caller = caller.clone().retrying(TIMEOUT);
        let (stop, mut rng) = (stop.subscribe(), round.rng.fork());
        callers.spawn(async move {
            while !*stop.borrow() {
                caller.call(&format!("sleep {}", rng.u64(..30))).await;
            }
        });
    }
    for _ in 0..round.size(4, 2) {
        sleep(round.random_time(CALM)).await;
        let newer = config.start().await?;
        worker.expect_line(REPLACED, LIMIT).await?;
        let status = worker.stop().await?;
        if !status.success() {
            return Err(format!("the replaced worker ended with {status}").into());
        }
        worker = newer;
        round.count("workers_replaced", 1);
    }
    stop.send_replace(true);
    callers.join_all().await;
    let registry = coordinators.until("a ready worker", ready).await?;
    if registry["workers"]
        .as_object()
        .is_none_or(|workers| workers.len() != 1)
    {
        return Err("the registry holds further workers".into());
    }
    worker.stop().await?;
    journal::record(&config.journal, &round.history)?;
    coordinators.stop().await
}
