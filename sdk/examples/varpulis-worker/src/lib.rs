//! A worker with the published engine of Varpulis 0.11.
//!
//! [`EngineWorker`] implements the [`WorkerService`](varpulis_sdk::worker::WorkerService) of this SDK over
//! `varpulis-runtime`. Each pipeline has an engine of its own. Sources and sinks over NATS are started; programs that this
//! worker could not run as they are written are refused with the reason.

mod connectors;
mod convert;
mod pipeline;
mod program;
mod worker;

pub use worker::EngineWorker;
