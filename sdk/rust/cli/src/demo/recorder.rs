//! Records the calls and events on all connections: an [`Observer`].

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use natsgen_runtime::{CallRecord, EventRecord, Observer};

/// Calls and events in the order in which they ended.
#[derive(Debug, Default)]
pub(super) struct Recorder(Mutex<Vec<Entry>>);

/// A call or an event.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) operation: &'static str,
    pub(super) subject: String,
    /// The size of the request's or the event's payload.
    pub(super) request_bytes: usize,
    /// Absent for an event.
    pub(super) call: Option<Call>,
}

/// The result of a call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// Absent if there was no reply.
    pub(super) reply_bytes: Option<usize>,
    pub(super) latency: Duration,
    pub(super) is_ok: bool,
}

impl Recorder {
    /// The entries since the last time.
    pub(super) fn take(&self) -> Vec<Entry> {
        mem::take(&mut *self.entries())
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Recorder {
    fn call_ended(&self, record: &CallRecord<'_>) {
        self.entries().push(Entry {
            operation: record.operation,
            subject: record.subject.to_owned(),
            request_bytes: record.request_bytes,
            call: Some(Call {
                reply_bytes: record.reply_bytes,
                latency: record.latency,
                is_ok: record.outcome.is_ok(),
            }),
        });
    }

    fn event_published(&self, record: &EventRecord<'_>) {
        self.entries().push(Entry {
            operation: record.event,
            subject: record.subject.to_owned(),
            request_bytes: record.bytes,
            call: None,
        });
    }
}
