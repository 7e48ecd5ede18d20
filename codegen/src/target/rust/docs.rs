//! Converts schema descriptions to doc comments.

use proc_macro2::TokenStream;
use quote::quote;

use crate::plan::sentences;
use crate::target::markdown::{self, Block};

/// Maximal width of a comment in columns, including its indentation and slashes.
const COLUMNS: usize = 96;

/// A doc comment: the first sentence, then the other sentences, then `more` paragraphs, for an item indented by `indent`
/// columns.
pub(super) fn comment(indent: usize, description: &str, more: &[String]) -> TokenStream {
    let mut lines = described(indent, description);
    for paragraph in more {
        add_block(&mut lines, self::lines(indent, [paragraph.clone()]), false);
    }
    let lines = lines.iter().map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        }
    });
    quote! { #(#[doc = #lines])* }
}

/// The lines of a description.
fn described(indent: usize, description: &str) -> Vec<String> {
    let width = COLUMNS - indent - "/// ".len();
    let mut lines = Vec::new();
    let mut after_item = false;
    for (at, block) in markdown::blocks(description).into_iter().enumerate() {
        let is_item = matches!(block, Block::Item(..));
        match block {
            Block::Paragraph(text) if at == 0 => {
                let (first, rest) = first_sentence(&text);
                add_block(&mut lines, paragraph(&first, width), false);
                add_block(&mut lines, paragraph(&rest, width), false);
            }
            Block::Paragraph(text) => add_block(&mut lines, paragraph(&text, width), false),
            Block::Item(marker, text) => {
                let margin = " ".repeat(marker.len() + 1);
                let wrapped = paragraph(&text, width - margin.len()).into_iter();
                let item = wrapped.enumerate().map(|(at, line)| match at {
                    0 => format!("{marker} {line}"),
                    _ => format!("{margin}{line}"),
                });
                add_block(&mut lines, item.collect(), after_item);
            }
            Block::Code(code) => {
                let fence = if code.iter().any(|line| line.contains("```")) {
                    "~~~~~~"
                } else {
                    "```"
                };
                let open = [format!("{fence}text")];
                let close = [fence.to_owned()];
                add_block(
                    &mut lines,
                    open.into_iter().chain(code).chain(close).collect(),
                    false,
                );
            }
            Block::Table(rows) => {
                let rows = rows.iter().map(|row| escaped(row));
                add_block(&mut lines, rows.collect(), false);
            }
        }
        after_item = is_item;
    }
    lines
}

/// Adds the lines of a block, after an empty line unless the block continues the block before.
fn add_block(lines: &mut Vec<String>, block: Vec<String>, continues: bool) {
    if !lines.is_empty() && !block.is_empty() && !continues {
        lines.push(String::new());
    }
    lines.extend(block);
}

/// A paragraph as lines of at most `width` characters; no line, if it is empty.
fn paragraph(text: &str, width: usize) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let lines = wrap(&escaped(text), width);
    lines.iter().map(|line| markdown::guarded(line)).collect()
}

/// The first sentence of a description as lines of source, each with its slashes. A deprecated member also has the
/// attribute.
pub(super) fn summary(indent: usize, description: &str, is_deprecated: bool) -> Vec<String> {
    let width = COLUMNS - indent - "/// ".len();
    let first = match markdown::blocks(description).into_iter().next() {
        Some(Block::Paragraph(text) | Block::Item(_, text)) => first_sentence(&text).0,
        Some(Block::Code(_) | Block::Table(_)) | None => String::new(),
    };
    let lines = paragraph(&first, width).into_iter();
    let attribute = is_deprecated.then(|| "#[deprecated]".to_owned());
    let lines = lines.map(|line| format!("/// {line}"));
    lines.chain(attribute).collect()
}

/// The doc comment of a field or variant.
pub(super) fn part(description: &str, wire: &str) -> TokenStream {
    if description.is_empty() {
        comment(4, &sentences::wire(wire), &[])
    } else {
        comment(4, description, &[])
    }
}

