//! Schemas: from a place in a document to a shape of the model.

use serde_json::Value as Json;

use super::keyword::{self, Form};
use super::node::{Node, Object};
use super::reference::References;
use super::{array, choice, number, object, text};
use crate::diagnostic::{Diagnostics, quoted};
use crate::model::{Name, Shape, Source, TypeDef, Value};

/// A value that a schema holds beside its rules, to be judged by them when all types are known.
#[derive(Debug)]
pub(crate) struct Claim {
    /// Where it stands.
    pub(crate) source: Source,
    /// What it is: `example` or `default`.
    pub(crate) what: &'static str,
    /// The value.
    pub(crate) json: Json,
    /// What it must be.
    pub(crate) value: Value,
}

/// Where a schema stands, which decides what it may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'p> {
    /// Under `$defs`: it has a name of its own.
    Definition,
    /// A property of a named type.
    Property {
        /// Its key.
        key: &'p str,
    },
    /// Inside an array, a map or a variant.
    Inner,
}

/// A shape as a schema says it.
#[derive(Debug)]
pub(super) struct Lowered {
    pub(super) shape: Shape,
    /// Whether `null` is allowed beside it.
    pub(super) nullable: bool,
}

/// The value of a property.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) value: Value,
    pub(super) nullable: bool,
    pub(super) description: String,
    pub(super) default: Option<Json>,
}

/// Builds the types of one document.
pub(super) struct Module<'a> {
    pub(super) references: &'a References<'a>,
    /// Path of the document without `.json`.
    pub(super) path: &'a str,
    pub(super) types: Vec<TypeDef>,
    pub(super) claims: Vec<Claim>,
}

