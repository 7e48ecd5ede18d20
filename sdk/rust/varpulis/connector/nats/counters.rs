//! Counters of a connector.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use natsgen_runtime::{Escaped, LogLimit};

use crate::connector::event::{Refusal, RefusalReason};
use crate::connector::health::{Health, RefusedMessage};

/// The number of refused messages that are kept.
const SAMPLES: usize = 16;

/// The number of bytes of a payload that are kept.
const SAMPLE: usize = 1_024;

/// The interval of log entries about refused messages.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// The counters of a connector. They survive a change of the configuration.
#[derive(Debug)]
pub(super) struct Counters {
    started: Instant,
    received: AtomicU64,
    decoded: AtomicU64,
    dropped: AtomicU64,
    sent: AtomicU64,
    failed: AtomicU64,
    reconnects: AtomicU64,
    /// Milliseconds from the start to the last message, plus 1; 0 if there was no message.
    last_message: AtomicU64,
    state: Mutex<State>,
    log: LogLimit,
}

#[derive(Debug, Default)]
struct State {
    last_error: Option<String>,
    refused: BTreeMap<RefusalReason, u64>,
    samples: VecDeque<RefusedMessage>,
}

impl Counters {
    pub(super) fn new() -> Self {
        Self {
            started: Instant::now(),
            received: AtomicU64::new(0),
            decoded: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            reconnects: AtomicU64::new(0),
            last_message: AtomicU64::new(0),
            state: Mutex::default(),
            log: LogLimit::new(LOG_INTERVAL),
        }
    }

    /// Counts a message that was received now.
    pub(super) fn received(&self) {
        self.received.fetch_add(1, Ordering::Relaxed);
        let millis = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.last_message.store(millis + 1, Ordering::Relaxed);
    }

    pub(super) fn decoded(&self, events: usize) {
        self.decoded.fetch_add(events as u64, Ordering::Relaxed);
    }

    /// Counts a refused message, keeps a sample of it, and logs it from time to time.
    pub(super) fn refused(
        &self,
        connector: &str,
        subject: &str,
        payload: &[u8],
        refusal: &Refusal,
    ) {
        let mut state = self.lock();
        *state.refused.entry(refusal.reason).or_default() += 1;
        if state.samples.len() == SAMPLES {
            state.samples.pop_front();
        }
        state.samples.push_back(RefusedMessage {
            subject: subject.to_owned(),
            payload: payload[..payload.len().min(SAMPLE)].to_vec(),
            refusal: refusal.clone(),
            received: SystemTime::now(),
        });
        drop(state);
        if let Some(suppressed) = self.log.permit() {
            let subject = Escaped(subject);
            tracing::warn!(connector, %subject, %refusal, suppressed, "message refused");
        }
    }

    pub(super) fn dropped(&self, messages: u64) {
        self.dropped.fetch_add(messages, Ordering::Relaxed);
    }

    pub(super) fn sent(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn reconnected(&self) {
        self.reconnects.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts events whose sending failed.
    pub(super) fn failed(&self, events: u64) {
        self.failed.fetch_add(events, Ordering::Relaxed);
    }

    pub(super) fn error(&self, error: impl std::fmt::Display) {
        self.lock().last_error = Some(Escaped(error).to_string());
    }

    pub(super) fn samples(&self) -> Vec<RefusedMessage> {
        self.lock().samples.iter().cloned().collect()
    }

    pub(super) fn health(&self, connected: bool) -> Health {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let last = load(&self.last_message)
            .checked_sub(1)
            .map(Duration::from_millis);
        let state = self.lock();
        Health {
            connected,
            last_error: state.last_error.clone(),
            received: load(&self.received),
            decoded: load(&self.decoded),
            refused: state.refused.clone(),
            dropped: load(&self.dropped),
            sent: load(&self.sent),
            failed: load(&self.failed),
            reconnects: load(&self.reconnects),
            since_last_message: last.map(|last| self.started.elapsed().saturating_sub(last)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
