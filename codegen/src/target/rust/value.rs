//! The Rust type of a value.

use super::Emitter;
use super::literal::integer;
use crate::model::{Integer, Length, Name, TimeUnit, TypeDef, Value};

impl Emitter<'_> {
    /// The Rust type of a value.
    pub(super) fn ty(&self, value: &Value) -> String {
        match value {
            Value::Named(name) => name.pascal(),
            Value::Text(text) => limited(&self.prelude("String"), text.length),
            Value::Integer(range) if is_exact(*range) => integer_type(*range).to_owned(),
            Value::Integer(range) => ranged("Ranged", Some(integer_type(*range)), *range),
            Value::Number(_) => "f64".to_owned(),
            Value::Bool => "bool".to_owned(),
            Value::Only(true) => "rt::True".to_owned(),
            Value::Only(false) => "rt::False".to_owned(),
            Value::Duration { unit, range } => ranged(unit_type(*unit), None, *range),
            Value::Array { item, length } => limited(
                &format!("{}<{}>", self.prelude("Vec"), self.ty(item)),
                *length,
            ),
            Value::Map { key, value, length } => {
                limited(&self.map(key.as_ref().map(Name::pascal), value), *length)
            }
            Value::Any => "rt::Value".to_owned(),
            Value::Nullable(inner) => self.option(&self.ty(inner)),
        }
    }

    /// The Rust type of a value in `owner`, with a `Box` if the type would otherwise have no finite size.
    pub(super) fn ty_in(&self, owner: &TypeDef, value: &Value) -> String {
        if !self.plan.cycles.needs_indirection(owner, value) {
            return self.ty(value);
        }
        let boxed = |value| format!("{}<{}>", self.prelude("Box"), self.ty(value));
        match value {
            Value::Nullable(inner) => self.option(&boxed(inner)),
            value => boxed(value),
        }
    }

    /// The Rust type of a map; maps of any JSON values keep their order.
    pub(super) fn map(&self, key: Option<String>, value: &Value) -> String {
        match (key, value) {
            (None, Value::Any) => "rt::Map".to_owned(),
            (key, value) => {
                let key = key.unwrap_or_else(|| self.prelude("String"));
                format!("rt::BTreeMap<{key}, {}>", self.ty(value))
            }
        }
    }

    /// `Option<ty>`.
    pub(super) fn option(&self, ty: &str) -> String {
        format!("{}<{ty}>", self.prelude("Option"))
    }
}

fn limited(ty: &str, length: Length) -> String {
    if length == Length::default() {
        return ty.to_owned();
    }
    let min = integer(length.min.into());
    match length.max {
        Some(max) => format!("rt::Limited<{ty}, {min}, {}>", integer(max.into())),
        None => format!("rt::Limited<{ty}, {min}>"),
    }
}

fn ranged(wrapper: &str, inner: Option<&str>, range: Integer) -> String {
    let inner = inner.map(|inner| format!("{inner}, ")).unwrap_or_default();
    format!(
        "rt::{wrapper}<{inner}{}, {}>",
        integer(range.min),
        integer(range.max)
    )
}

fn unit_type(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Secs => "Secs",
        TimeUnit::Millis => "Millis",
        TimeUnit::Micros => "Micros",
        TimeUnit::Nanos => "Nanos",
    }
}

/// The smallest integer type that holds `range`.
pub(super) fn integer_type(range: Integer) -> &'static str {
    let holds = |(_, min, max): &&(&str, i128, i128)| *min <= range.min && range.max <= *max;
    TYPES.iter().find(holds).map_or("i128", |(name, ..)| name)
}

/// Whether the integer type of `range` has exactly this range.
pub(super) fn is_exact(range: Integer) -> bool {
    let exact = |(_, min, max): &(&str, i128, i128)| (*min, *max) == (range.min, range.max);
    TYPES.iter().any(exact)
}

/// The integer types with their ranges.
const TYPES: [(&str, i128, i128); 8] = [
    ("u8", 0, u8::MAX as i128),
    ("u16", 0, u16::MAX as i128),
    ("u32", 0, u32::MAX as i128),
    ("u64", 0, u64::MAX as i128),
    ("i8", i8::MIN as i128, i8::MAX as i128),
    ("i16", i16::MIN as i128, i16::MAX as i128),
    ("i32", i32::MIN as i128, i32::MAX as i128),
    ("i64", i64::MIN as i128, i64::MAX as i128),
];
