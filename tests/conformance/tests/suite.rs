//! The official suite against generated code: the score, and the completeness of the list of known failures.

use std::collections::BTreeSet;

use conformance::{Draft, KNOWN_FAILURES, Score, Section, run};

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
    for draft in [Draft::Draft201909, Draft::Draft6, Draft::Draft4] {
        check(draft, Section::Required, 98.0);
    }
    for draft in Draft::ALL {
        check(draft, Section::Format, 99.0);
    }
}

#[test]
fn suite_failures_equal_the_known_failures() {
    let mut idle: BTreeSet<&str> = KNOWN_FAILURES.keys().map(String::as_str).collect();
    let mut surprises = Vec::new();
    for outcome in run() {
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
