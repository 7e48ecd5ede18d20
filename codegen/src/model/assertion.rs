//! Rules: what a type cannot hold and is judged beside it, as JSON Schema says it, whatever language it is emitted in.

use serde::Serialize;
use serde_json::Value as Json;

use super::{Format, Name, Source};

/// A named assertion: the whole schema of one place, which other assertions and types refer to.
#[derive(Clone, Debug, Serialize)]
pub struct AssertionDef {
    /// Name of the assertion, unique in the protocol.
    pub name: Name,
    /// The schema that it is.
    pub source: Source,
    /// The schema resource that it belongs to, where that has dynamic anchors.
    pub resource: Option<Name>,
    /// What it says.
    pub assertion: Assertion,
}

/// A schema resource with dynamic anchors.
#[derive(Clone, Debug, Serialize)]
pub struct Resource {
    /// Name of the resource, unique in the protocol.
    pub name: Name,
    /// Its dynamic anchors, each with the assertion that it stands at.
    pub anchors: Vec<(String, Name)>,
}

/// What all of its keywords accept; without keywords, everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Assertion(pub Vec<Keyword>);

/// A JSON type, as `type` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
    /// A text.
    String,
    /// A list.
    Array,
    /// An object.
    Object,
}

/// A regular expression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Regex {
    /// As the schema writes it, in ECMA 262.
    pub source: String,
    /// The same in the notation of the `regex` crate and of RE2, which match in linear time.
    pub linear: String,
}

/// One thing that an assertion says. A keyword speaks only of values of its own type and accepts all others.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Keyword {
    /// The schema `false`.
    Never,
    /// The value has one of these types.
    Type(Vec<Type>),
    /// The value is this one.
    Const(Json),
    /// The value is one of these.
    Enum(Vec<Json>),
    /// A least number, as the schema writes it.
    Minimum(String),
    /// A greatest number.
    Maximum(String),
    /// A number below all.
    ExclusiveMinimum(String),
    /// A number above all.
    ExclusiveMaximum(String),
    /// A number that divides the value.
    MultipleOf(String),
    /// Least number of code points.
    MinLength(u64),
    /// Greatest number of code points.
    MaxLength(u64),
    /// The text has a match somewhere.
    Pattern(Regex),
    /// The text has this format.
    Format(Format),
    /// The first items, one assertion each.
    PrefixItems(Vec<Assertion>),
    /// The items from place `after` on.
    Items {
        /// How many items `prefixItems` speaks of.
        after: usize,
        /// Their assertion.
        assertion: Box<Assertion>,
    },
    /// `min` to `max` items obey an assertion.
    Contains {
        /// The assertion.
        assertion: Box<Assertion>,
        /// How many at least.
        min: u64,
        /// How many at most.
        max: Option<u64>,
    },
    /// Least number of items.
    MinItems(u64),
    /// Greatest number of items.
    MaxItems(u64),
    /// No two items are equal.
    UniqueItems,
    /// The items that no other keyword spoke of.
    UnevaluatedItems(Box<Assertion>),
    /// Members by key.
    Properties(Vec<(String, Assertion)>),
    /// Members by a pattern of the key.
    PatternProperties(Vec<(Regex, Assertion)>),
    /// The members that `names` and `patterns` do not speak of.
    AdditionalProperties {
        /// The keys under `properties`.
        names: Vec<String>,
        /// The patterns under `patternProperties`.
        patterns: Vec<Regex>,
        /// Their assertion.
        assertion: Box<Assertion>,
    },
    /// Keys that must be there.
    Required(Vec<String>),
    /// What the keys obey.
    PropertyNames(Box<Assertion>),
    /// Least number of members.
    MinProperties(u64),
    /// Greatest number of members.
    MaxProperties(u64),
    /// Where a key is there, these must be, too.
    DependentRequired(Vec<(String, Vec<String>)>),
    /// Where a key is there, the object obeys an assertion.
    DependentSchemas(Vec<(String, Assertion)>),
    /// The members that no other keyword spoke of.
    UnevaluatedProperties(Box<Assertion>),
    /// All of these.
    AllOf(Vec<Assertion>),
    /// At least one of these.
    AnyOf(Vec<Assertion>),
    /// Exactly one of these.
    OneOf(Vec<Assertion>),
    /// Not this.
    Not(Box<Assertion>),
    /// What follows from a condition.
    If {
        /// The condition.
        condition: Box<Assertion>,
        /// What holds where it does.
        then: Option<Box<Assertion>>,
        /// What holds where it does not.
        otherwise: Option<Box<Assertion>>,
    },
    /// A named assertion.
    Ref(Name),
    /// A named assertion, or the outermost one in dynamic scope with the same anchor.
    DynamicRef {
        /// The anchor.
        anchor: String,
        /// The assertion that it is without a scope.
        assertion: Name,
    },
}

impl Assertion {
    /// The assertions that this one refers to.
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
    /// The assertions that stand in this one.
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
