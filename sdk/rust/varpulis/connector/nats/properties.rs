//! The configuration of a NATS connector from the properties of a [`ConnectorConfig`].

use std::collections::BTreeMap;

use natsgen_runtime::{Map, NatsOptions, Side, Value, codec};

use super::source::SourceOptions;
use crate::connector::config::ConnectorConfig;
use crate::connector::error::ConnectorError;
use crate::types::NatsConnectorConfig;

/// The server of a connector without a URL.
const DEFAULT_URL: &str = "nats://localhost:4222";

/// The form of the value of a property.
#[derive(Clone, Copy)]
enum Form {
    Text,
    /// A number or a boolean.
    Json,
}

/// A property, and the path of its member in the configuration.
type Property = (&'static str, &'static [&'static str], Form);

/// The properties beside `servers`, `subject` and `use_tls`. The first block has the names of Varpulis.
const PROPERTIES: [Property; 31] = [
    ("queue_group", &["queue_group"], Form::Text),
    (
        "username",
        &["nats", "credentials", "user", "name"],
        Form::Text,
    ),
    (
        "password",
        &["nats", "credentials", "user", "password"],
        Form::Text,
    ),
    ("token", &["nats", "credentials", "token"], Form::Text),
    (
        "nkey_seed",
        &["nats", "credentials", "nkey_seed"],
        Form::Text,
    ),
    (
        "credentials_path",
        &["nats", "credentials", "credentials_path"],
        Form::Text,
    ),
    (
        "ssl_ca_location",
        &["nats", "root_certificates_path"],
        Form::Text,
    ),
    (
        "ssl_certificate_location",
        &["nats", "client_certificate", "certificate_path"],
        Form::Text,
    ),
    (
        "ssl_key_location",
        &["nats", "client_certificate", "key_path"],
        Form::Text,
    ),
    ("name", &["nats", "name"], Form::Text),
    ("tls_first", &["nats", "tls_first"], Form::Json),
    ("inbox_prefix", &["nats", "inbox_prefix"], Form::Text),
    (
        "ping_interval_secs",
        &["nats", "ping_interval_secs"],
        Form::Json,
    ),
    (
        "connect_timeout_ms",
        &["nats", "connect_timeout_ms"],
        Form::Json,
    ),
    ("wait_secs", &["nats", "wait_secs"], Form::Json),
    (
        "subscription_capacity",
        &["nats", "subscription_capacity"],
        Form::Json,
    ),
    ("event_time", &["event_time"], Form::Text),
    ("send_timeout_ms", &["send_timeout_ms"], Form::Json),
    (
        "max_payload_bytes",
        &["limits", "max_payload_bytes"],
        Form::Json,
    ),
    ("max_events", &["limits", "max_events"], Form::Json),
    ("max_fields", &["limits", "max_fields"], Form::Json),
    ("max_text_bytes", &["limits", "max_text_bytes"], Form::Json),
    ("max_depth", &["limits", "max_depth"], Form::Json),
    ("max_items", &["limits", "max_items"], Form::Json),
    ("stream", &["durable", "stream"], Form::Text),
    ("consumer", &["durable", "consumer"], Form::Text),
    ("create", &["durable", "create"], Form::Json),
    ("ack_wait_ms", &["durable", "ack_wait_ms"], Form::Json),
    ("max_in_flight", &["durable", "max_in_flight"], Form::Json),
    (
        "dead_letter_subject",
        &["durable", "dead_letter_subject"],
        Form::Text,
    ),
    ("single_reader", &["durable", "single_reader"], Form::Json),
];

/// Properties that need each other.
const PAIRS: [[&str; 2]; 2] = [
    ["username", "password"],
    ["ssl_certificate_location", "ssl_key_location"],
];

/// Properties of which at most one may be set, because each selects a form of credentials.
const CREDENTIALS: [&str; 4] = ["username", "token", "nkey_seed", "credentials_path"];

/// Reads the configuration of a connector.
///
/// # Errors
/// If a property is unknown, missing, invalid or contradicts another setting. The error names the property.
pub(super) fn read(
    name: &str,
    config: &ConnectorConfig,
) -> Result<NatsConnectorConfig, ConnectorError> {
    let bad = |setting: &str, reason: String| bad_setting(name, setting, reason);
    let properties = &config.properties;
    check_names(properties).map_err(|(setting, reason)| bad(setting, reason))?;
    let servers = servers(config).map_err(|(setting, reason)| bad(setting, reason))?;
    let mut document = Value::Object(Map::new());
    set(&mut document, &["nats", "servers"], servers.into());
    match (&config.topic, properties.get("subject")) {
        (Some(topic), Some(subject)) if topic != subject => {
            return Err(bad("subject", "set either `topic` or `subject`".to_owned()));
        }
        (Some(subject), _) | (None, Some(subject)) => {
            set(&mut document, &["subject"], subject.as_str().into());
        }
        (None, None) => {}
    }
    for (property, path, form) in PROPERTIES {
        let Some(text) = properties.get(property) else {
            continue;
        };
        let value = match form {
            Form::Text => Value::from(text.as_str()),
            // Another text becomes a string, which the type refuses.
            Form::Json => text.parse().unwrap_or_else(|_| Value::from(text.as_str())),
        };
        set(&mut document, path, value);
    }
    let read = codec::decode(document.to_string().as_bytes(), Side::Request);
    read.map_err(|error| bad(setting(&error.pointer), error.reason))
}

/// Validates the parts of a configuration that its type does not validate.
pub(super) fn check(name: &str, config: &NatsConnectorConfig) -> Result<(), ConnectorError> {
    let checked = NatsOptions::from(&config.nats).validate();
    checked.map_err(|error| bad_setting(name, "nats", error.to_string()))
}

/// Reads the options of a source.
pub(super) fn source_options(
    name: &str,
    topic: Option<&str>,
    params: &BTreeMap<String, String>,
) -> Result<SourceOptions, ConnectorError> {
    let mut options = SourceOptions::new();
    if let Some(topic) = topic {
        options = options.subject(topic);
    }
    for (param, value) in params {
        if param != "queue_group" {
            let reason = "unknown parameter of a source; expected `queue_group`".to_owned();
            return Err(bad_setting(name, param, reason));
        }
        options = options.queue_group(value);
    }
    Ok(options)
}

/// A setting, and what is wrong with it.
type Wrong<'a> = (&'a str, String);

/// Refuses unknown properties, and properties that contradict or lack each other.
fn check_names(properties: &BTreeMap<String, String>) -> Result<(), Wrong<'_>> {
    let special = ["servers", "subject", "use_tls"];
    let known: Vec<_> = PROPERTIES
        .iter()
        .map(|(property, ..)| *property)
        .chain(special)
        .collect();
    if let Some(unknown) = properties
        .keys()
        .find(|name| !known.contains(&name.as_str()))
    {
        let reason = format!("unknown property; expected one of {}", known.join(", "));
        return Err((unknown, reason));
    }
    for [first, second] in PAIRS {
        for [given, missing] in [[first, second], [second, first]] {
            if properties.contains_key(given) && !properties.contains_key(missing) {
                return Err((missing, format!("missing; `{given}` needs it")));
            }
        }
    }
    let mut credentials = CREDENTIALS
        .iter()
        .filter(|name| properties.contains_key(**name));
    if let (Some(first), Some(second)) = (credentials.next(), credentials.next()) {
        return Err((second, format!("set either `{first}` or `{second}`")));
    }
    Ok(())
}

