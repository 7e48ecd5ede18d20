//! Watching calls from outside.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Is told of every call that ends and every event that is published. Set it with
/// [`Connection::with_observer`](crate::Connection::with_observer).
pub trait Observer: Send + Sync + 'static {
    /// A call has ended, retries included. Runs on the caller's task: be quick.
    fn call_ended(&self, record: &CallRecord<'_>);

    /// An event was handed over.
    fn event_published(&self, record: &EventRecord<'_>) {
        let _ = record;
    }
}

/// One call.
#[derive(Clone, Debug)]
pub struct CallRecord<'a> {
    /// The operation's name.
    pub operation: &'static str,
    /// Where the request went.
    pub subject: &'a str,
    /// The size of the request's payload in bytes; 0 if it could not be encoded.
    pub request_bytes: usize,
    /// The size of the reply's payload in bytes, if there was a reply.
    pub reply_bytes: Option<usize>,
    /// From the call to its end.
    pub latency: Duration,
    /// Why it failed, if it did: a [`CallError`](crate::CallError) of the operation's fault.
    pub outcome: Result<(), &'a (dyn Error + 'static)>,
}

/// One published event.
#[derive(Clone, Debug)]
pub struct EventRecord<'a> {
    /// The event's name.
    pub event: &'static str,
    /// Where it went.
    pub subject: &'a str,
    /// The size of the payload in bytes.
    pub bytes: usize,
}

impl fmt::Debug for dyn Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
