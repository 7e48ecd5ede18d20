//! The keywords of JSON Schema that a assertion is made of.

use crate::codec::format::Format;

use super::{Assertion, Constant, Decimal, Regex};

/// One keyword of a schema, or a few that only have a meaning together.
///
/// A keyword that speaks of one JSON type holds for every value of another type.
#[derive(Debug)]
#[non_exhaustive]
pub enum Keyword {
    /// The schema `false`: nothing is valid.
    Never,
    /// A value of one of these types.
    Type(&'static [Type]),
    /// This value.
    Const(Constant),
    /// One of these values.
    Enum(&'static [Constant]),

    /// A number not below this.
    Minimum(Decimal),
    /// A number not above this.
    Maximum(Decimal),
    /// A number above this.
    ExclusiveMinimum(Decimal),
    /// A number below this.
    ExclusiveMaximum(Decimal),
    /// A multiple of this number, exactly.
    MultipleOf(Decimal),

    /// A text of at least so many Unicode characters.
    MinLength(u64),
    /// A text of at most so many Unicode characters.
    MaxLength(u64),
    /// A text in which this finds something.
    Pattern(Regex),
    /// A text of this format.
    Format(Format),

    /// The first items of a list, each by its own assertion.
    PrefixItems(&'static [Assertion]),
    /// The items of a list after the first `after` ones.
    Items {
        /// How many items are left to `PrefixItems`.
        after: usize,
        /// What each of the others obeys.
        assertion: &'static Assertion,
    },
    /// A list in which `min` to `max` items obey a assertion.
    Contains {
        /// What the items obey.
        assertion: &'static Assertion,
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
    UnevaluatedItems(&'static Assertion),

    /// Members by name.
    Properties(&'static [(&'static str, Assertion)]),
    /// Members whose name matches.
    PatternProperties(&'static [(Regex, Assertion)]),
    /// All other members.
    AdditionalProperties {
        /// The names in the `Properties` beside this.
        names: &'static [&'static str],
        /// The patterns in the `PatternProperties` beside this.
        patterns: &'static [Regex],
        /// What the other members obey.
        assertion: &'static Assertion,
    },
    /// Members that must be there.
    Required(&'static [&'static str]),
    /// What each name of a member obeys, as a text.
    PropertyNames(&'static Assertion),
    /// An object of at least so many members.
    MinProperties(u64),
    /// An object of at most so many members.
    MaxProperties(u64),
    /// Members that must be there if another one is.
    DependentRequired(&'static [(&'static str, &'static [&'static str])]),
    /// What an object obeys if it has a member.
    DependentSchemas(&'static [(&'static str, Assertion)]),
    /// The members that no other keyword of this schema, or of those that it applies to the same object, has looked at.
    UnevaluatedProperties(&'static Assertion),

    /// All of these.
    AllOf(&'static [Assertion]),
    /// At least one of these.
    AnyOf(&'static [Assertion]),
    /// Exactly one of these.
    OneOf(&'static [Assertion]),
    /// Not this.
    Not(&'static Assertion),
    /// One assertion or another.
    If {
        /// What decides.
        condition: &'static Assertion,
        /// What a value obeys that obeys `condition`.
        then: Option<&'static Assertion>,
        /// What any other value obeys.
        otherwise: Option<&'static Assertion>,
    },

    /// Another named assertion.
    Ref(&'static Assertion),
    /// A `$dynamicRef` to a `$dynamicAnchor`: the assertion of that name in the outermost resource on the way here that has
    /// one.
    DynamicRef {
        /// The name of the anchor.
        anchor: &'static str,
        /// The assertion that it names where the reference stands.
        assertion: &'static Assertion,
    },
}

impl Keyword {
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
