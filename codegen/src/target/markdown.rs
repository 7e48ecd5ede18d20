//! Markdown of descriptions: the blocks that a doc comment keeps, and the characters that it cannot contain.

/// A block of a description.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// A paragraph on a single line.
    Paragraph(String),
    /// An item of a list: its marker, and its text on a single line.
    Item(String, String),
    /// The lines of a code block.
    Code(Vec<String>),
    /// The lines of a table.
    Table(Vec<String>),
}

/// The blocks of a description. The lines of a paragraph or an item become a single line, and lists have one level.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let text = visible(text);
    let mut blocks: Vec<Block> = Vec::new();
    let mut continues = false;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim();
        if let Some(fence) = fence(line) {
            let is_inside = |line: &&str| !line.trim().starts_with(fence);
            let code = lines.by_ref().take_while(is_inside).map(str::to_owned);
            blocks.push(Block::Code(code.collect()));
            continues = false;
        } else if line.is_empty() {
            continues = false;
        } else if let Some((marker, text)) = item(line) {
            blocks.push(Block::Item(marker.to_owned(), folded(text)));
            continues = true;
        } else if line.starts_with('|') {
            match blocks.last_mut() {
                Some(Block::Table(rows)) if continues => rows.push(line.to_owned()),
                _ => blocks.push(Block::Table(vec![line.to_owned()])),
            }
            continues = true;
        } else {
            match blocks.last_mut() {
                Some(Block::Paragraph(text) | Block::Item(_, text)) if continues => {
                    text.push(' ');
                    text.push_str(&folded(line));
                }
                _ => blocks.push(Block::Paragraph(folded(line))),
            }
            continues = true;
        }
    }
    blocks
}

/// The lines of blocks, with an empty line between two blocks unless both are items. `paragraph` returns the lines of a text
/// below a margin of so many columns.
pub(super) fn lines(
    blocks: impl IntoIterator<Item = Block>,
    paragraph: impl Fn(&str, usize) -> Vec<String>,
) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut after_item = false;
    for block in blocks {
        let is_item = matches!(block, Block::Item(..));
        let continues = lines.is_empty() || is_item && after_item;
        if !continues {
            lines.push(String::new());
        }
        after_item = is_item;
        match block {
            Block::Paragraph(text) => lines.extend(paragraph(&text, 0)),
            Block::Item(marker, text) => {
                let margin = " ".repeat(marker.len() + 1);
                let text = paragraph(&text, margin.len()).join(&format!("\n{margin}"));
                lines.extend(format!("{marker} {text}").lines().map(str::to_owned));
            }
            Block::Code(code) => {
                let has_fence = code.iter().any(|line| line.contains("```"));
                let fence = if has_fence { "~~~" } else { "```" };
                lines.push(fence.to_owned());
                lines.extend(code.iter().map(|line| line.trim_end().to_owned()));
                lines.push(fence.to_owned());
            }
            Block::Table(rows) => lines.extend(rows),
        }
    }
    lines
}

/// The margin of the text of an item; 0 for a line that starts no item.
pub(super) fn margin(line: &str) -> usize {
    item(line).map_or(0, |(marker, _)| marker.len() + 1)
}

/// The text without control characters, except white space, and without characters that change the direction of text.
/// Compilers refuse them, because code with them can look different from what it is.
fn visible(text: &str) -> String {
    let is_hidden = |letter: char| {
        letter.is_control() && !letter.is_whitespace()
            || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.replace("\r\n", "\n").replace(is_hidden, "")
}

/// A line of a paragraph that does not start another block: a backslash is put before a marker at its start.
pub(super) fn guarded(line: &str) -> String {
    let mark = line.split(' ').next().unwrap_or_default();
    let number = mark.trim_end_matches(['.', ')']);
    let is_run = |of: &[char]| mark.len() > 2 && mark.chars().all(|letter| of.contains(&letter));
    if number.len() + 1 == mark.len() && is_number(number) {
        return format!("{number}\\{}", &line[number.len()..]);
    }
    let starts = matches!(mark, "-" | "+" | "*")
        || mark.starts_with('>')
        || !mark.is_empty() && mark.bytes().all(|byte| byte == b'#')
        || fence(mark).is_some()
        || is_run(&['-', '=', '_', '*']);
    if starts {
        format!("\\{line}")
    } else {
        line.to_owned()
    }
}

/// The fence of a code block that starts with this line.
fn fence(line: &str) -> Option<&'static str> {
    ["```", "~~~"]
        .into_iter()
        .find(|fence| line.starts_with(fence))
}

/// The marker and the text of an item.
fn item(line: &str) -> Option<(&str, &str)> {
    let (marker, text) = line.split_once(' ')?;
    let number = marker.strip_suffix(['.', ')']);
    let is_marker = matches!(marker, "-" | "*" | "+") || number.is_some_and(is_number);
    is_marker.then_some((marker, text))
}

fn is_number(text: &str) -> bool {
    (1..10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text with a single space for each run of white space.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_blocks_are_kept() {
        let paragraph = |text: &str| Block::Paragraph(text.to_owned());
        let item = |text: &str| Block::Item("-".to_owned(), text.to_owned());
        let text = "One\ntwo.\n\n- a\n  b\n- c\n\n~~~rust\nlet x = 1;\n~~~\nEnd\u{202e} \u{0}.";
        assert_eq!(
            blocks(text),
            [
                paragraph("One two."),
                item("a b"),
                item("c"),
                Block::Code(vec!["let x = 1;".to_owned()]),
                paragraph("End ."),
            ]
        );
    }

    #[test]
    fn markdown_line_of_a_paragraph_starts_no_block() {
        for (line, expected) in [
            ("~~~ a", "\\~~~ a"),
            ("- a", "\\- a"),
            ("1. a", "1\\. a"),
            ("# a", "\\# a"),
            ("---", "\\---"),
            ("-1 is small", "-1 is small"),
            ("a - b", "a - b"),
        ] {
            assert_eq!(guarded(line), expected);
        }
    }
}
