//! The Go type of a value, and the statements that read and write it.

use super::file::File;
use super::literal::{float, integer, length};
use super::names;
use crate::model::{Integer, Name, Number, Shape, TimeUnit, Value};

/// The greatest size of a function that gofmt keeps on a single line: its signature and its body. The space after the
/// signature counts only for a declaration.
const ONE_LINE: usize = 100;

impl File<'_> {
    /// The Go type of a value.
    pub(super) fn ty(&mut self, value: &Value) -> String {
        match value {
            Value::Named(name) => self.named(name),
            Value::Text(_) => "string".to_owned(),
            Value::Number(_) => "float64".to_owned(),
            Value::Bool => "bool".to_owned(),
            Value::Only(only) => self.codec(only_type(*only)),
            Value::Duration { unit, range } if is_exact(*unit, *range) => {
                self.standard("time", "Duration")
            }
            Value::Integer(range) | Value::Duration { range, .. } => {
                integer_type(*range).to_owned()
            }
            Value::Array { item, .. } => format!("[]{}", self.ty(item)),
            Value::Map { key, value, .. } => {
                let key = self.key(key.as_ref());
                format!("map[{key}]{}", self.ty(value))
            }
            Value::Any => self.standard("encoding/json", "RawMessage"),
            Value::Nullable(inner) => format!("*{}", self.ty(inner)),
        }
    }

    fn key(&mut self, key: Option<&Name>) -> String {
        key.map_or_else(|| "string".to_owned(), |name| self.named(name))
    }

    /// The statement that reads a value into `place`.
    pub(super) fn read(&mut self, value: &Value, place: &str) -> String {
        if has_methods(value) {
            return format!("{}.DecodeFrom(r)", method_receiver(place));
        }
        format!("{place} = {}", self.read_expression(value))
    }

    /// The expression that reads a value.
    pub(super) fn read_expression(&mut self, value: &Value) -> String {
        match value {
            Value::Named(_) | Value::Only(_) => format!("*{}", self.new_value(value)),
            Value::Text(text) => format!("r.String({})", length(text.length)),
            Value::Number(range) => format!("r.Float({})", self.bounds(*range)),
            Value::Bool => "r.Bool()".to_owned(),
            Value::Duration { unit, range } if is_exact(*unit, *range) => {
                let unit = self.unit(*unit);
                format!("r.Duration({unit}, {})", bounds(*range))
            }
            Value::Integer(range) | Value::Duration { range, .. } => {
                integer_call("r", integer_type(*range), "", *range)
            }
            Value::Array {
                item,
                length: limit,
            } => {
                let (list, read) = (self.codec("List"), self.reader(item));
                format!("{list}(r, {}, {read})", length(*limit))
            }
            Value::Map {
                key,
                value,
                length: limit,
            } => {
                let (call, check) = self.map_call("Map", key.as_ref());
                let read = self.reader(value);
                format!("{call}(r, {}, {check}, {read})", length(*limit))
            }
            Value::Any => "r.Raw()".to_owned(),
            Value::Nullable(inner) => {
                let (call, read) = (self.codec("NewNullable"), self.reader(inner));
                format!("{call}(r, {read})")
            }
        }
    }

    /// The function that reads a value.
    pub(super) fn reader(&mut self, value: &Value) -> String {
        match value {
            value if has_methods(value) => format!("(*{}).DecodeFrom", self.ty(value)),
            Value::Any => self.codec("ReadRaw"),
            value => {
                let (ty, reader) = (self.ty(value), self.codec("Reader"));
                let signature = format!("func(v *{ty}, r *{reader})");
                function(&signature, &self.read(value, "*v"))
            }
        }
    }

    /// The expression that reads a value behind a new pointer.
    pub(super) fn new_value(&mut self, value: &Value) -> String {
        let (call, read) = (self.codec("New"), self.reader(value));
        format!("{call}(r, {read})")
    }

    /// The statement that writes the value at `place`.
    pub(super) fn write(&mut self, value: &Value, place: &str) -> String {
        match value {
            Value::Named(_) | Value::Only(_) => {
                format!("{}.EncodeTo(w)", method_receiver(place))
            }
            Value::Text(text) => format!("w.String({place}, {})", length(text.length)),
            Value::Number(range) => format!("w.Float({place}, {})", self.bounds(*range)),
            Value::Bool => format!("w.Bool({place})"),
            Value::Duration { unit, range } if is_exact(*unit, *range) => {
                let unit = self.unit(*unit);
                format!("w.Duration({place}, {unit}, {})", bounds(*range))
            }
            Value::Integer(range) | Value::Duration { range, .. } => {
                integer_call("w", integer_type(*range), place, *range)
            }
            Value::Array {
                item,
                length: limit,
            } => {
                let (list, write) = (self.codec("WriteList"), self.writer_function(item));
                format!("{list}(w, {place}, {}, {write})", length(*limit))
            }
            Value::Map {
                key,
                value,
                length: limit,
            } => {
                let call = self.codec("WriteMap");
                let (_, check) = self.map_call("WriteMap", key.as_ref());
                let write = self.writer_function(value);
                format!("{call}(w, {place}, {}, {check}, {write})", length(*limit))
            }
            Value::Any => format!("w.Raw({place})"),
            Value::Nullable(inner) => {
                let (call, write) = (self.codec("WriteNullable"), self.writer_function(inner));
                format!("{call}(w, {place}, {write})")
            }
        }
    }

    /// The function that writes a value.
    pub(super) fn writer_function(&mut self, value: &Value) -> String {
        match value {
            value if has_methods(value) => format!("(*{}).EncodeTo", self.ty(value)),
            Value::Any => self.codec("WriteRaw"),
            value => {
                let (ty, writer) = (self.ty(value), self.codec("Writer"));
                let signature = format!("func(v *{ty}, w *{writer})");
                function(&signature, &self.write(value, "*v"))
            }
        }
    }

    /// The function of the codec for a map, and the function that checks its keys.
    fn map_call(&mut self, name: &str, key: Option<&Name>) -> (String, String) {
        let call = self.codec(name);
        match key {
            Some(key) => {
                let key = self.named(key);
                let check = format!("{}[{key}]", self.codec("KeyOf"));
                (call, check)
            }
            None => (format!("{call}[string]"), "nil".to_owned()),
        }
    }

    fn bounds(&mut self, range: Number) -> String {
        let mut bound = |bound: Option<f64>, sign: &str| match bound {
            Some(bound) => float(bound),
            None => format!("{}({sign}1)", self.standard("math", "Inf")),
        };
        let (min, max) = (bound(range.min, "-"), bound(range.max, ""));
        format!("{min}, {max}")
    }

    /// The unit of a duration.
    pub(super) fn unit(&mut self, unit: TimeUnit) -> String {
        let name = match unit {
            TimeUnit::Secs => "Second",
            TimeUnit::Millis => "Millisecond",
            TimeUnit::Micros => "Microsecond",
            TimeUnit::Nanos => "Nanosecond",
        };
        self.standard("time", name)
    }

    /// Whether the Go type has a nil value that stands for an absent member: a list, a map or any JSON value.
    pub(super) fn is_nilable(&self, value: &Value) -> bool {
        match value {
            Value::Array { .. } | Value::Map { .. } | Value::Any => true,
            Value::Named(name) => {
                let def = self.emitter.plan.get(name);
                matches!(
                    def.map(|def| &def.shape),
                    Some(Shape::Alias(
                        Value::Array { .. } | Value::Map { .. } | Value::Any
                    ))
                )
            }
            _ => false,
        }
    }
}

