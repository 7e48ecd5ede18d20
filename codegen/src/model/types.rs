//! Types: what every valid value of a schema fits into.

use serde::Serialize;
use serde_json::Value as Json;

use super::{Name, Source};

/// A named type.
#[derive(Clone, Debug, Serialize)]
pub struct TypeDef {
    /// Name of the type, unique in the protocol.
    pub name: Name,
    /// The schema's `title`.
    pub title: Option<String>,
    /// What it is.
    pub description: String,
    /// Where it is defined.
    pub source: Source,
    /// The module that holds it: the path of its document without `.json`, e.g. `worker/deploy` or `types/raft`.
    pub module: String,
    /// Its shape: it can hold every valid value.
    pub shape: Shape,
    /// The rule that values obey beside their shape; without one, the shape says all.
    pub assertion: Option<Name>,
    /// Whether some reply or publication holds it: then variants that we do not know are kept instead of refused.
    pub open: bool,
    /// Whether the schema says `deprecated`.
    pub deprecated: bool,
    /// Examples from the schema.
    pub examples: Vec<Json>,
    /// The schema as the document has it.
    pub schema: Json,
}

/// The shape of a named type.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// An object with named fields.
    Struct(Struct),
    /// A text under a rule.
    Text(Text),
    /// An integer in a range.
    Integer(Integer),
    /// A number in a range.
    Number(Number),
    /// One of a list of texts.
    Enum(Vec<EnumValue>),
    /// One of several forms.
    Union(Union),
    /// Another value under a name: an array, a map, a free-form value.
    Alias(Value),
}

/// An object with named fields.
#[derive(Clone, Debug, Serialize)]
pub struct Struct {
    /// The fields in schema order.
    pub fields: Vec<Field>,
    /// What happens to members that are not fields.
    pub additional: AdditionalMembers,
}

/// What happens to members of an object that are not fields.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AdditionalMembers {
    /// They are read over (no `additionalProperties`).
    Ignore,
    /// They are an error (`additionalProperties: false`).
    Deny,
    /// They are kept in a map beside the fields (`additionalProperties` with a schema or `true`).
    Flatten(Box<Value>),
}

/// A field of an object.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// The key on the wire.
    pub key: String,
    /// The name, without the unit where the value is a duration.
    pub name: Name,
    /// The schema's `title`.
    pub title: Option<String>,
    /// What it means.
    pub description: String,
    /// Its value.
    pub value: Value,
    /// Whether `null` is a value of it.
    pub nullable: bool,
    /// Whether it may be absent.
    pub presence: Presence,
    /// Whether the schema says `deprecated`.
    pub deprecated: bool,
    /// Where the schema says it.
    #[serde(skip)]
    pub source: Source,
}

/// Whether a field may be absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It must be there.
    Required,
    /// It may be absent.
    Optional,
    /// It may be absent and then has this value; it is always written.
    Default(Json),
}

/// A value inside a type.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A named type.
    Named(Name),
    /// A text under a rule.
    Text(Text),
    /// An integer in a range.
    Integer(Integer),
    /// A number in a range.
    Number(Number),
    /// `true` or `false`.
    Bool,
    /// Only `true`, or only `false`.
    Only(bool),
    /// A span of time as an integer of this unit.
    Duration {
        /// The unit on the wire.
        unit: TimeUnit,
        /// The range in that unit.
        range: Integer,
    },
    /// A list.
    Array {
        /// Its items.
        item: Box<Value>,
        /// Least and greatest number of items.
        length: Length,
    },
    /// An object whose keys are data.
    Map {
        /// Named text type of the keys; any text without it.
        key: Option<Name>,
        /// Its values.
        value: Box<Value>,
        /// Least and greatest number of members.
        length: Length,
    },
    /// Any JSON value.
    Any,
    /// A value or `null`, where it is not a field (inside arrays, maps and variants).
    Nullable(Box<Value>),
}

/// The unit of a duration on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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

/// Least and greatest length; `max` is `None` where the schema gives no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Length {
    /// Least.
    pub min: u64,
    /// Greatest.
    pub max: Option<u64>,
}

/// The rule of a text.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Text {
    /// Length in Unicode code points.
    pub length: Length,
    /// Pattern, anchored at both ends.
    pub pattern: Option<Pattern>,
    /// Asserted format.
    pub format: Option<Format>,
    /// The only text allowed.
    pub constant: Option<String>,
    /// Whether Debug output and logs hide it.
    pub sensitive: bool,
}

/// An anchored pattern: runs of character classes one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pattern {
    /// The regular expression as the schema writes it.
    pub regex: String,
    /// What it means.
    pub runs: Vec<Run>,
}

/// A run of characters of one class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// The class in regular-expression notation without brackets, e.g. `A-Za-z0-9_-`; ASCII only.
    pub class: String,
    /// How many characters at least.
    pub min: u32,
    /// How many characters at most.
    pub max: Option<u32>,
}

/// A format that is asserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
pub struct Integer {
    /// Least.
    pub min: i128,
    /// Greatest.
    pub max: i128,
}

/// The range of a number, inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Number {
    /// Least.
    pub min: Option<f64>,
    /// Greatest.
    pub max: Option<f64>,
}

/// One text of an enumeration.
#[derive(Clone, Debug, Serialize)]
pub struct EnumValue {
    /// The text on the wire.
    pub text: String,
    /// The name.
    pub name: Name,
    /// What it means; empty where the schema does not say.
    pub description: String,
    /// Whether the schema says `deprecated`.
    pub deprecated: bool,
}

/// One of several forms.
#[derive(Clone, Debug, Serialize)]
pub struct Union {
    /// What tells the forms apart.
    pub tagging: Tagging,
    /// The forms in schema order.
    pub variants: Vec<Variant>,
}

/// What tells the forms of a union apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tagging {
    /// The text itself, or the only key of an object.
    External,
    /// A text member of this key, which every form has.
    Member(String),
}

/// One form of a union.
#[derive(Clone, Debug, Serialize)]
pub struct Variant {
    /// The text itself, the only key of the object, or the text of its tag member.
    pub tag: String,
    /// The name.
    pub name: Name,
    /// What it means.
    pub description: String,
    /// What stands under the key, or the whole object where a member is the tag; `None` where the tag alone is the value.
    pub value: Option<Value>,
    /// Whether the schema says `deprecated`.
    pub deprecated: bool,
    /// The branch in the schema.
    #[serde(skip)]
    pub source: Source,
}

impl TypeDef {
    /// The values that one of this type is made of; of a struct, those of its fields.
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

    /// The types that this one holds, keys of maps included, each as often as it occurs.
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
    /// Adds the types that this value names, keys of maps included.
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
