//! Objects: the keys of structs are fields, and the keys of maps are data.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::array;
use super::dependent;
use super::keyword;
use super::kind::Kind;
use super::schema::{LoweredSchema, Lowering, Property};
use super::unit;
use crate::diagnostic::text::{nearest, quoted};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{AdditionalMembers, Field, Name, Presence, Shape, Struct, Value};
use crate::read::{Node, Object};
use crate::schema::keys::keys;

/// The description of a required member that has no property schema.
const UNDESCRIBED: &str = "Must be there; the schema says no more of it.";

/// Lowers an object schema.
pub(super) fn lower<'a>(
    lowering: &mut Lowering<'a>,
    object: &Object<'a>,
    out: &mut Diagnostics,
) -> Option<LoweredSchema> {
    no_secret_keys(lowering, object, out);
    let has = |key: &str| object.members.contains_key(key);
    let closed = object.members.get("additionalProperties") == Some(&Json::Bool(false));
    let counted = [
        "propertyNames",
        "minProperties",
        "maxProperties",
        "patternProperties",
    ];
    let data = has("additionalProperties") && !closed || counted.into_iter().any(has);
    if data && !has("properties") && !has("required") {
        return map(lowering, object, out);
    }
    fields(lowering, std::slice::from_ref(object), out)
}

/// Reports sensitive keys. Keys cannot be sensitive, because logs and error pointers contain them.
fn no_secret_keys<'a>(lowering: &Lowering<'a>, object: &Object<'a>, out: &mut Diagnostics) {
    let Some(node) = object.get("propertyNames") else {
        return;
    };
    let name = lowering.followed(&node).unwrap_or_else(|| node.clone());
    let members = name.json.as_object();
    if members.and_then(|members| members.get("sensitive")) == Some(&Json::Bool(true)) {
        let message = "a key cannot be sensitive: logs and errors show the keys of objects";
        let help = "put the secret into a value";
        out.report(Code::SensitiveKey, node.source(), message, help);
    }
}

fn map<'a>(
    lowering: &mut Lowering<'a>,
    object: &Object<'a>,
    out: &mut Diagnostics,
) -> Option<LoweredSchema> {
    let length = array::length(object, "minProperties", "maxProperties", out);
    let mut known = vec![
        "type",
        "minProperties",
        "maxProperties",
        "additionalProperties",
    ];
    let key = object.get("propertyNames").and_then(|node| {
        let reference = node.members()?.get("$ref")?;
        let plain = node.json.as_object()?.len() == 1;
        let text = lowering
            .followed(&node)
            .is_some_and(|target| is_text(&target));
        (plain && text).then_some(reference)
    });
    let key = match key {
        Some(reference) => {
            known.push("propertyNames");
            lowering.named(&reference, out).map(Some)
        }
        None => Some(None),
    };
    let patterns = object
        .get("patternProperties")
        .and_then(|node| node.members());
    let rest = object.get("additionalProperties");
    let closed = rest
        .as_ref()
        .is_some_and(|node| *node.json == Json::Bool(false));
    let values = match patterns {
        None => rest,
        // No other member is allowed.
        Some(patterns) if closed && patterns.members.len() == 1 => {
            patterns.entries().next().map(|(_, node)| node)
        }
        Some(_) => None,
    };
    let value = match values.filter(|node| *node.json != Json::Bool(false)) {
        Some(node) => lowering.inner(&node, out),
        None => Some(Value::Any),
    };
    let draft = lowering.draft(&object.node);
    let only = keyword::only(object, &known, Some(Kind::Object), draft, out);
    let value = Value::Map {
        key: key?,
        value: Box::new(value?),
        length: length?,
    };
    Some(LoweredSchema::new(Shape::Alias(value), only? && !closed))
}

/// Whether a schema is a string that its type fully describes.
fn is_text(node: &Node<'_>) -> bool {
    let known = [
        "type",
        "minLength",
        "maxLength",
        "description",
        "title",
        "examples",
        "$comment",
    ];
    node.json.as_object().is_some_and(|members| {
        let pattern = members.get("pattern").and_then(Json::as_str);
        let simple = pattern.is_none_or(|regex| super::pattern::parse(regex).is_some());
        let known = |key: &String| known.contains(&&**key) || key == "pattern";
        members.get("type").is_some_and(|ty| ty == "string") && simple && members.keys().all(known)
    })
}

