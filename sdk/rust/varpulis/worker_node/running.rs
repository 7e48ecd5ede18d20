//! A worker that runs.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use natsgen_runtime::{Connection, Server, Stats, token};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::gate::Gate;
use super::handlers::Handlers;
use super::health::{Membership, WorkerHealth, WorkerPhase};
use super::load::Load;
use super::registrar::Registrar;
use super::standing::Standing;
use super::vitals::Vitals;
use super::{Settings, WorkerNode, WorkerNodeError};
use crate::coordinator::CoordinatorClient;
use crate::types::{WorkerId, WorkerInstance};
use crate::worker::{WorkerServer, WorkerService};

/// How long an older instance may take to stop to listen. Meanwhile nobody does, so that a command is either executed once
/// or certainly not.
const HANDOVER: Duration = Duration::from_millis(100);

/// A worker that runs. Dropped, it shuts down in the background.
pub struct RunningWorkerNode {
    settings: Settings,
    instance: WorkerInstance,
    connection: Connection,
    load: Arc<Load>,
    membership: watch::Receiver<Membership>,
    is_notified: bool,
    standing: Arc<Standing>,
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
        let vitals = Vitals::new(Arc::clone(&load), vitals, handlers.handle().clone());
        let (told, membership) = watch::channel(Membership::default());
        let registrar = Registrar {
            instance: WorkerInstance::try_from(token()).expect("it is one"),
            coordinator: CoordinatorClient::new(connection),
            load: Arc::clone(&load),
            vitals: Arc::new(vitals),
            standing: Arc::default(),
            again: Arc::default(),
            membership: told,
            settings,
        };
        let mut ear = registrar.ear(connection, events).await;
        let heart = registrar.heart();
        let renewal = registrar.register(false).await;
        if ear.is_successor().await {
            sleep(HANDOVER).await;
        }
        let gate = Gate {
            service,
            load: Arc::clone(&load),
        };
        let options = serving
            .handlers(handlers.handle().clone())
            .admission(registrar.standing.admission());
        let server = WorkerServer::new(gate)
            .with_options(options)
            .start(connection, &registrar.settings.id)
            .await
            .map_err(WorkerNodeError::Serve)?;
        let mut running = Self {
            settings: registrar.settings.clone(),
            instance: registrar.instance.clone(),
            connection: connection.clone(),
            load,
            membership,
            is_notified: ear.is_notified(),
            standing: Arc::clone(&registrar.standing),
            beats: Arc::clone(&heart.beats),
            tasks: JoinSet::new(),
            serving: Some(Serving { server, handlers }),
        };
        running.tasks.spawn(heart.run());
        running.tasks.spawn(registrar.run(renewal, ear));
        Ok(running)
    }

    /// The worker's id.
    #[must_use]
    pub fn id(&self) -> &WorkerId {
        &self.settings.id
    }

    /// Which run of the worker this is: told to coordinators, made by chance.
    #[must_use]
    pub fn instance(&self) -> &WorkerInstance {
        &self.instance
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
        let is_registered = is_registered && !self.standing.is_in_doubt();
        let serving = self.serving.as_ref();
        WorkerHealth {
            phase: match (work.is_draining, work.running, is_registered) {
                _ if self.standing.is_replaced() => WorkerPhase::Replaced,
                (true, 0, _) => WorkerPhase::Drained,
                (true, _, _) => WorkerPhase::Draining,
                (false, _, true) => WorkerPhase::Ready,
                (false, _, false) => WorkerPhase::Joining,
            },
            is_connected: self.connection.is_connected(),
            is_registered,
            is_notified: self.is_notified,
            registrations,
            failure,
            heartbeat_interval,
            heartbeats: self.beats.load(Ordering::Relaxed),
            work: work.running,
            commands: serving.map_or_else(Stats::default, |serving| serving.server.stats()),
        }
    }

    /// Waits until a coordinator has registered it, for as long as that takes. How often that one wants a heartbeat; none
    /// if the connection was closed before, or another instance has its place.
    pub async fn registered(&self) -> Option<Duration> {
        let mut membership = self.membership.clone();
        let registered = membership.wait_for(|membership| membership.is_registered);
        registered.await.ok()?.heartbeat_interval
    }

    /// Waits until a newer instance under its id is registered, for ever if there is none: then it has stopped to listen, to
    /// register and to send heartbeats. There is nothing left to do but to [shut down](Self::shutdown), which answers what
    /// runs.
    pub async fn replaced(&self) {
        self.standing.replaced().await;
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
        self.standing.give_up();
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
        self.standing.give_up();
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
