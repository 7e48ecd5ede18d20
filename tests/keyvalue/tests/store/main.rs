//! Tests of the second protocol: an implementation of its service, called by its clients over both transports.

mod delivery;
mod entries;
mod fixture;
#[path = "../../../network.rs"]
mod network;
mod refusals;
mod store;
