//! Whether a worker is the one under its id.

use std::sync::atomic::{AtomicU64, Ordering};

use natsgen_runtime::{Admission, CallError, Failure, NoAnswer, NotDelivered};
use tokio::sync::watch;

use crate::coordinator::{RegisterFault, RegisterReply};

/// Whether a worker is the one under its id, as far as it knows, and so whether its server begins what comes.
///
/// While it was cut off another may have taken its place, which gets the same commands as soon as the connection is back.
/// So they wait then, until somebody has answered a registration, or nobody is there to answer one.
#[derive(Debug, Default)]
pub(super) struct Standing {
    admission: watch::Sender<Admission>,
    /// How often the connection was lost. Changed only where the admission is.
    losses: AtomicU64,
}

impl Standing {
    pub(super) fn admission(&self) -> watch::Receiver<Admission> {
        self.admission.subscribe()
    }

    pub(super) fn losses(&self) -> u64 {
        self.losses.load(Ordering::SeqCst)
    }

    /// Whether it may have been replaced without a word of that.
    pub(super) fn is_in_doubt(&self) -> bool {
        *self.admission.borrow() == Admission::Held
    }

    pub(super) fn is_replaced(&self) -> bool {
        self.admission.borrow().is_over()
    }

    /// The connection was lost.
    pub(super) fn lose(&self) {
        self.change(|admission| {
            self.losses.fetch_add(1, Ordering::SeqCst);
            (admission == Admission::Open).then_some(Admission::Held)
        });
    }

    /// What came of a registration that was sent when the connection had been lost so often.
    pub(super) fn judge(
        &self,
        losses: u64,
        registered: &Result<RegisterReply, CallError<RegisterFault>>,
    ) {
        let failure = match registered {
            Ok(_) => None,
            Err(error) if error.fault() == Some(&RegisterFault::WorkerReplaced) => {
                return self.cede();
            }
            Err(error) => Some(&error.failure),
        };
        let is_cut_off = matches!(
            failure,
            Some(
                Failure::NoAnswer(NoAnswer::Disconnected)
                    | Failure::NotDelivered(NotDelivered::Disconnected | NotDelivered::Closed)
            )
        );
        if !is_cut_off {
            self.change(|admission| {
                let is_known = admission == Admission::Held && self.losses() == losses;
                is_known.then_some(Admission::Open)
            });
        }
    }

    /// Another takes its place, for good: there was word of it before that one listens, unless this one was cut off.
    pub(super) fn replace(&self) {
        self.change(|admission| match admission {
            Admission::Open => Some(Admission::Closed),
            Admission::Held => Some(Admission::Ceded),
            Admission::Closed | Admission::Ceded => None,
        });
    }

    /// Another has taken its place, for good, at some time before.
    fn cede(&self) {
        self.change(|admission| (!admission.is_over()).then_some(Admission::Ceded));
    }

    /// Lets go on what waits for word of it: there will be none.
    pub(super) fn give_up(&self) {
        self.change(|admission| (admission == Admission::Held).then_some(Admission::Open));
    }

    /// Waits until another has taken its place.
    pub(super) async fn replaced(&self) {
        let mut admission = self.admission();
        // The sender is there for as long as `self`.
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
