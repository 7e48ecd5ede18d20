//! Rules: what a type cannot hold and is judged beside it, as JSON Schema says it, whatever language it is emitted in.

use serde::Serialize;
use serde_json::Value as Json;

use super::{Format, Name, Source};

/// A named rule: the whole schema of one place, which other rules and types refer to.
#[derive(Clone, Debug, Serialize)]
pub struct RuleDef {
    /// Name of the rule, unique in the protocol.
    pub name: Name,
    /// The schema that it is.
    pub source: Source,
    /// The schema resource that it belongs to, where that has dynamic anchors.
    pub resource: Option<Name>,
    /// What it says.
    pub rule: Rule,
}

/// A schema resource with dynamic anchors.
#[derive(Clone, Debug, Serialize)]
pub struct Resource {
    /// Name of the resource, unique in the protocol.
    pub name: Name,
    /// Its dynamic anchors, each with the rule that it stands at.
    pub anchors: Vec<(String, Name)>,
}

/// What all of its keywords accept; without keywords, everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Rule(pub Vec<Keyword>);

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

/// One thing that a rule says. A keyword speaks only of values of its own type and accepts all others.
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
    /// The first items, one rule each.
    PrefixItems(Vec<Rule>),
    /// The items from place `after` on.
    Items {
        /// How many items `prefixItems` speaks of.
        after: usize,
        /// Their rule.
        rule: Box<Rule>,
    },
    /// `min` to `max` items obey a rule.
    Contains {
        /// The rule.
        rule: Box<Rule>,
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
    UnevaluatedItems(Box<Rule>),
    /// Members by key.
    Properties(Vec<(String, Rule)>),
    /// Members by a pattern of the key.
    PatternProperties(Vec<(Regex, Rule)>),
    /// The members that `names` and `patterns` do not speak of.
    AdditionalProperties {
        /// The keys under `properties`.
        names: Vec<String>,
        /// The patterns under `patternProperties`.
        patterns: Vec<Regex>,
        /// Their rule.
        rule: Box<Rule>,
    },
    /// Keys that must be there.
    Required(Vec<String>),
    /// What the keys obey.
    PropertyNames(Box<Rule>),
    /// Least number of members.
    MinProperties(u64),
    /// Greatest number of members.
    MaxProperties(u64),
    /// Where a key is there, these must be, too.
    DependentRequired(Vec<(String, Vec<String>)>),
    /// Where a key is there, the object obeys a rule.
    DependentSchemas(Vec<(String, Rule)>),
    /// The members that no other keyword spoke of.
    UnevaluatedProperties(Box<Rule>),
    /// All of these.
    AllOf(Vec<Rule>),
    /// At least one of these.
    AnyOf(Vec<Rule>),
    /// Exactly one of these.
    OneOf(Vec<Rule>),
    /// Not this.
    Not(Box<Rule>),
    /// What follows from a condition.
    If {
        /// The condition.
        condition: Box<Rule>,
        /// What holds where it does.
        then: Option<Box<Rule>>,
        /// What holds where it does not.
        otherwise: Option<Box<Rule>>,
    },
    /// A named rule.
    Ref(Name),
    /// A named rule, or the outermost one in dynamic scope with the same anchor.
    DynamicRef {
        /// The anchor.
        anchor: String,
        /// The rule that it is without a scope.
        rule: Name,
    },
}

impl Rule {
    /// The rules that this one refers to.
    pub(crate) fn references(&self) -> Vec<&Name> {
        let mut found = Vec::new();
        let mut waiting = vec![self];
        while let Some(rule) = waiting.pop() {
            for keyword in &rule.0 {
                match keyword {
                    Keyword::Ref(name) | Keyword::DynamicRef { rule: name, .. } => found.push(name),
                    keyword => waiting.extend(keyword.inside()),
                }
            }
        }
        found
    }
}

impl Keyword {
    /// The rules that stand in this one.
    fn inside(&self) -> Vec<&Rule> {
        match self {
            Self::PrefixItems(rules)
            | Self::AllOf(rules)
            | Self::AnyOf(rules)
            | Self::OneOf(rules) => rules.iter().collect(),
            Self::Items { rule, .. }
            | Self::Contains { rule, .. }
            | Self::AdditionalProperties { rule, .. }
            | Self::UnevaluatedItems(rule)
            | Self::UnevaluatedProperties(rule)
            | Self::PropertyNames(rule)
            | Self::Not(rule) => vec![rule],
            Self::Properties(rules) | Self::DependentSchemas(rules) => {
                rules.iter().map(|(_, rule)| rule).collect()
            }
            Self::PatternProperties(rules) => rules.iter().map(|(_, rule)| rule).collect(),
            Self::If {
                condition,
                then,
                otherwise,
            } => {
                let others = [then, otherwise].into_iter().flatten();
                std::iter::once(condition)
                    .chain(others)
                    .map(|rule| &**rule)
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}
