//! What is wrong with a schema, where, and what to do about it.

use std::fmt::{self, Write as _};

use serde::Serialize;

use crate::model::Source;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// No code comes out of these schemas.
    Error,
    /// Code comes out, but somebody will regret it.
    Warning,
}

/// One thing that is wrong with a schema.
///
/// Displayed in two lines: `schema/worker/deploy.json#/x-nats/subject: error: …` and `  help: …`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Diagnostic {
    /// Path of the document, the schema directory included.
    pub file: String,
    /// JSON pointer into the document; empty for the document itself.
    pub pointer: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// All that is wrong with a set of schemas, sorted by place.
///
/// `Debug` is `Display`: what `main` of a build script gives back is shown in full.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// The diagnostics, sorted by file, pointer, severity and message.
    #[must_use]
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.0
    }

    /// The diagnostics by value.
    #[must_use]
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.0
    }

    /// Whether one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Notes an error.
    pub(crate) fn error(
        &mut self,
        source: Source,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(Severity::Error, source, message.into(), help.into());
    }

    /// Notes a warning.
    pub(crate) fn warning(
        &mut self,
        source: Source,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(Severity::Warning, source, message.into(), help.into());
    }

    /// Takes in what was noted elsewhere.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    fn push(&mut self, severity: Severity, source: Source, message: String, help: String) {
        let Source { file, pointer } = source;
        self.0.push(Diagnostic {
            file,
            pointer,
            severity,
            message,
            help,
        });
    }

    /// Puts them in order, drops repetitions, and sets the schema directory before the file names.
    pub(crate) fn finish(mut self, directory: &str) -> Self {
        let directory = directory.trim_end_matches('/');
        for diagnostic in &mut self.0 {
            diagnostic.file = if diagnostic.file.is_empty() {
                directory.to_owned()
            } else {
                format!("{directory}/{}", diagnostic.file)
            };
        }
        self.0.sort();
        self.0.dedup();
        self
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Plain(&self.file))?;
        if !self.pointer.is_empty() {
            write!(f, "#{}", Plain(&self.pointer))?;
        }
        write!(
            f,
            ": {}: {}\n  help: {}",
            self.severity,
            Plain(&self.message),
            Plain(&self.help)
        )
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, diagnostic) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_char('\n')?;
            }
            diagnostic.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Diagnostics {}

/// A text of the schemas on one line of a terminal: control characters are written as escapes.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            if letter.is_control() {
                write!(f, "{}", letter.escape_default())?;
            } else {
                f.write_char(letter)?;
            }
        }
        Ok(())
    }
}

/// A text of the schemas as a message quotes it: in backticks, cut after 60 characters.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    if text.chars().count() <= SHOWN {
        return format!("`{text}`");
    }
    let head: String = text.chars().take(SHOWN).collect();
    format!("`{head}…`")
}

/// Words as a sentence lists them.
pub(crate) fn listed<'a>(
    words: impl IntoIterator<Item = &'a (impl AsRef<str> + ?Sized + 'a)>,
) -> String {
    let words: Vec<String> = words
        .into_iter()
        .map(|word| quoted(word.as_ref()))
        .collect();
    words.join(", ")
}

/// The candidate that was probably meant: the nearest one within two edits.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    const FARTHEST: usize = 2;
    let near = |candidate: &&str| {
        word.len().abs_diff(candidate.len()) <= FARTHEST && !word.is_empty() && word.len() <= 64
    };
    let distances = candidates
        .into_iter()
        .filter(near)
        .map(|candidate| (distance(word, candidate), candidate));
    let (edits, candidate) = distances.min()?;
    (edits <= FARTHEST && edits < candidate.len()).then_some(candidate)
}

/// How many characters to insert, remove or replace to make one text the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, &target) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != target);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_takes_two_lines_whatever_it_quotes() {
        let mut diagnostics = Diagnostics::default();
        let source = Source {
            file: "a\u{1b}.json".to_owned(),
            pointer: "/x\ny".to_owned(),
        };
        diagnostics.error(source, "bad", "mend it");
        let text = diagnostics.finish("schema/").to_string();
        assert_eq!(
            text,
            "schema/a\\u{1b}.json#/x\\ny: error: bad\n  help: mend it"
        );
    }

    #[test]
    fn the_nearest_word_is_found() {
        let words = ["minLength", "maxLength", "minimum"];
        assert_eq!(nearest("minLenght", words), Some("minLength"));
        assert_eq!(nearest("minlength", words), Some("minLength"));
        assert_eq!(nearest("allOf", words), None);
        assert_eq!(nearest("", words), None);
    }
}
