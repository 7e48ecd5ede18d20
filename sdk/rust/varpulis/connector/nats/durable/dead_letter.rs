//! Dead letters: messages that cannot be decoded.

use std::time::Duration;

use natsgen_runtime::Connection;
use natsgen_runtime::transport::{Headers, Message};

use super::error::DurableError;
use super::jetstream::read_reply;
use super::ledger::Refusal;
use super::settings::Settings;

/// The time limit for storing a dead letter.
const STORE_LIMIT: Duration = Duration::from_secs(5);

/// The maximum length of a reason in bytes.
const REASON_LIMIT: usize = 512;

/// The prefix of headers that control the server.
const CONTROL: &str = "Nats-";

/// Returns the dead letter of a refused message: its payload and headers, and the headers `Dead-Letter-Reason`,
/// `Dead-Letter-Subject`, `Dead-Letter-Stream` and `Dead-Letter-Sequence`. `None` without a dead-letter subject.
pub(super) fn letter(settings: &Settings, sequence: u64, refusal: Refusal) -> Option<Message> {
    let subject = settings.dead_letter_subject.clone()?;
    let Refusal { message, reason } = refusal;
    let mut headers = Headers::with_capacity(8);
    for (name, value) in message.headers {
        if !name
            .get(..CONTROL.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(CONTROL))
        {
            headers.append(name, value);
        }
    }
    let consumer = settings.consumer.as_deref().unwrap_or_default();
    // A message that is refused again is stored once.
    headers.insert(
        "Nats-Msg-Id",
        format!("{}.{consumer}.{sequence}", settings.stream),
    );
    let end = reason.floor_char_boundary(REASON_LIMIT);
    headers.insert("Dead-Letter-Reason", &reason[..end]);
    headers.insert("Dead-Letter-Subject", message.subject);
    headers.insert("Dead-Letter-Stream", settings.stream.as_str());
    headers.insert("Dead-Letter-Sequence", sequence.to_string());
    Some(Message {
        subject,
        headers,
        payload: message.payload,
        ..Message::default()
    })
}

/// Publishes a dead letter, and waits until a stream has stored it.
pub(super) async fn store(connection: &Connection, letter: Message) -> Result<(), DurableError> {
    let subject = letter.subject.clone();
    let reply = connection.exchange(letter, STORE_LIMIT).await;
    read_reply(&subject, reply).map(drop)
}
