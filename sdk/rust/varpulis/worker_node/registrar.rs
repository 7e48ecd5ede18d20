//! Registering, again and again.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Backoff, Connection, Secs, True};
use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use super::Settings;
use super::ear::{Ear, Events};
use super::health::Membership;
use super::heart::Heart;
use super::load::{Load, Work};
use super::standing::Standing;
use super::vitals::Vitals;
use crate::coordinator::{CoordinatorClient, RegisterRequest};
use crate::types::{WorkerAddress, WorkerCapacity, WorkerInstance};
use crate::worker::RegistrationFilter;

/// How often a heartbeat is sent where the coordinator does not say.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);

/// After so many heartbeats a coordinator gives up a worker that is silent, and a worker its registration.
const HEARTBEATS: u32 = 3;

/// Registers the worker, and again when the connection came back, when a coordinator does not know it, when it begins to
/// drain, and before the registration is as old as a silent worker may be: not every coordinator tells a worker that it was
/// forgotten.
pub(super) struct Registrar {
    pub(super) settings: Settings,
    pub(super) instance: WorkerInstance,
    pub(super) coordinator: CoordinatorClient,
    pub(super) load: Arc<Load>,
    pub(super) vitals: Arc<Vitals>,
    pub(super) standing: Arc<Standing>,
    pub(super) again: Arc<Notify>,
    pub(super) membership: watch::Sender<Membership>,
}

impl Registrar {
    /// What hears on its behalf.
    pub(super) async fn ear(&self, connection: &Connection, events: Events) -> Ear {
        let filter = RegistrationFilter {
            worker_id: Some(self.settings.id.clone()),
        };
        Ear {
            instance: self.instance.clone(),
            events,
            notices: connection.subscribe(&filter).await.ok(),
            standing: Arc::clone(&self.standing),
            again: Arc::clone(&self.again),
        }
    }

    /// What beats once it has registered.
    pub(super) fn heart(&self) -> Heart {
        Heart {
            id: self.settings.id.clone(),
            coordinator: self.coordinator.clone(),
            vitals: Arc::clone(&self.vitals),
            membership: self.membership.subscribe(),
            beats: Arc::default(),
        }
    }

    /// Goes on until it is aborted, another instance has the worker's place, or the connection is closed. `renewal` came of
    /// the first registration.
    pub(super) async fn run(self, renewal: Option<Duration>, ear: Ear) {
        tokio::select! {
            () = ear.run() => {}
            () = self.keep(renewal) => {}
        }
        self.membership
            .send_modify(|membership| membership.is_registered = false);
    }

    async fn keep(&self, mut renewal: Option<Duration>) {
        let [first, longest] = self.settings.pauses;
        let mut backoff = Backoff::new(first, longest);
        let mut work = self.load.watch();
        let mut is_draining = false;
        while !self.standing.is_replaced() {
            let pause = match renewal {
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
                () = self.again.notified() => {
                    backoff.reset();
                    // All workers of the server that was away, or of a coordinator that forgot them, are back at once.
                    sleep(backoff.pause()).await;
                    backoff.reset();
                }
            }
            is_draining = work.borrow_and_update().is_draining;
            renewal = self.register(is_draining).await;
        }
    }

    /// After which time to register again; none if it failed.
    pub(super) async fn register(&self, is_draining: bool) -> Option<Duration> {
        let losses = self.standing.losses();
        let request = self.request(is_draining).await;
        let registered = self.coordinator.register(&request).await;
        self.standing.judge(losses, &registered);
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

    /// A worker that drains has no room either: Varpulis coordinators know no other word for it.
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
            instance: Some(self.instance.clone()),
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
