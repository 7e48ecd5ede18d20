//! Awaits calls, and tells what came of them.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use natsgen_runtime::{CallError, Failure, Fault, Refused};

use super::journal::Journal;
use super::report::{Failed, Outcome, Report, Row, Tally};
use crate::error::{CommandError, chain};

/// Tells a scenario while it goes on.
pub(super) struct Narrator {
    journal: Arc<Journal>,
    report: Box<dyn Report>,
    tally: Tally,
    started: Instant,
}

impl Narrator {
    pub(super) fn new(journal: Arc<Journal>, report: Box<dyn Report>) -> Self {
        Self {
            journal,
            report,
            tally: Tally::default(),
            started: Instant::now(),
        }
    }

    /// Begins a part.
    pub(super) fn section(&mut self, heading: &str) -> Result<(), CommandError> {
        Ok(self.report.section(heading)?)
    }

    /// Waits for the reply of a call. [`Narrator::tell`] shows it.
    pub(super) async fn answered<T, F: Fault>(
        &mut self,
        call: impl Future<Output = Result<T, CallError<F>>>,
    ) -> Result<T, CommandError> {
        match call.await {
            Ok(reply) => Ok(reply),
            Err(error) => {
                self.show(
                    &Outcome::Failed(failed(&error, "a reply")),
                    &note(&error),
                    "",
                )?;
                Err(CommandError::unexpected(&error))
            }
        }
    }

    /// Waits for a call that is to fail, in the phase or with the code that is `expected`, and shows it.
    pub(super) async fn fails<T, F: Fault>(
        &mut self,
        expected: &str,
        call: impl Future<Output = Result<T, CallError<F>>>,
    ) -> Result<(), CommandError> {
        let Err(error) = call.await else {
            self.show(&Outcome::Succeeded, "", "")?;
            let reason = format!("a call succeeded that should have failed: {expected}");
            return Err(CommandError::Failed(reason));
        };
        let failed = failed(&error, expected);
        let is_as_expected = failed.as_expected;
        self.show(&Outcome::Failed(failed), &note(&error), "")?;
        if is_as_expected {
            Ok(())
        } else {
            Err(CommandError::unexpected(&error))
        }
    }

    /// Shows what has crossed the connections since the last time: the call with one note, then events with the other.
    pub(super) fn tell(&mut self, call: &str, events: &str) -> Result<(), CommandError> {
        self.show(&Outcome::Succeeded, call, events)
    }

    /// Ends the report.
    pub(super) fn finish(&mut self, failure: Option<&CommandError>) -> Result<(), CommandError> {
        let reason = failure.map(CommandError::message);
        Ok(self
            .report
            .summary(&self.tally, self.started.elapsed(), reason.as_deref())?)
    }

    fn show(&mut self, outcome: &Outcome, call: &str, events: &str) -> Result<(), CommandError> {
        // What a call brought about was published before its reply, but is easier to read after it.
        let mut entries = self.journal.take();
        entries.sort_by_key(|entry| entry.call.is_none());
        for entry in &entries {
            let is_failure = matches!(outcome, Outcome::Failed(_));
            let (outcome, note) = match &entry.call {
                // A worker may register by itself beside the call that is to fail.
                Some(call) if call.is_ok && is_failure => (&Outcome::Succeeded, ""),
                Some(_) => (outcome, call),
                None => (&Outcome::Published, events),
            };
            let row = Row {
                entry,
                outcome,
                note,
            };
            self.tally.add(&row);
            self.report.row(&row)?;
        }
        Ok(())
    }
}

fn failed<F: Fault>(error: &CallError<F>, expected: &str) -> Failed {
    let (phase, code) = match &error.failure {
        Failure::NotEncoded(_) => ("not_encoded", None),
        Failure::NotDelivered(_) => ("not_delivered", None),
        Failure::NoAnswer(_) => ("no_answer", None),
        Failure::Refused(Refused::Fault(fault)) => ("refused", Some(fault.kind().code.to_owned())),
        Failure::Refused(Refused::Standard(fault)) => {
            ("refused", Some(fault.kind().code.to_owned()))
        }
        Failure::Refused(Refused::Unknown { code, .. }) => ("refused", code.clone()),
        Failure::Unreadable(_) => ("unreadable", None),
        _ => ("failed", None),
    };
    let as_expected = phase == expected || code.as_deref() == Some(expected);
    Failed {
        phase,
        code,
        as_expected,
    }
}

/// What a fault is by its type, and why anything else failed.
fn note<F: Fault>(error: &CallError<F>) -> String {
    match error.fault() {
        Some(fault) if fault.detail().is_empty() => fault.kind().code.to_owned(),
        Some(fault) => format!("{}: {}", fault.kind().code, fault.detail()),
        None => {
            let phase = failed(error, "").phase.replace('_', " ");
            error.source().map_or(phase.clone(), |reason| {
                format!("{phase}: {}", chain(reason))
            })
        }
    }
}
