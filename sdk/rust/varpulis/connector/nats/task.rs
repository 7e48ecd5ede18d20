//! Tasks that send the events of a source to a channel.

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::delivery::Delivery;
use super::source::NatsSource;

/// A task that sends the events of a source to a channel. It continues if this handle is dropped.
#[derive(Debug)]
pub struct SourceTask {
    drain: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl SourceTask {
    pub(super) fn start<T>(source: NatsSource, sender: mpsc::Sender<T>) -> Self
    where
        T: From<Delivery> + Send + 'static,
    {
        let (drain, drained) = oneshot::channel();
        let task = tokio::spawn(run(source, sender, drained));
        Self { drain, task }
    }

    /// Ends the subscription, and waits until the channel has taken all delivered events.
    pub async fn drain(self) {
        // Fails if the task has ended.
        let _ = self.drain.send(());
        let _ = self.task.await;
    }

    /// Returns true if the task has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

async fn run<T: From<Delivery>>(
    mut source: NatsSource,
    sender: mpsc::Sender<T>,
    mut drained: oneshot::Receiver<()>,
) {
    let mut is_handled = false;
    // The place in the channel comes first, so that no event is taken that the channel cannot take.
    while let Ok(permit) = sender.reserve().await {
        let delivery = loop {
            tokio::select! {
                biased;
                request = &mut drained, if !is_handled => {
                    is_handled = true;
                    // An error means that the handle is dropped.
                    if request.is_ok() {
                        source.drain();
                    }
                }
                () = sender.closed() => return,
                delivery = source.next() => break delivery,
            }
        };
        match delivery {
            Some(delivery) => permit.send(delivery.into()),
            None => return,
        }
    }
}
