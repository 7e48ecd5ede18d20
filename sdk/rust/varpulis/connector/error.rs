//! Errors of connectors.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use natsgen_runtime::{ConnectError, EncodeError, Escaped};

#[cfg(feature = "nats")]
use super::nats::DurableError;

/// An error of a connector. It contains no secret.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectorError {
    /// No factory makes connectors of this type.
    UnknownType {
        /// The type.
        connector_type: String,
        /// The known types, sorted.
        known: Vec<String>,
    },
    /// The crate is compiled without the feature for this type.
    FeatureOff {
        /// The type.
        connector_type: String,
        /// The feature of `varpulis-sdk`.
        feature: &'static str,
    },
    /// The registry has no connector with this name.
    UnknownConnector {
        /// The name.
        name: String,
    },
    /// A setting is invalid, missing or unknown.
    BadSetting {
        /// The name of the connector.
        connector: String,
        /// The property, or the JSON pointer in the configuration; empty for the whole configuration.
        setting: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// Neither the configuration nor the source or sink names a subject.
    NoSubject {
        /// The name of the connector.
        connector: String,
    },
    /// A text is no subject, no pattern or no queue group.
    BadSubject {
        /// The text.
        subject: String,
        /// What is expected.
        reason: &'static str,
    },
    /// The connection cannot be established.
    Connect(ConnectError),
    /// The permissions of the server deny the subject.
    Denied {
        /// The subject.
        subject: String,
    },
    /// The event cannot be encoded, e.g. because a number is not finite.
    Encode(EncodeError),
    /// The event exceeds the size limit of a message.
    TooLarge {
        /// The size of the message in bytes.
        size: usize,
        /// The limit of the server in bytes.
        limit: usize,
    },
    /// The time limit of a send or of a flush has passed. The event may still be delivered.
    TimedOut {
        /// The time limit.
        limit: Duration,
    },
    /// The connection was lost, and the server did not confirm all events. Some of them may be lost.
    Unconfirmed {
        /// The maximum number of lost events.
        events: u64,
    },
    /// A source still has a reader after the time limit of a drain.
    NotDrained {
        /// The number of sources.
        sources: usize,
    },
    /// The connector is drained or its connection is closed.
    Closed,
    /// Durable delivery failed.
    #[cfg(feature = "nats")]
    Durable(DurableError),
}

impl fmt::Display for ConnectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownType {
                connector_type,
                known,
            } => write!(
                f,
                "no connector has the type `{}`; use one of {}, or register a factory",
                Escaped(connector_type),
                known.join(", ")
            ),
            Self::FeatureOff {
                connector_type,
                feature,
            } => write!(
                f,
                "connectors of the type `{connector_type}` need the feature `{feature}` of varpulis-sdk"
            ),
            Self::UnknownConnector { name } => {
                write!(f, "no connector has the name `{}`", Escaped(name))
            }
            Self::BadSetting {
                connector,
                setting,
                reason,
            } => {
                write!(f, "connector `{}`: ", Escaped(connector))?;
                if !setting.is_empty() {
                    write!(f, "`{}`: ", Escaped(setting))?;
                }
                write!(f, "{}", Escaped(reason))
            }
            Self::NoSubject { connector } => write!(
                f,
                "connector `{}`: no subject; set `topic` of the connector, or name a subject",
                Escaped(connector)
            ),
            Self::BadSubject { subject, reason } => {
                write!(f, "`{}`: {reason}", Escaped(subject))
            }
            Self::Connect(error) => error.fmt(f),
            Self::Denied { subject } => write!(
                f,
                "the server's permissions deny the subject `{}`",
                Escaped(subject)
            ),
            Self::Encode(error) => write!(f, "the event cannot be encoded: {error}"),
            Self::TooLarge { size, limit } => {
                write!(f, "the event has {size} bytes, {limit} are allowed")
            }
            Self::TimedOut { limit } => write!(f, "no end within {limit:?}"),
            Self::Unconfirmed { events } => write!(
                f,
                "the connection was lost, and up to {events} events with it"
            ),
            Self::NotDrained { sources } => {
                write!(f, "{sources} sources still have messages")
            }
            Self::Closed => f.write_str("the connector is closed"),
            #[cfg(feature = "nats")]
            Self::Durable(error) => error.fmt(f),
        }
    }
}

impl Error for ConnectorError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Connect(error) => error.source(),
            Self::Encode(error) => Some(error),
            #[cfg(feature = "nats")]
            Self::Durable(error) => error.source(),
            _ => None,
        }
    }
}

impl From<ConnectError> for ConnectorError {
    fn from(error: ConnectError) -> Self {
        Self::Connect(error)
    }
}

impl From<EncodeError> for ConnectorError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

#[cfg(feature = "nats")]
impl From<DurableError> for ConnectorError {
    fn from(error: DurableError) -> Self {
        Self::Durable(error)
    }
}
