//! Events of a source, with their receipts.

use super::durable::Receipt;
use crate::connector::event::Event;

/// An event of a source.
///
/// With durable delivery, the event is delivered again unless it is committed. The message of a batch is acknowledged
/// after all its events are committed. Without durable delivery, [`Delivery::commit`] has no effect.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub struct Delivery {
    /// The event.
    pub event: Event,
    /// The receipt; `None` without durable delivery. Drop of a receipt without a commit rejects the event.
    pub receipt: Option<Receipt>,
}

impl Delivery {
    /// Confirms that the event is processed, and returns it.
    #[allow(
        clippy::must_use_candidate,
        reason = "most callers have read the event before they commit it"
    )]
    pub fn commit(self) -> Event {
        if let Some(receipt) = self.receipt {
            receipt.commit();
        }
        self.event
    }
}

impl From<Delivery> for Event {
    /// Commits the event, see [`Delivery::commit`].
    fn from(delivery: Delivery) -> Self {
        delivery.commit()
    }
}
