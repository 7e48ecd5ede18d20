//! Converts the events of the client, and adds the events that the client drops.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_nats::{Client, Event, ServerError, Statistics};
use tokio::sync::mpsc;

use crate::transport::TransportEvent;
use crate::transport::events::Events;

/// The events of a connection.
#[derive(Debug)]
pub(super) struct Notices {
    events: Events,
    told: Mutex<Told>,
    /// The statistics of the client, set when the connection is established. Before that there are no events.
    statistics: OnceLock<Arc<Statistics>>,
    closed: AtomicBool,
}

/// The state that was reported to the listeners. A new connection counts as connected for the first time.
#[derive(Debug)]
struct Told {
    connected: bool,
    connects: u64,
}

impl Notices {
    pub(super) fn new() -> Self {
        Self {
            events: Events::default(),
            told: Mutex::new(Told {
                connected: true,
                connects: 1,
            }),
            statistics: OnceLock::new(),
            closed: AtomicBool::new(false),
        }
    }

    /// Starts to observe a connection.
    pub(super) fn begin(&self, client: &Client) {
        self.statistics.get_or_init(|| client.statistics());
    }

    pub(super) fn listen(&self) -> mpsc::UnboundedReceiver<TransportEvent> {
        self.events.listen()
    }

    /// Handles an event of the client.
    pub(super) fn handle(&self, event: &Event) {
        match event {
            Event::Connected => self.check_connection(true),
            Event::Disconnected => self.check_connection(false),
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

    /// Compares the reported state with the counters of the client. Events only trigger this comparison, because the
    /// channel of the client drops events when it is full. It holds 128 events, and a slow subscription fills it at
    /// once. Calls must not wait on a connection whose loss was not reported.
    pub(super) fn check_connection(&self, connected: bool) {
        if let Some(statistics) = self.statistics.get() {
            self.follow(connected, statistics.connects.load(Ordering::SeqCst));
        }
    }

    fn follow(&self, connected: bool, connects: u64) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if connects > told.connects {
            // `connected` is ignored here, because it may refer to the previous connection.
            if told.connected {
                self.events.emit(&TransportEvent::Disconnected);
            }
            self.events.emit(&TransportEvent::Connected);
            *told = Told {
                connected: true,
                connects,
            };
        } else if told.connected && !connected {
            self.events.emit(&TransportEvent::Disconnected);
            told.connected = false;
        }
    }

    /// Reports once that the connection is closed.
    pub(super) fn close(&self) {
        if !self.closed.swap(true, Ordering::SeqCst) {
            self.events.emit(&TransportEvent::Closed);
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

/// Parses `Permissions Violation for Publish to "x"` and `… for Subscription to "x" using queue "q"`. The server quotes
/// strings like Go.
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

/// The text before the closing quote. The published subjects are printable ASCII, so only `"` and `\` are escaped.
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
    fn notices_denials_contain_their_subject() {
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

    fn received(listener: &mut mpsc::UnboundedReceiver<TransportEvent>) -> Vec<TransportEvent> {
        std::iter::from_fn(|| listener.try_recv().ok()).collect()
    }

    #[test]
    fn notices_follow_the_counters_of_the_client() {
        let notices = Notices::new();
        let mut listener = notices.listen();
        let mut check = |connected: bool, connects: u64, expected: &[TransportEvent]| {
            notices.follow(connected, connects);
            assert_eq!(received(&mut listener), expected);
        };
        check(true, 1, &[]);
        check(false, 1, &[Disconnected]);
        check(false, 1, &[]);
        // A late event of the previous connection.
        check(true, 1, &[]);
        check(true, 2, &[Connected]);
        check(true, 2, &[]);
        // Lost and restored without an event.
        check(true, 3, &[Disconnected, Connected]);
        check(false, 4, &[Disconnected, Connected]);
        check(true, 4, &[]);
    }

    #[test]
    fn notices_report_closed_once() {
        let notices = Notices::new();
        let mut listener = notices.listen();
        notices.close();
        notices.handle(&Event::Closed);
        assert_eq!(received(&mut listener), [TransportEvent::Closed]);
    }
}
