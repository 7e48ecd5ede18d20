//! Why a call failed, by the phase in which it did.

use std::error::Error;
use std::fmt;

use crate::codec::error::{DecodeError, EncodeError};
use crate::rpc::fault::{Fault, Refused};

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallError<F> {
    /// The operation's name.
    pub operation: &'static str,
    /// Where the request went or would have gone.
    pub subject: String,
    /// Whether the operation is idempotent.
    pub is_idempotent: bool,
    /// In which phase it failed, and why.
    pub failure: Failure<F>,
}

/// The phase in which a call failed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure<F> {
    /// The request breaks its schema. Nothing was sent.
    NotEncoded(EncodeError),
    /// The request did not reach a server. It was not executed.
    NotDelivered(NotDelivered),
    /// There was no answer. Nobody knows whether the request was executed.
    NoAnswer(NoAnswer),
    /// The server answered with an error.
    Refused(Refused<F>),
    /// The server answered with something that breaks the reply's schema. The request was most likely executed.
    Unreadable(DecodeError),
}

/// Why a message did not reach anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotDelivered {
    /// Nobody listens to the subject.
    NoResponders,
    /// It is larger than the server takes.
    TooLarge {
        /// Its size in bytes, headers included.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The server's permissions forbid to publish to the subject, or to receive the answer.
    Denied,
    /// The connection was lost before.
    Disconnected,
    /// The connection was closed before.
    Closed,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoAnswer {
    /// The time was over.
    TimedOut,
    /// The connection was lost or closed meanwhile.
    Disconnected,
}

/// An event that was not published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishFailure {
    /// The event's name.
    pub event: &'static str,
    /// Where it would have gone.
    pub subject: String,
    /// Why it did not.
    pub reason: Unpublished,
}

/// Why an event was not published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unpublished {
    /// It breaks its schema.
    NotEncoded(EncodeError),
    /// It did not leave.
    NotDelivered(NotDelivered),
}

impl<F: Fault> CallError<F> {
    /// The error that the operation declares, if it is one.
    pub fn fault(&self) -> Option<&F> {
        match &self.failure {
            Failure::Refused(Refused::Fault(fault)) => Some(fault),
            _ => None,
        }
    }

    /// Whether the same request may be sent again: it was certainly not executed, or executing it twice does no
    /// harm; and there is hope that it goes better then.
    pub fn is_retryable(&self) -> bool {
        self.failure.is_retryable(self.is_idempotent)
    }
}

impl<F> Failure<F> {
    pub(crate) fn is_retryable(&self, is_idempotent: bool) -> bool {
        match self {
            Self::NotDelivered(reason) => reason.is_retryable(),
            Self::NoAnswer(_) => is_idempotent,
            Self::Refused(Refused::Standard(fault)) => fault.is_retryable(),
            Self::NotEncoded(_) | Self::Refused(_) | Self::Unreadable(_) => false,
        }
    }
}

impl<F> Failure<F> {
    /// What a failure says of a request that was sent before, without an answer if `unanswered`: that it was not
    /// executed this time says nothing of that time.
    pub(crate) fn after(self, unanswered: &mut Option<NoAnswer>) -> Self {
        let is_unknown = match &self {
            Self::NoAnswer(reason) => {
                *unanswered = Some(*reason);
                return self;
            }
            Self::NotDelivered(_) => true,
            Self::Refused(Refused::Standard(fault)) => fault.is_retryable(),
            _ => false,
        };
        match unanswered {
            Some(reason) if is_unknown => Self::NoAnswer(*reason),
            _ => self,
        }
    }
}

impl NotDelivered {
    /// Whether a later attempt may do better.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::NoResponders | Self::Disconnected)
    }
}

impl<F: Fault> fmt::Display for CallError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = match &self.failure {
            Failure::NotEncoded(_) => "request breaks its schema",
            Failure::NotDelivered(_) => "not delivered",
            Failure::NoAnswer(_) => "no answer, outcome unknown",
            Failure::Refused(_) => "refused",
            Failure::Unreadable(_) => "reply breaks its schema",
        };
        write!(f, "{} on {}: {phase}", self.operation, self.subject)
    }
}

impl<F: Fault> Error for CallError<F> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(match &self.failure {
            Failure::NotEncoded(error) => error,
            Failure::NotDelivered(reason) => reason,
            Failure::NoAnswer(reason) => reason,
            Failure::Refused(refused) => refused,
            Failure::Unreadable(error) => error,
        })
    }
}

impl<F: Fault> Error for Refused<F> {}

impl fmt::Display for NotDelivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoResponders => f.write_str("nobody listens"),
            Self::TooLarge { size, limit } => {
                write!(f, "{size} bytes are too large, the limit is {limit}")
            }
            Self::Denied => f.write_str("the server's permissions forbid it"),
            Self::Disconnected => f.write_str("not connected"),
            Self::Closed => f.write_str("the connection is closed"),
        }
    }
}

impl Error for NotDelivered {}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "timed out",
            Self::Disconnected => "the connection was lost",
        })
    }
}

impl Error for NoAnswer {}

impl fmt::Display for PublishFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {} was not published", self.event, self.subject)
    }
}

impl Error for PublishFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(match &self.reason {
            Unpublished::NotEncoded(error) => error,
            Unpublished::NotDelivered(reason) => reason,
        })
    }
}
