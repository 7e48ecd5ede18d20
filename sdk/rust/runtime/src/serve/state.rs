//! The serving state.

use tokio::sync::watch;

/// Determines whether a server starts queued requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServingState {
    /// The server starts requests in their order.
    #[default]
    Serving,
    /// Requests wait in the queue, up to their deadlines and up to the queue's limit.
    Paused,
    /// Another server takes over: this server unsubscribes, completes running requests and refuses queued requests as
    /// `draining`. This state is final.
    Draining,
    /// Another server has taken over and receives the same requests. This server unsubscribes, completes running
    /// requests and drops queued requests without an answer. This state is final.
    HandedOver,
}

impl ServingState {
    /// Returns true for the final states.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Draining | Self::HandedOver)
    }
}

/// The current state of a server; always [`ServingState::Serving`] if the options name no source.
#[derive(Clone, Debug, Default)]
pub(super) struct StateReceiver(Option<watch::Receiver<ServingState>>);

impl StateReceiver {
    pub(super) fn new(mut source: Option<watch::Receiver<ServingState>>) -> Self {
        // The initial state counts as a change.
        source.as_mut().map(watch::Receiver::mark_changed);
        Self(source)
    }

    pub(super) fn current(&self) -> ServingState {
        self.0
            .as_ref()
            .map_or(ServingState::Serving, |source| *source.borrow())
    }

    /// Waits for the next change. Never returns after the sender is gone.
    pub(super) async fn changed(&mut self) -> ServingState {
        if let Some(source) = &mut self.0
            && source.changed().await.is_ok()
        {
            return *source.borrow_and_update();
        }
        std::future::pending().await
    }
}
