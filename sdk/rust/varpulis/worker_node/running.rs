//! A running worker.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use natsgen_runtime::{Connection, Request as _, ServeOptions, Server, Stats};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::coordinator_probe::CoordinatorProbe;
use super::drain::DrainLayer;
use super::error::WorkerNodeError;
use super::handlers::Handlers;
use super::health::{RegistrationStatus, WorkerHealth, WorkerPhase};
use super::health_source::HealthSource;
use super::in_flight::InFlight;
use super::membership::Membership;
use super::registrar::Registrar;
use super::settings::{Settings, StartOptions};
use crate::coordinator::{CoordinatorClient, RegisterRequest};
use crate::listener::Listener;
use crate::types::{WorkerAddress, WorkerId, WorkerInstance};
use crate::worker::{WorkerServer, WorkerService};

/// How long an older instance may take to unsubscribe. Meanwhile neither instance is subscribed, so a command is either
/// executed once or certainly not.
const HANDOVER: Duration = Duration::from_millis(500);

/// How long the HTTP server may take to send its last replies.
const REPLY_LIMIT: Duration = Duration::from_secs(1);

/// How long a shutdown waits until a coordinator knows that the worker drains.
const DRAINING_LIMIT: Duration = Duration::from_secs(1);

/// A running worker. On drop it shuts down in the background.
pub struct RunningWorkerNode {
    settings: Settings,
    instance: WorkerInstance,
    connection: Connection,
    /// The connection of the server.
    commands: Connection,
    in_flight: Arc<InFlight>,
    registration: watch::Receiver<RegistrationStatus>,
    is_notified: bool,
    membership: Arc<Membership>,
    heartbeats: Arc<AtomicU64>,
    /// Registration and heartbeats. They are aborted when this is dropped.
    tasks: JoinSet<()>,
    /// Absent once the shutdown has begun.
    serving: Option<Serving>,
    /// When draining or the shutdown began.
    stopping: OnceLock<Instant>,
}

/// The server and the threads of its handlers.
struct Serving {
    server: Server,
    handlers: Handlers,
    listener: Listener,
}

impl Serving {
    /// Starts the server of worker `id` on a connection.
    async fn start<S: WorkerService>(
        service: S,
        options: ServeOptions,
        (commands, id): (&Connection, &WorkerId),
        (handlers, listener): (Handlers, Listener),
    ) -> Result<Self, WorkerNodeError> {
        let options = options.handlers(handlers.handle().clone());
        let server = WorkerServer::new(service).options(options);
        let server = server.start(commands, id).await;
        Ok(Self {
            server: server.map_err(WorkerNodeError::Serve)?,
            handlers,
            listener,
        })
    }

    /// Answers all received commands. The handler threads end after that.
    async fn shutdown(self, limit: Duration) -> Stats {
        let stats = self.server.shutdown_within(limit).await;
        self.listener.shutdown(REPLY_LIMIT).await;
        drop(self.handlers);
        stats
    }
}

impl RunningWorkerNode {
    pub(super) async fn start<S: WorkerService>(
        service: S,
        mut settings: Settings,
        options: StartOptions,
        connection: &Connection,
    ) -> Result<Self, WorkerNodeError> {
        let StartOptions {
            serving,
            dedup,
            threads,
            health_source,
            http,
        } = options;
        let bus = connection.identity(RegisterRequest::INFO.from, &settings.id);
        let links = http.open(&bus, &mut settings).await;
        let links = links.map_err(WorkerNodeError::Http)?;
        let connection = &links.coordinators;
        let events = connection.events();
        let handlers = Handlers::start(threads).map_err(WorkerNodeError::Threads)?;
        let in_flight = Arc::new(InFlight::new());
        let runtime = handlers.handle().clone();
        let health_source = HealthSource::new(Arc::clone(&in_flight), health_source, runtime);
        let coordinator = CoordinatorClient::new(connection);
        let registrar = Registrar::new(settings, coordinator, &in_flight, health_source);
        let registration = registrar.registration.subscribe();
        let mut listener = registrar.event_listener(connection, events).await;
        // Over HTTP, only this instance receives its commands.
        listener.pauses = links.commands.is_none();
        let renewal = registrar.join().await;
        if listener.is_successor().await {
            sleep(HANDOVER).await;
        }
        let service = DrainLayer {
            service,
            in_flight: Arc::clone(&in_flight),
        };
        let options = serving
            .deduplicate(dedup)
            .drain(registrar.settings.drain)
            .state(registrar.membership.state());
        // A malformed command drops the connection; it must not stop heartbeats and registration.
        let commands = match links.commands {
            Some(commands) => commands,
            None => bus.isolated().await,
        };
        let (id, parts) = (&registrar.settings.id, (handlers, links.listener));
        let serving = Serving::start(service, options, (&commands, id), parts).await?;
        let probe = CoordinatorProbe::new(connection, &registrar.settings.id);
        let probe = Some(probe).filter(|_| !links.are_acknowledged);
        let sender = registrar.heartbeat_sender(probe, serving.server.stats_reader());
        let mut running = Self {
            settings: registrar.settings.clone(),
            instance: registrar.instance.clone(),
            connection: bus,
            commands,
            in_flight,
            registration,
            is_notified: listener.is_notified(),
            membership: Arc::clone(&registrar.membership),
            heartbeats: Arc::clone(&sender.heartbeats),
            tasks: JoinSet::new(),
            serving: Some(serving),
            stopping: OnceLock::new(),
        };
        running.tasks.spawn(sender.run());
        running.tasks.spawn(registrar.run(renewal, listener));
        Ok(running)
    }

