//! The generated client manages streams and consumers of a nats-server.

mod consumers;
mod errors;
mod fixture;
mod service;
mod streams;
