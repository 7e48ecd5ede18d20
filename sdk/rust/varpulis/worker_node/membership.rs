//! Whether this instance is the current instance of the worker.

use std::sync::atomic::{AtomicU64, Ordering};

use natsgen_runtime::{CallError, Failure, NoAnswer, NotDelivered, ServingState};
use tokio::sync::watch;

use crate::coordinator::{RegisterFault, RegisterReply};

/// Whether this instance is the current instance of the worker, as far as it knows. The serving state of its server
/// follows from that.
///
/// While this instance was disconnected, another instance may have replaced it, and then receives the same commands
/// after the reconnect. So the server pauses after a disconnect, until a coordinator has answered a registration or no
/// coordinator is there to answer.
#[derive(Debug, Default)]
pub(super) struct Membership {
    state: watch::Sender<ServingState>,
    /// How often the connection was lost. Written only inside `change`.
    losses: AtomicU64,
}

impl Membership {
    pub(super) fn state(&self) -> watch::Receiver<ServingState> {
        self.state.subscribe()
    }

    pub(super) fn losses(&self) -> u64 {
        self.losses.load(Ordering::SeqCst)
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
            self.losses.fetch_add(1, Ordering::SeqCst);
            (state == ServingState::Serving).then_some(ServingState::Paused)
        });
    }

    /// Records the outcome of a registration. `losses` is the number of lost connections when the registration was
    /// sent.
    pub(super) fn registered(
        &self,
        losses: u64,
        registered: &Result<RegisterReply, CallError<RegisterFault>>,
    ) {
        let failure = match registered {
            Ok(_) => None,
            Err(error) if error.fault() == Some(&RegisterFault::WorkerReplaced) => {
                return self.hand_over();
            }
            Err(error) => Some(&error.failure),
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
                let is_known = state == ServingState::Paused && self.losses() == losses;
                is_known.then_some(ServingState::Serving)
            });
        }
    }

    /// Another instance replaces this instance. The notice arrived before the other instance subscribed, unless this
    /// instance was disconnected meanwhile.
    pub(super) fn replace(&self) {
        self.change(|state| match state {
            ServingState::Serving => Some(ServingState::Draining),
            ServingState::Paused => Some(ServingState::HandedOver),
            ServingState::Draining | ServingState::HandedOver => None,
        });
    }

    /// Another instance replaced this instance some time ago.
    fn hand_over(&self) {
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
