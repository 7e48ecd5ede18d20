//! Which values survive the engine unchanged. The table is in the README.

use natsgen_runtime::{Value, codec};
use varpulis_sdk::types::PipelineId;
use varpulis_sdk::worker::{CheckpointRequest, InjectRequest, RestoreRequest};

use super::fixture::{Bus, Fixture, fields};

/// The values as JSON.
const VALUES: [&str; 19] = [
    "null",
    "true",
    "0",
    "-1",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "1.0",
    "-2.5",
    "0.1",
    "1e+300",
    "\"\"",
    "\"text ä 😀 \\u0000\"",
    "\"2026-01-01T00:00:00Z\"",
    "[]",
    "[1,null,\"x\",[2.5]]",
    "{}",
    "{\"a b\":{\"c\":[null,9007199254740993]}}",
];

const EMIT: &str = "stream A = X .emit(v: v)";

const WINDOW: &str = "stream A = X .window(2) .aggregate(v: first(v)) .emit(v: v)";

/// The outcome of a value: `unchanged`, another value, or the reason.
fn outcome(sent: &str, received: Result<Option<Value>, String>) -> String {
    match received {
        Ok(Some(value)) => match String::from_utf8(codec::encode(&value).unwrap()).unwrap() {
            text if text == sent => "unchanged".to_owned(),
            text => format!("`{text}`"),
        },
        Ok(None) => "absent".to_owned(),
        Err(reason) => reason,
    }
}

/// The value of `v` in the only output of an event.
async fn inject(fixture: &Fixture, id: &PipelineId, json: &str) -> Result<Option<Value>, String> {
    let mut request = InjectRequest::new(id.clone(), "X".try_into().unwrap());
    request.fields = fields(&format!(r#"{{"v":{json}}}"#));
    let injected = fixture.client.inject(&fixture.id, &request).await;
    let injected = injected.map_err(|error| match error.fault() {
        Some(fault) => fault.to_string(),
        None => error.to_string(),
    })?;
    let output = injected.output_events.first();
    let output = output.and_then(|output| output.fields.as_ref());
    Ok(output.and_then(|fields| fields.0.get("v").cloned()))
}

/// The value after a checkpoint in a window, and its restoration in another pipeline.
async fn restored(fixture: &Fixture, json: &str) -> Result<Option<Value>, String> {
    let [from, to] = [
        fixture.deploy(WINDOW).await.unwrap(),
        fixture.deploy(WINDOW).await.unwrap(),
    ];
    // The window emits its first value after the second event.
    inject(fixture, &from, json).await?;
    let client = &fixture.client;
    let request = CheckpointRequest::new(from);
    let taken = client.checkpoint(&fixture.id, &request).await.unwrap();
    let request = RestoreRequest::new(to.clone(), taken.0);
    let restored = client.restore(&fixture.id, &request).await;
    restored.map_err(|error| error.to_string())?;
    inject(fixture, &to, "0").await
}

/// The value after a source and a sink over NATS.
async fn over_nats(bus: &mut Bus, json: &str) -> Result<Option<Value>, String> {
    bus.send(json.parse::<Value>().unwrap()).await;
    Ok(Some(bus.receive().await))
}

#[tokio::test(flavor = "multi_thread")]
async fn values_survive_as_the_readme_says() {
    let fixture = Fixture::start().await;
    let emit = fixture.deploy(EMIT).await.unwrap();
    let mut bus = Bus::connect(&fixture).await;
    fixture.deploy_on_bus(&mut bus, "").await;
    let mut table = "| Value | Inject | Checkpoint | NATS |\n|---|---|---|---|\n".to_owned();
    for json in VALUES {
        let injected = outcome(json, inject(&fixture, &emit, json).await);
        let restored = outcome(json, restored(&fixture, json).await);
        let passed = outcome(json, over_nats(&mut bus, json).await);
        table += &format!("| `{json}` | {injected} | {restored} | {passed} |\n");
    }
    println!("{table}");
    let readme = include_str!("../../README.md");
    assert!(readme.contains(&table), "the README has another table");
}
