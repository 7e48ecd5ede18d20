//! Keywords: which ones there are, which form of schema they make, and which of them say something about it.

use serde_json::Value as Json;

use super::node::{Node, Object, listed};
use super::schema::Place;
use crate::diagnostic::{Diagnostics, nearest, quoted};

/// Keywords that change no validation.
const ANNOTATIONS: [&str; 6] = [
    "$comment",
    "title",
    "description",
    "examples",
    "default",
    "deprecated",
];
/// Keywords that say what is valid.
const RULES: [&str; 20] = [
    "$ref",
    "oneOf",
    "enum",
    "const",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "items",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "format",
];
/// Keywords of JSON Schema that the dialect leaves out, with what to write instead.
const OTHERS: [(&str, &str); 24] = [
    ("$anchor", "refer to types as `#/$defs/Type`"),
    ("$dynamicAnchor", "refer to types as `#/$defs/Type`"),
    ("$dynamicRef", "refer to types as `#/$defs/Type`"),
    ("$defs", "define types only at the root of a document"),
    ("$schema", "it belongs at the root of a document"),
    ("$id", "it belongs at the root of a document"),
    (
        "x-nats",
        "it belongs at the root of an operation's document",
    ),
    (
        "definitions",
        "2020-12 calls it `$defs`; it belongs at the root of a document",
    ),
    ("allOf", "write all properties into one object"),
    (
        "anyOf",
        "use `oneOf` whose branches are told apart by a constant or by the only key of an object",
    ),
    ("not", "say what is valid instead of what is not"),
    ("if", "make a union: `oneOf` of objects with one key each"),
    ("then", "make a union: `oneOf` of objects with one key each"),
    ("else", "make a union: `oneOf` of objects with one key each"),
    (
        "nullable",
        "write `\"type\": [\"string\", \"null\"]`, or `oneOf` with `{\"type\": \"null\"}`",
    ),
    (
        "exclusiveMinimum",
        "write the least value itself as `minimum`",
    ),
    (
        "exclusiveMaximum",
        "write the greatest value itself as `maximum`",
    ),
    (
        "multipleOf",
        "choose a unit in which every whole number is valid",
    ),
    ("uniqueItems", "make it an object whose keys are the items"),
    (
        "prefixItems",
        "make it an object with a property for each place",
    ),
    ("contains", "make what must be there a required property"),
    (
        "patternProperties",
        "use `additionalProperties` with `propertyNames`",
    ),
    (
        "dependentRequired",
        "put what belongs together into an object of its own",
    ),
    ("unevaluatedProperties", "use `additionalProperties`"),
];

/// The forms of schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Any value.
    Any,
    /// `$ref`.
    Reference,
    /// `oneOf`.
    OneOf,
    /// `enum`.
    Enumeration,
    /// `const`.
    Constant,
    /// `type: string`.
    Text,
    /// `type: integer`.
    Integer,
    /// `type: number`.
    Number,
    /// `type: boolean`.
    Boolean,
    /// `type: array`.
    Array,
    /// `type: object`.
    Object,
}

/// The form of a schema, and whether its `type` allows `null`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Formed {
    pub(super) what: Form,
    pub(super) nullable: bool,
}

