//! A running coordinator.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "http")]
use natsgen_runtime::http::HttpServer;
use natsgen_runtime::{Connection, Request as _, Server, Stats};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::dispatch::{Dispatcher, Reconciler};
use super::error::CoordinatorNodeError;
use super::failure_detector::{FailureDetector, HEARTBEATS};
use super::health::{CoordinatorHealth, Counts, WorkerCounts};
use super::heartbeat_subscriber::HeartbeatSubscriber;
use super::liveness::{Liveness, WorkerLiveness};
use super::registrar::Registrar;
use super::replacement::Replacement;
use super::service::Service;
use super::settings::Settings;
use crate::batch::BatchFallback;
use crate::coordinator::{CoordinatorServer, Heartbeat, HeartbeatFilter};
use crate::listener::Listener;
use crate::replica::{Changes, Registry, Replica, ReplicaError, WorkerRecord};
use crate::types::{NodeId, RaftNode, WorkerId};
use crate::worker::{DrainRequest, WorkerClient};

/// The number of times that deployments are reconciled per heartbeat interval.
const RECONCILIATIONS: u32 = 5;

/// How long answered handlers may hold the Raft node after the server's shutdown.
const RELEASE_LIMIT: Duration = Duration::from_secs(5);

/// A running coordinator. On drop it shuts down in the background.
pub struct RunningCoordinatorNode {
    pub(super) replica: Arc<Replica>,
    liveness: Arc<Liveness>,
    pub(super) dispatcher: Dispatcher,
    pub(super) batch_fallback: BatchFallback,
    connection: Connection,
    /// The connection of the server and of the heartbeats.
    public: Connection,
    counts: Arc<Counts>,
    /// How long a shutdown waits for registrations and commands.
    drain: Duration,
    /// Absent once the shutdown has begun.
    serving: Option<Serving>,
}

/// The server and the background tasks.
struct Serving {
    server: Server,
    listener: Listener,
    /// The heartbeat subscriber, the failure detector and the reconciler. They are aborted when this is dropped.
    tasks: JoinSet<()>,
}

/// The state of a worker, as a coordinator sees it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WorkerView {
    /// The record in the registry, which all coordinators share.
    pub record: WorkerRecord,
    /// The time since the last heartbeat at this coordinator; before the first heartbeat, the time since it learned of
    /// the worker. Absent if this coordinator has not learned of the worker yet.
    pub silence: Option<Duration>,
    /// The last heartbeat at this coordinator.
    pub heartbeat: Option<Heartbeat>,
}

impl RunningCoordinatorNode {
    pub(super) async fn start(
        mut settings: Settings,
        connection: &Connection,
    ) -> Result<Self, CoordinatorNodeError> {
        let keys = Arc::new(settings.keys);
        let listener = settings.http.listen(connection, &keys).await?;
        let replica = Replica::start(settings.replica, connection).await?;
        let connection = &connection.identity(DrainRequest::INFO.from, &replica.node());
        initialize(&replica, settings.members).await?;
        let replica = Arc::new(replica);
        let liveness = Arc::new(Liveness::new(settings.heartbeat_bytes));
        let counts = Arc::new(Counts::default());
        let commands = settings.http.connect(connection, &replica, &keys)?;
        let client = WorkerClient::new(&commands);
        // Many peers may publish to these subjects, and a malformed message drops the connection.
        let public = connection.isolated().await;
        let events = public.events();
        let heartbeats = public.subscribe(&HeartbeatFilter::default()).await?;
        let subscriber = HeartbeatSubscriber::new(&replica, &liveness, &counts);
        let detector = FailureDetector::new(
            Arc::clone(&replica),
            Arc::clone(&liveness),
            client.clone(),
            settings.interval.get(),
        );
        let dispatcher = Dispatcher::new(
            Arc::clone(&replica),
            Arc::clone(&liveness),
            client,
            settings.placement,
            settings.command_limit,
        );
        let mut tasks = JoinSet::new();
        tasks.spawn(subscriber.run(heartbeats, events));
        tasks.spawn(detector.run());
        if settings.redeploy {
            let pause = settings.interval.get() / RECONCILIATIONS;
            tasks.spawn(Reconciler::new(dispatcher.clone(), pause).run());
        }
        let limit = settings.interval.get() * HEARTBEATS;
        let registrar = Registrar {
            replacement: Replacement::new(&keys, &liveness, &commands, limit),
            keys,
            replica: Arc::clone(&replica),
            // The notice of a replacement must arrive before the reply, so both use the same connection.
            client: WorkerClient::new(&public),
            interval: settings.interval,
            counts: Arc::clone(&counts),
        };
        let server = CoordinatorServer::new(Service::new(registrar, &replica, &liveness))
            .options(settings.serving)
            .start(&public)
            .await?;
        Ok(Self {
            replica,
            liveness,
            dispatcher,
            batch_fallback: settings.batch_fallback,
            connection: connection.clone(),
            public,
            counts,
            drain: settings.drain,
            serving: Some(Serving {
                server,
                listener,
                tasks,
            }),
        })
    }

