//! The data connector: events of users from NATS into pipelines, and back.
//!
//! - [`ManagedNatsConnector`] holds a connection for all its sources and sinks, and reports their [`Health`].
//! - [`NatsSource`] is a stream of [`Delivery`]s, or sends events to a channel.
//! - [`NatsSink`] sends events to subjects.
//! - [`ManagedConnectorRegistry`] makes connectors from [`ConnectorConfig`]s by their type, also of your own types.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use varpulis_sdk::connector::{ManagedNatsConnector, NatsConfig, SourceOptions};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut config = NatsConfig::new(varpulis_sdk::types::NatsConfig::new("nats://localhost:4222".try_into()?));
//! config.subject = Some("sensors.>".try_into()?);
//! let connector = ManagedNatsConnector::new("sensors", config)?;
//! let mut source = connector.source(SourceOptions::new()).await?;
//! let alerts = connector.sink(Some("alerts")).await?;
//! while let Some(delivery) = source.next().await {
//!     alerts.send(&delivery.event).await?;
//!     delivery.commit();
//! }
//! connector.drain(Duration::from_secs(10)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Events
//!
//! [`decode`] lists the rules for messages. A message that breaks a rule is refused as a whole. The connector counts
//! it by reason and keeps a sample; it never shortens a message.
//!
//! # Delivery
//!
//! Without `durable`, an event is delivered at most once. A source that is too slow loses messages, which
//! [`Health::dropped`] counts. With `durable`, an event is delivered until its [`Delivery`] is committed.

mod config;
mod error;
mod event;
mod health;
mod managed;
#[cfg(feature = "nats")]
mod nats;
mod registry;

pub use self::config::ConnectorConfig;
pub use self::error::ConnectorError;
pub use self::event::{Event, EventRules, Refusal, RefusalReason, decode, encode};
pub use self::health::{Health, RefusedMessage};
pub use self::managed::{ConnectorSink, ManagedConnector};
#[cfg(feature = "nats")]
pub use self::nats::{
    Delivery, DurableError, ManagedNatsConnector, NatsEventSink, NatsSink, NatsSource, Receipt,
    SourceOptions, SourceTask, Stored,
};
pub use self::registry::{ConnectorFactory, ManagedConnectorRegistry};
/// The configuration of a NATS connector, generated from `schema/types/nats_connector.json`.
pub use crate::types::NatsConnectorConfig as NatsConfig;
