//! Commands to workers, by coordinators that share a registry.

mod deaths;
mod fan_out;
mod keeping;
mod placing;
mod races;
mod routing;
mod scene;
mod script;
