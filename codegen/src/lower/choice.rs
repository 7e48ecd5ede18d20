//! Constants and enumerations.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::keyword;
use super::kind::Kind;
use super::schema::{LoweredSchema, Lowering};
use super::untagged;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{EnumValue, Integer, Length, Name, Shape, Text, Type, Value};
use crate::read::{Node, Object, whole};
use crate::schema::types::types;

/// Lowers `const`.
pub(super) fn constant(
    lowering: &Lowering<'_>,
    object: &Object<'_>,
    out: &mut Diagnostics,
) -> Option<LoweredSchema> {
    let node = object.get("const")?;
    let (shape, kind) = match node.json {
        Json::Bool(only) => (Shape::Alias(Value::Only(*only)), Kind::Boolean),
        Json::String(text) => (fixed(text), Kind::Text),
        json => match whole(json) {
            Some(only) => {
                let range = Integer {
                    min: only,
                    max: only,
                };
                (Shape::Integer(range), Kind::Integer)
            }
            None => return Some(LoweredSchema::any()),
        },
    };
    possible(object, kind, out)?;
    let draft = lowering.draft(&object.node);
    let only = keyword::only(object, &["const", "type"], Some(kind), draft, out)?;
    Some(LoweredSchema::new(shape, only))
}

/// A single constant string. It is an enumeration if the string can be a name.
fn fixed(text: &str) -> Shape {
    if let Some(name) = Name::from_wire(text) {
        return Shape::Enum(vec![EnumValue {
            text: text.to_owned(),
            name,
            description: String::new(),
            deprecated: false,
        }]);
    }
    let count = text.chars().count() as u64;
    Shape::Text(Text {
        length: Length {
            min: count,
            max: Some(count),
        },
        constant: Some(text.to_owned()),
        ..Text::default()
    })
}

/// Reports a `type` that no constant beside it has.
fn possible(object: &Object<'_>, kind: Kind, out: &mut Diagnostics) -> Option<()> {
    let Some(node) = object.get("type") else {
        return Some(());
    };
    let fits = |ty: &Type| {
        let found = Kind::of(*ty);
        found == Some(kind) || found == Some(Kind::Number) && kind == Kind::Integer
    };
    if types(&node, out)?.iter().any(fits) {
        return Some(());
    }
    let message = format!(
        "no constant has the type {}",
        quoted(&node.json.to_string())
    );
    let help = "correct `type` or the constants";
    out.report(Code::ConflictingType, node.source(), message, help);
    None
}

/// Lowers `enum`.
pub(super) fn enumeration(
    lowering: &Lowering<'_>,
    object: &Object<'_>,
    out: &mut Diagnostics,
) -> Option<LoweredSchema> {
    let node = object.get("enum")?;
    let items = node.items(out)?;
    if items.is_empty() {
        let message = "`enum` is empty, so no value is valid";
        let help = "write at least one value";
        out.report(Code::EmptyEnum, object.node.source(), message, help);
        return Some(LoweredSchema::any());
    }
    let (nulls, values): (Vec<_>, Vec<_>) = items.iter().partition(|node| node.json.is_null());
    let values: Vec<&Json> = values.iter().map(|node| node.json).collect();
    let (shape, kind, all) = match of_values(&values) {
        Some((shape, kind, all)) => (shape, Some(kind), all),
        None => match untagged::values(&values, &object.node, out) {
            Some((shape, all)) => (shape, None, all),
            None => return Some(LoweredSchema::any()),
        },
    };
    if let Some(kind) = kind {
        possible(object, kind, out)?;
    }
    let draft = lowering.draft(&object.node);
    let known: &[&str] = if kind.is_some() {
        &["enum", "type"]
    } else {
        &["enum"]
    };
    let only = keyword::only(object, known, kind, draft, out)?;
    let typed = object.members.get("type");
    let takes_null = typed.is_none_or(|ty| {
        ty.as_array()
            .is_some_and(|types| types.contains(&Json::from("null")))
    });
    if typed.is_some() && takes_null == nulls.is_empty() {
        let message = "`type` and `enum` disagree about `null`, so it is refused";
        let help = "allow `null` in both or in neither";
        out.report(Code::ConflictingNull, object.node.source(), message, help);
    }
    let nullable = takes_null && !nulls.is_empty();
    if nullable && !only {
        return Some(LoweredSchema::any());
    }
    Some(LoweredSchema {
        shape,
        nullable,
        exact: only && all,
    })
}

/// The shape of these values, their kind, and whether the shape holds no other values.
fn of_values(values: &[&Json]) -> Option<(Shape, Kind, bool)> {
    let texts: Option<Vec<&str>> = values.iter().map(|json| json.as_str()).collect();
    if let Some(texts) = texts.filter(|texts| !texts.is_empty()) {
        return Some((of_texts(&texts), Kind::Text, true));
    }
    let flags: Option<HashSet<bool>> = values.iter().map(|json| json.as_bool()).collect();
    if let Some(flags) = flags.filter(|flags| !flags.is_empty()) {
        let both = Value::Bool;
        let value = if flags.len() == 2 {
            both
        } else {
            Value::Only(flags.contains(&true))
        };
        return Some((Shape::Alias(value), Kind::Boolean, true));
    }
    let numbers: Option<HashSet<i128>> = values.iter().map(|json| whole(json)).collect();
    let numbers = numbers?;
    let range = Integer {
        min: *numbers.iter().min()?,
        max: *numbers.iter().max()?,
    };
    if range.min < 0 && range.max > i128::from(i64::MAX) {
        return None;
    }
    let count = range.max.checked_sub(range.min)?.checked_add(1)?;
    let all = i128::try_from(numbers.len()).is_ok_and(|found| found == count);
    Some((Shape::Integer(range), Kind::Integer, all))
}

/// The value of booleans or integers, and whether it holds no other values.
pub(super) fn inline(values: &[&Json]) -> Option<(Value, bool)> {
    match of_values(values)? {
        (Shape::Alias(value), _, all) => Some((value, all)),
        (Shape::Integer(range), _, all) => Some((Value::Integer(range), all)),
        _ => None,
    }
}

/// An enumeration of these strings.
fn of_texts(texts: &[&str]) -> Shape {
    let values = texts.iter().map(|text| EnumValue {
        text: (*text).to_owned(),
        name: Name::of(text),
        description: String::new(),
        deprecated: false,
    });
    Shape::Enum(values.collect())
}

/// Value, name and description of a branch that is only a constant string.
pub(super) fn tag(node: &Node<'_>, out: &mut Diagnostics) -> Option<(String, Name, String)> {
    const KNOWN: [&str; 6] = [
        "const",
        "type",
        "title",
        "description",
        "$comment",
        "deprecated",
    ];
    let object = node.members()?;
    let text = object.members.get("const")?.as_str()?;
    let known = object.members.keys().all(|key| KNOWN.contains(&&**key));
    let typed = object.members.get("type").is_none_or(|ty| ty == "string");
    let title = node.title().and_then(|title| Name::from_wire(&title));
    let name = title.unwrap_or_else(|| Name::of(text));
    (known && typed).then(|| (text.to_owned(), name, object.annotations(out)))
}
