//! The NATS connector: one connection for all sources and sinks.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use natsgen_runtime::transport::BoxFuture;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::counters::Counters;
use super::durable::DurableError;
use super::link::Link;
use super::properties;
use super::sink::NatsSink;
use super::source::{NatsSource, SourceOptions};
use crate::connector::config::ConnectorConfig;
use crate::connector::error::ConnectorError;
use crate::connector::event::Event;
use crate::connector::health::{Health, RefusedMessage};
use crate::connector::managed::{ConnectorSink, ManagedConnector};
use crate::types::{ConnectorHealth, ConnectorName, ConnectorType, NatsConnectorConfig};

/// The type of this connector.
const TYPE: &str = "nats";

/// A NATS connector: one connection for all its sources and sinks. A clone is another handle of the same connector.
///
/// It connects when its first source or sink is created, and then reconnects without a time limit.
#[derive(Clone)]
pub struct ManagedNatsConnector {
    shared: Arc<Shared>,
}

/// What sources and sinks share.
pub(super) struct Shared {
    pub(super) name: ConnectorName,
    connector_type: ConnectorType,
    pub(super) counters: Arc<Counters>,
    /// Changes under the lock `opening` only.
    phase: watch::Sender<Phase>,
    opening: tokio::sync::Mutex<()>,
    config: Mutex<NatsConnectorConfig>,
    /// The number of sources that can still yield events.
    sources: watch::Sender<usize>,
}

/// The phase of a connector.
#[derive(Clone, Default)]
pub(super) struct Phase {
    pub(super) link: Option<Arc<Link>>,
    pub(super) is_draining: bool,
}

impl ManagedNatsConnector {
    /// Creates a connector without a connection.
    ///
    /// # Errors
    /// If the name has not 1 to 256 characters, or an address or a limit is invalid.
    pub fn new(name: &str, config: NatsConnectorConfig) -> Result<Self, ConnectorError> {
        let names = (ConnectorName::try_from(name), ConnectorType::try_from(TYPE));
        let (Ok(name), Ok(connector_type)) = names else {
            return Err(ConnectorError::BadSetting {
                connector: name.to_owned(),
                setting: "name".to_owned(),
                reason: "expected 1 to 256 characters".to_owned(),
            });
        };
        properties::check(name.as_str(), &config)?;
        Ok(Self {
            shared: Arc::new(Shared {
                name,
                connector_type,
                counters: Arc::new(Counters::new()),
                phase: watch::Sender::new(Phase::default()),
                opening: tokio::sync::Mutex::new(()),
                config: Mutex::new(config),
                sources: watch::Sender::new(0),
            }),
        })
    }

    /// Connects, unless the connector is already connected.
    ///
    /// # Errors
    /// If the connection cannot be established, or the connector is drained.
    pub async fn connect(&self) -> Result<(), ConnectorError> {
        self.shared.link().await.map(drop)
    }

    /// Opens a source. It is ready when this method returns: all later events arrive.
    ///
    /// # Errors
    /// If a subject or a queue group is missing or invalid, the server denies the subject, or the connection cannot be
    /// established. With durable delivery, also if the stream or the consumer is missing or differs.
    pub async fn source(&self, options: SourceOptions) -> Result<NatsSource, ConnectorError> {
        NatsSource::open(&self.shared, options).await
    }

    /// Creates a sink for `subject`, by default the subject of the configuration.
    ///
    /// # Errors
    /// If the subject is invalid or has wildcards, or the connection cannot be established.
    pub async fn sink(&self, subject: Option<&str>) -> Result<NatsSink, ConnectorError> {
        NatsSink::open(&self.shared, subject).await
    }

    /// Returns the state of the connector.
    #[must_use]
    pub fn health(&self) -> Health {
        let phase = self.shared.phase.borrow();
        let link = phase.link.as_ref();
        let denied = link
            .map(|link| link.connection.denied())
            .unwrap_or_default();
        let connected = link.is_some_and(|link| link.connection.is_connected());
        let mut health = self.shared.counters.health(connected);
        if let Some(subject) = denied.into_iter().next() {
            health.last_error = Some(ConnectorError::Denied { subject }.to_string());
        }
        health
    }

    /// Returns the state for heartbeats.
    #[must_use]
    pub fn report(&self) -> ConnectorHealth {
        self.health()
            .report(self.shared.name.clone(), self.shared.connector_type.clone())
    }

    /// Returns the last refused messages, at most 16.
    #[must_use]
    pub fn refused_messages(&self) -> Vec<RefusedMessage> {
        self.shared.counters.samples()
    }

