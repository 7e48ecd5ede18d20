//! Formatting of texts.

use std::fmt::Write as _;

use natsgen_runtime::Escaped;

/// `1 event`, `2 events`
pub(crate) fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Text of a peer, with its line breaks. All other characters that a terminal could obey are escaped.
pub(crate) fn plain(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(escape).collect();
    lines.join("\n")
}

/// Escapes a line like [`Escaped`], without a limit.
fn escape(line: &str) -> String {
    let characters = line.chars();
    characters
        .map(|character| Escaped(character).to_string())
        .collect()
}

/// JSON text for a terminal. Characters that a terminal could obey are escaped as JSON allows it.
pub(crate) fn json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        let is_plain = character == '\n' || Escaped(character).to_string().starts_with(character);
        if is_plain {
            escaped.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string never fails.
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_with_hostile_characters_stays_json() {
        let value = serde_json::json!({ "text": "a\u{1b}[2J\u{9b}\u{202e}\n\\ä" });
        let text = json(&format!("{value:#}"));
        assert!(!text.contains(['\u{9b}', '\u{202e}', '\u{1b}']), "{text}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    #[test]
    fn plain_text_keeps_its_lines() {
        assert_eq!(plain("a\n\u{1b}[2J"), "a\n\\u{1b}[2J");
    }
}
