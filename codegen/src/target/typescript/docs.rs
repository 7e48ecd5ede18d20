//! Converts schema descriptions to doc comments.

use super::code::WIDTH;
use crate::model::Source;
use crate::target::markdown;
use crate::target::writer::Writer;

/// Maximal width of a comment, in columns.
const COLUMNS: usize = 100;

/// Writes a doc comment of these paragraphs; empty paragraphs are left out.
pub(super) fn comment(writer: &mut Writer, paragraphs: &[String]) {
    let width = COLUMNS.min(WIDTH) - writer.column() - " * ".len();
    let mut lines: Vec<String> = Vec::new();
    for paragraph in paragraphs
        .iter()
        .filter(|paragraph| !paragraph.trim().is_empty())
    {
        if !lines.is_empty() && !is_list(lines.last(), paragraph) {
            lines.push(String::new());
        }
        lines.extend(wrap(&escaped(paragraph), width));
    }
    match &*lines {
        [] => {}
        [line] if line.chars().count() + "/**  */".len() <= width => {
            writer.line(&format!("/** {line} */"));
        }
        lines => {
            writer.line("/**");
            for line in lines {
                writer.line(format!(" * {line}").trim_end());
            }
            writer.line(" */");
        }
    }
}

/// The paragraph that marks a deprecated item.
pub(super) fn deprecated(is_deprecated: bool) -> String {
    if is_deprecated {
        "@deprecated".to_owned()
    } else {
        String::new()
    }
}

/// The paragraph with the schema of a type.
pub(super) fn schema(source: &Source) -> String {
    match source.pointer.as_str() {
        "" => format!("Schema: `{}`.", source.file),
        pointer => format!("Schema: `{}#{pointer}`.", source.file),
    }
}

/// An item of a list.
pub(super) fn item(text: &str, description: &str) -> String {
    let description = if description.is_empty() {
        String::new()
    } else {
        format!(": {description}")
    };
    format!("- `{text}`{description}")
}

/// Whether a paragraph continues a list.
fn is_list(last: Option<&String>, paragraph: &str) -> bool {
    paragraph.starts_with("- `")
        && last.is_some_and(|line| line.starts_with("- `") || line.starts_with("  "))
}

/// The text without the end of a comment, and without tags that the schema did not mean as tags.
fn escaped(text: &str) -> String {
    let text = markdown::visible(text).replace("*/", "*\\/");
    let words = text.split_whitespace();
    let words = words.map(|word| match word.strip_prefix('@') {
        Some(rest) if word != "@deprecated" => format!("\\@{rest}"),
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Lines of at most `width` characters. Lines of a list after the first are indented.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let margin = if text.starts_with("- `") { "  " } else { "" };
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let first = lines.len() == 1;
        let Some(line) = lines.last_mut() else {
            continue;
        };
        let is_empty = line.trim().is_empty();
        if !is_empty && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(format!("{margin}{word}"));
        } else {
            if !is_empty {
                line.push(' ');
            } else if !first {
                line.push_str(margin);
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(paragraphs: &[&str], expected: &str) {
        let mut writer = Writer::new("  ", 2);
        let paragraphs: Vec<String> = paragraphs.iter().map(|&text| text.to_owned()).collect();
        comment(&mut writer, &paragraphs);
        assert_eq!(writer.finish(), expected);
    }

    #[test]
    fn docs_short_comment_is_a_line() {
        check(&["A worker.", ""], "/** A worker. */\n");
        check(&[""], "");
    }

    #[test]
    fn docs_paragraphs_are_separated() {
        check(
            &["A", "- `b`", "- `c`: C"],
            "/**\n * A\n *\n * - `b`\n * - `c`: C\n */\n",
        );
    }

    #[test]
    fn docs_text_cannot_end_the_comment_or_start_a_tag() {
        check(&["a */ b @internal"], "/** a *\\/ b \\@internal */\n");
    }
}
