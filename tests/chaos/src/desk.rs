//! A lone coordinator, and what it hears of its worker.

use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::Connection;
use tokio::time::{sleep, timeout};
use varpulis_sdk::coordinator_node::{CoordinatorNode, RunningCoordinatorNode};
use varpulis_sdk::replica::ReplicaOptions;
use varpulis_sdk::types::{NodeId, RaftNode};

use crate::Failure;
use crate::node::API_KEY;

/// How often it wants a heartbeat.
const INTERVAL: Duration = Duration::from_secs(1);

/// Far more than a heartbeat takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A coordinator that runs.
#[derive(Debug)]
pub(crate) struct Desk(RunningCoordinatorNode);

impl Desk {
    pub(crate) async fn open(connection: &Connection) -> Result<Self, Failure> {
        let id = NodeId::try_from(1)?;
        let addr = "http://coordinator-1:9100".try_into()?;
        let node = CoordinatorNode::new(API_KEY.try_into()?, ReplicaOptions::memory(id))
            .heartbeat_interval(INTERVAL)
            .members(BTreeMap::from([(id, RaftNode { addr })]));
        Ok(Self(node.start(connection).await?))
    }

    /// How many heartbeats it has heard.
    pub(crate) fn heartbeats(&self) -> u64 {
        self.0.health().heartbeats
    }

    /// Waits until it has heard so many.
    pub(crate) async fn until_heartbeats(&self, heartbeats: u64) -> Result<(), Failure> {
        let hearing = async {
            while self.heartbeats() < heartbeats {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let heard = timeout(PATIENCE, hearing).await;
        Ok(heard.map_err(|_| format!("no heartbeats within {PATIENCE:?}"))?)
    }
}
