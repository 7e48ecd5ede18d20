//! This SDK's connector with NATS connectors in a pipeline of the published crates.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use varpulis_sdk::connector::{
    ConnectorError, Event, ManagedNatsConnector, NatsConfig, NatsSink, SourceOptions,
};
use varpulis_sdk::types;

use crate::Error;
use crate::peer::KEY;
use crate::table::{Table, ensure};
use crate::worker_client::Fixture;

const CROSSING: &str = "our connector <-> their pipeline";

/// Far more than an event takes.
const LIMIT: Duration = Duration::from_secs(10);

pub(crate) async fn run(table: &mut Table) {
    table
        .works(CROSSING, "events in and out over NATS", events())
        .await;
}

async fn events() -> Result<(), Error> {
    let worker = Fixture::start(KEY, "large").await?;
    let url = worker.url();
    let config = NatsConfig::new(types::NatsConfig::new(url.as_str().try_into()?));
    let connector = ManagedNatsConnector::new("bus", config)?;
    let mut alerts = connector
        .source(SourceOptions::new().subject("alerts"))
        .await?;
    let sensors = connector.sink(Some("sensors")).await?;
    let source = format!(
        "connector bus = nats (servers: \"{}\")\n\
         stream Readings = SensorReading.from(bus, topic: \"sensors\")\n\
         stream Alert = Readings .where(temperature > 100) .emit(temperature: temperature, sensor: sensor) .to(bus, topic: \"alerts\")",
        url
    );
    worker.deploy("p", &source).await?;
    let delivery = tokio::select! {
        delivery = timeout(LIMIT, alerts.next()) => delivery?.ok_or("the source ended")?,
        error = send(&sensors) => return Err(error.into()),
    };
    let event = delivery.event;
    ensure(
        event.event_type == "Alert" && event.fields.get("sensor").is_some(),
        format!("{event:?}"),
    )
}

/// Sends events again and again, because the source of the pipeline may not be subscribed yet. Returns the first error.
async fn send(sensors: &NatsSink) -> ConnectorError {
    loop {
        for temperature in [5_i64, 200] {
            let event = Event::new("SensorReading")
                .field("temperature", temperature)
                .field("sensor", "s1");
            if let Err(error) = sensors.send(&event).await {
                return error;
            }
        }
        sleep(Duration::from_millis(200)).await;
    }
}
