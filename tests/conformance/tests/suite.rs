//! The official suite against generated code: the score, and the completeness of the list of known failures.

use std::collections::BTreeSet;

use conformance::cases::GROUPS;
use conformance::{Draft, Group, KNOWN_FAILURES, Score, Section, run};

#[test]
fn suite_scores_reach_their_minimum() {
    let outcomes = run();
    let check = |draft, section, least: f64| {
        let score = Score::section(&outcomes, draft, section);
        let percent = score.percent();
        assert!(
            percent >= least,
            "{draft} {section:?}: {score:?}, {percent:.1} %"
        );
        assert_ne!(score.all, 0, "{draft} {section:?}: no tests");
    };
    check(Draft::Draft202012, Section::Required, 98.0);
    check(Draft::Draft7, Section::Required, 95.0);
    check(Draft::Draft202012, Section::Format, 100.0);
    check(Draft::Draft7, Section::Format, 100.0);
}

#[test]
fn suite_failures_equal_the_known_failures() {
    let mut idle: BTreeSet<&str> = KNOWN_FAILURES.wrong.keys().map(String::as_str).collect();
    let mut surprises = Vec::new();
    for outcome in run() {
        if outcome.group.is_unasserted_format() {
            continue;
        }
        match (&outcome.wrong, outcome.known()) {
            (Some(_), Some((listed, _))) => {
                idle.remove(listed);
            }
            (Some(wrong), None) => surprises.push(format!("{}: {wrong}", outcome.name())),
            (None, Some((listed, _))) => surprises.push(format!(
                "{}: right, but known_failures.json has {listed:?}",
                outcome.name()
            )),
            (None, None) => {}
        }
    }
    assert!(surprises.is_empty(), "\n{}", surprises.join("\n"));
    assert!(
        idle.is_empty(),
        "known_failures.json lists names that no failure has: {idle:?}"
    );
}

#[test]
fn suite_formats_are_asserted_or_listed() {
    let refused: BTreeSet<String> = GROUPS
        .iter()
        .filter(|group| group.is_unasserted_format())
        .map(Group::file)
        .collect();
    let known: BTreeSet<String> = KNOWN_FAILURES.unasserted.keys().cloned().collect();
    assert_eq!(refused, known);
}
