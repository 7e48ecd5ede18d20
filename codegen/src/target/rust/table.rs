//! Macro tables, which tell the runtime what it has to know of a type. No formatter looks into macros, so they are laid
//! out here.

use super::imports::COLUMNS;

/// Columns by which one level is indented.
const INDENT: usize = 4;

/// A macro call: its text, and the names that it uses beside those of the item that it speaks of.
pub(super) struct Table {
    pub(super) text: String,
    pub(super) used: Vec<String>,
}

impl Table {
    /// `call! { head { rows } tail }`, one line for each row; a row's parts share its line where they fit.
    pub(super) fn of_rows(
        call: &'static str,
        head: &str,
        rows: impl Iterator<Item = Vec<String>>,
        tail: &Tail,
    ) -> Self {
        let rows: String = rows.map(|row| filled(&row, 2 * INDENT)).collect();
        let (first, last) = if rows.is_empty() {
            (String::new(), format!("{head} {{}}"))
        } else {
            (format!("    {head} {{\n"), "}".to_owned())
        };
        let last = filled(&tail.after(last), INDENT);
        Self::new(call, format!("{call}! {{\n{first}{rows}{last}}}\n"), tail)
    }

    /// `call! { content tail }`, on one line where it fits.
    pub(super) fn of_content(call: &'static str, content: &str, tail: &Tail) -> Self {
        let parts = tail.after(content.to_owned());
        let line = format!("{call}! {{ {} }}\n", parts.join(" "));
        let text = if line.len() <= COLUMNS {
            line
        } else {
            format!("{call}! {{\n{}}}\n", filled(&parts, INDENT))
        };
        Self::new(call, text, tail)
    }

    /// `call!(arguments);`, on one line where it fits; else with a line for each argument, and for each of its links
    /// where it is a chain of calls.
    pub(super) fn of_arguments(call: &'static str, arguments: &[Vec<String>], tail: &Tail) -> Self {
        let mut arguments = arguments.to_vec();
        arguments.extend(tail.phrases.iter().map(|phrase| vec![phrase.clone()]));
        let line = arguments
            .iter()
            .map(|argument| argument.concat())
            .collect::<Vec<_>>()
            .join(", ");
        let line = format!("{call}!({line});\n");
        let text = if line.len() <= COLUMNS {
            line
        } else {
            let lines: Vec<_> = arguments
                .iter()
                .map(|links| format!("    {}", links.join("\n        ")))
                .collect();
            format!("{call}!(\n{}\n);\n", lines.join(",\n"))
        };
        Self::new(call, text, tail)
    }

    /// The same table, which also uses these names of the runtime.
    pub(super) fn using(mut self, names: impl Iterator<Item = &'static str>) -> Self {
        self.used.extend(names.map(str::to_owned));
        self
    }

    fn new(call: &'static str, text: String, tail: &Tail) -> Self {
        let used = tail.used.map(str::to_owned);
        let used = used.into_iter().chain([format!("{call}!")]).collect();
        Self { text, used }
    }
}

/// What stands behind the rows of a table: one word or phrase after the other.
#[derive(Default)]
pub(super) struct Tail {
    phrases: Vec<String>,
    used: Option<&'static str>,
}

impl Tail {
    /// The same with another phrase at the end, if there is one.
    pub(super) fn with(mut self, phrase: Option<&str>) -> Self {
        self.phrases.extend(phrase.map(str::to_owned));
        self
    }

    /// The same with the rule that is judged beside the type.
    pub(super) fn judged(mut self, rule: Option<&str>) -> Self {
        if let Some(rule) = rule {
            self.phrases.push(format!("validate assertion::{rule}"));
            self.used = Some("assertion");
        }
        self
    }

    /// The phrases, with what stands before them.
    fn after(&self, before: String) -> Vec<String> {
        [before].into_iter().chain(self.phrases.clone()).collect()
    }
}

/// The parts of a row on as few lines as they fit in, those after the first indented once more.
fn filled(parts: &[String], indent: usize) -> String {
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
