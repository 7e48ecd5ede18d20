//! Each fuzz target over the seeds, and then over random bytes for a second.

use fuzz::targets;

#[test]
fn reader_agrees_with_serde_json() {
    for bytes in targets::inputs() {
        targets::reader(&bytes);
    }
    bolero::check!().for_each(targets::reader);
}

#[test]
fn messages_round_trip() {
    for bytes in targets::inputs() {
        targets::messages(&bytes);
    }
    bolero::check!().for_each(targets::messages);
}

#[test]
fn validator_agrees_with_the_reference_validator() {
    for bytes in targets::inputs() {
        targets::validate(&bytes);
    }
    bolero::check!().for_each(targets::validate);
}

#[test]
fn generator_returns_a_result_for_every_schema() {
    bolero::check!().for_each(targets::schemas);
}