impl Module<'_> {
    /// Reads a type under `$defs`.
    pub(super) fn define(&mut self, key: &str, node: &Node<'_>, out: &mut Diagnostics) {
        // Its place among the types comes before those that are found inside it.
        let at = self.types.len();
        let name = self
            .references
            .defined(node.file, key)
            .and_then(|defined| defined.name.clone());
        let Some(name) = name else { return };
        let Some(lowered) = self.lower(node, Place::Definition, Some(&name), out) else {
            return;
        };
        let mut shape = lowered.shape;
        if lowered.nullable {
            let Some(value) = into_value(shape) else {
                let help =
                    "allow `null` where the type is used: `oneOf` with `{\"type\": \"null\"}`";
                let message = format!("the type {} cannot be `null` itself", quoted(key));
                return out.error(node.source(), message, help);
            };
            shape = Shape::Alias(Value::Nullable(Box::new(value)));
        }
        let value = Value::Named(name.clone());
        let description = self.annotations(node, &value, out);
        let examples = node
            .json
            .get("examples")
            .and_then(Json::as_array)
            .cloned()
            .unwrap_or_default();
        let module = self.path.to_owned();
        let definition = TypeDef {
            name,
            description,
            source: node.source(),
            module,
            shape,
            rule: None,
            open: false,
            examples,
        };
        self.types.insert(at, definition);
    }

    /// Reads the schema of a property.
    pub(super) fn property(
        &mut self,
        node: &Node<'_>,
        owner: &Name,
        key: &str,
        out: &mut Diagnostics,
    ) -> Option<Property> {
        let Lowered { shape, nullable } = self.lower(node, Place::Property { key }, None, out)?;
        let value = match shape {
            Shape::Enum(_) => {
                let name = owner.join(&Name::from_wire(key)?);
                let description = node
                    .json
                    .get("description")
                    .and_then(Json::as_str)
                    .unwrap_or_default()
                    .trim()
                    .to_owned();
                let module = self.path.to_owned();
                let source = node.source();
                let definition = TypeDef {
                    name: name.clone(),
                    description,
                    source,
                    module,
                    shape,
                    rule: None,
                    open: false,
                    examples: Vec::new(),
                };
                self.types.push(definition);
                Value::Named(name)
            }
            shape => into_value(shape)?,
        };
        let whole = if nullable {
            Value::Nullable(Box::new(value.clone()))
        } else {
            value.clone()
        };
        let mut description = self.annotations(node, &whole, out);
        if description.is_empty()
            && let Value::Named(_) = value
        {
            description = self.described(node);
        }
        let default = node.json.get("default").cloned();
        if let Some(json) = default.clone() {
            let source = node.below("default", node.json).source();
            self.claims.push(Claim {
                source,
                what: "default",
                json,
                value: whole,
            });
        }
        Some(Property {
            value,
            nullable,
            description,
            default,
        })
    }

    /// Reads a schema inside an array, a map or a variant.
    pub(super) fn inner(&mut self, node: &Node<'_>, out: &mut Diagnostics) -> Option<Value> {
        let Lowered { shape, nullable } = self.lower(node, Place::Inner, None, out)?;
        let value = into_value(shape)?;
        let value = if nullable {
            Value::Nullable(Box::new(value))
        } else {
            value
        };
        self.annotations(node, &value, out);
        Some(value)
    }

    /// What the type that a schema refers to says of itself.
    pub(super) fn described(&self, node: &Node<'_>) -> String {
        let reference = |json: &Json| Some(json.get("$ref")?.as_str()?.to_owned());
        let mut branches = node
            .json
            .get("oneOf")
            .and_then(Json::as_array)
            .into_iter()
            .flatten();
        let text = reference(node.json).or_else(|| branches.find_map(reference));
        let json = text.map(Json::from);
        let quiet = &mut Diagnostics::default();
        let defined = json
            .as_ref()
            .and_then(|json| self.references.resolve(&node.below("$ref", json), quiet));
        defined
            .map(|defined| defined.description.clone())
            .unwrap_or_default()
    }

    /// Judges the annotations of a schema, claims that its examples are valid, and gives back its description.
    fn annotations(&mut self, node: &Node<'_>, value: &Value, out: &mut Diagnostics) -> String {
        let Some(object) = node.json.as_object().map(|members| Object {
            node: node.clone(),
            members,
        }) else {
            return String::new();
        };
        for node in object
            .get("examples")
            .and_then(|node| node.items(out))
            .unwrap_or_default()
        {
            let (source, json) = (node.source(), node.json.clone());
            self.claims.push(Claim {
                source,
                what: "example",
                json,
                value: value.clone(),
            });
        }
        object.annotations(out)
    }

    /// Reads a schema; `name` is that of a definition.
    fn lower(
        &mut self,
        node: &Node<'_>,
        place: Place<'_>,
        name: Option<&Name>,
        out: &mut Diagnostics,
    ) -> Option<Lowered> {
        let plain = |value| {
            Some(Lowered {
                shape: Shape::Alias(value),
                nullable: false,
            })
        };
        match node.json {
            Json::Bool(true) => return plain(Value::Any),
            Json::Bool(false) => {
                out.error(
                    node.source(),
                    "the schema `false` accepts nothing",
                    "remove what can never be there",
                );
                return None;
            }
            _ => {}
        }
        let object = node.object(out)?;
        let form = keyword::form(&object, place, out)?;
        let shape = match form.what {
            Form::Any => Shape::Alias(Value::Any),
            Form::Reference => {
                let defined = self.references.resolve(&object.get("$ref")?, out)?;
                Shape::Alias(Value::Named(defined.name.clone()?))
            }
            Form::OneOf => return self.one_of(&object, place, out),
            Form::Enumeration => return choice::enumeration(&object, form.nullable, place, out),
            Form::Constant => return choice::constant(&object, out),
            Form::Text => Shape::Text(text::lower(&object, out)?),
            Form::Integer => number::integer(&object, place, out)?,
            Form::Number => Shape::Alias(Value::Number(number::number(&object, out)?)),
            Form::Boolean => Shape::Alias(Value::Bool),
            Form::Array => Shape::Alias(array::lower(self, &object, out)?),
            Form::Object => object::lower(self, &object, place, name, out)?,
        };
        Some(Lowered {
            shape,
            nullable: form.nullable,
        })
    }

    /// Reads `oneOf`: a value or null, an enumeration, or a union.
    fn one_of(
        &mut self,
        object: &Object<'_>,
        place: Place<'_>,
        out: &mut Diagnostics,
    ) -> Option<Lowered> {
        let branches = object.get("oneOf")?.items(out)?;
        if let Some(inner) = choice::beside_null(&branches) {
            let mut lowered = self.lower(inner, place, None, out)?;
            if lowered.nullable {
                out.error(
                    inner.source(),
                    "`null` is allowed twice",
                    "remove it from the `type` of this branch",
                );
                return None;
            }
            lowered.nullable = true;
            return Some(lowered);
        }
        choice::lower(self, object, &branches, place, out)
    }
}

/// A shape as a value, unless it needs a name.
fn into_value(shape: Shape) -> Option<Value> {
    match shape {
        Shape::Text(text) => Some(Value::Text(text)),
        Shape::Integer(range) => Some(Value::Integer(range)),
        Shape::Alias(value) => Some(value),
        Shape::Struct(_) | Shape::Number(_) | Shape::Enum(_) | Shape::Union(_) => None,
    }
}
