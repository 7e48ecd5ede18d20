//! The interface of connectors of all types.

use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::transport::BoxFuture;
use tokio::sync::mpsc;

use super::config::ConnectorConfig;
use super::error::ConnectorError;
use super::event::Event;
use crate::types::ConnectorHealth;

/// A connector: a connection that sources and sinks share.
pub trait ManagedConnector: Send + Sync {
    /// Starts a source. It sends its events to `sender`, and ends when the receiver is dropped or the connector is
    /// drained.
    ///
    /// `topic` replaces the topic of the configuration, and `params` other settings of the source. For NATS, `params` can
    /// contain `queue_group`.
    ///
    /// # Errors
    /// If a setting is invalid, or the connection or the source cannot be opened.
    fn start_source<'a>(
        &'a self,
        topic: Option<&'a str>,
        params: &'a BTreeMap<String, String>,
        sender: mpsc::Sender<Event>,
    ) -> BoxFuture<'a, Result<(), ConnectorError>>;

    /// Creates a sink. `topic` replaces the topic of the configuration.
    ///
    /// # Errors
    /// If there is no topic or it is invalid, or the connection cannot be opened.
    fn create_sink<'a>(
        &'a self,
        topic: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Box<dyn ConnectorSink>, ConnectorError>>;

    /// Replaces the configuration. Sources and sinks continue with the new configuration.
    ///
    /// # Errors
    /// If the configuration is invalid, or the new connection cannot be established. The old configuration then stays.
    fn reconfigure<'a>(
        &'a self,
        config: &'a ConnectorConfig,
    ) -> BoxFuture<'a, Result<(), ConnectorError>>;

    /// Returns the health for heartbeats.
    fn health(&self) -> ConnectorHealth;

    /// Ends the sources after the events that were delivered, delivers the sent events, and closes the connection.
    ///
    /// # Errors
    /// If a source still has events after `limit`, or events may be lost. The connection is closed in any case.
    fn drain(&self, limit: Duration) -> BoxFuture<'_, Result<(), ConnectorError>>;
}

/// A sink of a connector.
pub trait ConnectorSink: Send + Sync {
    /// Sends an event to `topic`, or to the topic of the sink.
    ///
    /// # Errors
    /// If the topic is missing or invalid, or the event cannot be encoded or sent.
    fn send<'a>(
        &'a self,
        topic: Option<&'a str>,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<(), ConnectorError>>;

    /// Waits until the server has received the events that were sent before.
    ///
    /// # Errors
    /// If events may be lost.
    fn flush(&self) -> BoxFuture<'_, Result<(), ConnectorError>>;
}
