//! The HTTP form of a protocol: `x-http` beside `x-nats` in the documents.
//!
//! [`HttpServer`] sends requests over HTTP to the services of a connection: to services of this process, or over NATS to
//! other processes, as a gateway. [`HttpOptions::connect`] makes a connection whose generated clients call HTTP servers.
//!
//! Calls have the same deadlines, errors and retries as over NATS. A connection that is lost during a call makes its
//! outcome unknown. An event is acknowledged by the server.

mod client;
mod error;
mod handler;
mod mapping;
mod options;
mod peer;
mod query;
mod raw;
mod routes;
mod server;
mod template;
mod tls;
mod transport;

pub use self::error::HttpError;
pub use self::options::HttpServerOptions;
pub use self::peer::{HttpPeer, HttpTarget};
pub use self::routes::HttpRoutes;
pub use self::server::HttpServer;
pub use self::transport::HttpOptions;
pub use crate::http_route::{HttpReply, HttpRoute, HttpRule};
