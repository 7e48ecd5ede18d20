//! Choices: enumerations, unions and constants.

use serde_json::Value as Json;

use super::node::{Node, Object};
use super::schema::{Lowered, Module, Place};
use crate::diagnostic::{Diagnostics, quoted};
use crate::model::{EnumValue, Integer, Length, Name, Shape, Tagging, Text, Union, Value, Variant};

/// What a branch of a union looks like.
const BRANCH: &str = "write `{\"const\": \"Tag\"}`, or an object with one required property and \
                      `\"additionalProperties\": false`";

/// Reads `const`.
pub(super) fn constant(object: &Object<'_>, out: &mut Diagnostics) -> Option<Lowered> {
    let node = object.get("const")?;
    let (shape, ty) = match node.json {
        Json::Bool(only) => (Shape::Alias(Value::Only(*only)), "boolean"),
        Json::String(text) => {
            let count = text.chars().count() as u64;
            let length = Length {
                min: count,
                max: Some(count),
            };
            (
                Shape::Text(Text {
                    length,
                    constant: Some(text.clone()),
                    ..Text::default()
                }),
                "string",
            )
        }
        Json::Number(number) if number.is_i64() || number.is_u64() => {
            let only = number
                .as_i64()
                .map(i128::from)
                .or_else(|| number.as_u64().map(i128::from))?;
            (
                Shape::Integer(Integer {
                    min: only,
                    max: only,
                }),
                "integer",
            )
        }
        other => {
            let message = format!(
                "the constant {} is not supported",
                quoted(&other.to_string())
            );
            out.error(
                node.source(),
                message,
                "use a string, a whole number, `true` or `false`",
            );
            return None;
        }
    };
    typed(object, ty, out).then_some(Lowered {
        shape,
        nullable: false,
    })
}

/// Whether the `type` beside a constant or a choice, if there is one, is this one.
fn typed(object: &Object<'_>, ty: &str, out: &mut Diagnostics) -> bool {
    let Some(node) = object.get("type").filter(|node| node.json != ty) else {
        return true;
    };
    out.error(
        node.source(),
        "no value has both this type and one of these constants",
        format!("write `\"type\": \"{ty}\"`"),
    );
    false
}

/// Reads `enum`.
pub(super) fn enumeration(
    object: &Object<'_>,
    nullable: bool,
    place: Place<'_>,
    out: &mut Diagnostics,
) -> Option<Lowered> {
    if !object.members.contains_key("type") {
        out.error(
            object.node.source(),
            "`enum` stands without a `type`",
            "write `\"type\": \"string\"` beside it",
        );
    }
    let items = object.get("enum")?.items(out)?;
    let (nulls, texts): (Vec<_>, Vec<_>) = items.iter().partition(|node| node.json.is_null());
    if nullable == nulls.is_empty() {
        let help = "allow `null` in both or in neither";
        out.error(
            object.node.source(),
            "`type` and `enum` disagree about `null`",
            help,
        );
    } else if !nullable && !typed(object, "string", out) {
        return None;
    }
    let mut values = Vec::new();
    for node in texts {
        let Json::String(text) = node.json else {
            let message = format!(
                "the value {} is not a string",
                quoted(&node.json.to_string())
            );
            out.error(
                node.source(),
                message,
                "list strings only; a range of integers has `minimum` and `maximum`",
            );
            continue;
        };
        values.extend(named(node, text, out).map(|name| EnumValue {
            text: text.clone(),
            name,
            description: String::new(),
        }));
    }
    enumerated(object, values, items.len(), place, nullable, out)
}

/// An enumeration of these values, where it can have a name.
fn enumerated(
    object: &Object<'_>,
    values: Vec<EnumValue>,
    written: usize,
    place: Place<'_>,
    nullable: bool,
    out: &mut Diagnostics,
) -> Option<Lowered> {
    if written == 0 {
        out.error(
            object.node.source(),
            "the list of values is empty",
            "write at least one value",
        );
        return None;
    }
    if matches!(place, Place::Inner) {
        let help = "move it to `$defs` and refer to it by `$ref`";
        out.error(object.node.source(), "an enumeration needs a name", help);
        return None;
    }
    (!values.is_empty()).then_some(Lowered {
        shape: Shape::Enum(values),
        nullable,
    })
}

