//! Single events and batches of events: the generated client calls a worker node over NATS.

use natsgen_runtime::Limited;
use varpulis_sdk::types::InputEvent;
use varpulis_sdk::worker::InjectBatchRequest;

use super::target::Target;
use crate::contender::{Call, Contender, measure};
use crate::report::{Report, Unit};
use crate::{Effort, Failure};

/// The number of events in a batch.
const BATCH: u32 = 1_000;

/// The number of concurrent single events.
const IN_FLIGHT: usize = 64;

/// Measures events per second: single events, and batches with a single call in flight.
///
/// # Errors
/// If the worker does not start or a call fails.
pub(super) async fn run(url: &str, effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let (target, _) = Target::start(url, "events").await?;
    let contenders = [
        Contender::new("inject", IN_FLIGHT, target.clone()),
        Contender::new("inject_batch", 1, Batches::to(target)?),
    ];
    let [single, batch] = &measure(&contenders, effort).await?[..] else {
        unreachable!("two contenders were measured")
    };
    let batch = batch.throughput.scaled(f64::from(BATCH));
    report.line("events.inject", single.throughput.median(), Unit::PerSecond)?;
    report.line("events.inject_batch", batch.median(), Unit::PerSecond)?;
    report.line("events_ratio", batch.ratio(&single.throughput), Unit::Ratio)?;
    Ok(())
}

/// Calls `inject_batch`.
#[derive(Clone, Debug)]
struct Batches {
    target: Target,
    request: InjectBatchRequest,
}

impl Batches {
    fn to(target: Target) -> Result<Self, Failure> {
        let inject = target.request();
        let mut event = InputEvent::new(inject.event_type.clone());
        event.fields = inject.fields.clone();
        let request = InjectBatchRequest::new(
            inject.pipeline_id.clone(),
            Limited::new(vec![event; BATCH as usize])?,
        );
        Ok(Self { target, request })
    }
}

impl Call for Batches {
    async fn call(&self) -> Result<(), Failure> {
        let Target { client, worker, .. } = &self.target;
        let reply = client.inject_batch(worker, &self.request).await?;
        if reply.events_sent == BATCH {
            Ok(())
        } else {
            Err("events are missing".into())
        }
    }
}