    /// The worker's id.
    #[must_use]
    pub fn id(&self) -> &WorkerId {
        &self.settings.id
    }

    /// The registered base URL of the worker's HTTP interface; absent if the worker has none.
    #[must_use]
    pub fn address(&self) -> Option<&WorkerAddress> {
        self.settings.address.as_ref()
    }

    /// The id of this run of the worker, chosen at random. The registration contains it.
    #[must_use]
    pub fn instance(&self) -> &WorkerInstance {
        &self.instance
    }

    /// The current health.
    #[must_use]
    pub fn health(&self) -> WorkerHealth {
        let work = self.in_flight.work();
        let RegistrationStatus {
            is_registered,
            registrations,
            failure,
            heartbeat_interval,
            is_rejected,
            ..
        } = self.registration.borrow().clone();
        let is_registered = is_registered && !self.membership.is_paused();
        let serving = self.serving.as_ref();
        WorkerHealth {
            phase: match (work.is_draining, work.running, is_registered) {
                _ if self.membership.is_replaced() => WorkerPhase::Replaced,
                (true, 0, _) => WorkerPhase::Drained,
                (true, _, _) => WorkerPhase::Draining,
                (false, ..) if is_rejected => WorkerPhase::Rejected,
                (false, _, true) => WorkerPhase::Ready,
                (false, _, false) => WorkerPhase::Joining,
            },
            is_connected: self.connection.is_connected() && self.commands.is_connected(),
            denied: self.connection.denied(),
            is_registered,
            is_notified: self.is_notified,
            registrations,
            failure,
            heartbeat_interval,
            heartbeats: self.heartbeats.load(Ordering::Relaxed),
            work: work.running,
            commands: serving.map_or_else(Stats::default, |serving| serving.server.stats()),
        }
    }

    /// Waits without limit until a coordinator has registered the worker. Returns the heartbeat interval, or nothing if
    /// the connection was closed before or another instance has replaced this instance.
    pub async fn registered(&self) -> Option<Duration> {
        let mut registration = self.registration.clone();
        let registered = registration.wait_for(|registration| registration.is_registered);
        registered.await.ok()?.heartbeat_interval
    }

    /// Waits until a newer instance under the same id has replaced this instance; for ever if there is no newer
    /// instance. From then on this instance is unsubscribed and sends no registrations and heartbeats. The caller
    /// should [shut it down](Self::shutdown), which finishes running commands.
    pub async fn replaced(&self) {
        self.membership.replaced().await;
    }

    /// Waits until the coordinators have refused the API key [too often](super::WorkerNode::api_key_attempts) in
    /// succession; for ever if they do not. From then on this instance sends no registrations.
    pub async fn rejected(&self) {
        let mut registration = self.registration.clone();
        let rejected = registration.wait_for(|registration| registration.is_rejected);
        if rejected.await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Refuses new work, as after the command `drain`: `deploy`, `inject`, `inject_batch` and `restore` fail as
    /// `worker_draining`, and the next registration reports no free capacity. Returns when no work runs or the
    /// [limit](super::WorkerNode::drain_limit) is over. Returns how many commands still run.
    pub async fn drain(&self) -> usize {
        let limit = self.time_to_stop();
        self.in_flight.drain();
        let mut work = self.in_flight.watch();
        let idle = work.wait_for(|work| work.running == 0);
        match timeout(limit, idle).await {
            Ok(_) => 0,
            Err(_) => self.in_flight.work().running,
        }
    }

    /// Unsubscribes, finishes all received commands, ends the heartbeats, and returns when the replies are sent. A
    /// command that runs longer than the [limit](super::WorkerNode::drain_limit) is abandoned; the time of an earlier
    /// [`drain`](Self::drain) counts.
    pub async fn shutdown(mut self) -> Stats {
        let limit = self.time_to_stop();
        self.membership.resume();
        let stats = match self.serving.take() {
            Some(serving) => serving.shutdown(limit).await,
            None => Stats::default(),
        };
        if self.in_flight.work().is_draining {
            self.report_draining(limit).await;
        }
        self.tasks.shutdown().await;
        stats
    }
}

impl RunningWorkerNode {
    /// The time that is left to stop. It begins with the first call.
    fn time_to_stop(&self) -> Duration {
        let begun = self.stopping.get_or_init(Instant::now);
        self.settings.drain.saturating_sub(begun.elapsed())
    }
}

impl RunningWorkerNode {
    /// Waits until a coordinator knows that the worker drains, or cannot be reached. Otherwise the coordinators would
    /// learn of the end of the worker from its silence.
    async fn report_draining(&self, limit: Duration) {
        let mut registration = self.registration.clone();
        let reported = registration
            .wait_for(|registration| registration.is_draining || registration.failure.is_some());
        // An error is a timeout, or the end of the registrar.
        let _ = timeout(limit.min(DRAINING_LIMIT), reported).await;
    }
}

impl Drop for RunningWorkerNode {
    fn drop(&mut self) {
        let Some(serving) = self.serving.take() else {
            return;
        };
        let limit = self.time_to_stop();
        self.membership.resume();
        // Without a Tokio runtime the connection is gone as well.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(serving.shutdown(limit));
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
