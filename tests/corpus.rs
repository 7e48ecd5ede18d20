//! What the schemas accept is accepted and what they refuse is refused, at the place that the oracle names.

mod codec;
mod messages;
mod run;

use messages::MESSAGES;

#[test]
fn every_corpus_is_judged_as_the_oracle_judges_it() {
    let (valid, invalid) = run::run("tests/vectors/corpus/varpulis", MESSAGES);
    assert!(valid > 900 && invalid > 2_900, "{valid} and {invalid}");
}
