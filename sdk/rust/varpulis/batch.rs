//! Batches of events, and workers that do not process them.
//!
//! A worker of Varpulis 0.11 answers `inject_batch` with zeros and processes nothing.
//! [`WorkerClient::inject_all`] compares the counts of the reply with the events of the request.

use std::error::Error;
use std::fmt;
use std::time::Instant;

use natsgen_runtime::{CallError, Micros};

use crate::types::WorkerId;
use crate::worker::{
    InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault, InjectRequest,
    WorkerClient,
};

/// What to do if a worker answers a batch of events with zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BatchFallback {
    /// The batch fails.
    #[default]
    Fail,
    /// The events are injected one at a time.
    SingleInjects,
}

/// The counts of a reply that are not the number of injected events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrongCounts {
    /// The number of events in the request.
    pub events: usize,
    /// The number of processed events, according to the reply.
    pub sent: u32,
    /// The number of failed events, according to the reply.
    pub failed: u32,
}

/// Why a batch of events failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum BatchError {
    /// The call failed.
    Call(CallError<InjectBatchFault>),
    /// The reply does not account for each event. It is unknown which events were processed.
    WrongCounts(WrongCounts),
    /// The worker processes no batches, and the injection of a single event failed. The remaining events were not sent.
    Interrupted {
        /// The results of the events before.
        done: InjectBatchReply,
        /// The error of the event.
        error: Box<CallError<InjectFault>>,
    },
}

impl WorkerClient {
    /// Injects many events, and checks that the reply accounts for each of them. `inject_batch` does not check it.
    ///
    /// # Errors
    /// - [`BatchError::Call`] if the call fails.
    /// - [`BatchError::WrongCounts`] if the counts of the reply are wrong. With [`BatchFallback::SingleInjects`], this
    ///   excludes a reply of zeros.
    /// - [`BatchError::Interrupted`] if an event of the fallback fails for another reason than the error `engine`.
    pub async fn inject_all(
        &self,
        worker_id: &WorkerId,
        request: &InjectBatchRequest,
        fallback: BatchFallback,
    ) -> Result<InjectBatchReply, BatchError> {
        let reply = self.inject_batch(worker_id, request).await;
        let reply = reply.map_err(BatchError::Call)?;
        let Err(counts) = check_counts(&reply, request.events.len()) else {
            return Ok(reply);
        };
        if fallback == BatchFallback::Fail || !counts.are_zero() {
            return Err(BatchError::WrongCounts(counts));
        }
        let mut singles = SingleInjects::new();
        for event in &*request.events {
            let mut single =
                InjectRequest::new(request.pipeline_id.clone(), event.event_type.clone());
            single.fields = event.fields.clone();
            match self.inject(worker_id, &single).await {
                Ok(reply) => singles.add(reply.output_events),
                Err(error) => match error.fault() {
                    Some(InjectFault::Engine(reason)) => singles.fail(reason.clone()),
                    _ => {
                        return Err(BatchError::Interrupted {
                            done: singles.reply(),
                            error: Box::new(error),
                        });
                    }
                },
            }
        }
        Ok(singles.reply())
    }
}

/// Checks that a reply accounts for `events` events.
pub(crate) fn check_counts(reply: &InjectBatchReply, events: usize) -> Result<(), WrongCounts> {
    let (sent, failed) = (reply.events_sent, reply.events_failed);
    if u64::from(sent) + u64::from(failed) == events as u64 {
        return Ok(());
    }
    Err(WrongCounts {
        events,
        sent,
        failed,
    })
}

impl WrongCounts {
    /// Whether the worker processed no event, as Varpulis 0.11 answers.
    pub(crate) const fn are_zero(&self) -> bool {
        self.sent == 0 && self.failed == 0
    }
}

/// The results of events that are injected one at a time.
pub(crate) struct SingleInjects {
    started: Instant,
    reply: InjectBatchReply,
}

impl SingleInjects {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            reply: InjectBatchReply::new(0, 0, Vec::new(), Vec::new(), Micros::default()),
        }
    }

    /// Counts a processed event.
    pub(crate) fn add(&mut self, output_events: Vec<crate::types::OutputEvent>) {
        self.reply.events_sent += 1;
        self.reply.output_events.extend(output_events);
    }

    /// Counts a failed event.
    pub(crate) fn fail(&mut self, reason: String) {
        self.reply.events_failed += 1;
        self.reply.errors.push(reason);
    }

    pub(crate) fn reply(mut self) -> InjectBatchReply {
        self.reply.processing_time = Micros::saturating(self.started.elapsed());
        self.reply
    }
}

impl fmt::Display for WrongCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            events,
            sent,
            failed,
        } = self;
        write!(
            f,
            "the reply counts {sent} processed and {failed} failed events, but the batch has {events}"
        )
    }
}

impl Error for WrongCounts {}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::WrongCounts(counts) => counts.fmt(f),
            Self::Interrupted { done, .. } => {
                let events = done.events_sent + done.events_failed;
                write!(f, "an event could not be injected after {events} events")
            }
        }
    }
}

impl Error for BatchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Call(error) => error.source(),
            Self::WrongCounts(_) => None,
            Self::Interrupted { error, .. } => Some(error),
        }
    }
}
