//! Three servers that are one cluster are killed and started again one after the other, under load.

use std::time::Duration;

use natsgen_runtime::Connection;
use natsgen_testing::NatsCluster;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Failure;
use crate::caller::Caller;
use crate::hands::Hand;
use crate::journal;
use crate::ledger::Promise;
use crate::round::Round;

const SERVERS: usize = 3;

/// Callers at once, one half of each kind.
const CALLERS: usize = 64;

/// How long those wait that send each request once: some of them get no word, as their own server lives.
const TIMEOUT: Duration = Duration::from_secs(2);

/// How long those wait that send it again.
const LONG_TIMEOUT: Duration = Duration::from_mins(2);

/// Callers and the worker know all servers.
pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut cluster = NatsCluster::start(SERVERS)?;
    let hand = Hand::new(round, &cluster.url(), "w1")?;
    let worker = hand.start().await?;
    let stop = watch::Sender::new(false);
    let mut callers = JoinSet::new();
    for number in 0..CALLERS {
        let connection = Connection::nats(&cluster.url()).await?;
        let plain = Caller::plain(&connection, &hand.id, TIMEOUT, Promise::Once, &round.ledger);
        let caller = if number % 2 == 0 {
            plain
        } else {
            plain.persistent(LONG_TIMEOUT)
        };
        callers.spawn(caller.call_until(stop.subscribe(), round.chance.fork()));
    }
    let restarts = round.size(6, 3);
    let first = round.chance.usize(..SERVERS);
    for number in 0..usize::try_from(restarts)? {
        let index = (first + number) % SERVERS;
        sleep(round.moment(Duration::from_millis(500))).await;
        cluster.kill(index);
        sleep(round.moment(Duration::from_secs(1))).await;
        cluster.restart(index)?;
        let before = round.ledger.acknowledged();
        round.ledger.until_acknowledged(before + 100).await;
        round.count("restarts", 1);
    }
    stop.send_replace(true);
    callers.join_all().await;
    worker.stop().await?;
    Ok(journal::enter(&hand.journal, &round.ledger)?)
}
