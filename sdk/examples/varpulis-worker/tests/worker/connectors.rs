//! Sources and sinks of pipelines.

use natsgen_runtime::{Fault, Value};
use varpulis_sdk::worker::UndeployRequest;

use super::fixture::{Bus, Fixture};

#[tokio::test(flavor = "multi_thread")]
async fn connectors_exchange_events_and_report_health() {
    let fixture = Fixture::start().await;
    let mut bus = Bus::connect(&fixture).await;
    let id = fixture.deploy_on_bus(&mut bus, ".where(v > 1)").await;
    for value in [0, 2, 3] {
        bus.send(value).await;
    }
    for value in [2, 3] {
        assert_eq!(bus.receive().await, Value::from(value));
    }
    let heartbeat = fixture
        .heartbeat(|heartbeat| heartbeat.events_processed > 3)
        .await;
    let metrics = &heartbeat.pipeline_metrics[0];
    let [health] = &metrics.connector_health[..] else {
        panic!("{metrics:?}");
    };
    assert_eq!(health.connector_name.as_str(), "bus");
    assert_eq!(health.connector_type.as_str(), "nats");
    assert!(health.connected, "{health:?}");
    assert_eq!(health.messages_received, metrics.events_in);

    // A removed pipeline takes no more events.
    let request = UndeployRequest::new(id);
    let undeployed = fixture.client.undeploy(&fixture.id, &request).await;
    undeployed.unwrap();
    bus.send(4).await;
    fixture.deploy_on_bus(&mut bus, ".where(v > 1)").await;
    bus.send(5).await;
    assert_eq!(bus.receive().await, Value::from(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_would_run_in_part_are_refused_by_name() {
    let fixture = Fixture::start().await;
    let down = "connector down = nats (servers: \"nats://127.0.0.1:1\")\n";
    let kafka = "connector k = kafka (brokers: \"127.0.0.1:1\")\n";
    for (source, part) in [
        (
            "stream A = X.from(bus, topic: \"t\")".to_owned(),
            "stream A: no connector `bus` is declared",
        ),
        (
            "stream A = X .to(bus, topic: \"t\")".to_owned(),
            "stream A: no connector `bus` is declared",
        ),
        (
            format!("{kafka}stream A = X .to(k, topic: \"t\")"),
            "connector `k`: this engine has no sink of the type `kafka`",
        ),
        (
            format!("{kafka}stream A = X.from(k, topic: \"t\")"),
            "'kafka'",
        ),
        (
            format!("{down}stream A = X.from(down, topic: \"t\")"),
            "connector `down`: ",
        ),
        (format!("{down}stream A = X.from(down)"), "has no topic"),
        (
            "context c\nstream A = X .context(c) .emit(n: n)".to_owned(),
            "this worker runs no contexts",
        ),
        ("stream A = timer(5s)".to_owned(), "no timers"),
    ] {
        let error = fixture.deploy(&source).await.expect_err(&source);
        let fault = error.fault().unwrap_or_else(|| panic!("{source}: {error}"));
        assert_eq!(fault.kind().code, "engine", "{source}: {fault}");
        assert!(fault.to_string().contains(part), "{source}: {fault}");
    }
}
