//! The worker is killed at random points under load, and started again.

use std::time::Duration;

use natsgen_runtime::Connection;
use natsgen_testing::NatsServer;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Failure;
use crate::caller::Caller;
use crate::hands::Hand;
use crate::journal;
use crate::ledger::Promise;
use crate::round::Round;

const CALLERS: usize = 200;

/// Nobody tells a caller that the process that has its request is gone.
const TIMEOUT: Duration = Duration::from_secs(2);

/// What was acknowledged before a kill is in the journal that outlives it.
pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let server = NatsServer::start()?;
    let hand = Hand::new(round, &server.url(), "w1")?;
    let mut worker = hand.start().await?;
    let connection = Connection::nats(&server.url()).await?;
    let caller = Caller::plain(&connection, &hand.id, TIMEOUT, Promise::Once, &round.ledger);
    let stop = watch::Sender::new(false);
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        callers.spawn(
            caller
                .clone()
                .call_until(stop.subscribe(), round.chance.fork()),
        );
    }
    for _ in 0..round.size(5, 2) {
        sleep(round.moment(Duration::from_secs(1))).await;
        worker.kill().await?;
        sleep(round.moment(Duration::from_millis(300))).await;
        let before = round.ledger.acknowledged();
        worker = hand.start().await?;
        round.ledger.until_acknowledged(before + 100).await;
        round.count("kills", 1);
    }
    stop.send_replace(true);
    callers.join_all().await;
    worker.stop().await?;
    Ok(journal::enter(&hand.journal, &round.ledger)?)
}
