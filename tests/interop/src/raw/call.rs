//! The client without an SDK.

use std::time::Duration;

use futures_util::StreamExt as _;
use natsgen_runtime::NatsOptions;
use natsgen_runtime::transport::{Message, Transport as _};
use serde_json::{Value as Json, json};
use tokio::time::timeout;

use super::subject::Subjects;
use crate::Error;
use crate::result::{self, Order};

/// The time that a server has for a reply.
const LIMIT: Duration = Duration::from_secs(5);

/// Executes orders until the end of the input.
pub(crate) async fn run(url: &str) -> Result<bool, Error> {
    let mut input = result::input();
    let subjects = Subjects::read()?;
    let transport = NatsOptions::new(url).connect_transport().await?;
    let inbox = format!("{}.raw.interop", transport.inbox_prefix());
    let mut replies = transport.subscribe(&inbox, None).await?;
    while let Some(line) = input.next_line().await? {
        let order: Order = serde_json::from_str(&line)?;
        let message = Message {
            subject: subjects.subject(&order.operation, &order.params)?,
            reply: (!order.is_event).then(|| inbox.clone()),
            payload: order.request.to_string().into_bytes().into(),
            ..Message::default()
        };
        transport.publish(message).await?;
        let result = if order.is_event {
            json!({ "ok": null })
        } else {
            let reply = timeout(LIMIT, replies.next()).await?;
            outcome(&reply.ok_or("the connection is closed")?)?
        };
        result::print(&order.line(result));
    }
    Ok(true)
}

/// The result of a reply: an error is an object with the text `error`.
fn outcome(reply: &Message) -> Result<Json, Error> {
    if reply.status.is_some() {
        return Ok(json!({ "error": { "phase": "undelivered" } }));
    }
    let body: Json = serde_json::from_slice(&reply.payload)?;
    Ok(if body["error"].is_string() {
        json!({ "refused": body["code"] })
    } else {
        json!({ "ok": body })
    })
}
