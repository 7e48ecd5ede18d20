//! What the suite consists of.

use std::fmt;

/// A version of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Draft {
    /// Draft 2020-12.
    Draft202012,
    /// Draft 7.
    Draft7,
}

/// A part of a draft's tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// What every implementation has to get right; `format` says nothing about a value there.
    Required,
    /// What implementations may do otherwise, such as numbers beyond 64 bits.
    Optional,
    /// Formats as assertions. Those that natsgen does not assert are refused, and do not count.
    Format,
}

/// A schema with its tests.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// The draft that it belongs to.
    pub draft: Draft,
    /// The section that it belongs to.
    pub section: Section,
    /// The suite's file without `.json`: a keyword or a format.
    pub keyword: &'static str,
    /// The suite's description.
    pub name: &'static str,
    /// Judges an instance by the generated code; why there is none otherwise.
    pub judge: Result<Judge, &'static str>,
    /// Its tests.
    pub tests: &'static [Test],
}

/// An instance and whether the schema takes it.
#[derive(Clone, Copy, Debug)]
pub struct Test {
    /// The suite's description.
    pub name: &'static str,
    /// The instance as JSON text.
    pub instance: &'static str,
    /// Whether it is valid.
    pub valid: bool,
}

/// Generated code, given an instance.
pub type Judge = fn(&str) -> Verdict;

/// What generated code says about an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is valid, whichever way it is read, and is written as it was read.
    Valid,
    /// It is not, whichever way it is read; says why.
    Invalid(String),
    /// One way of reading or writing treats it otherwise than another; says which.
    Contradiction(String),
}

impl Group {
    /// Whether these are tests of a format that natsgen does not assert.
    #[must_use]
    pub fn is_unasserted_format(&self) -> bool {
        self.section == Section::Format && self.judge.is_err()
    }

    /// The file below the suite's tests, without `.json`.
    #[must_use]
    pub fn file(&self) -> String {
        let folder = match self.section {
            Section::Required => "",
            Section::Optional => "optional/",
            Section::Format => "optional/format/",
        };
        format!("{}/{folder}{}", self.draft, self.keyword)
    }
}

impl fmt::Display for Draft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Draft202012 => "draft2020-12",
            Self::Draft7 => "draft7",
        })
    }
}
