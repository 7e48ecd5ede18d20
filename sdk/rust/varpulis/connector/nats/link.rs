//! A connection of a connector. A new configuration replaces it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use natsgen_runtime::transport::TransportEvent;
use natsgen_runtime::{Connection, NatsOptions};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::counters::Counters;
use super::durable::Settings;
use crate::connector::error::ConnectorError;
use crate::connector::event::EventRules;
use crate::types::NatsConnectorConfig;

/// The pause between attempts to flush a lost connection.
const RETRY_PAUSE: Duration = Duration::from_millis(20);

/// The maximum number of denied subjects that are kept.
const DENIED: usize = 1_024;

/// A connection with its configuration.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) connection: Connection,
    pub(super) config: NatsConnectorConfig,
    pub(super) rules: EventRules,
    pub(super) send_timeout: Duration,
    state: Arc<State>,
    /// Asks the watcher to report when it has handled all earlier events.
    barrier: mpsc::UnboundedSender<oneshot::Sender<()>>,
    _watcher: JoinSet<()>,
}

#[derive(Debug)]
struct State {
    counters: Arc<Counters>,
    /// The number of messages that were sent.
    sent: AtomicU64,
    /// The number of messages that a flush has confirmed, or reported as possibly lost.
    settled: AtomicU64,
    /// The number of messages that were sent before the connection was lost for the last time.
    suspect: AtomicU64,
    denied: Mutex<BTreeSet<String>>,
}

impl Link {
    /// Connects.
    pub(super) async fn open(
        config: &NatsConnectorConfig,
        counters: &Arc<Counters>,
    ) -> Result<Self, ConnectorError> {
        let opened = NatsOptions::from(&config.nats).connect().await;
        let connection = opened.inspect_err(|error| counters.error(error))?;
        let state = Arc::new(State {
            counters: Arc::clone(counters),
            sent: AtomicU64::new(0),
            settled: AtomicU64::new(0),
            suspect: AtomicU64::new(0),
            denied: Mutex::default(),
        });
        let (barrier, barriers) = mpsc::unbounded_channel();
        let mut watcher = JoinSet::new();
        watcher.spawn(watch(connection.events(), barriers, Arc::clone(&state)));
        Ok(Self {
            rules: EventRules::from(config),
            send_timeout: config.send_timeout.into(),
            config: config.clone(),
            connection,
            state,
            barrier,
            _watcher: watcher,
        })
    }

    /// The settings of durable delivery, if the configuration has them.
    pub(super) fn durable(&self, subject: &str) -> Option<Settings> {
        let durable = self.config.durable.as_ref()?;
        Some(Settings {
            stream: durable.stream.to_string(),
            stream_subject: self
                .config
                .subject
                .as_ref()
                .map_or(subject, |all| all.as_str())
                .to_owned(),
            consumer: durable.consumer.as_ref().map(ToString::to_string),
            subject: subject.to_owned(),
            create: durable.create,
            ack_wait: durable.ack_wait.into(),
            max_in_flight: durable.max_in_flight.get() as usize,
            dead_letter_subject: durable
                .dead_letter_subject
                .as_ref()
                .map(ToString::to_string),
            single_reader: durable.single_reader,
            send_timeout: self.send_timeout,
        })
    }

    pub(super) fn count_sent(&self) {
        self.state.sent.fetch_add(1, Ordering::SeqCst);
    }

    /// Waits until the server has received all sent messages. Waits for a lost connection.
    ///
    /// # Errors
    /// If the connection was lost after the last flush, so that messages may be lost, or if the time limit passes.
    pub(super) async fn flush(&self) -> Result<(), ConnectorError> {
        let state = &self.state;
        let sent = state.sent.load(Ordering::SeqCst);
        let limit = self.send_timeout;
        let confirmed = async {
            while !self.connection.flush().await {
                sleep(RETRY_PAUSE).await;
            }
        };
        let confirmed = timeout(limit, confirmed).await;
        confirmed.map_err(|_| ConnectorError::TimedOut { limit })?;
        self.settle().await;
        let settled = state.settled.fetch_max(sent, Ordering::SeqCst);
        let lost = state.suspect.load(Ordering::SeqCst).min(sent);
        match lost.saturating_sub(settled) {
            0 => Ok(()),
            events => {
                state.counters.failed(events);
                Err(ConnectorError::Unconfirmed { events })
            }
        }
    }

    /// Waits until all earlier events of the connection are counted.
    pub(super) async fn settle(&self) {
        let (done, counted) = oneshot::channel();
        // Fails if the connection is closed; then there are no further events.
        if self.barrier.send(done).is_ok() {
            let _ = counted.await;
        }
    }

    /// Returns true, once, if the server has denied a message to `subject` since the last call.
    pub(super) fn take_denied(&self, subject: &str) -> bool {
        self.state.denied().remove(subject)
    }
}

impl State {
    fn denied(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.denied.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self, event: TransportEvent) {
        let counters = &self.counters;
        match event {
            TransportEvent::Connected => counters.reconnected(),
            TransportEvent::Disconnected => {
                let sent = self.sent.load(Ordering::SeqCst);
                self.suspect.store(sent, Ordering::SeqCst);
                counters.error("the connection to the NATS servers was lost");
            }
            TransportEvent::Lost(messages) => counters.dropped(messages),
            TransportEvent::PublishDenied(subject) => {
                counters.error(ConnectorError::Denied {
                    subject: subject.clone(),
                });
                counters.failed(1);
                let mut denied = self.denied();
                if denied.len() < DENIED {
                    denied.insert(subject);
                }
            }
            TransportEvent::SubscribeDenied(subject) => {
                counters.error(ConnectorError::Denied { subject });
            }
            TransportEvent::ServerError(text) => counters.error(text),
            TransportEvent::SubscribeRestored(_) | TransportEvent::Closed => {}
        }
    }
}

/// Counts the events of a connection.
async fn watch(
    mut events: mpsc::UnboundedReceiver<TransportEvent>,
    mut barriers: mpsc::UnboundedReceiver<oneshot::Sender<()>>,
    state: Arc<State>,
) {
    loop {
        tokio::select! {
            biased;
            event = events.recv() => match event {
                Some(event) => state.handle(event),
                None => return,
            },
            barrier = barriers.recv() => match barrier {
                // Fails if the caller no longer waits.
                Some(done) => drop(done.send(())),
                None => return,
            },
        }
    }
}
