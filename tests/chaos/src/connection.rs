//! The connections of the child processes.

use std::time::Duration;

use natsgen_runtime::{Connection, NatsOptions};

use crate::Failure;

/// The API key of all roles.
pub(crate) const API_KEY: &str = "secret";

/// How long a process waits for its server.
const WAIT: Duration = Duration::from_mins(1);

pub(crate) async fn connect(url: &str) -> Result<Connection, Failure> {
    Ok(options(url).connect().await?)
}

/// Options of a connection that waits for a server that is not up yet.
pub(crate) fn options(url: &str) -> NatsOptions {
    NatsOptions::new(url).wait(WAIT)
}
