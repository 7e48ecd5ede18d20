//! Mutated messages: the decoder agrees with the reference validator and does not panic.

use fuzz::comparison::{Plan, run};

#[test]
fn mutated_messages_agree_with_the_reference_validator() {
    let plan = Plan {
        seed: 1,
        count: 100_000,
        threads: 2,
    };
    let outcome = run(plan).expect("schemas and corpora are readable");
    let examples = outcome.examples.join("\n");
    assert_eq!(
        (outcome.disagreements, outcome.panics),
        (0, 0),
        "{plan:?} {:?}\n{examples}",
        outcome.exceptions
    );
    assert_eq!(outcome.count, 100_000);
    assert!(
        outcome.accepted > 5_000,
        "{} were accepted",
        outcome.accepted
    );
}
