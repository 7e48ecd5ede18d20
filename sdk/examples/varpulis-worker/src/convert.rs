//! Values and events of the protocol and of the engine.

use std::sync::Arc;

use natsgen_runtime::{Limited, Map, Number, Value};
use varpulis_core::event::FxIndexMap;
use varpulis_core::{Event, Value as EngineValue};
use varpulis_sdk::types::{EventFields, EventType, OutputEvent};

type Members = FxIndexMap<Arc<str>, EngineValue>;

/// Converts an event to its form in the engine. The error names the value that the engine cannot hold.
pub(crate) fn to_engine(event_type: &EventType, fields: &EventFields) -> Result<Event, String> {
    let data = members(&fields.0)?;
    Ok(Event::from_fields(event_type.as_str(), data))
}

/// Converts an output of the engine. The error names the value that JSON cannot hold.
pub(crate) fn from_engine(event: &Event) -> Result<OutputEvent, String> {
    let event_type = EventType::try_from(&*event.event_type);
    let mut output = OutputEvent::new(event_type.map_err(|error| error.to_string())?);
    let fields = Limited::new(map(&event.data)?).map_err(|error| error.to_string())?;
    output.fields = Some(EventFields(fields));
    Ok(output)
}

fn members(map: &Map) -> Result<Members, String> {
    map.iter()
        .map(|(name, value)| Ok((name.into(), engine_value(value)?)))
        .collect()
}

fn engine_value(value: &Value) -> Result<EngineValue, String> {
    Ok(match value {
        Value::Null => EngineValue::Null,
        Value::Bool(value) => EngineValue::Bool(*value),
        Value::Number(Number::Signed(value)) => EngineValue::Int(*value),
        Value::Number(Number::Unsigned(value)) => {
            let value = i64::try_from(*value);
            EngineValue::Int(
                value.map_err(|_| format!("the engine cannot hold integers above {}", i64::MAX))?,
            )
        }
        Value::Number(Number::Float(value)) => EngineValue::Float(*value),
        Value::Text(text) => EngineValue::str(text),
        Value::Array(items) => {
            EngineValue::array(items.iter().map(engine_value).collect::<Result<_, _>>()?)
        }
        Value::Object(object) => EngineValue::map(members(object)?),
    })
}

fn map(members: &Members) -> Result<Map, String> {
    members
        .iter()
        .map(|(name, value)| match json_value(value) {
            Ok(value) => Ok((&**name, value)),
            Err(reason) => Err(format!("`{name}` {reason}")),
        })
        .collect()
}

fn json_value(value: &EngineValue) -> Result<Value, String> {
    Ok(match value {
        EngineValue::Null => Value::Null,
        EngineValue::Bool(value) => Value::Bool(*value),
        // The engine's own sinks write nanoseconds, too.
        EngineValue::Int(value) | EngineValue::Timestamp(value) => Value::from(*value),
        EngineValue::Duration(value) => Value::from(*value),
        EngineValue::Float(value) if value.is_finite() => Value::from(*value),
        EngineValue::Float(value) => return Err(format!("is {value}, which JSON cannot hold")),
        EngineValue::Str(text) => Value::Text(text.to_string()),
        EngineValue::Array(items) => {
            Value::Array(items.iter().map(json_value).collect::<Result<_, _>>()?)
        }
        EngineValue::Map(members) => Value::Object(map(members)?),
    })
}
