//! The network between Raft nodes is partitioned, fully and in parts, in one direction and in both, while all nodes
//! write.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastrand::Rng;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use varpulis_sdk::replica::Replica;
use varpulis_sdk::types::{MigrationId, NodeId};

use crate::Failure;
use crate::history::{History, Outcome};
use crate::network::MessageFaults;
use crate::replicas::Replicas;
use crate::round::Round;
use crate::writer::Writer;

/// The longest partition; some elections fit in.
const FAULT: Duration = Duration::from_millis(1_500);

/// The longest phase without faults.
const CALM: Duration = Duration::from_millis(500);

/// The longest pause of a writer.
const PAUSE: Duration = Duration::from_millis(10);

/// The results of a task.
#[derive(Default)]
struct WriteResults {
    /// Commands that may have been written more than once.
    repeatable: BTreeSet<u64>,
    reads: u64,
}

/// A task that writes commands.
struct WriteTask {
    writer: Writer,
    /// The node that reads acknowledged commands.
    reader: Arc<Replica>,
    history: Arc<History>,
    is_over: Arc<AtomicBool>,
    rng: Rng,
}

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let size = if round.rng.bool() { 3 } else { 5 };
    let replicas = Replicas::start(round, size).await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for task in write_tasks(round, &replicas, &is_over).await? {
        tasks.spawn(task.run());
    }
    let end = Instant::now() + Duration::from_millis(round.size(5_000, 2_500));
    while Instant::now() < end {
        inject_fault(round, &replicas);
        sleep(round.random_time(FAULT)).await;
        replicas.heal();
        sleep(round.random_time(CALM)).await;
    }
    is_over.store(true, Ordering::SeqCst);
    let mut repeatable = BTreeSet::new();
    while let Some(written) = tasks.join_next().await {
        let mut written = written??;
        repeatable.append(&mut written.repeatable);
        round.count("current_reads", written.reads);
    }
    record_applied(round, &replicas, &repeatable).await?;
    let counts = replicas.network.fault_counts();
    round.count("messages_cut_off", counts.lost);
    replicas.shutdown().await
}

/// Writers: two that propose at each node, and clients that call the nodes.
async fn write_tasks(
    round: &mut Round,
    replicas: &Replicas,
    is_over: &Arc<AtomicBool>,
) -> Result<Vec<WriteTask>, Failure> {
    let client = replicas.connect_directly("client").await?;
    let ids: Vec<NodeId> = replicas
        .nodes
        .iter()
        .map(|node| node.replica.node())
        .collect();
    let mut writers = Vec::new();
    for node in &replicas.nodes {
        for _ in 0..2 {
            writers.push(Writer::Proposing(Arc::clone(&node.replica)));
        }
        writers.extend(Writer::following(&client, &ids));
        writers.extend(Writer::following(&node.connection, &ids));
        writers.push(Writer::retrying(&client, node.replica.node()));
    }
    let mut tasks = Vec::new();
    for writer in writers {
        let reader = round.rng.choice(&replicas.nodes).ok_or("no nodes")?;
        tasks.push(WriteTask {
            writer,
            reader: Arc::clone(&reader.replica),
            history: Arc::clone(&round.history),
            is_over: Arc::clone(is_over),
            rng: round.rng.fork(),
        });
    }
    Ok(tasks)
}

impl WriteTask {
    async fn run(mut self) -> Result<WriteResults, Failure> {
        let mut done = WriteResults::default();
        while !self.is_over.load(Ordering::SeqCst) {
            let (number, outcome) = self.writer.write(&self.history).await?;
            if self.writer.may_repeat() {
                done.repeatable.insert(number);
            }
            if outcome == Some(Outcome::Acknowledged) && self.rng.u8(..4) == 0 {
                done.reads += u64::from(self.is_visible(number).await?);
            }
            sleep(PAUSE.mul_f64(self.rng.f64())).await;
        }
        Ok(done)
    }

    /// Returns whether a linearizable read succeeded.
    ///
    /// # Errors
    /// If the read misses the acknowledged command.
    async fn is_visible(&self, number: u64) -> Result<bool, Failure> {
        let id = MigrationId::try_from(number.to_string())?;
        let read = self
            .reader
            .current(|registry| registry.migrations().contains_key(&id));
        match read.await {
            Ok(true) => Ok(true),
            Ok(false) => {
                let node = self.reader.node();
                Err(format!("node {node} does not see {number}, which was acknowledged").into())
            }
            Err(_) => Ok(false),
        }
    }
}

/// Injects a random network fault.
fn inject_fault(round: &mut Round, replicas: &Replicas) {
    let nodes = &replicas.nodes;
    let first = round.rng.usize(..nodes.len());
    let second = (first + round.rng.usize(1..nodes.len())) % nodes.len();
    let leader = replicas.leader().unwrap_or(first);
    let (from, to) = (&nodes[first].name, &nodes[second].name);
    let network = &replicas.network;
    match round.rng.u8(..7) {
        0 => nodes[first].proxy.block(),
        1 => nodes[leader].proxy.block(),
        2 => nodes[leader].proxy.disconnect(),
        3 => network.set_between(from, to, MessageFaults::LOSE_ALL),
        4 => {
            network.set_between(from, to, MessageFaults::LOSE_ALL);
            network.set_between(to, from, MessageFaults::LOSE_ALL);
        }
        5 => {
            // The leader receives and cannot send, or the other way round.
            let is_mute = round.rng.bool();
            let name = &nodes[leader].name;
            for node in nodes.iter().filter(|node| node.name != *name) {
                let (from, to) = if is_mute {
                    (name, &node.name)
                } else {
                    (&node.name, name)
                };
                network.set_between(from, to, MessageFaults::LOSE_ALL);
            }
        }
        _ => partition(round, replicas),
    }
}

/// Partitions the nodes into two halves.
fn partition(round: &mut Round, replicas: &Replicas) {
    let sides: Vec<bool> = replicas.nodes.iter().map(|_| round.rng.bool()).collect();
    for (node, side) in replicas.nodes.iter().zip(&sides) {
        for (second, other_side) in replicas.nodes.iter().zip(&sides) {
            if side != other_side {
                replicas
                    .network
                    .set_between(&node.name, &second.name, MessageFaults::LOSE_ALL);
            }
        }
    }
}

/// Records the commands that all nodes hold at the end.
async fn record_applied(
    round: &mut Round,
    replicas: &Replicas,
    repeatable: &BTreeSet<u64>,
) -> Result<(), Failure> {
    let registry = replicas.agreed().await?;
    let applications = replicas.applications();
    for id in registry.migrations().keys() {
        let Ok(number) = id.as_str().parse() else {
            continue;
        };
        let times = applications.get(&number).copied().unwrap_or(1);
        if repeatable.contains(&number) {
            round.history.executed(number);
            round.count("proposed_and_applied_again", times - 1);
        } else {
            (0..times).for_each(|_| round.history.executed(number));
        }
    }
    Ok(())
}
