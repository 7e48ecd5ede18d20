//! Generated types accept and refuse documents as the schemas do, and name the same place as the reference validator.

mod bytes;
mod codec;
mod messages;
mod run;

use messages::MESSAGES;

#[test]
fn corpus_results_equal_the_reference_validator() {
    let (valid, invalid) = run::run("tests/vectors/corpus/varpulis", MESSAGES);
    assert!(valid > 900 && invalid > 2_900, "{valid} and {invalid}");
}

#[test]
fn corpus_bytes_have_the_expected_results() {
    let (valid, invalid) = bytes::run("tests/vectors/bytes/varpulis", MESSAGES);
    assert!(valid > 100 && invalid > 250, "{valid} and {invalid}");
}
