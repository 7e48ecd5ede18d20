//! Registration with the coordinators, and its renewal.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Backoff, Connection, Secs, StatsReader, True, token};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::coordinator_probe::CoordinatorProbe;
use super::events::{EventListener, TransportEvents};
use super::health::RegistrationStatus;
use super::health_source::HealthSource;
use super::heartbeat::HeartbeatSender;
use super::in_flight::{InFlight, Work};
use super::membership::Membership;
use super::registration_error::{RegistrationError, validated};
use super::settings::Settings;
use crate::coordinator::{CoordinatorClient, RegisterFault, RegisterRequest};
use crate::types::{WorkerAddress, WorkerCapacity, WorkerInstance};
use crate::worker::RegistrationFilter;

/// The heartbeat interval if the coordinator gives no interval.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);

/// A silent worker counts as unhealthy after this many heartbeat intervals, so a registration is renewed after as many.
const HEARTBEATS: u32 = 3;

/// The least time between two confirmations of a registration.
const CONFIRM_INTERVAL: Duration = Duration::from_secs(1);

/// Registers the worker. Registers it again:
///
/// - after a reconnect;
/// - when a coordinator does not know the worker;
/// - when a notice says that another instance replaces this instance;
/// - when the worker begins to drain;
/// - after the renewal interval, because a coordinator may lose a registration without a notice. A coordinator of Varpulis
///   0.11 discards its state of a worker that registers again, so the worker renews only a `renewable` registration;
/// - when no coordinator is subscribed to its heartbeats, if its registration is not renewable.
pub(super) struct Registrar {
    pub(super) settings: Settings,
    pub(super) instance: WorkerInstance,
    pub(super) coordinator: CoordinatorClient,
    pub(super) in_flight: Arc<InFlight>,
    pub(super) health_source: Arc<HealthSource>,
    pub(super) membership: Arc<Membership>,
    pub(super) wake: Arc<Notify>,
    pub(super) confirm: Arc<Notify>,
    pub(super) registration: watch::Sender<RegistrationStatus>,
}

impl Registrar {
    /// Creates a registrar for a new instance of the worker.
    pub(super) fn new(
        settings: Settings,
        coordinator: CoordinatorClient,
        in_flight: &Arc<InFlight>,
        health_source: HealthSource,
    ) -> Self {
        Self {
            settings,
            instance: WorkerInstance::try_from(token()).expect("a token is a valid instance id"),
            coordinator,
            in_flight: Arc::clone(in_flight),
            health_source: Arc::new(health_source),
            membership: Arc::default(),
            wake: Arc::default(),
            confirm: Arc::default(),
            registration: watch::Sender::default(),
        }
    }

    /// Subscribes to the notices of registrations under the worker's id.
    pub(super) async fn event_listener(
        &self,
        connection: &Connection,
        events: TransportEvents,
    ) -> EventListener {
        let filter = RegistrationFilter {
            worker_id: Some(self.settings.id.clone()),
        };
        EventListener {
            instance: self.instance.clone(),
            events,
            notices: connection.subscribe(&filter).await.ok(),
            membership: Arc::clone(&self.membership),
            pauses: true,
            wake: Arc::clone(&self.wake),
            confirm: Arc::clone(&self.confirm),
        }
    }

    /// The task that sends heartbeats after the first registration.
    pub(super) fn heartbeat_sender(
        &self,
        probe: Option<CoordinatorProbe>,
        commands: StatsReader,
    ) -> HeartbeatSender {
        HeartbeatSender {
            id: self.settings.id.clone(),
            coordinator: self.coordinator.clone(),
            health_source: Arc::clone(&self.health_source),
            registration: self.registration.subscribe(),
            probe,
            wake: Arc::clone(&self.wake),
            heartbeats: Arc::default(),
            commands,
        }
    }

    /// Runs until the task is aborted, another instance replaces this instance, the coordinators have refused the API
    /// key too often, or the connection is closed. `renewal` is the result of the first registration.
    pub(super) async fn run(self, renewal: Option<Duration>, listener: EventListener) {
        tokio::select! {
            () = listener.run() => {}
            () = self.renew(renewal) => {}
        }
        self.registration
            .send_modify(|registration| registration.is_registered = false);
    }

