//! Types: each type can hold all valid values of its schema.

use serde::Serialize;
use serde_json::Value as Json;

use super::{Name, Source};

/// A named type.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TypeDef {
    /// Name of the type, unique in the protocol.
    pub name: Name,
    /// The schema's `title`.
    pub title: Option<String>,
    /// The schema's description.
    pub description: String,
    /// The definition in the schemas.
    pub source: Source,
    /// The module of the type: the path of its document without `.json`, e.g. `worker/deploy` or `types/raft`.
    pub module: String,
    /// Its shape, which can hold every valid value.
    pub shape: Shape,
    /// The assertion that values must satisfy beside their shape. Without an assertion, all values of the shape are
    /// valid.
    pub assertion: Option<Name>,
    /// Whether a reply or a publication contains the type. Then unknown variants are kept, and not refused.
    pub open: bool,
    /// Whether the schema is marked `deprecated`.
    pub deprecated: bool,
    /// Examples from the schema.
    pub examples: Vec<Json>,
    /// Whether the type holds only a part of the values of its schema, e.g. only the objects.
    pub partial: bool,
    /// The schema in its document.
    pub schema: Json,
}

/// The shape of a named type.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// An object with named fields.
    Struct(Struct),
    /// A constrained string.
    Text(Text),
    /// An integer in a range.
    Integer(Integer),
    /// A number in a range.
    Number(Number),
    /// A fixed list of strings.
    Enum(Vec<EnumValue>),
    /// A union of several variants.
    Union(Union),
    /// Another value under a new name: an array, a map or any JSON value.
    Alias(Value),
}

/// An object with named fields.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Struct {
    /// The fields in schema order.
    pub fields: Vec<Field>,
    /// The treatment of members that are not fields.
    pub additional: AdditionalMembers,
}

/// The treatment of members that are not fields of their object.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AdditionalMembers {
    /// They are ignored (no `additionalProperties`).
    Ignore,
    /// They are an error (`additionalProperties: false`).
    Deny,
    /// They are kept in a map beside the fields (`additionalProperties` with a schema or `true`).
    Flatten(Box<Value>),
}

/// A field of an object.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Field {
    /// The key on the wire.
    pub key: String,
    /// The name, without the unit if the value is a duration.
    pub name: Name,
    /// The schema's `title`.
    pub title: Option<String>,
    /// The schema's description.
    pub description: String,
    /// Its value.
    pub value: Value,
    /// Whether `null` is valid.
    pub nullable: bool,
    /// Whether the field can be absent.
    pub presence: Presence,
    /// Whether the schema is marked `deprecated`.
    pub deprecated: bool,
    /// The property in the schemas.
    #[serde(skip)]
    pub source: Source,
}

/// Whether a field can be absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// The field is required.
    Required,
    /// The field can be absent.
    Optional,
    /// The field can be absent and then has this value; it is always written.
    Default(Json),
}

/// A value inside a type.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A named type.
    Named(Name),
    /// A constrained string.
    Text(Text),
    /// An integer in a range.
    Integer(Integer),
    /// A number in a range.
    Number(Number),
    /// `true` or `false`.
    Bool,
    /// Only `true`, or only `false`.
    Only(bool),
    /// A duration as an integer of this unit.
    Duration {
        /// The unit on the wire.
        unit: TimeUnit,
        /// The range in that unit.
        range: Integer,
    },
    /// An array.
    Array {
        /// Its items.
        item: Box<Value>,
        /// Minimal and maximal number of items.
        length: Length,
    },
    /// An object with data as its keys.
    Map {
        /// Named string type of the keys; without it, any string is a key.
        key: Option<Name>,
        /// Its values.
        value: Box<Value>,
        /// Minimal and maximal number of members.
        length: Length,
    },
    /// Any JSON value.
    Any,
    /// A value or `null`, for values that are not fields: inside arrays, maps and variants.
    Nullable(Box<Value>),
}

/// The unit of a duration on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Seconds, `s`.
    Secs,
    /// Milliseconds, `ms`.
    Millis,
    /// Microseconds, `us`.
    Micros,
    /// Nanoseconds, `ns`.
    Nanos,
}

/// Minimal and maximal length; without `max`, the length is not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Length {
    /// Minimum.
    pub min: u64,
    /// Maximum.
    pub max: Option<u64>,
}

/// The constraints of a string.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Text {
    /// Length in Unicode code points.
    pub length: Length,
    /// Pattern, anchored at both ends.
    pub pattern: Option<Pattern>,
    /// Asserted format.
    pub format: Option<Format>,
    /// The only string allowed.
    pub constant: Option<String>,
    /// Whether `Debug` output and logs hide the string.
    pub sensitive: bool,
}

/// An anchored pattern: a sequence of character classes with repetitions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pattern {
    /// The regular expression of the schema.
    pub regex: String,
    /// The parsed expression.
    pub runs: Vec<Run>,
}

/// A repeated character class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Run {
    /// The class in regular-expression notation without brackets, e.g. `A-Za-z0-9_-`; ASCII only.
    pub class: String,
    /// Minimal number of characters.
    pub min: u32,
    /// Maximal number of characters.
    pub max: Option<u32>,
}

