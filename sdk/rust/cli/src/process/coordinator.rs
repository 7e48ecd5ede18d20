//! The coordinator process.

use std::time::Duration;

use natsgen_runtime::Connection;
use serde::Serialize;
use varpulis_sdk::coordinator_node::{
    CoordinatorNode, CoordinatorNodeError, RunningCoordinatorNode, WorkerCounts,
};
use varpulis_sdk::replica::{ReplicaError, Role};
use varpulis_sdk::types::{CoordinatorConfig, NodeId, RaftConfig};

use super::node::{Health, Node};
use crate::terminal::error::{CommandError, chain};
use crate::terminal::text::counted;

/// How long a coordinator may take to stop after its drain limit.
pub(super) const STOP_LIMIT: Duration = Duration::from_secs(15);

pub(super) async fn start(
    config: &CoordinatorConfig,
    raft: &RaftConfig,
    connection: &Connection,
) -> Result<RunningCoordinatorNode, CommandError> {
    let started = CoordinatorNode::configured(config, raft).start(connection);
    started.await.map_err(|error| {
        let reason = chain(&error);
        let advice = match error {
            CoordinatorNodeError::NotAMember => "`raft.members` must contain `raft.node_id`",
            CoordinatorNodeError::Replica(ReplicaError::Options(_)) => {
                "`raft.heartbeat_ms` must be less than `raft.shortest_election_ms`, and that less than `raft.longest_election_ms`"
            }
            CoordinatorNodeError::Replica(ReplicaError::DuplicateNode { .. }) => {
                "`raft.node_id` must be unique in the cluster"
            }
            CoordinatorNodeError::Replica(ReplicaError::Store(_)) => {
                return CommandError::Failed(format!("{}: {reason}", raft.store_path));
            }
            _ => return CommandError::Failed(reason),
        };
        CommandError::Settings {
            reason,
            advice: advice.to_owned(),
        }
    })
}

/// The health of a coordinator.
#[derive(Serialize)]
pub(super) struct CoordinatorLine {
    #[serde(flatten)]
    state: CoordinatorState,
    heartbeats: u64,
    lost_heartbeats: u64,
    registrations: u64,
    refused: u64,
    unavailable: u64,
}

/// The part of the health that is printed as soon as it changes.
#[derive(PartialEq, Serialize)]
pub(super) struct CoordinatorState {
    kind: &'static str,
    node: u64,
    ready: bool,
    role: &'static str,
    leader: Option<u64>,
    term: u64,
    voters: usize,
    /// The configured members that have not agreed to found the cluster yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<String>,
    connected: bool,
    workers: Workers,
    /// Why it is not ready, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

/// The number of workers by status.
#[derive(PartialEq, Serialize)]
struct Workers {
    registering: usize,
    ready: usize,
    unhealthy: usize,
    draining: usize,
}

impl Node for RunningCoordinatorNode {
    type Health = CoordinatorLine;

    fn health(&self) -> CoordinatorLine {
        let health = RunningCoordinatorNode::health(self);
        let reason = health.not_ready();
        let raft = health.raft;
        CoordinatorLine {
            state: CoordinatorState {
                kind: "coordinator",
                node: raft.node.get(),
                ready: reason.is_none(),
                role: named(raft.role),
                leader: raft.leader.map(|leader| leader.get()),
                term: raft.term,
                voters: raft.voters.len(),
                missing: raft.missing.iter().map(NodeId::get).collect(),
                cluster: raft.cluster.map(|cluster| cluster.to_string()),
                connected: health.is_connected,
                workers: health.workers.into(),
                reason: reason.map(|reason| reason.to_string()),
                failure: raft.failure,
            },
            heartbeats: health.heartbeats,
            lost_heartbeats: health.lost_heartbeats,
            registrations: health.registrations,
            refused: health.refused,
            unavailable: health.unavailable,
        }
    }

    async fn ended(&self) -> CommandError {
        CommandError::unexpected(&self.stopped().await)
    }

    async fn finish(&self) {}

    async fn shutdown(self) {
        RunningCoordinatorNode::shutdown(self).await;
    }
}

impl Health for CoordinatorLine {
    type State = CoordinatorState;

    fn state(&self) -> &CoordinatorState {
        &self.state
    }

    fn is_ready(&self) -> bool {
        self.state.ready
    }

    fn line(&self) -> String {
        let CoordinatorState {
            node,
            ready,
            role,
            leader,
            term,
            voters,
            missing,
            connected,
            workers,
            ..
        } = &self.state;
        let details = match (leader, *voters) {
            _ if !connected => ", not connected".to_owned(),
            (_, 0) if !missing.is_empty() => {
                let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
                format!(
                    ", waits for nodes {} to found the cluster",
                    missing.join(", ")
                )
            }
            (_, 0) => ", waits until a leader adds it".to_owned(),
            (None, _) => format!(", no leader in term {term}"),
            (Some(leader), _) if leader == node && !ready => {
                format!(" in term {term} without a majority")
            }
            (Some(leader), _) if leader == node => format!(" in term {term}"),
            (Some(leader), _) => format!(" of {leader} in term {term}"),
        };
        // The details describe the connection and the Raft node.
        let reason = match &self.state.reason {
            Some(reason) if *connected => format!(", {reason}"),
            _ => String::new(),
        };
        format!(
            "coordinator {node} {role}{details}{reason} · {workers} · {}, {}",
            counted(self.heartbeats, "heartbeat"),
            counted(self.registrations, "registration"),
        )
    }
}

impl From<WorkerCounts> for Workers {
    fn from(counts: WorkerCounts) -> Self {
        Self {
            registering: counts.registering,
            ready: counts.ready,
            unhealthy: counts.unhealthy,
            draining: counts.draining,
        }
    }
}

impl std::fmt::Display for Workers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let states = [
            (self.registering, "registering"),
            (self.ready, "ready"),
            (self.unhealthy, "unhealthy"),
            (self.draining, "draining"),
        ];
        let there = states.iter().filter(|(count, _)| *count > 0);
        let there: Vec<_> = there
            .map(|(count, state)| format!("{count} {state}"))
            .collect();
        if there.is_empty() {
            return f.write_str("no workers");
        }
        write!(f, "workers: {}", there.join(", "))
    }
}

const fn named(role: Role) -> &'static str {
    match role {
        Role::Learner => "learner",
        Role::Follower => "follower",
        Role::Candidate => "candidate",
        Role::Leader => "leader",
        Role::Stopped => "stopped",
        _ => "unknown",
    }
}
