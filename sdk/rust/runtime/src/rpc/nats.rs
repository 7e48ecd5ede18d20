//! Connections over NATS.

use crate::rpc::connection::Connection;
use crate::transport::nats::{ConnectError, NatsOptions};

impl Connection {
    /// Connects to NATS with the default options. [`NatsOptions::new`] describes `url`.
    ///
    /// # Errors
    /// If no server can be reached, all servers refuse the credentials, or `url` is invalid.
    pub async fn nats(url: &str) -> Result<Self, ConnectError> {
        NatsOptions::new(url).connect().await
    }
}

impl NatsOptions {
    /// Connects. Afterwards the connection reconnects without a time limit.
    ///
    /// # Errors
    /// If no server can be reached (within [`NatsOptions::wait`], if it is set), all servers refuse the credentials, or
    /// an option is invalid.
    pub async fn connect(self) -> Result<Connection, ConnectError> {
        let prefix = self.subject_prefix()?;
        let is_fixed = self.has_inbox_prefix();
        let mut connection = Connection::over(self.connect_transport().await?);
        if is_fixed {
            connection = connection.fixed_inboxes();
        }
        Ok(match prefix {
            Some(prefix) => connection.prefix(prefix),
            None => connection,
        })
    }
}
