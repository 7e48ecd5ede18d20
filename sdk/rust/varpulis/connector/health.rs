//! The state of a connector.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use natsgen_runtime::Escaped;

use super::event::{Refusal, RefusalReason};
use crate::types::{ConnectorHealth, ConnectorName, ConnectorType};

/// The maximum length of an error in a heartbeat, in characters.
const MAX_ERROR: usize = 16_384;

/// The state of a connector now, and its counters since it was created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Whether the connection is established now.
    pub connected: bool,
    /// The last error, also if the connector has recovered from it.
    pub last_error: Option<String>,
    /// The number of received messages.
    pub received: u64,
    /// The number of events in these messages.
    pub decoded: u64,
    /// The number of messages that were refused, by reason.
    pub refused: BTreeMap<RefusalReason, u64>,
    /// The number of messages that were dropped because a source was too slow. They are not in `received`.
    pub dropped: u64,
    /// The number of sent events.
    pub sent: u64,
    /// The number of events whose sending failed, or that may be lost.
    pub failed: u64,
    /// The number of restored connections.
    pub reconnects: u64,
    /// The time since the last received message. `None` if there was no message.
    pub since_last_message: Option<Duration>,
}

/// A refused message, for the search for its cause. The payload may contain secrets, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedMessage {
    /// The subject.
    pub subject: String,
    /// The first bytes of the payload, at most 1,024.
    pub payload: Vec<u8>,
    /// The reason.
    pub refusal: Refusal,
    /// The time of receipt.
    pub received: SystemTime,
}

impl Health {
    /// Returns the health for a heartbeat. The number of refused messages is added to the last error.
    #[must_use]
    pub fn report(&self, name: ConnectorName, connector_type: ConnectorType) -> ConnectorHealth {
        let since = self.since_last_message.unwrap_or_default().as_secs();
        let mut report =
            ConnectorHealth::new(name, connector_type, self.connected, self.received, since);
        let mut texts: Vec<_> = self
            .last_error
            .iter()
            .map(|error| Escaped(error).to_string())
            .collect();
        let refused = self.refused.iter().filter(|(_, count)| **count > 0);
        texts.extend(refused.map(|(reason, count)| format!("{count} refused: {}", reason.name())));
        if self.dropped > 0 {
            texts.push(format!("{} dropped", self.dropped));
        }
        let text = texts.join("; ");
        if !text.is_empty() {
            let text: String = text.chars().take(MAX_ERROR).collect();
            report.last_error = text.try_into().ok();
        }
        report
    }
}

impl fmt::Debug for RefusedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusedMessage")
            .field("subject", &self.subject)
            .field("refusal", &self.refusal)
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}
