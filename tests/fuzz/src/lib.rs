//! Random input for the decoder, the validator and the generator, compared with reference implementations.
//!
//! `cargo test -p fuzz` takes seconds. The long forms are:
//!
//! * `cargo run --release -p benches -- mutations` compares ten million mutated messages with the reference validator;
//! * `BOLERO_RANDOM_TEST_TIME_MS=600000 cargo test --release -p fuzz --test targets` runs each target for ten minutes;
//! * `MUTATIONS=100 cargo test --release -p fuzz --test handlers` sends each message to each handler with 100 mutations;
//! * `cargo bolero test -p fuzz --test targets reader_agrees_with_serde_json` lets libFuzzer search for new paths
//!   (nightly).

mod assertion;
#[path = "../../corpus/codec.rs"]
mod codec;
pub mod comparison;
mod exception;
#[path = "../../corpus/messages.rs"]
mod messages;
pub mod mutate;
pub mod random;
pub mod seeds;
pub mod targets;
