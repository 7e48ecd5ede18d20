//! Hears heartbeats.

use std::sync::Arc;

use natsgen_runtime::transport::TransportEvent;
use natsgen_runtime::{Received, Subscription, UnreadableEvent};
use tokio::sync::mpsc;

use super::health::Counts;
use super::pulse::Pulses;
use crate::coordinator::Heartbeat;
use crate::replica::{Registry, Replica};

/// Hears heartbeats of all workers.
pub(super) struct Intake {
    pub(super) replica: Arc<Replica>,
    pub(super) pulses: Arc<Pulses>,
    pub(super) counts: Arc<Counts>,
}

impl Intake {
    /// Goes on until it is aborted, or the connection is closed.
    pub(super) async fn run(
        self,
        mut heartbeats: Subscription<Heartbeat>,
        mut events: mpsc::UnboundedReceiver<TransportEvent>,
    ) {
        loop {
            tokio::select! {
                biased;
                heartbeat = heartbeats.next() => match heartbeat {
                    Some(heartbeat) => self.take(heartbeat),
                    None => return,
                },
                Some(event) = events.recv() => if let TransportEvent::Lost(messages) = event {
                    Counts::add(&self.counts.lost, messages);
                },
            }
        }
    }

    fn take(&self, heartbeat: Result<Received<Heartbeat>, UnreadableEvent>) {
        let Ok(Received { params, event, .. }) = heartbeat else {
            Counts::add(&self.counts.unreadable, 1);
            return;
        };
        Counts::add(&self.counts.heartbeats, 1);
        let Err((id, heartbeat)) = self.pulses.hear(params.worker_id, event) else {
            return;
        };
        let look = |registry: &Registry| registry.worker(&id).map(|record| record.status);
        if let Some(status) = self.replica.local(look) {
            self.pulses.admit(id, status, heartbeat);
        } else {
            Counts::add(&self.counts.strays, 1);
            self.pulses.stray(id);
        }
    }
}
