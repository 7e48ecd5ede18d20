//! A real nats-server for tests and demos: finds or installs the binary, starts a server on a free port, and stops it
//! on drop.
//!
//! ```
//! use natsgen_testing::NatsServer;
//!
//! let mut server = NatsServer::start()?;
//! println!("connect to {}", server.url());
//! server.kill();
//! # Ok::<(), natsgen_testing::TestServerError>(())
//! ```
//!
//! [`NatsCluster`] starts several servers that are connected to each other.

mod binary;
mod cluster;
mod error;
#[cfg(feature = "jwt")]
mod jwt;
mod server;

pub use self::cluster::NatsCluster;
pub use self::error::TestServerError;
#[cfg(feature = "jwt")]
pub use self::jwt::JwtOperator;
pub use self::server::{NatsServer, next_port};