/// Lowers an object that these parts describe. The last part is the schema itself.
pub(super) fn fields<'a>(
    lowering: &mut Lowering<'a>,
    parts: &[Object<'a>],
    out: &mut Diagnostics,
) -> Option<LoweredSchema> {
    let mut members = Members::read(lowering, parts, out)?;
    let mut found = Some(Vec::new());
    for (key, node) in std::mem::take(&mut members.properties) {
        let name = field_name(key, &node);
        let required = members.required.contains(key);
        let field = field(lowering, (key, name), &node, required, out);
        found = found.zip(field).map(|(mut fields, field)| {
            fields.push(field);
            fields
        });
    }
    let additional = members.additional(lowering, parts, out);
    let mut fields = found?;
    members.dependent(lowering, parts, &mut fields, out)?;
    let additional = additional?;
    members.undescribed(&mut fields, &additional, out);
    Some(LoweredSchema::new(
        Shape::Struct(Struct { fields, additional }),
        members.exact,
    ))
}

/// The members of an object that several parts describe.
struct Members<'a> {
    properties: Vec<(&'a str, Node<'a>)>,
    required: HashSet<&'a str>,
    /// The places of required keys that are not in `properties`.
    undescribed: Vec<(&'a str, Node<'a>)>,
    exact: bool,
}

impl<'a> Members<'a> {
    fn read(lowering: &Lowering<'a>, parts: &[Object<'a>], out: &mut Diagnostics) -> Option<Self> {
        let mut members = Self {
            properties: Vec::new(),
            required: HashSet::new(),
            undescribed: Vec::new(),
            exact: true,
        };
        let mut known = vec!["type", "properties", "required"];
        match parts {
            [_] => known.push("additionalProperties"),
            _ => known.extend(["allOf", "$ref"]),
        }
        let mut only = Some(true);
        let mut requirements = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let mut known = known.clone();
            if at + 1 == parts.len() && seals(part) {
                known.push("unevaluatedProperties");
            }
            let draft = lowering.draft(&part.node);
            let plain = keyword::only(part, &known, Some(Kind::Object), draft, out);
            only = only.zip(plain).map(|(only, plain)| only && plain);
            let properties = match part.get("properties") {
                Some(node) => Some(node.object(out)?),
                None => None,
            };
            for (key, node) in properties.iter().flat_map(Object::entries) {
                match members
                    .properties
                    .iter_mut()
                    .find(|(other, _)| *other == key)
                {
                    Some((_, other)) => {
                        members.exact = false;
                        *other = both(lowering, other, &node);
                    }
                    None => members.properties.push((key, node)),
                }
            }
            let required = part.get("required");
            requirements.extend(
                required
                    .and_then(|node| keys(&node, out))
                    .into_iter()
                    .flatten(),
            );
        }
        for (key, node) in requirements {
            let described = members.properties.iter().any(|(other, _)| *other == key);
            if members.required.insert(key) && !described {
                members.undescribed.push((key, node));
            }
        }
        members.exact &= only?;
        Some(members)
    }

    /// Adds fields for the members that only branches declare. The assertion of the object decides where they apply.
    fn dependent(
        &mut self,
        lowering: &mut Lowering<'a>,
        parts: &[Object<'a>],
        fields: &mut Vec<Field>,
        out: &mut Diagnostics,
    ) -> Option<()> {
        let [.., last] = parts else { return Some(()) };
        if last.members.get("additionalProperties") == Some(&Json::Bool(false)) {
            return Some(());
        }
        let object = lowering.places.name_of(&last.node);
        for member in dependent::members(lowering, parts) {
            let Some(node) = member.schemas.first() else {
                continue;
            };
            let name = field_name(member.key, node);
            if fields.iter().any(|field| field.key == member.key) {
                continue;
            }
            let (value, nullable) = dependent::value(lowering, &member, &object.join(&name), out)?;
            self.undescribed.retain(|(key, _)| *key != member.key);
            let required = self.required.contains(member.key);
            fields.push(Field {
                key: member.key.to_owned(),
                name,
                title: node.title(),
                description: lowering.annotations(node, out),
                value,
                nullable,
                presence: if required {
                    Presence::Required
                } else {
                    Presence::Optional
                },
                deprecated: node.is_deprecated(),
                source: node.source(),
            });
        }
        Some(())
    }

    /// How members without a field are handled. They are kept if an assertion can depend on them.
    fn additional(
        &mut self,
        lowering: &mut Lowering<'a>,
        parts: &[Object<'a>],
        out: &mut Diagnostics,
    ) -> Option<AdditionalMembers> {
        let any = AdditionalMembers::Flatten(Box::new(Value::Any));
        let last = parts.last()?;
        let rest = last
            .get("additionalProperties")
            .filter(|_| parts.len() == 1);
        let patterns = last.members.contains_key("patternProperties");
        Some(match rest.as_ref().map(|node| node.json) {
            _ if patterns => any,
            Some(Json::Bool(false)) => AdditionalMembers::Deny,
            None if self.exact && seals(last) => AdditionalMembers::Deny,
            None if self.exact => AdditionalMembers::Ignore,
            None | Some(Json::Bool(true)) => any,
            Some(_) => AdditionalMembers::Flatten(Box::new(lowering.inner(&rest?, out)?)),
        })
    }

    /// Adds fields for required members that no property describes.
    fn undescribed(
        &self,
        fields: &mut Vec<Field>,
        additional: &AdditionalMembers,
        out: &mut Diagnostics,
    ) {
        for (key, node) in &self.undescribed {
            let known = fields.iter().map(|field| &*field.key);
            let help = match nearest(key, known) {
                Some(near) => format!("did you mean {}?", quoted(near)),
                None => "describe it under `properties`".to_owned(),
            };
            let message = format!("{} is required, but not under `properties`", quoted(key));
            let value = match additional {
                AdditionalMembers::Ignore => Value::Any,
                AdditionalMembers::Flatten(value) => (**value).clone(),
                AdditionalMembers::Deny => {
                    out.report(Code::ImpossibleProperty, node.source(), message, help);
                    continue;
                }
            };
            out.report(Code::UndescribedProperty, node.source(), message, help);
            let (value, nullable) = match value {
                Value::Nullable(value) => (*value, true),
                value => (value, false),
            };
            fields.push(Field {
                key: (*key).to_owned(),
                name: Name::of(key),
                title: None,
                description: UNDESCRIBED.to_owned(),
                value,
                nullable,
                presence: Presence::Required,
                deprecated: false,
                source: node.source(),
            });
        }
    }
}

/// Whether an object rejects members that no part describes.
fn seals(object: &Object<'_>) -> bool {
    object.members.get("unevaluatedProperties") == Some(&Json::Bool(false))
        && !object.members.contains_key("additionalProperties")
}

/// A schema for the values that both schemas accept. The result is either of the schemas if it allows only strings,
/// numbers or booleans. Otherwise it is any value, because either schema could lack constraints of the other schema.
fn both<'a>(lowering: &Lowering<'a>, one: &Node<'a>, other: &Node<'a>) -> Node<'a> {
    static ANYTHING: Json = Json::Bool(true);
    if lowering.is_scalar(one) {
        return one.clone();
    }
    let json = if lowering.is_scalar(other) {
        other.json
    } else {
        &ANYTHING
    };
    Node {
        json,
        ..other.clone()
    }
}

