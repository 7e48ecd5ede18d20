//! Events over durable connectors, while producer, consumer and server are killed at random; and events over a core
//! connector with a slow reader.

use std::fs;
use std::time::Duration;

use natsgen_runtime::{Side, codec};
use natsgen_testing::NatsServer;
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};
use varpulis_sdk::connector::{Event, ManagedNatsConnector, NatsConfig, SourceOptions};

use crate::Failure;
use crate::child::Child;
use crate::environment::Environment;
use crate::event_journals::EventJournals;
use crate::round::Round;

/// The time without a further event after which the missing events count as lost.
const LOSS_LIMIT: Duration = Duration::from_secs(30);

/// The pause between two looks at the journals.
const PAUSE: Duration = Duration::from_millis(200);

/// The capacity of the subscription of the slow reader.
const CAPACITY: u64 = 1_000;

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let events = round.size(1_000_000, 20_000);
    let mut server = NatsServer::start_with_streams("")?;
    let url = server.url();
    let mut producer = Process::start(round, "event-producer", &url, events).await?;
    let mut consumer = Process::start(round, "event-consumer", &url, events).await?;
    let mut journals = EventJournals::begin(events, &round.history);
    let pause = Duration::from_millis(round.size(4_000, 600));
    let (mut received, mut progress) = (0, Instant::now());
    let mut next_kill = Instant::now() + pause / 2;
    while journals.consumed < events || journals.stored < events {
        sleep(PAUSE).await;
        journals.read(
            &round.path("event-producer"),
            &round.path("event-consumer"),
            &round.history,
        )?;
        if journals.consumed > received {
            (received, progress) = (journals.consumed, Instant::now());
        }
        if progress.elapsed() > LOSS_LIMIT {
            break;
        }
        // The last events arrive without a fault.
        if Instant::now() < next_kill || journals.stored == events {
            continue;
        }
        next_kill = Instant::now() + pause / 4 + round.random_time(pause);
        match round.rng.usize(..3) {
            2 => {
                server.kill();
                sleep(round.random_time(Duration::from_secs(1))).await;
                server.restart()?;
                round.count("servers_killed", 1);
            }
            1 => {
                consumer = consumer.restart().await?;
                round.count("consumers_killed", 1);
            }
            _ => {
                producer = producer.restart().await?;
                round.count("producers_killed", 1);
            }
        }
    }
    report(round, &journals)?;
    producer.child.kill().await?;
    consumer.child.kill().await?;
    slow_reader(round, &server.url()).await
}

fn report(round: &mut Round, journals: &EventJournals) -> Result<(), Failure> {
    round.count("events_stored", journals.stored);
    round.count("events_consumed", journals.consumed);
    round.count("events_redelivered", journals.redelivered);
    round.count("events_out_of_order", journals.out_of_order);
    match journals.out_of_order {
        0 => Ok(()),
        events => Err(format!("{events} events are out of order").into()),
    }
}

/// A process of the scenario.
struct Process {
    child: Child,
    environment: Environment,
    arguments: [String; 4],
}

impl Process {
    async fn start(round: &Round, role: &str, url: &str, events: u64) -> Result<Self, Failure> {
        let journal = round.path(role);
        fs::write(&journal, "")?;
        let environment = round.environment(role);
        let arguments = [
            role.to_owned(),
            format!("--url={url}"),
            format!("--journal={}", journal.display()),
            format!("--events={events}"),
        ];
        Ok(Self {
            child: Child::start(&environment, &arguments).await?,
            environment,
            arguments,
        })
    }

    /// Kills the process, and starts it again.
    async fn restart(mut self) -> Result<Self, Failure> {
        self.child.kill().await?;
        self.child = Child::start(&self.environment, &self.arguments).await?;
        Ok(self)
    }
}

/// Sends events to a reader that is slower. Each event is received or counted as dropped.
async fn slow_reader(round: &mut Round, url: &str) -> Result<(), Failure> {
    let config = json!({
        "nats": { "servers": url, "subscription_capacity": CAPACITY },
        "subject": "core.events",
    });
    let config: NatsConfig = codec::decode(config.to_string().as_bytes(), Side::Request)?;
    let reader = ManagedNatsConnector::new("reader", config.clone())?;
    let writer = ManagedNatsConnector::new("writer", config)?;
    let mut source = reader.source(SourceOptions::new()).await?;
    let sink = writer.sink(None).await?;
    let sent = round.size(200_000, 20_000);
    for number in 0..sent {
        sink.send(&Event::new("Counted").field("number", number))
            .await?;
        if number % CAPACITY == 0 {
            // The reader takes some of the events.
            for _ in 0..round.rng.u64(..CAPACITY / 2) {
                if timeout(PAUSE, source.next()).await.is_err() {
                    break;
                }
            }
        }
    }
    sink.flush().await?;
    sleep(PAUSE).await;
    source.drain();
    while let Some(delivery) = source.next().await {
        delivery.commit();
    }
    let health = reader.health();
    round.count("core_sent", sent);
    round.count("core_dropped", health.dropped);
    match sent.checked_sub(health.received + health.dropped) {
        Some(0) => Ok(()),
        _ => Err(format!(
            "{sent} events were sent, {} received and {} counted as dropped",
            health.received, health.dropped
        )
        .into()),
    }
}
