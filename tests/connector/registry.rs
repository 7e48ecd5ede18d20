//! Configurations and the registry.

use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::transport::BoxFuture;
use natsgen_testing::NatsServer;
use tokio::sync::mpsc;
use varpulis_sdk::connector::{
    ConnectorConfig, ConnectorError, ConnectorSink, Event, ManagedConnector,
    ManagedConnectorRegistry,
};
use varpulis_sdk::types::ConnectorHealth;

use crate::support::{LIMIT, number, numbered};

fn nats(url: &str) -> ConnectorConfig {
    ConnectorConfig::new("nats", url)
}

/// A URL, the properties, and the end of the error.
type WrongSettings = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

/// URLs, properties, and the start of the error.
const WRONG: &[WrongSettings] = &[
    (
        "nats://h",
        &[("quue_group", "g")],
        "`quue_group`: unknown property; expected one of queue_group, username",
    ),
    (
        "nats://h",
        &[("subject", "b")],
        "`subject`: set either `topic` or `subject`",
    ),
    (
        "nats://h",
        &[("max_depth", "0")],
        "`max_depth`: expected an integer from 1 to 120",
    ),
    (
        "nats://h",
        &[("max_depth", "many")],
        "`max_depth`: expected an integer",
    ),
    (
        "nats://h",
        &[("queue_group", "a b")],
        "`queue_group`: expected ",
    ),
    (
        "nats://h",
        &[("username", "u")],
        "`password`: missing; `username` needs it",
    ),
    (
        "nats://h",
        &[("password", "hidden")],
        "`username`: missing; `password` needs it",
    ),
    (
        "nats://h",
        &[
            ("username", "u"),
            ("password", "hidden"),
            ("token", "hidden"),
        ],
        "`token`: set either `username` or `token`",
    ),
    (
        "nats://h",
        &[("nkey_seed", "hidden"), ("credentials_path", "ada.creds")],
        "`credentials_path`: set either `nkey_seed` or `credentials_path`",
    ),
    (
        "nats://h",
        &[("credentials_path", "/missing.creds")],
        "`nats`: the credentials file /missing.creds cannot be read: ",
    ),
    (
        "nats://h",
        &[("tls_first", "yes")],
        "`tls_first`: expected ",
    ),
    (
        "nats://h",
        &[("ssl_key_location", "k.pem")],
        "`ssl_certificate_location`: missing",
    ),
    (
        "nats://h",
        &[("use_tls", "yes")],
        "`use_tls`: expected `true` or `false`",
    ),
    (
        "nats://h",
        &[("servers", "nats://other")],
        "`servers`: set either `url` or `servers`",
    ),
    (
        "nats://h",
        &[("event_time", "now")],
        "`event_time`: expected ",
    ),
    (
        "nats://h",
        &[("consumer", "c")],
        "`stream`: expected a member `stream`",
    ),
    ("nats://h", &[("stream", "a.b")], "`stream`: expected "),
    (
        "http://h",
        &[],
        "`nats`: a server's URL begins with nats://, tls://, ws:// or wss://",
    ),
    (
        "nats://h:port",
        &[],
        "`nats`: a server's URL has a host, and a port if not 4222",
    ),
    (
        "nats://h",
        &[("ssl_ca_location", "/missing.pem")],
        "`nats`: /missing.pem cannot be read",
    ),
];

#[test]
fn registry_refuses_wrong_subjects() {
    for subject in ["", "a..b", "a b", "a.>.b", ".a", "a."] {
        let error = ManagedConnectorRegistry::new()
            .add("c", &nats("h").topic(subject))
            .unwrap_err();
        assert!(
            error.to_string().starts_with("connector `c`: `subject`: "),
            "{error}"
        );
    }
}

#[test]
fn registry_refuses_wrong_settings_and_names_them() {
    let mut registry = ManagedConnectorRegistry::new();
    for (url, properties, expected) in WRONG {
        let properties = properties.iter();
        let config = properties.fold(nats(url).topic("a"), |config, (name, value)| {
            config.property(*name, *value)
        });
        let error = registry.add("c", &config).unwrap_err().to_string();
        let expected = format!("connector `c`: {expected}");
        assert!(
            error.starts_with(&expected),
            "{config:?}\n{error}\n{expected}"
        );
        assert!(!error.contains("hidden"), "{error}");
    }
    assert!(registry.health_reports().is_empty());
}

