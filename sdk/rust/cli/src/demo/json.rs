//! The report as JSON, an object per line.

use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;

use super::report::{Outcome, Report, Row, Tally, Title};

/// Writes lines for programs.
pub(super) struct Json<W> {
    out: W,
    section: String,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Start {
        transport: &'a str,
        prefix: &'a str,
    },
    Call {
        step: &'a str,
        operation: &'a str,
        subject: &'a str,
        request_bytes: usize,
        reply_bytes: Option<usize>,
        latency_us: u128,
        outcome: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<&'a str>,
        note: &'a str,
    },
    Event {
        step: &'a str,
        operation: &'a str,
        subject: &'a str,
        request_bytes: usize,
        outcome: &'a str,
        note: &'a str,
    },
    Summary {
        ok: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'a str>,
        calls: u64,
        succeeded: u64,
        failed: u64,
        events: u64,
        bytes_sent: usize,
        bytes_received: usize,
        median_latency_us: u128,
        longest_latency_us: u128,
        elapsed_us: u128,
    },
}

impl<W: Write> Json<W> {
    pub(super) const fn new(out: W) -> Self {
        Self {
            out,
            section: String::new(),
        }
    }

    fn line(out: &mut W, line: &Line<'_>) -> io::Result<()> {
        let text = serde_json::to_string(line)?;
        writeln!(out, "{text}")
    }
}

impl<W: Write> Report for Json<W> {
    fn title(&mut self, title: &Title<'_>) -> io::Result<()> {
        let Title {
            transport, prefix, ..
        } = title;
        Self::line(&mut self.out, &Line::Start { transport, prefix })
    }

    fn section(&mut self, heading: &str) -> io::Result<()> {
        heading.clone_into(&mut self.section);
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let (step, note) = (self.section.as_str(), row.note);
        let entry = row.entry;
        let (operation, subject) = (entry.operation, entry.subject.as_str());
        let request_bytes = entry.request_bytes;
        let (outcome, code) = match row.outcome {
            Outcome::Succeeded => ("ok", None),
            Outcome::Published => ("published", None),
            Outcome::Failed(failed) => (failed.phase, failed.code.as_deref()),
        };
        let line = match &entry.call {
            None => Line::Event {
                step,
                operation,
                subject,
                request_bytes,
                outcome,
                note,
            },
            Some(call) => Line::Call {
                step,
                operation,
                subject,
                request_bytes,
                reply_bytes: call.reply_bytes,
                latency_us: call.latency.as_micros(),
                outcome,
                code,
                note,
            },
        };
        Self::line(&mut self.out, &line)
    }

    fn summary(
        &mut self,
        tally: &Tally,
        elapsed: Duration,
        failure: Option<&str>,
    ) -> io::Result<()> {
        let line = Line::Summary {
            ok: failure.is_none(),
            error: failure,
            calls: tally.calls(),
            succeeded: tally.succeeded,
            failed: tally.failed,
            events: tally.events,
            bytes_sent: tally.bytes_sent,
            bytes_received: tally.bytes_received,
            median_latency_us: tally.median().as_micros(),
            longest_latency_us: tally.longest().as_micros(),
            elapsed_us: elapsed.as_micros(),
        };
        Self::line(&mut self.out, &line)?;
        self.out.flush()
    }
}
