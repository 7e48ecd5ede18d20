//! Takes events in the background.

use std::pin::pin;

use natsgen_runtime::{Event, Received, Subscription, UnreadableEvent};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Takes the events of one subscription, one after the other. Dropped, it stops in the background.
#[derive(Debug)]
pub(super) struct Listener {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Listener {
    /// Gives each event to `take`, and waits for it before the next.
    pub(super) fn start<E, F, Taken>(mut events: Subscription<E>, mut take: F) -> Self
    where
        E: Event + Sync,
        F: FnMut(Result<Received<E>, UnreadableEvent>) -> Taken + Send + 'static,
        Taken: Future<Output = ()> + Send,
    {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let mut stopped = pin!(stopped);
            let mut is_stopping = false;
            loop {
                tokio::select! {
                    event = events.next() => match event {
                        Some(event) => take(event).await,
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

    /// Takes what has arrived and no more.
    pub(super) async fn stop(self) {
        // Without a receiver the task has ended by itself, with its connection.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}
