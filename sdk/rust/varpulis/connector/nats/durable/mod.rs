//! Durable delivery over streams of `JetStream`, at least once.
//!
//! The module uses the wire protocol of `JetStream` over a [`Connection`](natsgen_runtime::Connection). So all requests
//! end with the connection, denials are typed errors, and a drained reader keeps the messages in transit.

mod dead_letter;
mod error;
mod jetstream;
mod keeper;
mod ledger;
mod publisher;
mod pull;
mod reader;
mod receipt;
mod settings;

pub use self::error::DurableError;
pub(crate) use self::publisher::DurablePublisher;
pub use self::publisher::Stored;
pub(crate) use self::pull::OnFailure;
pub(crate) use self::reader::DurableReader;
pub use self::receipt::Receipt;
pub(crate) use self::settings::Settings;
