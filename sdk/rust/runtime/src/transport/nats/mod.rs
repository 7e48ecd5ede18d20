//! The transport over a NATS server. Only this module uses the NATS client.
//!
//! The module adds to the client:
//! - credentials in URLs, and credentials files that each connection reads again,
//! - an error without delay if the server expects the TLS handshake first,
//! - size limits that include the headers,
//! - subscriptions that end without losing messages in transit,
//! - subscriptions with a limit in bytes, and their repetition while the server denies them,
//! - pauses between reconnections if connections are lost in quick succession,
//! - delivery of accepted messages after the last handle is dropped,
//! - events that the client's channel drops.

mod address;
mod client;
mod credentials;
mod error;
mod notices;
mod options;
mod permissions;
mod probe;
mod reconnect;
mod registered;
mod subscription;

pub use self::client::NatsTransport;
pub use self::error::{ConnectError, ConnectErrorKind};
pub use self::options::NatsOptions;
