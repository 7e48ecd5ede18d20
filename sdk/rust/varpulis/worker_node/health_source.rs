//! The payload of heartbeats.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::in_flight::InFlight;
use super::settings::HeartbeatFn;
use crate::coordinator::Heartbeat;

/// How long to wait for the service's callback.
const TIMEOUT: Duration = Duration::from_secs(1);

/// The source of heartbeat payloads: the service's callback, or the node's own counters. A callback that blocks does
/// not delay heartbeats.
pub(super) struct HealthSource {
    in_flight: Arc<InFlight>,
    callback: Option<Arc<HeartbeatFn>>,
    /// The threads of the callback, which may block.
    handlers: Handle,
    cache: Mutex<Cache>,
}

struct Cache {
    last: Heartbeat,
    /// A callback that has not returned. At most one runs at a time.
    pending: Option<JoinHandle<Heartbeat>>,
}

impl HealthSource {
    pub(super) fn new(
        in_flight: Arc<InFlight>,
        callback: Option<Arc<HeartbeatFn>>,
        handlers: Handle,
    ) -> Self {
        let last = Heartbeat::new(0, 0);
        Self {
            in_flight,
            callback,
            handlers,
            cache: Mutex::new(Cache {
                last,
                pending: None,
            }),
        }
    }

    /// The current payload, or the previous payload if the callback does not return in time.
    pub(super) async fn heartbeat(&self) -> Heartbeat {
        let Some(callback) = &self.callback else {
            return self.in_flight.heartbeat();
        };
        let mut cache = self.cache.lock().await;
        let mut pending = cache.pending.take().unwrap_or_else(|| {
            let callback = Arc::clone(callback);
            self.handlers.spawn_blocking(move || callback())
        });
        match timeout(TIMEOUT, &mut pending).await {
            Ok(Ok(heartbeat)) => cache.last = heartbeat,
            // The callback panicked, or the handler threads have ended.
            Ok(Err(_)) => {}
            Err(_) => cache.pending = Some(pending),
        }
        cache.last.clone()
    }
}
