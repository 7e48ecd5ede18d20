//! The network between Raft nodes is cut, as a whole and in parts, one way and both, while all of them write.

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
use crate::ledger::{End, Ledger};
use crate::replicas::Replicas;
use crate::round::Round;
use crate::weather::Rain;
use crate::writer::Writer;

/// How long a cut lasts at most: some elections.
const CUT: Duration = Duration::from_millis(1_500);

/// How long all is well in between, at most.
const CALM: Duration = Duration::from_millis(500);

/// How long a writer thinks at most.
const PAUSE: Duration = Duration::from_millis(10);

/// What came of the writers of one task.
#[derive(Default)]
struct Written {
    /// Numbers that may have been written more than once.
    repeatable: BTreeSet<u64>,
    reads: u64,
}

/// A task that writes.
struct Load {
    writer: Writer,
    /// Where it reads what was acknowledged.
    reader: Arc<Replica>,
    ledger: Arc<Ledger>,
    is_over: Arc<AtomicBool>,
    chance: Rng,
}

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let size = if round.chance.bool() { 3 } else { 5 };
    let replicas = Replicas::start(round, size).await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let mut loads = JoinSet::new();
    for load in loads_of(round, &replicas, &is_over).await? {
        loads.spawn(load.run());
    }
    let end = Instant::now() + Duration::from_millis(round.size(5_000, 2_500));
    while Instant::now() < end {
        cut(round, &replicas);
        sleep(round.moment(CUT)).await;
        replicas.heal();
        sleep(round.moment(CALM)).await;
    }
    is_over.store(true, Ordering::SeqCst);
    let mut repeatable = BTreeSet::new();
    while let Some(written) = loads.join_next().await {
        let mut written = written??;
        repeatable.append(&mut written.repeatable);
        round.count("current_reads", written.reads);
    }
    settle(round, &replicas, &repeatable).await?;
    let tally = replicas.weather.tally();
    round.count("messages_cut_off", tally.lost);
    replicas.shutdown().await
}

/// Two that propose at each node, and others that ask from outside.
async fn loads_of(
    round: &mut Round,
    replicas: &Replicas,
    is_over: &Arc<AtomicBool>,
) -> Result<Vec<Load>, Failure> {
    let client = replicas.connect_well("client").await?;
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
        writers.push(Writer::insisting(&client, node.replica.node()));
    }
    let mut loads = Vec::new();
    for writer in writers {
        let reader = round.chance.choice(&replicas.nodes).ok_or("no nodes")?;
        loads.push(Load {
            writer,
            reader: Arc::clone(&reader.replica),
            ledger: Arc::clone(&round.ledger),
            is_over: Arc::clone(is_over),
            chance: round.chance.fork(),
        });
    }
    Ok(loads)
}

impl Load {
    async fn run(mut self) -> Result<Written, Failure> {
        let mut done = Written::default();
        while !self.is_over.load(Ordering::SeqCst) {
            let (number, end) = self.writer.write(&self.ledger).await?;
            if self.writer.may_repeat() {
                done.repeatable.insert(number);
            }
            if end == Some(End::Acknowledged) && self.chance.u8(..4) == 0 {
                done.reads += u64::from(self.is_seen(number).await?);
            }
            sleep(PAUSE.mul_f64(self.chance.f64())).await;
        }
        Ok(done)
    }

    /// Whether a read that must be current came back at all.
    ///
    /// # Errors
    /// When it was not current.
    async fn is_seen(&self, number: u64) -> Result<bool, Failure> {
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

/// One of the ways in which networks fail.
fn cut(round: &mut Round, replicas: &Replicas) {
    let nodes = &replicas.nodes;
    let one = round.chance.usize(..nodes.len());
    let other = (one + round.chance.usize(1..nodes.len())) % nodes.len();
    let leader = replicas.leader().unwrap_or(one);
    let (from, to) = (&nodes[one].name, &nodes[other].name);
    let weather = &replicas.weather;
    match round.chance.u8(..7) {
        0 => nodes[one].proxy.deafen(),
        1 => nodes[leader].proxy.deafen(),
        2 => nodes[leader].proxy.cut(),
        3 => weather.between(from, to, Rain::CUT),
        4 => {
            weather.between(from, to, Rain::CUT);
            weather.between(to, from, Rain::CUT);
        }
        5 => {
            // It hears all, and nobody hears it; or the other way round.
            let is_mute = round.chance.bool();
            let name = &nodes[leader].name;
            for node in nodes.iter().filter(|node| node.name != *name) {
                let (from, to) = if is_mute {
                    (name, &node.name)
                } else {
                    (&node.name, name)
                };
                weather.between(from, to, Rain::CUT);
            }
        }
        _ => split(round, replicas),
    }
}

/// Two parts that do not hear each other.
fn split(round: &mut Round, replicas: &Replicas) {
    let sides: Vec<bool> = replicas.nodes.iter().map(|_| round.chance.bool()).collect();
    for (node, side) in replicas.nodes.iter().zip(&sides) {
        for (other, other_side) in replicas.nodes.iter().zip(&sides) {
            if side != other_side {
                replicas.weather.between(&node.name, &other.name, Rain::CUT);
            }
        }
    }
}

/// Enters what all nodes have in the end.
async fn settle(
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
            round.ledger.executed(number);
            round.count("proposed_and_applied_again", times - 1);
        } else {
            (0..times).for_each(|_| round.ledger.executed(number));
        }
    }
    Ok(())
}
