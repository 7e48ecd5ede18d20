//! Encodes events.

use natsgen_runtime::{Encode, EncodeError, Map, Value, Violation, Writer, codec};

use super::{Event, timestamp};

/// The maximum number of fields that are compared in pairs. For more fields, sorting is faster.
const FEW: usize = 16;

/// The members that are not fields in the flat form.
const OWN: [&str; 3] = ["event_type", "timestamp", "type"];

/// Encodes an event as JSON: `event_type`, `timestamp`, and the fields in their order. If a field could be taken for
/// another member, the fields are in the object `data`. So [`decode`](super::decode) returns the same event.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use varpulis_sdk::connector::{Event, encode};
///
/// let event = Event::new("Reading").at(SystemTime::UNIX_EPOCH).field("celsius", 21.5);
/// let text = br#"{"event_type":"Reading","timestamp":"1970-01-01T00:00:00Z","celsius":21.5}"#;
/// assert_eq!(encode(&event)?, text);
/// # Ok::<(), natsgen_runtime::EncodeError>(())
/// ```
///
/// # Errors
/// If a number is not finite, a field is duplicate, or the time is not in the years 0 to 9999.
pub fn encode(event: &Event) -> Result<Vec<u8>, EncodeError> {
    codec::encode(event)
}

impl Encode for Event {
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        let timestamp = timestamp::format(self.timestamp).ok_or_else(|| {
            Violation::new("expected a time in the years 0 to 9999").inside("timestamp")
        })?;
        if let Some(name) = duplicate(&self.fields) {
            return Err(Violation::new(format!("expected one field `{name}`")));
        }
        writer.object(|members| {
            members.member("event_type", &self.event_type)?;
            members.member("timestamp", timestamp.as_str())?;
            if self
                .fields
                .iter()
                .any(|(name, value)| is_ambiguous(name, value))
            {
                return members.member("data", &self.fields);
            }
            let mut fields = self.fields.iter();
            fields.try_for_each(|(name, value)| members.member(name, value))
        })
    }
}

fn is_ambiguous(name: &str, value: &Value) -> bool {
    OWN.contains(&name) || (name == "data" && matches!(value, Value::Object(_)))
}

/// Returns a name that two fields have. A map that was collected from pairs can contain it.
fn duplicate(fields: &Map) -> Option<&str> {
    if fields.len() > FEW {
        let mut names: Vec<_> = fields.keys().collect();
        names.sort_unstable();
        let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
        return twice.map(|pair| pair[0]);
    }
    let mut entries = fields.keys().enumerate();
    let twice =
        entries.find(|(index, name)| fields.keys().take(*index).any(|other| other == *name));
    twice.map(|(_, name)| name)
}
