//! A coordinator that runs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Connection, Server, Subscription};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::pulse::Pulses;
use super::registrar::Registrar;
use super::{CoordinatorNode, CoordinatorNodeError, Placement};
use crate::coordinator::{CoordinatorServer, Heartbeat, HeartbeatFilter};
use crate::replica::{Replica, ReplicaError, WorkerRecord};
use crate::types::WorkerId;
use crate::worker::WorkerClient;

/// A coordinator that runs.
pub struct RunningCoordinatorNode {
    pub(super) replica: Arc<Replica>,
    pub(super) pulses: Arc<Pulses>,
    /// Commands workers.
    pub(super) client: WorkerClient,
    pub(super) placement: Placement,
    server: Server,
    /// Hears heartbeats; ends with this.
    tasks: JoinSet<()>,
}

/// What a coordinator knows of a worker.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WorkerView {
    /// What all coordinators know.
    pub record: WorkerRecord,
    /// How long ago this coordinator heard its last heartbeat; none if it heard none.
    pub silence: Option<Duration>,
    /// That heartbeat.
    pub heartbeat: Option<Heartbeat>,
}

impl RunningCoordinatorNode {
    pub(super) async fn start(
        node: CoordinatorNode,
        connection: &Connection,
    ) -> Result<Self, CoordinatorNodeError> {
        let replica = Arc::new(Replica::start(node.replica, connection).await?);
        if !node.members.is_empty() {
            if !node.members.contains_key(&replica.node()) {
                return Err(CoordinatorNodeError::NoMember);
            }
            match replica.found(node.members).await {
                // It has been in a cluster before.
                Ok(()) | Err(ReplicaError::Membership(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let pulses = Arc::new(Pulses::default());
        let heartbeats = connection.subscribe(&HeartbeatFilter::default()).await?;
        let mut tasks = JoinSet::new();
        tasks.spawn(hear(heartbeats, Arc::clone(&pulses)));
        let registrar = Registrar {
            api_key: node.api_key,
            replica: Arc::clone(&replica),
            interval: node.interval,
        };
        let server = CoordinatorServer::new(registrar)
            .with_options(node.serving)
            .start(connection)
            .await?;
        Ok(Self {
            replica,
            pulses,
            client: WorkerClient::new(connection),
            placement: node.placement,
            server,
            tasks,
        })
    }

    /// Its Raft node, with the registry.
    #[must_use]
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// What this coordinator knows of a worker; none if it is not registered.
    #[must_use]
    pub fn worker(&self, id: &WorkerId) -> Option<WorkerView> {
        let record = self.replica.local(|registry| registry.worker(id).cloned());
        let pulse = self.pulses.get(id);
        record.map(|record| WorkerView {
            record,
            silence: pulse
                .as_ref()
                .map(|pulse| Instant::now().saturating_duration_since(pulse.heard)),
            heartbeat: pulse.map(|pulse| pulse.heartbeat),
        })
    }

    /// Answers the registrations that have come, and stops taking part in the registry.
    pub async fn shutdown(mut self) {
        self.server.shutdown().await;
        self.tasks.shutdown().await;
        if let Some(replica) = Arc::into_inner(self.replica) {
            replica.shutdown().await;
        }
    }
}

async fn hear(mut heartbeats: Subscription<Heartbeat>, pulses: Arc<Pulses>) {
    while let Some(received) = heartbeats.next().await {
        if let Ok(received) = received {
            pulses.hear(received.params.worker_id, received.event);
        }
    }
}

impl fmt::Debug for RunningCoordinatorNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningCoordinatorNode")
            .field("replica", &self.replica)
            .finish_non_exhaustive()
    }
}
