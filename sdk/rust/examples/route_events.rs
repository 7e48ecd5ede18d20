//! Reads pipeline events from JSON texts, publishes them to the workers on their routes, and receives them.
//!
//! It needs no worker. The variable `NATS_URL` names the server.

use std::env;
use std::error::Error;

use natsgen_runtime::{Side, codec};
use varpulis_sdk::Connection;
use varpulis_sdk::types::{GroupId, WorkerId};
use varpulis_sdk::worker::{PipelineEvent, PipelineEventFilter, WorkerClient};

/// The second event has no valid time.
const EVENTS: [&str; 3] = [
    r#"{"event_type": "Hot", "timestamp": "2026-11-30T10:00:00Z", "sensor": "s1"}"#,
    r#"{"event_type": "Hot", "timestamp": "yesterday", "sensor": "s2"}"#,
    r#"{"event_type": "Cold", "timestamp": "2026-11-30T10:00:01Z", "sensor": "s3"}"#,
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("NATS_URL").unwrap_or_else(|_| "nats://localhost:4222".to_owned());
    let connection = Connection::nats(&url).await?;
    let group = GroupId::try_from("plant")?;
    let sender = WorkerId::try_from("w0")?;

    // The filter selects the events of the group. The other parameters of the subject may have any value.
    let filter = PipelineEventFilter {
        group: Some(group.clone()),
        ..PipelineEventFilter::default()
    };
    let mut events = connection.subscribe::<PipelineEvent>(&filter).await?;

    let workers = WorkerClient::new(&connection);
    let mut published = 0;
    for text in EVENTS {
        // The decoder checks the whole schema. Its error names the JSON pointer of the invalid value.
        let event: PipelineEvent = match codec::decode(text.as_bytes(), Side::Reply) {
            Ok(event) => event,
            Err(violation) => {
                println!("not published: {} breaks the schema", violation.pointer);
                continue;
            }
        };
        let is_hot = event.event_type.as_ref().is_some_and(|name| *name == "Hot");
        let receiver = WorkerId::try_from(if is_hot { "w1" } else { "w2" })?;
        workers
            .pipeline_event(&group, &sender, &receiver, &event)
            .await?;
        published += 1;
    }
    println!("published: {published} events");

    for _ in 0..published {
        let received = events.next().await.ok_or("the connection is closed")??;
        let (params, event) = (received.params, received.event);
        println!(
            "{} to {}: {} of sensor {}",
            params.from_worker,
            params.to_worker,
            event.event_type.ok_or("no type")?,
            event
                .fields
                .get("sensor")
                .and_then(|sensor| sensor.as_str())
                .ok_or("no sensor")?,
        );
    }
    connection.close().await;
    Ok(())
}
