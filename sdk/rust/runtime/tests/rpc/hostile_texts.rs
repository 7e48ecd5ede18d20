//! Texts of peers in errors and in the log: they forge no line, and send no command to a terminal.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use natsgen_runtime::transport::{Message, Transport};
use natsgen_runtime::{Connection, MemoryBroker};
use natsgen_testing::NatsServer;
use tokio::time::timeout;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

use crate::fixture::{Fixture, TEST_TIMEOUT, Workshop, next, request, shop};
use crate::protocol::{Noise, NoiseFilter, ShopClient, ShopServer, Tool};
use crate::raw::RawClient;

/// Line breaks, terminal commands, and characters that reorder or hide text; as JSON and as text.
const HOSTILE: &str = "x\\n\\r\\u001b[2J\\u0007\\u009b1m\\u202e\\u2028\\u200b";

fn is_harmless(text: &str) -> bool {
    let is_hidden = |c: char| c.is_control() || "\u{202e}\u{2028}\u{200b}".contains(c);
    !text.contains(is_hidden) && text.len() < 5_000
}

/// Checks an error and its sources.
fn check(error: &dyn Error) {
    let mut current = Some(error);
    while let Some(error) = current {
        let text = error.to_string();
        assert!(is_harmless(&text), "{text:?}");
        current = error.source();
    }
}

#[tokio::test]
async fn hostile_reply_is_escaped_in_each_error() {
    let long = "y".repeat(100_000);
    for body in [
        format!(r#"{{"error":"{HOSTILE}"}}"#),
        format!(r#"{{"error":"{long}"}}"#),
        format!(r#"{{"error":"{HOSTILE}","code":"{HOSTILE}"}}"#),
        format!(r#"{{"error":"broken tool: {HOSTILE}","code":"broken_tool"}}"#),
        format!(
            r#"{{"error":"bad request: {HOSTILE}","code":"bad_request","pointer":"/{HOSTILE}"}}"#
        ),
        format!(r#"{{"error":"unknown command: {HOSTILE}","code":"unknown_command"}}"#),
        format!(r#"{{"error":"reply too large: {HOSTILE}","code":"reply_too_large"}}"#),
        format!(r#"{{"stream":"{HOSTILE}","seq":1}}"#),
        format!(r#"{{"stream":"{HOSTILE}","error":{{"description":"{HOSTILE}"}}}}"#),
        format!(r#"{{"{HOSTILE}":1,"{HOSTILE}":2}}"#),
        format!(r#"{{"product":"a","mood":"good","{HOSTILE}":[1,]}}"#),
    ] {
        let broker = MemoryBroker::new();
        let peer = broker.connect();
        let mut requests = peer.subscribe("test.workshop.>", None).await.unwrap();
        let client = ShopClient::new(&Connection::over(broker.connect()));
        let serve = async {
            let message = Message {
                subject: next(&mut *requests).await.reply.unwrap(),
                payload: body.clone().into(),
                ..Message::default()
            };
            peer.publish(message).await.unwrap();
        };
        let (shop, request) = (shop(), request("x", Tool::Reply));
        let (called, ()) = futures_util::future::join(client.work(&shop, &request), serve).await;
        check(&called.unwrap_err());
    }
}

#[tokio::test]
async fn hostile_event_is_escaped_in_its_error() {
    let server = NatsServer::start().unwrap();
    let connection = Connection::nats(&server.url()).await.unwrap();
    let mut noises = connection
        .subscribe::<Noise>(&NoiseFilter::default())
        .await
        .unwrap();
    let mut raw = RawClient::connect(&server);
    let subject = "test.workshop.noise.\u{1b}[2J\u{202e}.7";
    raw.publish(subject.as_bytes(), b"", b"", br#"{"decibel":60}"#);
    let payload = format!(r#"{{"{HOSTILE}":1,"{HOSTILE}":2}}"#);
    raw.publish(b"test.workshop.noise.s1.7", b"", b"", payload.as_bytes());
    for _ in 0..2 {
        let noise = timeout(TEST_TIMEOUT, noises.next()).await.unwrap().unwrap();
        check(&noise.unwrap_err());
    }
}

/// Collects the log of this thread, one line per entry.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("natsgen_runtime")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = event.metadata().level().to_string();
        event.record(&mut Line(&mut line));
        self.0.lock().unwrap().push(line);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Each message is worth a warning. The log has a single line with a count.
#[tokio::test]
async fn hostile_messages_are_logged_rarely_and_escaped() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let server = NatsServer::start().unwrap();
    let connection = Connection::nats(&server.url()).await.unwrap();
    let service = ShopServer::new(Workshop::default())
        .start(&connection, &shop())
        .await
        .unwrap();
    let mut raw = RawClient::connect(&server);
    let hostile = "a\u{1b}[2J\u{7}\u{202e}b";
    let subject = format!("test.workshop.shop.s1.{hostile}");
    for _ in 0..1_000 {
        raw.publish(subject.as_bytes(), hostile.as_bytes(), b"", b"{}");
    }
    raw.flush();
    while service.stats().ignored < 1_000 {
        tokio::task::yield_now().await;
    }
    let lines: Vec<String> = log.0.lock().unwrap().clone();
    let warnings = lines.iter().filter(|line| line.contains("not a request"));
    assert!((1..=3).contains(&warnings.count()), "{lines:#?}");
    assert!(lines.iter().all(|line| is_harmless(line)), "{lines:#?}");
}

#[tokio::test]
async fn hostile_request_is_escaped_for_the_caller() {
    let fixture = Fixture::new().await;
    let body = format!(r#"{{"{HOSTILE}":1,"{HOSTILE}":2}}"#);
    let answered = fixture.ask("shop.s1.work", body.as_bytes()).await;
    let text = answered.headers.get("Nats-Service-Error").unwrap();
    assert!(!text.contains(char::is_control), "{text:?}");
}
