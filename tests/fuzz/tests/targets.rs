//! Each fuzz target over the seeds, and then over random bytes for a second.

use fuzz::targets;

#[test]
fn the_reader_is_serde_json() {
    for bytes in targets::inputs() {
        targets::reader(&bytes);
    }
    bolero::check!().for_each(targets::reader);
}

#[test]
fn what_is_read_is_written_and_read_again() {
    for bytes in targets::inputs() {
        targets::messages(&bytes);
    }
    bolero::check!().for_each(targets::messages);
}

#[test]
fn the_judge_is_the_oracle() {
    for bytes in targets::inputs() {
        targets::judge(&bytes);
    }
    bolero::check!().for_each(targets::judge);
}

#[test]
fn every_schema_is_answered() {
    bolero::check!().for_each(targets::schemas);
}