    /// Replaces the configuration. If the connector is connected, this method opens a new connection; sources and sinks
    /// continue with it. A source without durable delivery may lose the messages of the change.
    ///
    /// # Errors
    /// If the configuration is invalid, or the new connection cannot be established. The old configuration then stays. With
    /// [`ConnectorError::Unconfirmed`] and [`ConnectorError::TimedOut`], the new configuration is in use, and earlier events
    /// may be lost.
    pub async fn reconfigure(&self, config: NatsConnectorConfig) -> Result<(), ConnectorError> {
        let shared = &self.shared;
        properties::check(shared.name.as_str(), &config)?;
        let _opening = shared.opening.lock().await;
        let old = shared.phase.borrow().link.clone();
        let Some(old) = old else {
            shared.set_config(config);
            return Ok(());
        };
        let link = Arc::new(Link::open(&config, &shared.counters).await?);
        shared.set_config(config);
        shared.phase.send_modify(|phase| phase.link = Some(link));
        // The sources drain the old connection, and close it when the last of them has ended. Sent events are delivered.
        old.flush().await
    }

    /// Ends the sources after the events that were delivered, delivers the sent events, and closes the connection. The
    /// readers of the sources must take the remaining events. While no server answers, the method takes the send timeout and
    /// 10 s in addition.
    ///
    /// # Errors
    /// If a source still has events after `limit`, or sent events may be lost. The connection is closed in any case.
    pub async fn drain(&self, limit: Duration) -> Result<(), ConnectorError> {
        let shared = &self.shared;
        let _opening = shared.opening.lock().await;
        shared.phase.send_modify(|phase| phase.is_draining = true);
        let mut sources = shared.sources.subscribe();
        let ended = timeout(limit, sources.wait_for(|sources| *sources == 0))
            .await
            .map(drop);
        let Some(link) = shared.phase.borrow().link.clone() else {
            return Ok(());
        };
        let flushed = link.flush().await;
        link.connection.close().await;
        link.settle().await;
        let sources = *shared.sources.borrow();
        ended.map_err(|_| ConnectorError::NotDrained { sources })?;
        flushed
    }
}

impl Shared {
    /// Returns the connection, and opens it first if there is none.
    pub(super) async fn link(&self) -> Result<Arc<Link>, ConnectorError> {
        let current = || {
            let phase = self.phase.borrow();
            if phase.is_draining {
                return Err(ConnectorError::Closed);
            }
            Ok(phase.link.clone())
        };
        if let Some(link) = current()? {
            return Ok(link);
        }
        let _opening = self.opening.lock().await;
        if let Some(link) = current()? {
            return Ok(link);
        }
        let config = self
            .config
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let link = Arc::new(Link::open(&config, &self.counters).await?);
        self.phase
            .send_modify(|phase| phase.link = Some(Arc::clone(&link)));
        Ok(link)
    }

    pub(super) fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Counts a source until the result is dropped.
    pub(super) fn count_source(self: &Arc<Self>) -> SourceCount {
        self.sources.send_modify(|sources| *sources += 1);
        SourceCount(Arc::clone(self))
    }

    fn set_config(&self, config: NatsConnectorConfig) {
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = config;
    }
}

/// A source in the number of sources.
pub(super) struct SourceCount(Arc<Shared>);

impl SourceCount {
    /// Reports a failure of the source.
    pub(super) fn report(&self, error: &DurableError) {
        self.0.counters.error(error);
    }
}

impl Drop for SourceCount {
    fn drop(&mut self) {
        self.0.sources.send_modify(|sources| *sources -= 1);
    }
}

/// Makes a connector from the configuration of a registry.
pub(in crate::connector) fn factory(
    name: &str,
    config: &ConnectorConfig,
) -> Result<Box<dyn ManagedConnector>, ConnectorError> {
    let config = properties::read(name, config)?;
    Ok(Box::new(ManagedNatsConnector::new(name, config)?))
}

impl ManagedConnector for ManagedNatsConnector {
    fn start_source<'a>(
        &'a self,
        topic: Option<&'a str>,
        params: &'a BTreeMap<String, String>,
        sender: mpsc::Sender<Event>,
    ) -> BoxFuture<'a, Result<(), ConnectorError>> {
        Box::pin(async move {
            let options = properties::source_options(self.shared.name.as_str(), topic, params)?;
            // The task ends with the receiver or with a drain of the connector.
            drop(self.source(options).await?.start(sender));
            Ok(())
        })
    }

    fn create_sink<'a>(
        &'a self,
        topic: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Box<dyn ConnectorSink>, ConnectorError>> {
        Box::pin(async move {
            let sink: Box<dyn ConnectorSink> = Box::new(self.sink(topic).await?);
            Ok(sink)
        })
    }

    fn reconfigure<'a>(
        &'a self,
        config: &'a ConnectorConfig,
    ) -> BoxFuture<'a, Result<(), ConnectorError>> {
        Box::pin(async move {
            let config = properties::read(self.shared.name.as_str(), config)?;
            self.reconfigure(config).await
        })
    }

    fn health(&self) -> ConnectorHealth {
        self.report()
    }

    fn drain(&self, limit: Duration) -> BoxFuture<'_, Result<(), ConnectorError>> {
        Box::pin(self.drain(limit))
    }
}

impl fmt::Debug for ManagedNatsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagedNatsConnector")
            .field("name", &self.shared.name)
            .finish_non_exhaustive()
    }
}
