//! The connections of a worker.

use natsgen_runtime::Connection;

use crate::listener::Listener;

/// The connections of a worker.
pub(super) struct Links {
    /// The connection of registrations and heartbeats.
    pub(super) coordinators: Connection,
    /// Whether coordinators acknowledge heartbeats.
    pub(super) are_acknowledged: bool,
    /// The connection of commands, unless they arrive over NATS.
    pub(super) commands: Option<Connection>,
    pub(super) listener: Listener,
}

impl Links {
    /// The connections of a worker without HTTP.
    pub(super) fn over(connection: &Connection) -> Self {
        Self {
            coordinators: connection.clone(),
            are_acknowledged: false,
            commands: None,
            listener: Listener::default(),
        }
    }
}
