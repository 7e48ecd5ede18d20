//! What runs on a worker, and what its commands say of its pipelines.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use natsgen_runtime::Limited;
use tokio::sync::watch;

use crate::coordinator::Heartbeat;
use crate::types::{PipelineId, PipelineMetrics, PipelineName};

/// Of how many pipelines a heartbeat tells.
const METRICS_LIMIT: usize = 10_000;

/// What runs on a worker. No lock of it is held while a handler runs.
#[derive(Debug)]
pub(super) struct Load {
    work: watch::Sender<Work>,
    counts: Mutex<Counts>,
}

/// New work, and whether there may be more of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) running: usize,
    pub(super) is_draining: bool,
}

#[derive(Debug, Default)]
struct Counts {
    events: u64,
    pipelines: BTreeMap<PipelineId, PipelineMetrics>,
}

/// Work that runs, until it is dropped: its handler may panic.
pub(super) struct Running<'a>(&'a Load);

impl Load {
    pub(super) fn new() -> Self {
        Self {
            work: watch::Sender::new(Work::default()),
            counts: Mutex::default(),
        }
    }

    pub(super) fn work(&self) -> Work {
        *self.work.borrow()
    }

    /// Tells when it begins to drain and when it has drained; not of every piece of work.
    pub(super) fn watch(&self) -> watch::Receiver<Work> {
        self.work.subscribe()
    }

    /// Begins new work; none while it drains.
    pub(super) fn begin(&self) -> Option<Running<'_>> {
        let mut running = None;
        self.work.send_if_modified(|work| {
            if !work.is_draining {
                work.running += 1;
                running = Some(Running(self));
            }
            false
        });
        running
    }

    /// Lets no new work begin from now on.
    pub(super) fn drain(&self) {
        self.work
            .send_if_modified(|work| !std::mem::replace(&mut work.is_draining, true));
    }

    pub(super) fn deployed(&self, id: PipelineId, pipeline_name: PipelineName) {
        let metrics = PipelineMetrics {
            pipeline_name,
            events_in: 0,
            events_out: 0,
            connector_health: Limited::default(),
        };
        // A service may answer with a pipeline that is there already.
        self.counts().pipelines.entry(id).or_insert(metrics);
    }

    pub(super) fn undeployed(&self, id: &PipelineId) {
        self.counts().pipelines.remove(id);
    }

    pub(super) fn injected(&self, id: &PipelineId, taken: u64, put_out: usize) {
        let mut counts = self.counts();
        counts.events += taken;
        if let Some(pipeline) = counts.pipelines.get_mut(id) {
            pipeline.events_in += taken;
            pipeline.events_out += u64::try_from(put_out).unwrap_or(u64::MAX);
        }
    }

    pub(super) fn heartbeat(&self) -> Heartbeat {
        let counts = self.counts();
        let metrics: Vec<_> = counts
            .pipelines
            .values()
            .take(METRICS_LIMIT)
            .cloned()
            .collect();
        Heartbeat {
            events_processed: counts.events,
            pipelines_running: u32::try_from(counts.pipelines.len()).unwrap_or(u32::MAX),
            pipeline_metrics: Limited::new(metrics).expect("they are within the limit"),
        }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.work.send_if_modified(|work| {
            work.running -= 1;
            work.is_draining && work.running == 0
        });
    }
}
