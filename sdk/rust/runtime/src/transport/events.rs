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
        let mut listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Removes the dropped listeners before the list would grow, so that it is at most twice as long as needed.
        if listeners.len() == listeners.capacity() {
            listeners.retain(|listener| !listener.is_closed());
            let live = listeners.len();
            listeners.reserve(live.max(1));
        }
        listeners.push(sender);
        receiver
    }

    pub(super) fn emit(&self, event: &TransportEvent) {
        let mut listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| listener.send(event.clone()).is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_dropped_listeners_are_removed() {
        let events = Events::default();
        let mut kept: Vec<_> = (0..10).map(|_| events.listen()).collect();
        for _ in 0..500_000 {
            drop(events.listen());
        }
        let capacity = || events.0.lock().unwrap().capacity();
        assert!(capacity() <= 32, "{}", capacity());
        events.emit(&TransportEvent::Connected);
        assert_eq!(events.0.lock().unwrap().len(), kept.len());
        for listener in &mut kept {
            assert_eq!(listener.try_recv(), Ok(TransportEvent::Connected));
        }
    }
}
