//! The keywords of JSON Schema that a assertion is made of.

use std::sync::OnceLock;

use crate::codec::format::Format;

use super::constant::Constant;
use super::decimal::Decimal;
use super::regex::Regex;

/// A schema: a value is valid if all of its keywords are.
#[derive(Debug)]
pub struct Assertion<'s> {
    /// Keywords in the order of validation. `unevaluated*` come last, because they depend on the other keywords.
    pub(super) keywords: &'s [Keyword<'s>],
    /// The schema resource of this assertion, if a `$dynamicRef` may look for an anchor in it.
    pub(super) resource: Option<&'s Resource<'s>>,
}

/// A schema resource: a document, or a part of one with an `$id` of its own.
#[derive(Debug)]
pub struct Resource<'s> {
    /// Its `$dynamicAnchor`s and the assertions that they name.
    pub anchors: &'s [(&'s str, &'s Assertion<'s>)],
}

impl<'s> Assertion<'s> {
    /// The assertion with these keywords.
    #[must_use]
    pub const fn new(keywords: &'s [Keyword<'s>]) -> Self {
        Self {
            keywords,
            resource: None,
        }
    }

    /// The same assertion as a part of `resource`.
    #[must_use]
    pub const fn within(self, resource: &'s Resource<'s>) -> Self {
        Self {
            keywords: self.keywords,
            resource: Some(resource),
        }
    }

    /// Whether this is the schema `false`.
    pub(super) const fn is_never(&self) -> bool {
        matches!(self.keywords, [Keyword::Never])
    }
}

/// One keyword of a schema, or a few that only have a meaning together.
///
/// A keyword that speaks of one JSON type holds for every value of another type.
#[derive(Debug)]
#[non_exhaustive]
pub enum Keyword<'s> {
    /// The schema `false`: nothing is valid.
    Never,
    /// A value of one of these types.
    Type(&'s [Type]),
    /// This value.
    Const(Constant<'s>),
    /// One of these values.
    Enum(&'s [Constant<'s>]),

    /// A number not below this.
    Minimum(Decimal<'s>),
    /// A number not above this.
    Maximum(Decimal<'s>),
    /// A number above this.
    ExclusiveMinimum(Decimal<'s>),
    /// A number below this.
    ExclusiveMaximum(Decimal<'s>),
    /// A multiple of this number, exactly.
    MultipleOf(Decimal<'s>),

    /// A text of at least so many Unicode characters.
    MinLength(u64),
    /// A text of at most so many Unicode characters.
    MaxLength(u64),
    /// A text in which this finds something.
    Pattern(Regex<'s>),
    /// A text of this format.
    Format(Format),

    /// The first items of a list, each by its own assertion.
    PrefixItems(&'s [Assertion<'s>]),
    /// The items of a list after the first `after` ones.
    Items {
        /// How many items are left to `PrefixItems`.
        after: usize,
        /// What each of the others obeys.
        assertion: &'s Assertion<'s>,
    },
    /// A list in which `min` to `max` items obey a assertion.
    Contains {
        /// What the items obey.
        assertion: &'s Assertion<'s>,
        /// How many do at least; 1 unless the schema says otherwise.
        min: u64,
        /// How many do at most.
        max: Option<u64>,
    },
    /// A list of at least so many items.
    MinItems(u64),
    /// A list of at most so many items.
    MaxItems(u64),
    /// A list without two equal items.
    UniqueItems,
    /// The items that no other keyword of this schema, or of those that it applies to the same list, has looked at.
    UnevaluatedItems(&'s Assertion<'s>),

    /// Members by name.
    Properties(&'s [(&'s str, Assertion<'s>)]),
    /// Members whose name matches.
    PatternProperties(&'s [(Regex<'s>, Assertion<'s>)]),
    /// All other members.
    AdditionalProperties {
        /// The names in the `Properties` beside this.
        names: &'s [&'s str],
        /// The patterns in the `PatternProperties` beside this.
        patterns: &'s [Regex<'s>],
        /// What the other members obey.
        assertion: &'s Assertion<'s>,
    },
    /// Members that must be there.
    Required(&'s [&'s str]),
    /// What each name of a member obeys, as a text.
    PropertyNames(&'s Assertion<'s>),
    /// An object of at least so many members.
    MinProperties(u64),
    /// An object of at most so many members.
    MaxProperties(u64),
    /// Members that must be there if another one is.
    DependentRequired(&'s [(&'s str, &'s [&'s str])]),
    /// What an object obeys if it has a member.
    DependentSchemas(&'s [(&'s str, Assertion<'s>)]),
    /// The members that no other keyword of this schema, or of those that it applies to the same object, has looked at.
    UnevaluatedProperties(&'s Assertion<'s>),

    /// All of these.
    AllOf(&'s [Assertion<'s>]),
    /// At least one of these.
    AnyOf(&'s [Assertion<'s>]),
    /// Exactly one of these.
    OneOf(&'s [Assertion<'s>]),
    /// Not this.
    Not(&'s Assertion<'s>),
    /// One assertion or another.
    If {
        /// What decides.
        condition: &'s Assertion<'s>,
        /// What a value obeys that obeys `condition`.
        then: Option<&'s Assertion<'s>>,
        /// What any other value obeys.
        otherwise: Option<&'s Assertion<'s>>,
    },

    /// A named assertion that is set after this keyword was made, for assertions that are built at run time and refer to
    /// each other. An empty slot accepts no value.
    Forward(&'s OnceLock<Assertion<'s>>),
    /// Another named assertion.
    Ref(&'s Assertion<'s>),
    /// A `$dynamicRef` to a `$dynamicAnchor`: the assertion of that name in the outermost resource on the way here that has
    /// one.
    DynamicRef {
        /// The name of the anchor.
        anchor: &'s str,
        /// The assertion that it names where the reference stands.
        assertion: &'s Assertion<'s>,
    },
}

impl Keyword<'_> {
    /// Whether this keyword asks what others have looked at.
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
    /// A number without a fraction, however it is written: `1.0` is an integer.
    Integer,
    /// Any number.
    Number,
    /// A text.
    String,
    /// A list.
    Array,
    /// An object.
    Object,
}
