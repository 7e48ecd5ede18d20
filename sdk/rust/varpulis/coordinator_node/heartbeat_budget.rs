//! The memory of the heartbeats that a coordinator keeps.

use natsgen_runtime::Limited;

use crate::coordinator::Heartbeat;
use crate::types::{ConnectorHealth, PipelineMetrics};

/// A worker may take this fraction of the limit.
const FRACTION: usize = 64;

/// Limits the pipeline metrics in the heartbeats that a coordinator keeps. All other members have a fixed size.
#[derive(Debug, Default)]
pub(super) struct HeartbeatBudget {
    limit: usize,
    used: usize,
    /// The number of heartbeats whose pipeline metrics were removed.
    trimmed: u64,
}

impl HeartbeatBudget {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            used: 0,
            trimmed: 0,
        }
    }

    /// Takes room for a heartbeat. Removes its pipeline metrics if there is no room. Returns the taken size.
    pub(super) fn take(&mut self, heartbeat: &mut Heartbeat) -> usize {
        let size = size(heartbeat);
        if size <= self.limit / FRACTION && self.used.saturating_add(size) <= self.limit {
            self.used += size;
            return size;
        }
        if size > 0 {
            heartbeat.pipeline_metrics = Limited::default();
            self.trimmed += 1;
        }
        0
    }

    /// Releases the room of a heartbeat.
    pub(super) fn release(&mut self, size: usize) {
        self.used -= size;
    }

    pub(super) fn trimmed(&self) -> u64 {
        self.trimmed
    }
}

/// The size of the pipeline metrics in memory.
fn size(heartbeat: &Heartbeat) -> usize {
    heartbeat.pipeline_metrics.iter().map(size_of_metrics).sum()
}

fn size_of_metrics(metrics: &PipelineMetrics) -> usize {
    let connectors = metrics.connector_health.iter().map(|connector| {
        let error = connector.last_error.as_ref();
        size_of::<ConnectorHealth>()
            + connector.connector_name.as_str().len()
            + connector.connector_type.as_str().len()
            + error.map_or(0, |error| error.len())
    });
    size_of::<PipelineMetrics>() + metrics.pipeline_name.as_str().len() + connectors.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heartbeat(pipelines: usize) -> Heartbeat {
        let name = "p".try_into().unwrap();
        let metrics = PipelineMetrics::new(name, 1, 1);
        let mut heartbeat = Heartbeat::new(1, 1);
        heartbeat.pipeline_metrics = Limited::new(vec![metrics; pipelines]).unwrap();
        heartbeat
    }

    /// The number of pipelines in a heartbeat after it has taken room.
    fn kept(budget: &mut HeartbeatBudget, pipelines: usize) -> (usize, usize) {
        let mut heartbeat = heartbeat(pipelines);
        let size = budget.take(&mut heartbeat);
        assert_eq!(heartbeat.events_processed, 1);
        (heartbeat.pipeline_metrics.len(), size)
    }

    #[test]
    fn heartbeat_metrics_are_kept_up_to_the_limit() {
        let one = size(&heartbeat(1));
        let mut budget = HeartbeatBudget::new(one * FRACTION * 2);
        assert_eq!(
            kept(&mut budget, 3),
            (0, 0),
            "beyond the fraction of a worker"
        );
        for _ in 0..FRACTION {
            assert_eq!(kept(&mut budget, 2), (2, 2 * one));
        }
        assert_eq!(kept(&mut budget, 1), (0, 0), "the limit is reached");
        assert_eq!(kept(&mut budget, 0), (0, 0));
        budget.release(2 * one);
        assert_eq!(kept(&mut budget, 1), (1, one));
        assert_eq!(budget.trimmed(), 2);
    }
}
