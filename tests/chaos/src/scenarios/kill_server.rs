//! The server is killed with 10,000 commands in flight, and comes back.

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

/// Longer than all of it takes: who is not told sooner is not told at all.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Half of the callers send again what may have been executed.
pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut server = NatsServer::start()?;
    let hand = Hand {
        concurrency: 10_000,
        ..Hand::new(round, &server.url(), "w1")?
    };
    let worker = hand.start().await?;
    let connection = Connection::nats(&server.url()).await?;
    let plain = Caller::plain(&connection, &hand.id, TIMEOUT, Promise::Word, &round.ledger);
    let persistent = plain.clone().persistent(TIMEOUT);
    let calls = round.size(10_000, 1_000);
    let mut tasks = JoinSet::new();
    for number in 0..calls {
        let caller = [&plain, &persistent][usize::from(number % 2 == 0)];
        let program = format!("sleep {}", round.chance.u64(..1_000));
        caller.call_all(&mut tasks, [program]);
    }
    sleep(round.moment(Duration::from_millis(800))).await;
    round.count("ended_before_the_kill", round.ledger.ended());
    server.kill();
    sleep(round.moment(Duration::from_millis(500))).await;
    server.restart()?;
    tasks.join_all().await;
    worker.stop().await?;
    Ok(journal::enter(&hand.journal, &round.ledger)?)
}
