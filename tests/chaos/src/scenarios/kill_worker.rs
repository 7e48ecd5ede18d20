//! The worker is killed at random moments under load, and started again.

use std::time::Duration;

use natsgen_runtime::Connection;
use natsgen_testing::NatsServer;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Failure;
use crate::caller::Caller;
use crate::history::Guarantee;
use crate::journal;
use crate::round::Round;
use crate::worker_config::WorkerConfig;

const CALLERS: usize = 200;

/// Callers of a killed process get no failure before this timeout.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The journal outlives the process and must hold all acknowledged calls.
pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let server = NatsServer::start()?;
    let config = WorkerConfig::new(round, &server.url(), "w1")?;
    let mut worker = config.start().await?;
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
        callers.spawn(
            caller
                .clone()
                .call_until(stop.subscribe(), round.rng.fork()),
        );
    }
    for _ in 0..round.size(5, 2) {
        sleep(round.random_time(Duration::from_secs(1))).await;
        worker.kill().await?;
        sleep(round.random_time(Duration::from_millis(300))).await;
        let before = round.history.acknowledged();
        worker = config.start().await?;
        round.history.until_acknowledged(before + 100).await;
        round.count("kills", 1);
    }
    stop.send_replace(true);
    callers.join_all().await;
    worker.stop().await?;
    Ok(journal::record(&config.journal, &round.history)?)
}
