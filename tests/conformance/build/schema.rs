//! Schemas as text, and the annotations that a validator needs.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// The members of a schema; `true` and `false` have no members.
fn members(text: &str) -> Option<BTreeMap<String, Box<RawValue>>> {
    serde_json::from_str(text).ok()
}

/// Whether a schema is `true` or `false`.
pub(crate) fn is_boolean(text: &str) -> bool {
    members(text).is_none()
}

/// A string member at the root of a schema.
pub(crate) fn member(text: &str, key: &str) -> Option<String> {
    serde_json::from_str(members(text)?.get(key)?.get()).ok()
}

/// The schema with a further string member at its root, unless the member exists.
pub(crate) fn with(text: &str, key: &str, value: &str) -> String {
    let Some(members) = members(text).filter(|members| !members.contains_key(key)) else {
        return text.to_owned();
    };
    let comma = if members.is_empty() { "" } else { "," };
    let rest = text.trim_start().strip_prefix('{').unwrap_or_default();
    format!("{{\"{key}\":\"{value}\"{comma}{rest}")
}