#[test]
fn registry_accepts_all_settings() {
    let config = nats("nats://a:4222, nats://b")
        .topic("sensors.>")
        .property("use_tls", "true")
        .property("queue_group", "g")
        .property("username", "u")
        .property("password", "hidden")
        .property("event_time", "receipt")
        .property("max_fields", "10")
        .property("stream", "S")
        .property("consumer", "c")
        .property("create", "true");
    let shown = format!("{config:?}");
    assert!(!shown.contains("hidden"), "{shown}");
    let mut registry = ManagedConnectorRegistry::new();
    registry.add("c", &config).unwrap();
    let [report] = registry.health_reports().try_into().unwrap();
    assert!(!report.connected);
    assert_eq!(report.connector_name.as_str(), "c");
    assert_eq!(report.connector_type.as_str(), "nats");
    let shown = format!("{:?}", nats("nats://user:hid@den@host"));
    assert!(shown.contains("nats://***@host"), "{shown}");
}

#[test]
fn registry_unknown_type_names_the_known_types() {
    let mut registry = ManagedConnectorRegistry::new();
    let error = registry
        .add("c", &ConnectorConfig::new("mqtt", "h"))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no connector has the type `mqtt`; use one of nats, or register a factory"
    );
    let good = nats("nats://h");
    let bad = nats("http://h");
    assert!(registry.add_all([("good", &good), ("bad", &bad)]).is_err());
    assert!(
        registry.get("good").is_err(),
        "all connectors are valid, or none is added"
    );
}

/// A connector type of a test.
struct Echo;

impl ManagedConnector for Echo {
    fn start_source<'a>(
        &'a self,
        topic: Option<&'a str>,
        _: &'a BTreeMap<String, String>,
        sender: mpsc::Sender<Event>,
    ) -> BoxFuture<'a, Result<(), ConnectorError>> {
        Box::pin(async move {
            let event = Event::new(topic.unwrap_or("none"));
            sender.send(event).await.map_err(|_| ConnectorError::Closed)
        })
    }

    fn create_sink<'a>(
        &'a self,
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Box<dyn ConnectorSink>, ConnectorError>> {
        Box::pin(async { Err(ConnectorError::Closed) })
    }

    fn reconfigure<'a>(
        &'a self,
        _: &'a ConnectorConfig,
    ) -> BoxFuture<'a, Result<(), ConnectorError>> {
        Box::pin(async { Ok(()) })
    }

    fn health(&self) -> ConnectorHealth {
        let name = "echo".try_into().unwrap();
        ConnectorHealth::new(name, "echo".try_into().unwrap(), true, 0, 0)
    }

    fn drain(&self, _: Duration) -> BoxFuture<'_, Result<(), ConnectorError>> {
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn registry_makes_connectors_of_other_types() {
    let mut registry =
        ManagedConnectorRegistry::new().factory("echo", Box::new(|_, _| Ok(Box::new(Echo))));
    registry
        .add("e", &ConnectorConfig::new("echo", ""))
        .unwrap();
    let (sender, mut events) = mpsc::channel(1);
    registry
        .start_source("e", Some("T"), &BTreeMap::new(), sender)
        .await
        .unwrap();
    assert_eq!(events.recv().await.unwrap().event_type, "T");
    let error = registry.create_sink("f", None).await.err().unwrap();
    assert_eq!(error.to_string(), "no connector has the name `f`");
    registry.drain(LIMIT).await;
}

#[tokio::test]
async fn registry_connects_sources_and_sinks_by_name() {
    let server = NatsServer::start().unwrap();
    let mut registry = ManagedConnectorRegistry::new();
    registry
        .add("in", &nats(&server.url()).property("subject", "r.>"))
        .unwrap();
    let (sender, mut events) = mpsc::channel(16);
    let params = BTreeMap::from([("queue_group".to_owned(), "g".to_owned())]);
    registry
        .start_source("in", None, &params, sender)
        .await
        .unwrap();
    let sink = registry.create_sink("in", Some("r.a")).await.unwrap();
    sink.send(None, &numbered(1)).await.unwrap();
    sink.send(Some("r.b"), &numbered(2)).await.unwrap();
    sink.flush().await.unwrap();
    assert_eq!(number(&events.recv().await.unwrap()), 1);
    assert_eq!(number(&events.recv().await.unwrap()), 2);
    let [report] = registry.health_reports().try_into().unwrap();
    assert!(report.connected);
    assert_eq!(report.messages_received, 2);
    registry.drain(LIMIT).await;
    assert!(
        events.recv().await.is_none(),
        "a drained source ends its channel"
    );
    let params = BTreeMap::from([("queue".to_owned(), "g".to_owned())]);
    let (sender, _events) = mpsc::channel(1);
    let error = registry
        .start_source("in", None, &params, sender)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("`queue`: unknown parameter"),
        "{error}"
    );
}
