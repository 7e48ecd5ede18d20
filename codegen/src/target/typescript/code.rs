//! Expressions and their layout, which is the layout of prettier.

use super::literal::{key, string};
use crate::target::writer::Writer;

/// Maximal width of a line, in columns.
pub(super) const WIDTH: usize = 120;
/// Width of an indentation level, in columns.
const INDENT: usize = 2;
/// The maximal length of a key whose string value never moves to the next line.
const SHORT_KEY: usize = 4;

/// An expression.
#[derive(Clone)]
pub(super) enum Code {
    /// A literal or a name.
    Text(String),
    /// A call: the function and its arguments.
    Call(String, Vec<Self>),
    /// An object that stands on a single line if it fits.
    Object(Vec<(String, Self)>),
    /// An object with a member on each line.
    Table(Vec<(String, Self)>),
    /// An array.
    List(Vec<Self>),
    /// A function that returns the expression, after its parameters.
    Arrow(String, Box<Self>),
}

/// The place of an expression.
#[derive(Clone, Copy)]
struct Place {
    /// The indentation of the line on which the expression starts.
    indent: usize,
    /// The column at which the expression starts.
    column: usize,
    /// The number of characters that follow on the last line of the expression.
    after: usize,
}

impl Code {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A string literal.
    pub(super) fn string(text: &str) -> Self {
        Self::Text(string(text))
    }

    /// A call of a function of the runtime.
    pub(super) fn call(name: &str, arguments: Vec<Self>) -> Self {
        Self::Call(format!("rt.{name}"), arguments)
    }

    /// An object of the members that have a value.
    pub(super) fn options<const N: usize>(members: [(&str, Option<Self>); N]) -> Self {
        let members = members.into_iter();
        let present = members.filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Self::Object(present.collect())
    }

    /// A function without parameters that returns this expression.
    pub(super) fn thunk(self) -> Self {
        Self::Arrow(String::new(), Box::new(self))
    }

    /// Whether the expression is `{}`.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Object(members) | Self::Table(members) if members.is_empty())
    }

    /// Writes `before = self;`.
    pub(super) fn assign(&self, before: &str, writer: &mut Writer) {
        let indent = writer.column();
        let column = indent + before.chars().count() + " = ".len();
        if column + self.start().chars().count() <= WIDTH {
            let place = Place {
                indent,
                column,
                after: 1,
            };
            return write(writer, &format!("{before} = {};", self.render(place)));
        }
        let place = inner(indent, 0);
        let margin = " ".repeat(place.indent);
        write(
            writer,
            &format!("{before} =\n{margin}{};", self.render(place)),
        );
    }

    /// Writes `before`, the expression and `;`.
    pub(super) fn statement(&self, before: &str, writer: &mut Writer) {
        let indent = writer.column();
        let place = Place {
            indent,
            column: indent + before.chars().count(),
            after: 1,
        };
        write(writer, &format!("{before}{};", self.render(place)));
    }

    /// The text up to the first place where a line can end.
    fn start(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Call(name, arguments) if arguments.is_empty() => format!("{name}()"),
            Self::Call(name, _) => format!("{name}("),
            Self::Object(_) | Self::Table(_) => "{".to_owned(),
            Self::List(_) => "[".to_owned(),
            Self::Arrow(parameters, _) => format!("({parameters}) =>"),
        }
    }

    /// The text on a single line, unless the expression has several lines in any layout.
    fn line(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Call(name, arguments) => Some(format!("{name}({})", lines(arguments)?)),
            Self::Table(members) if !members.is_empty() => None,
            Self::Object(members) | Self::Table(members) => {
                let parts = members.iter();
                let parts =
                    parts.map(|(name, value)| Some(format!("{}: {}", key(name), value.line()?)));
                let parts: Vec<String> = parts.collect::<Option<_>>()?;
                let text = parts.join(", ");
                Some(if text.is_empty() {
                    "{}".to_owned()
                } else {
                    format!("{{ {text} }}")
                })
            }
            Self::List(items) if is_broken(items) => None,
            Self::List(items) => Some(format!("[{}]", lines(items)?)),
            Self::Arrow(parameters, body) => match &**body {
                Self::Object(_) | Self::Table(_) => {
                    Some(format!("({parameters}) => ({})", body.line()?))
                }
                body => Some(format!("({parameters}) => {}", body.line()?)),
            },
        }
    }

    fn render(&self, place: Place) -> String {
        if let Some(line) = self.line()
            && place.column + line.chars().count() + place.after <= WIDTH
        {
            return line;
        }
        match self {
            Self::Text(text) => text.clone(),
            Self::Call(name, arguments) => call(name, arguments, place),
            Self::Object(members) | Self::Table(members) => {
                block("{", members.iter().map(member(place.indent)), "}", place)
            }
            Self::List(items) => {
                let item = |item: &Self| item.render(inner(place.indent, 0));
                block("[", items.iter().map(item), "]", place)
            }
            Self::Arrow(parameters, body) => arrow(parameters, body, place),
        }
    }

    /// Whether the last argument of a call can start on the line of the call.
    fn is_huggable(&self) -> bool {
        match self {
            Self::Object(members) | Self::Table(members) => !members.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Arrow(_, body) => matches!(&**body, Self::Call(..)) || body.is_bracketed(),
            Self::Text(_) | Self::Call(..) => false,
        }
    }

    fn is_bracketed(&self) -> bool {
        matches!(self, Self::Object(_) | Self::Table(_) | Self::List(_))
    }

    /// Whether two arguments have the same kind; then the last argument does not start on the line of the call.
    fn is_like(&self, other: &Self) -> bool {
        match self {
            Self::Object(_) | Self::Table(_) => matches!(other, Self::Object(_) | Self::Table(_)),
            Self::List(_) => matches!(other, Self::List(_)),
            Self::Arrow(..) => matches!(other, Self::Arrow(..)),
            Self::Text(_) | Self::Call(..) => false,
        }
    }
}

