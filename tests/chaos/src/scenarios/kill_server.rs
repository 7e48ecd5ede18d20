//! The server is killed with 10,000 commands in flight, and restarted.

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
use crate::worker_config::WorkerConfig;

/// Longer than the whole round: a call that runs into this timeout was dropped silently.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Half of the callers retry requests that may have been executed.
pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut server = NatsServer::start()?;
    let mut config = WorkerConfig::new(round, &server.url(), "w1")?;
    config.concurrency = 10_000;
    let worker = config.start().await?;
    let connection = Connection::nats(&server.url()).await?;
    let plain = Caller::plain(
        &connection,
        &config.id,
        TIMEOUT,
        Guarantee::InTime,
        &round.history,
    );
    let retrying = plain.clone().retrying(TIMEOUT);
    let calls = round.size(10_000, 1_000);
    let mut tasks = JoinSet::new();
    for number in 0..calls {
        let caller = [&plain, &retrying][usize::from(number % 2 == 0)];
        let program = format!("sleep {}", round.rng.u64(..1_000));
        caller.call_all(&mut tasks, [program]);
    }
    sleep(round.random_time(Duration::from_millis(800))).await;
    round.count("ended_before_the_kill", round.history.finished());
    server.kill();
    sleep(round.random_time(Duration::from_millis(500))).await;
    server.restart()?;
    tasks.join_all().await;
    worker.stop().await?;
    Ok(journal::record(&config.journal, &round.history)?)
}
