//! Macro tables, with which the runtime reads and writes a type. Formatters do not format macros, so this module makes
//! the layout.

use super::imports::COLUMNS;

/// Width of an indentation level, in columns.
pub(super) const INDENT: usize = 4;

/// A macro call: its text, and the names that it uses beside the names of its item.
pub(super) struct Table {
    pub(super) text: String,
    pub(super) used: Vec<&'static str>,
}

/// The head or a row of a table.
pub(super) struct Row {
    /// Attributes and doc comments, a line each.
    pub(super) attributes: Vec<String>,
    /// The parts, which share a line if they fit.
    pub(super) parts: Vec<String>,
}

impl Table {
    /// `rt::call! { attributes head { rows } tail }`, with a line for each row. Short rows without attributes share a
    /// line if they fit.
    pub(super) fn of_rows(call: &str, head: &Row, rows: &[Row], tail: &Tail) -> Self {
        let name = head.parts.concat();
        let is_plain = |row: &Row| row.attributes.is_empty() && row.parts.len() < 3;
        if is_plain(head) && rows.iter().all(is_plain) {
            let parts: Vec<_> = rows.iter().map(|row| row.parts.join(" ")).collect();
            let rows = parts.join(" ");
            let rows = match rows.strip_suffix(',') {
                Some(rows) => format!("{{ {rows} }}"),
                None => "{}".to_owned(),
            };
            let parts = tail.after(format!("{name} {rows}"));
            let line = format!("rt::{call}! {{ {} }}\n", parts.join(" "));
            if line.len() <= COLUMNS {
                return Self::new(line, tail);
            }
        }
        let attributes = attributes(&head.attributes, INDENT);
        let indent = 2 * INDENT;
        let rows: String = rows
            .iter()
            .map(|row| self::attributes(&row.attributes, indent) + &wrapped(&row.parts, indent))
            .collect();
        let (first, last) = if rows.is_empty() {
            (String::new(), format!("{name} {{}}"))
        } else {
            (format!("    {name} {{\n"), "}".to_owned())
        };
        let last = wrapped(&tail.after(last), INDENT);
        let text = format!("rt::{call}! {{\n{attributes}{first}{rows}{last}}}\n");
        Self::new(text, tail)
    }

    /// `rt::call! { attributes content tail }`, on a single line if it fits.
    pub(super) fn of_content(call: &str, content: &Row, tail: &Tail) -> Self {
        let attributes = attributes(&content.attributes, INDENT);
        let parts = tail.after(content.parts.concat());
        let line = format!("rt::{call}! {{ {} }}\n", parts.join(" "));
        let text = if line.len() <= COLUMNS && attributes.is_empty() {
            line
        } else {
            format!(
                "rt::{call}! {{\n{attributes}{}}}\n",
                wrapped(&parts, INDENT)
            )
        };
        Self::new(text, tail)
    }

    /// `rt::call!(arguments);`, on a single line if it fits. Otherwise each argument has its own line, and each call of
    /// a chain.
    pub(super) fn of_arguments(call: &str, arguments: &[Vec<String>], tail: &Tail) -> Self {
        let mut arguments = arguments.to_vec();
        arguments.extend(tail.phrases.iter().map(|phrase| vec![phrase.clone()]));
        let line = arguments
            .iter()
            .map(|links| links.concat())
            .collect::<Vec<_>>()
            .join(", ");
        let line = format!("rt::{call}!({line});\n");
        let text = if line.len() <= COLUMNS {
            line
        } else {
            let lines: Vec<_> = arguments
                .iter()
                .map(|links| format!("    {}", links.join("\n        ")))
                .collect();
            format!("rt::{call}!(\n{}\n);\n", lines.join(",\n"))
        };
        Self::new(text, tail)
    }

    /// The same table, which also uses this module.
    pub(super) fn using(mut self, name: &'static str) -> Self {
        self.used.push(name);
        self
    }

    fn new(text: String, tail: &Tail) -> Self {
        let used = tail.used.into_iter().chain(["rt"]).collect();
        Self { text, used }
    }
}

/// The words after the rows of a table.
#[derive(Default)]
pub(super) struct Tail {
    phrases: Vec<String>,
    used: Option<&'static str>,
}

impl Tail {
    /// The same with `phrase` at the end, if it is present.
    pub(super) fn with(mut self, phrase: Option<&str>) -> Self {
        self.phrases.extend(phrase.map(str::to_owned));
        self
    }

    /// The same with the assertion that validates the values.
    pub(super) fn validated(mut self, assertion: Option<&str>) -> Self {
        if let Some(assertion) = assertion {
            self.phrases
                .push(format!("validate assertion::{assertion}"));
            self.used = Some("assertion");
        }
        self
    }

    /// The phrases after `before`.
    fn after(&self, before: String) -> Vec<String> {
        [before].into_iter().chain(self.phrases.clone()).collect()
    }
}

/// Attributes and doc comments, a line each.
fn attributes(lines: &[String], indent: usize) -> String {
    let margin = " ".repeat(indent);
    let lines = lines.iter().map(|line| format!("{margin}{line}\n"));
    lines.collect()
}

/// The parts of a row on as few lines as possible; lines after the first have a further indentation.
fn wrapped(parts: &[String], indent: usize) -> String {
    let mut text = String::new();
    let mut column = 0;
    for part in parts {
        if column > 0 && column + 1 + part.len() <= COLUMNS {
            text.push(' ');
            column += 1 + part.len();
            text.push_str(part);
        } else {
            let margin = if column > 0 { indent + INDENT } else { indent };
            if column > 0 {
                text.push('\n');
            }
            text.push_str(&" ".repeat(margin));
            text.push_str(part);
            column = margin + part.len();
        }
    }
    text.push('\n');
    text
}
