//! Observation of calls and events.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Receives each completed call and each published event. Set it with
/// [`Connection::observer`](crate::Connection::observer).
pub trait Observer: Send + Sync + 'static {
    /// Called when a call ends, retries included. It runs in the caller's task, so it must not block.
    fn call_ended(&self, record: &CallRecord<'_>);

    /// Called when the transport has accepted an event.
    fn event_published(&self, record: &EventRecord<'_>) {
        let _ = record;
    }
}

/// A completed call.
#[derive(Clone, Debug)]
pub struct CallRecord<'a> {
    /// The name of the operation.
    pub operation: &'static str,
    /// The subject of the request.
    pub subject: &'a str,
    /// The size of the request payload in bytes; 0 if it could not be encoded.
    pub request_bytes: usize,
    /// The size of the reply payload in bytes, if a reply arrived.
    pub reply_bytes: Option<usize>,
    /// The time from the start of the call to its end.
    pub latency: Duration,
    /// The error of a failed call: a [`CallError`](crate::CallError) of the operation's fault.
    pub outcome: Result<(), &'a (dyn Error + 'static)>,
}

/// A published event.
#[derive(Clone, Debug)]
pub struct EventRecord<'a> {
    /// The name of the event.
    pub event: &'static str,
    /// The subject.
    pub subject: &'a str,
    /// The size of the payload in bytes.
    pub bytes: usize,
}

impl fmt::Debug for dyn Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
