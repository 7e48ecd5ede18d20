//! Tests of the second protocol: an implementation of its service, called by its clients over both transports.

mod entries;
mod house;
#[path = "../../../network.rs"]
mod network;
mod refusals;
mod shelf;
mod writers;
