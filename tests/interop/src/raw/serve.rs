//! The server without an SDK.

use futures_util::StreamExt as _;
use natsgen_runtime::NatsOptions;
use natsgen_runtime::transport::{Message, Transport as _};
use serde_json::{Value as Json, json};

use super::subject::Subjects;
use crate::Error;
use crate::result::{self, Answers};

/// Answers all operations until the end of the input.
pub(crate) async fn run(url: &str) -> Result<bool, Error> {
    let mut input = result::input();
    let answers = Answers::read(&mut input).await?;
    let subjects = Subjects::read()?;
    let transport = NatsOptions::new(url).connect_transport().await?;
    let mut requests = transport.subscribe("varpulis.cluster.>", None).await?;
    result::print(&json!({ "ready": true }));
    loop {
        let request = tokio::select! {
            line = input.next_line() => match line? {
                Some(_) => continue,
                None => return Ok(true),
            },
            request = requests.next() => request.ok_or("the connection is closed")?,
        };
        let Some((operation, params)) = subjects.operation(&request.subject) else {
            continue;
        };
        let payload: Json = serde_json::from_slice(&request.payload)?;
        let Some(reply) = request.reply else {
            result::print(&json!({ "event": operation, "params": params, "message": payload }));
            continue;
        };
        let answer = answers.take(operation, &payload);
        let answer = answer.ok_or_else(|| format!("{operation}: unexpected {payload}"))?;
        let text = match (&answer["text"], &answer["ok"]) {
            (Json::String(text), _) => text.clone(),
            (_, reply) => reply.to_string(),
        };
        let message = Message {
            subject: reply,
            payload: text.into_bytes().into(),
            ..Message::default()
        };
        transport.publish(message).await?;
    }
}
