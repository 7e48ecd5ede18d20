//! Heartbeats that a coordinator processes, beside a bare subscriber that only counts. Both receive from the same cheap
//! publisher, which writes prepared blocks of bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use natsgen_runtime::{Event, NatsOptions, Prefix, codec};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;
use varpulis_sdk::coordinator::{Heartbeat, HeartbeatFilter};
use varpulis_sdk::coordinator_node::RunningCoordinatorNode;
use varpulis_sdk::replica::ReplicaOptions;
use varpulis_sdk::types::NodeId;

use super::workers;
use crate::report::{Report, Unit};
use crate::rounds::{Series, turns};
use crate::{Effort, Failure};

/// The number of workers, which send heartbeats in turn.
const WORKERS: u32 = 1_000;

/// The largest number of heartbeats in flight, below the number at which a subscription drops messages.
const WINDOW: u64 = 32_000;

/// The time without arrivals after which heartbeats count as lost.
const LOSS_LIMIT: Duration = Duration::from_secs(10);

/// The heartbeat interval of the coordinator: long, so that no worker counts as silent.
const INTERVAL: Duration = Duration::from_mins(1);

/// The pause between two looks at the count.
const PAUSE: Duration = Duration::from_millis(1);

/// Measures heartbeats per second.
///
/// # Errors
/// If the coordinator does not start or heartbeats are lost.
pub(super) async fn run(url: &str, effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let (rounds, blocks) = if effort.quick { (1, 20) } else { (15, 500) };
    let receivers = [
        Receiver::bare(url).await?,
        Receiver::coordinator(url).await?,
    ];
    let mut publisher = Publisher::connect(url).await?;
    let mut measured = [Series::default(), Series::default()];
    for receiver in &receivers {
        publisher.publish(receiver, blocks / 4).await?;
    }
    for turn in turns(rounds, receivers.len()) {
        let took = publisher.publish(&receivers[turn], blocks).await?;
        measured[turn].push(took);
    }
    let [bare, coordinator] = &measured;
    report.line("heartbeats.bare", bare.median(), Unit::PerSecond)?;
    report.line(
        "heartbeats.coordinator",
        coordinator.median(),
        Unit::PerSecond,
    )?;
    report.line("heartbeats_ratio", coordinator.ratio(bare), Unit::Ratio)?;
    Ok(())
}

/// A receiver of heartbeats.
struct Receiver {
    /// The heartbeats of all workers as bytes of the NATS protocol.
    block: Vec<u8>,
    count: Count,
}

/// The number of received heartbeats.
enum Count {
    Bare(Arc<AtomicU64>),
    Coordinator(Box<RunningCoordinatorNode>),
}

impl Receiver {
    async fn bare(url: &str) -> Result<Self, Failure> {
        let prefix = Prefix::from_static("bare");
        let client = async_nats::connect(url).await?;
        let pattern = Heartbeat::INFO
            .template
            .pattern(&prefix, &Heartbeat::filter(&HeartbeatFilter::default()));
        let mut heartbeats = client.subscribe(pattern.as_str().to_owned()).await?;
        client.flush().await?;
        let received = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&received);
        tokio::spawn(async move {
            while heartbeats.next().await.is_some() {
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(Self {
            block: block(&prefix)?,
            count: Count::Bare(received),
        })
    }

    async fn coordinator(url: &str) -> Result<Self, Failure> {
        let prefix = Prefix::from_static("ours");
        let connection = NatsOptions::new(url)
            .connect()
            .await?
            .prefix(prefix.clone());
        let replica = ReplicaOptions::memory(NodeId::try_from(1)?);
        let node = workers::coordinator(replica, INTERVAL, &connection).await?;
        workers::register(&node, WORKERS.into()).await?;
        Ok(Self {
            block: block(&prefix)?,
            count: Count::Coordinator(Box::new(node)),
        })
    }

    fn received(&self) -> u64 {
        match &self.count {
            Count::Bare(count) => count.load(Ordering::Relaxed),
            Count::Coordinator(node) => node.health().heartbeats,
        }
    }
}

/// A heartbeat of each worker.
fn block(prefix: &Prefix) -> Result<Vec<u8>, Failure> {
    let heartbeat = codec::encode(&workers::heartbeat()?)?;
    let mut block = Vec::new();
    for number in 0..WORKERS.into() {
        let subject = Heartbeat::INFO
            .template
            .subject(prefix, &[&workers::id(number)?]);
        block.extend(format!("PUB {} {}\r\n", subject.as_str(), heartbeat.len()).bytes());
        block.extend_from_slice(&heartbeat);
        block.extend(b"\r\n");
    }
    Ok(block)
}

/// Publishes blocks over a connection of its own.
struct Publisher(TcpStream);

impl Publisher {
    async fn connect(url: &str) -> Result<Self, Failure> {
        let address = url.strip_prefix("nats://").unwrap_or(url);
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"CONNECT {\"verbose\":false}\r\n").await?;
        Ok(Self(stream))
    }

    /// Publishes `blocks` blocks as fast as `receiver` receives them. Returns heartbeats per second.
    async fn publish(&mut self, receiver: &Receiver, blocks: u32) -> Result<f64, Failure> {
        let start = Instant::now();
        let before = receiver.received();
        let heartbeats = blocks * WORKERS;
        let total = u64::from(heartbeats);
        let (mut sent, mut arrived, mut last) = (0, 0, start);
        while arrived < total {
            let now = receiver.received() - before;
            if now > arrived {
                (arrived, last) = (now, Instant::now());
            }
            let next = sent + u64::from(WORKERS);
            if sent < total && next - arrived <= WINDOW {
                self.0.write_all(&receiver.block).await?;
                sent = next;
            } else if last.elapsed() > LOSS_LIMIT {
                return Err("heartbeats were lost".into());
            } else {
                sleep(PAUSE).await;
            }
        }
        let took = start.elapsed();
        self.answer().await?;
        Ok(f64::from(heartbeats) / took.as_secs_f64())
    }

    /// Answers pings of the server.
    async fn answer(&mut self) -> Result<(), Failure> {
        let mut words = [0; 4_096];
        while let Ok(length) = self.0.try_read(&mut words) {
            if words[..length].windows(4).any(|word| word == b"PING") {
                self.0.write_all(b"PONG\r\n").await?;
            }
        }
        Ok(())
    }
}
