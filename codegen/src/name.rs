//! Names: converts texts of the schemas to lists of words, and lists of words to the cases of languages.

use std::fmt::{self, Write as _};

use crate::model::Name;

impl Name {
    /// Parses a name in `snake_case`: lower-case words of letters and digits, joined by single `_`, with a letter
    /// first.
    ///
    /// Returns no name for any other text.
    #[must_use]
    pub fn from_snake(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split('_').collect();
        let starts = text.starts_with(|c: char| c.is_ascii_lowercase());
        let lower = |word: &&str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        (starts && words.iter().all(lower))
            .then(|| Self::new(words.into_iter().map(str::to_owned).collect()))
    }

    /// Parses a name in `PascalCase` that round-trips unchanged: `PipelineId`, but not `PipelineID`.
    ///
    /// Returns no name for any other text.
    #[must_use]
    pub fn from_pascal(text: &str) -> Option<Self> {
        let name = Self::from_wire(text)?;
        (name.pascal() == text).then_some(name)
    }

    /// Parses a name in any case of a key or tag: `eventType`, `HTTPServer`, `not-ready`, `v1.2`.
    ///
    /// A word ends at `_`, `-`, `.`, `/`, `:` and space, and before an upper-case letter after a lower-case letter or a
    /// digit. A word also ends before the last letter of a row of upper-case letters if a lower-case letter follows.
    /// Returns no name if the text has another character, has no word, or starts with a digit.
    #[must_use]
    pub fn from_wire(text: &str) -> Option<Self> {
        let mut words: Vec<String> = Vec::new();
        let mut open = false;
        let chars: Vec<char> = text.chars().collect();
        for (at, &letter) in chars.iter().enumerate() {
            if matches!(letter, '_' | '-' | '.' | '/' | ':' | ' ') {
                open = false;
                continue;
            }
            if !letter.is_ascii_alphanumeric() {
                return None;
            }
            let before = at.checked_sub(1).map(|before| chars[before]);
            let after = chars.get(at + 1);
            let rises = letter.is_ascii_uppercase()
                && before.is_some_and(|before| {
                    before.is_ascii_lowercase()
                        || before.is_ascii_digit()
                        || before.is_ascii_uppercase()
                            && after.is_some_and(char::is_ascii_lowercase)
                });
            match words.last_mut() {
                Some(word) if open && !rises => word.push(letter.to_ascii_lowercase()),
                _ => words.push(letter.to_ascii_lowercase().to_string()),
            }
            open = true;
        }
        let starts = words
            .first()
            .is_some_and(|word| word.starts_with(|c: char| c.is_ascii_lowercase()));
        starts.then(|| Self::new(words))
    }

    /// A name for any text: as [`from_wire`](Self::from_wire), but other ASCII characters end words, and a letter or
    /// digit that is not ASCII becomes a word with its code point. A name that would start with a digit starts with `x`.
    /// A text without letters and digits has the name of its characters: `*` is `star`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut plain = String::new();
        for letter in text.chars() {
            if letter.is_ascii_alphanumeric() {
                plain.push(letter);
            } else if letter.is_alphanumeric() {
                // Writing to a string cannot fail.
                let _ = write!(plain, "_u{:x}_", u32::from(letter));
            } else {
                plain.push('_');
            }
        }
        if plain.chars().all(|letter| letter == '_') {
            plain = text.chars().map(sign).collect::<Vec<_>>().join("_");
        }
        if plain.is_empty() {
            plain.push_str("empty");
        }
        let name = Self::from_wire(&plain).or_else(|| Self::from_wire(&format!("x{plain}")));
        name.unwrap_or_else(|| Self::new(vec!["x".to_owned()]))
    }

    /// The name in `snake_case`.
    #[must_use]
    pub fn snake(&self) -> String {
        self.words().join("_")
    }

    /// The name in `PascalCase`.
    #[must_use]
    pub fn pascal(&self) -> String {
        let mut text = String::new();
        for word in self.words() {
            let mut letters = word.chars();
            text.extend(letters.next().map(|first| first.to_ascii_uppercase()));
            text.push_str(letters.as_str());
        }
        text
    }

    /// The name in `SCREAMING_SNAKE_CASE`.
    #[must_use]
    pub fn screaming(&self) -> String {
        self.snake().to_ascii_uppercase()
    }

    /// This name followed by the words of another name: `deploy` and `request` give `deploy_request`.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self::new(self.words().iter().chain(other.words()).cloned().collect())
    }

    /// This name followed by a word.
    #[must_use]
    pub fn with(&self, word: &str) -> Self {
        self.join(&Self::new(vec![word.to_owned()]))
    }
}

