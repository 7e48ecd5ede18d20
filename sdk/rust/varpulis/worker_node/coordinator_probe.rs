//! Finds out whether a coordinator receives heartbeats.

use std::time::Duration;

use natsgen_runtime::generated::Caller;
use natsgen_runtime::transport::Message;
use natsgen_runtime::{Connection, Event as _, Failure, NoAnswer, NotDelivered, codec};

use crate::coordinator::Heartbeat;
use crate::subject::PREFIX;
use crate::types::WorkerId;

/// The server reports at once that the subject has no subscriber.
const LIMIT: Duration = Duration::from_millis(250);

/// Sends heartbeats with a reply subject. Nothing replies, but the server reports if there is no coordinator.
pub(super) struct CoordinatorProbe {
    connection: Connection,
    subject: String,
}

impl CoordinatorProbe {
    pub(super) fn new(connection: &Connection, id: &WorkerId) -> Self {
        let caller = Caller::new(connection, &PREFIX);
        Self {
            connection: connection.clone(),
            subject: Heartbeat::subject(caller.prefix(), id).into(),
        }
    }

    /// Sends a heartbeat. Returns whether a coordinator is subscribed; nothing if the heartbeat was not sent.
    pub(super) async fn has_subscriber(&self, heartbeat: &Heartbeat) -> Option<bool> {
        let payload = codec::encode(heartbeat).ok()?;
        let message = Message {
            subject: self.subject.clone(),
            payload: payload.into(),
            ..Message::default()
        };
        let sent = self.connection.exchange(message, LIMIT).await;
        match sent {
            Ok(_) | Err(Failure::NoAnswer(NoAnswer::TimedOut)) => Some(true),
            Err(Failure::NotDelivered(NotDelivered::NoResponders)) => Some(false),
            Err(_) => None,
        }
    }
}
