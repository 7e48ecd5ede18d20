//! Slow, stuck and panicking handlers beside good ones, in one worker.

use std::time::Duration;

use natsgen_runtime::Connection;
use natsgen_testing::NatsServer;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Failure;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::hands::Hand;
use crate::journal;
use crate::ledger::Promise;
use crate::round::Round;

/// Threads for handlers; all but one of them get stuck for ever.
const THREADS: usize = 4;

/// Far more than a good handler takes behind bad ones.
const TIMEOUT: Duration = Duration::from_mins(1);

/// What is stuck is never answered.
const SHORT_TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let server = NatsServer::start()?;
    let desk = Desk::open(&Connection::nats(&server.url()).await?).await?;
    let hand = Hand {
        threads: THREADS,
        concurrency: 10_000,
        ..Hand::new(round, &server.url(), "w1")?
    };
    let worker = hand.start().await?;
    let connection = Connection::nats(&server.url()).await?;
    let good = Caller::plain(&connection, &hand.id, TIMEOUT, Promise::Word, &round.ledger);
    let hopeless = Caller::plain(
        &connection,
        &hand.id,
        SHORT_TIMEOUT,
        Promise::Once,
        &round.ledger,
    );
    let mut tasks = JoinSet::new();
    let mut stuck = 0;
    for _ in 0..round.size(10_000, 1_000) {
        let program = match round.chance.u32(..100) {
            0..30 => format!("sleep {}", round.chance.u64(..300)),
            30..40 => "panic".to_owned(),
            40..50 => "sleep and panic".to_owned(),
            50..60 => "fail".to_owned(),
            60..62 => format!("block {}", round.chance.u64(..5)),
            62 if stuck < THREADS - 1 => {
                stuck += 1;
                hopeless.call_all(&mut tasks, ["stuck".to_owned()]);
                continue;
            }
            _ => String::new(),
        };
        good.call_all(&mut tasks, [program]);
        if round.chance.u32(..100) == 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }
    let before = desk.heartbeats();
    tasks.join_all().await;
    desk.until_heartbeats(before + 2).await?;
    round.count("stuck", u64::try_from(stuck)?);
    // With its threads stuck it does not stop in good order.
    worker.kill().await?;
    Ok(journal::enter(&hand.journal, &round.ledger)?)
}
