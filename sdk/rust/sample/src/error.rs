//! Errors of the samples.

use std::error::Error;
use std::fmt;

use natsgen_runtime::StartError;
use natsgen_runtime::transport::SubscribeError;

use varpulis_sdk::worker_node::WorkerNodeError;

/// Why a sample did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum SampleError {
    /// The server did not start.
    Start(StartError),
    /// It could not subscribe to events.
    Subscribe(SubscribeError),
    /// The worker did not start.
    Worker(WorkerNodeError),
}

impl From<StartError> for SampleError {
    fn from(error: StartError) -> Self {
        Self::Start(error)
    }
}

impl From<SubscribeError> for SampleError {
    fn from(error: SubscribeError) -> Self {
        Self::Subscribe(error)
    }
}

impl From<WorkerNodeError> for SampleError {
    fn from(error: WorkerNodeError) -> Self {
        Self::Worker(error)
    }
}

impl fmt::Display for SampleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start(_) => "the server did not start",
            Self::Subscribe(_) => "could not subscribe to events",
            Self::Worker(_) => "the worker did not start",
        })
    }
}

impl Error for SampleError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(match self {
            Self::Start(error) => error,
            Self::Subscribe(error) => error,
            Self::Worker(error) => error,
        })
    }
}
