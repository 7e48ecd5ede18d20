//! `InFlightGuard` work, and the counters of the pipelines that commands deployed.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use natsgen_runtime::Limited;
use tokio::sync::watch;

use crate::coordinator::Heartbeat;
use crate::types::{PipelineId, PipelineMetrics, PipelineName};

/// The number of pipelines in a heartbeat: the limit of the schema.
const METRICS_LIMIT: usize = 10_000;

/// `InFlightGuard` work, and the counters of the pipelines. Its lock is never held while a handler runs.
#[derive(Debug)]
pub(super) struct InFlight {
    work: watch::Sender<Work>,
    counts: Mutex<Counts>,
}

/// `InFlightGuard` work, and whether the worker refuses more.
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

/// Counts as running work until it is dropped, also if the handler panics.
pub(super) struct InFlightGuard<'a>(&'a InFlight);

impl InFlight {
    pub(super) fn new() -> Self {
        Self {
            work: watch::Sender::new(Work::default()),
            counts: Mutex::default(),
        }
    }

    pub(super) fn work(&self) -> Work {
        *self.work.borrow()
    }

    /// Notifies when draining begins and when it ends, not of each change of the count.
    pub(super) fn watch(&self) -> watch::Receiver<Work> {
        self.work.subscribe()
    }

    /// Begins work, unless the worker drains.
    pub(super) fn begin(&self) -> Option<InFlightGuard<'_>> {
        let mut running = None;
        self.work.send_if_modified(|work| {
            if !work.is_draining {
                work.running += 1;
                running = Some(InFlightGuard(self));
            }
            false
        });
        running
    }

    /// Refuses new work from now on.
    pub(super) fn drain(&self) {
        self.work
            .send_if_modified(|work| !std::mem::replace(&mut work.is_draining, true));
    }

    pub(super) fn deployed(&self, id: PipelineId, pipeline_name: PipelineName) {
        let metrics = PipelineMetrics::new(pipeline_name, 0, 0);
        // A service may reply with a pipeline that runs already.
        self.counts().pipelines.entry(id).or_insert(metrics);
    }

    pub(super) fn undeployed(&self, id: &PipelineId) {
        self.counts().pipelines.remove(id);
    }

    pub(super) fn injected(&self, id: &PipelineId, events_in: u64, events_out: usize) {
        let mut counts = self.counts();
        counts.events += events_in;
        if let Some(pipeline) = counts.pipelines.get_mut(id) {
            pipeline.events_in += events_in;
            pipeline.events_out += u64::try_from(events_out).unwrap_or(u64::MAX);
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
        let mut heartbeat = Heartbeat::new(
            counts.events,
            u32::try_from(counts.pipelines.len()).unwrap_or(u32::MAX),
        );
        heartbeat.pipeline_metrics = Limited::new(metrics).expect("the number is limited");
        heartbeat
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlightGuard<'_> {
    fn drop(&mut self) {
        self.0.work.send_if_modified(|work| {
            work.running -= 1;
            work.is_draining && work.running == 0
        });
    }
}
