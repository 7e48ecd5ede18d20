//! Commands to workers from coordinators that share a registry.

mod failures;
mod fan_out;
mod fixture;
mod placement;
mod races;
mod reconciliation;
mod routing;
mod scripted_worker;
