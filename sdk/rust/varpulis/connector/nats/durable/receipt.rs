//! Receipts of delivered messages.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use natsgen_runtime::transport::Message;

use super::ledger::{Ledger, Outcome, Refusal};

/// The receipt of a message of a stream. The server delivers the message again unless all clones of its receipt are
/// committed. While a clone exists, the connector tells the server that the work is in progress.
#[derive(Debug)]
pub struct Receipt {
    message: Arc<Unsettled>,
    is_committed: bool,
}

/// A message that is delivered and neither acknowledged nor refused.
#[derive(Debug)]
struct Unsettled {
    ledger: Arc<Ledger>,
    sequence: u64,
    is_rejected: AtomicBool,
    refusal: Mutex<Option<Refusal>>,
}

impl Receipt {
    pub(super) fn new(ledger: &Arc<Ledger>, sequence: u64) -> Self {
        Self {
            message: Arc::new(Unsettled {
                ledger: Arc::clone(ledger),
                sequence,
                is_rejected: AtomicBool::new(false),
                refusal: Mutex::default(),
            }),
            is_committed: false,
        }
    }

    /// Returns the sequence of the message in the stream.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.message.sequence
    }

    /// Confirms that the event is processed. The message is acknowledged when all receipts of its events are committed.
    pub fn commit(mut self) {
        self.is_committed = true;
    }

    /// Ends the delivery of a message that cannot be decoded. It goes to the dead-letter subject.
    pub(crate) fn refuse(self, message: Message, reason: String) {
        let refused = Refusal { message, reason };
        let refusal = self.message.refusal.lock();
        *refusal.unwrap_or_else(PoisonError::into_inner) = Some(refused);
    }
}

impl Clone for Receipt {
    fn clone(&self) -> Self {
        Self {
            message: Arc::clone(&self.message),
            is_committed: false,
        }
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if !self.is_committed {
            self.message.is_rejected.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Unsettled {
    fn drop(&mut self) {
        let refusal = self
            .refusal
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let outcome = match refusal.take() {
            Some(refusal) => Outcome::Refused(refusal),
            None if *self.is_rejected.get_mut() => Outcome::Rejected,
            None => Outcome::Committed,
        };
        self.ledger.settle(self.sequence, outcome);
    }
}
