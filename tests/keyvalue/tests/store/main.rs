//! The second protocol at work: an implementation of its service, driven by its clients over both transports.

mod entries;
mod house;
#[path = "../../../network.rs"]
mod network;
mod refusals;
mod shelf;
mod writers;
