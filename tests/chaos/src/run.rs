//! Runs the rounds of scenarios.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::Failure;
use crate::checker::Counts;
use crate::cli::Plan;
use crate::damage::Damage;
use crate::report::Report;
use crate::round::Round;
use crate::scenarios::{SCENARIOS, Scenario, Set};

/// The duration of the soak in the short form.
const SHORT_SOAK: Duration = Duration::from_secs(3);

/// The time limit of a round, in addition to its requested duration.
const ROUND_LIMIT: Duration = Duration::from_mins(5);

/// The sums over the rounds of a scenario.
#[derive(Default)]
struct Total {
    rounds: u64,
    failed_rounds: u64,
    damage: Damage,
    counts: Counts,
    extra: BTreeMap<&'static str, u64>,
    peaks: BTreeMap<&'static str, u64>,
}

/// Runs the scenarios of `plan`. Returns whether no violation was found.
pub(crate) async fn run(plan: &Plan) -> Result<bool, Failure> {
    let seed = plan.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
    let wanted = |scenario: &&Scenario| {
        let mut names = plan.scenarios.iter();
        plan.scenarios.is_empty() || names.any(|name| scenario.is_named(name))
    };
    let mut is_clean = true;
    for scenario in SCENARIOS.iter().filter(wanted) {
        let report = Report::new(scenario.name, plan.json);
        let total = run_rounds(plan, scenario, seed, &report).await?;
        is_clean &= total.is_clean();
        total.print(&report, scenario.set)?;
    }
    Ok(is_clean)
}

async fn run_rounds(
    plan: &Plan,
    scenario: &Scenario,
    seed: u64,
    report: &Report,
) -> Result<Total, Failure> {
    let rounds = match (plan.short, scenario.is_single) {
        (false, false) => plan.rounds,
        _ => 1,
    };
    let length = if plan.short {
        SHORT_SOAK
    } else {
        Duration::from_secs(60 * plan.minutes)
    };
    let mut total = Total::default();
    for number in 0..rounds {
        let seed = seed.wrapping_add(number);
        report.begin(number + 1, rounds, seed)?;
        let mut round = Round::new(seed, plan.short, length)?;
        let started = Instant::now();
        let limit = length + ROUND_LIMIT;
        let ended = match timeout(limit, (scenario.run)(&mut round)).await {
            Ok(ended) => ended,
            Err(_) => Err(format!("did not finish within {limit:?}").into()),
        };
        if scenario.set == Set::Hostile {
            count_panics(&mut round)?;
        }
        let counts = Counts::of(&round.history);
        report.end(number + 1, started.elapsed(), &counts)?;
        if let Err(failure) = &ended {
            report.failure(number + 1, seed, failure)?;
        }
        total.add(counts, &round, ended.is_ok());
    }
    Ok(total)
}

/// Counts the panics of child processes, and prints them.
fn count_panics(round: &mut Round) -> Result<(), Failure> {
    let panics = round.panics()?;
    for panic in &panics {
        eprintln!("{panic}");
    }
    round.damage.panics = u64::try_from(panics.len())?;
    Ok(())
}

impl Total {
    fn add(&mut self, counts: Counts, round: &Round, is_complete: bool) {
        self.rounds += 1;
        self.failed_rounds += u64::from(!is_complete);
        self.damage += round.damage;
        self.counts += counts;
        for (name, count) in &round.counts {
            *self.extra.entry(name).or_default() += count;
        }
        for (name, value) in &round.peaks {
            let highest = self.peaks.entry(name).or_default();
            *highest = (*highest).max(*value);
        }
    }

    fn is_clean(&self) -> bool {
        self.failed_rounds == 0 && self.damage.is_none() && self.counts.is_clean()
    }

    fn print(&self, report: &Report, set: Set) -> Result<(), Failure> {
        if set == Set::Hostile {
            for (name, count) in self.damage.counts() {
                report.line(name, count)?;
            }
        }
        for (name, count) in self.counts.violations() {
            report.line(name, count)?;
        }
        report.line("failed_rounds", self.failed_rounds)?;
        report.line("rounds", self.rounds)?;
        for (name, count) in self.counts.outcomes() {
            report.line(name, count)?;
        }
        for (name, count) in self.extra.iter().chain(&self.peaks) {
            report.line(name, *count)?;
        }
        Ok(())
    }
}
