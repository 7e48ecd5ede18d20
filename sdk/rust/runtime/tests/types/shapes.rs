//! One type of each form, as in generated code.

use std::collections::BTreeMap;

use natsgen_runtime::assertion::Format;
use natsgen_runtime::generated::{Run, TextConstraint};
use natsgen_runtime::{
    Limited, Map, Nullable, Ranged, Secs, True, Value, enumeration, integer, newtype, number,
    object, secret_text, tagged, text, union,
};

pub(crate) mod assertion {
    use natsgen_runtime::assertion::{Assertion, Decimal, Keyword, Type};

    pub(crate) static EVEN: Assertion = Assertion::new(&[Keyword::MultipleOf(Decimal::new("2"))]);
    pub(crate) static THIRD: Assertion = Assertion::new(&[Keyword::MultipleOf(Decimal::new("3"))]);
    pub(crate) static DISTANT: Assertion =
        Assertion::new(&[Keyword::Minimum(Decimal::new("9007199254740993"))]);
    pub(crate) static SHORT: Assertion = Assertion::new(&[Keyword::MaxLength(3)]);
    pub(crate) static PAIR: Assertion = Assertion::new(&[Keyword::UniqueItems]);
    pub(crate) static BOX: Assertion = Assertion::new(&[
        Keyword::Type(&[Type::Object]),
        Keyword::DependentRequired(&[("width", &["height"])]),
    ]);
    pub(crate) static SCALAR: Assertion =
        Assertion::new(&[Keyword::Type(&[Type::String, Type::Number])]);
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(String);

text!(
    Name,
    TextConstraint::new()
        .length(1, 8)
        .pattern("^[a-z-]+$", &[Run::new("a-z-", 1, None)])
);

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

secret_text!(Token, TextConstraint::new().length(4, 8));

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id(String);

text!(Id, TextConstraint::new().format(Format::Uuid));

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Short(String);

text!(Short, TextConstraint::new(), validate assertion::SHORT);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Shelf(u32);

integer!(Shelf, u32, 0, 99);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Even(i64);

integer!(Even, i64, -10, 10, validate assertion::EVEN);

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Share(f64);

number!(Share, 0.0, 1.0);

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Height(f64);

number!(Height, 0.0, f64::INFINITY, validate assertion::EVEN);

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Third(f64);

number!(Third, f64::NEG_INFINITY, f64::INFINITY, validate assertion::THIRD);

/// `minimum: 9007199254740993`, which no float represents.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Distant(f64);

number!(Distant, 9_007_199_254_740_992.0, f64::INFINITY, validate assertion::DISTANT);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Size {
    Small,
    Large,
}

enumeration! {
    Size {
        "small" => Small,
        "large" => Large,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mood {
    Good,
    Unknown(String),
}

enumeration! { Mood { "good" => Good } non_exhaustive }

/// Each combination of required, optional and default.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sheet {
    pub(crate) name: Name,
    pub(crate) yes: True,
    pub(crate) span: Option<Secs<1, 60>>,
    pub(crate) last: Option<u64>,
    pub(crate) both: Option<Nullable<Limited<String, 1, 4>>>,
    pub(crate) list: Vec<Size>,
    pub(crate) level: Ranged<i8, -5, 5>,
    pub(crate) title: Limited<String, 0, 16>,
    pub(crate) r#type: Value,
}

object! {
    pub(crate) Sheet, SheetRef {
        required name: Name = "name",
        required yes: True = "yes",
        optional span: Secs<1, 60> = "span_secs",
        required last: Option<u64> = "last",
        optional both: Nullable<Limited<String, 1, 4>> = "both",
        default list: Vec<Size> = "list",
        default("3") level: Ranged<i8, -5, 5> = "level",
        default("\"none\"") title: Limited<String, 0, 16> = "title",
        default("[1]") r#type: Value = "type",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Closed {
    pub(crate) token: Option<Token>,
    pub(crate) shares: BTreeMap<Name, Share>,
}

object! {
    pub(crate) Closed, ClosedRef {
        optional token: Token = "token",
        required shares: BTreeMap<Name, Share> = "shares",
    } deny_unknown_fields
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Free {
    pub(crate) known: Option<Limited<Vec<u8>, 0, 2>>,
    pub(crate) rest: Map,
}

object! {
    pub(crate) Free, FreeRef {
        optional known: Limited<Vec<u8>, 0, 2> = "known",
    } flatten rest: Map
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Typed {
    pub(crate) rest: BTreeMap<String, Limited<Vec<String>, 1, 2>>,
}

object! { pub(crate) Typed, TypedRef {} flatten rest: BTreeMap<String, Limited<Vec<String>, 1, 2>> }

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) width: Option<u16>,
    pub(crate) height: Option<u16>,
}

object! {
    Area {
        optional width: u16 = "width",
        optional height: u16 = "height",
    } deny_unknown_fields validate assertion::BOX
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Nothing {}

object! { Nothing {} }

/// A tree through an array, and a chain through a box.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AnyValue {
    pub(crate) name: String,
    pub(crate) children: Vec<AnyValue>,
    pub(crate) next: Option<Box<AnyValue>>,
}

object! {
    pub(crate) AnyValue, TreeRef {
        required name: String = "name",
        default children: Vec<AnyValue> = "children",
        optional next: Box<AnyValue> = "next",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    Blank,
    Note(Limited<String, 0, 8>),
    Sheet(Box<Sheet>),
    Nested(Box<Entry>),
    Unknown(Value),
}

union! {
    pub(crate) Entry, EntryRef {
        "Blank" => Blank,
        "Note" => Note(Limited<String, 0, 8>),
        "Sheet" => Sheet(Box<Sheet>),
        "Nested" => Nested(Box<Entry>),
    } non_exhaustive
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Vote {
    Yes,
    Weighted(Share),
}

union! { Vote { "yes" => Yes, "weighted" => Weighted(Share) } }

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum CircleKind {
    Circle,
}

enumeration! { CircleKind { "circle" => Circle } }

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Circle {
    pub(crate) kind: CircleKind,
    pub(crate) radius: u32,
    pub(crate) label: Option<String>,
}

object! {
    pub(crate) Circle, CircleRef {
        required kind: CircleKind = "kind",
        required radius: u32 = "radius",
        optional label: String = "label",
    } deny_unknown_fields
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Drawing {
    Circle(Circle),
    Unknown(Value),
}

tagged! { pub(crate) Drawing, DrawingRef by "kind" { "circle" => Circle(Circle) } non_exhaustive }

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Figure {
    Circle(Circle),
}

tagged! { pub(crate) Figure, FigureRef by "kind" { "circle" => Circle(Circle) } }

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Labels(pub(crate) Limited<BTreeMap<Name, Limited<String, 0, 4>>, 0, 2>);

newtype! { pub(crate) Labels, LabelsRef(Limited<BTreeMap<Name, Limited<String, 0, 4>>, 0, 2>) }

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pair(Vec<u8>);

newtype! { Pair(Vec<u8>) validate assertion::PAIR }

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scalar(Value);

newtype! { pub(crate) Scalar, ScalarRef(Value) validate assertion::SCALAR }

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Anything(pub(crate) Value);

newtype! { pub(crate) Anything, AnythingRef(Value) }
