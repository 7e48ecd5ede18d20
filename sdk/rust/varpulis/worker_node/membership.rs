//! Whether this instance is the current instance of the worker.

use std::sync::atomic::{AtomicU64, Ordering};

use natsgen_runtime::{Admission, CallError, Failure, NoAnswer, NotDelivered};
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
    admission: watch::Sender<Admission>,
    /// How often the connection was lost. Written only inside `change`.
    losses: AtomicU64,
}

impl Membership {
    pub(super) fn admission(&self) -> watch::Receiver<Admission> {
        self.admission.subscribe()
    }

    pub(super) fn losses(&self) -> u64 {
        self.losses.load(Ordering::SeqCst)
    }

    /// Whether it may have been replaced without a notice.
    pub(super) fn is_paused(&self) -> bool {
        *self.admission.borrow() == Admission::Held
    }

    pub(super) fn is_replaced(&self) -> bool {
        self.admission.borrow().is_over()
    }

    /// Records that the connection was lost.
    pub(super) fn disconnected(&self) {
        self.change(|admission| {
            self.losses.fetch_add(1, Ordering::SeqCst);
            (admission == Admission::Open).then_some(Admission::Held)
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
            self.change(|admission| {
                let is_known = admission == Admission::Held && self.losses() == losses;
                is_known.then_some(Admission::Open)
            });
        }
    }

    /// Another instance replaces this instance. The notice arrived before the other instance subscribed, unless this
    /// instance was disconnected meanwhile.
    pub(super) fn replace(&self) {
        self.change(|admission| match admission {
            Admission::Open => Some(Admission::Closed),
            Admission::Held => Some(Admission::Ceded),
            Admission::Closed | Admission::Ceded => None,
        });
    }

    /// Another instance replaced this instance some time ago.
    fn hand_over(&self) {
        self.change(|admission| (!admission.is_over()).then_some(Admission::Ceded));
    }

    /// Resumes paused commands: no answer will come any more.
    pub(super) fn resume(&self) {
        self.change(|admission| (admission == Admission::Held).then_some(Admission::Open));
    }

    /// Waits until another instance has replaced this instance.
    pub(super) async fn replaced(&self) {
        let mut admission = self.admission();
        // The sender lives as long as `self`.
        let _ = admission.wait_for(|admission| admission.is_over()).await;
    }

    fn change(&self, next: impl FnOnce(Admission) -> Option<Admission>) {
        self.admission.send_if_modified(|admission| {
            let changed = next(*admission);
            *admission = changed.unwrap_or(*admission);
            changed.is_some()
        });
    }
}
