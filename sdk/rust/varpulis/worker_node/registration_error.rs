//! The error of a registration.

use std::error::Error;
use std::fmt;

use natsgen_runtime::{CallError, Escaped};

use crate::coordinator::{RegisterFault, RegisterReply, RegisterStatus};
use crate::types::WorkerId;

/// Why a registration failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistrationError {
    /// The call failed, or a coordinator refused the registration.
    Call(CallError<RegisterFault>),
    /// The reply names another worker.
    OtherWorker(String),
    /// The reply has an unknown status.
    UnknownStatus(String),
}

impl RegistrationError {
    /// The fault that the coordinator replied with, if any.
    #[must_use]
    pub fn fault(&self) -> Option<&RegisterFault> {
        match self {
            Self::Call(error) => error.fault(),
            Self::OtherWorker(_) | Self::UnknownStatus(_) => None,
        }
    }
}

/// Validates the reply to a registration of worker `id`.
pub(super) fn validated(
    registered: Result<RegisterReply, CallError<RegisterFault>>,
    id: &WorkerId,
) -> Result<RegisterReply, RegistrationError> {
    let reply = registered.map_err(RegistrationError::Call)?;
    if reply.worker_id != id.as_str() {
        return Err(RegistrationError::OtherWorker(reply.worker_id));
    }
    match reply.status {
        RegisterStatus::Registered => Ok(reply),
        RegisterStatus::Unknown(status) => Err(RegistrationError::UnknownStatus(status)),
    }
}

impl fmt::Display for RegistrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::OtherWorker(id) => write!(f, "the reply names worker `{}`", Escaped(id)),
            Self::UnknownStatus(status) => {
                write!(f, "the reply has the unknown status `{}`", Escaped(status))
            }
        }
    }
}

impl Error for RegistrationError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Call(error) => error.source(),
            Self::OtherWorker(_) | Self::UnknownStatus(_) => None,
        }
    }
}
