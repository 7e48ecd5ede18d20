//! Requests to the API of `JetStream`: streams and consumers.
//!
//! Source: the reference of the NATS wire API of `JetStream`, and ADR-2 of nats-architecture-and-design.

use std::time::Duration;

use natsgen_runtime::transport::Message;
use natsgen_runtime::{Connection, Failure, Map, Side, Value, codec};

use super::error::DurableError;
use super::settings::Settings;

/// The time limit of a request.
const REQUEST_LIMIT: Duration = Duration::from_secs(5);

const NOT_ENABLED: [u64; 2] = [10_039, 10_076];
const STREAM_NOT_FOUND: u64 = 10_059;
const CONSUMER_NOT_FOUND: u64 = 10_014;
/// Another process has created the stream or the consumer at the same time.
const EXISTS: [u64; 3] = [10_058, 10_105, 10_148];

/// The API of `JetStream` over a connection.
#[derive(Clone, Debug)]
pub(super) struct JetStream {
    pub(super) connection: Connection,
}

impl JetStream {
    /// Checks the stream, or creates it.
    pub(super) async fn ensure_stream(&self, settings: &Settings) -> Result<(), DurableError> {
        let stream = &settings.stream;
        let info = format!("$JS.API.STREAM.INFO.{stream}");
        let found = match self.call(&info, Map::new()).await {
            Err(DurableError::Refused { code, .. }) if code == STREAM_NOT_FOUND => {
                if !settings.create {
                    let stream = stream.clone();
                    return Err(DurableError::MissingStream { stream });
                }
                let subjects = vec![settings.stream_subject.as_str()];
                let config = Map::from_iter([
                    ("name", Value::from(stream.as_str())),
                    ("subjects", subjects.into()),
                    ("storage", "file".into()),
                    ("retention", "limits".into()),
                ]);
                match self
                    .call(&format!("$JS.API.STREAM.CREATE.{stream}"), config)
                    .await
                {
                    Err(DurableError::Refused { code, .. }) if EXISTS.contains(&code) => {
                        self.call(&info, Map::new()).await?
                    }
                    created => created?,
                }
            }
            Err(error) if error.has_no_responders() => return Err(DurableError::Unavailable),
            other => other?,
        };
        check_subjects(&found, stream, &settings.subject)
    }

    /// Checks that the stream stores messages to `subject`.
    pub(super) async fn check_stream(
        &self,
        stream: &str,
        subject: &str,
    ) -> Result<(), DurableError> {
        let info = format!("$JS.API.STREAM.INFO.{stream}");
        check_subjects(&self.call(&info, Map::new()).await?, stream, subject)
    }

    /// Checks the consumer, or creates it.
    pub(super) async fn ensure_consumer(&self, settings: &Settings) -> Result<(), DurableError> {
        let stream = &settings.stream;
        let setting = "durable.consumer";
        let missing = DurableError::MissingSetting { setting };
        let name = settings.consumer.as_ref().ok_or(missing)?;
        let info = format!("$JS.API.CONSUMER.INFO.{stream}.{name}");
        let found = match self.call(&info, Map::new()).await {
            Err(DurableError::Refused { code, .. }) if code == CONSUMER_NOT_FOUND => {
                if !settings.create {
                    return Err(DurableError::MissingConsumer {
                        stream: stream.clone(),
                        consumer: name.clone(),
                    });
                }
                let subject = format!("$JS.API.CONSUMER.CREATE.{stream}.{name}");
                match self.call(&subject, creation(settings, name)).await {
                    Err(DurableError::Refused { code, .. }) if EXISTS.contains(&code) => {
                        self.call(&info, Map::new()).await?
                    }
                    created => created?,
                }
            }
            other => other?,
        };
        check_consumer(&found, settings, name)
    }

    /// Makes the server deliver all unacknowledged messages again, before later messages. Returns the sequence of the
    /// last delivery.
    pub(super) async fn reset_consumer(
        &self,
        stream: &str,
        consumer: &str,
    ) -> Result<u64, DurableError> {
        let subject = format!("$JS.API.CONSUMER.RESET.{stream}.{consumer}");
        match self.call(&subject, Map::new()).await {
            // The server has just answered another request, so it does not know this one.
            Err(error) if error.has_no_responders() => Err(DurableError::NoReset),
            reply => Ok(reply?["delivered"]["consumer_seq"].as_u64().unwrap_or(0)),
        }
    }

    /// Checks that a stream stores messages to `subject`.
    pub(super) async fn check_dead_letters(&self, subject: &str) -> Result<(), DurableError> {
        let request = Map::from_iter([("subject", Value::from(subject))]);
        let reply = self.call("$JS.API.STREAM.NAMES", request).await?;
        match reply["streams"].as_array() {
            Some(streams) if !streams.is_empty() => Ok(()),
            _ => Err(DurableError::NoDeadLetterStream {
                subject: subject.to_owned(),
            }),
        }
    }