/// Returns the URLs of the servers, separated by commas.
fn servers(config: &ConnectorConfig) -> Result<String, Wrong<'_>> {
    let url = Some(config.url.as_str()).filter(|url| !url.is_empty());
    let servers = config.properties.get("servers").map(String::as_str);
    let servers = match (url, servers) {
        (Some(url), Some(servers)) if url != servers => {
            return Err(("servers", "set either `url` or `servers`".to_owned()));
        }
        (Some(servers), _) | (None, Some(servers)) => servers,
        (None, None) => DEFAULT_URL,
    };
    match config.properties.get("use_tls").map(String::as_str) {
        None | Some("false") => Ok(servers.to_owned()),
        Some("true") => Ok(servers
            .split(',')
            .map(with_tls)
            .collect::<Vec<_>>()
            .join(",")),
        Some(_) => Err(("use_tls", "expected `true` or `false`".to_owned())),
    }
}

/// Returns a URL that requires TLS.
fn with_tls(url: &str) -> String {
    let url = url.trim();
    match url.split_once("://") {
        None => format!("tls://{url}"),
        Some((scheme, host)) if scheme.eq_ignore_ascii_case("nats") => format!("tls://{host}"),
        // The options refuse other schemes.
        Some(_) => url.to_owned(),
    }
}

/// The property that sets the value at a JSON pointer, or a part of this value.
fn setting(pointer: &str) -> &str {
    match pointer {
        "/nats/servers" => return "servers",
        "/subject" => return "subject",
        _ => {}
    }
    let path: Vec<_> = pointer.split('/').skip(1).collect();
    let property = PROPERTIES
        .iter()
        .find(|(_, inner, _)| inner.starts_with(&path) && !path.is_empty());
    property.map_or(pointer, |(property, ..)| property)
}

/// Sets a member, and creates missing objects around it.
fn set(document: &mut Value, path: &[&str], value: Value) {
    let [first, rest @ ..] = path else {
        *document = value;
        return;
    };
    if let Value::Object(members) = document {
        if !members.contains_key(first) {
            members.insert(*first, Value::Object(Map::new()));
        }
        if let Some(member) = members.get_mut(first) {
            set(member, rest, value);
        }
    }
}

fn bad_setting(name: &str, setting: &str, reason: String) -> ConnectorError {
    ConnectorError::BadSetting {
        connector: name.to_owned(),
        setting: setting.to_owned(),
        reason,
    }
}
