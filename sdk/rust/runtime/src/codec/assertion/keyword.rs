//! The keywords of an assertion.

use std::sync::OnceLock;

use crate::codec::format::Format;

use super::constant::Constant;
use super::decimal::Decimal;
use super::regex::Regex;

/// A schema: a value is valid if it satisfies all keywords.
#[derive(Debug)]
pub struct Assertion<'s> {
    /// Keywords in the order of validation. `unevaluated*` come last, because they depend on the other keywords.
    pub(super) keywords: &'s [Keyword<'s>],
    /// The schema resource of this assertion, if a `$dynamicRef` may look for an anchor in it.
    pub(super) resource: Option<&'s Resource<'s>>,
}

/// A schema resource: a document, or a part of a document with its own `$id`.
#[derive(Debug)]
pub struct Resource<'s> {
    /// The `$dynamicAnchor`s and their assertions.
    pub anchors: &'s [(&'s str, &'s Assertion<'s>)],
}

impl<'s> Assertion<'s> {
    /// Creates an assertion from keywords.
    #[must_use]
    pub const fn new(keywords: &'s [Keyword<'s>]) -> Self {
        Self {
            keywords,
            resource: None,
        }
    }

    /// Returns the assertion as a part of `resource`.
    #[must_use]
    pub const fn within(self, resource: &'s Resource<'s>) -> Self {
        Self {
            keywords: self.keywords,
            resource: Some(resource),
        }
    }

    /// Returns true for the schema `false`.
    pub(super) const fn is_never(&self) -> bool {
        matches!(self.keywords, [Keyword::Never])
    }
}

/// A keyword of a schema, or several keywords that depend on each other.
///
/// A keyword for a JSON type accepts each value of another type.
#[derive(Debug)]
#[non_exhaustive]
pub enum Keyword<'s> {
    /// The schema `false`: no value is valid.
    Never,
    /// A value of any of these types.
    Type(&'s [Type]),
    /// Exactly this value.
    Const(Constant<'s>),
    /// Any of these values.
    Enum(&'s [Constant<'s>]),

    /// A number that is at least this number.
    Minimum(Decimal<'s>),
    /// A number that is at most this number.
    Maximum(Decimal<'s>),
    /// A number greater than this number.
    ExclusiveMinimum(Decimal<'s>),
    /// A number less than this number.
    ExclusiveMaximum(Decimal<'s>),
    /// A multiple of this number; the check is exact.
    MultipleOf(Decimal<'s>),

    /// A string of at least this number of Unicode characters.
    MinLength(u64),
    /// A string of at most this number of Unicode characters.
    MaxLength(u64),
    /// A string with a match of this regular expression.
    Pattern(Regex<'s>),
    /// A string of this format.
    Format(Format),

    /// The first items of an array, each with its own assertion.
    PrefixItems(&'s [Assertion<'s>]),
    /// The items of an array after the first `after` items.
    Items {
        /// The number of items that `PrefixItems` validates.
        after: usize,
        /// The assertion for each item.
        assertion: &'s Assertion<'s>,
    },
    /// An array with `min` to `max` items that satisfy an assertion.
    Contains {
        /// The assertion for the items.
        assertion: &'s Assertion<'s>,
        /// The minimum number of such items; 1 if the schema has no `minContains`.
        min: u64,
        /// The maximum number of such items.
        max: Option<u64>,
    },
    /// An array of at least this number of items.
    MinItems(u64),
    /// An array of at most this number of items.
    MaxItems(u64),
    /// An array without equal items.
    UniqueItems,
    /// The items that no other keyword of this schema has evaluated, including the schemas that it applies to the same
    /// array.
    UnevaluatedItems(&'s Assertion<'s>),

    /// Members by name.
    Properties(&'s [(&'s str, Assertion<'s>)]),
    /// Members by a pattern of their name.
    PatternProperties(&'s [(Regex<'s>, Assertion<'s>)]),
    /// All other members.
    AdditionalProperties {
        /// The names in the adjacent `Properties`.
        names: &'s [&'s str],
        /// The patterns in the adjacent `PatternProperties`.
        patterns: &'s [Regex<'s>],
        /// The assertion for the other members.
        assertion: &'s Assertion<'s>,
    },
    /// Required members.
    Required(&'s [&'s str]),
    /// The assertion for the name of each member, as a string.
    PropertyNames(&'s Assertion<'s>),
    /// An object of at least this number of members.
    MinProperties(u64),
    /// An object of at most this number of members.
    MaxProperties(u64),
    /// Members that are required if another member is present.
    DependentRequired(&'s [(&'s str, &'s [&'s str])]),
    /// Assertions for an object that has a member of this name.
    DependentSchemas(&'s [(&'s str, Assertion<'s>)]),
    /// The members that no other keyword of this schema has evaluated, including the schemas that it applies to the
    /// same object.
    UnevaluatedProperties(&'s Assertion<'s>),

    /// All of these assertions.
    AllOf(&'s [Assertion<'s>]),
    /// At least 1 of these assertions.
    AnyOf(&'s [Assertion<'s>]),
    /// Exactly 1 of these assertions.
    OneOf(&'s [Assertion<'s>]),
    /// The opposite of this assertion.
    Not(&'s Assertion<'s>),
    /// A conditional assertion.
    If {
        /// The condition.
        condition: &'s Assertion<'s>,
        /// The assertion for a value that satisfies `condition`.
        then: Option<&'s Assertion<'s>>,
        /// The assertion for any other value.
        otherwise: Option<&'s Assertion<'s>>,
    },

    /// A named assertion that is set after this keyword was created. Assertions that are built at run time use it for
    /// cyclic references. An empty slot accepts no value.
    Forward(&'s OnceLock<Assertion<'s>>),
    /// A reference to a named assertion.
    Ref(&'s Assertion<'s>),
    /// A `$dynamicRef` to a `$dynamicAnchor`. It resolves to the assertion with this name in the outermost resource of
    /// the dynamic scope.
    DynamicRef {
        /// The name of the anchor.
        anchor: &'s str,
        /// The assertion with this name in the schema of the reference.
        assertion: &'s Assertion<'s>,
    },
}

impl Keyword<'_> {
    /// Returns true if the keyword depends on evaluated items or members.
    pub(super) const fn uses_evaluated(&self) -> bool {
        matches!(
            self,
            Self::UnevaluatedItems(_) | Self::UnevaluatedProperties(_)
        )
    }
}

/// A type of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `null`.
    Null,
    /// `true` and `false`.
    Boolean,
    /// A number without a fraction in any notation: `1.0` is an integer.
    Integer,
    /// Any number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}
