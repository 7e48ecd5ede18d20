//! Converts schema descriptions to doc comments.

use super::code::WIDTH;
use crate::model::Source;
use crate::target::markdown;
use crate::target::rust::docs::wrap;
use crate::target::writer::Writer;

/// Maximal width of a comment, in columns.
const COLUMNS: usize = 100;

/// Writes a doc comment of these paragraphs; empty paragraphs are left out.
pub(super) fn comment(writer: &mut Writer, paragraphs: &[String]) {
    let width = COLUMNS.min(WIDTH) - writer.column() - " * ".len();
    let blocks = paragraphs.iter().flat_map(|text| markdown::blocks(text));
    let lines = markdown::lines(blocks, |text, margin| {
        let lines = wrap(&escaped(text), width - margin).into_iter();
        lines.map(|line| markdown::guarded(&line)).collect()
    });
    let lines: Vec<String> = lines
        .iter()
        .map(|line| line.replace("*/", "*\\/"))
        .collect();
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

/// An item of a list, on a single line.
pub(super) fn item(text: &str, description: &str) -> String {
    let words: Vec<&str> = description.split_whitespace().collect();
    if words.is_empty() {
        format!("- `{text}`")
    } else {
        format!("- `{text}`: {}", words.join(" "))
    }
}

/// The text without tags that the schema did not mean as tags.
fn escaped(text: &str) -> String {
    let words = text.split(' ').map(|word| match word.strip_prefix('@') {
        Some(rest) if word != "@deprecated" => format!("\\@{rest}"),
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
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
    fn docs_lists_and_code_are_kept() {
        let list = "- ".to_owned() + "word ".repeat(20).trim_end();
        let lines = "word ".repeat(19).trim_end().to_owned() + "\n *   word";
        check(
            &[&format!(
                "A.\n\n{list}\n- c\n  d\n\n~~~\n  x /* y */\n~~~\nE"
            )],
            &format!(
                "/**\n * A.\n *\n * - {lines}\n * - c d\n *\n * ```\n *   x /* y *\\/\n * ```\n *\n * E\n */\n"
            ),
        );
    }

    #[test]
    fn docs_text_cannot_end_the_comment_or_start_a_tag() {
        check(&["a */ b @internal"], "/** a *\\/ b \\@internal */\n");
    }
}
