//! Coordinators are killed at any moment, the one that leads above all, while workers register and are commanded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use natsgen_runtime::NatsOptions;
use natsgen_runtime::test_server::NatsServer;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::commander::Commander;
use crate::coordinators::Coordinators;
use crate::hands::Hand;
use crate::journal;
use crate::registrants::{self, Registrant};
use crate::round::Round;
use crate::witness::Witness;

/// How many workers there are.
const WORKERS: u64 = 3;

/// How many register all the time.
const REGISTRANTS: u64 = 6;

/// How many command workers all the time.
const COMMANDERS: u64 = 6;

/// How long a coordinator is away at most.
const AWAY: Duration = Duration::from_millis(1_500);

/// How long all are there in between, at most.
const CALM: Duration = Duration::from_secs(1);

/// The inboxes of those who register.
const INBOXES: &str = "_INBOX_registrants";

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let server = NatsServer::start()?;
    let mut coordinators = Coordinators::start(round, server.port(), 3).await?;
    let mut workers = Vec::new();
    for number in 1..=WORKERS {
        let hand = Hand::new(round, &server.url(), &format!("w{number}"))?;
        workers.push((hand.start().await?, hand));
    }
    let mut witness = Witness::start(&server.url(), INBOXES).await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let registering = register(round, &server.url(), &is_over).await?;
    let mut commanding = JoinSet::new();
    for _ in 0..COMMANDERS {
        commanding.spawn(Commander::new(round, coordinators.desks(), &is_over).run());
    }

    let end = Instant::now() + Duration::from_millis(round.size(4_000, 2_500));
    while Instant::now() < end {
        sleep(round.moment(CALM)).await;
        kill_some(round, &mut coordinators).await?;
        sleep(round.moment(AWAY)).await;
        coordinators.run_all().await?;
        witness.look();
    }
    is_over.store(true, Ordering::SeqCst);
    let registered = registrants::ended(registering).await?;
    // What they are told last is in what is shown after that.
    let mut commanded = Vec::new();
    while let Some(pipelines) = commanding.join_next().await {
        commanded.push(pipelines?);
    }
    let ready = |shown: &Value| are_ready(shown);
    let shown = coordinators
        .until("to workers that are ready", ready)
        .await?;
    registrants::settle(&registered, &shown, &round.ledger);
    for pipelines in commanded {
        pipelines.settle(&shown, &round.ledger);
    }
    for (worker, hand) in workers {
        worker.stop().await?;
        journal::enter(&hand.journal, &round.ledger)?;
    }
    coordinators.stop().await?;
    match witness.tell() {
        (_, 0) => Ok(()),
        (_, twice) => Err(format!("{twice} registrations were answered twice").into()),
    }
}

/// Those who register.
async fn register(
    round: &mut Round,
    url: &str,
    is_over: &Arc<AtomicBool>,
) -> Result<JoinSet<Result<Vec<registrants::Registered>, Failure>>, Failure> {
    let connection = NatsOptions::new(url)
        .inbox_prefix(INBOXES)
        .connect()
        .await?;
    let mut tasks = JoinSet::new();
    for _ in 0..REGISTRANTS {
        let registrant = Registrant {
            client: registrants::client(&connection),
            ledger: Arc::clone(&round.ledger),
            is_over: Arc::clone(is_over),
            chance: round.chance.fork(),
        };
        tasks.spawn(registrant.run());
    }
    Ok(tasks)
}

/// Mostly the one that leads; sometimes two, so that there is no majority.
async fn kill_some(round: &mut Round, coordinators: &mut Coordinators) -> Result<(), Failure> {
    let mut ids = coordinators.ids();
    round.chance.shuffle(&mut ids);
    if round.chance.u8(..3) > 0
        && let Some(leader) = coordinators.leader().await
    {
        ids.insert(0, leader);
        round.count("leaders_killed", 1);
    }
    let count = if round.chance.u8(..4) == 0 { 2 } else { 1 };
    for id in ids.into_iter().take(count) {
        coordinators.kill(id).await?;
        round.count("coordinators_killed", 1);
    }
    Ok(())
}

/// Whether all workers are ready in a registry that coordinators showed.
fn are_ready(shown: &Value) -> Result<(), String> {
    for number in 1..=WORKERS {
        let worker = &shown["workers"][format!("w{number}")];
        if worker[0] != "ready" {
            return Err(format!("worker w{number} is {worker}"));
        }
    }
    Ok(())
}