    /// The Raft node with the registry.
    #[must_use]
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// The client that sends commands to workers.
    #[must_use]
    pub fn client(&self) -> &WorkerClient {
        &self.dispatcher.client
    }

    /// The base URL of the HTTP server, with the IP address on which it listens; absent if there is none.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn http_url(&self) -> Option<String> {
        let serving = self.serving.as_ref()?;
        serving.listener.server.as_ref().map(HttpServer::url)
    }

    /// The current health.
    #[must_use]
    pub fn health(&self) -> CoordinatorHealth {
        let Counts {
            heartbeats,
            unknown,
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
            is_connected: self.connection.is_connected() && self.public.is_connected(),
            denied: self.connection.denied(),
            workers: self.replica.local(workers),
            heartbeats: heartbeats.get(),
            unknown_heartbeats: unknown.get(),
            unreadable_heartbeats: unreadable.get(),
            lost_heartbeats: lost.get(),
            trimmed_heartbeats: self.liveness.trimmed(),
            scan_time: self.liveness.scan_time(),
            registrations: registrations.get(),
            refused: refused.get(),
            unavailable: unavailable.get(),
            requests: serving.map_or_else(Stats::default, |serving| serving.server.stats()),
        }
    }

    /// Subscribes to changes of the registry, as this coordinator applies them.
    #[must_use]
    pub fn changes(&self) -> Changes {
        self.replica.changes()
    }

    /// The state of a registered worker, as this coordinator sees it. It may be stale.
    #[must_use]
    pub fn worker(&self, id: &WorkerId) -> Option<WorkerView> {
        let record = self
            .replica
            .local(|registry| registry.worker(id).cloned())?;
        let liveness = self.liveness.read(id, WorkerLiveness::clone);
        Some(WorkerView {
            record,
            silence: liveness
                .as_ref()
                .map(|liveness| liveness.last_seen.elapsed()),
            heartbeat: liveness.and_then(|liveness| liveness.heartbeat),
        })
    }

    /// Waits until its Raft node has stopped and returns the reason, see [`Replica::stopped`]. From then on the
    /// coordinator registers no workers and its registry is stale. The caller should shut it down and start another.
    pub async fn stopped(&self) -> ReplicaError {
        self.replica.stopped().await
    }

    /// Answers all received registrations, finishes running commands, stops the Raft node, and returns when the store is
    /// closed. All acknowledged entries are on disk. A command that runs longer than the
    /// [limit](super::CoordinatorNode::drain_limit) is abandoned: another coordinator marks its deployment as
    /// `uncertain`.
    pub async fn shutdown(mut self) -> Stats {
        let (serving, replica) = (self.serving.take(), Arc::clone(&self.replica));
        let (dispatcher, drain) = (self.dispatcher.clone(), self.drain);
        drop(self);
        match serving {
            Some(serving) => serving.shutdown(dispatcher, replica, drain).await,
            None => Stats::default(),
        }
    }
}

impl Serving {
    /// Registrations need the Raft node until they are answered, and commands until they are finished.
    async fn shutdown(
        mut self,
        dispatcher: Dispatcher,
        replica: Arc<Replica>,
        limit: Duration,
    ) -> Stats {
        let served = self.server.shutdown_within(limit);
        let listened = self.listener.shutdown(limit);
        let (stats, (), ()) = tokio::join!(served, listened, dispatcher.finish(limit));
        self.tasks.shutdown().await;
        if let Some(replica) = unwrap_shared(replica).await {
            replica.shutdown().await;
        } else {
            tracing::error!("a coordinator has stopped, but its raft node is still in use");
        }
        stats
    }
}

/// Waits until no handler holds the Raft node any more: answered handlers may be about to release it.
async fn unwrap_shared(mut replica: Arc<Replica>) -> Option<Replica> {
    let deadline = Instant::now() + RELEASE_LIMIT;
    loop {
        replica = match Arc::try_unwrap(replica) {
            Ok(replica) => return Some(replica),
            Err(_) if Instant::now() >= deadline => return None,
            Err(shared) => shared,
        };
        sleep(RELEASE_LIMIT / 1_000).await;
    }
}

/// Initializes a cluster of `members`, unless the list is empty or the node has been in a cluster before.
async fn initialize(
    replica: &Replica,
    members: BTreeMap<NodeId, RaftNode>,
) -> Result<(), CoordinatorNodeError> {
    if members.is_empty() {
        return Ok(());
    }
    if !members.contains_key(&replica.node()) {
        return Err(CoordinatorNodeError::NotAMember);
    }
    match replica.initialize(members).await {
        Ok(()) | Err(ReplicaError::Membership(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl Drop for RunningCoordinatorNode {
    fn drop(&mut self) {
        let Some(serving) = self.serving.take() else {
            return;
        };
        // Without a Tokio runtime the connection is gone as well.
        if let Ok(runtime) = Handle::try_current() {
            let (dispatcher, replica) = (self.dispatcher.clone(), Arc::clone(&self.replica));
            runtime.spawn(serving.shutdown(dispatcher, replica, self.drain));
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
