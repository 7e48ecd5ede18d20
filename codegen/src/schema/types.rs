//! The keyword `type`.

use serde_json::Value as Json;

use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::Type;
use crate::read::Node;

/// Reads `type`.
pub(crate) fn types(node: &Node<'_>, out: &mut Diagnostics) -> Option<Vec<Type>> {
    let names: Vec<Option<&str>> = match node.json {
        Json::Array(items) => items.iter().map(Json::as_str).collect(),
        one => vec![one.as_str()],
    };
    let types: Option<Vec<Type>> = names.into_iter().map(|name| named(name?)).collect();
    if types.as_ref().is_none_or(Vec::is_empty) {
        let message = format!("{} is not a JSON type", quoted(&node.json.to_string()));
        let help = "write `string`, `integer`, `number`, `boolean`, `object`, `array` or `null`, or a list of them";
        out.report(Code::UnknownType, node.source(), message, help);
        return None;
    }
    types
}

fn named(name: &str) -> Option<Type> {
    Some(match name {
        "null" => Type::Null,
        "boolean" => Type::Boolean,
        "integer" => Type::Integer,
        "number" => Type::Number,
        "string" => Type::String,
        "array" => Type::Array,
        "object" => Type::Object,
        _ => return None,
    })
}
