//! Diagnostics: errors and warnings about schemas, each with code, place and help.

mod code;
mod severity;
pub(crate) mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use serde::Serialize;

pub use self::code::{Code, Example, Explanation};
pub use self::severity::Severity;
use crate::model::Source;

/// The level that the manifest sets for a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Not reported.
    Allow,
    /// Reported as a warning.
    Warn,
    /// Reported as an error.
    Deny,
}

/// An error or a warning about a schema.
///
/// Displayed in two lines: `schema/worker/deploy.json#/x-nats/subject: error[invalid-subject]: …` and `  help: …`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Diagnostic {
    /// Path of the document, including the schema directory.
    pub file: String,
    /// JSON pointer into the document; empty for the document itself.
    pub pointer: String,
    /// The severity, after the manifest's lint levels are applied.
    pub severity: Severity,
    /// The stable code.
    pub code: Code,
    /// The problem, with the invalid value.
    pub message: String,
    /// How to fix it.
    pub help: String,
}

/// A diagnostic without a place.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// All diagnostics about a set of schemas, sorted by place.
///
/// `Debug` is the same as `Display`, so the result of a build script's `main` is readable.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Problem {
    pub(crate) fn new(code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            help: help.into(),
        }
    }
}

impl Diagnostics {
    /// The diagnostics, sorted by file, pointer, severity and code.
    #[must_use]
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.0
    }

    /// The diagnostics by value.
    #[must_use]
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.0
    }

    /// Whether the list contains an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Adds a diagnostic.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds a diagnostic with the severity of its code.
    pub(crate) fn report(
        &mut self,
        code: Code,
        source: Source,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(source, Problem::new(code, message, help));
    }

    /// Adds a problem at a place.
    pub(crate) fn add(&mut self, source: Source, problem: Problem) {
        let Source { file, pointer } = source;
        let Problem {
            code,
            message,
            help,
        } = problem;
        self.0.push(Diagnostic {
            file,
            pointer,
            severity: code.severity(),
            code,
            message,
            help,
        });
    }

    /// Adds all diagnostics of another list.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Removes the warnings of ignored keywords that the manifest lists as annotations.
    pub(crate) fn remove_annotations(&mut self, annotations: &BTreeSet<String>) {
        self.0.retain(|diagnostic| {
            let (_, key) = diagnostic.pointer.rsplit_once('/').unwrap_or_default();
            let key = key.replace("~1", "/").replace("~0", "~");
            diagnostic.code != Code::IgnoredKeyword || !annotations.contains(&key)
        });
    }

    /// Applies the lint levels, sorts, removes repetitions, and prepends the schema directory to the file names.
    pub(crate) fn finish(mut self, directory: &str, levels: &BTreeMap<Code, Level>) -> Self {
        let directory = directory.trim_end_matches('/');
        self.0
            .retain(|diagnostic| levels.get(&diagnostic.code) != Some(&Level::Allow));
        for diagnostic in &mut self.0 {
            if levels.get(&diagnostic.code) == Some(&Level::Deny) {
                diagnostic.severity = Severity::Error;
            }
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

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Plain(&self.file))?;
        if !self.pointer.is_empty() {
            write!(f, "#{}", Plain(&self.pointer))?;
        }
        write!(
            f,
            ": {}[{}]: {}\n  help: {}",
            self.severity,
            self.code,
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

/// Text of the schemas for a terminal: control characters are written as escapes.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagnostic_escapes_control_characters() {
        let mut diagnostics = Diagnostics::default();
        let source = Source {
            file: "a\u{1b}.json".to_owned(),
            pointer: "/x\ny".to_owned(),
        };
        diagnostics.report(Code::InvalidJson, source, "bad", "correct it");
        let text = diagnostics.finish("schema/", &BTreeMap::new()).to_string();
        assert_eq!(
            text,
            "schema/a\\u{1b}.json#/x\\ny: error[invalid-json]: bad\n  help: correct it"
        );
    }

    #[test]
    fn lint_level_changes_the_severity_of_a_warning() {
        let reported = |level| {
            let mut diagnostics = Diagnostics::default();
            let source = Source {
                file: "a.json".to_owned(),
                pointer: String::new(),
            };
            diagnostics.report(Code::MissingExample, source, "no example", "add it");
            let levels = BTreeMap::from([(Code::MissingExample, level)]);
            let finished = diagnostics.finish("schema", &levels).into_vec();
            finished.first().map(|diagnostic| diagnostic.severity)
        };
        assert_eq!(reported(Level::Allow), None);
        assert_eq!(reported(Level::Warn), Some(Severity::Warning));
        assert_eq!(reported(Level::Deny), Some(Severity::Error));
    }
}
