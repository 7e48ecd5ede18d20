//! `mutations`: damaged messages, judged by our decoder and by an oracle that is not ours.

use fuzz::duel::{Plan, run as duel};

use crate::report::{Report, Unit};
use crate::{Effort, Failure};

/// How many messages, unless told otherwise.
const COUNT: u64 = 10_000_000;
/// How many where it is only to be shown that it works.
const QUICK: u64 = 100_000;
/// What is tried depends on the number of threads, so it is the same on every machine.
const THREADS: u64 = 4;

/// Damages messages and counts where the verdicts differ.
///
/// # Errors
/// When the schemas or corpora cannot be read, or where a verdict or a place differs without a good reason.
pub(crate) fn run(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let usual = if effort.quick { QUICK } else { COUNT };
    let plan = Plan {
        seed: effort.seed,
        count: effort.count.unwrap_or(usual),
        threads: THREADS,
    };
    let outcome = duel(plan)?;
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
        return Err(outcome.shown.join("\n").into());
    }
    Ok(())
}

/// A count as what the report prints; exact up to 2^53.
fn as_float(count: u64) -> f64 {
    let (high, low) = (count >> 32, count & u64::from(u32::MAX));
    let part = |part: u64| u32::try_from(part).map_or(f64::MAX, f64::from);
    part(high) * 4_294_967_296.0 + part(low)
}
