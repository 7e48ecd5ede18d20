//! A coordinator that runs.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Connection, Server, Stats};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::dispatch::{Dispatcher, Keeper};
use super::health::{CoordinatorHealth, Counts, WorkerCounts};
use super::intake::Intake;
use super::pulse::{Pulse, Pulses};
use super::registrar::Registrar;
use super::sweep::Sweeper;
use super::{CoordinatorNode, CoordinatorNodeError, MemberError};
use crate::coordinator::{CoordinatorServer, Heartbeat, HeartbeatFilter};
use crate::replica::{Changes, Registry, Replica, ReplicaError, WorkerRecord};
use crate::types::{
    Command, CommandReply, DeregisterWorker, NodeId, RaftNode, WorkerId, WorkerStatus,
    WorkerStatusChanged,
};
use crate::worker::{DrainRequest, WorkerClient};

/// How often deployments are looked at from one heartbeat to the next.
const LOOKS: u32 = 5;

/// How long handlers that were answered may take to let go of the Raft node.
const LETTING_GO: Duration = Duration::from_secs(5);

/// A coordinator that runs. Dropped, it shuts down in the background.
pub struct RunningCoordinatorNode {
    pub(super) replica: Arc<Replica>,
    pub(super) pulses: Arc<Pulses>,
    pub(super) dispatcher: Dispatcher,
    connection: Connection,
    counts: Arc<Counts>,
    /// None once it shuts down.
    serving: Option<Serving>,
}

/// What goes on in the background.
struct Serving {
    server: Server,
    /// Heartbeats, sweeps and what keeps pipelines running; they end with this.
    tasks: JoinSet<()>,
}

/// What a coordinator knows of a worker.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WorkerView {
    /// What all coordinators know.
    pub record: WorkerRecord,
    /// For how long this coordinator has not heard it; none if it does not know of the worker yet. Before the first
    /// heartbeat, for how long it knows of the worker.
    pub silence: Option<Duration>,
    /// The last heartbeat that this coordinator heard.
    pub heartbeat: Option<Heartbeat>,
}

impl RunningCoordinatorNode {
    pub(super) async fn start(
        node: CoordinatorNode,
        connection: &Connection,
    ) -> Result<Self, CoordinatorNodeError> {
        let replica = Replica::start(node.replica, connection).await?;
        found(&replica, node.members).await?;
        let replica = Arc::new(replica);
        let pulses = Arc::new(Pulses::default());
        let counts = Arc::new(Counts::default());
        let client = WorkerClient::new(connection);

        let events = connection.events();
        let heartbeats = connection.subscribe(&HeartbeatFilter::default()).await?;
        let intake = Intake {
            replica: Arc::clone(&replica),
            pulses: Arc::clone(&pulses),
            counts: Arc::clone(&counts),
        };
        let sweeper = Sweeper::new(
            Arc::clone(&replica),
            Arc::clone(&pulses),
            client.clone(),
            node.interval.get(),
        );
        let dispatcher = Dispatcher::new(
            Arc::clone(&replica),
            client.clone(),
            node.placement,
            node.command_limit,
        );
        let mut tasks = JoinSet::new();
        tasks.spawn(intake.run(heartbeats, events));
        tasks.spawn(sweeper.run());
        if node.redeploy {
            let keeper = Keeper::new(dispatcher.clone(), node.interval.get() / LOOKS);
            tasks.spawn(keeper.run());
        }
        let registrar = Registrar {
            api_key: node.api_key,
            replica: Arc::clone(&replica),
            client,
            interval: node.interval,
            counts: Arc::clone(&counts),
        };
        let server = CoordinatorServer::new(registrar)
            .with_options(node.serving)
            .start(connection)
            .await?;
        Ok(Self {
            replica,
            pulses,
            dispatcher,
            connection: connection.clone(),
            counts,
            serving: Some(Serving { server, tasks }),
        })
    }

    /// Its Raft node, with the registry.
    #[must_use]
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Commands workers.
    #[must_use]
    pub fn client(&self) -> &WorkerClient {
        &self.dispatcher.client
    }

    /// How it is doing now.
    #[must_use]
    pub fn health(&self) -> CoordinatorHealth {
        let Counts {
            heartbeats,
            strays,
            unreadable,
            lost,
            registrations,
            refused,
            unavailable,
        } = &*self.counts;
        let workers = |registry: &Registry| WorkerCounts::of(registry.workers());
        let serving = self.serving.as_ref();
        CoordinatorHealth {
            raft: self.replica.health(),
            is_connected: self.connection.is_connected(),
            workers: self.replica.local(workers),
            heartbeats: Counts::get(heartbeats),
            stray_heartbeats: Counts::get(strays),
            unreadable_heartbeats: Counts::get(unreadable),
            lost_heartbeats: Counts::get(lost),
            sweep_time: self.pulses.sweep_time(),
            registrations: Counts::get(registrations),
            refused: Counts::get(refused),
            unavailable: Counts::get(unavailable),
            requests: serving.map_or_else(Stats::default, |serving| serving.server.stats()),
        }
    }

