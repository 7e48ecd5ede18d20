//! Errors of durable delivery.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;

use natsgen_runtime::{Escaped, Failure, NotDelivered};

/// The reason why durable delivery does not work. Texts of the server are escaped when they are displayed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DurableError {
    /// `JetStream` is not enabled on the server or in the account.
    Unavailable,
    /// The stream does not exist, and the configuration does not permit to create it.
    MissingStream {
        /// The name of the stream.
        stream: String,
    },
    /// The consumer does not exist, and the configuration does not permit to create it.
    MissingConsumer {
        /// The name of the stream.
        stream: String,
        /// The name of the consumer.
        consumer: String,
    },
    /// The configuration lacks a value that durable delivery needs.
    MissingSetting {
        /// The name of the setting.
        setting: &'static str,
    },
    /// A stream or a consumer exists with another setting than the configuration has.
    Mismatch {
        /// The stream or the consumer.
        object: String,
        /// The name of the setting on the server.
        setting: &'static str,
        /// The value of the configuration.
        configured: String,
        /// The value on the server.
        found: String,
    },
    /// No stream stores messages to the dead-letter subject.
    NoDeadLetterStream {
        /// The dead-letter subject.
        subject: String,
    },
    /// The server does not support `single_reader`, which needs nats-server 2.14.
    NoReset,
    /// The server refused a request.
    Refused {
        /// The subject of the request.
        subject: String,
        /// The error code of `JetStream`.
        code: u64,
        /// The description of the server.
        description: String,
    },
    /// The reply of the server has an unexpected form.
    Unreadable {
        /// The subject of the request.
        subject: String,
    },
    /// No reply arrived.
    NoReply {
        /// The subject of the request.
        subject: String,
        /// The reason.
        failure: Failure<Infallible>,
    },
    /// The server refused a request for messages, because the consumer has a limit or is deleted.
    PullRefused {
        /// The NATS status.
        status: u16,
    },
    /// The server sent no message and no heartbeat for the time that two heartbeats take.
    Silent,
    /// The connection is closed, or the server denies a subscription.
    NotSubscribed {
        /// The reason.
        reason: String,
    },
}

impl DurableError {
    /// Whether a later attempt may succeed without a change of the configuration.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            // The server is overloaded, starts, or elects a leader.
            Self::Refused { code, .. } => matches!(code, 10008 | 10023 | 10118 | 10122 | 10127),
            Self::NoReply { failure, .. } => match failure {
                Failure::NoAnswer(_) => true,
                Failure::NotDelivered(reason) => reason.is_retryable(),
                _ => false,
            },
            Self::Unavailable | Self::Silent => true,
            _ => false,
        }
    }

    /// Whether no server and no stream listens to the subject.
    pub(super) fn has_no_responders(&self) -> bool {
        let reason = Failure::NotDelivered(NotDelivered::NoResponders);
        matches!(self, Self::NoReply { failure, .. } if *failure == reason)
    }
}

impl fmt::Display for DurableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable => f.write_str(
                "JetStream is not available; enable it on the server and in the account of the user",
            ),
            Self::MissingStream { stream } => write!(
                f,
                "the stream {stream:?} does not exist; create it, or set `durable.create`"
            ),
            Self::MissingConsumer { stream, consumer } => write!(
                f,
                "the stream {stream:?} has no consumer {consumer:?}; create it, or set `durable.create`"
            ),
            Self::MissingSetting { setting } => {
                write!(f, "durable delivery needs the setting `{setting}`")
            }
            Self::Mismatch {
                object,
                setting,
                configured,
                found,
            } => write!(
                f,
                "{object} has the {setting} {:?}, the configuration has {configured:?}; change one of them",
                Escaped(found).to_string()
            ),
            Self::NoDeadLetterStream { subject } => write!(
                f,
                "no stream stores the dead-letter subject {subject:?}; add it to the subjects of a stream"
            ),
            Self::NoReset => f.write_str(
                "the server cannot reset a consumer; `durable.single_reader` needs nats-server 2.14",
            ),
            Self::Refused {
                subject,
                code,
                description,
            } => write!(
                f,
                "the server refused {subject} with code {code}: {}",
                Escaped(description)
            ),
            Self::Unreadable { subject } => write!(f, "the reply to {subject} is unreadable"),
            Self::NoReply { subject, failure } => match failure {
                Failure::NotDelivered(reason) => write!(f, "cannot send to {subject}: {reason}"),
                Failure::NoAnswer(reason) => write!(f, "no reply to {subject}: {reason}"),
                _ => write!(f, "no reply to {subject}"),
            },
            Self::PullRefused { status } => write!(
                f,
                "the server refused a request for messages with status {status}; the consumer must exist without \
                 limits of batch, bytes and expiry"
            ),
            Self::Silent => f.write_str("the server sends no heartbeats for the pull request"),
            Self::NotSubscribed { reason } => write!(f, "cannot subscribe: {}", Escaped(reason)),
        }
    }
}

impl Error for DurableError {}
