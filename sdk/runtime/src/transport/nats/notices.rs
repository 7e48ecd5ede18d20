//! What the client tells of its connection, translated, and completed where it stays silent.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_nats::{Event, ServerError};
use tokio::sync::mpsc;

use crate::transport::TransportEvent;
use crate::transport::events::Events;

/// The events of one connection.
#[derive(Debug, Default)]
pub(super) struct Notices {
    events: Events,
    told: Mutex<Told>,
    closed: AtomicBool,
}

/// What listeners have been told.
#[derive(Debug, Default)]
struct Told {
    connected: bool,
    connects: u64,
    /// How often in a row the client's state was seen to differ from what was told.
    behind: u8,
}

impl Notices {
    pub(super) fn listen(&self) -> mpsc::UnboundedReceiver<TransportEvent> {
        self.events.listen()
    }

    /// Takes an event of the client.
    pub(super) fn take(&self, event: &Event) {
        match event {
            Event::Connected => {
                let mut told = self.told();
                told.connected = true;
                told.connects += 1;
                // The first comes with the connection, and at times after the first listener.
                if told.connects > 1 {
                    self.events.emit(&TransportEvent::Connected);
                }
            }
            Event::Disconnected => {
                let mut told = self.told();
                told.connected = false;
                self.events.emit(&TransportEvent::Disconnected);
            }
            Event::SlowConsumer(_) => self.events.emit(&TransportEvent::Lost(1)),
            Event::Closed => self.close(),
            Event::ServerError(ServerError::Other(text)) => {
                if let Some(event) = denial(text) {
                    self.events.emit(&event);
                }
            }
            _ => {}
        }
    }

    /// Compares what was told with what the client knows. Its event channel drops what does not fit (128 events, which
    /// one slow subscription fills at once), and calls must not wait on a connection that was lost without a word.
    /// Two looks have to agree, since an event may still be on its way.
    pub(super) fn reconcile(&self, connected: bool, connects: u64) {
        let mut told = self.told();
        if told.connected == connected && told.connects >= connects {
            told.behind = 0;
            return;
        }
        told.behind += 1;
        if told.behind < 2 {
            return;
        }
        if told.connected {
            self.events.emit(&TransportEvent::Disconnected);
        }
        if connected {
            self.events.emit(&TransportEvent::Connected);
        }
        *told = Told {
            connected,
            connects: connects.max(told.connects),
            behind: 0,
        };
    }

    /// Tells once that the connection is closed.
    pub(super) fn close(&self) {
        if !self.closed.swap(true, Ordering::SeqCst) {
            self.events.emit(&TransportEvent::Closed);
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads `Permissions Violation for Publish to "x"` and `… for Subscription to "x" using queue "q"`. The server quotes
/// as Go does.
fn denial(text: &str) -> Option<TransportEvent> {
    let (_, violation) = text.split_once("ermissions Violation for ")?;
    let (kind, quoted) = violation.split_once(" to \"")?;
    let subject = unquote(quoted)?;
    match kind {
        "Publish" => Some(TransportEvent::PublishDenied(subject)),
        "Subscription" => Some(TransportEvent::SubscribeDenied(subject)),
        _ => None,
    }
}

/// The text before the closing quote. Subjects that we let out are printable ASCII: only `"` and `\` are escaped.
fn unquote(quoted: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = quoted.chars();
    loop {
        match rest.next()? {
            '"' => return Some(text),
            '\\' => text.push(rest.next()?),
            plain => text.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TransportEvent::{Connected, Disconnected, PublishDenied, SubscribeDenied};

    #[test]
    fn denials_name_their_subject() {
        let check = |text: &str, expected: Option<TransportEvent>| {
            assert_eq!(denial(text), expected, "{text}");
        };
        check(
            "Permissions Violation for Publish to \"a.b\"",
            Some(PublishDenied("a.b".to_owned())),
        );
        check(
            "permissions Violation for Publish to \"A.b\"",
            Some(PublishDenied("A.b".to_owned())),
        );
        check(
            "Permissions Violation for Subscription to \"a.>\"",
            Some(SubscribeDenied("a.>".to_owned())),
        );
        check(
            "Permissions Violation for Subscription to \"a.*\" using queue \"q\"",
            Some(SubscribeDenied("a.*".to_owned())),
        );
        check(
            r#"Permissions Violation for Publish to "a\"b\\c""#,
            Some(PublishDenied(r#"a"b\c"#.to_owned())),
        );
        check("Permissions Violation for Publish to \"a", None);
        check(
            "Permissions Violation for Publish with Reply of \"a\"",
            None,
        );
        check("Maximum Payload Violation", None);
        check("", None);
    }

    fn heard(listener: &mut mpsc::UnboundedReceiver<TransportEvent>) -> Vec<TransportEvent> {
        std::iter::from_fn(|| listener.try_recv().ok()).collect()
    }

    #[test]
    fn a_loss_that_the_client_kept_to_itself_is_told() {
        let notices = Notices::default();
        let mut listener = notices.listen();
        notices.take(&Event::Connected);
        notices.reconcile(true, 1);
        assert_eq!(heard(&mut listener), []);
        notices.reconcile(false, 1);
        assert_eq!(heard(&mut listener), []);
        notices.reconcile(false, 1);
        assert_eq!(heard(&mut listener), [Disconnected]);
        notices.reconcile(true, 2);
        notices.reconcile(true, 2);
        assert_eq!(heard(&mut listener), [Connected]);
        notices.reconcile(true, 3);
        notices.reconcile(true, 3);
        assert_eq!(heard(&mut listener), [Disconnected, Connected]);
        notices.reconcile(true, 3);
        notices.reconcile(true, 3);
        assert_eq!(heard(&mut listener), []);
    }

    #[test]
    fn closing_is_told_once() {
        let notices = Notices::default();
        let mut listener = notices.listen();
        notices.close();
        notices.take(&Event::Closed);
        assert_eq!(heard(&mut listener), [TransportEvent::Closed]);
    }
}
