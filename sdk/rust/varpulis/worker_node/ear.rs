//! What a worker hears of its connection and of its registration.

use std::sync::Arc;

use natsgen_runtime::Subscription;
use natsgen_runtime::transport::TransportEvent;
use tokio::sync::{Notify, mpsc};

use super::standing::Standing;
use crate::types::WorkerInstance;
use crate::worker::Registration;

/// What happens to a connection.
pub(super) type Events = mpsc::UnboundedReceiver<TransportEvent>;

/// What a worker hears of its connection and of its registration.
pub(super) struct Ear {
    pub(super) instance: WorkerInstance,
    pub(super) events: Events,
    /// None where its user may not hear them.
    pub(super) notices: Option<Subscription<Registration>>,
    pub(super) standing: Arc<Standing>,
    /// Told that it is time to register again. However often that is before it is done, it is done once.
    pub(super) again: Arc<Notify>,
}

impl Ear {
    pub(super) fn is_notified(&self) -> bool {
        self.notices.is_some()
    }

    /// Whether there is word that it takes the place of another. That comes before the answer to the registration.
    pub(super) async fn is_successor(&mut self) -> bool {
        let mut is_successor = false;
        loop {
            tokio::select! {
                biased;
                notice = next(&mut self.notices) => {
                    self.heed(&notice);
                    is_successor |= notice.instance.as_ref() == Some(&self.instance);
                }
                () = std::future::ready(()) => return is_successor,
            }
        }
    }

    /// Goes on until another instance has the worker's place, or the connection is closed.
    pub(super) async fn run(mut self) {
        while !self.standing.is_replaced() {
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(TransportEvent::Connected) => self.again.notify_one(),
                    Some(TransportEvent::Disconnected) => self.standing.lose(),
                    Some(TransportEvent::Closed) | None => return,
                    Some(_) => {}
                },
                notice = next(&mut self.notices) => self.heed(&notice),
            }
        }
    }

    fn heed(&self, notice: &Registration) {
        if notice.replaced.contains(&self.instance) {
            self.standing.replace();
        } else if notice.instance.as_ref() != Some(&self.instance) {
            // It is not known, or a newer instance than itself is not known to whoever tells: the registry decides.
            self.again.notify_one();
        }
    }
}

/// The next notice that can be read; for ever if there is none. One that cannot be read names nobody.
async fn next(notices: &mut Option<Subscription<Registration>>) -> Registration {
    if let Some(notices) = notices {
        while let Some(notice) = notices.next().await {
            if let Ok(notice) = notice {
                return notice.event;
            }
        }
    }
    std::future::pending().await
}
