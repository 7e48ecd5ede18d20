//! Calls of single operations, of this protocol or of any schema directory.

mod answer;
mod cli;
mod describe;
mod request;

use std::io::Write as _;
use std::time::{Duration, Instant};

use natsgen::model::Kind;
use natsgen_runtime::transport::Message;
use natsgen_runtime::{Connection, Failure, NotDelivered};
use serde_json::{Value as Json, json};

pub(crate) use self::cli::Options;
use crate::terminal::error::CommandError;
use crate::terminal::text::{self, plain};

/// Calls an operation, or describes one or all.
pub(crate) async fn run(options: &Options) -> Result<(), CommandError> {
    let protocol = options.protocol.load()?;
    let mut out = anstream::stdout();
    let Some(name) = &options.operation else {
        return Ok(describe::list(&mut out, &protocol)?);
    };
    let operation = protocol.operation(name)?;
    let types = protocol.types(operation)?;
    if options.describe {
        return Ok(describe::operation(&mut out, &protocol, operation, &types)?);
    }
    let message = request::read(&options.message)?;
    let prefix = options.connect.prefix(&protocol.model.prefix)?;
    let message = request::prepare(operation, &types, &prefix, &options.param, &message)?;
    let subject = message.subject.clone();
    let connection = options.connect.connect().await?;
    let started = Instant::now();
    let outcome = match &operation.kind {
        Kind::Publish(_) => publish(&connection, message).await.map(|()| Ok(Json::Null)),
        Kind::Request(request) => {
            let limit = options
                .timeout
                .unwrap_or(Duration::from_millis(request.timeout_ms));
            let reply = exchange(&connection, message, limit).await;
            reply.and_then(|reply| answer::read(&protocol, &types, request, &reply))
        }
    };
    let elapsed = started.elapsed();
    connection.close().await;
    let outcome = outcome?;
    if options.json {
        let mut line =
            json!({ "operation": name, "subject": subject, "latency_us": elapsed.as_micros() });
        match &outcome {
            Ok(reply) => line["reply"] = reply.clone(),
            Err(refusal) => line["error"] = json!(refusal),
        }
        writeln!(out, "{}", text::json(&line.to_string()))?;
    } else if let (Ok(reply), Kind::Request(_)) = (&outcome, &operation.kind) {
        writeln!(out, "{}", text::json(&format!("{reply:#}")))?;
    }
    outcome
        .map(drop)
        .map_err(|refusal| refusal.explain(&protocol, operation))
}

/// Sends a request and waits for the reply.
async fn exchange(
    connection: &Connection,
    message: Message,
    limit: Duration,
) -> Result<Message, CommandError> {
    let subject = message.subject.clone();
    let reply = connection.exchange(message, limit).await;
    reply.map_err(|failure| match failure {
        Failure::NotDelivered(NotDelivered::NoResponders) => CommandError::NotDelivered {
            reason: format!("no server listens to {subject}"),
            advice: "start the server, or correct the parameters or the prefix".to_owned(),
        },
        Failure::NotDelivered(NotDelivered::Denied) => CommandError::NotDelivered {
            reason: format!("the permissions of the NATS server forbid {subject}"),
            advice: "use credentials of a role that may send it; `natsgen acl` writes permissions"
                .to_owned(),
        },
        Failure::NotDelivered(reason) => CommandError::Failed(format!("not sent: {reason}")),
        Failure::NoAnswer(reason) => CommandError::Failed(format!(
            "no answer from {subject}, outcome unknown: {reason}"
        )),
        other => CommandError::Failed(plain(&format!("{other:?}"))),
    })
}

/// Publishes an event, and waits until the NATS server has received it.
async fn publish(connection: &Connection, message: Message) -> Result<(), CommandError> {
    let published = connection.transport().publish(message).await;
    published.map_err(|error| CommandError::Failed(format!("not sent: {error}")))?;
    if connection.flush().await {
        return Ok(());
    }
    let reason = "the NATS server did not confirm the event".to_owned();
    Err(CommandError::Failed(reason))
}
