//! Schemas: lowers a schema at a place to a type that can hold every valid value.
//!
//! If the type can also hold invalid values, an assertion of the whole schema validates the values.

use std::collections::{BTreeMap, HashSet};
use std::slice;

use serde_json::Value as Json;

use super::assertion::Assertions;
use super::example::{Example, ExampleKind};
use super::json_types::JsonTypes;
use super::keyword;
use super::kind::{Kind, Typed, typed};
use super::place::Places;
use super::{array, choice, dependent, free, merge, number, object, text, union, unit, untagged};
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Shape, Text, Type, TypeDef, Value};
use crate::read::{Formats, Node, Object};
use crate::schema::dialect::Draft;
use crate::schema::reference::References;
use crate::schema::types::types;

/// The lowered type of a schema.
#[derive(Debug)]
pub(super) struct LoweredSchema {
    /// The shape.
    pub(super) shape: Shape,
    /// Whether `null` is valid too.
    pub(super) nullable: bool,
    /// Whether all values of the shape are valid.
    pub(super) exact: bool,
}

/// The result of an attempt to lower a schema in a certain way.
#[derive(Debug)]
pub(super) enum Attempt {
    /// The lowered type.
    Lowered(LoweredSchema),
    /// The schema has another form.
    Unsuitable,
}

/// The value of a property.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) value: Value,
    pub(super) nullable: bool,
    pub(super) description: String,
    pub(super) default: Option<Json>,
}

/// Builds the types of all documents.
pub(super) struct Lowering<'a> {
    pub(super) parsed: &'a BTreeMap<&'a str, Option<Json>>,
    pub(super) places: Places<'a>,
    pub(super) references: &'a References<'a>,
    pub(super) assertions: Assertions<'a>,
    pub(super) formats: Formats,
    pub(super) types: Vec<TypeDef>,
    pub(super) examples: Vec<Example>,
    /// Enumerations that represent a constant. They never get further values.
    pub(super) constants: HashSet<Name>,
    /// Types with assertions that depend on the values of the types below them.
    pub(super) searching: HashSet<Name>,
}

impl LoweredSchema {
    /// A shape without `null`.
    pub(super) fn new(shape: Shape, exact: bool) -> Self {
        Self {
            shape,
            nullable: false,
            exact,
        }
    }

    /// Any value, validated by the assertion.
    pub(super) fn any() -> Self {
        Self::new(Shape::Alias(Value::Any), false)
    }

    /// The shape as a value inside a type. Returns `None` if the shape needs a name.
    fn inline(&self) -> Option<Value> {
        match &self.shape {
            _ if !self.exact => None,
            Shape::Text(text) => {
                let plain = Text {
                    length: text.length,
                    ..Text::default()
                };
                (*text == plain).then_some(Value::Text(plain))
            }
            Shape::Integer(range) => Some(Value::Integer(*range)),
            Shape::Alias(value) => Some(value.clone()),
            Shape::Struct(_) | Shape::Number(_) | Shape::Enum(_) | Shape::Union(_) => None,
        }
    }
}

impl<'a> Lowering<'a> {
    /// The dialect of a schema.
    pub(super) fn draft(&self, node: &Node<'_>) -> Draft {
        self.references.draft(node.file, &node.pointer)
    }

    /// Defines the type of a schema that has a name.
    pub(super) fn define(&mut self, node: &Node<'a>, out: &mut Diagnostics) {
        // The type is placed before the types that are found inside it.
        let at = self.types.len();
        let (name, _) = self.places.assign(node);
        let Some(lowered) = self.lower(node, out) else {
            return;
        };
        let inline = lowered.inline();
        let LoweredSchema {
            mut shape,
            nullable,
            exact,
        } = lowered;
        let mut validated = (!exact || self.is_dynamic(node)).then_some(&name);
        let text = node.json.get("description").and_then(Json::as_str);
        let described = text.unwrap_or_default().trim();
        if nullable {
            let inner = self.places.second(node, &name, "value");
            let value = inline.unwrap_or_else(|| {
                let assertion = validated
                    .take()
                    .and_then(|_| self.assertion(node, &inner, out));
                let value = Value::Named(inner.clone());
                self.push(at, node, inner.clone(), shape.clone(), assertion, described);
                value
            });
            shape = Shape::Alias(Value::Nullable(Box::new(value)));
        }
        let assertion = validated.and_then(|name| self.assertion(node, name, out));
        let description = self.annotations(node, out);
        self.push(at, node, name, shape, assertion, &description);
    }

