//! Distributes the events of a connection to all listeners.

use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc;

use super::TransportEvent;

/// The listeners of a connection.
#[derive(Debug, Default)]
pub(super) struct Events(Mutex<Vec<mpsc::UnboundedSender<TransportEvent>>>);

impl Events {
    pub(super) fn listen(&self) -> mpsc::UnboundedReceiver<TransportEvent> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(sender);
        receiver
    }

    pub(super) fn emit(&self, event: &TransportEvent) {
        let mut listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| listener.send(event.clone()).is_ok());
    }
}
