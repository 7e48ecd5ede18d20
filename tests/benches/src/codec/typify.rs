//! typify's own types for the messages, as `build.rs` makes them.

#![allow(
    clippy::all,
    clippy::pedantic,
    dead_code,
    unreachable_pub,
    reason = "typify's output is taken as it is"
)]

include!(concat!(env!("OUT_DIR"), "/typify.rs"));
