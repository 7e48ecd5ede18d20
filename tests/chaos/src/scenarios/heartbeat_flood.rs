//! Two thousand heartbeats of 896 kB each, for known and unknown workers. Coordinators keep their memory budget.

use serde_json::json;

use natsgen_runtime::NatsOptions;
use natsgen_runtime::transport::{Message, Transport as _};

use crate::Failure;
use crate::attacked::Attacked;
use crate::connection::subject;
use crate::round::Round;

/// The size of a heartbeat, in bytes.
const SIZE: usize = 896 * 1_024;

/// The longest text in a heartbeat, in bytes.
const TEXT: usize = 16_384;

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut target = Attacked::start(round).await?;
    let url = target.cluster.server()?.url();
    let transport = NatsOptions::new(&url).connect_transport().await?;
    let heartbeat = Message {
        payload: heartbeat().into(),
        ..Message::default()
    };
    for number in 0..round.size(2_000, 200) {
        let worker = match number % 4 {
            0 => format!("w{}", number % 3 + 1),
            _ => format!("x{number}"),
        };
        let message = Message {
            subject: subject(&format!("heartbeat.{worker}")),
            ..heartbeat.clone()
        };
        transport.publish(message).await?;
        round.count("heartbeats_sent", 1);
    }
    transport.close().await;
    target.finish(round).await
}

/// A valid heartbeat of [`SIZE`].
fn heartbeat() -> Vec<u8> {
    let health = json!({
        "connector_name": "c", "connector_type": "t", "connected": false, "last_error": "x".repeat(TEXT),
        "messages_received": 0, "seconds_since_last_message": 0,
    });
    let health = vec![health; SIZE / TEXT - 1];
    let metrics = json!({ "pipeline_name": "p", "events_in": 0, "events_out": 0, "connector_health": health });
    let heartbeat =
        json!({ "events_processed": 0, "pipelines_running": 1, "pipeline_metrics": [metrics] });
    heartbeat.to_string().into_bytes()
}
