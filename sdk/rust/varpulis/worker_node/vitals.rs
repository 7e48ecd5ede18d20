//! What a worker tells of itself, even if its service does not answer.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::Limited;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::Report;
use super::load::Load;
use crate::coordinator::Heartbeat;

/// How long to wait for what the service tells of itself.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a worker tells of itself.
pub(super) struct Vitals {
    load: Arc<Load>,
    report: Option<Arc<Report>>,
    /// Where reports are asked for: they may block.
    handlers: Handle,
    told: Mutex<Told>,
}

struct Told {
    last: Heartbeat,
    /// A report that is not there yet. There is never more than one.
    pending: Option<JoinHandle<Heartbeat>>,
}

impl Vitals {
    pub(super) fn new(load: Arc<Load>, report: Option<Arc<Report>>, handlers: Handle) -> Self {
        let last = Heartbeat {
            events_processed: 0,
            pipelines_running: 0,
            pipeline_metrics: Limited::default(),
        };
        Self {
            load,
            report,
            handlers,
            told: Mutex::new(Told {
                last,
                pending: None,
            }),
        }
    }

    /// How the worker is doing; the last that is known if nothing newer is to be had in time.
    pub(super) async fn take(&self) -> Heartbeat {
        let Some(report) = &self.report else {
            return self.load.heartbeat();
        };
        let mut told = self.told.lock().await;
        let mut pending = told.pending.take().unwrap_or_else(|| {
            let report = Arc::clone(report);
            self.handlers.spawn_blocking(move || report())
        });
        match timeout(PATIENCE, &mut pending).await {
            Ok(Ok(heartbeat)) => told.last = heartbeat,
            // It panicked, or the worker stops.
            Ok(Err(_)) => {}
            Err(_) => told.pending = Some(pending),
        }
        told.last.clone()
    }
}
