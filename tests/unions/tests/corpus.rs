//! Generated unions accept and refuse documents as the schemas do, and name the same place as the reference validator.

#[path = "../../corpus/bytes.rs"]
mod bytes;
#[path = "../../corpus/codec.rs"]
mod codec;
#[path = "../../corpus/run.rs"]
mod run;

use codec::{Codec, codec};
use unions::protocol::{planner, types};

/// All messages and named types, by their names in the corpora.
const MESSAGES: &[Codec] = include!("../../vectors/types/unions.rs");

#[test]
fn corpus_results_equal_the_reference_validator() {
    let (valid, invalid) = run::run("../vectors/corpus/unions", MESSAGES);
    assert!(valid > 200 && invalid > 400, "{valid} and {invalid}");
}

#[test]
fn corpus_bytes_have_the_expected_results() {
    let (valid, invalid) = bytes::run("../vectors/bytes/unions", MESSAGES);
    assert!(valid > 70 && invalid > 180, "{valid} and {invalid}");
}
