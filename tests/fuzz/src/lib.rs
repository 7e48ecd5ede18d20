//! Random input for the decoder, beside an oracle that is not ours.
//!
//! `cargo test -p fuzz` runs some; `cargo run --release -p figures -- mutations` runs ten million.

#[path = "../../corpus/codec.rs"]
mod codec;
pub mod duel;
mod exception;
#[path = "../../corpus/messages.rs"]
mod messages;
pub mod mutate;
pub mod random;
pub mod seeds;
