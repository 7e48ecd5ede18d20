//! The content of the report, in any format.

use std::io;
use std::time::Duration;

use super::recorder::Entry;

/// A format of the report.
pub(super) trait Report {
    /// The transport and the prefix of the subjects.
    fn title(&mut self, title: &Title<'_>) -> io::Result<()>;

    /// A heading.
    fn section(&mut self, heading: &str) -> io::Result<()>;

    /// A call or an event.
    fn row(&mut self, row: &Row<'_>) -> io::Result<()>;

    /// The totals, and the reason if the scenario failed.
    fn summary(
        &mut self,
        tally: &Tally,
        elapsed: Duration,
        failure: Option<&str>,
    ) -> io::Result<()>;
}

/// The transport and the prefix of the subjects.
pub(super) struct Title<'a> {
    pub(super) transport: &'static str,
    pub(super) location: String,
    pub(super) prefix: &'a str,
}

/// A call or event with a note.
pub(super) struct Row<'a> {
    pub(super) entry: &'a Entry,
    pub(super) outcome: &'a Outcome,
    pub(super) note: &'a str,
}

/// The outcome of a call or event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The reply is not an error.
    Succeeded,
    /// The event was published; it has no reply.
    Published,
    /// There was no reply, or the reply is an error.
    Failed(Failed),
}

/// The failure of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    /// The phase in which the call failed.
    pub(super) phase: &'static str,
    /// The error code, if the peer refused.
    pub(super) code: Option<String>,
    /// Whether the failure was expected.
    pub(super) as_expected: bool,
}

/// The totals of all calls and events.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) succeeded: u64,
    pub(super) failed: u64,
    pub(super) events: u64,
    /// The payload bytes of requests and events.
    pub(super) bytes_sent: usize,
    /// The payload bytes of replies.
    pub(super) bytes_received: usize,
    latencies: Vec<Duration>,
}

impl Tally {
    pub(super) fn add(&mut self, row: &Row<'_>) {
        match row.outcome {
            Outcome::Succeeded => self.succeeded += 1,
            Outcome::Published => self.events += 1,
            Outcome::Failed(_) => self.failed += 1,
        }
        self.bytes_sent += row.entry.request_bytes;
        if let Some(call) = &row.entry.call {
            self.bytes_received += call.reply_bytes.unwrap_or_default();
            let at = self
                .latencies
                .partition_point(|latency| *latency <= call.latency);
            self.latencies.insert(at, call.latency);
        }
    }

    pub(super) const fn calls(&self) -> u64 {
        self.succeeded + self.failed
    }

    /// The median latency of calls.
    pub(super) fn median(&self) -> Duration {
        self.latencies
            .get(self.latencies.len() / 2)
            .copied()
            .unwrap_or_default()
    }

    pub(super) fn longest(&self) -> Duration {
        self.latencies.last().copied().unwrap_or_default()
    }
}
