//! The HTTP form of a protocol: `x-http` beside `x-nats` in the documents.
//!
//! [`HttpServer`] sends requests over HTTP to the services of a connection: to services of this process, or over NATS to
//! other processes, as a gateway. [`HttpOptions::connect`] makes a connection whose generated clients call HTTP servers.
//!
//! Calls have the same deadlines, errors and retries as over NATS. A connection that is lost during a call makes its
//! outcome unknown. An event is acknowledged by the server.

#[cfg(feature = "http")]
mod client;
#[cfg(feature = "http")]
mod error;
#[cfg(feature = "http")]
mod handler;
#[cfg(feature = "http")]
mod mapping;
#[cfg(feature = "http")]
mod options;
#[cfg(feature = "http")]
mod peer;
#[cfg(feature = "http")]
mod query;
mod route;
#[cfg(feature = "http")]
mod routes;
#[cfg(feature = "http")]
mod server;
#[cfg(feature = "http")]
mod template;
#[cfg(feature = "http")]
mod tls;
#[cfg(feature = "http")]
mod transport;

#[cfg(feature = "http")]
pub use self::error::HttpError;
#[cfg(feature = "http")]
pub use self::options::HttpServerOptions;
#[cfg(feature = "http")]
pub use self::peer::{HttpPeer, HttpTarget};
pub use self::route::{HttpReply, HttpRoute, HttpRule};
#[cfg(feature = "http")]
pub use self::routes::HttpRoutes;
#[cfg(feature = "http")]
pub use self::server::HttpServer;
#[cfg(feature = "http")]
pub use self::transport::HttpOptions;
