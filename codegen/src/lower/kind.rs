//! Kinds of values: `type`.

use crate::diagnostic::Diagnostics;
use crate::model::Type;
use crate::read::Object;
use crate::schema::types::types;

/// The kind of a value, as far as keywords distinguish kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string.
    Text,
    /// An integer.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// The value of `type`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Typed {
    /// `type` is absent.
    No,
    /// A single type, not `null`.
    One(Kind),
    /// A single type and `null`.
    Nullable(Kind),
    /// Several other types, or only `null`.
    Several,
}

impl Kind {
    /// The kind of a type; `null` has no kind.
    pub(super) fn of(ty: Type) -> Option<Self> {
        Some(match ty {
            Type::Null => return None,
            Type::String => Self::Text,
            Type::Integer => Self::Integer,
            Type::Number => Self::Number,
            Type::Boolean => Self::Boolean,
            Type::Array => Self::Array,
            Type::Object => Self::Object,
        })
    }

    /// The kind in words.
    pub(super) fn named(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// Reads `type`.
pub(super) fn typed(object: &Object<'_>, out: &mut Diagnostics) -> Option<Typed> {
    let Some(node) = object.get("type") else {
        return Some(Typed::No);
    };
    let types = types(&node, out)?;
    Some(match types[..] {
        [one] | [Type::Null, one] | [one, Type::Null] => match (Kind::of(one), types.len()) {
            (Some(kind), 1) => Typed::One(kind),
            (Some(kind), _) => Typed::Nullable(kind),
            (None, _) => Typed::Several,
        },
        _ => Typed::Several,
    })
}
