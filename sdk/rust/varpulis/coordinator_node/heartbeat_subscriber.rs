//! The subscriber of heartbeats.

use std::sync::Arc;

use natsgen_runtime::transport::TransportEvent;
use natsgen_runtime::{Received, Subscription, UnreadableEvent};
use tokio::sync::mpsc;

use super::health::Counts;
use super::liveness::Liveness;
use crate::coordinator::Heartbeat;
use crate::replica::{Registry, Replica};

/// Receives the heartbeats of all workers.
pub(super) struct HeartbeatSubscriber {
    replica: Arc<Replica>,
    liveness: Arc<Liveness>,
    counts: Arc<Counts>,
}

impl HeartbeatSubscriber {
    pub(super) fn new(
        replica: &Arc<Replica>,
        liveness: &Arc<Liveness>,
        counts: &Arc<Counts>,
    ) -> Self {
        Self {
            replica: Arc::clone(replica),
            liveness: Arc::clone(liveness),
            counts: Arc::clone(counts),
        }
    }

    /// Runs until the task is aborted or the connection is closed.
    pub(super) async fn run(
        self,
        mut heartbeats: Subscription<Heartbeat>,
        mut events: mpsc::UnboundedReceiver<TransportEvent>,
    ) {
        loop {
            tokio::select! {
                biased;
                heartbeat = heartbeats.next() => match heartbeat {
                    Some(heartbeat) => self.handle(heartbeat),
                    None => return,
                },
                Some(event) = events.recv() => if let TransportEvent::Lost(messages) = event {
                    self.counts.lost.add(messages);
                },
            }
        }
    }

    fn handle(&self, heartbeat: Result<Received<Heartbeat>, UnreadableEvent>) {
        let Ok(Received { params, event, .. }) = heartbeat else {
            self.counts.unreadable.add(1);
            return;
        };
        self.counts.heartbeats.add(1);
        let Err((id, heartbeat)) = self.liveness.record(params.worker_id, event) else {
            return;
        };
        let status = |registry: &Registry| registry.worker(&id).map(|record| record.status);
        if let Some(status) = self.replica.local(status) {
            self.liveness.insert(id, status, heartbeat);
        } else {
            self.counts.unknown.add(1);
            self.liveness.record_unknown(id);
        }
    }
}
