//! Lays out expressions as `ruff format` does, for lines of 88 columns.

use super::super::writer::Writer;

/// Columns of a source line.
pub(super) const COLUMNS: usize = 88;

/// An expression of literals, names, brackets and unions.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    /// A literal or a name.
    Plain(String),
    /// A bracketed expression.
    Bracketed {
        /// The text before its parts, including the bracket: `Literal[`, `Meta(`.
        open: String,
        parts: Vec<Self>,
        close: char,
    },
    /// Types joined by `|`.
    Union(Vec<Self>),
    /// An argument with its name.
    Keyword(String, Box<Self>),
    /// A member of a dict: its key and its value; or a function without arguments: `lambda` and its value.
    Member(String, Box<Self>),
}

impl Expression {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::Plain(text.into())
    }

    /// `name(parts)`; a tuple if the name is empty.
    pub(super) fn call(name: &str, parts: Vec<Self>) -> Self {
        Self::Bracketed {
            open: format!("{name}("),
            parts,
            close: ')',
        }
    }

    /// `name[parts]`; a list if the name is empty.
    pub(super) fn subscript(name: &str, parts: Vec<Self>) -> Self {
        Self::Bracketed {
            open: format!("{name}["),
            parts,
            close: ']',
        }
    }

    /// `{key: value}`.
    pub(super) fn dict(members: Vec<(String, Self)>) -> Self {
        let members = members.into_iter();
        Self::Bracketed {
            open: "{".to_owned(),
            parts: members
                .map(|(key, value)| Self::Member(key, Box::new(value)))
                .collect(),
            close: '}',
        }
    }

    /// `lambda: value`.
    pub(super) fn lambda(value: Self) -> Self {
        Self::Member("lambda".to_owned(), Box::new(value))
    }

    pub(super) fn keyword(name: &str, value: Self) -> Self {
        Self::Keyword(name.to_owned(), Box::new(value))
    }

    /// This type or another type.
    pub(super) fn or(self, other: Self) -> Self {
        match self {
            Self::Union(mut types) => {
                types.push(other);
                Self::Union(types)
            }
            only => Self::Union(vec![only, other]),
        }
    }

    /// The expression on a single line.
    pub(super) fn flat(&self) -> String {
        let join = |parts: &[Self], between: &str| {
            parts
                .iter()
                .map(Self::flat)
                .collect::<Vec<_>>()
                .join(between)
        };
        match self {
            Self::Plain(text) => text.clone(),
            Self::Bracketed { open, parts, close } => {
                let comma = if is_tuple_of_one(open, parts) {
                    ","
                } else {
                    ""
                };
                format!("{open}{}{comma}{close}", join(parts, ", "))
            }
            Self::Union(types) => join(types, " | "),
            Self::Keyword(name, value) => format!("{name}={}", value.flat()),
            Self::Member(key, value) => format!("{key}: {}", value.flat()),
        }
    }

    /// Writes the expression between `before` and `after`, as a statement or a part of a statement.
    pub(super) fn write(&self, out: &mut Writer, before: &str, after: &str) {
        self.write_at(out, before, after, true);
    }

    fn write_at(&self, out: &mut Writer, before: &str, after: &str, is_statement: bool) {
        let line = format!("{before}{}{after}", self.flat());
        if out.fits(&line, COLUMNS) {
            out.line(&line);
            return;
        }
        match self {
            Self::Bracketed { open, parts, close } if !parts.is_empty() => {
                let comma = has_comma(open, parts, *close);
                let (head, tail) = (format!("{before}{open}"), format!("{close}{after}"));
                out.block(&head, &tail, |out| {
                    for part in parts {
                        part.write_at(out, "", comma, false);
                    }
                });
            }
            Self::Union(types) if is_statement => {
                out.block(&format!("{before}("), &format!("){after}"), |out| {
                    if out.fits(&self.flat(), COLUMNS) {
                        out.line(&self.flat());
                    } else {
                        write_union(types, out, "", "");
                    }
                });
            }
            Self::Union(types) => write_union(types, out, before, after),
            Self::Keyword(name, value) => {
                value.write_at(out, &format!("{before}{name}="), after, false);
            }
            Self::Member(key, value) => {
                value.write_at(out, &format!("{before}{key}: "), after, false);
            }
            Self::Plain(text) if is_statement && out.fits(&format!("    {text}"), COLUMNS) => {
                out.block(&format!("{before}("), &format!("){after}"), |out| {
                    out.line(text);
                });
            }
            Self::Plain(_) | Self::Bracketed { .. } => out.line(&line),
        }
    }
}

