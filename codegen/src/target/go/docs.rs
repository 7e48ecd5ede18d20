//! Converts schema descriptions to doc comments.

use crate::model::Source;
use crate::target::markdown;
use crate::target::writer::Writer;

/// Maximal width of a comment in columns, without its indentation.
const COLUMNS: usize = 100;

/// Writes paragraphs as a doc comment, with an empty line between them.
pub(super) fn comment(writer: &mut Writer, paragraphs: &[&str]) {
    let paragraphs = paragraphs.iter().map(|paragraph| plain(paragraph));
    let paragraphs = paragraphs.filter(|paragraph| !paragraph.is_empty());
    for (at, paragraph) in paragraphs.enumerate() {
        if at > 0 {
            writer.line("//");
        }
        wrap(&paragraph, COLUMNS - "// ".len(), |line| {
            writer.line(&format!("// {line}"));
        });
    }
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

/// A text on a single line that gofmt leaves unchanged: it turns two backticks or apostrophes into typographic quotes.
/// The text ends with a full stop.
fn plain(text: &str) -> String {
    let text = markdown::visible(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut text = words.join(" ");
    for (pair, single) in [("``", "`"), ("''", "'")] {
        while text.contains(pair) {
            text = text.replace(pair, single);
        }
    }
    let ends = text.is_empty() || text.ends_with(['.', '!', '?', ':']);
    let is_place = text.starts_with("Schema: ");
    if ends || is_place { text } else { text + "." }
}

fn wrap(text: &str, width: usize, mut write: impl FnMut(&str)) {
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            write(&line);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    write(&line);
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
}