/// `#[deprecated]` for parts that the schema marks as deprecated.
pub(super) fn deprecated(is_deprecated: bool) -> TokenStream {
    if is_deprecated {
        quote!(#[deprecated])
    } else {
        TokenStream::new()
    }
}

/// Paragraphs as lines that fit into the columns, with an empty line between paragraphs.
fn lines(indent: usize, paragraphs: impl IntoIterator<Item = String>) -> Vec<String> {
    let width = COLUMNS - indent - "/// ".len();
    let mut lines = Vec::new();
    let paragraphs = paragraphs.into_iter();
    for paragraph in paragraphs.filter(|paragraph| !paragraph.is_empty()) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let wrapped = paragraph
            .lines()
            .flat_map(|line| wrap(&escaped(line), width));
        lines.extend(wrapped);
    }
    lines
}

/// The line with the schema of a type.
pub(super) fn schema(source: &crate::model::Source) -> String {
    match source.pointer.as_str() {
        "" => format!("Schema: `{}`.", source.file),
        pointer => format!("Schema: `{}#{pointer}`.", source.file),
    }
}

/// The first sentence of a text, with a full stop, and the other sentences. Each run of white space becomes a single
/// space.
pub(in super::super) fn first_sentence(text: &str) -> (String, String) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = text.match_indices(". ").map(|(at, _)| at).find(|at| {
        let (before, after) = (&text[..*at], &text[at + 2..]);
        let last = before.rsplit(' ').next().unwrap_or_default();
        !matches!(last, "e.g" | "i.e" | "etc" | "vs") && !after.starts_with(char::is_lowercase)
    });
    let (first, rest) = match end {
        Some(at) => (&text[..at], &text[at + 2..]),
        None => (text.strip_suffix('.').unwrap_or(&text), ""),
    };
    match first.chars().last() {
        None => (String::new(), String::new()),
        Some('!' | '?' | ':') if rest.is_empty() => (first.to_owned(), String::new()),
        Some(_) => (format!("{first}."), rest.to_owned()),
    }
}

/// Puts code-like words in backticks and escapes characters that rustdoc would treat as links or tags. A bracket before
/// code is a link that an emitter wrote.
fn escaped(text: &str) -> String {
    let parts: Vec<_> = text.split('`').collect();
    let last = parts.len() - 1;
    let parts = parts
        .iter()
        .enumerate()
        .map(|(index, part)| match part.strip_suffix('[') {
            _ if index % 2 == 1 => format!("`{part}`"),
            Some(before) if index < last => prose(before) + "[",
            _ => prose(part),
        });
    parts.collect()
}

fn prose(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let core = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
        if word.starts_with("](") {
            // The target of a link that an emitter wrote.
            word.to_owned()
        } else if core.starts_with("http://") || core.starts_with("https://") {
            word.replace(core, &format!("<{core}>"))
        } else if is_code(core) {
            word.replacen(core, &format!("`{core}`"), 1)
        } else {
            word.replace('<', "\\<").replace('[', "\\[")
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a word is code for clippy's `doc_markdown` or for a reader.
fn is_code(word: &str) -> bool {
    let stem = word.strip_suffix('s').unwrap_or(word);
    let humps = stem.chars().filter(|c| c.is_uppercase()).count();
    let least = if stem.starts_with(char::is_uppercase) {
        2
    } else {
        1
    };
    word.contains('_')
        || word.contains("::")
        || (humps >= least && stem.contains(char::is_lowercase))
}

pub(in super::super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("starts with one line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(description: &str, expected: &[&str]) {
        let comment = comment(0, description, &[]);
        let file: syn::File = syn::parse2(quote!(#comment struct X;)).expect("parses");
        let text = prettyplease::unparse(&file);
        let lines: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("///"))
            .collect();
        assert_eq!(lines, expected, "{description}");
    }

    #[test]
    fn docs_first_line_is_a_sentence() {
        check("Deploys a pipeline", &[" Deploys a pipeline."]);
        check(
            "Deploys one. Then waits.",
            &[" Deploys one.", "", " Then waits."],
        );
        check(
            "One token, e.g. a name. More",
            &[" One token, e.g. a name.", "", " More"],
        );
    }

    #[test]
    fn docs_code_is_marked_and_links_are_escaped() {
        check(
            "The worker_id of `w_0` in [a]",
            &[" The `worker_id` of `w_0` in \\[a]."],
        );
        check("A AcmeNode over NATS", &[" A `AcmeNode` over NATS."]);
    }

    #[test]
    fn docs_lines_stay_within_the_columns() {
        let text = "word ".repeat(60);
        let wrapped = wrap(&text, COLUMNS - 4);
        assert!(
            wrapped.iter().all(|line| line.len() <= COLUMNS - 4),
            "{wrapped:?}"
        );
    }
}
