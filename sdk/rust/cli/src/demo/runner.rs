//! Awaits the calls of the scenario and reports their results.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use natsgen_runtime::{CallError, Failure, Fault, Refused};

use super::recorder::Recorder;
use super::report::{Failed, Outcome, Report, Row, Tally};
use crate::terminal::error::{CommandError, chain};

/// Runs the calls of a scenario and reports them.
pub(super) struct Runner {
    recorder: Arc<Recorder>,
    report: Box<dyn Report>,
    tally: Tally,
    started: Instant,
}

impl Runner {
    pub(super) fn new(recorder: Arc<Recorder>, report: Box<dyn Report>) -> Self {
        Self {
            recorder,
            report,
            tally: Tally::default(),
            started: Instant::now(),
        }
    }

    /// Begins a section of the report.
    pub(super) fn section(&mut self, heading: &str) -> Result<(), CommandError> {
        Ok(self.report.section(heading)?)
    }

    /// Waits for the reply of a call. [`Runner::report_success`] reports it afterwards.
    pub(super) async fn expect_reply<T, F: Fault>(
        &mut self,
        call: impl Future<Output = Result<T, CallError<F>>>,
    ) -> Result<T, CommandError> {
        match call.await {
            Ok(reply) => Ok(reply),
            Err(error) => {
                self.report_entries(
                    &Outcome::Failed(failed(&error, "a reply")),
                    &note(&error),
                    "",
                )?;
                Err(CommandError::unexpected(&error))
            }
        }
    }

    /// Waits for a call that should fail, in the phase or with the code `expected`, and reports it.
    pub(super) async fn expect_failure<T, F: Fault>(
        &mut self,
        expected: &str,
        call: impl Future<Output = Result<T, CallError<F>>>,
    ) -> Result<(), CommandError> {
        let Err(error) = call.await else {
            self.report_entries(&Outcome::Succeeded, "", "")?;
            let reason = format!("a call succeeded that should have failed with {expected}");
            return Err(CommandError::Failed(reason));
        };
        let failed = failed(&error, expected);
        let is_as_expected = failed.as_expected;
        self.report_entries(&Outcome::Failed(failed), &note(&error), "")?;
        if is_as_expected {
            Ok(())
        } else {
            Err(CommandError::unexpected(&error))
        }
    }

    /// Reports the calls and events since the last time: calls with the note `call`, events with the note `events`.
    pub(super) fn report_success(&mut self, call: &str, events: &str) -> Result<(), CommandError> {
        self.report_entries(&Outcome::Succeeded, call, events)
    }

    /// Ends the report.
    pub(super) fn finish(&mut self, failure: Option<&CommandError>) -> Result<(), CommandError> {
        let reason = failure.map(CommandError::message);
        Ok(self
            .report
            .summary(&self.tally, self.started.elapsed(), reason.as_deref())?)
    }

    fn report_entries(
        &mut self,
        outcome: &Outcome,
        call: &str,
        events: &str,
    ) -> Result<(), CommandError> {
        // Events are published before the reply of the call that caused them, but the report is easier to read if they
        // follow it.
        let mut entries = self.recorder.take();
        entries.sort_by_key(|entry| entry.call.is_none());
        for entry in &entries {
            let is_failure = matches!(outcome, Outcome::Failed(_));
            let (outcome, note) = match &entry.call {
                // A worker may register by itself at the same time as the call that should fail.
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

/// The code and detail of a fault, or the reason of another failure.
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