    /// Whether the valid values depend on the referring schemas. The assertion of such a type must cover the whole
    /// schema.
    fn is_dynamic(&self, node: &Node<'_>) -> bool {
        self.references.is_dynamic(node.file, &node.pointer)
    }

    /// The assertion of the whole schema.
    fn assertion(&mut self, node: &Node<'a>, name: &Name, out: &mut Diagnostics) -> Option<Name> {
        self.assertions
            .assertion(node.file, &node.pointer, Some(name), out)
    }

    /// Inserts a type at its place among the types.
    fn push(
        &mut self,
        at: usize,
        node: &Node<'a>,
        name: Name,
        shape: Shape,
        assertion: Option<Name>,
        description: &str,
    ) {
        if matches!(shape, Shape::Enum(_)) && is_constant(node.json) {
            self.constants.insert(name.clone());
        }
        let draft = self.draft(node);
        let searches = |object: Object<'_>| keyword::looks_inside(&object, draft);
        if assertion.is_some() && (node.members().is_some_and(searches) || self.is_dynamic(node)) {
            self.searching.insert(name.clone());
        }
        let examples = node.json.get("examples").and_then(Json::as_array);
        let definition = TypeDef {
            name,
            title: node.title(),
            description: description.to_owned(),
            source: node.source(),
            module: self.places.module(node.file),
            shape,
            assertion,
            open: false,
            partial: false,
            deprecated: node.is_deprecated(),
            examples: examples.cloned().unwrap_or_default(),
            schema: node.json.clone(),
        };
        self.types.insert(at, definition);
    }

    /// Lowers a schema inside a type to a value, if necessary with a type of its own. Also returns whether `null` is
    /// valid.
    pub(super) fn value(
        &mut self,
        node: &Node<'a>,
        out: &mut Diagnostics,
    ) -> Option<(Value, bool)> {
        let at = self.types.len();
        let lowered = self.lower(node, out)?;
        if let Some(value) = lowered.inline() {
            return Some((value, lowered.nullable));
        }
        let (name, new) = self.places.assign(node);
        if new {
            let validated = !lowered.exact || self.is_dynamic(node);
            let assertion = validated
                .then(|| self.assertion(node, &name, out))
                .flatten();
            let text = node.json.get("description").and_then(Json::as_str);
            let description = text.unwrap_or_default().trim().to_owned();
            self.push(
                at,
                node,
                name.clone(),
                lowered.shape,
                assertion,
                &description,
            );
        }
        Some((Value::Named(name), lowered.nullable))
    }

    /// Lowers the schema of a property.
    pub(super) fn property(&mut self, node: &Node<'a>, out: &mut Diagnostics) -> Option<Property> {
        let (value, nullable) = self.value(node, out)?;
        let mut description = self.annotations(node, out);
        if description.is_empty()
            && let Value::Named(_) = value
        {
            description = self.target_description(node);
        }
        let default = self.default(node);
        if let Some(json) = default.clone() {
            self.examples.push(Example {
                schema: node.source(),
                place: "/default".to_owned(),
                kind: ExampleKind::Default,
                json,
            });
        }
        Some(Property {
            value,
            nullable,
            description,
            default,
        })
    }

    /// The default of a property, or of the schema that the property refers to.
    fn default(&self, node: &Node<'a>) -> Option<Json> {
        let own = node.json.get("default").cloned();
        own.or_else(|| self.followed(node)?.json.get("default").cloned())
    }

    /// Lowers a schema inside an array, a map or a variant.
    pub(super) fn inner(&mut self, node: &Node<'a>, out: &mut Diagnostics) -> Option<Value> {
        let (value, nullable) = self.value(node, out)?;
        let value = if nullable {
            Value::Nullable(Box::new(value))
        } else {
            value
        };
        self.annotations(node, out);
        Some(value)
    }

