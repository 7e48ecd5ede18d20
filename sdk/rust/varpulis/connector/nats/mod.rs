//! The NATS connector.

mod connector;
mod counters;
mod delivery;
mod durable;
mod event_sink;
mod link;
mod properties;
mod sink;
mod source;
mod task;

pub use self::connector::ManagedNatsConnector;
pub(super) use self::connector::factory;
pub use self::delivery::Delivery;
pub use self::durable::{DurableError, Receipt, Stored};
pub use self::event_sink::NatsEventSink;
pub use self::sink::NatsSink;
pub use self::source::{NatsSource, SourceOptions};
pub use self::task::SourceTask;
