//! First the worker process and then the server is suspended for six seconds while 100,000 requests arrive.

use std::iter;
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

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let server = NatsServer::start()?;
    let config = WorkerConfig::new(round, &server.url(), "w1")?;
    let worker = config.start().await?;
    let connection = Connection::nats(&server.url()).await?;
    let caller = Caller::plain(
        &connection,
        &config.id,
        TIMEOUT,
        Guarantee::InTime,
        &round.history,
    );
    let calls = usize::try_from(round.size(100_000, 10_000))?;
    let stall = Duration::from_secs(round.size(6, 1));
    for is_worker in [true, false] {
        let mut tasks = JoinSet::new();
        caller.call_all(&mut tasks, iter::repeat_n(String::new(), calls));
        // Some requests are finished by then.
        sleep(round.random_time(Duration::from_millis(100))).await;
        if is_worker {
            worker.pause().await?;
        } else {
            server.pause()?;
        }
        sleep(stall).await;
        if is_worker {
            worker.resume().await?;
        } else {
            server.resume()?;
        }
        tasks.join_all().await;
    }
    worker.stop().await?;
    Ok(journal::record(&config.journal, &round.history)?)
}
