//! What is told, whatever form it takes.

use std::io;
use std::time::Duration;

use super::journal::Entry;

/// A form of telling.
pub(super) trait Report {
    /// Who talks, and where.
    fn title(&mut self, title: &Title<'_>) -> io::Result<()>;

    /// What comes next.
    fn section(&mut self, heading: &str) -> io::Result<()>;

    /// One call or event.
    fn row(&mut self, row: &Row<'_>) -> io::Result<()>;

    /// What it came to; with the reason if it did not come to its end.
    fn summary(
        &mut self,
        tally: &Tally,
        elapsed: Duration,
        failure: Option<&str>,
    ) -> io::Result<()>;
}

/// Where the connections go, and what the subjects begin with.
pub(super) struct Title<'a> {
    pub(super) transport: &'static str,
    pub(super) place: String,
    pub(super) prefix: &'a str,
}

/// One call or event and what to say about it.
pub(super) struct Row<'a> {
    pub(super) entry: &'a Entry,
    pub(super) outcome: &'a Outcome,
    pub(super) note: &'a str,
}

/// What came of a call or event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The reply came, and is no error.
    Succeeded,
    /// It was handed over; nobody answers.
    Published,
    /// There was no reply, or it is an error.
    Failed(Failed),
}

/// How a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    /// How far it came.
    pub(super) phase: &'static str,
    /// The error's name, if the peer refused.
    pub(super) code: Option<String>,
    /// Whether that was to be shown.
    pub(super) as_expected: bool,
}

/// What all calls and events came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) succeeded: u64,
    pub(super) failed: u64,
    pub(super) events: u64,
    /// Payloads of requests and events.
    pub(super) bytes_sent: usize,
    /// Payloads of replies.
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

    /// Half of the calls took no longer.
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

/// `1 event`, `2 events`
pub(crate) fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
