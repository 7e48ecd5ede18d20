//! The reader of a durable consumer.

use std::sync::Arc;
use std::task::{Context, Poll};

use natsgen_runtime::Connection;
use natsgen_runtime::transport::Message;
use tokio::sync::oneshot;

use super::error::DurableError;
use super::jetstream::JetStream;
use super::ledger::Ledger;
use super::pull::{OnFailure, Puller};
use super::receipt::Receipt;
use super::settings::Settings;

/// A reader of a durable consumer. Drop returns the messages that it has not taken to the server.
#[derive(Debug)]
pub(crate) struct DurableReader {
    ledger: Arc<Ledger>,
    /// Asks the task to drain; `None` after that.
    stop: Option<oneshot::Sender<()>>,
}

impl DurableReader {
    /// Checks or creates the stream and the consumer, and begins to pull messages. After failures the reader begins
    /// again, until it is drained or the connection is closed.
    ///
    /// # Errors
    /// If the stream or the consumer is missing, differs from the settings, or cannot be reached.
    pub(crate) async fn open(
        connection: &Connection,
        settings: Settings,
        on_failure: OnFailure,
    ) -> Result<Self, DurableError> {
        let connection = connection.clone();
        let api = JetStream { connection };
        api.ensure_stream(&settings).await?;
        api.ensure_consumer(&settings).await?;
        if let Some(subject) = &settings.dead_letter_subject {
            api.check_dead_letters(subject).await?;
        }
        let ledger = Arc::new(Ledger::new(settings.max_in_flight, settings.single_reader));
        let (stop, stopped) = oneshot::channel();
        let puller = Puller {
            api,
            consumer: settings.consumer.clone().unwrap_or_default(),
            settings,
            ledger: Arc::clone(&ledger),
            on_failure,
        };
        tokio::spawn(puller.run(stopped));
        Ok(Self {
            ledger,
            stop: Some(stop),
        })
    }

    /// Returns the next message and its receipt. `None` follows the last message after a drain, or after the connection
    /// is closed.
    pub(crate) fn poll_next(&mut self, context: &Context<'_>) -> Poll<Option<(Message, Receipt)>> {
        let next = self.ledger.poll_next(context);
        next.map(|next| {
            next.map(|(sequence, message)| (message, Receipt::new(&self.ledger, sequence)))
        })
    }

    /// Ends the subscription. The reader still yields the messages that have arrived.
    pub(crate) fn drain(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Fails if the task has ended.
            let _ = stop.send(());
        }
    }
}

impl Drop for DurableReader {
    fn drop(&mut self) {
        self.ledger.abandon();
    }
}
