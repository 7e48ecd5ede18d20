//! Generated types accept and refuse documents as the schemas do, and name the same place as the reference validator.

#[path = "../../corpus/bytes.rs"]
mod bytes;
#[path = "../../corpus/codec.rs"]
mod codec;
#[path = "../../corpus/run.rs"]
mod run;

use codec::{Codec, codec};
use keyvalue::protocol::{app, store, types};

/// All messages and named types, by their names in the corpora.
const MESSAGES: &[Codec] = include!("../../vectors/types/kv.rs");

#[test]
fn corpus_results_equal_the_reference_validator() {
    let (valid, invalid) = run::run("../vectors/corpus/keyvalue", MESSAGES);
    assert!(valid > 250 && invalid > 900, "{valid} and {invalid}");
}

#[test]
fn corpus_bytes_have_the_expected_results() {
    let (valid, invalid) = bytes::run("../vectors/bytes/keyvalue", MESSAGES);
    assert!(valid > 80 && invalid > 200, "{valid} and {invalid}");
}
