//! Two workers that live have one id, under load: the newer gets it, and the older stops.

use std::time::Duration;

use natsgen_runtime::Connection;
use natsgen_testing::NatsServer;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Failure;
use crate::caller::Caller;
use crate::child::REPLACED;
use crate::coordinators::{Coordinators, are_ready};
use crate::hands::Hand;
use crate::journal;
use crate::ledger::Promise;
use crate::round::Round;

const CALLERS: usize = 30;

/// Longer than any call takes: each is sent again until it has an answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How long the newest is alone, at most.
const CALM: Duration = Duration::from_millis(800);

/// How long an older may take to stop when there is a newer.
const LIMIT: Duration = Duration::from_secs(20);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let server = NatsServer::start()?;
    let coordinators = Coordinators::start(round, server.port(), 3).await?;
    // All write into one journal: together they must execute everything once.
    let hand = Hand::new(round, &server.url(), "w1")?;
    let mut worker = hand.start().await?;
    let ready = |shown: &Value| are_ready(shown, [&hand.id]);
    coordinators
        .until("to a worker that is ready", ready)
        .await?;
    let connection = Connection::nats(&server.url()).await?;
    let caller = Caller::plain(&connection, &hand.id, TIMEOUT, Promise::Once, &round.ledger);
    let stop = watch::Sender::new(false);
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let caller = caller.clone().persistent(TIMEOUT);
        let (stop, mut chance) = (stop.subscribe(), round.chance.fork());
        callers.spawn(async move {
            while !*stop.borrow() {
                caller.call(&format!("sleep {}", chance.u64(..30))).await;
            }
        });
    }
    for _ in 0..round.size(4, 2) {
        sleep(round.moment(CALM)).await;
        let newer = hand.start().await?;
        worker.says(REPLACED, LIMIT).await?;
        let status = worker.stop().await?;
        if !status.success() {
            return Err(format!("the older ended with {status}").into());
        }
        worker = newer;
        round.count("workers_replaced", 1);
    }
    stop.send_replace(true);
    callers.join_all().await;
    let shown = coordinators
        .until("to a worker that is ready", ready)
        .await?;
    if shown["workers"]
        .as_object()
        .is_none_or(|workers| workers.len() != 1)
    {
        return Err("there are other workers".into());
    }
    worker.stop().await?;
    journal::enter(&hand.journal, &round.ledger)?;
    coordinators.stop().await
}
