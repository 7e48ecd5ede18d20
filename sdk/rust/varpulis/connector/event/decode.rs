//! Decodes messages.

use std::time::SystemTime;

use natsgen_runtime::{Decode as _, Kind, Limits, Map, Reader, Side, Value};

use super::refusal::{Refusal, RefusalReason};
use super::rules::EventRules;
use super::{Event, timestamp};

/// The maximum length of an event type in characters, as in the commands of a cluster.
const MAX_TYPE: usize = 256;

/// The levels that a message adds to the depth of its fields: a batch, the event, and its envelope.
const ENVELOPE: usize = 3;

/// Decodes the events of a message, and appends them to `events`.
///
/// - The payload is a JSON object, an array of objects, or several of them in sequence, as in NDJSON.
/// - The event type is the member `event_type`, otherwise `type`, otherwise the last token of the subject. A member
///   counts if it is a string that is not empty.
/// - The time is the member `timestamp` if it is a date and time by RFC 3339, otherwise `received`. The rules can select
///   `received` for all events.
/// - If `data` is an object, its members are fields, and so are the other members beside it.
/// - All other members are fields, also `event_type`, `type` and `timestamp` if they were not used above.
///
/// ```
/// use std::time::SystemTime;
///
/// use varpulis_sdk::connector::{EventRules, decode};
///
/// let payload = br#"{"type": "Reading", "data": {"celsius": 21.5}, "room": "kitchen"}"#;
/// let mut events = Vec::new();
/// decode(payload, "sensors.a", SystemTime::now(), &EventRules::default(), &mut events)?;
/// assert_eq!(events[0].event_type, "Reading");
/// assert_eq!(events[0].fields["room"].as_str(), Some("kitchen"));
/// # Ok::<(), varpulis_sdk::connector::Refusal>(())
/// ```
///
/// # Errors
/// If a part of the message breaks a rule. `events` is then unchanged.
pub fn decode(
    payload: &[u8],
    subject: &str,
    received: SystemTime,
    rules: &EventRules,
    events: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let before = events.len();
    let message = Message {
        subject,
        received,
        rules,
        most: before.saturating_add(rules.max_events),
    };
    let decoded = message.decode(payload, events);
    if decoded.is_err() {
        events.truncate(before);
    }
    decoded
}

/// The context of the events of a message.
struct Message<'a> {
    subject: &'a str,
    received: SystemTime,
    rules: &'a EventRules,
    /// The maximum number of events in the list.
    most: usize,
}

