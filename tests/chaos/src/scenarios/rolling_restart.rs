//! A NATS cluster of three servers, killed and restarted in turn under load.

use std::time::Duration;

use natsgen_runtime::Connection;
use natsgen_testing::NatsCluster;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Failure;
use crate::caller::Caller;
use crate::history::Guarantee;
use crate::journal;
use crate::round::Round;
use crate::worker_config::WorkerConfig;

const SERVERS: usize = 3;

/// The number of concurrent callers, half of each kind.
const CALLERS: usize = 64;

/// The timeout of callers that send each request once. Some run into it, because their own server stays up.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The timeout of callers that retry.
const LONG_TIMEOUT: Duration = Duration::from_mins(2);

/// The callers and the worker know all servers.
pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut cluster = NatsCluster::start(SERVERS)?;
    let config = WorkerConfig::new(round, &cluster.url(), "w1")?;
    let worker = config.start().await?;
    let stop = watch::Sender::new(false);
    let mut callers = JoinSet::new();
    for number in 0..CALLERS {
        let connection = Connection::nats(&cluster.url()).await?;
        let plain = Caller::plain(
            &connection,
            &config.id,
            TIMEOUT,
            Guarantee::AtMostOnce,
            &round.history,
        );
        let caller = if number % 2 == 0 {
            plain
        } else {
            plain.retrying(LONG_TIMEOUT)
        };
        callers.spawn(caller.call_until(stop.subscribe(), round.rng.fork()));
    }
    let restarts = round.size(6, 3);
    let first = round.rng.usize(..SERVERS);
    for number in 0..usize::try_from(restarts)? {
        let index = (first + number) % SERVERS;
        sleep(round.random_time(Duration::from_millis(500))).await;
        cluster.kill(index);
        sleep(round.random_time(Duration::from_secs(1))).await;
        cluster.restart(index)?;
        let before = round.history.acknowledged();
        round.history.until_acknowledged(before + 100).await;
        round.count("restarts", 1);
    }
    stop.send_replace(true);
    callers.join_all().await;
    worker.stop().await?;
    Ok(journal::record(&config.journal, &round.history)?)
}
