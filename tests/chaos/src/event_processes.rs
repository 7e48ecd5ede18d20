//! The child processes of the scenario `connector`: a producer and a consumer of events over durable connectors.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Side, codec};
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::task::JoinSet;
use tokio::time::sleep;
use varpulis_sdk::connector::{
    Event, ManagedNatsConnector, NatsConfig, NatsSink, NatsSource, SourceOptions,
};

use crate::Failure;
use crate::child::READY;
use crate::cli::EventArguments;

/// The number of subjects. Event `n` has the subject `n % LANES`.
pub(crate) const LANES: u64 = 64;

/// The pause between two attempts while the server is away.
const PAUSE: Duration = Duration::from_millis(50);

/// The consumer drops the receipt of one in this number of events, which then arrives again.
const REJECTED: u64 = 10_000;

/// Sends the events that its journal does not contain, and appends the number of each stored event to the journal.
pub(crate) async fn produce(arguments: &EventArguments) -> Result<(), Failure> {
    let connector = ManagedNatsConnector::new("producer", config(&arguments.url)?)?;
    println!("{READY}");
    let journal = Arc::new(open(&arguments.journal)?);
    let mut lanes = JoinSet::new();
    for (lane, first) in (0..LANES).zip(next_events(&arguments.journal)?) {
        let (connector, journal) = (connector.clone(), Arc::clone(&journal));
        let numbers = (first..arguments.events).step_by(usize::try_from(LANES)?);
        lanes.spawn(async move {
            let sink = sink(&connector, &format!("events.{lane}")).await;
            for number in numbers {
                send(&sink, number).await;
                append(&journal, format_args!("{number}\n"))?;
            }
            Ok::<_, io::Error>(())
        });
    }
    while let Some(ended) = lanes.join_next().await {
        ended??;
    }
    until_input_closes().await
}

/// Appends the number and the place in the stream of each event to the journal, and commits the event.
pub(crate) async fn consume(arguments: &EventArguments) -> Result<(), Failure> {
    let connector = ManagedNatsConnector::new("consumer", config(&arguments.url)?)?;
    println!("{READY}");
    let journal = open(&arguments.journal)?;
    let mut source = source(&connector).await;
    let mut taken = 0;
    while let Some(delivery) = source.next().await {
        taken += 1;
        if taken % REJECTED == 0 {
            drop(delivery);
            continue;
        }
        let number = delivery.event.fields["number"].as_u64();
        let number = number.ok_or("an event without a number")?;
        let receipt = delivery
            .receipt
            .as_ref()
            .ok_or("an event without a receipt")?;
        append(&journal, format_args!("{number} {}\n", receipt.sequence()))?;
        delivery.commit();
    }
    Err("the source has ended".into())
}

async fn sink(connector: &ManagedNatsConnector, subject: &str) -> NatsSink {
    loop {
        match connector.sink(Some(subject)).await {
            Ok(sink) => return sink,
            Err(error) => eprintln!("no sink: {error}"),
        }
        sleep(PAUSE).await;
    }
}

/// Sends an event until it is stored. A repeated event has the same id.
async fn send(sink: &NatsSink, number: u64) {
    let event = Event::new("Counted").field("number", number);
    while let Err(error) = sink.send_once(&number.to_string(), &event).await {
        eprintln!("event {number} is not stored: {error}");
        sleep(PAUSE).await;
    }
}

async fn source(connector: &ManagedNatsConnector) -> NatsSource {
    loop {
        match connector.source(SourceOptions::new()).await {
            Ok(source) => return source,
            Err(error) => eprintln!("no source: {error}"),
        }
        sleep(PAUSE).await;
    }
}

fn config(url: &str) -> Result<NatsConfig, Failure> {
    let config = json!({
        "nats": { "servers": url },
        "subject": "events.*",
        "send_timeout_ms": 60_000,
        "durable": {
            "stream": "EVENTS", "consumer": "chaos", "create": true, "ack_wait_ms": 5_000, "max_in_flight": 1_024,
            "single_reader": true,
        },
    });
    Ok(codec::decode(config.to_string().as_bytes(), Side::Request)?)
}

/// The next event of each lane.
fn next_events(journal: &Path) -> Result<Vec<u64>, Failure> {
    let mut next: Vec<_> = (0..LANES).collect();
    for line in fs::read_to_string(journal)?.lines() {
        let number: u64 = line.parse()?;
        let lane = usize::try_from(number % LANES)?;
        next[lane] = next[lane].max(number + LANES);
    }
    Ok(next)
}

fn open(journal: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(journal)
}

/// Appends a line in a single write, which survives a SIGKILL of the process.
fn append(mut journal: &File, line: std::fmt::Arguments<'_>) -> io::Result<()> {
    journal.write_all(line.to_string().as_bytes())
}

/// Waits for the end of standard input.
async fn until_input_closes() -> Result<(), Failure> {
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}
