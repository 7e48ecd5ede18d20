//! Slow, stuck and panicking handlers beside healthy handlers in the same worker.

use std::time::Duration;

use natsgen_runtime::Connection;
use natsgen_testing::NatsServer;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Failure;
use crate::caller::Caller;
use crate::history::Guarantee;
use crate::journal;
use crate::round::Round;
use crate::single_coordinator::SingleCoordinator;
use crate::worker_config::WorkerConfig;

/// The number of handler threads; all but one get stuck forever.
const THREADS: usize = 4;

/// Far longer than a healthy handler takes behind the faulty handlers.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The timeout of calls to handlers that get stuck.
const SHORT_TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let server = NatsServer::start()?;
    let coordinator = SingleCoordinator::start(&Connection::nats(&server.url()).await?).await?;
    let mut config = WorkerConfig::new(round, &server.url(), "w1")?;
    config.threads = THREADS;
    config.concurrency = 10_000;
    let worker = config.start().await?;
    let connection = Connection::nats(&server.url()).await?;
    let healthy = Caller::plain(
        &connection,
        &config.id,
        TIMEOUT,
        Guarantee::InTime,
        &round.history,
    );
    let stuck_caller = Caller::plain(
        &connection,
        &config.id,
        SHORT_TIMEOUT,
        Guarantee::AtMostOnce,
        &round.history,
    );
    let mut tasks = JoinSet::new();
    let mut stuck = 0;
    for _ in 0..round.size(10_000, 1_000) {
        let program = match round.rng.u32(..100) {
            0..30 => format!("sleep {}", round.rng.u64(..300)),
            30..40 => "panic".to_owned(),
            40..50 => "sleep and panic".to_owned(),
            50..60 => "fail".to_owned(),
            60..62 => format!("block {}", round.rng.u64(..5)),
            62 if stuck < THREADS - 1 => {
                stuck += 1;
                stuck_caller.call_all(&mut tasks, ["stuck".to_owned()]);
                continue;
            }
            _ => String::new(),
        };
        healthy.call_all(&mut tasks, [program]);
        if round.rng.u32(..100) == 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }
    let before = coordinator.heartbeats();
    tasks.join_all().await;
    coordinator.until_heartbeats(before + 2).await?;
    round.count("stuck", u64::try_from(stuck)?);
    // A graceful shutdown would wait for the stuck threads.
    worker.kill().await?;
    Ok(journal::record(&config.journal, &round.history)?)
}