impl Message<'_> {
    fn decode(&self, payload: &[u8], events: &mut Vec<Event>) -> Result<(), Refusal> {
        if payload.len() > self.rules.max_payload {
            let reason = RefusalReason::PayloadTooLarge;
            return Err(Refusal::beyond(reason, self.rules.max_payload, "bytes"));
        }
        let text = std::str::from_utf8(payload).map_err(|error| {
            let place = error.valid_up_to() + 1;
            Refusal::new(
                RefusalReason::NotUtf8,
                format!("expected UTF-8 at byte {place}"),
            )
        })?;
        let limits = Limits {
            depth: u32::try_from(self.rules.max_depth + ENVELOPE).unwrap_or(u32::MAX),
            length: self.rules.max_payload,
            count: u32::MAX,
        };
        let mut reader = Reader::new(text, Side::Reply).limits(limits);
        let mut is_empty = true;
        // At the end of the text there is no value.
        while let Ok(kind) = reader.peek() {
            is_empty = false;
            match kind {
                Kind::Object => self.event(&mut reader, events)?,
                Kind::Array => self.batch(&mut reader, events)?,
                _ => return Err(not_an_object(&mut reader)),
            }
        }
        reader.finish()?;
        if is_empty {
            return Err(Refusal::new(RefusalReason::Empty, "expected an event"));
        }
        Ok(())
    }

    /// Reads an array of events.
    fn batch(&self, reader: &mut Reader<'_>, events: &mut Vec<Event>) -> Result<(), Refusal> {
        // The reader passes on violations only.
        let mut refused = None;
        let read = reader.array(|reader, index| {
            let event = match reader.peek()? {
                Kind::Object => self.event(reader, events),
                _ => Err(not_an_object(reader)),
            };
            event.map_err(|refusal| {
                let violation = natsgen_runtime::Violation::new("");
                refused = Some(refusal.inside(&index.to_string()));
                violation
            })
        });
        match refused {
            Some(refusal) => Err(refusal),
            None => Ok(read?),
        }
    }

    fn event(&self, reader: &mut Reader<'_>, events: &mut Vec<Event>) -> Result<(), Refusal> {
        if events.len() == self.most {
            let reason = RefusalReason::TooManyEvents;
            return Err(Refusal::beyond(reason, self.rules.max_events, "events"));
        }
        let mut members = Map::decode(reader)?;
        let event_type = self.event_type(&mut members)?;
        let timestamp = self.timestamp(&mut members);
        let fields = fields(members)?;
        self.check_fields(&fields)?;
        events.push(Event {
            event_type,
            timestamp,
            fields,
        });
        Ok(())
    }

    fn event_type(&self, members: &mut Map) -> Result<String, Refusal> {
        let is_type = |name: &&str| {
            let value = members.get(name).and_then(Value::as_str);
            value.is_some_and(|text| !text.is_empty())
        };
        let member = ["event_type", "type"].into_iter().find(is_type);
        let event_type = match member.and_then(|name| members.remove(name)) {
            Some(Value::Text(event_type)) => event_type,
            _ => self
                .subject
                .rsplit('.')
                .next()
                .unwrap_or_default()
                .to_owned(),
        };
        // Each character has at least a byte.
        if event_type.len() > MAX_TYPE && event_type.chars().count() > MAX_TYPE {
            return Err(Refusal::beyond(
                RefusalReason::EventType,
                MAX_TYPE,
                "characters",
            ));
        }
        Ok(event_type)
    }

    fn timestamp(&self, members: &mut Map) -> SystemTime {
        if !self.rules.honours_timestamp {
            return self.received;
        }
        let text = members.get("timestamp").and_then(Value::as_str);
        let Some(timestamp) = text.and_then(timestamp::parse) else {
            return self.received;
        };
        members.remove("timestamp");
        timestamp
    }

    fn check_fields(&self, fields: &Map) -> Result<(), Refusal> {
        if fields.len() > self.rules.max_fields {
            let reason = RefusalReason::TooManyFields;
            return Err(Refusal::beyond(reason, self.rules.max_fields, "members"));
        }
        for (name, value) in fields {
            self.check_text(name)?;
            self.check(value, self.rules.max_depth)
                .map_err(|refusal| refusal.inside(name))?;
        }
        Ok(())
    }

    /// Checks a value that may have `levels` levels.
    fn check(&self, value: &Value, levels: usize) -> Result<(), Refusal> {
        let inner = || {
            let deep = || Refusal::beyond(RefusalReason::TooDeep, self.rules.max_depth, "levels");
            levels.checked_sub(1).ok_or_else(deep)
        };
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
            Value::Text(text) => self.check_text(text),
            Value::Array(items) => {
                let levels = inner()?;
                if items.len() > self.rules.max_items {
                    let reason = RefusalReason::TooManyItems;
                    return Err(Refusal::beyond(reason, self.rules.max_items, "items"));
                }
                for (index, item) in items.iter().enumerate() {
                    self.check(item, levels)
                        .map_err(|refusal| refusal.inside(&index.to_string()))?;
                }
                Ok(())
            }
            Value::Object(members) => {
                let levels = inner()?;
                if members.len() > self.rules.max_fields {
                    let reason = RefusalReason::TooManyFields;
                    return Err(Refusal::beyond(reason, self.rules.max_fields, "members"));
                }
                for (name, value) in members {
                    self.check_text(name)?;
                    self.check(value, levels)
                        .map_err(|refusal| refusal.inside(name))?;
                }
                Ok(())
            }
        }
    }

    #[inline]
    fn check_text(&self, text: &str) -> Result<(), Refusal> {
        if text.len() > self.rules.max_text {
            return Err(Refusal::beyond(
                RefusalReason::TextTooLong,
                self.rules.max_text,
                "bytes",
            ));
        }
        Ok(())
    }
}

/// Returns the fields: the members, or the members of `data` followed by the members beside it.
fn fields(mut members: Map) -> Result<Map, Refusal> {
    if !matches!(members.get("data"), Some(Value::Object(_))) {
        return Ok(members);
    }
    let Some(Value::Object(mut fields)) = members.remove("data") else {
        return Ok(members);
    };
    for (name, value) in members {
        if fields.contains_key(&name) {
            let expected = format!("expected one member `{name}`");
            return Err(Refusal::new(RefusalReason::DuplicateMember, expected));
        }
        fields.insert(name, value);
    }
    Ok(fields)
}

/// The refusal of a value that is no object, or no JSON.
fn not_an_object(reader: &mut Reader<'_>) -> Refusal {
    match reader.skip() {
        Ok(()) => Refusal::new(RefusalReason::NotAnObject, "expected an object"),
        Err(violation) => violation.into(),
    }
}
