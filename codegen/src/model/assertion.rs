//! Assertions: the JSON Schema keywords that a type cannot express, independent of the programming language.

use serde::Serialize;
use serde_json::Value as Json;

use super::{Format, Name, Source};

/// A named assertion: a whole schema, which other assertions and types refer to.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AssertionDef {
    /// Name of the assertion, unique in the protocol.
    pub name: Name,
    /// The schema of the assertion.
    pub source: Source,
    /// The schema resource that contains the schema, if the resource has dynamic anchors.
    pub resource: Option<Name>,
    /// Its keywords.
    pub assertion: Assertion,
}

/// A schema resource with dynamic anchors.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resource {
    /// Name of the resource, unique in the protocol.
    pub name: Name,
    /// Its dynamic anchors, each with the assertion of its schema.
    pub anchors: Vec<(String, Name)>,
}

/// The conjunction of its keywords; without keywords, all values are valid.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Assertion(pub Vec<Keyword>);

/// A JSON type, as `type` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number without a fraction.
    Integer,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A regular expression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Regex {
    /// The expression of the schema, in ECMA 262.
    pub source: String,
    /// The same expression in the notation of the `regex` crate and of RE2, which match in linear time.
    pub linear: String,
}

/// A keyword with its value. A keyword applies only to values of its own type; all other values are valid.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Keyword {
    /// The schema `false`.
    Never,
    /// The type of the value is in this list.
    Type(Vec<Type>),
    /// The value equals this value.
    Const(Json),
    /// The value is in this list.
    Enum(Vec<Json>),
    /// Inclusive minimum, in the notation of the schema.
    Minimum(String),
    /// Inclusive maximum, in the notation of the schema.
    Maximum(String),
    /// Exclusive minimum, in the notation of the schema.
    ExclusiveMinimum(String),
    /// Exclusive maximum, in the notation of the schema.
    ExclusiveMaximum(String),
    /// The value is a multiple of this number.
    MultipleOf(String),
    /// Minimal length of a string, in code points.
    MinLength(u64),
    /// Maximal length of a string, in code points.
    MaxLength(u64),
    /// The expression matches anywhere in the string.
    Pattern(Regex),
    /// The string has this format.
    Format(Format),
    /// An assertion for each of the first items.
    PrefixItems(Vec<Assertion>),
    /// The items from index `after` on.
    Items {
        /// The number of items under `prefixItems`.
        after: usize,
        /// The assertion of these items.
        assertion: Box<Assertion>,
    },
    /// Between `min` and `max` items satisfy an assertion.
    Contains {
        /// The assertion.
        assertion: Box<Assertion>,
        /// The minimal number of items.
        min: u64,
        /// The maximal number of items.
        max: Option<u64>,
    },
    /// Minimal number of items.
    MinItems(u64),
    /// Maximal number of items.
    MaxItems(u64),
    /// No two items are equal.
    UniqueItems,
    /// The items that no other keyword evaluated.
    UnevaluatedItems(Box<Assertion>),
    /// Members by key.
    Properties(Vec<(String, Assertion)>),
    /// Members by a pattern of the key.
    PatternProperties(Vec<(Regex, Assertion)>),
    /// The members that match neither `names` nor `patterns`.
    AdditionalProperties {
        /// The keys under `properties`.
        names: Vec<String>,
        /// The patterns under `patternProperties`.
        patterns: Vec<Regex>,
        /// The assertion of these members.
        assertion: Box<Assertion>,
    },
    /// Required keys.
    Required(Vec<String>),
    /// The assertion of the keys.
    PropertyNames(Box<Assertion>),
    /// Minimal number of members.
    MinProperties(u64),
    /// Maximal number of members.
    MaxProperties(u64),
    /// The keys that each key requires.
    DependentRequired(Vec<(String, Vec<String>)>),
    /// The assertion that the object must satisfy if it has the key.
    DependentSchemas(Vec<(String, Assertion)>),
    /// The members that no other keyword evaluated.
    UnevaluatedProperties(Box<Assertion>),
    /// All assertions are satisfied.
    AllOf(Vec<Assertion>),
    /// At least a single assertion is satisfied.
    AnyOf(Vec<Assertion>),
    /// Exactly a single assertion is satisfied.
    OneOf(Vec<Assertion>),
    /// The assertion is not satisfied.
    Not(Box<Assertion>),
    /// A conditional assertion.
    If {
        /// The condition.
        condition: Box<Assertion>,
        /// The assertion if the condition is satisfied.
        then: Option<Box<Assertion>>,
        /// The assertion if the condition is not satisfied.
        otherwise: Option<Box<Assertion>>,
    },
    /// A named assertion.
    Ref(Name),
    /// A named assertion, or the assertion of the outermost resource in dynamic scope with the same anchor.
    DynamicRef {
        /// The anchor.
        anchor: String,
        /// The assertion if no resource in dynamic scope has the anchor.
        assertion: Name,
    },
}

impl Assertion {
    /// The names of the assertions that this assertion refers to.
    pub(crate) fn references(&self) -> Vec<&Name> {
        let mut found = Vec::new();
        let mut waiting = vec![self];
        while let Some(assertion) = waiting.pop() {
            for keyword in &assertion.0 {
                match keyword {
                    Keyword::Ref(name)
                    | Keyword::DynamicRef {
                        assertion: name, ..
                    } => found.push(name),
                    keyword => waiting.extend(keyword.inside()),
                }
            }
        }
        found
    }
}

impl Keyword {
    /// The assertions inside this assertion.
    fn inside(&self) -> Vec<&Assertion> {
        match self {
            Self::PrefixItems(assertions)
            | Self::AllOf(assertions)
            | Self::AnyOf(assertions)
            | Self::OneOf(assertions) => assertions.iter().collect(),
            Self::Items { assertion, .. }
            | Self::Contains { assertion, .. }
            | Self::AdditionalProperties { assertion, .. }
            | Self::UnevaluatedItems(assertion)
            | Self::UnevaluatedProperties(assertion)
            | Self::PropertyNames(assertion)
            | Self::Not(assertion) => vec![assertion],
            Self::Properties(assertions) | Self::DependentSchemas(assertions) => {
                assertions.iter().map(|(_, assertion)| assertion).collect()
            }
            Self::PatternProperties(assertions) => {
                assertions.iter().map(|(_, assertion)| assertion).collect()
            }
            Self::If {
                condition,
                then,
                otherwise,
            } => {
                let others = [then, otherwise].into_iter().flatten();
                std::iter::once(condition)
                    .chain(others)
                    .map(|assertion| &**assertion)
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}
