//! Heartbeats that a coordinator takes in, beside a bare subscriber that only counts. Both hear the same publisher, which
//! costs next to nothing: it writes blocks of bytes that were put together before.

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

/// Workers that send heartbeats, one after the other.
const WORKERS: u32 = 1_000;

/// How many heartbeats may be on their way: fewer than a subscription keeps before it drops some.
const WINDOW: u64 = 32_000;

/// How long nothing may arrive before heartbeats count as lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often the coordinator wants a heartbeat: nobody is silent here.
const INTERVAL: Duration = Duration::from_mins(1);

/// How often to look how many have arrived.
const PAUSE: Duration = Duration::from_millis(1);

/// Measures heartbeats a second.
///
/// # Errors
/// When the coordinator does not start or heartbeats are lost.
pub(super) async fn run(url: &str, effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let (rounds, blocks) = if effort.quick { (1, 20) } else { (15, 500) };
    let ears = [Ear::bare(url).await?, Ear::coordinator(url).await?];
    let mut publisher = Publisher::connect(url).await?;
    let mut measured = [Series::default(), Series::default()];
    for ear in &ears {
        publisher.publish(ear, blocks / 4).await?;
    }
    for turn in turns(rounds, ears.len()) {
        let took = publisher.publish(&ears[turn], blocks).await?;
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

/// Who hears heartbeats.
struct Ear {
    /// Heartbeats of all workers, as the server is told to publish them.
    block: Vec<u8>,
    count: Count,
}

/// How many were heard.
enum Count {
    Bare(Arc<AtomicU64>),
    Coordinator(Box<RunningCoordinatorNode>),
}

impl Ear {
    async fn bare(url: &str) -> Result<Self, Failure> {
        let prefix = Prefix::from_static("bare");
        let client = async_nats::connect(url).await?;
        let pattern = Heartbeat::INFO
            .template
            .pattern(&prefix, &Heartbeat::filter(&HeartbeatFilter::default()));
        let mut heartbeats = client.subscribe(pattern.as_str().to_owned()).await?;
        client.flush().await?;
        let heard = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&heard);
        tokio::spawn(async move {
            while heartbeats.next().await.is_some() {
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(Self {
            block: block(&prefix)?,
            count: Count::Bare(heard),
        })
    }

    async fn coordinator(url: &str) -> Result<Self, Failure> {
        let prefix = Prefix::from_static("ours");
        let connection = NatsOptions::new(url)
            .connect()
            .await?
            .with_prefix(prefix.clone());
        let replica = ReplicaOptions::memory(NodeId::try_from(1)?);
        let node = workers::coordinator(replica, INTERVAL, &connection).await?;
        workers::register(&node, WORKERS.into()).await?;
        Ok(Self {
            block: block(&prefix)?,
            count: Count::Coordinator(Box::new(node)),
        })
    }

    fn heard(&self) -> u64 {
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

    /// Publishes so many blocks as fast as `ear` hears them: heartbeats a second.
    async fn publish(&mut self, ear: &Ear, blocks: u32) -> Result<f64, Failure> {
        let start = Instant::now();
        let before = ear.heard();
        let beats = blocks * WORKERS;
        let total = u64::from(beats);
        let (mut sent, mut heard, mut last) = (0, 0, start);
        while heard < total {
            let now = ear.heard() - before;
            if now > heard {
                (heard, last) = (now, Instant::now());
            }
            let next = sent + u64::from(WORKERS);
            if sent < total && next - heard <= WINDOW {
                self.0.write_all(&ear.block).await?;
                sent = next;
            } else if last.elapsed() > PATIENCE {
                return Err("heartbeats were lost".into());
            } else {
                sleep(PAUSE).await;
            }
        }
        let took = start.elapsed();
        self.answer().await?;
        Ok(f64::from(beats) / took.as_secs_f64())
    }

    /// Answers the server, should it have asked whether somebody is there.
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