/// A format that is asserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// RFC 3339 date and time.
    DateTime,
    /// RFC 3339 date.
    Date,
    /// RFC 3339 time.
    Time,
    /// ISO 8601 duration, as in RFC 3339, appendix A.
    Duration,
    /// RFC 5321 mailbox.
    Email,
    /// RFC 6531 mailbox.
    IdnEmail,
    /// RFC 1123 host name.
    Hostname,
    /// RFC 5890 host name.
    IdnHostname,
    /// RFC 2673 dotted quad.
    Ipv4,
    /// RFC 4291 address.
    Ipv6,
    /// RFC 3986 URI.
    Uri,
    /// RFC 3986 URI or relative reference.
    UriReference,
    /// RFC 3987 IRI.
    Iri,
    /// RFC 3987 IRI or relative reference.
    IriReference,
    /// RFC 4122 UUID.
    Uuid,
    /// RFC 6570 URI template.
    UriTemplate,
    /// RFC 6901 JSON pointer.
    JsonPointer,
    /// Relative JSON pointer.
    RelativeJsonPointer,
    /// ECMA 262 regular expression.
    Regex,
}

/// The range of an integer, inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Integer {
    /// Minimum.
    pub min: i128,
    /// Maximum.
    pub max: i128,
}

/// The range of a number, inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Number {
    /// Minimum.
    pub min: Option<f64>,
    /// Maximum.
    pub max: Option<f64>,
}

/// A string of an enumeration.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EnumValue {
    /// The string on the wire.
    pub text: String,
    /// The name.
    pub name: Name,
    /// The description; empty if the schema has no description.
    pub description: String,
    /// Whether the schema is marked `deprecated`.
    pub deprecated: bool,
}

/// A union of several variants.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Union {
    /// The tag of the variants.
    pub tagging: Tagging,
    /// The variants in schema order.
    pub variants: Vec<Variant>,
}

/// The tag that identifies the variants of a union.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tagging {
    /// The string itself, or the only key of an object.
    External,
    /// A string member with this key, which every variant has.
    Member(String),
    /// No tag: a value belongs to the first variant that accepts it. Only variants for the JSON type of the value can
    /// accept it.
    Untagged,
}

/// A variant of a union.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Variant {
    /// The string itself, the only key of the object, or the string of its tag member. In an untagged union, a variant
    /// with a value has the JSON types of its values instead, separated by spaces: `null`, `boolean`, `number`,
    /// `string`, `array`, `object`.
    pub tag: String,
    /// The name.
    pub name: Name,
    /// The schema's description.
    pub description: String,
    /// The value under the key, or the whole object if a member is the tag. A variant without a value is only its tag.
    pub value: Option<Value>,
    /// Whether the schema is marked `deprecated`.
    pub deprecated: bool,
    /// The branch in the schema.
    #[serde(skip)]
    pub source: Source,
}

impl Variant {
    /// Whether the variant of an untagged union can accept a value, as far as the JSON type of the value decides.
    #[must_use]
    pub fn may_accept(&self, json: &Json) -> bool {
        let name = match json {
            Json::Null => "null",
            Json::Bool(_) => "boolean",
            Json::Number(_) => "number",
            Json::String(text) if self.value.is_none() => return *text == self.tag,
            Json::String(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        };
        self.value.is_some() && self.tag.split(' ').any(|ty| ty == name)
    }
}

impl TypeDef {
    /// The values inside a value of this type; for a struct, the values of its fields.
    pub(crate) fn parts(&self) -> Vec<&Value> {
        match &self.shape {
            Shape::Struct(shape) => shape.fields.iter().map(|field| &field.value).collect(),
            Shape::Union(Union { variants, .. }) => {
                let values = variants.iter().map(|variant| &variant.value);
                values.flatten().collect()
            }
            Shape::Alias(value) => vec![value],
            Shape::Text(_) | Shape::Integer(_) | Shape::Number(_) | Shape::Enum(_) => Vec::new(),
        }
    }

    /// The types that this type contains, including keys of maps. A type is repeated for each use.
    pub(crate) fn uses(&self) -> impl Iterator<Item = &Name> {
        let rest = match &self.shape {
            Shape::Struct(Struct {
                additional: AdditionalMembers::Flatten(value),
                ..
            }) => Some(&**value),
            _ => None,
        };
        self.parts().into_iter().chain(rest).flat_map(|value| {
            let mut names = Vec::new();
            value.names(&mut names);
            names
        })
    }
}

impl Value {
    /// Adds the types that this value names, including keys of maps.
    pub(crate) fn names<'v>(&'v self, names: &mut Vec<&'v Name>) {
        match self {
            Self::Named(name) => names.push(name),
            Self::Array { item, .. } | Self::Nullable(item) => item.names(names),
            Self::Map { key, value, .. } => {
                names.extend(key);
                value.names(names);
            }
            Self::Text(_)
            | Self::Integer(_)
            | Self::Number(_)
            | Self::Bool
            | Self::Only(_)
            | Self::Duration { .. }
            | Self::Any => {}
        }
    }
}
