//! Generated types accept and refuse documents as the schemas do, and name the same place as the reference validator.

mod codec;
mod messages;
mod run;

use messages::MESSAGES;

#[test]
fn corpus_results_equal_the_reference_validator() {
    let (valid, invalid) = run::run("tests/vectors/corpus/varpulis", MESSAGES);
    assert!(valid > 900 && invalid > 2_900, "{valid} and {invalid}");
}
