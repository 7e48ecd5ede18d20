//! Events from a stream. Each round reads the whole stream with a new consumer.

use std::time::{Duration, Instant};

use async_nats::jetstream;
use async_nats::jetstream::consumer::pull;
use futures_util::StreamExt as _;
use serde_json::json;
use varpulis_sdk::connector::{ManagedNatsConnector, SourceOptions, encode};

use super::plain::PlainEvent;
use super::{config, event};
use crate::report::{Report, Unit};
use crate::rounds::{Series, turns};
use crate::{Effort, Failure};

/// The maximum number of messages that are delivered and not acknowledged.
const IN_FLIGHT: u16 = 1_024;

/// The maximum number of messages that are published and not stored.
const PUBLISHED: usize = 256;

/// Measures committed events per second, for a source that shares its consumer and for a single reader.
///
/// # Errors
/// If the stream cannot be filled or read.
pub(super) async fn run(url: &str, effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let (rounds, events) = if effort.quick {
        (1, 2_000)
    } else {
        (7, 100_000)
    };
    let context = jetstream::new(async_nats::connect(url).await?);
    fill(&context, events).await?;
    let mut measured = [Series::default(), Series::default(), Series::default()];
    for (number, turn) in turns(rounds, measured.len()).enumerate() {
        let name = format!("c{number}");
        let start = Instant::now();
        match turn {
            0 => read_bare(&context, &name, events).await?,
            _ => read(url, &name, turn == 2, events).await?,
        }
        measured[turn].push(f64::from(events) / start.elapsed().as_secs_f64());
    }
    let [bare, ours, single] = &measured;
    report.line("durable.bare", bare.median(), Unit::PerSecond)?;
    report.line("durable.connector", ours.median(), Unit::PerSecond)?;
    report.line("durable.single_reader", single.median(), Unit::PerSecond)?;
    report.line("durable_ratio", ours.ratio(bare), Unit::Ratio)?;
    report.line("single_reader_ratio", single.ratio(bare), Unit::Ratio)?;
    Ok(())
}

async fn fill(context: &jetstream::Context, events: u32) -> Result<(), Failure> {
    context
        .create_stream(jetstream::stream::Config {
            name: "BENCH".to_owned(),
            subjects: vec!["durable.*".to_owned()],
            ..Default::default()
        })
        .await?;
    let payload = bytes::Bytes::from(encode(&event())?);
    let mut stored = futures_util::stream::iter(0..events)
        .map(|number| {
            let (context, payload) = (context.clone(), payload.clone());
            async move {
                let subject = format!("durable.{}", number % 16);
                context.publish(subject, payload).await?.await
            }
        })
        .buffer_unordered(PUBLISHED);
    while let Some(stored) = stored.next().await {
        stored?;
    }
    Ok(())
}

/// A loop over a pull consumer of async-nats with `serde_json`.
async fn read_bare(context: &jetstream::Context, name: &str, events: u32) -> Result<(), Failure> {
    let consumer = context
        .get_stream("BENCH")
        .await?
        .create_consumer(pull::Config {
            durable_name: Some(name.to_owned()),
            filter_subject: "durable.*".to_owned(),
            max_ack_pending: IN_FLIGHT.into(),
            ..Default::default()
        })
        .await?;
    let mut messages = consumer
        .stream()
        .max_messages_per_batch(IN_FLIGHT.into())
        .heartbeat(Duration::from_secs(5))
        .messages()
        .await?
        .take(events as usize);
    while let Some(message) = messages.next().await {
        let message = message?;
        PlainEvent::read(&message.payload)?;
        message.ack().await?;
    }
    Ok(context.client().flush().await?)
}

async fn read(url: &str, name: &str, single_reader: bool, events: u32) -> Result<(), Failure> {
    let config = config(&json!({
        "nats": { "servers": url },
        "subject": "durable.*",
        "durable": {
            "stream": "BENCH", "consumer": name, "create": true, "max_in_flight": IN_FLIGHT,
            "single_reader": single_reader,
        },
    }))?;
    let connector = ManagedNatsConnector::new("bench", config)?;
    let mut source = connector.source(SourceOptions::new()).await?;
    for _ in 0..events {
        let delivery = source.next().await.ok_or("the source has ended")?;
        delivery.commit();
    }
    source.drain();
    while source.next().await.is_some() {}
    Ok(connector.drain(Duration::from_secs(10)).await?)
}
