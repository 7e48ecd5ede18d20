//! Converts schema descriptions to doc comments.

use crate::model::Source;
use crate::target::markdown::{self, Block};
use crate::target::rust::docs::wrap;
use crate::target::writer::Writer;

/// Maximal width of a comment in columns, without its indentation.
const COLUMNS: usize = 100;

/// The indentation of the text of an item, as gofmt writes it.
const ITEM: &str = "    ";

/// Writes paragraphs as a doc comment, with an empty line between their blocks.
pub(super) fn comment(writer: &mut Writer, paragraphs: &[&str]) {
    let mut lines: Vec<String> = Vec::new();
    let mut label = "";
    for block in paragraphs.iter().flat_map(|text| markdown::blocks(text)) {
        let before = std::mem::replace(&mut label, self::label(&block));
        if before != label && !before.is_empty() && !label.is_empty() {
            lines.extend([String::new(), format!(" {label}")]);
        }
        if before != label || !matches!(block, Block::Item(..)) {
            lines.push(String::new());
        }
        match block {
            Block::Paragraph(text) => lines.extend(paragraph(&text)),
            Block::Item(marker, text) => lines.extend(item(&marker, &text)),
            Block::Code(code) | Block::Table(code) => lines.extend(preformatted(&code)),
        }
    }
    for line in lines.iter().skip(1) {
        writer.line(format!("//{line}").trim_end());
    }
}

/// The paragraph in front of an indented block that follows an indented block of another kind; godoc would take both for one
/// block. Empty for a paragraph.
fn label(block: &Block) -> &'static str {
    match block {
        Block::Paragraph(_) => "",
        Block::Item(marker, _) if number(marker).is_empty() => "List:",
        Block::Item(..) => "Steps:",
        Block::Code(_) => "Code:",
        Block::Table(_) => "Table:",
    }
}

/// The lines of a paragraph, without their slashes. The text ends with a full stop.
fn paragraph(text: &str) -> Vec<String> {
    let text = plain(text);
    let ends = text.ends_with(['.', '!', '?', ':']);
    let is_place = text.starts_with("Schema: ");
    let text = if ends || is_place { text } else { text + "." };
    let lines = wrap(&text, COLUMNS - "// ".len()).into_iter();
    lines.map(|line| format!(" {line}")).collect()
}

/// The lines of an item of a list in the form of gofmt.
fn item(marker: &str, text: &str) -> Vec<String> {
    let number = number(marker);
    let start = if number.is_empty() {
        "   - ".to_owned()
    } else {
        format!("  {number}. ")
    };
    let lines = wrap(&plain(text), COLUMNS - "// ".len() - ITEM.len());
    let lines = lines.iter().enumerate().map(|(at, line)| match at {
        0 => format!("{start}{line}"),
        _ => format!(" {ITEM}{line}"),
    });
    lines.collect()
}

/// The number of a marker; empty for a bullet.
fn number(marker: &str) -> &str {
    marker.trim_end_matches(['.', ')', '-', '*', '+'])
}

/// The lines of a code block, without their common indentation.
fn preformatted(code: &[String]) -> Vec<String> {
    let margin = |line: &String| line.len() - line.trim_start().len();
    let filled = code.iter().filter(|line| !line.trim().is_empty());
    let common = filled.map(margin).min().unwrap_or_default();
    let lines = code.iter();
    let lines = lines.map(|line| line.get(common..).unwrap_or_default().trim_end());
    lines.map(|line| format!("\t{line}")).collect()
}

/// The paragraph of a deprecated item; empty for other items.
pub(super) fn deprecated(is_deprecated: bool) -> &'static str {
    if is_deprecated {
        "Deprecated: the schema marks it as deprecated."
    } else {
        ""
    }
}

/// The paragraph with the schema of a type.
pub(super) fn schema(source: &Source) -> String {
    match source.pointer.as_str() {
        "" => format!("Schema: {}", source.file),
        pointer => format!("Schema: {}#{pointer}", source.file),
    }
}

/// A text that gofmt leaves unchanged: it turns two backticks or apostrophes into typographic quotes.
fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for (pair, single) in [("``", "`"), ("''", "'")] {
        while text.contains(pair) {
            text = text.replace(pair, single);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(description: &str, expected: &[&str]) {
        let mut writer = Writer::new("\t", 4);
        comment(&mut writer, &[description]);
        let text = writer.finish();
        assert_eq!(text.lines().collect::<Vec<_>>(), expected, "{description}");
    }

    #[test]
    fn docs_are_sentences_that_gofmt_keeps() {
        check("", &[]);
        check("Deploys  a\npipeline", &["// Deploys a pipeline."]);
        check("Empty: `` or ''\u{0}!", &["// Empty: ` or '!"]);
        let long = "word ".repeat(30);
        let line = "// ".to_owned() + "word ".repeat(19).trim_end();
        let rest = "// ".to_owned() + "word ".repeat(11).trim_end() + ".";
        check(&long, &[&line, &rest]);
    }

    #[test]
    fn docs_lists_and_code_have_the_form_of_gofmt() {
        let long = "word ".repeat(20);
        let item = "//   - ".to_owned() + "word ".repeat(18).trim_end();
        check(
            &format!("A:\n* {long}\n* c\n\n2) d\n```\n  x\n\n    y\n```\n| t |"),
            &[
                "// A:",
                "//",
                &item,
                "//     word word",
                "//   - c",
                "//",
                "// Steps:",
                "//",
                "//  2. d",
                "//",
                "// Code:",
                "//",
                "//\tx",
                "//",
                "//\t  y",
                "//",
                "// Table:",
                "//",
                "//\t| t |",
            ],
        );
    }
}
