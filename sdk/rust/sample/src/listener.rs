//! A background task that handles the events of a subscription.

use std::pin::pin;

use natsgen_runtime::{Event, Received, Subscription, UnreadableEvent};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Handles the events of a subscription in order. On drop it stops in the background.
#[derive(Debug)]
pub(super) struct Listener {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Listener {
    /// Passes each event to `handle`, and waits for its future before the next event.
    pub(super) fn start<E, F, Handled>(mut events: Subscription<E>, mut handle: F) -> Self
    where
        E: Event + Sync,
        F: FnMut(Result<Received<E>, UnreadableEvent>) -> Handled + Send + 'static,
        Handled: Future<Output = ()> + Send,
    {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let mut stopped = pin!(stopped);
            let mut is_stopping = false;
            loop {
                tokio::select! {
                    event = events.next() => match event {
                        Some(event) => handle(event).await,
                        None => return,
                    },
                    _ = &mut stopped, if !is_stopping => {
                        is_stopping = true;
                        events.unsubscribe().await;
                    }
                }
            }
        });
        Self { stop, task }
    }

    /// Unsubscribes, and handles the events that were received before.
    pub(super) async fn stop(self) {
        // Without a receiver the task has ended already, because the connection was closed.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}