/// Writes a text whose lines after the first have their indentation already.
fn write(writer: &mut Writer, text: &str) {
    let indent = writer.column();
    for (at, line) in text.lines().enumerate() {
        writer.line(if at == 0 {
            line
        } else {
            line.get(indent..).unwrap_or_default()
        });
    }
}

/// The expressions on a single line.
fn lines(parts: &[Code]) -> Option<String> {
    let parts: Vec<String> = parts.iter().map(Code::line).collect::<Option<_>>()?;
    Some(parts.join(", "))
}

/// Whether prettier writes each item of a list on a line of its own, even if the list fits on a single line.
fn is_broken(items: &[Code]) -> bool {
    let many = |item: &Code| match item {
        Code::Object(members) => members.len() > 1,
        Code::List(items) => items.len() > 1,
        _ => false,
    };
    items.len() > 1
        && items.iter().all(many)
        && items.windows(2).all(|pair| pair[0].is_like(&pair[1]))
}

/// The place of a part on a line of its own inside brackets on a line at `indent` columns, after `before` characters.
fn inner(indent: usize, before: usize) -> Place {
    let indent = indent + INDENT;
    Place {
        indent,
        column: indent + before,
        after: 1,
    }
}

/// `open`, then each part on a line of its own, then `close`.
fn block(open: &str, parts: impl Iterator<Item = String>, close: &str, place: Place) -> String {
    let margin = " ".repeat(place.indent + INDENT);
    let mut text = format!("{open}\n");
    for part in parts {
        text.extend([&*margin, &*part, ",\n"]);
    }
    text + &" ".repeat(place.indent) + close
}

/// Renders a member of an object on a line at `indent` columns.
fn member(indent: usize) -> impl Fn(&(String, Code)) -> String {
    move |(name, value)| {
        let name = key(name);
        let place = inner(indent, name.chars().count() + ": ".len());
        let is_moved = name.chars().count() > SHORT_KEY
            && place.column + value.start().chars().count() + 1 > WIDTH;
        if is_moved {
            let place = inner(indent + INDENT, 0);
            return format!(
                "{name}:\n{}{}",
                " ".repeat(place.indent),
                value.render(place)
            );
        }
        format!("{name}: {}", value.render(place))
    }
}

/// A call that does not fit on a single line.
fn call(name: &str, arguments: &[Code], place: Place) -> String {
    hugged(name, arguments, place).unwrap_or_else(|| {
        let parts = arguments
            .iter()
            .map(|part| part.render(inner(place.indent, 0)));
        block(&format!("{name}("), parts, ")", place)
    })
}

/// A call whose last argument starts on the line of the call, if this layout fits.
fn hugged(name: &str, arguments: &[Code], place: Place) -> Option<String> {
    let (last, others) = arguments.split_last()?;
    if !last.is_huggable() || others.last().is_some_and(|other| other.is_like(last)) {
        return None;
    }
    let others: Vec<String> = others
        .iter()
        .map(|other| Some(other.line()? + ", "))
        .collect::<Option<_>>()?;
    let before = format!("{name}({}", others.concat());
    let column = place.column + before.chars().count();
    let after = place.after + 1;
    let text = last.render(Place {
        column,
        after,
        ..place
    });
    let first = text.lines().next().unwrap_or_default().chars().count();
    (text.contains('\n') && column + first <= WIDTH).then(|| format!("{before}{text})"))
}

/// A function that does not fit on a single line.
fn arrow(parameters: &str, body: &Code, place: Place) -> String {
    let before = format!("({parameters}) => ");
    let column = place.column + before.chars().count();
    match body {
        Code::Object(_) | Code::Table(_) => {
            let (column, after) = (column + 1, place.after + 1);
            format!(
                "{before}({})",
                body.render(Place {
                    column,
                    after,
                    ..place
                })
            )
        }
        Code::List(_) => format!("{before}{}", body.render(Place { column, ..place })),
        body => {
            let text = body.render(inner(place.indent, 0));
            let margin = " ".repeat(place.indent);
            format!("({parameters}) =>\n{margin}  {text},\n{margin}")
        }
    }
}