    async fn renew(&self, mut renewal: Option<Duration>) {
        let [first, longest] = self.settings.pauses;
        let mut backoff = Backoff::new(first, longest);
        let mut work = self.in_flight.watch();
        let mut is_draining = false;
        let mut next_confirmation = Instant::now();
        while !self.membership.is_replaced() && !self.registration.borrow().is_rejected {
            let pause = match renewal {
                // `Backoff` shortens the pause by a random part, so that a coordinator's workers do not all register at
                // once.
                Some(renewal) => {
                    backoff.reset();
                    Backoff::new(renewal, renewal).pause()
                }
                None => backoff.pause(),
            };
            let mut is_confirming = false;
            tokio::select! {
                biased;
                () = self.confirm.notified() => {
                    sleep_until(next_confirmation).await;
                    next_confirmation = Instant::now() + CONFIRM_INTERVAL;
                    is_confirming = true;
                }
                () = sleep(pause) => {}
                () = begins_to_drain(&mut work, is_draining) => backoff.reset(),
                () = self.wake.notified() => {
                    backoff.reset();
                    // After a restart of the server or a coordinator, all workers register again at once. A random
                    // pause spreads them.
                    sleep(backoff.pause()).await;
                    backoff.reset();
                }
            }
            is_draining = work.borrow_and_update().is_draining;
            renewal = self.register(is_draining, is_confirming).await;
            if self.is_id_in_use() {
                self.membership.hand_over();
            }
        }
    }

    /// Registers until no other instance has the id. Returns the time after which to register again, unless the
    /// registration failed.
    pub(super) async fn join(&self) -> Option<Duration> {
        let [first, longest] = self.settings.pauses;
        let mut backoff = Backoff::new(first, longest);
        loop {
            let renewal = self.register(false, false).await;
            if !self.is_id_in_use() {
                return renewal;
            }
            tracing::warn!(id = %self.settings.id, "another instance has the worker's id and is alive");
            sleep(backoff.pause()).await;
        }
    }

    /// Whether a coordinator refused the last registration because another live instance has the id.
    fn is_id_in_use(&self) -> bool {
        let registration = self.registration.borrow();
        let fault = registration
            .failure
            .as_ref()
            .and_then(RegistrationError::fault);
        fault == Some(&RegisterFault::WorkerIdInUse)
    }

    /// Returns the time after which to register again, unless the registration failed. A confirmation is not answered
    /// from a coordinator's own replica, which may be stale.
    async fn register(&self, is_draining: bool, is_confirming: bool) -> Option<Duration> {
        let doubts = self.membership.doubts();
        let mut request = self.request(is_draining).await;
        request.confirm = is_confirming.then_some(True);
        let registered = self.coordinator.register(&request).await;
        let registered = validated(registered, &self.settings.id);
        self.membership.registered(doubts, &registered);
        let mut renewal = None;
        self.registration
            .send_modify(|registration| match registered {
                Ok(reply) => {
                    let interval = reply.heartbeat_interval.map(Secs::get);
                    let interval = interval.unwrap_or(HEARTBEAT_INTERVAL);
                    let is_renewable = reply.renewable.is_some();
                    let default = if is_renewable {
                        interval * HEARTBEATS
                    } else {
                        Duration::MAX
                    };
                    renewal = Some(self.settings.renewal.unwrap_or(default));
                    *registration = RegistrationStatus {
                        is_registered: true,
                        is_draining,
                        registrations: registration.registrations + 1,
                        heartbeat_interval: Some(interval),
                        is_renewable,
                        ..RegistrationStatus::default()
                    };
                }
                Err(error) => registration.fail(error, self.settings.api_key_attempts),
            });
        renewal
    }

    /// A draining worker also reports no free capacity, because Varpulis 0.11 coordinators do not know the member
    /// `draining`.
    async fn request(&self, is_draining: bool) -> RegisterRequest {
        let pipelines_running = self.health_source.heartbeat().await.pipelines_running;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let Settings {
            id,
            api_key,
            address,
            max_pipelines,
            ..
        } = &self.settings;
        let mut request = RegisterRequest::new(
            id.clone(),
            address.clone().unwrap_or_else(nats_only),
            api_key.clone(),
            WorkerCapacity::new(
                u32::try_from(cores).unwrap_or(u32::MAX),
                pipelines_running,
                if is_draining {
                    pipelines_running.min(*max_pipelines)
                } else {
                    *max_pipelines
                },
            ),
        );
        request.instance = Some(self.instance.clone());
        request.draining = is_draining.then_some(True);
        request
    }
}

fn nats_only() -> WorkerAddress {
    WorkerAddress::try_from("").expect("the schema permits an empty address")
}

/// Waits until the worker begins to drain; for ever if it already drains.
async fn begins_to_drain(work: &mut watch::Receiver<Work>, is_draining: bool) {
    if !is_draining && work.wait_for(|work| work.is_draining).await.is_ok() {
        return;
    }
    std::future::pending::<()>().await;
}
