//! Connections become half-open, first the connection of the callers and then the connection of the worker, and
//! recover.

use std::time::Duration;

use natsgen_runtime::NatsOptions;
use natsgen_runtime::transport::TransportEvent;
use natsgen_testing::NatsServer;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::Failure;
use crate::caller::Caller;
use crate::history::{Guarantee, Outcome};
use crate::journal;
use crate::proxy::Proxy;
use crate::round::Round;
use crate::worker_config::WorkerConfig;

/// A half-open connection is detected after three intervals.
const PING_INTERVAL: Duration = Duration::from_millis(300);

/// The time limit for the detection on a busy machine.
const DETECTION_LIMIT: Duration = Duration::from_secs(10);

/// Far longer than the detection: a call that runs into this timeout was not failed by the detection.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The timeout of calls to a half-open worker, whose callers cannot detect the failure.
const SHORT_TIMEOUT: Duration = Duration::from_secs(1);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let server = NatsServer::start()?;
    let near = Proxy::start(server.port()).await?;
    let far = Proxy::start(server.port()).await?;
    near.delay(round.random_time(Duration::from_millis(5)));
    let mut config = WorkerConfig::new(round, &far.url(), "w1")?;
    config.ping_interval = PING_INTERVAL;
    let worker = config.start().await?;
    let options = NatsOptions::new(&near.url()).ping_interval(PING_INTERVAL);
    let connection = options.connect().await?;
    let notified = Caller::plain(
        &connection,
        &config.id,
        TIMEOUT,
        Guarantee::InTime,
        &round.history,
    );
    let calls = round.size(1_000, 200);

    until_answered(&notified).await?;
    let mut events = connection.events();
    let tasks = call(round, &notified, calls);
    sleep(round.random_time(Duration::from_millis(50))).await;
    near.block();
    let blocked = Instant::now();
    until_detected(&mut events).await?;
    let detection = u64::try_from(blocked.elapsed().as_millis())?;
    round.count("detection_ms", detection);
    tasks.join_all().await;
    near.heal();
    until_answered(&notified).await?;

    let unnotified = Caller::plain(
        &connection,
        &config.id,
        SHORT_TIMEOUT,
        Guarantee::AtMostOnce,
        &round.history,
    );
    let tasks = call(round, &unnotified, calls);
    far.block();
    tasks.join_all().await;
    sleep(round.random_time(PING_INTERVAL * 4)).await;
    far.heal();
    until_answered(&unnotified).await?;
    worker.stop().await?;
    Ok(journal::record(&config.journal, &round.history)?)
}

/// Starts `calls` concurrent calls that take some time.
fn call(round: &mut Round, caller: &Caller, calls: u64) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for _ in 0..calls {
        let program = format!("sleep {}", round.rng.u64(..500));
        caller.call_all(&mut tasks, [program]);
    }
    tasks
}

/// Calls until a reply shows that the connection is back.
async fn until_answered(caller: &Caller) -> Result<(), Failure> {
    let limit = Instant::now() + TIMEOUT;
    while Instant::now() < limit {
        if caller.call("").await == Some(Outcome::Acknowledged) {
            return Ok(());
        }
        sleep(Duration::from_millis(10)).await;
    }
    Err("the connection did not come back".into())
}

async fn until_detected(events: &mut UnboundedReceiver<TransportEvent>) -> Result<(), Failure> {
    let detection = async {
        while let Some(event) = events.recv().await {
            if event == TransportEvent::Disconnected {
                return;
            }
        }
    };
    Ok(timeout(DETECTION_LIMIT, detection)
        .await
        .map_err(|_| "the half-open connection was not detected")?)
}
