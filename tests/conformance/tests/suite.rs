//! The official suite against generated code: how much is right, and that what is wrong is known.

use std::collections::{BTreeMap, BTreeSet};

use conformance::cases::GROUPS;
use conformance::{Draft, MISSES, Outcome, Score, Section, run};

#[test]
fn enough_is_right() {
    let outcomes = run();
    let check = |name: &str, score: Score, least: f64| {
        let percent = score.percent();
        assert!(percent >= least, "{name}: {score:?}, {percent:.1} %");
        assert_ne!(score.all, 0, "{name}: no tests");
    };
    check(
        "draft 2020-12",
        Score::required(&outcomes, Draft::Draft202012),
        98.0,
    );
    check("draft 7", Score::required(&outcomes, Draft::Draft7), 95.0);
    check("formats", Score::formats(&outcomes), 100.0);
}

#[test]
fn every_miss_is_known_and_every_known_miss_is_one() {
    let outcomes = run();
    let counts = |outcome: &&Outcome| {
        outcome.group.section == Section::Required || outcome.group.is_asserted_format()
    };
    let wrong: BTreeMap<String, &str> = outcomes
        .iter()
        .filter(counts)
        .filter_map(|outcome| Some((outcome.name(), outcome.wrong.as_deref()?)))
        .collect();
    let unknown: Vec<_> = wrong
        .iter()
        .filter(|(name, _)| !MISSES.tests.contains_key(*name))
        .map(|(name, why)| format!("{name}: {why}"))
        .collect();
    let right: Vec<_> = MISSES
        .tests
        .keys()
        .filter(|name| !wrong.contains_key(*name))
        .map(String::as_str)
        .collect();
    assert!(
        unknown.is_empty(),
        "wrong, not in misses.json:\n{}",
        unknown.join("\n")
    );
    assert!(
        right.is_empty(),
        "right, but in misses.json:\n{}",
        right.join("\n")
    );
}

#[test]
fn every_format_is_asserted_or_known_not_to_be() {
    let refused: BTreeSet<String> = GROUPS
        .iter()
        .filter(|group| group.section == Section::Format && group.judge.is_err())
        .map(|group| group.file())
        .collect();
    let known: BTreeSet<String> = MISSES.formats.keys().cloned().collect();
    assert_eq!(refused, known);
}
