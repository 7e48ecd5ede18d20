//! Docstrings.

use super::super::markdown::{self, Block};
use super::super::rust::docs::{first_sentence, wrap};
use super::super::writer::Writer;
use super::expression::COLUMNS;
use crate::model::{Operation, Source, TypeDef};
use crate::plan::{Document, sentences};

/// The paragraph of deprecated items.
const DEPRECATED: &str = "Deprecated.";

/// The paragraphs of a docstring: the first sentence of `description`, the rest of its paragraph, its other blocks and
/// `more`.
pub(super) fn paragraphs(description: &str, more: &[String]) -> Vec<String> {
    let mut blocks = markdown::blocks(description);
    let mut all = Vec::new();
    if let Some(Block::Paragraph(text)) = blocks.first() {
        let (first, rest) = first_sentence(text);
        all.extend([first, rest]);
        blocks.remove(0);
    }
    let lines = markdown::lines(blocks, |text, _| vec![text.to_owned()]);
    all.push(lines.join("\n").replace('\t', "    "));
    all.extend(more.iter().cloned());
    all.retain(|paragraph| !paragraph.is_empty());
    all
}

/// Writes a docstring of these paragraphs, unless there is none.
pub(super) fn write(out: &mut Writer, paragraphs: &[String]) {
    let lines = lines(out, paragraphs);
    let needs_raw = lines.iter().any(|line| line.contains('\\'));
    let open = if needs_raw { "r\"\"\"" } else { "\"\"\"" };
    match &lines[..] {
        [] => {}
        [line]
            if out.fits(&format!("{open}{line}\"\"\""), COLUMNS)
                && !line.ends_with(['"', '\\']) =>
        {
            out.line(&format!("{open}{line}\"\"\""));
        }
        [first, rest @ ..] => {
            out.line(&format!("{open}{first}"));
            for line in rest {
                out.line(line);
            }
            out.line("\"\"\"");
        }
    }
}

/// The lines of the paragraphs, with an empty line between paragraphs. A line break in a paragraph is kept.
fn lines(out: &Writer, paragraphs: &[String]) -> Vec<String> {
    let width = COLUMNS - out.column() - "r\"\"\"".len();
    let mut lines = Vec::new();
    for paragraph in paragraphs {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        for line in paragraph.lines() {
            let text = line.trim_start();
            let indent = &line[..line.len() - text.len()];
            let deeper = if indent.is_empty() {
                " ".repeat(markdown::margin(text))
            } else {
                "    ".to_owned()
            };
            let wrapped = wrap(text, width.saturating_sub(indent.len() + deeper.len()));
            let wrapped = wrapped.iter().enumerate().map(|(at, line)| {
                let deeper = if at == 0 { "" } else { deeper.as_str() };
                format!("{indent}{deeper}{}", quoted(line))
            });
            lines.extend(wrapped);
        }
    }
    lines
}

/// A line without the end of a docstring. A docstring with a backslash is raw, so its quotes cannot be escaped.
fn quoted(line: &str) -> String {
    line.replace("\"\"\"", "'''")
}

/// The docstring of a type.
pub(super) fn of_type(def: &TypeDef) -> Vec<String> {
    let mut more = vec![schema(&def.source)];
    more.extend(deprecated(def.deprecated));
    paragraphs(&def.description, &more)
}

/// The docstring of a field or a variant with the text `wire` on the wire.
pub(super) fn part(description: &str, wire: &str, is_deprecated: bool) -> Vec<String> {
    let more: Vec<String> = deprecated(is_deprecated).into_iter().collect();
    if description.is_empty() {
        paragraphs(&sentences::wire(wire), &more)
    } else {
        paragraphs(description, &more)
    }
}

/// The docstring of a method that calls or implements an operation.
pub(super) fn method(operation: &Operation, more: &[String]) -> Vec<String> {
    let mut all: Vec<String> = deprecated(operation.deprecated).into_iter().collect();
    all.extend(more.iter().cloned());
    paragraphs(&operation.description, &all)
}

/// The sentence of a document's module.
pub(super) fn document(document: &Document<'_>) -> String {
    match document.operation {
        Some(operation) => format!(
            "Types and description of the operation `{}`.",
            operation.name
        ),
        None => format!("Types of `{}`.", document.file),
    }
}

fn deprecated(is_deprecated: bool) -> Option<String> {
    is_deprecated.then(|| DEPRECATED.to_owned())
}

/// The line with the schema of a type.
pub(super) fn schema(source: &Source) -> String {
    let pointer = source.pointer.replace(char::is_control, "…");
    match pointer.as_str() {
        "" => format!("Schema: `{}`.", source.file),
        pointer => format!("Schema: `{}#{pointer}`.", source.file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(paragraphs: &[&str], expected: &[&str]) {
        let mut out = Writer::new("    ", 4);
        let paragraphs: Vec<String> = paragraphs.iter().map(|&text| text.to_owned()).collect();
        write(&mut out, &paragraphs);
        assert_eq!(out.finish().lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn docs_short_text_is_a_line() {
        check(&["Starts."], &["\"\"\"Starts.\"\"\""]);
        check(&[], &[]);
    }

    #[test]
    fn docs_quotes_and_backslashes_do_not_end_the_docstring() {
        check(&["Says \"a\""], &["\"\"\"Says \"a\"", "\"\"\""]);
        check(&["a\"\"\"b"], &["\"\"\"a'''b\"\"\""]);
        check(&["a\\d."], &["r\"\"\"a\\d.\"\"\""]);
    }

    #[test]
    fn docs_lists_and_code_are_kept() {
        let text = "One. Two\nthree.\n\n1. a\n   b\n2. c\n\n~~~\nif x:\n  y\n~~~";
        let expected = ["One.", "Two three.", "1. a b\n2. c\n\n```\nif x:\n  y\n```"];
        assert_eq!(paragraphs(text, &[]), expected);
        let item = "- ".to_owned() + "word ".repeat(20).trim_end();
        let mut out = Writer::new("    ", 4);
        write(&mut out, &[item]);
        let (first, rest) = ("word ".repeat(16), "word ".repeat(4));
        let expected = format!(
            "\"\"\"- {}\n  {}\n\"\"\"\n",
            first.trim_end(),
            rest.trim_end()
        );
        assert_eq!(out.finish(), expected);
    }

    #[test]
    fn docs_paragraphs_have_an_empty_line_between() {
        check(&["A.", "B."], &["\"\"\"A.", "", "B.", "\"\"\""]);
    }
}
