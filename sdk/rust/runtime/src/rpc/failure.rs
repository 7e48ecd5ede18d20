//! Errors of calls and events, by the phase in which they occur.

use std::error::Error;
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::codec::error::{DecodeError, EncodeError};
use crate::escaped::Escaped;
use crate::fault::Fault;
use crate::rpc::fault::{Refused, StandardFault};

/// A failed call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallError<F> {
    /// The name of the operation.
    pub operation: &'static str,
    /// The subject of the request.
    pub subject: String,
    /// Whether the operation is idempotent.
    pub is_idempotent: bool,
    /// The phase of the failure, and its reason.
    pub failure: Failure<F>,
    /// Milliseconds, to keep the error small.
    pub(crate) retry_after: Option<NonZeroU32>,
}

/// The phase of a failed call, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure<F> {
    /// The request violates its schema. Nothing was sent.
    NotEncoded(EncodeError),
    /// The request did not reach a server. It was not executed.
    NotDelivered(NotDelivered),
    /// No reply arrived. The request may or may not have been executed.
    NoAnswer(NoAnswer),
    /// The server replied with an error.
    Refused(Refused<F>),
    /// A `JetStream` stream stored the request and acknowledged it in place of the server. The request may or may not have
    /// been executed. The stream's subjects must not contain the subjects of requests.
    Stored(Stored),
    /// The reply violates its schema. The request was probably executed.
    Unreadable(DecodeError),
}

/// The reason why a message did not reach a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotDelivered {
    /// The subject has no subscriber.
    NoResponders,
    /// The message exceeds the limit of the server.
    TooLarge {
        /// The size of the message in bytes, headers included.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The permissions of the server deny the publish to the subject, or the subscription to the inbox.
    Denied,
    /// The connection was lost before the message was sent.
    Disconnected,
    /// The connection was closed before the message was sent.
    Closed,
}

/// The reason why no reply arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoAnswer {
    /// The call reached its deadline.
    TimedOut,
    /// The connection was lost or closed after the request was sent.
    Disconnected,
    /// The server denied some requests to the subject. The server does not name the denied requests, so this request
    /// may be among them.
    PerhapsDenied,
}

/// The acknowledgement of a `JetStream` stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// The name of the stream.
    pub stream: String,
    /// The reason why the stream did not store the request, e.g. because it is full.
    pub error: Option<String>,
}

/// An event that was not published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishFailure {
    /// The name of the event.
    pub event: &'static str,
    /// The subject of the event.
    pub subject: String,
    /// The reason.
    pub reason: Unpublished,
}

/// The reason why an event was not published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unpublished {
    /// The event violates its schema.
    NotEncoded(EncodeError),
    /// The event was not sent.
    NotDelivered(NotDelivered),
    /// The receiver did not acknowledge the event, for this reason. Only HTTP acknowledges events.
    NotAcknowledged(String),
}

impl<F: Fault> CallError<F> {
    /// Returns the declared error of the operation, if the failure is a declared error.
    pub fn fault(&self) -> Option<&F> {
        match &self.failure {
            Failure::Refused(Refused::Fault(fault)) => Some(fault),
            _ => None,
        }
    }

    /// Returns the time after which the server expects another attempt, if it refused the request for now.
    pub fn retry_after(&self) -> Option<Duration> {
        let millis = self.retry_after?.get();
        Some(Duration::from_millis(millis.into()))
    }

    /// Returns true if the same request may be sent again. This requires that the request was not executed or is
    /// idempotent, and that a later attempt can succeed.
    pub fn is_retryable(&self) -> bool {
        self.retry_after.is_some() || self.failure.is_retryable(self.is_idempotent)
    }
}

impl<F> Failure<F> {
    pub(crate) fn is_retryable(&self, is_idempotent: bool) -> bool {
        match self {
            Self::NotDelivered(reason) => reason.is_retryable(),
            Self::NoAnswer(_) => is_idempotent,
            Self::Refused(Refused::Standard(fault)) => fault.is_retryable(),
            Self::NotEncoded(_) | Self::Refused(_) | Self::Stored(_) | Self::Unreadable(_) => false,
        }
    }
}

impl<F> Failure<F> {
    /// Combines this failure with `unanswered`, the failure of an earlier attempt without a reply. The earlier attempt
    /// may have been executed, even if this attempt was not executed; `is_refused` if the server asks for another attempt.
    pub(crate) fn after(self, unanswered: &mut Option<NoAnswer>, is_refused: bool) -> Self {
        let is_unknown = match &self {
            Self::NoAnswer(reason) => {
                *unanswered = Some(*reason);
                return self;
            }
            Self::NotDelivered(_) => true,
            Self::Refused(Refused::Standard(fault)) => {
                fault.is_retryable() || *fault == StandardFault::Cancelled
            }
            _ => is_refused,
        };
        match unanswered {
            Some(reason) if is_unknown => Self::NoAnswer(*reason),
            _ => self,
        }
    }
}

impl NotDelivered {
    /// Returns true if a later attempt can succeed.
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
            Failure::Stored(_) => "answered by a stream, outcome unknown",
            Failure::Unreadable(_) => "reply breaks its schema",
        };
        let subject = Escaped(&self.subject);
        write!(f, "{} on {subject}: {phase}", self.operation)
    }
}

impl<F: Fault> Error for CallError<F> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(match &self.failure {
            Failure::NotEncoded(error) => error,
            Failure::NotDelivered(reason) => reason,
            Failure::NoAnswer(reason) => reason,
            Failure::Refused(refused) => refused,
            Failure::Stored(stored) => stored,
            Failure::Unreadable(error) => error,
        })
    }
}

impl<F: Fault> Error for Refused<F> {}

impl fmt::Display for NotDelivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoResponders => f.write_str("no responders"),
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
            Self::PerhapsDenied => {
                "the server's permissions forbid some requests, perhaps this one"
            }
        })
    }
}

impl Error for NoAnswer {}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stream = Escaped(&self.stream);
        write!(
            f,
            "the JetStream stream `{stream}` contains the subject of the request"
        )?;
        if let Some(error) = &self.error {
            write!(f, " and refused it ({})", Escaped(error))?;
        }
        f.write_str("; remove the subjects of requests from the stream")
    }
}

impl Error for Stored {}

impl fmt::Display for PublishFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = Escaped(&self.subject);
        match &self.reason {
            Unpublished::NotAcknowledged(reason) => {
                let reason = Escaped(reason);
                write!(
                    f,
                    "{} to {subject} was not acknowledged: {reason}",
                    self.event
                )
            }
            _ => write!(f, "{} to {subject} was not published", self.event),
        }
    }
}

impl Error for PublishFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(match &self.reason {
            Unpublished::NotEncoded(error) => error,
            Unpublished::NotDelivered(reason) => reason,
            Unpublished::NotAcknowledged(_) => return None,
        })
    }
}
