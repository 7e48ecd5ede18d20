//! The connectors of a process, by name.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use natsgen_runtime::Escaped;
use tokio::sync::mpsc;

use super::config::ConnectorConfig;
use super::error::ConnectorError;
use super::event::Event;
use super::managed::{ConnectorSink, ManagedConnector};
use crate::types::ConnectorHealth;

/// The type of NATS connectors.
const NATS: &str = "nats";

/// Makes a connector with a name from its configuration. It validates the configuration, but does not connect.
pub type ConnectorFactory = Box<
    dyn Fn(&str, &ConnectorConfig) -> Result<Box<dyn ManagedConnector>, ConnectorError>
        + Send
        + Sync,
>;

/// The connectors of a process, by name. A connector connects when its first source or sink is created.
///
/// ```
/// use varpulis_sdk::connector::{ConnectorConfig, ConnectorError, ManagedConnectorRegistry};
///
/// let mut registry = ManagedConnectorRegistry::new();
/// let config = ConnectorConfig::new("nats", "nats://localhost:4222").topic("sensors.>");
/// let wrong = config.clone().property("quue_group", "g");
/// # #[cfg(feature = "nats")] {
/// registry.add("sensors", &config)?;
/// let error = registry.add("wrong", &wrong).unwrap_err();
/// assert!(error.to_string().starts_with("connector `wrong`: `quue_group`: unknown property"));
/// # }
/// # Ok::<(), ConnectorError>(())
/// ```
pub struct ManagedConnectorRegistry {
    factories: BTreeMap<String, ConnectorFactory>,
    connectors: BTreeMap<String, Box<dyn ManagedConnector>>,
}

impl ManagedConnectorRegistry {
    /// Creates a registry without connectors. It knows the types of the enabled features.
    #[must_use]
    pub fn new() -> Self {
        let registry = Self {
            factories: BTreeMap::new(),
            connectors: BTreeMap::new(),
        };
        #[cfg(feature = "nats")]
        let registry = registry.factory(NATS, Box::new(super::nats::factory));
        registry
    }

    /// Adds a type of connectors, or replaces it.
    #[must_use]
    pub fn factory(mut self, connector_type: impl Into<String>, factory: ConnectorFactory) -> Self {
        self.factories.insert(connector_type.into(), factory);
        self
    }

    /// Adds a connector, without a connection. It replaces a connector with this name.
    ///
    /// # Errors
    /// If the type is unknown or its feature is off, or the configuration is invalid.
    pub fn add(&mut self, name: &str, config: &ConnectorConfig) -> Result<(), ConnectorError> {
        let connector = self.make(name, config)?;
        self.connectors.insert(name.to_owned(), connector);
        Ok(())
    }

    /// Adds connectors by name. If one of them is invalid, adds none.
    ///
    /// # Errors
    /// Like [`ManagedConnectorRegistry::add`].
    pub fn add_all<'a>(
        &mut self,
        configs: impl IntoIterator<Item = (&'a str, &'a ConnectorConfig)>,
    ) -> Result<(), ConnectorError> {
        let made = configs
            .into_iter()
            .map(|(name, config)| Ok((name.to_owned(), self.make(name, config)?)));
        let made: Vec<_> = made.collect::<Result<_, ConnectorError>>()?;
        self.connectors.extend(made);
        Ok(())
    }

    fn make(
        &self,
        name: &str,
        config: &ConnectorConfig,
    ) -> Result<Box<dyn ManagedConnector>, ConnectorError> {
        let connector_type = &config.connector_type;
        match self.factories.get(connector_type) {
            Some(factory) => factory(name, config),
            None if connector_type == NATS => Err(ConnectorError::FeatureOff {
                connector_type: connector_type.clone(),
                feature: "nats",
            }),
            None => Err(ConnectorError::UnknownType {
                connector_type: connector_type.clone(),
                known: self.factories.keys().cloned().collect(),
            }),
        }
    }

    /// Starts a source of a connector, see [`ManagedConnector::start_source`].
    ///
    /// # Errors
    /// If there is no connector with this name, or the source does not start.
    pub async fn start_source(
        &self,
        name: &str,
        topic: Option<&str>,
        params: &BTreeMap<String, String>,
        sender: mpsc::Sender<Event>,
    ) -> Result<(), ConnectorError> {
        self.get(name)?.start_source(topic, params, sender).await
    }

    /// Creates a sink of a connector, see [`ManagedConnector::create_sink`].
    ///
    /// # Errors
    /// If there is no connector with this name, or the sink cannot be created.
    pub async fn create_sink(
        &self,
        name: &str,
        topic: Option<&str>,
    ) -> Result<Box<dyn ConnectorSink>, ConnectorError> {
        self.get(name)?.create_sink(topic).await
    }

    /// Replaces the configuration of a connector, see [`ManagedConnector::reconfigure`].
    ///
    /// # Errors
    /// If there is no connector with this name, or the new configuration does not work.
    pub async fn reconfigure(
        &self,
        name: &str,
        config: &ConnectorConfig,
    ) -> Result<(), ConnectorError> {
        self.get(name)?.reconfigure(config).await
    }

    /// Returns a connector.
    ///
    /// # Errors
    /// If there is no connector with this name.
    pub fn get(&self, name: &str) -> Result<&dyn ManagedConnector, ConnectorError> {
        match self.connectors.get(name) {
            Some(connector) => Ok(&**connector),
            None => Err(ConnectorError::UnknownConnector {
                name: name.to_owned(),
            }),
        }
    }

    /// Returns the health of all connectors, sorted by name, for heartbeats.
    #[must_use]
    pub fn health_reports(&self) -> Vec<ConnectorHealth> {
        self.connectors
            .values()
            .map(|connector| connector.health())
            .collect()
    }

    /// Drains all connectors, see [`ManagedConnector::drain`]. Each connector may take `limit`. Logs errors.
    pub async fn drain(&self, limit: Duration) {
        for (name, connector) in &self.connectors {
            if let Err(error) = connector.drain(limit).await {
                tracing::warn!(connector = %Escaped(name), %error, "connector not drained");
            }
        }
    }
}

impl Default for ManagedConnectorRegistry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ManagedConnectorRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagedConnectorRegistry")
            .field("types", &self.factories.keys())
            .field("connectors", &self.connectors.keys())
            .finish()
    }
}
