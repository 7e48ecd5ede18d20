//! Random input for the decoder, the judge and the generator, beside oracles that are not ours.
//!
//! `cargo test -p fuzz` takes seconds. More of it:
//!
//! * `cargo run --release -p benches -- mutations` compares ten million damaged messages with the oracle;
//! * `BOLERO_RANDOM_TEST_TIME_MS=600000 cargo test --release -p fuzz --test targets` runs each target for ten minutes;
//! * `cargo bolero test -p fuzz --test targets the_reader_is_serde_json` lets libFuzzer look for new paths (nightly).

#[path = "../../corpus/codec.rs"]
mod codec;
pub mod duel;
mod exception;
#[path = "../../corpus/messages.rs"]
mod messages;
pub mod mutate;
pub mod random;
mod rule;
pub mod seeds;
pub mod targets;
