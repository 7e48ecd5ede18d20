//! The sources and sinks of a pipeline.

use std::collections::HashMap;

use natsgen_runtime::Limited;
use rustc_hash::FxHashMap;
use tokio::sync::mpsc::Sender;
use varpulis_core::Event;
use varpulis_runtime::Engine;
use varpulis_runtime::connector::{ConnectorConfig, ManagedConnectorRegistry};
use varpulis_sdk::types::ConnectorHealth;

/// The connections of the sources. Sinks of the same connectors share them.
pub(crate) struct Connectors(ManagedConnectorRegistry);

impl Connectors {
    /// Connects all sources and sinks. The events of the sources go to `events`.
    pub(crate) async fn start(
        engine: &mut Engine,
        events: Sender<Vec<Event>>,
    ) -> Result<Self, String> {
        let bindings = engine.source_bindings().to_vec();
        let configs: FxHashMap<String, ConnectorConfig> = bindings
            .iter()
            .filter_map(|binding| {
                let config = engine.get_connector(&binding.connector_name)?;
                Some((binding.connector_name.clone(), config.clone()))
            })
            .collect();
        let registry = ManagedConnectorRegistry::from_configs(&configs);
        let mut registry = registry.map_err(|error| error.to_string())?;
        for binding in &bindings {
            let name = &binding.connector_name;
            let config = configs.get(name).and_then(|config| config.topic.as_ref());
            let topic = binding.topic_override.as_ref().or(config);
            let topic = topic.ok_or_else(|| format!("connector `{name}` has no topic"))?;
            let started = registry.start_source(name, topic, events.clone(), &binding.extra_params);
            let started = started.await;
            started.map_err(|error| format!("connector `{name}`: {error}"))?;
        }
        for (name, config) in &configs {
            share(engine, &mut registry, name, config)?;
        }
        let connected = engine.connect_sinks().await;
        connected.map_err(|error| error.to_string())?;
        Ok(Self(registry))
    }

    /// The health of the connectors with sources, at most as many as a heartbeat can hold.
    pub(crate) fn health<const MAX: usize>(&self) -> Limited<Vec<ConnectorHealth>, 0, MAX> {
        let reports = self.0.health_reports().into_iter();
        let health = reports.filter_map(|(name, kind, report)| {
            let mut health = ConnectorHealth::new(
                name.try_into().ok()?,
                kind.try_into().ok()?,
                report.connected,
                report.messages_received,
                report.seconds_since_last_message,
            );
            health.last_error = report.last_error.and_then(|error| error.try_into().ok());
            Some(health)
        });
        Limited::up_to(health)
    }
}

/// Lets the sinks of a connector use the connection of its sources.
fn share(
    engine: &mut Engine,
    registry: &mut ManagedConnectorRegistry,
    name: &str,
    config: &ConnectorConfig,
) -> Result<(), String> {
    for key in engine.sink_keys_for_connector(name) {
        let topic = key.split_once("::").map(|(_, topic)| topic);
        let topic = topic.or(config.topic.as_deref());
        let topic = topic.ok_or_else(|| format!("connector `{name}` has no topic"))?;
        let sink = registry.create_sink(name, topic, &HashMap::new());
        let sink = sink.map_err(|error| format!("connector `{name}`: {error}"))?;
        engine.inject_sink(&key, sink);
    }
    Ok(())
}
