//! The output of a run: results to standard output, progress to standard error.

use std::io::{self, Write as _};
use std::time::Duration;

use serde_json::json;

use crate::Failure;
use crate::checker::Counts;

/// Prints the results of a scenario.
#[derive(Debug)]
pub(crate) struct Report {
    scenario: &'static str,
    is_json: bool,
}

impl Report {
    /// A report as text or as JSON lines.
    pub(crate) fn new(scenario: &'static str, is_json: bool) -> Self {
        Self { scenario, is_json }
    }

    /// Announces a round.
    pub(crate) fn begin(&self, round: u64, rounds: u64, seed: u64) -> io::Result<()> {
        let scenario = self.scenario;
        writeln!(
            io::stderr(),
            "{scenario}: round {round} of {rounds}, seed {seed}"
        )
    }

    /// Reports a finished round.
    pub(crate) fn end(&self, round: u64, took: Duration, counts: &Counts) -> io::Result<()> {
        let format_counts = |counts: &[(&str, u64)]| {
            let counts = counts.iter().filter(|(_, count)| *count > 0);
            let counts = counts.map(|(name, count)| format!("{name} {count}"));
            counts.collect::<Vec<_>>().join(", ")
        };
        let mut progress = io::stderr().lock();
        let outcomes = format_counts(&counts.outcomes());
        writeln!(
            progress,
            "{}: round {round} took {took:.1?}: {outcomes}",
            self.scenario
        )?;
        if !counts.is_clean() {
            let violations = format_counts(&counts.violations());
            writeln!(
                progress,
                "{}: round {round} VIOLATED: {violations}",
                self.scenario
            )?;
        }
        Ok(())
    }

    /// Reports a round that did not run to its end.
    pub(crate) fn failure(&self, round: u64, seed: u64, failure: &Failure) -> io::Result<()> {
        let scenario = self.scenario;
        writeln!(
            io::stderr(),
            "{scenario}: round {round}, seed {seed}, FAILED: {failure}"
        )
    }

    /// Prints a result.
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