/// Writes `name: ty = value`. The value is broken if this suffices, otherwise the type.
pub(super) fn write_assignment(out: &mut Writer, name: &str, ty: &Expression, value: &Expression) {
    let head = format!("{name}: {} = ", ty.flat());
    let line = head.clone() + &value.flat();
    let breaks_after = |open: &str| out.fits(&format!("{head}{open}"), COLUMNS);
    let breaks_value = match value {
        Expression::Bracketed { open, parts, .. } => !parts.is_empty() && breaks_after(open),
        Expression::Plain(text) => breaks_after("(") && out.fits(&format!("    {text}"), COLUMNS),
        _ => false,
    };
    if out.fits(&line, COLUMNS) || breaks_value {
        value.write(out, &head, "");
    } else if let Expression::Plain(_) = ty {
        out.line(&line);
    } else {
        ty.write(out, &format!("{name}: "), &format!(" = {}", value.flat()));
    }
}

/// Writes each type of a union on lines of its own.
fn write_union(types: &[Expression], out: &mut Writer, before: &str, after: &str) {
    for (at, ty) in types.iter().enumerate() {
        let before = if at == 0 { before } else { "| " };
        let after = if at + 1 == types.len() { after } else { "" };
        ty.write_at(out, before, after, false);
    }
}

/// Whether brackets are a tuple with a single item, which needs a comma.
fn is_tuple_of_one(open: &str, parts: &[Expression]) -> bool {
    open == "(" && parts.len() == 1
}

/// The comma after each part on its own line. A comma would turn a single subscript into a tuple.
fn has_comma(open: &str, parts: &[Expression], close: char) -> &'static str {
    if close == ']' && open != "[" && parts.len() == 1 {
        ""
    } else {
        ","
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &Expression, before: &str, after: &str, expected: &[&str]) {
        let mut out = Writer::new("    ", 4);
        expression.write(&mut out, before, after);
        let text = out.finish();
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }

    fn long(name: &str) -> Expression {
        Expression::plain(format!("{name}{}", "x".repeat(39)))
    }

    #[test]
    fn expression_that_fits_is_a_line() {
        let literal = Expression::subscript("Literal", vec![Expression::plain("\"a\"")]);
        let union = literal.or(Expression::plain("str"));
        check(
            &union,
            "A: TypeAlias = ",
            "",
            &["A: TypeAlias = Literal[\"a\"] | str"],
        );
        let tuple = Expression::call("", vec![Expression::plain("a")]);
        check(&tuple, "x = ", "", &["x = (a,)"]);
    }

    #[test]
    fn expression_that_is_long_has_a_line_for_each_part() {
        let parts = vec![long("a"), long("b")];
        let (a, b) = (long("a").flat(), long("b").flat());
        let lines = [format!("    {a},"), format!("    {b},")];
        let expected = ["x = f(", &lines[0], &lines[1], ")"];
        check(&Expression::call("f", parts), "x = ", "", &expected);
        let item = Expression::plain("x".repeat(80));
        let line = format!("    {}", item.flat());
        let list = Expression::subscript("list", vec![item]);
        check(&list, "x: ", "", &["x: list[", &line, "]"]);
    }

    #[test]
    fn expression_assignment_breaks_its_value_first() {
        let check = |ty: &Expression, value: &Expression, expected: &[&str]| {
            let mut out = Writer::new("    ", 4);
            write_assignment(&mut out, "x", ty, value);
            assert_eq!(out.finish().lines().collect::<Vec<_>>(), expected);
        };
        let (a, b) = (long("a"), Expression::plain("b".repeat(45)));
        let line = format!("    {}", b.flat());
        let head = format!("x: {} = (", a.flat());
        check(&a, &b, &[&head, &line, ")"]);
        let call = Expression::call("f", vec![b.clone()]);
        let head = format!("x: {} = f(", a.flat());
        let item = format!("{line},");
        check(&a, &call, &[&head, &item, ")"]);
        let ty = a.clone().or(long("c")).or(Expression::plain("str"));
        let line = format!("x: {}", a.flat());
        assert!(line.len() < COLUMNS);
        let types = [
            format!("    {}", a.flat()),
            format!("    | {}", long("c").flat()),
        ];
        let tail = format!(") = {}", b.flat());
        check(&ty, &b, &["x: (", &types[0], &types[1], "    | str", &tail]);
    }

    #[test]
    fn expression_union_that_is_long_is_parenthesized() {
        let union = long("a").or(long("b"));
        let line = format!("    {}", union.flat());
        check(&union, "x: ", " = 1", &["x: (", &line, ") = 1"]);
        let union = union.or(long("c"));
        let lines = ["a", "b", "c"].map(|name| long(name).flat());
        let lines = [
            format!("    {}", lines[0]),
            format!("    | {}", lines[1]),
            format!("    | {}", lines[2]),
        ];
        let expected = ["x: (", &lines[0], &lines[1], &lines[2], ")"];
        check(&union, "x: ", "", &expected);
    }
}
