//! What a process runs.

use serde::Serialize;

use crate::error::CommandError;

/// What a process runs.
pub(super) trait Node {
    /// How it is doing.
    type Health: Health;

    /// How it is doing now.
    fn health(&self) -> Self::Health;

    /// Waits until it cannot go on by itself.
    async fn ended(&self) -> CommandError;

    /// Takes nothing new, and waits for what it is doing.
    async fn finish(&self);

    /// Ends it.
    async fn shutdown(self);
}

/// How a node is doing, for people and for programs.
pub(super) trait Health: Serialize {
    /// What is told as soon as it changes.
    type State: PartialEq;

    /// What is told as soon as it changes.
    fn state(&self) -> &Self::State;

    /// Whether all is well.
    fn is_ready(&self) -> bool;

    /// Who it is and how it is doing, for people.
    fn line(&self) -> String;
}
