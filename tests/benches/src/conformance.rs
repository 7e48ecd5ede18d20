//! `conformance`: the share of the official test suite that generated code passes, and the failed tests.

use std::collections::BTreeMap;

use ::conformance::{Draft, Group, Outcome, Score, Section};

use crate::report::{Report, Unit};
use crate::{Effort, Failure};

/// Counts the results. The quick form is the same.
///
/// # Errors
/// If the output fails.
pub(crate) fn run(_: Effort, report: &mut Report) -> Result<(), Failure> {
    let outcomes = ::conformance::run();
    for draft in Draft::ALL {
        for (section, name) in [
            (Section::Required, ""),
            (Section::Format, ".formats"),
            (Section::Optional, ".optional"),
        ] {
            let name = format!("{draft}{name}");
            let score = Score::section(&outcomes, draft, section);
            report.line(&name, score.percent(), Unit::Percent)?;
            report.line(&format!("{name}.tests"), count(score.all), Unit::Tests)?;
            let here = |group: &Group| group.draft == draft && group.section == section;
            let outcomes = outcomes.iter().filter(|outcome| here(outcome.group));
            keywords(&name, outcomes, report)?;
        }
    }
    failures(&outcomes, report)
}

/// Prints a line for each file of a section: a keyword or a format.
fn keywords<'a>(
    section: &str,
    outcomes: impl Iterator<Item = &'a Outcome>,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut keywords: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        let keyword = outcome.group.keyword;
        keywords.entry(keyword).or_default().push(outcome);
    }
    for (keyword, outcomes) in keywords {
        let percent = Score::of(outcomes).percent();
        report.line(&format!("{section}.{keyword}"), percent, Unit::Percent)?;
    }
    Ok(())
}

/// The failed tests by their listed name, with the reason.
fn failures(outcomes: &[Outcome], report: &mut Report) -> Result<(), Failure> {
    let mut failures: BTreeMap<String, (usize, &str)> = BTreeMap::new();
    for outcome in outcomes {
        if let Some(wrong) = &outcome.wrong {
            let known = outcome.known();
            let (name, why) = known.map_or_else(
                || (outcome.name(), &**wrong),
                |(name, why)| (name.to_owned(), why),
            );
            failures.entry(name).or_insert((0, why)).0 += 1;
        }
    }
    for (name, (tests, why)) in failures {
        report.note("miss", &format!("{name} ({tests})"), why)?;
    }
    Ok(())
}

fn count(tests: usize) -> f64 {
    u32::try_from(tests).map_or(f64::MAX, f64::from)
}
