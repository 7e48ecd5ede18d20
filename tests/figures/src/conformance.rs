//! `conformance`: how much of the official test suite generated code gets right, and what it does not.

use std::collections::{BTreeMap, BTreeSet};

use ::conformance::cases::GROUPS;
use ::conformance::{Draft, MISSES, Outcome, Score, Section};

use crate::report::{Report, Unit};
use crate::{Effort, Failure};

/// Counts; there is nothing to be quick about.
///
/// # Errors
/// When the output does not take it.
pub(crate) fn run(_: Effort, report: &mut Report) -> Result<(), Failure> {
    let outcomes = ::conformance::run();
    for draft in [Draft::Draft202012, Draft::Draft7] {
        let score = Score::required(&outcomes, draft);
        report.line(&draft.to_string(), score.percent(), Unit::Percent)?;
        report.line(&format!("{draft}.tests"), count(score.all), Unit::Tests)?;
        keywords(&outcomes, draft, report)?;
    }
    let score = Score::formats(&outcomes);
    report.line("formats", score.percent(), Unit::Percent)?;
    report.line("formats.tests", count(score.all), Unit::Tests)?;
    formats(&outcomes, report)?;
    misses(&outcomes, report)
}

/// One line for each file of a draft's required tests.
fn keywords(outcomes: &[Outcome], draft: Draft, report: &mut Report) -> Result<(), Failure> {
    let mut keywords: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        if outcome.group.draft == draft && outcome.group.section == Section::Required {
            let keyword = outcome.group.keyword;
            keywords.entry(keyword).or_default().push(outcome);
        }
    }
    for (keyword, outcomes) in keywords {
        let percent = Score::of(outcomes).percent();
        report.line(&format!("{draft}.{keyword}"), percent, Unit::Percent)?;
    }
    Ok(())
}

/// One line for each format that is asserted, over both drafts, and one for each that is not.
fn formats(outcomes: &[Outcome], report: &mut Report) -> Result<(), Failure> {
    let mut formats: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        if outcome.group.is_asserted_format() {
            let format = outcome.group.keyword;
            formats.entry(format).or_default().push(outcome);
        }
    }
    for (format, outcomes) in formats {
        let percent = Score::of(outcomes).percent();
        report.line(&format!("formats.{format}"), percent, Unit::Percent)?;
    }
    let refused = GROUPS
        .iter()
        .filter(|group| group.section == Section::Format && group.judge.is_err());
    let refused: BTreeSet<String> = refused.map(|group| group.file()).collect();
    for file in refused {
        let why = MISSES
            .formats
            .get(&file)
            .map_or("not known why", String::as_str);
        report.note("formats.unasserted", &file, why)?;
    }
    Ok(())
}

/// What is wrong, by name, with the reason.
fn misses(outcomes: &[Outcome], report: &mut Report) -> Result<(), Failure> {
    for outcome in outcomes {
        if outcome.group.section == Section::Format && !outcome.group.is_asserted_format() {
            continue;
        }
        if let Some(wrong) = &outcome.wrong {
            let why = outcome.known().unwrap_or(wrong);
            report.note("miss", &outcome.name(), why)?;
        }
    }
    Ok(())
}

fn count(tests: usize) -> f64 {
    u32::try_from(tests).map_or(f64::MAX, f64::from)
}
