//! Defaults of fields: those that Go's zero value gives, and those that stand behind a nil pointer.

use serde_json::Value as Json;

use super::file::File;
use super::literal::{float, integer, text};
use super::value::{integer_type, is_exact};
use super::{folder_of, names};
use crate::model::{Field, Presence, Shape, TypeDef, Value};

/// The maximal depth of values in a default that the zero value gives. A deeper default is behind a pointer.
const DEPTH: usize = 8;

impl File<'_> {
    /// Whether the default of a field is the zero value of its Go type.
    pub(super) fn is_zero(&self, field: &Field, value: &Json) -> bool {
        self.is_zero_field(field, value, DEPTH)
    }

    fn is_zero_field(&self, field: &Field, value: &Json, depth: usize) -> bool {
        if field.nullable {
            return value.is_null();
        }
        self.is_zero_value(&field.value, value, depth)
    }

    fn is_zero_value(&self, value: &Value, json: &Json, depth: usize) -> bool {
        match (json, value) {
            (json, Value::Named(name)) => {
                let def = self.emitter.plan.get(name);
                def.is_some_and(|def| self.is_zero_of(def, json, depth))
            }
            (Json::Null, Value::Any | Value::Nullable(_))
            | (Json::Bool(false), Value::Bool)
            | (Json::Bool(_), Value::Only(_)) => true,
            (Json::Array(items), Value::Array { .. }) => items.is_empty(),
            (Json::Object(members), Value::Map { .. }) => members.is_empty(),
            (
                Json::Number(number),
                Value::Number(_) | Value::Integer(_) | Value::Duration { .. },
            ) => number.as_f64() == Some(0.0),
            (Json::String(text), Value::Text(_)) => text.is_empty(),
            _ => false,
        }
    }

    fn is_zero_of(&self, def: &TypeDef, json: &Json, depth: usize) -> bool {
        match (&def.shape, json) {
            (Shape::Struct(shape), Json::Object(members)) => {
                let is_zero = |field: &Field| match &field.presence {
                    Presence::Required => false,
                    Presence::Optional => true,
                    Presence::Default(value) => {
                        depth > 0 && self.is_zero_field(field, value, depth - 1)
                    }
                };
                members.is_empty() && shape.fields.iter().all(is_zero)
            }
            (Shape::Text(_) | Shape::Enum(_), Json::String(text)) => text.is_empty(),
            (Shape::Integer(_) | Shape::Number(_), Json::Number(number)) => {
                number.as_f64() == Some(0.0)
            }
            (Shape::Alias(value), json) => depth > 0 && self.is_zero_value(value, json, depth - 1),
            _ => false,
        }
    }

    /// The default as an expression of its Go type; `None` for composed values.
    pub(super) fn literal(&mut self, field: &Field, json: &Json) -> Option<String> {
        if field.nullable {
            return None;
        }
        let literal = match (&field.value, json) {
            (Value::Text(_), Json::String(value)) => return Some(text(value)),
            (Value::Bool, Json::Bool(value)) => return Some(value.to_string()),
            (Value::Duration { unit, range }, Json::Number(number)) if is_exact(*unit, *range) => {
                let count = whole(number)?;
                let unit = self.unit(*unit);
                return Some(format!("{} * {unit}", integer(count)));
            }
            (Value::Integer(range) | Value::Duration { range, .. }, Json::Number(number)) => {
                let count = whole(number)?;
                return Some(format!("{}({})", integer_type(*range), integer(count)));
            }
            (Value::Number(_), Json::Number(number)) => {
                return Some(format!("float64({})", float(number.as_f64()?)));
            }
            (Value::Named(name), json) => {
                let def = self.emitter.plan.get(name)?;
                match (&def.shape, json) {
                    (Shape::Enum(values), Json::String(text)) => {
                        let value = values.iter().find(|value| value.text == *text)?;
                        let constant = names::exported(&name.join(&value.name));
                        return Some(self.local(&folder_of(&def.module), &constant));
                    }
                    (Shape::Text(_), Json::String(value)) => text(value),
                    (Shape::Integer(_), Json::Number(number)) => integer(whole(number)?),
                    (Shape::Number(_), Json::Number(number)) => float(number.as_f64()?),
                    _ => return None,
                }
            }
            _ => return None,
        };
        let ty = self.ty(&field.value);
        Some(format!("{ty}({literal})"))
    }
}

fn whole(number: &serde_json::Number) -> Option<i128> {
    number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from))
}