impl Form {
    /// The keywords that say something about this form.
    fn keywords(self) -> &'static [&'static str] {
        match self {
            Self::Any => &[],
            Self::Reference => &["$ref"],
            Self::OneOf => &["oneOf", "type"],
            Self::Enumeration => &["enum", "type"],
            Self::Constant => &["const", "type"],
            Self::Text => &[
                "type",
                "minLength",
                "maxLength",
                "pattern",
                "format",
                "sensitive",
            ],
            Self::Integer => &["type", "minimum", "maximum", "format"],
            Self::Number => &["type", "minimum", "maximum"],
            Self::Boolean => &["type"],
            Self::Array => &["type", "items", "minItems", "maxItems"],
            Self::Object => &[
                "type",
                "properties",
                "required",
                "additionalProperties",
                "propertyNames",
                "minProperties",
                "maxProperties",
            ],
        }
    }

    /// The form in words.
    fn named(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Reference => "a reference",
            Self::OneOf => "a choice by `oneOf`",
            Self::Enumeration => "an enumeration",
            Self::Constant => "a constant",
            Self::Text => "a string",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// Finds the form of a schema. Keywords that are unknown or say nothing about it are noted.
pub(super) fn form(object: &Object<'_>, place: Place<'_>, out: &mut Diagnostics) -> Option<Formed> {
    let has = |key: &str| object.members.contains_key(key);
    let typed = object.get("type").map(|node| typed(&node, out));
    let formed = if has("$ref") {
        Some(Formed {
            what: Form::Reference,
            nullable: false,
        })
    } else if has("oneOf") {
        Some(Formed {
            what: Form::OneOf,
            nullable: false,
        })
    } else {
        let nullable = typed.flatten().is_some_and(|typed| typed.nullable);
        match typed {
            _ if has("enum") => Some(Formed {
                what: Form::Enumeration,
                nullable,
            }),
            _ if has("const") => Some(Formed {
                what: Form::Constant,
                nullable,
            }),
            None => Some(Formed {
                what: Form::Any,
                nullable: false,
            }),
            Some(formed) => formed,
        }
    };
    for (key, node) in object.entries() {
        judge(key, &node, formed.map(|formed| formed.what), place, out);
    }
    formed
}

/// Reads `type`.
fn typed(node: &Node<'_>, out: &mut Diagnostics) -> Option<Formed> {
    let of = |json: &Json| match json.as_str()? {
        "string" => Some(Form::Text),
        "integer" => Some(Form::Integer),
        "number" => Some(Form::Number),
        "boolean" => Some(Form::Boolean),
        "array" => Some(Form::Array),
        "object" => Some(Form::Object),
        _ => None,
    };
    let formed = match node.json {
        Json::Array(types) => match &types[..] {
            [one, null] | [null, one] if null == "null" => of(one).map(|what| Formed {
                what,
                nullable: true,
            }),
            _ => None,
        },
        one => of(one).map(|what| Formed {
            what,
            nullable: false,
        }),
    };
    if formed.is_none() {
        let message = format!(
            "{} is not a type that a value can have here",
            quoted(&node.json.to_string())
        );
        let help = "write `string`, `integer`, `number`, `boolean`, `object` or `array`, or a list of one of them and `null`";
        out.error(node.source(), message, help);
    }
    formed
}

/// Judges one keyword of a schema.
fn judge(key: &str, node: &Node<'_>, form: Option<Form>, place: Place<'_>, out: &mut Diagnostics) {
    let known = RULES.contains(&key) || key == "sensitive";
    match key {
        "default" if !matches!(place, Place::Property { .. }) => {
            let help = "move it to the property that may be absent";
            out.error(node.source(), "a default stands only on a property", help);
        }
        "sensitive" if form == Some(Form::Text) => {
            let named = matches!(place, Place::Definition);
            if node.boolean(out).is_some() && !named {
                let help = "move the schema to `$defs` and refer to it, so that code has a type that hides its value";
                out.error(node.source(), "only a named type can be sensitive", help);
            }
        }
        _ if ANNOTATIONS.contains(&key) => {}
        _ if !known => unknown(key, node, out),
        _ => match form {
            Some(Form::Any) => {
                let help = "write which type it speaks about, e.g. `\"type\": \"string\"`";
                out.error(
                    node.source(),
                    format!("{} stands without a `type`", quoted(key)),
                    help,
                );
            }
            Some(form) if !form.keywords().contains(&key) => {
                let help = match form {
                    Form::Reference => {
                        "put it into the type that is referred to, or define another type"
                            .to_owned()
                    }
                    _ => format!(
                        "remove it; keywords for {} are {}",
                        form.named(),
                        listed(form.keywords())
                    ),
                };
                out.error(
                    node.source(),
                    format!("{} says nothing about {}", quoted(key), form.named()),
                    help,
                );
            }
            _ => {}
        },
    }
}

fn unknown(key: &str, node: &Node<'_>, out: &mut Diagnostics) {
    let other = OTHERS.iter().find(|(other, _)| *other == key);
    let known = RULES
        .iter()
        .chain(&ANNOTATIONS)
        .copied()
        .chain(["sensitive"]);
    let help = match (other, nearest(key, known)) {
        (Some((_, help)), _) => (*help).to_owned(),
        (None, Some(meant)) => format!("did you mean {}?", quoted(meant)),
        (None, None) => {
            "remove it; `schema/README.md` lists the keywords, and nothing is silently ignored"
                .to_owned()
        }
    };
    out.error(
        node.source(),
        format!("the keyword {} is not supported", quoted(key)),
        help,
    );
}
