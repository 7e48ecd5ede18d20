//! Publishing to a stream.

use std::time::Duration;

use natsgen_runtime::transport::{Headers, Message};
use natsgen_runtime::{Backoff, Connection, token};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};

use super::error::DurableError;
use super::jetstream::{JetStream, read_reply};
use super::settings::Settings;

/// The time limit of an attempt. A stored message is acknowledged within milliseconds.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(5);

/// The first and the longest pause between attempts.
const PAUSES: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(500)];

/// The confirmation of a stream that it has stored a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// The sequence of the message in the stream.
    pub sequence: u64,
    /// Whether the stream had already stored a message with the same id.
    pub is_duplicate: bool,
}

/// Publishes messages to a stream, and waits until they are stored.
#[derive(Debug)]
pub(crate) struct DurablePublisher {
    api: JetStream,
    stream: String,
    send_timeout: Duration,
    max_in_flight: u32,
    in_flight: Semaphore,
}

impl DurablePublisher {
    /// Checks or creates the stream.
    ///
    /// # Errors
    /// If the stream is missing, differs from the settings, or cannot be reached.
    pub(crate) async fn open(
        connection: &Connection,
        settings: &Settings,
    ) -> Result<Self, DurableError> {
        let api = JetStream {
            connection: connection.clone(),
        };
        api.ensure_stream(settings).await?;
        let max_in_flight = u32::try_from(settings.max_in_flight).unwrap_or(u32::MAX);
        Ok(Self {
            api,
            stream: settings.stream.clone(),
            send_timeout: settings.send_timeout,
            max_in_flight,
            in_flight: Semaphore::new(max_in_flight as usize),
        })
    }

    /// Publishes a message, and waits until the stream has stored it. Repeats the message with the same id after a
    /// failure that may pass. The stream stores an id once within its duplicate window, which is two minutes by
    /// default. Without `id` the message gets a random id.
    ///
    /// Messages to a subject keep their order if each call waits for the end of the call before.
    ///
    /// # Errors
    /// If the stream refuses the message, or does not confirm it within the time limit. It may still have stored the
    /// message then.
    pub(crate) async fn publish(
        &self,
        message: Message,
        id: Option<&str>,
    ) -> Result<Stored, DurableError> {
        let end = Instant::now() + self.send_timeout;
        let Ok(_permit) = self.in_flight.acquire().await else {
            unreachable!("the semaphore is never closed");
        };
        let message = self.prepare(message, id);
        let mut backoff = Backoff::new(PAUSES[0], PAUSES[1]);
        loop {
            let limit = ATTEMPT_LIMIT.min(end.saturating_duration_since(Instant::now()));
            let reply = self.api.connection.exchange(message.clone(), limit).await;
            let error = match read_reply(&message.subject, reply) {
                Ok(reply) => {
                    let sequence = reply["seq"].as_u64();
                    let stored = sequence.map(|sequence| Stored {
                        sequence,
                        is_duplicate: reply["duplicate"].as_bool() == Some(true),
                    });
                    return stored.ok_or(DurableError::Unreadable {
                        subject: message.subject,
                    });
                }
                Err(error) => error,
            };
            if error.has_no_responders() {
                // Either no stream stores the subject, or the server is not ready.
                let checked = self.api.check_stream(&self.stream, &message.subject).await;
                if let Err(error @ DurableError::Mismatch { .. }) = checked {
                    return Err(error);
                }
            }
            let next = Instant::now() + backoff.pause();
            if !error.is_transient() || next >= end {
                return Err(error);
            }
            sleep_until(next).await;
        }
    }

    /// Waits until all messages are stored or refused.
    pub(crate) async fn flush(&self) {
        // Fails only if the semaphore is closed.
        drop(self.in_flight.acquire_many(self.max_in_flight).await);
    }

    fn prepare(&self, mut message: Message, id: Option<&str>) -> Message {
        let mut headers = Headers::with_capacity(2);
        headers.append("Nats-Msg-Id", id.map_or_else(token, str::to_owned));
        headers.append("Nats-Expected-Stream", self.stream.as_str());
        message.headers = headers;
        message
    }
}
