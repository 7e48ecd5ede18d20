//! Events of the connection, and notices of registrations.

use std::sync::Arc;

use natsgen_runtime::Subscription;
use natsgen_runtime::transport::TransportEvent;
use tokio::sync::{Notify, mpsc};

use super::membership::Membership;
use crate::types::WorkerInstance;
use crate::worker::Registration;

/// The events of a connection.
pub(super) type TransportEvents = mpsc::UnboundedReceiver<TransportEvent>;

/// Receives the events of the connection and the notices of registrations under the worker's id.
pub(super) struct EventListener {
    pub(super) instance: WorkerInstance,
    pub(super) events: TransportEvents,
    /// Absent if the worker's user has no permission to subscribe to notices.
    pub(super) notices: Option<Subscription<Registration>>,
    pub(super) membership: Arc<Membership>,
    /// Whether commands pause while it is disconnected, because another instance may receive them too.
    pub(super) pauses: bool,
    /// Wakes the registrar. Several notifications before it registers again cause a single registration.
    pub(super) wake: Arc<Notify>,
    /// Makes the registrar ask a coordinator whether this instance is still registered.
    pub(super) confirm: Arc<Notify>,
}

impl EventListener {
    pub(super) fn is_notified(&self) -> bool {
        self.notices.is_some()
    }

    /// Whether a notice says that this instance replaces another instance. Such a notice arrives before the reply to
    /// the registration.
    pub(super) async fn is_successor(&mut self) -> bool {
        let mut is_successor = false;
        loop {
            tokio::select! {
                biased;
                notice = next(&mut self.notices) => {
                    self.handle(&notice);
                    is_successor |= notice.instance.as_ref() == Some(&self.instance);
                }
                () = std::future::ready(()) => return is_successor,
            }
        }
    }

    /// Runs until another instance replaces this instance, or the connection is closed.
    pub(super) async fn run(mut self) {
        while !self.membership.is_replaced() {
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(TransportEvent::Connected) => self.wake.notify_one(),
                    Some(TransportEvent::Disconnected) if self.pauses => {
                        self.membership.disconnected();
                    }
                    Some(TransportEvent::Closed) | None => return,
                    Some(_) => {}
                },
                notice = next(&mut self.notices) => self.handle(&notice),
            }
        }
    }

    fn handle(&self, notice: &Registration) {
        if notice.replaced.contains(&self.instance) {
            self.membership.notified();
            self.confirm.notify_one();
        } else if notice.instance.as_ref() != Some(&self.instance) {
            // The coordinator knows no instance, or an older instance than this: register again, so that the registry
            // decides.
            self.wake.notify_one();
        }
    }
}

/// The next readable notice; waits for ever without a subscription. Unreadable notices are skipped.
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
