//! `mutations`: mutated messages, decoded by natsgen and validated by a reference validator.

use fuzz::comparison::{Plan, run as compare};

use crate::report::{Report, Unit};
use crate::{Effort, Failure};

/// The default number of messages.
const COUNT: u64 = 10_000_000;
/// The number of messages in the quick form.
const QUICK: u64 = 100_000;
/// Fixed, because the mutations depend on the number of threads and must be the same on every machine.
const THREADS: u64 = 4;

/// Mutates messages and counts the differences between the results.
///
/// # Errors
/// If the schemas or corpora cannot be read, or if a result or a place differs without a known reason.
pub(crate) fn run(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let usual = if effort.quick { QUICK } else { COUNT };
    let plan = Plan {
        seed: effort.seed,
        count: effort.count.unwrap_or(usual),
        threads: THREADS,
    };
    let outcome = compare(plan)?;
    report.line("seed", as_float(plan.seed), Unit::Seed)?;
    let mut count = |case: &str, count: u64| report.line(case, as_float(count), Unit::Count);
    count("count", outcome.count)?;
    count("accepted", outcome.accepted)?;
    count("disagreements", outcome.disagreements)?;
    count("panics", outcome.panics)?;
    for (reason, number) in &outcome.exceptions {
        count(&format!("exceptions.{reason}"), *number)?;
    }
    if outcome.disagreements + outcome.panics > 0 {
        return Err(outcome.examples.join("\n").into());
    }
    Ok(())
}

/// Converts a count for the report. Exact up to 2^53.
fn as_float(count: u64) -> f64 {
    let (high, low) = (count >> 32, count & u64::from(u32::MAX));
    let part = |part: u64| u32::try_from(part).map_or(f64::MAX, f64::from);
    part(high) * 4_294_967_296.0 + part(low)
}
