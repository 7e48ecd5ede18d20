//! Converts the events of the client, and adds the events that the client drops.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_nats::{Client, Event, ServerError, Statistics};
use tokio::sync::{Notify, mpsc};

use super::permissions::Permissions;
use crate::transport::TransportEvent;
use crate::transport::events::Events;

/// The events of a connection.
#[derive(Debug)]
pub(super) struct Notices {
    events: Events,
    told: Mutex<Told>,
    /// The statistics of the client, set when the connection is established. Before that there are no events.
    statistics: OnceLock<Arc<Statistics>>,
    permissions: Permissions,
    is_closed: AtomicBool,
    closed: Notify,
}

/// A denial of the server.
#[derive(Debug, PartialEq, Eq)]
enum Denial {
    Publish(String),
    Subscribe {
        pattern: String,
        queue: Option<String>,
    },
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
            permissions: Permissions::default(),
            is_closed: AtomicBool::new(false),
            closed: Notify::new(),
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
            Event::SlowConsumer(_) => self.emit(&TransportEvent::Lost(1)),
            Event::Closed => self.close(),
            Event::ServerError(error) => self.handle_error(error),
            _ => {}
        }
    }

    fn handle_error(&self, error: &ServerError) {
        let denial = match error {
            ServerError::Other(text) => denial(text),
            _ => None,
        };
        self.emit(&match denial {
            Some(Denial::Publish(subject)) => TransportEvent::PublishDenied(subject),
            Some(Denial::Subscribe { pattern, queue }) => {
                self.permissions.deny(&pattern, queue.as_deref());
                TransportEvent::SubscribeDenied(pattern)
            }
            None => TransportEvent::ServerError(error.to_string()),
        });
    }

    /// Reports an event to all listeners.
    pub(super) fn emit(&self, event: &TransportEvent) {
        self.events.emit(event);
    }

    pub(super) fn permissions(&self) -> &Permissions {
        &self.permissions
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
            self.permissions.repeat();
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
        if !self.is_closed.swap(true, Ordering::SeqCst) {
            self.events.emit(&TransportEvent::Closed);
            self.closed.notify_waiters();
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::SeqCst)
    }

    /// Returns when the connection is closed.
    pub(super) async fn closed(&self) {
        let mut closed = pin!(self.closed.notified());
        closed.as_mut().enable();
        if !self.is_closed() {
            closed.await;
        }
    }
}

/// Parses a denial:
/// - `Permissions Violation for Publish to "x"`
/// - `Permissions Violation for Subscription to "x"`, optionally followed by ` using queue "q"`. After a change of the
///   permissions ` (sid "1")` follows, without the queue group.
///
/// The server quotes strings like Go.
fn denial(text: &str) -> Option<Denial> {
    let (_, violation) = text.split_once("ermissions Violation for ")?;
    let (kind, quoted) = violation.split_once(" to \"")?;
    let (subject, rest) = unquote(quoted)?;
    match kind {
        "Publish" => Some(Denial::Publish(subject)),
        "Subscription" => {
            let queue = rest.strip_prefix(" using queue \"").and_then(unquote);
            Some(Denial::Subscribe {
                pattern: subject,
                queue: queue.map(|(queue, _)| queue),
            })
        }
        _ => None,
    }
}

/// Returns the text before the closing quote and the rest after it. Subjects of this connection are printable ASCII, so
/// only `"` and `\` are escaped.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut rest = quoted.chars();
    loop {
        match rest.next()? {
            '"' => return Some((text, rest.as_str())),
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
        let check = |text: &str, expected: Option<Denial>| {
            assert_eq!(denial(text), expected, "{text}");
        };
        let publish = |subject: &str| Some(Denial::Publish(subject.to_owned()));
        let subscribe = |pattern: &str, queue: Option<&str>| {
            Some(Denial::Subscribe {
                pattern: pattern.to_owned(),
                queue: queue.map(str::to_owned),
            })
        };
        check(
            "Permissions Violation for Publish to \"a.b\"",
            publish("a.b"),
        );
        check(
            "permissions Violation for Publish to \"A.b\"",
            publish("A.b"),
        );
        let text = "Permissions Violation for Subscription to \"a.>\"";
        check(text, subscribe("a.>", None));
        let text = "Permissions Violation for Subscription to \"a.*\" using queue \"q\"";
        check(text, subscribe("a.*", Some("q")));
        let text = "Permissions Violation for Subscription to \"a.*\" (sid \"7\")";
        check(text, subscribe("a.*", None));
        let text = r#"Permissions Violation for Publish to "a\"b\\c""#;
        check(text, publish(r#"a"b\c"#));
        check("Permissions Violation for Publish to \"a", None);
        let text = "Permissions Violation for Publish with Reply of \"a\"";
        check(text, None);
        check("Maximum Payload Violation", None);
        check("", None);
    }

    #[test]
    fn notices_server_errors_are_denials_or_causes() {
        let notices = Notices::new();
        let mut listener = notices.listen();
        let permission = notices.permissions().add("a.>", None);
        for text in [
            "Permissions Violation for Publish to \"a\"",
            "Permissions Violation for Subscription to \"a.>\" (sid \"1\")",
            "Stale Connection",
        ] {
            notices.handle(&Event::ServerError(ServerError::Other(text.to_owned())));
        }
        let expected = [
            PublishDenied("a".to_owned()),
            SubscribeDenied("a.>".to_owned()),
        ];
        let events = received(&mut listener);
        assert_eq!(events[..2], expected);
        let [.., TransportEvent::ServerError(cause)] = events.as_slice() else {
            panic!("{events:?}");
        };
        assert!(cause.contains("Stale Connection"), "{cause}");
        assert!(permission.is_denied());
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
