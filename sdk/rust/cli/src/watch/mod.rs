//! Shows the messages of operations as they are sent.

mod cli;
mod printer;

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::SelectAll;
use natsgen::model::{Kind, Operation, Token};
use natsgen_runtime::Prefix;
use natsgen_runtime::transport::TransportEvent;
use tokio::time::{Instant, sleep_until};

pub(crate) use self::cli::Options;
use self::printer::Watched;
use crate::protocol::Protocol;
use crate::signals::Signals;
use crate::terminal::error::CommandError;
use crate::terminal::text::counted;

/// The longest watch: 34 years.
const LONGEST: Duration = Duration::from_secs(1 << 30);

/// Shows messages until a signal, the end of the time, or the last message.
pub(crate) async fn run(options: &Options) -> Result<(), CommandError> {
    let mut signals = Signals::listen()?;
    let protocol = options.protocol.load()?;
    let prefix = options.connect.prefix(&protocol.model.prefix)?;
    let watched = watched(&protocol, options, &prefix)?;
    let connection = options.connect.connect().await?;
    let mut events = connection.events();
    let mut messages = SelectAll::new();
    for (index, one) in watched.iter().enumerate() {
        let pattern = pattern(one.operation, &prefix, &options.param)?;
        let subscribed = connection.transport().subscribe(&pattern, None).await;
        let subscribed = subscribed.map_err(|error| CommandError::unexpected(&error))?;
        messages.push(subscribed.map(move |message| (index, message)));
    }
    if !connection.flush().await {
        return Err(CommandError::Failed("the connection was lost".to_owned()));
    }
    let mut out = anstream::stdout();
    let started = Instant::now();
    let end = started + options.duration.unwrap_or(LONGEST);
    let (mut shown, mut lost) = (0_u64, 0);
    while options.count.is_none_or(|count| shown < count) {
        tokio::select! {
            () = signals.next() => break,
            () = sleep_until(end) => break,
            event = events.recv() => lost += lost_by(event)?,
            message = messages.next() => {
                let Some((index, message)) = message else { break };
                watched[index].print(&mut out, &message, options.json)?;
                shown += 1;
            }
        }
    }
    connection.close().await;
    let seconds = started.elapsed().as_secs_f64();
    let rate = f64::from(u32::try_from(shown).unwrap_or(u32::MAX)) / seconds;
    let messages = counted(shown, "message");
    eprintln!("{messages} in {seconds:.1} s, {rate:.1} per second, {lost} lost");
    Ok(())
}

/// The operations of the options, or all events.
fn watched<'a>(
    protocol: &'a Protocol,
    options: &Options,
    prefix: &Prefix,
) -> Result<Vec<Watched<'a>>, CommandError> {
    let all = protocol.model.operations.iter();
    let operations: Vec<&Operation> = if options.operations.is_empty() {
        let is_event = |operation: &&Operation| matches!(operation.kind, Kind::Publish(_));
        all.filter(is_event).collect()
    } else {
        let names = options.operations.iter();
        names
            .map(|name| protocol.operation(name))
            .collect::<Result<_, _>>()?
    };
    let start = prefix.as_str().split('.').count();
    let watched = operations.into_iter().map(|operation| {
        let types = protocol.types(operation)?;
        Ok(Watched {
            operation,
            types,
            start,
        })
    });
    watched.collect()
}

/// The subjects of an operation. Parameters of other operations are ignored.
fn pattern(
    operation: &Operation,
    prefix: &Prefix,
    params: &[(String, String)],
) -> Result<String, CommandError> {
    let mut pattern = prefix.as_str().to_owned();
    for token in &operation.subject.0 {
        let token = match token {
            Token::Literal(word) => word.as_str(),
            Token::Param(name) => {
                let given = params.iter().rfind(|(given, _)| *given == name.snake());
                given.map_or("*", |(_, value)| value.as_str())
            }
        };
        if token.is_empty() || token.contains(['.', '>', ' ']) {
            return Err(CommandError::Settings {
                reason: format!("{token:?} is no token of a subject"),
                advice: "correct the value of --param".to_owned(),
            });
        }
        pattern.extend([".", token]);
    }
    Ok(pattern)
}

/// The number of messages that an event of the connection reports as lost.
fn lost_by(event: Option<TransportEvent>) -> Result<u64, CommandError> {
    match event {
        Some(TransportEvent::Lost(messages)) => Ok(messages),
        Some(TransportEvent::SubscribeDenied(pattern)) => Err(CommandError::NotDelivered {
            reason: format!(
                "the permissions of the NATS server forbid a subscription to {pattern}"
            ),
            advice: "use credentials of a role that receives it".to_owned(),
        }),
        Some(TransportEvent::Closed) | None => {
            Err(CommandError::Failed("the connection was closed".to_owned()))
        }
        Some(_) => Ok(0),
    }
}
