//! A single coordinator, and the heartbeats that it receives.

use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::Connection;
use tokio::time::{sleep, timeout};
use varpulis_sdk::coordinator_node::{CoordinatorNode, RunningCoordinatorNode};
use varpulis_sdk::replica::ReplicaOptions;
use varpulis_sdk::types::{NodeId, RaftNode};

use crate::Failure;
use crate::connection::{API_KEY, worker_keys};

/// The heartbeat interval that the coordinator asks for.
const INTERVAL: Duration = Duration::from_secs(1);

/// Far more than a heartbeat takes.
const LIMIT: Duration = Duration::from_secs(30);

/// A running coordinator.
#[derive(Debug)]
pub(crate) struct SingleCoordinator(RunningCoordinatorNode);

impl SingleCoordinator {
    pub(crate) async fn start(connection: &Connection) -> Result<Self, Failure> {
        let id = NodeId::try_from(1)?;
        let addr = "http://coordinator-1:9100".try_into()?;
        let node = CoordinatorNode::new(API_KEY.try_into()?, ReplicaOptions::memory(id))
            .worker_keys(worker_keys()?)
            .heartbeat_interval(INTERVAL)
            .members(BTreeMap::from([(id, RaftNode::new(addr))]));
        Ok(Self(node.start(connection).await?))
    }

    /// The number of heartbeats that the coordinator received.
    pub(crate) fn heartbeats(&self) -> u64 {
        self.0.health().heartbeats
    }

    /// Waits until the coordinator has received `heartbeats` heartbeats.
    pub(crate) async fn until_heartbeats(&self, heartbeats: u64) -> Result<(), Failure> {
        let receiving = async {
            while self.heartbeats() < heartbeats {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let received = timeout(LIMIT, receiving).await;
        Ok(received.map_err(|_| format!("no heartbeats within {LIMIT:?}"))?)
    }
}
