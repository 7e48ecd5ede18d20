//! Tests of the data connector: its rules, and its sources and sinks on a real nats-server.

mod core;
mod durable;
mod features;
mod operator;
mod registry;
mod rules;
mod support;