/// The name of a tag or of an enumeration's value.
fn named(node: &Node<'_>, text: &str, out: &mut Diagnostics) -> Option<Name> {
    let name = Name::from_wire(text);
    if name.is_none() {
        let help = "use ASCII letters, digits, `_` and `-`, a letter first, or make it a string with a `pattern`";
        out.error(
            node.source(),
            format!("the value {} cannot be made a name", quoted(text)),
            help,
        );
    }
    name
}

/// The other branch, where one of two branches is `null`.
pub(super) fn beside_null<'n, 'a>(branches: &'n [Node<'a>]) -> Option<&'n Node<'a>> {
    let null = |node: &Node<'_>| {
        node.json.as_object().is_some_and(|members| {
            members.len() == 1 && members.get("type").is_some_and(|ty| ty == "null")
        })
    };
    match branches {
        [one, other] if null(other) && !null(one) => Some(one),
        [one, other] if null(one) && !null(other) => Some(other),
        _ => None,
    }
}

/// Reads `oneOf` that is not merely a value or `null`.
pub(super) fn lower(
    module: &mut Module<'_>,
    object: &Object<'_>,
    branches: &[Node<'_>],
    place: Place<'_>,
    out: &mut Diagnostics,
) -> Option<Lowered> {
    let constant = |node: &Node<'_>| node.json.get("const").is_some();
    if branches.iter().all(constant) {
        if !typed(object, "string", out) {
            return None;
        }
        let values = branches.iter().filter_map(|node| {
            let (text, name, description) = tag(node, out)?;
            Some(EnumValue {
                text,
                name,
                description,
            })
        });
        let values = values.collect();
        return enumerated(object, values, branches.len(), place, false, out);
    }
    if let Some(node) = object.get("type") {
        out.error(
            node.source(),
            "`type` says nothing about a union",
            "remove it; each branch says what it is",
        );
    }
    if !matches!(place, Place::Definition) {
        out.error(
            object.node.source(),
            "a union needs a name",
            "move it to `$defs` and refer to it by `$ref`",
        );
        return None;
    }
    let mut variants = Some(Vec::new());
    for node in branches {
        let variant = if constant(node) {
            tag(node, out).map(|(tag, name, description)| Variant {
                tag,
                name,
                description,
                value: None,
            })
        } else {
            variant(module, node, out)
        };
        variants = variants.zip(variant).map(|(mut variants, variant)| {
            variants.push(variant);
            variants
        });
    }
    Some(Lowered {
        shape: Shape::Union(Union {
            tagging: Tagging::External,
            variants: variants?,
        }),
        nullable: false,
    })
}

/// Text, name and description of a branch that is a constant.
fn tag(node: &Node<'_>, out: &mut Diagnostics) -> Option<(String, Name, String)> {
    let object = node.object(out)?;
    object.only(
        "a constant branch",
        &[
            "const",
            "type",
            "title",
            "description",
            "$comment",
            "deprecated",
        ],
        &[],
        out,
    );
    let description = object.annotations(out);
    let node = object.get("const")?;
    let text = node.text(out)?;
    let name = named(&node, text, out)?;
    typed(&object, "string", out).then(|| (text.to_owned(), name, description))
}

/// Reads a branch that is an object with one key.
fn variant(module: &mut Module<'_>, node: &Node<'_>, out: &mut Diagnostics) -> Option<Variant> {
    let object = node.json.as_object().map(|members| Object {
        node: node.clone(),
        members,
    });
    let only = object.as_ref().and_then(|object| {
        let properties = object
            .members
            .get("properties")?
            .as_object()
            .filter(|properties| properties.len() == 1)?;
        let (key, json) = properties.iter().next()?;
        let required = object.members.get("required")?.as_array()?;
        let closed = *object.members.get("additionalProperties")? == Json::Bool(false);
        let shaped = object.members.get("type").is_some_and(|ty| ty == "object");
        (closed && shaped && required.len() == 1 && required[0] == key.as_str())
            .then_some((key, json))
    });
    let Some((object, (key, json))) = object.zip(only) else {
        out.error(
            node.source(),
            "nothing tells this branch from the others",
            BRANCH,
        );
        return None;
    };
    let known = [
        "type",
        "required",
        "properties",
        "additionalProperties",
        "title",
        "description",
        "$comment",
        "deprecated",
    ];
    object.only("a branch of a union", &known, &[], out);
    let below = object.get("properties")?.below(key, json);
    let name = named(&below, key, out);
    let value = module.inner(&below, out)?;
    let mut description = object.annotations(out);
    if description.is_empty() {
        description = module.described(&below);
    }
    Some(Variant {
        tag: key.clone(),
        name: name?,
        description,
        value: Some(value),
    })
}
