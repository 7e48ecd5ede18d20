//! Clients that write and read.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::Failure;
use tokio::time::{sleep, timeout};
use varpulis_sdk::raft::{WriteFault, WriteReply};
use varpulis_sdk::replica::{RegistryClient, ReplicaError, Role};
use varpulis_sdk::types::{Command, CommandReply};

use super::Dice;
use super::history::{Operation, Recorder, Seen};
use crate::cluster::{self, deploy, set};
use crate::nodes::{Node, Nodes};

/// How long to wait after nothing was done.
const PAUSE: Duration = Duration::from_millis(10);

/// How clients read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reading {
    /// What is current.
    Current,
    /// What the node knows.
    Local,
    /// What the node knows if it takes itself for the leader, else what is current.
    Unconfirmed,
}

/// Asks nodes for one thing after another.
pub(super) struct Client {
    number: u64,
    nodes: Arc<Nodes>,
    recorder: Arc<Recorder>,
    dice: Dice,
    reading: Reading,
}

/// What became of what a client asked for.
enum Outcome {
    Done,
    Seen(Seen),
    /// Certainly not done.
    Undone,
    Unknown,
}

impl Client {
    pub(super) fn new(
        number: u64,
        nodes: &Arc<Nodes>,
        recorder: &Arc<Recorder>,
        dice: Dice,
        reading: Reading,
    ) -> Self {
        Self {
            number,
            nodes: Arc::clone(nodes),
            recorder: Arc::clone(recorder),
            dice,
            reading,
        }
    }

    /// Asks any node for anything, until so much is done, or may be.
    pub(super) async fn run(mut self, operations: usize) {
        let ids: Vec<_> = self.nodes.ids().collect();
        let mut done = 0;
        let mut names = self.number * 1_000_000..;
        while done < operations {
            let place = usize::try_from(self.dice.below(ids.len() as u64)).unwrap();
            let operation = match self.dice.below(4) {
                0 => Operation::Set(names.next().unwrap()),
                1 => Operation::Add(names.next().unwrap()),
                _ => Operation::Look(None),
            };
            if self.ask(ids[place], operation).await {
                done += 1;
            } else {
                sleep(PAUSE).await;
            }
        }
    }

    /// Looks at each node until it answers.
    pub(super) async fn look_at_all(self) {
        let looking = async {
            for id in self.nodes.ids() {
                while !self.ask(id, Operation::Look(None)).await {
                    self.nodes.revive(id).await;
                    sleep(PAUSE).await;
                }
            }
        };
        let looked = timeout(cluster::PATIENCE, looking).await;
        let healths: Vec<_> = self.nodes.healths().collect();
        assert!(looked.is_ok(), "nodes do not answer: {healths:?}");
    }

    /// Asks one node. False if certainly nothing was done.
    async fn ask(&self, id: u64, operation: Operation) -> bool {
        let Some(used) = self.nodes.get(id) else {
            return false;
        };
        let call = self.recorder.call(operation.clone());
        let outcome = tokio::select! {
            outcome = self.outcome(&used.node, &operation) => outcome,
            () = used.left() => Outcome::Unknown,
        };
        match outcome {
            Outcome::Done => self.recorder.answer(call, operation),
            Outcome::Seen(seen) => self.recorder.answer(call, Operation::Look(Some(seen))),
            Outcome::Unknown if !matches!(operation, Operation::Look(_)) => {}
            Outcome::Undone | Outcome::Unknown => {
                self.recorder.forget(call);
                return false;
            }
        }
        true
    }

    async fn outcome(&self, node: &Node, operation: &Operation) -> Outcome {
        match operation {
            Operation::Set(number) => self.write(node, set(&number.to_string())).await,
            Operation::Add(number) => propose(node, deploy(&number.to_string(), 1)).await,
            Operation::Look(_) => self.look(node).await,
        }
    }

    /// Sent once at most: done twice, it would be seen to come back after something else.
    async fn write(&self, node: &Node, command: Command) -> Outcome {
        if node.replica.health().role == Role::Leader {
            return match timeout(self.nodes.patience(), node.replica.write(command)).await {
                Ok(Ok(reply)) => Outcome::of(&reply),
                Ok(Err(ReplicaError::NotLeader { .. })) => Outcome::Undone,
                Ok(Err(_)) | Err(_) => Outcome::Unknown,
            };
        }
        let mut nodes: Vec<_> = self.nodes.ids().map(cluster::node).collect();
        nodes.sort_by_key(|id| *id != node.replica.node());
        let client = RegistryClient::new(&node.connection, &nodes).unwrap();
        let written = client
            .with_patience(self.nodes.patience())
            .write(command)
            .await;
        match written {
            Ok(reply) => Outcome::of(&reply),
            Err(error) => match (error.fault(), &error.failure) {
                (Some(WriteFault::NotLeader(_)), _) | (_, Failure::NotDelivered(_)) => {
                    Outcome::Undone
                }
                _ => Outcome::Unknown,
            },
        }
    }

    async fn look(&self, node: &Node) -> Outcome {
        let replica = &node.replica;
        let is_enough = match self.reading {
            Reading::Current => false,
            Reading::Local => true,
            Reading::Unconfirmed => replica.health().role == Role::Leader,
        };
        if is_enough {
            return Outcome::Seen(replica.local(Seen::of));
        }
        let seen = replica.current(Seen::of).await;
        seen.map_or(Outcome::Undone, Outcome::Seen)
    }
}

/// May be done twice, which cannot be seen of what is there for good.
async fn propose(node: &Node, command: Command) -> Outcome {
    match node.replica.propose(command).await {
        Ok(reply) => Outcome::of(&reply),
        Err(ReplicaError::NoLeader(_)) => Outcome::Undone,
        Err(_) => Outcome::Unknown,
    }
}

impl Outcome {
    fn of(reply: &WriteReply) -> Self {
        assert_eq!(reply.outcome, CommandReply::Ok);
        Self::Done
    }
}
