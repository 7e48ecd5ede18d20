//! The node of a process.

use serde::Serialize;

use crate::terminal::error::CommandError;

/// The node of a process.
pub(super) trait Node {
    /// The health of the node.
    type Health: Health;

    /// The current health.
    fn health(&self) -> Self::Health;

    /// Waits until the node has stopped by itself. Returns the reason.
    async fn ended(&self) -> CommandError;

    /// Refuses new work and waits for running work.
    async fn finish(&self);

    /// Shuts the node down.
    async fn shutdown(self);
}

/// The health of a node, for people and for programs.
pub(super) trait Health: Serialize {
    /// The part that is printed as soon as it changes.
    type State: PartialEq;

    /// The part that is printed as soon as it changes.
    fn state(&self) -> &Self::State;

    /// Whether the node is ready.
    fn is_ready(&self) -> bool;

    /// The name of the node and its health, for people.
    fn line(&self) -> String;
}
