//! The lines that a run prints: figures to standard output, progress to standard error.

use std::io::{self, Write as _};
use std::time::Duration;

use serde_json::json;

use crate::Failure;
use crate::ledger::Counts;

/// Prints what comes of one scenario.
#[derive(Debug)]
pub(crate) struct Report {
    scenario: &'static str,
    is_json: bool,
}

impl Report {
    /// As text or as JSON lines.
    pub(crate) fn new(scenario: &'static str, is_json: bool) -> Self {
        Self { scenario, is_json }
    }

    /// A round begins.
    pub(crate) fn begin(&self, round: u64, rounds: u64, seed: u64) -> io::Result<()> {
        let scenario = self.scenario;
        writeln!(
            io::stderr(),
            "{scenario}: round {round} of {rounds}, seed {seed}"
        )
    }

    /// A round is over.
    pub(crate) fn end(&self, round: u64, took: Duration, counts: &Counts) -> io::Result<()> {
        let told = |counts: &[(&str, u64)]| {
            let counts = counts.iter().filter(|(_, count)| *count > 0);
            let counts = counts.map(|(name, count)| format!("{name} {count}"));
            counts.collect::<Vec<_>>().join(", ")
        };
        let mut progress = io::stderr().lock();
        let outcomes = told(&counts.outcomes());
        writeln!(
            progress,
            "{}: round {round} took {took:.1?}: {outcomes}",
            self.scenario
        )?;
        if !counts.is_clean() {
            let violations = told(&counts.violations());
            writeln!(
                progress,
                "{}: round {round} BROKE: {violations}",
                self.scenario
            )?;
        }
        Ok(())
    }

    /// A round could not be played to its end.
    pub(crate) fn failure(&self, round: u64, seed: u64, failure: &Failure) -> io::Result<()> {
        let scenario = self.scenario;
        writeln!(
            io::stderr(),
            "{scenario}: round {round}, seed {seed}, FAILED: {failure}"
        )
    }

    /// One figure.
    pub(crate) fn line(&self, count: &str, value: u64) -> io::Result<()> {
        let name = format!("chaos.{}.{count}", self.scenario);
        let mut output = io::stdout().lock();
        if self.is_json {
            writeln!(output, "{}", json!({ "name": name, "value": value }))
        } else {
            writeln!(output, "{name} {value}")
        }
    }
}
