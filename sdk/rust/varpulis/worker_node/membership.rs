//! Whether this instance is the current instance of the worker.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use natsgen_runtime::{Failure, NoAnswer, NotDelivered, ServingState};
use tokio::sync::watch;
use tokio::time::Instant;

use super::registration_error::RegistrationError;
use crate::coordinator::{RegisterFault, RegisterReply};

/// A newer instance subscribes 500 ms after the notice. If a notice is confirmed within this time, 300 ms remain to
/// unsubscribe before.
const CONFIRMATION: Duration = Duration::from_millis(200);

/// The least time between two notices that pause commands. Any peer on the bus can send a notice.
const NOTICE_INTERVAL: Duration = Duration::from_secs(10);

/// Whether this instance is the current instance of the worker, as far as it knows. The serving state of its server
/// follows from that.
///
/// While this instance was disconnected, another instance may have replaced it, and then receives the same commands
/// after the reconnect. So the server pauses after a disconnect, until a coordinator has answered a registration or no
/// coordinator is there to answer. It pauses in the same way after a notice that another instance replaces this one.
#[derive(Debug, Default)]
pub(super) struct Membership {
    state: watch::Sender<ServingState>,
    /// How often the connection was lost or a notice arrived. Written only inside `change`.
    doubts: AtomicU64,
    /// When the last notice paused commands.
    notified: Mutex<Option<Instant>>,
}

impl Membership {
    pub(super) fn state(&self) -> watch::Receiver<ServingState> {
        self.state.subscribe()
    }

    pub(super) fn doubts(&self) -> u64 {
        self.doubts.load(Ordering::SeqCst)
    }

    /// Whether it may have been replaced without a notice.
    pub(super) fn is_paused(&self) -> bool {
        *self.state.borrow() == ServingState::Paused
    }

    pub(super) fn is_replaced(&self) -> bool {
        self.state.borrow().is_over()
    }

    /// Records that the connection was lost.
    pub(super) fn disconnected(&self) {
        self.change(|state| {
            self.doubts.fetch_add(1, Ordering::SeqCst);
            (state == ServingState::Serving).then_some(ServingState::Paused)
        });
    }

    /// Records a notice that another instance replaces this instance. Commands pause until a coordinator has confirmed
    /// or refuted the notice, unless a notice has paused them recently.
    pub(super) fn notified(&self) {
        let now = Instant::now();
        self.change(|state| {
            let mut notified = self.notified.lock().unwrap_or_else(PoisonError::into_inner);
            let is_recent = notified.is_some_and(|before| now - before < NOTICE_INTERVAL);
            if is_recent || state != ServingState::Serving {
                return None;
            }
            *notified = Some(now);
            self.doubts.fetch_add(1, Ordering::SeqCst);
            Some(ServingState::Paused)
        });
    }

    /// Records the outcome of a registration. `doubts` is their number when the registration was sent.
    pub(super) fn registered(
        &self,
        doubts: u64,
        registered: &Result<RegisterReply, RegistrationError>,
    ) {
        let failure = match registered {
            Err(error) if error.fault() == Some(&RegisterFault::WorkerReplaced) => {
                return self.replace();
            }
            Err(RegistrationError::Call(error)) => Some(&error.failure),
            Ok(_) | Err(_) => None,
        };
        let is_disconnected = matches!(
            failure,
            Some(
                Failure::NoAnswer(NoAnswer::Disconnected)
                    | Failure::NotDelivered(NotDelivered::Disconnected | NotDelivered::Closed)
            )
        );
        if !is_disconnected {
            self.change(|state| {
                let is_known = state == ServingState::Paused && self.doubts() == doubts;
                is_known.then_some(ServingState::Serving)
            });
        }
    }

    /// Another instance replaces this instance. If the notice was confirmed before the other instance subscribed, only
    /// this instance has received the queued commands, so they are refused. Otherwise they are left to the other
    /// instance.
    fn replace(&self) {
        let notified = *self.notified.lock().unwrap_or_else(PoisonError::into_inner);
        let is_early = notified.is_some_and(|notified| notified.elapsed() < CONFIRMATION);
        self.change(|state| match state {
            ServingState::Serving | ServingState::Paused if is_early => {
                Some(ServingState::Draining)
            }
            ServingState::Serving | ServingState::Paused => Some(ServingState::HandedOver),
            ServingState::Draining | ServingState::HandedOver => None,
        });
    }

    /// Another instance has this id.
    pub(super) fn hand_over(&self) {
        self.change(|state| (!state.is_over()).then_some(ServingState::HandedOver));
    }

    /// Resumes paused commands: no answer will come any more.
    pub(super) fn resume(&self) {
        self.change(|state| (state == ServingState::Paused).then_some(ServingState::Serving));
    }

    /// Waits until another instance has replaced this instance.
    pub(super) async fn replaced(&self) {
        let mut state = self.state();
        // The sender lives as long as `self`.
        let _ = state.wait_for(|state| state.is_over()).await;
    }

    fn change(&self, next: impl FnOnce(ServingState) -> Option<ServingState>) {
        self.state.send_if_modified(|state| {
            let changed = next(*state);
            *state = changed.unwrap_or(*state);
            changed.is_some()
        });
    }
}
