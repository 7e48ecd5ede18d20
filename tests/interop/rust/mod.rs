//! The peer over the Rust SDK.

pub(crate) mod call;
mod outcome;
pub(crate) mod serve;
