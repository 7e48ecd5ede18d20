//! A worker that runs.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use natsgen_runtime::{Connection, Server, Stats};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::gate::Gate;
use super::handlers::Handlers;
use super::health::{Membership, WorkerHealth, WorkerPhase};
use super::heart::Heart;
use super::load::Load;
use super::registrar::Registrar;
use super::vitals::Vitals;
use super::{Settings, WorkerNode, WorkerNodeError};
use crate::coordinator::CoordinatorClient;
use crate::types::WorkerId;
use crate::worker::{WorkerServer, WorkerService};

/// A worker that runs. Dropped, it shuts down in the background.
pub struct RunningWorkerNode {
    settings: Settings,
    connection: Connection,
    load: Arc<Load>,
    membership: watch::Receiver<Membership>,
    beats: Arc<AtomicU64>,
    /// Registration and heartbeats; they end with this.
    tasks: JoinSet<()>,
    /// None once it shuts down.
    serving: Option<Serving>,
}

/// The server and the threads that it runs on.
struct Serving {
    server: Server,
    handlers: Handlers,
}

impl Serving {
    /// Answers all that has come. The handlers' threads are there until then.
    async fn shutdown(self) -> Stats {
        let stats = self.server.shutdown().await;
        drop(self.handlers);
        stats
    }
}

impl RunningWorkerNode {
    pub(super) async fn start<S: WorkerService>(
        node: WorkerNode<S>,
        connection: &Connection,
    ) -> Result<Self, WorkerNodeError> {
        let WorkerNode {
            service,
            settings,
            serving,
            threads,
            vitals,
        } = node;
        let events = connection.events();
        let handlers = Handlers::start(threads).map_err(WorkerNodeError::Threads)?;
        let load = Arc::new(Load::new());
        let gate = Gate {
            service,
            load: Arc::clone(&load),
        };
        let server = WorkerServer::new(gate)
            .with_options(serving.handlers(handlers.handle().clone()))
            .start(connection, &settings.id)
            .await
            .map_err(WorkerNodeError::Serve)?;

        let vitals = Vitals::new(Arc::clone(&load), vitals, handlers.handle().clone());
        let vitals = Arc::new(vitals);
        let coordinator = CoordinatorClient::new(connection);
        let (told, membership) = watch::channel(Membership::default());
        let beats = Arc::new(AtomicU64::new(0));
        let heart = Heart {
            id: settings.id.clone(),
            coordinator: coordinator.clone(),
            vitals: Arc::clone(&vitals),
            membership: membership.clone(),
            beats: Arc::clone(&beats),
        };
        let registrar = Registrar {
            settings: settings.clone(),
            coordinator,
            load: Arc::clone(&load),
            vitals,
            events,
            membership: told,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(heart.run());
        tasks.spawn(registrar.run());
        Ok(Self {
            settings,
            connection: connection.clone(),
            load,
            membership,
            beats,
            tasks,
            serving: Some(Serving { server, handlers }),
        })
    }

    /// The worker's id.
    #[must_use]
    pub fn id(&self) -> &WorkerId {
        &self.settings.id
    }

    /// How it is doing now.
    #[must_use]
    pub fn health(&self) -> WorkerHealth {
        let work = self.load.work();
        let Membership {
            is_registered,
            registrations,
            failure,
            heartbeat_interval,
        } = self.membership.borrow().clone();
        let serving = self.serving.as_ref();
        WorkerHealth {
            phase: match (work.is_draining, work.running, is_registered) {
                (true, 0, _) => WorkerPhase::Drained,
                (true, _, _) => WorkerPhase::Draining,
                (false, _, true) => WorkerPhase::Ready,
                (false, _, false) => WorkerPhase::Joining,
            },
            is_connected: self.connection.is_connected(),
            is_registered,
            registrations,
            failure,
            heartbeat_interval,
            heartbeats: self.beats.load(Ordering::Relaxed),
            work: work.running,
            commands: serving.map_or_else(Stats::default, |serving| serving.server.stats()),
        }
    }

    /// Waits until a coordinator has registered it, for as long as that takes. How often that one wants a heartbeat; none
    /// if the connection was closed before.
    pub async fn registered(&self) -> Option<Duration> {
        let mut membership = self.membership.clone();
        let registered = membership.wait_for(|membership| membership.is_registered);
        registered.await.ok()?.heartbeat_interval
    }

    /// Takes nothing new, as if the coordinator had told it so: `deploy`, `inject`, `inject_batch` and `restore` are
    /// refused as `worker_draining`, and the coordinator is told that there is no room. Returns when what runs is done or
    /// the [limit](WorkerNode::drain_limit) is over: how much still runs.
    pub async fn drain(&self) -> usize {
        self.load.drain();
        let mut work = self.load.watch();
        let idle = work.wait_for(|work| work.running == 0);
        match timeout(self.settings.drain, idle).await {
            Ok(_) => 0,
            Err(_) => self.load.work().running,
        }
    }

    /// Stops to listen, answers all commands that have come, ends the heartbeats, and returns when the answers are out.
    /// A command that does not end within the [limit](WorkerNode::drain_limit) is given up.
    pub async fn shutdown(mut self) -> Stats {
        let stats = match self.serving.take() {
            Some(serving) => serving.shutdown().await,
            None => Stats::default(),
        };
        self.tasks.shutdown().await;
        stats
    }
}

impl Drop for RunningWorkerNode {
    fn drop(&mut self) {
        let Some(serving) = self.serving.take() else {
            return;
        };
        // Without a runtime there is no connection either.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(serving.shutdown());
        }
    }
}

impl fmt::Debug for RunningWorkerNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningWorkerNode")
            .field("id", &self.settings.id)
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}
