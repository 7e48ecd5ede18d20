//! Outputs: generates files from the plan, with a folder for each language.

mod go;
mod keyword;
mod markdown;
mod python;
mod rust;
mod typescript;
mod writer;

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostics;
use crate::model::{Name, Protocol};
use crate::plan::Plan;

/// An output of the generator.
pub(crate) trait Target: Sync {
    /// The name, as diagnostics write it.
    fn name(&self) -> &'static str;

    /// The keywords of the language, sorted. No role and no parameter can have such a name.
    fn reserved_words(&self) -> &'static [&'static str];

    /// The keywords in `PascalCase`. No type can have such a name.
    fn reserved_types(&self) -> &'static [&'static str] {
        &[]
    }

    /// The keywords in `PascalCase` that no variant can have as its name.
    fn reserved_variants(&self) -> &'static [&'static str] {
        &[]
    }

    /// Reports all that the output cannot express.
    fn check(&self, plan: &Plan<'_>, out: &mut Diagnostics);

    /// The files, by path below the output directory. The plan must have passed the check.
    fn emit(&self, plan: &Plan<'_>) -> BTreeMap<String, String>;
}

/// A programming language that code is generated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Language {
    /// Rust.
    Rust,
    /// TypeScript.
    TypeScript,
    /// Python.
    Python,
    /// Go.
    Go,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 4] = [Self::Rust, Self::TypeScript, Self::Python, Self::Go];

    /// The name in manifests and on the command line, e.g. `rust`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::TypeScript => "typescript",
            Self::Python => "python",
            Self::Go => "go",
        }
    }

    /// The language with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.name() == name)
    }

    fn target(self) -> &'static dyn Target {
        match self {
            Self::Rust => &rust::Rust,
            Self::TypeScript => &typescript::TypeScript,
            Self::Python => &python::Python,
            Self::Go => &go::Go,
        }
    }
}

/// The files of a protocol in a language, by path below the output directory; `directory` is the schema directory as the
/// header of each file names it. The schemas must have been compiled for this language, see [`Schemas::language`].
///
/// Files of Go import each other by the import path of the output directory. It is the name of the protocol; use
/// [`emit_package`] for another import path.
///
/// [`Schemas::language`]: crate::Schemas::language
#[must_use]
pub fn emit(language: Language, protocol: &Protocol, directory: &str) -> BTreeMap<String, String> {
    emit_package(language, protocol, directory, &protocol.name.snake())
}

/// The files of a protocol in a language as [`emit`] returns them, for an output directory with the import path
/// `import_path`.
#[must_use]
pub fn emit_package(
    language: Language,
    protocol: &Protocol,
    directory: &str,
    import_path: &str,
) -> BTreeMap<String, String> {
    let plan = Plan::new(protocol, directory).import_path(import_path);
    language.target().emit(&plan)
}

/// The name of a type in Go.
#[must_use]
pub fn go_type(name: &Name) -> String {
    go::names::exported(name)
}

/// The keywords of all languages in `PascalCase`.
pub(crate) fn reserved_types() -> impl Iterator<Item = &'static str> {
    let words = Language::ALL.map(|language| language.target().reserved_types());
    words.into_iter().flatten().copied()
}

/// The keywords of all languages that no variant can have as its name.
pub(crate) fn reserved_variants() -> impl Iterator<Item = &'static str> {
    let words = Language::ALL.map(|language| language.target().reserved_variants());
    words.into_iter().flatten().copied()
}

/// Checks a protocol for languages.
pub(crate) fn check(plan: &Plan<'_>, languages: &BTreeSet<Language>, out: &mut Diagnostics) {
    for language in languages {
        let target = language.target();
        keyword::check(target, plan, out);
        target.check(plan, out);
    }
}