fn field<'a>(
    lowering: &mut Lowering<'a>,
    (key, mut name): (&str, Name),
    node: &Node<'a>,
    required: bool,
    out: &mut Diagnostics,
) -> Option<Field> {
    let Property {
        value,
        nullable,
        description,
        default,
    } = lowering.property(node, out)?;
    if let Some(stem) = unit::stem(key, &value, node, out)
        && Name::of(key) == name
    {
        name = Name::from_wire(stem).unwrap_or(name);
    }
    let presence = match (required, default) {
        (true, None) => Presence::Required,
        (true, Some(_)) if node.json.get("default").is_none() => Presence::Required,
        (true, Some(_)) => {
            let message = "the default of a required property never applies";
            let help = "remove the default, or remove the key from `required`";
            out.report(Code::RequiredDefault, node.source(), message, help);
            Presence::Required
        }
        (false, None) => Presence::Optional,
        (false, Some(default)) => Presence::Default(default),
    };
    Some(Field {
        key: key.to_owned(),
        name,
        title: node.title(),
        description,
        value,
        nullable,
        presence,
        deprecated: node.is_deprecated(),
        source: node.source(),
    })
}

/// The name of a field: its title, or its key if no title can be a name.
fn field_name(key: &str, node: &Node<'_>) -> Name {
    let title = node.title().and_then(|title| Name::from_wire(&title));
    title.unwrap_or_else(|| Name::of(key))
}
