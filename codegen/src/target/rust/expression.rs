//! Lays out nested calls as rustfmt does. The crate `prettyplease` would give every bracket a line of its own.

use super::imports::COLUMNS;
use super::literal::text;

/// Width of an indentation level, in columns.
const INDENT: usize = 4;

/// An expression of literals, paths, calls, arrays and structs.
pub(super) enum Expression {
    /// A literal or a path.
    Plain(String),
    /// A bracketed expression.
    Bracketed {
        /// The text before its parts, including the bracket: `&[`, `Assertion::new(`, `Keyword::Items {`.
        open: String,
        parts: Vec<Self>,
        close: char,
    },
    /// A field of a struct.
    Field(&'static str, Box<Self>),
}

impl Expression {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::Plain(text.into())
    }

    /// A string literal; a raw literal if it needs fewer backslashes.
    pub(super) fn text(value: &str) -> Self {
        let plain = !value.contains(char::is_control) && !value.contains("\"#");
        Self::Plain(match (value.contains('"'), value.contains('\\')) {
            (true, _) if plain => format!("r#\"{value}\"#"),
            (false, true) if plain => format!("r\"{value}\""),
            _ => text(value),
        })
    }

    /// `name(parts)`; a tuple if the name is empty.
    pub(super) fn call(name: &str, parts: Vec<Self>) -> Self {
        Self::Bracketed {
            open: format!("{name}("),
            parts,
            close: ')',
        }
    }

    /// `&[parts]`.
    pub(super) fn list(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::Bracketed {
            open: "&[".to_owned(),
            parts: parts.into_iter().collect(),
            close: ']',
        }
    }

    /// `name { fields }`.
    pub(super) fn fields<const N: usize>(name: &str, fields: [(&'static str, Self); N]) -> Self {
        let fields = fields.map(|(name, value)| Self::Field(name, Box::new(value)));
        Self::Bracketed {
            open: format!("{name} {{"),
            parts: fields.into(),
            close: '}',
        }
    }

    /// `&self`.
    pub(super) fn borrowed(self) -> Self {
        match self {
            Self::Plain(text) => Self::Plain(format!("&{text}")),
            Self::Bracketed { open, parts, close } => Self::Bracketed {
                open: format!("&{open}"),
                parts,
                close,
            },
            field @ Self::Field(..) => field,
        }
    }

    /// `Some(…)` or `None`.
    pub(super) fn option(value: Option<Self>) -> Self {
        match value {
            Some(value) => Self::call("Some", vec![value]),
            None => Self::plain("None"),
        }
    }

    /// The text after `before`, which starts at `indent` columns; `after` follows on its last line.
    pub(super) fn render(&self, before: &str, indent: usize, after: &str) -> String {
        let line = format!("{before}{}{after}", self.line());
        if indent + line.chars().count() <= COLUMNS {
            return line;
        }
        match self {
            Self::Plain(_) => line,
            Self::Field(name, value) => value.render(&format!("{before}{name}: "), indent, after),
            Self::Bracketed { open, parts, close } => {
                let (before, after) = (format!("{before}{open}"), format!("{close}{after}"));
                if let Some(with_open_last) = with_open_last(parts, *close, &before, indent, &after)
                {
                    return with_open_last;
                }
                one_part_a_line(parts, &before, indent, &after)
            }
        }
    }

    /// The text on a single line.
    fn line(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Field(name, value) => format!("{name}: {}", value.line()),
            Self::Bracketed { open, parts, close } => {
                let parts: Vec<String> = parts.iter().map(Self::line).collect();
                let space = if *close == '}' { " " } else { "" };
                format!("{open}{space}{}{space}{close}", parts.join(", "))
            }
        }
    }
}

/// The arguments of a call on the line of the call, with the last argument opened there, if this layout
/// fits.
fn with_open_last(
    parts: &[Expression],
    close: char,
    before: &str,
    indent: usize,
    after: &str,
) -> Option<String> {
    let (last, others) = parts.split_last()?;
    let plain = |part: &Expression| matches!(part, Expression::Plain(_));
    if close != ')' || plain(last) || !others.iter().all(plain) {
        return None;
    }
    let others: String = others.iter().map(|part| part.line() + ", ").collect();
    let text = last.render(&format!("{before}{others}"), indent, after);
    let first = text.lines().next().unwrap_or_default();
    (indent + first.chars().count() <= COLUMNS).then_some(text)
}

/// Writes each part on a line of its own.
fn one_part_a_line(parts: &[Expression], before: &str, indent: usize, after: &str) -> String {
    let inner = indent + INDENT;
    // rustfmt adds no comma after the last argument of a macro.
    let macros = before.ends_with("!(");
    let lines = parts.iter().enumerate().map(|(at, part)| {
        let comma = if macros && at + 1 == parts.len() {
            ""
        } else {
            ","
        };
        let text = part.render("", inner, comma);
        format!("{}{text}\n", " ".repeat(inner))
    });
    let lines: String = lines.collect();
    format!("{before}\n{lines}{}{after}", " ".repeat(indent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &Expression, expected: &[&str]) {
        let text = expression.render("static X: Rule = ", 0, ";");
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }

    fn long() -> Expression {
        Expression::text(&"x".repeat(60))
    }

    #[test]
    fn expression_string_with_backslashes_is_raw() {
        for (value, expected) in [
            ("ä b", r#""ä b""#),
            (r"^\d$", r#"r"^\d$""#),
            (r#"{"a":"\n"}"#, r##"r#"{"a":"\n"}"#"##),
            ("\"\n", r#""\"\n""#),
            ("\"#", r##""\"#""##),
        ] {
            assert_eq!(Expression::text(value).line(), expected);
        }
    }

    #[test]
    fn expression_that_fits_stays_on_a_line() {
        check(
            &Expression::call(
                "Rule::new",
                vec![Expression::list([Expression::plain("A")])],
            ),
            &["static X: Rule = Rule::new(&[A]);"],
        );
        check(
            &Expression::fields("Items", [("after", Expression::plain("0"))]).borrowed(),
            &["static X: Rule = &Items { after: 0 };"],
        );
    }

    #[test]
    fn expression_last_argument_opens_on_the_line_of_its_call() {
        let x = format!("    (\"key\", f({})),", long().line());
        let y = format!("        b: {},", long().line());
        let pair = |value| Expression::call("", vec![Expression::text("key"), value]);
        check(
            &Expression::call(
                "Rule::new",
                vec![Expression::list([
                    pair(Expression::call("f", vec![long()])),
                    Expression::fields("S", [("a", Expression::option(None)), ("b", long())]),
                ])],
            ),
            &[
                "static X: Rule = Rule::new(&[",
                &x,
                &format!("    S {{ a: None, b: {} }},", long().line()),
                "]);",
            ],
        );
        let fields = Expression::fields("S", [("a", long()), ("b", long())]);
        check(
            &Expression::list([pair(Expression::call("f", vec![fields]))]),
            &[
                "static X: Rule = &[",
                "    (\"key\", f(S {",
                &y.replace("b:", "a:"),
                &y,
                "    })),",
                "];",
            ],
        );
    }

    #[test]
    fn expression_of_macro_has_no_trailing_comma() {
        check(
            &Expression::call("regex!", vec![long(), long()]),
            &[
                "static X: Rule = regex!(",
                &format!("    {},", long().line()),
                &format!("    {}", long().line()),
                ");",
            ],
        );
    }
}