    /// Lowers a schema.
    pub(super) fn lower(
        &mut self,
        node: &Node<'a>,
        out: &mut Diagnostics,
    ) -> Option<LoweredSchema> {
        let lowered = self.shaped(node, out)?;
        if matches!(lowered.shape, Shape::Alias(Value::Any)) && !lowered.exact {
            free::report(node, self.draft(node), out);
        }
        let hidden = matches!(&lowered.shape, Shape::Text(text) if text.sensitive);
        if let Some(node) = node.members().and_then(|object| object.get("sensitive"))
            && *node.json == Json::Bool(true)
            && !hidden
        {
            let message = "only a string can be sensitive";
            let help = "write `\"type\": \"string\"` beside it, or remove `sensitive`";
            out.report(Code::SensitiveValue, node.source(), message, help);
        }
        let duration = matches!(&lowered.shape, Shape::Alias(Value::Duration { .. }));
        if let Some(node) = node.members().and_then(|object| object.get("x-unit"))
            && !duration
        {
            unit::invalid(&node, "only an integer can have a unit", out);
        }
        Some(lowered)
    }

    /// Lowers a schema, without the parts that apply to the schema as a whole.
    fn shaped(&mut self, node: &Node<'a>, out: &mut Diagnostics) -> Option<LoweredSchema> {
        match node.json {
            Json::Bool(true) => return Some(LoweredSchema::new(Shape::Alias(Value::Any), true)),
            Json::Bool(false) => return Some(LoweredSchema::any()),
            _ => {}
        }
        let object = node.object(out)?;
        if !self.references.validates(node.file, &node.pointer) {
            return Some(LoweredSchema::any());
        }
        let has = |key: &str| object.members.contains_key(key);
        if has("$ref") {
            return self.reference(&object, out);
        }
        if has("$dynamicRef") || has("$recursiveRef") {
            return Some(LoweredSchema::any());
        }
        if has("const") {
            return choice::constant(self, &object, out);
        }
        if has("enum") {
            return choice::enumeration(self, &object, out);
        }
        let typed = typed(&object, out)?;
        if has("allOf")
            && let Attempt::Lowered(lowered) = merge::lower(self, &object, out)?
        {
            return Some(lowered);
        }
        if (has("oneOf") || has("anyOf"))
            && let Attempt::Lowered(lowered) = union::lower(self, &object, out)?
        {
            return Some(lowered);
        }
        match typed {
            Typed::One(kind) => self.of_kind(&object, kind, out),
            Typed::Nullable(_)
                if ["allOf", "anyOf", "oneOf", "not", "if"]
                    .into_iter()
                    .any(has) =>
            {
                // Whether `null` is valid is unknown.
                Some(LoweredSchema::any())
            }
            Typed::Nullable(kind) => {
                let mut lowered = self.of_kind(&object, kind, out)?;
                lowered.nullable = true;
                Some(lowered)
            }
            Typed::Several => self.listed(&object, out),
            Typed::No => self.untyped(&object, out),
        }
    }

    /// Lowers a schema as if its values had this kind only.
    pub(super) fn of_kind(
        &mut self,
        object: &Object<'a>,
        kind: Kind,
        out: &mut Diagnostics,
    ) -> Option<LoweredSchema> {
        let draft = self.draft(&object.node);
        match kind {
            Kind::Text => text::lower(object, draft, self.formats, out),
            Kind::Integer => number::integer(object, (draft, self.formats), out),
            Kind::Number => number::number(object, (draft, self.formats), out),
            Kind::Boolean => {
                let only = keyword::only(object, &["type"], Some(kind), draft, out)?;
                Some(LoweredSchema::new(Shape::Alias(Value::Bool), only))
            }
            Kind::Array => array::lower(self, object, draft, out),
            Kind::Object => object::lower(self, object, out),
        }
    }