/// The word for a character that is neither a letter nor a digit.
fn sign(letter: char) -> String {
    let word = match letter {
        ' ' => "space",
        '_' => "underscore",
        '-' => "minus",
        '+' => "plus",
        '*' => "star",
        '/' => "slash",
        '\\' => "backslash",
        '.' => "dot",
        ',' => "comma",
        ':' => "colon",
        ';' => "semicolon",
        '=' => "equal",
        '<' => "less",
        '>' => "greater",
        '!' => "exclamation",
        '?' => "question",
        '#' => "hash",
        '$' => "dollar",
        '%' => "percent",
        '&' => "and",
        '@' => "at",
        '|' => "or",
        '^' => "caret",
        '~' => "tilde",
        _ => return format!("u{:x}", u32::from(letter)),
    };
    word.to_owned()
}

/// `snake_case`, the form in diagnostics.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.snake())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: Option<Name>, expected: Option<(&str, &str, &str)>) {
        let cased = name.map(|name| (name.snake(), name.pascal(), name.screaming()));
        let cased = cased
            .as_ref()
            .map(|(snake, pascal, screaming)| (&**snake, &**pascal, &**screaming));
        assert_eq!(cased, expected);
    }

    #[test]
    fn name_from_snake_case_is_strict() {
        check(
            Name::from_snake("inject_batch"),
            Some(("inject_batch", "InjectBatch", "INJECT_BATCH")),
        );
        check(Name::from_snake("a1_2"), Some(("a1_2", "A12", "A1_2")));
        for text in [
            "", "_", "a_", "_a", "a__b", "1a", "A", "a-b", "ä", "a b", "aB",
        ] {
            check(Name::from_snake(text), None);
        }
    }

    #[test]
    fn name_from_pascal_case_round_trips() {
        check(
            Name::from_pascal("PipelineId"),
            Some(("pipeline_id", "PipelineId", "PIPELINE_ID")),
        );
        check(
            Name::from_pascal("Sha256Sum"),
            Some(("sha256_sum", "Sha256Sum", "SHA256_SUM")),
        );
        check(
            Name::from_pascal("EventA"),
            Some(("event_a", "EventA", "EVENT_A")),
        );
        for text in [
            "",
            "PipelineID",
            "ABTest",
            "pipeline",
            "Pipeline_Id",
            "1A",
            "Ä",
            "A b",
        ] {
            check(Name::from_pascal(text), None);
        }
    }

    #[test]
    fn name_from_wire_accepts_any_case() {
        for (text, snake) in [
            ("eventType", "event_type"),
            ("event_type", "event_type"),
            ("EVENT_TYPE", "event_type"),
            ("event-type", "event_type"),
            ("HTTPServer", "http_server"),
            ("utf8Text", "utf8_text"),
            ("v1.2", "v1_2"),
            ("Blank", "blank"),
            ("A", "a"),
            ("_id", "id"),
            ("x ", "x"),
        ] {
            assert_eq!(
                Name::from_wire(text).map(|name| name.snake()).as_deref(),
                Some(snake),
                "{text}"
            );
        }
        for text in ["", "_", "1", "-1", "é", "a\n", "*", "$id"] {
            check(Name::from_wire(text), None);
        }
    }

    #[test]
    fn name_of_any_text_starts_with_a_letter() {
        for (text, snake) in [
            ("eventType", "event_type"),
            ("$ref", "ref"),
            ("@type", "type"),
            ("a b", "a_b"),
            ("1st", "x1st"),
            ("-1", "x_1"),
            ("", "empty"),
            ("__", "underscore_underscore"),
            ("*", "star"),
            ("<=", "less_equal"),
            ("\u{e9}t\u{e9}", "ue9_t_ue9"),
            ("\u{1f600}", "u1f600"),
        ] {
            assert_eq!(Name::of(text).snake(), snake, "{text}");
        }
    }

    #[test]
    fn name_join_appends_words() {
        let deploy = Name::new(vec!["deploy".to_owned()]);
        assert_eq!(deploy.with("fault").pascal(), "DeployFault");
        assert_eq!(deploy.join(&deploy).to_string(), "deploy_deploy");
    }
}
