//! Types of values, as annotations.

use super::expression::Expression;
use super::file::File;
use super::literal;
use crate::model::{Format, Integer, Length, Name, Number, Pattern, Text, Value};

/// The constraints of an annotation: the arguments of `Meta`, and those that msgspec does not know.
#[derive(Default)]
pub(super) struct Constraints {
    known: Vec<Expression>,
    extra: Vec<(String, Expression)>,
}

impl Constraints {
    fn add(&mut self, name: &str, value: String) {
        let value = Expression::plain(value);
        self.known.push(Expression::keyword(name, value));
    }

    /// Adds a constraint that msgspec does not know.
    pub(super) fn extra(&mut self, name: &str, value: String) {
        let entry = (format!("\"{name}\""), Expression::plain(value));
        self.extra.push(entry);
    }

    /// Adds the assertion of this name.
    pub(super) fn assertion(&mut self, file: &mut File<'_>, name: Option<&Name>) {
        if let Some(name) = name {
            let constant = file.in_module("assertion", &name.screaming());
            self.extra("assertion", constant);
        }
    }

    fn length(&mut self, length: Length) {
        if length.min > 0 {
            self.add("min_length", literal::integer(length.min.into()));
        }
        if let Some(max) = length.max {
            self.add("max_length", literal::integer(max.into()));
        }
    }

    fn range(&mut self, range: Integer) {
        let (least, most) = (i64::MIN.into(), i64::MAX.into());
        let (min, max) = (literal::integer(range.min), literal::integer(range.max));
        if range.min >= least && range.min <= most {
            self.add("ge", min);
        } else {
            self.extra("ge", min);
        }
        if range.max >= least && range.max <= most {
            self.add("le", max);
        } else {
            self.extra("le", max);
        }
    }

    fn number(&mut self, range: Number) {
        if let Some(min) = range.min {
            self.add("ge", literal::float(min));
        }
        if let Some(max) = range.max {
            self.add("le", literal::float(max));
        }
    }

    fn text(&mut self, rule: &Text) {
        self.length(rule.length);
        if let Some(pattern) = &rule.pattern {
            self.add("pattern", literal::raw(&regex(pattern)));
        }
        if let Some(format) = rule.format {
            self.extra("format", literal::text(&format_name(format)));
        }
        if rule.sensitive {
            self.extra("sensitive", literal::boolean(true));
        }
    }

    /// `ty` with these constraints.
    pub(super) fn apply(self, file: &mut File<'_>, ty: Expression) -> Expression {
        let Self { mut known, extra } = self;
        if !extra.is_empty() {
            known.push(Expression::keyword("extra", Expression::dict(extra)));
        }
        if known.is_empty() {
            return ty;
        }
        let meta = file.outside("msgspec", "Meta");
        let annotated = file.typing("Annotated");
        Expression::subscript(&annotated, vec![ty, Expression::call(&meta, known)])
    }
}

/// The type of a string.
pub(super) fn text(file: &mut File<'_>, rule: &Text, assertion: Option<&Name>) -> Expression {
    let mut constraints = Constraints::default();
    let ty = if let Some(constant) = &rule.constant {
        if rule.sensitive {
            constraints.extra("sensitive", literal::boolean(true));
        }
        literals(file, [constant.as_str()])
    } else {
        constraints.text(rule);
        Expression::plain(file.builtin("str"))
    };
    constraints.assertion(file, assertion);
    constraints.apply(file, ty)
}

/// The type of an integer.
pub(super) fn integer(file: &mut File<'_>, range: Integer, assertion: Option<&Name>) -> Expression {
    let mut constraints = Constraints::default();
    constraints.range(range);
    constraints.assertion(file, assertion);
    let ty = Expression::plain(file.builtin("int"));
    constraints.apply(file, ty)
}

/// The type of a number.
pub(super) fn number(file: &mut File<'_>, range: Number, assertion: Option<&Name>) -> Expression {
    let mut constraints = Constraints::default();
    constraints.number(range);
    constraints.assertion(file, assertion);
    let ty = Expression::plain(file.builtin("float"));
    constraints.apply(file, ty)
}

/// `Literal` of these strings.
pub(super) fn literals<'t>(
    file: &mut File<'_>,
    values: impl IntoIterator<Item = &'t str>,
) -> Expression {
    Expression::subscript(&file.typing("Literal"), literal::texts(values))
}

/// The type of a value.
pub(super) fn value(file: &mut File<'_>, value: &Value) -> Expression {
    constrained(file, value, None)
}

/// The type of a value with an assertion.
pub(super) fn constrained(
    file: &mut File<'_>,
    value: &Value,
    assertion: Option<&Name>,
) -> Expression {
    let mut constraints = Constraints::default();
    let ty = match value {
        Value::Text(rule) => return text(file, rule, assertion),
        Value::Integer(range) | Value::Duration { range, .. } => {
            return integer(file, *range, assertion);
        }
        Value::Number(range) => return number(file, *range, assertion),
        Value::Named(name) => file.named(name),
        Value::Bool => Expression::plain(file.builtin("bool")),
        Value::Only(only) => {
            Expression::plain(file.runtime(if *only { "OnlyTrue" } else { "OnlyFalse" }))
        }
        Value::Any => Expression::plain(file.typing("Any")),
        Value::Nullable(inner) => self::value(file, inner).or(Expression::plain("None")),
        Value::Array { item, length } => {
            constraints.length(*length);
            let item = self::value(file, item);
            Expression::subscript(&file.builtin("list"), vec![item])
        }
        Value::Map { key, value, length } => {
            constraints.length(*length);
            map(file, key.as_ref(), value)
        }
    };
    constraints.assertion(file, assertion);
    constraints.apply(file, ty)
}

/// The type of a map.
pub(super) fn map(file: &mut File<'_>, key: Option<&Name>, value: &Value) -> Expression {
    let key = match key {
        Some(key) => file.named(key),
        None => Expression::plain(file.builtin("str")),
    };
    let value = self::value(file, value);
    Expression::subscript(&file.builtin("dict"), vec![key, value])
}

/// The pattern in the notation of Python, anchored at both ends: `$` would also match before a final line break.
fn regex(pattern: &Pattern) -> String {
    let runs = pattern.runs.iter().map(|run| {
        let count = match (run.min, run.max) {
            (1, Some(1)) => String::new(),
            (min, Some(max)) if min == max => format!("{{{min}}}"),
            (min, Some(max)) => format!("{{{min},{max}}}"),
            (1, None) => "+".to_owned(),
            (0, None) => "*".to_owned(),
            (min, None) => format!("{{{min},}}"),
        };
        format!("[{}]{count}", run.class)
    });
    format!(r"\A{}\Z", runs.collect::<String>())
}

/// The name of a format in JSON Schema.
fn format_name(format: Format) -> String {
    let name = serde_json::to_value(format).ok();
    let name = name.as_ref().and_then(serde_json::Value::as_str);
    name.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::pattern;

    #[test]
    fn value_pattern_is_anchored() {
        let check = |source: &str, expected: &str| {
            let pattern = pattern::parse(source).map(|pattern| regex(&pattern));
            assert_eq!(pattern.as_deref(), Some(expected));
        };
        check("^[a-z0-9_-]+$", r"\A[a-z0-9_-]+\Z");
        check("^[a-z]{1,24}$", r"\A[a-z]{1,24}\Z");
        check("^a\\d*$", r"\A[a][0-9]*\Z");
    }

    #[test]
    fn value_format_has_the_name_of_the_schema() {
        assert_eq!(format_name(Format::DateTime), "date-time");
    }
}