    /// Lowers a schema with a list of types.
    fn listed(&mut self, object: &Object<'a>, out: &mut Diagnostics) -> Option<LoweredSchema> {
        let types = types(&object.get("type")?, out)?;
        let mut kinds: Vec<Kind> = Vec::new();
        for kind in types.iter().filter_map(|ty| Kind::of(*ty)) {
            let is_known =
                kinds.contains(&kind) || kind == Kind::Integer && types.contains(&Type::Number);
            if !is_known {
                kinds.push(kind);
            }
        }
        let nullable = types.contains(&Type::Null);
        let draft = self.draft(&object.node);
        if kinds.is_empty() || nullable && keyword::concerns_all(object, draft) {
            // Whether `null` is valid is unknown.
            return Some(LoweredSchema::any());
        }
        let mut lowered = match kinds[..] {
            [kind] => self.of_kind(object, kind, out)?,
            _ => untagged::kinds(self, object, &kinds, JsonTypes::NONE, out)?,
        };
        lowered.nullable = nullable;
        Some(lowered)
    }

    /// Lowers a schema without a type: to any value, unless keywords describe the parts of objects or arrays.
    fn untyped(&mut self, object: &Object<'a>, out: &mut Diagnostics) -> Option<LoweredSchema> {
        let draft = self.draft(&object.node);
        if keyword::only(object, &[], None, draft, out) == Some(true) {
            return Some(LoweredSchema::new(Shape::Alias(Value::Any), true));
        }
        if let Some(key) = keyword::partial(object, draft) {
            let message = format!("{} has no `type` beside it", quoted(key));
            let help = "write the `type`; without it, values of all other types pass";
            out.report(Code::UntypedKeyword, object.node.source(), message, help);
        }
        let kinds: Vec<Kind> = [Kind::Object, Kind::Array]
            .into_iter()
            .filter(|kind| {
                let dependent = || !dependent::members(self, slice::from_ref(object)).is_empty();
                keyword::describes(object, *kind) || *kind == Kind::Object && dependent()
            })
            .collect();
        if kinds.is_empty() {
            return Some(LoweredSchema::any());
        }
        let described = kinds.iter().map(|kind| JsonTypes::of_kind(*kind));
        let other = described.fold(JsonTypes::ALL, JsonTypes::without);
        untagged::kinds(self, object, &kinds, other, out)
    }

    /// The value of the part of a schema with this kind, if necessary with a type of its own.
    pub(super) fn part(
        &mut self,
        node: &Node<'a>,
        (whole, kind): (&Name, Kind),
        lowered: LoweredSchema,
        out: &mut Diagnostics,
    ) -> Value {
        if let Some(value) = lowered.inline() {
            return value;
        }
        let name = whole.with(untagged::word(kind));
        let validated = !lowered.exact || self.is_dynamic(node);
        let assertion = validated
            .then(|| self.assertion(node, &name, out))
            .flatten();
        let description = format!("A value of `{}` that is {}.", whole.pascal(), kind.named());
        self.push_part(node, &name, (lowered.shape, assertion), &description)
    }

    /// The value of a union of several schemas, which an assertion around it validates.
    pub(super) fn union_part(&mut self, node: &Node<'a>, name: &Name, shape: Shape) -> Value {
        let text = node.json.get("description").and_then(Json::as_str);
        let description = text.unwrap_or("A member that only a part of the schema describes.");
        self.push_part(node, name, (shape, None), description.trim())
    }

    fn push_part(
        &mut self,
        node: &Node<'a>,
        name: &Name,
        (shape, assertion): (Shape, Option<Name>),
        description: &str,
    ) -> Value {
        let source = node.source();
        let is_known = |ty: &TypeDef| ty.partial && ty.name == *name && ty.source == source;
        if !self.types.iter().any(is_known) {
            let at = self.types.len();
            self.push(at, node, name.clone(), shape, assertion, description);
            self.types[at].partial = true;
        }
        Value::Named(name.clone())
    }
}

/// Whether a schema has a single valid value beside `null`.
fn is_constant(json: &Json) -> bool {
    let branches = ["oneOf", "anyOf"]
        .into_iter()
        .filter_map(|key| json.get(key)?.as_array());
    let beside_null = |branches: &Vec<Json>| {
        let null = |branch: &Json| branch["type"] == "null";
        branches.iter().any(null) && branches.iter().any(|branch| branch.get("const").is_some())
    };
    json.get("const").is_some() || branches.into_iter().any(beside_null)
}
