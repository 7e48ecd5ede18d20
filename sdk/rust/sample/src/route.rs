//! Events between pipelines of different workers.

use natsgen_runtime::{Map, Value};

use varpulis_sdk::types::{EventType, GroupId, OutputEvent, WorkerId};
use varpulis_sdk::worker::{PipelineEvent, PipelineEventParams, PipelineEventTimestamp};

/// Sends the output events of a type to another worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The type of the events, which is the name of the stream that emits them.
    pub event_type: EventType,
    /// The group of the pipelines.
    pub group: GroupId,
    /// The worker that receives them.
    pub to: WorkerId,
}

/// Converts an output event to the message for another worker: flat, with the current time.
pub(super) fn write(output: &OutputEvent) -> PipelineEvent {
    let mut fields = output.fields.clone().unwrap_or_default().0.into_inner();
    // Beside `event_type`, a field `data` that is an object would be read as all fields, and the fields `type` and
    // `timestamp` as metadata. Inside `data` they are ordinary fields.
    let is_plain = ["event_type", "type", "timestamp", "data"]
        .iter()
        .all(|name| !fields.contains_key(name));
    let data = (!is_plain).then(|| Value::Object(std::mem::take(&mut fields)));
    let mut event = PipelineEvent::default();
    event.event_type = Some(output.event_type.clone());
    event.timestamp = PipelineEventTimestamp::try_from(jiff::Timestamp::now().to_string()).ok();
    event.data = data;
    event.fields = fields;
    event
}

/// Reads the type and fields of a message from another worker, in each of its three forms.
#[expect(deprecated, reason = "older workers write the older key of the type")]
pub(super) fn read(params: &PipelineEventParams, event: PipelineEvent) -> Option<(EventType, Map)> {
    let PipelineEvent {
        event_type,
        older_type,
        data,
        mut fields,
        ..
    } = event;
    let from_subject = || EventType::try_from(params.to_worker.as_str()).ok();
    let event_type = event_type.or(older_type).or_else(from_subject)?;
    match data {
        Some(Value::Object(data)) => fields = data,
        Some(data) => drop(fields.insert("data", data)),
        None => {}
    }
    Some((event_type, fields))
}

#[cfg(test)]
mod tests {
    use natsgen_runtime::{Side, codec};

    use super::*;
    use varpulis_sdk::types::EventFields;

    fn params() -> PipelineEventParams {
        PipelineEventParams {
            group: GroupId::try_from("g").expect("a token"),
            from_worker: WorkerId::try_from("a").expect("a token"),
            to_worker: WorkerId::try_from("b").expect("a token"),
        }
    }

    fn check_read(text: &str, expected: &str) {
        let event = codec::decode(text.as_bytes(), Side::Reply).expect(text);
        let (event_type, fields) = read(&params(), event).expect("short");
        // Compares values: the order of a map's members depends on the features of its crate.
        let (expected_type, expected_fields) = expected.split_once(' ').expect("two parts");
        assert_eq!(event_type.as_str(), expected_type, "{text}");
        assert_eq!(
            Ok(Value::Object(fields)),
            expected_fields.parse().map_err(drop),
            "{text}"
        );
    }

    #[test]
    fn route_event_forms_are_read() {
        check_read(
            r#"{"event_type":"A","timestamp":"2026-11-23T10:21:21Z","t":1}"#,
            r#"A {"t":1}"#,
        );
        check_read(r#"{"type":"A","t":1}"#, r#"A {"t":1}"#);
        check_read(
            r#"{"event_type":"A","data":{"t":1},"beside":2}"#,
            r#"A {"t":1}"#,
        );
        check_read(
            r#"{"event_type":"A","data":5,"t":1}"#,
            r#"A {"data":5,"t":1}"#,
        );
        check_read(r#"{"t":1}"#, r#"b {"t":1}"#);
    }

    #[test]
    fn route_written_event_is_read_back() {
        for fields in [
            "{}",
            r#"{"t":1}"#,
            r#"{"data":{"a":1}}"#,
            r#"{"data":2,"timestamp":"x","type":3}"#,
        ] {
            let fields: EventFields = codec::decode(fields.as_bytes(), Side::Reply).expect(fields);
            let event_type = EventType::try_from("A").expect("short");
            let mut output = OutputEvent::new(event_type.clone());
            output.fields = Some(fields.clone());
            let bytes = codec::encode(&write(&output)).expect("it matches its schema");
            let event = codec::decode(&bytes, Side::Reply).expect("it is a valid event");
            assert_eq!(
                read(&params(), event),
                Some((event_type, fields.0.into_inner()))
            );
        }
    }
}
