//! Clients that write and read.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::Failure;
use tokio::time::{sleep, timeout};
use varpulis_sdk::raft::{WriteFault, WriteReply};
use varpulis_sdk::replica::{RegistryClient, ReplicaError, Role};
use varpulis_sdk::types::{Command, CommandReply};

use super::Random;
use super::history::{Observed, Operation, Recorder};
use crate::cluster::{self, deploy, set};
use crate::nodes::{Node, Nodes};

/// The pause after a failed operation.
const PAUSE: Duration = Duration::from_millis(10);

/// The way in which clients read.
#[derive(Clone, Copy, Debug)]
pub(super) enum ReadMode {
    /// A linearizable read.
    Current,
    /// A read of the local state.
    Local,
    /// A local read on a node that considers itself the leader, else a linearizable read.
    Unconfirmed,
}

/// Executes operations on random nodes, one after the other.
pub(super) struct Client {
    number: u64,
    nodes: Arc<Nodes>,
    recorder: Arc<Recorder>,
    random: Random,
    mode: ReadMode,
}

/// The outcome of an operation.
enum Outcome {
    Done,
    Observed(Observed),
    /// Certainly not executed.
    NotDone,
    Unknown,
}

impl Client {
    pub(super) fn new(
        number: u64,
        nodes: &Arc<Nodes>,
        recorder: &Arc<Recorder>,
        random: Random,
        mode: ReadMode,
    ) -> Self {
        Self {
            number,
            nodes: Arc::clone(nodes),
            recorder: Arc::clone(recorder),
            random,
            mode,
        }
    }

    /// Executes random operations on random nodes, until `operations` of them are done or may be done.
    pub(super) async fn run(mut self, operations: usize) {
        let ids: Vec<_> = self.nodes.ids().collect();
        let mut done = 0;
        let mut names = self.number * 1_000_000..;
        while done < operations {
            let index = usize::try_from(self.random.below(ids.len() as u64)).unwrap();
            let operation = match self.random.below(4) {
                0 => Operation::Set(names.next().unwrap()),
                1 => Operation::Add(names.next().unwrap()),
                _ => Operation::Read(None),
            };
            if self.execute(ids[index], operation).await {
                done += 1;
            } else {
                sleep(PAUSE).await;
            }
        }
    }

    /// Reads from each node until it replies.
    pub(super) async fn read_from_all(self) {
        let reads = async {
            for id in self.nodes.ids() {
                while !self.execute(id, Operation::Read(None)).await {
                    self.nodes.restart_failed(id).await;
                    sleep(PAUSE).await;
                }
            }
        };
        let result = timeout(cluster::TEST_TIMEOUT, reads).await;
        let healths: Vec<_> = self.nodes.healths().collect();
        assert!(result.is_ok(), "nodes do not reply: {healths:?}");
    }

    /// Executes an operation on node `id`. Returns `false` if it was certainly not executed.
    async fn execute(&self, id: u64, operation: Operation) -> bool {
        let Some(guard) = self.nodes.get(id) else {
            return false;
        };
        let call = self.recorder.call(operation.clone());
        let outcome = tokio::select! {
            outcome = self.outcome(&guard.node, &operation) => outcome,
            () = guard.released() => Outcome::Unknown,
        };
        match outcome {
            Outcome::Done => self.recorder.reply(call, operation),
            Outcome::Observed(observed) => {
                self.recorder.reply(call, Operation::Read(Some(observed)));
            }
            Outcome::Unknown if !matches!(operation, Operation::Read(_)) => {}
            Outcome::NotDone | Outcome::Unknown => {
                self.recorder.discard(call);
                return false;
            }
        }
        true
    }

    async fn outcome(&self, node: &Node, operation: &Operation) -> Outcome {
        match operation {
            Operation::Set(number) => self.write(node, set(&number.to_string())).await,
            Operation::Add(number) => propose(node, deploy(&number.to_string(), 1)).await,
            Operation::Read(_) => self.read(node).await,
        }
    }

    /// Sends the command at most once: a second application would appear as a write of its own.
    async fn write(&self, node: &Node, command: Command) -> Outcome {
        if node.replica.health().role == Role::Leader {
            return match timeout(self.nodes.timeout(), node.replica.write(command)).await {
                Ok(Ok(reply)) => Outcome::of(&reply),
                Ok(Err(ReplicaError::NotLeader { .. })) => Outcome::NotDone,
                Ok(Err(_)) | Err(_) => Outcome::Unknown,
            };
        }
        let mut nodes: Vec<_> = self.nodes.ids().map(cluster::node).collect();
        nodes.sort_by_key(|id| *id != node.replica.node());
        let client = RegistryClient::new(&node.connection, &nodes).unwrap();
        let written = client.timeout(self.nodes.timeout()).write(command).await;
        match written {
            Ok(reply) => Outcome::of(&reply),
            Err(error) => match (error.fault(), &error.failure) {
                (Some(WriteFault::NotLeader(_)), _) | (_, Failure::NotDelivered(_)) => {
                    Outcome::NotDone
                }
                _ => Outcome::Unknown,
            },
        }
    }

    async fn read(&self, node: &Node) -> Outcome {
        let replica = &node.replica;
        let is_local = match self.mode {
            ReadMode::Current => false,
            ReadMode::Local => true,
            ReadMode::Unconfirmed => replica.health().role == Role::Leader,
        };
        if is_local {
            return Outcome::Observed(replica.local(Observed::of));
        }
        let observed = replica.current(Observed::of).await;
        observed.map_or(Outcome::NotDone, Outcome::Observed)
    }
}

/// May be applied twice, which has no visible effect on a set that only grows.
async fn propose(node: &Node, command: Command) -> Outcome {
    match node.replica.propose(command).await {
        Ok(reply) => Outcome::of(&reply),
        Err(ReplicaError::NoLeader(_)) => Outcome::NotDone,
        Err(_) => Outcome::Unknown,
    }
}

impl Outcome {
    fn of(reply: &WriteReply) -> Self {
        assert_eq!(reply.outcome, CommandReply::Ok);
        Self::Done
    }
}
