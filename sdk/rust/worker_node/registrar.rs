//! Registering, again and again.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::transport::TransportEvent;
use natsgen_runtime::{Backoff, Secs, True};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::Settings;
use super::health::Membership;
use super::load::{Load, Work};
use super::vitals::Vitals;
use crate::coordinator::{CoordinatorClient, RegisterRequest};
use crate::types::{WorkerAddress, WorkerCapacity};

/// How often a heartbeat is sent where the coordinator does not say.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);

/// After so many heartbeats a coordinator gives up a worker that is silent, and a worker its registration.
const HEARTBEATS: u32 = 3;

/// Registers the worker, and again when the connection came back, when it begins to drain, and before the registration
/// is as old as a silent worker may be. Nobody tells a worker that it was forgotten: heartbeats have no answers.
pub(super) struct Registrar {
    pub(super) settings: Settings,
    pub(super) coordinator: CoordinatorClient,
    pub(super) load: Arc<Load>,
    pub(super) vitals: Arc<Vitals>,
    pub(super) events: mpsc::UnboundedReceiver<TransportEvent>,
    pub(super) membership: watch::Sender<Membership>,
}

impl Registrar {
    /// Goes on until it is aborted, or the connection is closed.
    pub(super) async fn run(mut self) {
        let [first, longest] = self.settings.pauses;
        let mut backoff = Backoff::new(first, longest);
        let mut work = self.load.watch();
        loop {
            let is_draining = work.borrow_and_update().is_draining;
            let pause = match self.register(is_draining).await {
                // Less some by chance, so that the workers of a coordinator come one after the other.
                Some(renewal) => {
                    backoff.reset();
                    Backoff::new(renewal, renewal).pause()
                }
                None => backoff.pause(),
            };
            tokio::select! {
                () = sleep(pause) => {}
                () = begins_to_drain(&mut work, is_draining) => backoff.reset(),
                is_open = comes_back(&mut self.events) => {
                    if !is_open {
                        return;
                    }
                    backoff.reset();
                    // All workers of the server that was away are back at once.
                    sleep(backoff.pause()).await;
                    backoff.reset();
                }
            }
        }
    }

    /// After which time to register again; none if it failed.
    async fn register(&self, is_draining: bool) -> Option<Duration> {
        let request = self.request(is_draining).await;
        let registered = self.coordinator.register(&request).await;
        let mut renewal = None;
        self.membership.send_modify(|membership| match registered {
            Ok(reply) => {
                let told = reply.heartbeat_interval.map(Secs::get);
                let interval = told.unwrap_or(HEARTBEAT_INTERVAL);
                renewal = Some(self.settings.renewal.unwrap_or(interval * HEARTBEATS));
                *membership = Membership {
                    is_registered: true,
                    registrations: membership.registrations + 1,
                    failure: None,
                    heartbeat_interval: Some(interval),
                };
            }
            Err(error) => {
                membership.is_registered = false;
                membership.failure = Some(error);
            }
        });
        renewal
    }

    /// A worker that drains has no room: the protocol has no other word for it.
    async fn request(&self, is_draining: bool) -> RegisterRequest {
        let pipelines_running = self.vitals.take().await.pipelines_running;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let Settings {
            id,
            api_key,
            address,
            max_pipelines,
            ..
        } = &self.settings;
        RegisterRequest {
            worker_id: id.clone(),
            address: address.clone().unwrap_or_else(nats_only),
            api_key: api_key.clone(),
            capacity: WorkerCapacity {
                cpu_cores: u16::try_from(cores).unwrap_or(u16::MAX),
                pipelines_running,
                max_pipelines: if is_draining {
                    pipelines_running.min(*max_pipelines)
                } else {
                    *max_pipelines
                },
            },
            instance: None,
            draining: is_draining.then_some(True),
        }
    }
}

fn nats_only() -> WorkerAddress {
    WorkerAddress::try_from("").expect("the schema says that it may be empty")
}

/// Waits until the worker begins to drain; for ever if it does so already.
async fn begins_to_drain(work: &mut watch::Receiver<Work>, is_draining: bool) {
    if !is_draining && work.wait_for(|work| work.is_draining).await.is_ok() {
        return;
    }
    std::future::pending::<()>().await;
}

/// Waits until the connection comes back. False if it is closed.
async fn comes_back(events: &mut mpsc::UnboundedReceiver<TransportEvent>) -> bool {
    loop {
        match events.recv().await {
            Some(TransportEvent::Connected) => return true,
            Some(TransportEvent::Closed) | None => return false,
            Some(_) => {}
        }
    }
}