    /// Watches the registry as this coordinator knows it.
    #[must_use]
    pub fn changes(&self) -> Changes {
        self.replica.changes()
    }

    /// What this coordinator knows of a worker, which may be behind what others know; none if it is not registered.
    #[must_use]
    pub fn worker(&self, id: &WorkerId) -> Option<WorkerView> {
        let record = self
            .replica
            .local(|registry| registry.worker(id).cloned())?;
        let pulse = self.pulses.look(id, Pulse::clone);
        Some(WorkerView {
            record,
            silence: pulse.as_ref().map(|pulse| pulse.heard.elapsed()),
            heartbeat: pulse.and_then(|pulse| pulse.heartbeat),
        })
    }

    /// Takes a worker out of the registry. One that lives hears of it with its next heartbeat, and registers again.
    ///
    /// # Errors
    /// When there is no such worker, or the registry cannot be changed in time.
    pub async fn remove(&self, id: &WorkerId) -> Result<(), MemberError> {
        let id = id.clone();
        self.change(Command::DeregisterWorker(DeregisterWorker { id }))
            .await
    }

    /// Gives a worker nothing new from now on, and tells it to take nothing new from anybody else, either. It drains until
    /// another instance registers.
    ///
    /// # Errors
    /// When there is no such worker, or the registry cannot be changed in time; [`MemberError::Untold`] where only the
    /// worker itself does not know.
    pub async fn drain(&self, id: &WorkerId) -> Result<(), MemberError> {
        let change = WorkerStatusChanged {
            id: id.clone(),
            status: WorkerStatus::Draining,
        };
        self.change(Command::WorkerStatusChanged(change)).await?;
        let told = self.dispatcher.client.drain(id, &DrainRequest {}).await;
        told.map(drop).map_err(MemberError::Untold)
    }

    async fn change(&self, command: Command) -> Result<(), MemberError> {
        match self.replica.propose(command).await?.outcome {
            CommandReply::Ok => Ok(()),
            CommandReply::Error(failure) => Err(MemberError::Refused(failure.message.into_inner())),
            CommandReply::Unknown(answer) => Err(MemberError::Refused(answer.to_string())),
        }
    }

    /// Waits until its Raft node takes part no longer, and says why, see [`Replica::stopped`]. From then on it registers
    /// nobody and knows nothing new, so shut it down and start another.
    pub async fn stopped(&self) -> ReplicaError {
        self.replica.stopped().await
    }

    /// Answers all registrations that have come, then stops taking part in the registry, and returns when its store is
    /// closed. What was acknowledged is on disk.
    pub async fn shutdown(mut self) -> Stats {
        let (serving, replica) = (self.serving.take(), Arc::clone(&self.replica));
        let dispatcher = self.dispatcher.clone();
        drop(self);
        match serving {
            Some(serving) => serving.shutdown(dispatcher, replica).await,
            None => Stats::default(),
        }
    }
}

impl Serving {
    /// Registrations need the Raft node until they are answered, commands to workers until they are done.
    async fn shutdown(mut self, dispatcher: Dispatcher, replica: Arc<Replica>) -> Stats {
        let stats = self.server.shutdown().await;
        self.tasks.shutdown().await;
        dispatcher.finish().await;
        if let Some(replica) = alone(replica).await {
            replica.shutdown().await;
        } else {
            tracing::error!("a coordinator has stopped, but its raft node is still in use");
        }
        stats
    }
}

/// Takes what nobody else uses any more: handlers that were answered may be about to let go of it.
async fn alone(mut replica: Arc<Replica>) -> Option<Replica> {
    let deadline = Instant::now() + LETTING_GO;
    loop {
        replica = match Arc::try_unwrap(replica) {
            Ok(replica) => return Some(replica),
            Err(_) if Instant::now() >= deadline => return None,
            Err(shared) => shared,
        };
        sleep(LETTING_GO / 1_000).await;
    }
}

/// Founds a cluster of `members`, if any are named and the node has not been in one before.
async fn found(
    replica: &Replica,
    members: BTreeMap<NodeId, RaftNode>,
) -> Result<(), CoordinatorNodeError> {
    if members.is_empty() {
        return Ok(());
    }
    if !members.contains_key(&replica.node()) {
        return Err(CoordinatorNodeError::NoMember);
    }
    match replica.found(members).await {
        Ok(()) | Err(ReplicaError::Membership(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl Drop for RunningCoordinatorNode {
    fn drop(&mut self) {
        let Some(serving) = self.serving.take() else {
            return;
        };
        // Without a runtime there is no connection either.
        if let Ok(runtime) = Handle::try_current() {
            let (dispatcher, replica) = (self.dispatcher.clone(), Arc::clone(&self.replica));
            runtime.spawn(serving.shutdown(dispatcher, replica));
        }
    }
}

impl fmt::Debug for RunningCoordinatorNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningCoordinatorNode")
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}
