//! The worker's process, and then the server, stand still for six seconds while 100,000 requests come.

use std::iter;
use std::time::Duration;

use natsgen_runtime::Connection;
use natsgen_testing::NatsServer;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Failure;
use crate::caller::Caller;
use crate::hands::Hand;
use crate::journal;
use crate::ledger::Promise;
use crate::round::Round;

/// Longer than all of it takes: a request without an answer was dropped without a word.
const TIMEOUT: Duration = Duration::from_mins(2);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let server = NatsServer::start()?;
    let hand = Hand::new(round, &server.url(), "w1")?;
    let worker = hand.start().await?;
    let connection = Connection::nats(&server.url()).await?;
    let caller = Caller::plain(&connection, &hand.id, TIMEOUT, Promise::Word, &round.ledger);
    let calls = usize::try_from(round.size(100_000, 10_000))?;
    let stall = Duration::from_secs(round.size(6, 1));
    for is_worker in [true, false] {
        let mut tasks = JoinSet::new();
        caller.call_all(&mut tasks, iter::repeat_n(String::new(), calls));
        // Some are through by then.
        sleep(round.moment(Duration::from_millis(100))).await;
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
    Ok(journal::enter(&hand.journal, &round.ledger)?)
}
