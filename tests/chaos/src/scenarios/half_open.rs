//! Connections go deaf without a word, first the callers' and then the worker's, and come back.

use std::time::Duration;

use natsgen_runtime::NatsOptions;
use natsgen_runtime::transport::TransportEvent;
use natsgen_testing::NatsServer;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::Failure;
use crate::caller::Caller;
use crate::hands::Hand;
use crate::journal;
use crate::ledger::{End, Promise};
use crate::proxy::Proxy;
use crate::round::Round;

/// A deaf connection is noticed after three of these.
const PING_INTERVAL: Duration = Duration::from_millis(300);

/// How long it may take to notice, on a busy machine.
const NOTICE: Duration = Duration::from_secs(10);

/// Far more than that: a call that waits for it was not told.
const TIMEOUT: Duration = Duration::from_mins(1);

/// How long callers wait for a worker that is deaf: nobody tells them.
const SHORT_TIMEOUT: Duration = Duration::from_secs(1);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let server = NatsServer::start()?;
    let near = Proxy::start(server.port()).await?;
    let far = Proxy::start(server.port()).await?;
    near.delay(round.moment(Duration::from_millis(5)));
    let hand = Hand {
        ping_interval: PING_INTERVAL,
        ..Hand::new(round, &far.url(), "w1")?
    };
    let worker = hand.start().await?;
    let options = NatsOptions::new(&near.url()).ping_interval(PING_INTERVAL);
    let connection = options.connect().await?;
    let told = Caller::plain(&connection, &hand.id, TIMEOUT, Promise::Word, &round.ledger);
    let calls = round.size(1_000, 200);

    until_answered(&told).await?;
    let mut events = connection.events();
    let tasks = call(round, &told, calls);
    sleep(round.moment(Duration::from_millis(50))).await;
    near.deafen();
    let deaf = Instant::now();
    until_noticed(&mut events).await?;
    let noticed = u64::try_from(deaf.elapsed().as_millis())?;
    round.count("noticed_ms", noticed);
    tasks.join_all().await;
    near.heal();
    until_answered(&told).await?;

    let untold = Caller::plain(
        &connection,
        &hand.id,
        SHORT_TIMEOUT,
        Promise::Once,
        &round.ledger,
    );
    let tasks = call(round, &untold, calls);
    far.deafen();
    tasks.join_all().await;
    sleep(round.moment(PING_INTERVAL * 4)).await;
    far.heal();
    until_answered(&untold).await?;
    worker.stop().await?;
    Ok(journal::enter(&hand.journal, &round.ledger)?)
}

/// Calls at once that take some time.
fn call(round: &mut Round, caller: &Caller, calls: u64) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for _ in 0..calls {
        let program = format!("sleep {}", round.chance.u64(..500));
        caller.call_all(&mut tasks, [program]);
    }
    tasks
}

/// Calls until an answer comes: the connection is back.
async fn until_answered(caller: &Caller) -> Result<(), Failure> {
    let limit = Instant::now() + TIMEOUT;
    while Instant::now() < limit {
        if caller.call("").await == Some(End::Acknowledged) {
            return Ok(());
        }
        sleep(Duration::from_millis(10)).await;
    }
    Err("the connection did not come back".into())
}

async fn until_noticed(events: &mut UnboundedReceiver<TransportEvent>) -> Result<(), Failure> {
    let noticing = async {
        while let Some(event) = events.recv().await {
            if event == TransportEvent::Disconnected {
                return;
            }
        }
    };
    Ok(timeout(NOTICE, noticing)
        .await
        .map_err(|_| "nobody noticed that the connection is deaf")?)
}
