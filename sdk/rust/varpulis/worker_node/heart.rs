//! Heartbeats.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use natsgen_runtime::{Limited, NotDelivered, PublishFailure, Unpublished};
use tokio::sync::watch;
use tokio::time::sleep;

use super::health::Membership;
use super::vitals::Vitals;
use crate::coordinator::CoordinatorClient;
use crate::types::WorkerId;

/// Sends heartbeats from the first registration on: one with each registration, and one whenever the interval is over.
pub(super) struct Heart {
    pub(super) id: WorkerId,
    pub(super) coordinator: CoordinatorClient,
    pub(super) vitals: Arc<Vitals>,
    pub(super) membership: watch::Receiver<Membership>,
    pub(super) beats: Arc<AtomicU64>,
}

impl Heart {
    /// Goes on until it is aborted, or nobody registers any more.
    pub(super) async fn run(mut self) {
        let mut registrations = 0;
        loop {
            let (now, interval) = {
                let membership = self.membership.borrow_and_update();
                (membership.registrations, membership.heartbeat_interval)
            };
            if now != registrations {
                registrations = now;
                self.beat().await;
            }
            tokio::select! {
                changed = self.membership.changed() => if changed.is_err() { return },
                () = pause(interval) => self.beat().await,
            }
        }
    }

    /// One that is lost is made good by the next.
    async fn beat(&self) {
        if self.send().await.is_ok() {
            self.beats.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn send(&self) -> Result<(), PublishFailure> {
        let mut heartbeat = self.vitals.take().await;
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
        // That it lives is worth more than what its pipelines do.
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
