//! Why a sample did not start or could not join.

use std::error::Error;
use std::fmt;

use natsgen_runtime::transport::SubscribeError;
use natsgen_runtime::{CallError, PublishFailure, StartError};

use crate::coordinator::RegisterFault;

/// Why a sample did not start or could not join the cluster.
#[derive(Debug)]
#[non_exhaustive]
pub enum SampleError {
    /// Its server did not start.
    Start(StartError),
    /// It could not subscribe to events.
    Subscribe(SubscribeError),
    /// The coordinator did not take it.
    Register(CallError<RegisterFault>),
    /// Its first heartbeat could not be sent.
    Heartbeat(PublishFailure),
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

impl From<CallError<RegisterFault>> for SampleError {
    fn from(error: CallError<RegisterFault>) -> Self {
        Self::Register(error)
    }
}

impl From<PublishFailure> for SampleError {
    fn from(error: PublishFailure) -> Self {
        Self::Heartbeat(error)
    }
}

impl fmt::Display for SampleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start(_) => "the server did not start",
            Self::Subscribe(_) => "could not subscribe to events",
            Self::Register(_) => "could not register",
            Self::Heartbeat(_) => "could not send a heartbeat",
        })
    }
}

impl Error for SampleError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(match self {
            Self::Start(error) => error,
            Self::Subscribe(error) => error,
            Self::Register(error) => error,
            Self::Heartbeat(error) => error,
        })
    }
}
