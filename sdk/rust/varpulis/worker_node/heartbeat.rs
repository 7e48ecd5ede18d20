//! Heartbeats.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use natsgen_runtime::{Limited, NotDelivered, PublishFailure, StatsReader, True, Unpublished};
use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use super::coordinator_probe::CoordinatorProbe;
use super::health::RegistrationStatus;
use super::health_source::HealthSource;
use crate::coordinator::CoordinatorClient;
use crate::types::WorkerId;

/// Sends heartbeats: after each registration, and after each interval without a registration.
pub(super) struct HeartbeatSender {
    pub(super) id: WorkerId,
    pub(super) coordinator: CoordinatorClient,
    pub(super) health_source: Arc<HealthSource>,
    pub(super) registration: watch::Receiver<RegistrationStatus>,
    pub(super) heartbeats: Arc<AtomicU64>,
    pub(super) commands: StatsReader,
    /// Absent if coordinators acknowledge heartbeats.
    pub(super) probe: Option<CoordinatorProbe>,
    /// Registers the worker again.
    pub(super) wake: Arc<Notify>,
}

impl HeartbeatSender {
    /// Runs until the task is aborted or the registrar has ended.
    pub(super) async fn run(mut self) {
        let mut registrations = 0;
        loop {
            let (now, interval) = {
                let registration = self.registration.borrow_and_update();
                (registration.registrations, registration.heartbeat_interval)
            };
            if now != registrations {
                registrations = now;
                self.send_heartbeat().await;
            }
            tokio::select! {
                changed = self.registration.changed() => if changed.is_err() { return },
                () = pause(interval) => self.send_heartbeat().await,
            }
        }
    }

    /// Sends a heartbeat. A lost heartbeat is not repeated, because the next heartbeat contains all its counters. A
    /// coordinator that does not acknowledge it over HTTP may not know the worker.
    async fn send_heartbeat(&self) {
        match self.try_send().await {
            Ok(()) => {
                self.heartbeats.fetch_add(1, Ordering::Relaxed);
            }
            Err(PublishFailure {
                reason: Unpublished::NotAcknowledged(_),
                ..
            }) => self.wake.notify_one(),
            Err(_) => {}
        }
    }

    async fn try_send(&self) -> Result<(), PublishFailure> {
        let mut heartbeat = self.health_source.heartbeat().await;
        let commands = self.commands.stats();
        if commands.is_some_and(|commands| commands.saturation.is_some()) {
            heartbeat.saturated = Some(True);
        }
        let is_foreign = {
            let registration = self.registration.borrow();
            registration.is_registered && !registration.is_renewable
        };
        if let Some(probe) = &self.probe
            && is_foreign
        {
            match probe.has_subscriber(&heartbeat).await {
                Some(true) => return Ok(()),
                Some(false) => {
                    self.wake.notify_one();
                    return Ok(());
                }
                // The heartbeat was not sent.
                None => {}
            }
        }
        let sent = self.coordinator.heartbeat(&self.id, &heartbeat).await;
        let is_too_large = matches!(
            &sent,
            Err(PublishFailure {
                reason: Unpublished::NotDelivered(NotDelivered::TooLarge { .. }),
                ..
            })
        );
        if !is_too_large {
            return sent;
        }
        // With the metrics of all pipelines it is too large. Without them it still shows that the worker lives.
        heartbeat.pipeline_metrics = Limited::default();
        self.coordinator.heartbeat(&self.id, &heartbeat).await
    }
}

/// Waits for the next heartbeat; for ever before the first registration.
async fn pause(interval: Option<Duration>) {
    match interval {
        Some(interval) => sleep(interval).await,
        None => std::future::pending().await,
    }
}
