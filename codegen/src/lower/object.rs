//! Objects: structs, whose keys are fields, and maps, whose keys are data.

use serde_json::Value as Json;

use super::array;
use super::node::{Node, Object};
use super::number::unit;
use super::schema::{Module, Place, Property};
use crate::diagnostic::{Diagnostics, nearest, quoted};
use crate::model::{Field, Name, Presence, Rest, Shape, Struct, Value};
use crate::reserved;

/// Reads an object schema; `name` is that of a definition.
pub(super) fn lower(
    module: &mut Module<'_>,
    object: &Object<'_>,
    place: Place<'_>,
    name: Option<&Name>,
    out: &mut Diagnostics,
) -> Option<Shape> {
    let open = object
        .members
        .get("additionalProperties")
        .is_some_and(|rest| *rest != Json::Bool(false));
    if !object.members.contains_key("properties") && open {
        return map(module, object, out).map(Shape::Alias);
    }
    if let (Place::Definition, Some(name)) = (place, name) {
        return fields(module, object, name, out).map(Shape::Struct);
    }
    let help = "move it to `$defs` and refer to it by `$ref`; for a map of data write `additionalProperties`";
    out.error(
        object.node.source(),
        "an object with fields needs a name",
        help,
    );
    None
}

fn map(module: &mut Module<'_>, object: &Object<'_>, out: &mut Diagnostics) -> Option<Value> {
    if let Some(node) = object.get("required") {
        let help = "list what must be there under `properties`";
        out.error(node.source(), "`required` says nothing about a map", help);
    }
    let length = array::length(object, "minProperties", "maxProperties", out);
    let key = object
        .get("propertyNames")
        .map(|node| key(module, &node, out));
    let value = Box::new(module.inner(&object.get("additionalProperties")?, out)?);
    Some(Value::Map {
        key: key.map_or(Some(None), |key| key.map(Some))?,
        value,
        length: length?,
    })
}

/// The type of a map's keys; that it is a text is judged when all types are known.
fn key(module: &Module<'_>, node: &Node<'_>, out: &mut Diagnostics) -> Option<Name> {
    let object = node.object(out)?;
    if object.members.len() != 1 || !object.members.contains_key("$ref") {
        let help =
            "define a string type under `$defs` and write `\"propertyNames\": {\"$ref\": …}`";
        out.error(node.source(), "the keys of a map have a named type", help);
        return None;
    }
    module
        .references
        .resolve(&object.get("$ref")?, out)?
        .name
        .clone()
}

fn fields(
    module: &mut Module<'_>,
    object: &Object<'_>,
    name: &Name,
    out: &mut Diagnostics,
) -> Option<Struct> {
    for key in ["propertyNames", "minProperties", "maxProperties"] {
        if let Some(node) = object.get(key) {
            let help = "remove it; it is for objects without `properties`, whose keys are data";
            out.error(
                node.source(),
                format!("{} says nothing about an object with fields", quoted(key)),
                help,
            );
        }
    }
    let properties = match object.get("properties") {
        Some(node) => Some(node.object(out)?),
        None => None,
    };
    let required = required(object, properties.as_ref(), out);
    let mut found = Some(Vec::new());
    for (key, node) in properties.iter().flat_map(Object::entries) {
        let field = field(module, key, &node, name, required.contains(&key), out);
        found = found.zip(field).map(|(mut fields, field)| {
            fields.push(field);
            fields
        });
    }
    let rest = match object.get("additionalProperties") {
        None => Some(Rest::Ignore),
        Some(node) if *node.json == Json::Bool(false) => Some(Rest::Deny),
        Some(node) => module
            .inner(&node, out)
            .map(|value| Rest::Keep(Box::new(value))),
    };
    Some(Struct {
        fields: found?,
        rest: rest?,
    })
}

/// The keys that must be there.
fn required<'a>(
    object: &Object<'a>,
    properties: Option<&Object<'_>>,
    out: &mut Diagnostics,
) -> Vec<&'a str> {
    let mut keys = Vec::new();
    for node in object
        .get("required")
        .and_then(|node| node.items(out))
        .unwrap_or_default()
    {
        let Some(key) = node.text(out) else { continue };
        let known = properties
            .iter()
            .flat_map(|properties| properties.members.keys())
            .map(String::as_str);
        if keys.contains(&key) {
            out.error(
                node.source(),
                format!("{} is required twice", quoted(key)),
                "remove one of the two",
            );
        } else if properties.is_some_and(|properties| properties.members.contains_key(key)) {
            keys.push(key);
        } else {
            let help = match nearest(key, known) {
                Some(near) => format!("did you mean {}?", quoted(near)),
                None => "describe it under `properties`".to_owned(),
            };
            out.error(
                node.source(),
                format!("{} is required but not a property", quoted(key)),
                help,
            );
        }
    }
    keys
}

fn field(
    module: &mut Module<'_>,
    key: &str,
    node: &Node<'_>,
    owner: &Name,
    required: bool,
    out: &mut Diagnostics,
) -> Option<Field> {
    let named = field_name(key, node, out);
    let Property {
        value,
        nullable,
        description,
        default,
    } = module.property(node, owner, key, out)?;
    let mut name = named?;
    if let (Value::Duration { .. }, Some((suffix, _))) = (&value, unit(key))
        && Name::from_wire(key).is_some_and(|plain| plain == name)
    {
        let stem = Name::from_wire(key.strip_suffix(suffix).unwrap_or(key));
        if stem.is_none() {
            let help = "say what the duration is of, e.g. `timeout_ms`";
            out.error(
                node.source(),
                format!("the key {} is only a unit", quoted(key)),
                help,
            );
        }
        name = stem?;
    }
    let presence = presence(node, required, nullable, default, out)?;
    Some(Field {
        key: key.to_owned(),
        name,
        description,
        value,
        nullable,
        presence,
    })
}

/// The name of a field: its key, or its title where the key cannot be one.
fn field_name(key: &str, node: &Node<'_>, out: &mut Diagnostics) -> Option<Name> {
    let name = Name::from_wire(key);
    if name
        .as_ref()
        .is_some_and(|name| reserved::of_field(name).is_empty())
    {
        return name;
    }
    let title = node
        .json
        .get("title")
        .and_then(Json::as_str)
        .and_then(Name::from_wire);
    let name = title.or(name);
    if name.is_none() {
        let help =
            "use ASCII letters, digits and `_`, a letter first, or give it a name by `title`";
        out.error(
            node.source(),
            format!("the key {} cannot be made a name", quoted(key)),
            help,
        );
    }
    name
}

/// Whether a field may be absent; of `null` and absence only one may mean that nothing is there.
fn presence(
    node: &Node<'_>,
    required: bool,
    nullable: bool,
    default: Option<Json>,
    out: &mut Diagnostics,
) -> Option<Presence> {
    let (message, help) = match (required, default) {
        (true, None) => return Some(Presence::Required),
        (false, None) if !nullable => return Some(Presence::Optional),
        (false, Some(default)) if !nullable || default.is_null() => {
            return Some(Presence::Default(default));
        }
        (false, None) => (
            "the property may be absent and may be `null`, and nobody says what the difference is",
            "add `\"default\": null`, or make it required, or remove `null`",
        ),
        (true, Some(_)) => (
            "a required property never has its default",
            "remove the default, or the key from `required`",
        ),
        (false, Some(_)) => (
            "a property that may be `null` has another default",
            "write `\"default\": null`, or remove `null` from what is valid",
        ),
    };
    out.error(node.source(), message, help);
    None
}