    async fn call(&self, subject: &str, request: Map) -> Result<Value, DurableError> {
        let payload = if request.is_empty() {
            Vec::new()
        } else {
            request.to_string().into_bytes()
        };
        let message = Message {
            subject: subject.to_owned(),
            payload: payload.into(),
            ..Message::default()
        };
        let reply = self.connection.exchange(message, REQUEST_LIMIT).await;
        read_reply(subject, reply)
    }
}

/// Reads a reply of `JetStream`, which can be an error.
pub(super) fn read_reply(
    subject: &str,
    reply: Result<Message, Failure<std::convert::Infallible>>,
) -> Result<Value, DurableError> {
    let unreadable = || DurableError::Unreadable {
        subject: subject.to_owned(),
    };
    let reply = reply.map_err(|failure| DurableError::NoReply {
        subject: subject.to_owned(),
        failure,
    })?;
    let reply: Value = codec::decode(&reply.payload, Side::Reply).map_err(|_| unreadable())?;
    let Some(error) = reply.get("error") else {
        return Ok(reply);
    };
    match error["err_code"].as_u64() {
        Some(code) if NOT_ENABLED.contains(&code) => Err(DurableError::Unavailable),
        code => Err(DurableError::Refused {
            subject: subject.to_owned(),
            code: code.or(error["code"].as_u64()).ok_or_else(unreadable)?,
            description: error["description"].as_str().unwrap_or_default().to_owned(),
        }),
    }
}

fn creation(settings: &Settings, name: &str) -> Map {
    let config = Map::from_iter([
        ("durable_name", Value::from(name)),
        ("ack_policy", "explicit".into()),
        ("deliver_policy", "all".into()),
        ("replay_policy", "instant".into()),
        ("filter_subject", settings.subject.as_str().into()),
        ("ack_wait", nanos(settings.ack_wait).into()),
        ("max_ack_pending", (settings.max_in_flight as u64).into()),
    ]);
    Map::from_iter([
        ("stream_name", Value::from(settings.stream.as_str())),
        ("config", config.into()),
        ("action", "create".into()),
    ])
}

fn check_subjects(info: &Value, stream: &str, subject: &str) -> Result<(), DurableError> {
    let subjects = info["config"]["subjects"].as_array().into_iter().flatten();
    let subjects: Vec<_> = subjects.filter_map(Value::as_str).collect();
    if subjects.iter().any(|found| covers(found, subject)) {
        return Ok(());
    }
    Err(DurableError::Mismatch {
        object: format!("the stream {stream:?}"),
        setting: "subjects",
        configured: subject.to_owned(),
        found: subjects.join(", "),
    })
}

fn check_consumer(info: &Value, settings: &Settings, name: &str) -> Result<(), DurableError> {
    let config = &info["config"];
    let text = |key: &str| config[key].as_str().unwrap_or_default().to_owned();
    let number = |key: &str| config[key].as_i64().unwrap_or(-1).to_string();
    let filter = match config["filter_subjects"].as_array() {
        Some(subjects) => {
            let subjects = subjects.iter().filter_map(Value::as_str);
            subjects.collect::<Vec<_>>().join(", ")
        }
        None => text("filter_subject"),
    };
    // A push consumer cannot be pulled. A limit of deliveries would lose messages that fail repeatedly.
    let checks = [
        ("deliver_subject", String::new(), text("deliver_subject")),
        ("ack_policy", "explicit".to_owned(), text("ack_policy")),
        ("filter_subject", settings.subject.clone(), filter),
        (
            "ack_wait",
            nanos(settings.ack_wait).to_string(),
            number("ack_wait"),
        ),
        (
            "max_ack_pending",
            settings.max_in_flight.to_string(),
            number("max_ack_pending"),
        ),
        ("max_deliver", "-1".to_owned(), number("max_deliver")),
    ];
    for (setting, configured, found) in checks {
        if configured != found {
            return Err(DurableError::Mismatch {
                object: format!("the consumer {name:?}"),
                setting,
                configured,
                found,
            });
        }
    }
    Ok(())
}

/// The form of durations in requests.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Whether `pattern` matches each subject that `other` matches.
fn covers(pattern: &str, other: &str) -> bool {
    let mut others = other.split('.');
    for token in pattern.split('.') {
        match (token, others.next()) {
            (">", Some(_)) => return true,
            ("*", Some(other)) if other != ">" => {}
            (token, Some(other)) if token == other => {}
            _ => return false,
        }
    }
    others.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_compares_patterns_token_by_token() {
        for (pattern, other) in [
            ("a.>", "a.*.b"),
            ("a.*", "a.b"),
            ("a.*", "a.*"),
            (">", "a"),
            (">", ">"),
        ] {
            assert!(covers(pattern, other), "{pattern} {other}");
        }
        for (pattern, other) in [
            ("a.*", "a.>"),
            ("a.b", "a.*"),
            ("a.>", "a"),
            ("a", "a.b"),
            ("a.*", "b.c"),
        ] {
            assert!(!covers(pattern, other), "{pattern} {other}");
        }
    }
}
