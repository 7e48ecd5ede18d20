//! Events from a subject to a channel. Both contenders receive from the same cheap publisher, which writes prepared
//! blocks of bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::sleep;
use varpulis_sdk::connector::{ManagedNatsConnector, SourceOptions, encode};

use super::plain::PlainEvent;
use super::{config, event};
use crate::report::{Report, Unit};
use crate::rounds::{Series, turns};
use crate::{Effort, Failure};

/// The number of events in a block.
const BLOCK: u32 = 1_000;

/// The largest number of events in flight, below the number at which a subscription drops messages.
const WINDOW: u64 = 32_000;

/// The capacity of the channels.
const CHANNEL: usize = 1_024;

/// The time without arrivals after which events count as lost.
const LOSS_LIMIT: Duration = Duration::from_secs(10);

/// The pause between two looks at the count.
const PAUSE: Duration = Duration::from_millis(1);

/// Measures events per second from the server to a channel.
///
/// # Errors
/// If events are lost.
pub(super) async fn run(url: &str, effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let (rounds, blocks) = if effort.quick { (1, 20) } else { (15, 400) };
    let receivers = [bare(url).await?, ours(url).await?];
    let mut publisher = Publisher::connect(url).await?;
    for receiver in &receivers {
        publisher.publish(receiver, blocks / 4).await?;
    }
    let mut measured = [Series::default(), Series::default()];
    for turn in turns(rounds, receivers.len()) {
        measured[turn].push(publisher.publish(&receivers[turn], blocks).await?);
    }
    let [bare, ours] = &measured;
    report.line("source.bare", bare.median(), Unit::PerSecond)?;
    report.line("source.connector", ours.median(), Unit::PerSecond)?;
    report.line("source_ratio", ours.ratio(bare), Unit::Ratio)?;
    Ok(())
}

/// A receiver of events.
pub(super) struct Receiver {
    /// Events as bytes of the NATS protocol.
    block: Vec<u8>,
    received: Arc<AtomicU64>,
}

impl Receiver {
    fn new<T: Send + 'static>(
        subject: &str,
        mut events: mpsc::Receiver<T>,
    ) -> Result<Self, Failure> {
        let payload = encode(&event())?;
        let mut one = format!("PUB {subject} {}\r\n", payload.len()).into_bytes();
        one.extend_from_slice(&payload);
        one.extend(b"\r\n");
        let received = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&received);
        tokio::spawn(async move {
            while events.recv().await.is_some() {
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(Self {
            block: one.repeat(usize::try_from(BLOCK)?),
            received,
        })
    }
}

/// A loop over a subscription of async-nats with `serde_json`.
async fn bare(url: &str) -> Result<Receiver, Failure> {
    let client = async_nats::connect(url).await?;
    let mut messages = client.subscribe("bare.events").await?;
    client.flush().await?;
    let (sender, events) = mpsc::channel(CHANNEL);
    tokio::spawn(async move {
        while let Some(message) = messages.next().await {
            let Ok(event) = PlainEvent::read(&message.payload) else {
                break;
            };
            if sender.send(event).await.is_err() {
                break;
            }
        }
    });
    Receiver::new("bare.events", events)
}

/// A source of the connector.
pub(super) async fn ours(url: &str) -> Result<Receiver, Failure> {
    let config = config(&json!({ "nats": { "servers": url }, "subject": "ours.events" }))?;
    let connector = ManagedNatsConnector::new("bench", config)?;
    let source = connector.source(SourceOptions::new()).await?;
    let (sender, events) = mpsc::channel::<varpulis_sdk::connector::Event>(CHANNEL);
    source.start(sender);
    Receiver::new("ours.events", events)
}

/// Publishes blocks over a connection of its own.
pub(super) struct Publisher(TcpStream);

impl Publisher {
    pub(super) async fn connect(url: &str) -> Result<Self, Failure> {
        let address = url.strip_prefix("nats://").unwrap_or(url);
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"CONNECT {\"verbose\":false}\r\n").await?;
        Ok(Self(stream))
    }

    /// Publishes `blocks` blocks as fast as `receiver` receives them. Returns events per second.
    pub(super) async fn publish(
        &mut self,
        receiver: &Receiver,
        blocks: u32,
    ) -> Result<f64, Failure> {
        let start = Instant::now();
        let before = receiver.received.load(Ordering::Relaxed);
        let events = blocks * BLOCK;
        let total = u64::from(events);
        let (mut sent, mut arrived, mut last) = (0, 0, start);
        while arrived < total {
            let now = receiver.received.load(Ordering::Relaxed) - before;
            if now > arrived {
                (arrived, last) = (now, Instant::now());
            }
            let next = sent + u64::from(BLOCK);
            if sent < total && next - arrived <= WINDOW {
                self.0.write_all(&receiver.block).await?;
                sent = next;
            } else if last.elapsed() > LOSS_LIMIT {
                return Err("events were lost".into());
            } else {
                sleep(PAUSE).await;
            }
        }
        let took = start.elapsed();
        self.answer().await?;
        Ok(f64::from(events) / took.as_secs_f64())
    }

    /// Answers pings of the server.
    async fn answer(&mut self) -> Result<(), Failure> {
        let mut words = [0; 4_096];
        while let Ok(length) = self.0.try_read(&mut words) {
            if length == 0 {
                return Err("the server has closed the connection".into());
            }
            if words[..length].windows(4).any(|word| word == b"PING") {
                self.0.write_all(b"PONG\r\n").await?;
            }
        }
        Ok(())
    }
}
