//! A foreign peer sends notices that workers were replaced, and registers under their ids with the shared key in place
//! of their own keys. Workers stay registered, and continue.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};

use natsgen_runtime::transport::Message;

use crate::Failure;
use crate::attacked::Attacked;
use crate::attacker::Attacker;
use crate::cluster::WORKERS;
use crate::connection::{API_KEY, subject};
use crate::round::Round;

/// The longest pause between two messages.
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut target = Attacked::start(round).await?;
    let url = target.cluster.server()?.url();
    let mut attacker = Attacker::start(&url, &mut round.rng).await?;
    let end = Instant::now() + Duration::from_secs(round.size(60, 5));
    while Instant::now() < end {
        attacker.send_notice().await?;
        let worker = round.rng.u64(1..=WORKERS);
        let registration = json!({
            "worker_id": format!("w{worker}"),
            "address": "",
            "api_key": round.rng.choice([API_KEY, "guess", ""]),
            "capacity": { "cpu_cores": 1, "pipelines_running": 0, "max_pipelines": 1_000_000 },
            "instance": format!("forged-{}", round.rng.u8(..)),
        });
        let message = Message {
            subject: subject("register"),
            payload: registration.to_string().into(),
            ..Message::default()
        };
        attacker.request(message).await?;
        sleep(round.random_time(PAUSE)).await;
    }
    round.count("messages_sent", attacker.sent);
    drop(attacker);
    target.finish(round).await
}