/// A function with a signature and a body, on a single line if gofmt keeps it there.
pub(super) fn function(signature: &str, body: &str) -> String {
    let space = usize::from(signature.starts_with("func "));
    if !body.contains('\n') && signature.len() + space + body.len() <= ONE_LINE {
        return format!("{signature} {{ {body} }}");
    }
    let body = body.lines().map(|line| match line {
        "" => "\n".to_owned(),
        line => format!("\t{line}\n"),
    });
    format!("{signature} {{\n{}}}", body.collect::<String>())
}

/// The Go type of integers in `range`.
pub(super) fn integer_type(range: Integer) -> &'static str {
    if range.max > i128::from(i64::MAX) {
        "uint64"
    } else {
        "int64"
    }
}

/// The call that reads or writes an integer.
pub(super) fn integer_call(on: &str, ty: &str, place: &str, range: Integer) -> String {
    let method = if ty == "uint64" { "Uint" } else { "Int" };
    let comma = if place.is_empty() { "" } else { ", " };
    format!("{on}.{method}({place}{comma}{})", bounds(range))
}

fn bounds(range: Integer) -> String {
    format!("{}, {}", integer(range.min), integer(range.max))
}

/// Whether `time.Duration`, a number of nanoseconds, can hold all durations of `range`.
pub(super) fn is_exact(unit: TimeUnit, range: Integer) -> bool {
    let nanos = match unit {
        TimeUnit::Secs => 1_000_000_000,
        TimeUnit::Millis => 1_000_000,
        TimeUnit::Micros => 1_000,
        TimeUnit::Nanos => 1,
    };
    let fits = |bound: i128| i64::try_from(bound.saturating_mul(nanos)).is_ok();
    fits(range.min) && fits(range.max)
}

/// The word of a unit in names.
pub(super) fn unit_word(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Secs => "secs",
        TimeUnit::Millis => "millis",
        TimeUnit::Micros => "micros",
        TimeUnit::Nanos => "nanos",
    }
}

/// Whether the Go type of a value has methods that read and write it.
fn has_methods(value: &Value) -> bool {
    matches!(value, Value::Named(_) | Value::Only(_))
}

fn only_type(only: bool) -> &'static str {
    if only { "True" } else { "False" }
}

/// The receiver of a method call on the value at `place`.
fn method_receiver(place: &str) -> &str {
    place.strip_prefix('*').unwrap_or(place)
}

/// The name of the variable that belongs to a type.
pub(super) fn variable(name: &Name, what: &str) -> String {
    names::unexported(&name.with(what))
}
