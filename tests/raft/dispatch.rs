//! Commands to workers from coordinators that share a registry.

mod failures;
mod fan_out;
mod fixture;
mod hanging;
mod placement;
mod races;
mod reconciliation;
mod routing;
pub(crate) mod scripted_worker;
