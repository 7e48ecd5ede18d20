//! Events to the server.

use std::time::Instant;

use serde_json::{Map, Value, json};
use varpulis_sdk::connector::{ManagedNatsConnector, NatsSink, encode};

use super::plain::PlainEvent;
use super::{config, event};
use crate::report::{Report, Unit};
use crate::rounds::{Series, turns};
use crate::{Effort, Failure};

/// Measures events per second until the server has received them.
///
/// # Errors
/// If an event cannot be sent.
pub(super) async fn run(url: &str, effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let (rounds, events) = if effort.quick {
        (1, 10_000)
    } else {
        (15, 300_000)
    };
    let plain = PlainEvent::read(&encode(&event())?)?;
    let client = async_nats::connect(url).await?;
    let config = config(&json!({ "nats": { "servers": url }, "subject": "ours.sink" }))?;
    let connector = ManagedNatsConnector::new("bench", config)?;
    let sink = connector.sink(None).await?;
    let mut measured = [Series::default(), Series::default()];
    for turn in turns(rounds, 2) {
        let start = Instant::now();
        match turn {
            0 => send_bare(&client, &plain, events).await?,
            _ => send(&sink, events).await?,
        }
        measured[turn].push(f64::from(events) / start.elapsed().as_secs_f64());
    }
    let [bare, ours] = &measured;
    report.line("sink.bare", bare.median(), Unit::PerSecond)?;
    report.line("sink.connector", ours.median(), Unit::PerSecond)?;
    report.line("sink_ratio", ours.ratio(bare), Unit::Ratio)?;
    Ok(())
}

/// A loop over a client of async-nats with `serde_json`. The event is changed, as it would be between two sends.
async fn send_bare(
    client: &async_nats::Client,
    plain: &PlainEvent,
    events: u32,
) -> Result<(), Failure> {
    for number in 0..events {
        let mut fields: Map<String, Value> = plain.fields.clone();
        fields.insert("count".to_owned(), number.into());
        let event = PlainEvent {
            event_type: plain.event_type.clone(),
            timestamp: plain.timestamp.clone(),
            fields,
        };
        client
            .publish("bare.sink", serde_json::to_vec(&event)?.into())
            .await?;
    }
    Ok(client.flush().await?)
}

async fn send(sink: &NatsSink, events: u32) -> Result<(), Failure> {
    let template = event();
    for number in 0..events {
        let event = template.clone().field("count", number);
        sink.send(&event).await?;
    }
    Ok(sink.flush().await?)
}
